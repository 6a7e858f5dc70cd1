"""What federated types and federated objects say, read once for all features that act on them.

Values and pure readers only: no I/O, no decision about a copy.
"""
