"""`fedctl version`: which builds are at work."""
