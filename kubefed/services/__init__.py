"""Services of the clusterset: exports of members are merged, and every member gets imports, addresses and endpoints.

Rules are pure and in modules of their own; `controller` gathers what is known, has it decided, and acts through the
members' lanes. Nothing of sync or scheduling is known here.
"""
