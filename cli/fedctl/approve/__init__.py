"""`fedctl approve`: letting removals go on that wait because they are many."""
