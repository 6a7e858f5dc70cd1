"""The member registry: cluster record -> credentials -> connection -> health -> `Member`.

Each member is kept by its own task with its own client, lane, stores and backoff; nothing here waits for all of them.
Nothing here knows what is federated: features ask a member to watch a resource type and hand operations to its lane.
"""
