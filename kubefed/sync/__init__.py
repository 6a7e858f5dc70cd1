"""Propagation: a federated object's template, placement and overrides become copies in the member clusters.

The rules are pure modules without I/O, clock or logging; the controller around them gathers, decides, acts and reports.
"""
