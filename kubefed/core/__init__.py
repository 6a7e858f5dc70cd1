"""Words that every other package shares: names, errors by consequence, markers, time.

Standard library only, immutable values only. Nothing here performs I/O and nothing here knows about a feature.
"""
