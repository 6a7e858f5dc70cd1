"""Judges: one a promise of docs/promises.md, each a pure function that says what it found against the promise.

They judge by what API servers say, their audit logs and their objects, and by nothing that the product says of itself. They
share no rule with it either: a judge that asks the accused finds nothing.
"""
