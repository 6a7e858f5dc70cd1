"""Admission: what may be written into the host, judged before it is stored.

The verdicts (`kubefed_kinds`, `federated`, `preferences`) are pure; `server` answers reviews, `certificates` keeps the
server's identity. No rule of sync or scheduling lives here: the composition root hands those in.
"""
