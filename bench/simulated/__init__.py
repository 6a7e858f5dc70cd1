"""Members by the hundred: scripted API servers in a process of their own, for what 2 cores cannot run for real.

They speak HTTPS, list in pages, watch with bookmarks, and answer after a latency. What they answer is checked against a
real server's answers by tests/integration/bench.
"""
