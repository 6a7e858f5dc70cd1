"""The one control loop that every feature uses: a keyed queue, lanes that carry operations to servers, supervision.

Contract: deciding is synchronous and never waits; whatever leaves the process is an operation in a lane; when an
operation ends its key is queued again. Nothing here knows Kubernetes.
"""
