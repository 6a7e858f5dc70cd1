"""The node and pod simulator: what kubelets would do, for clusters that have no machines.

It creates the topology's nodes and keeps their heartbeats fresh, and takes the pods that the real scheduler binds to them
through their lives: Running and Ready with an address of their own, Succeeded where they are meant to end, gone when
they were deleted. Everything else - replica sets, endpoints, evictions - is done by the real controllers.

`nodes`, `pods`, `rules` and `allocation` are pure; `cluster` is the shell around one API server, `__main__` the process.
"""
