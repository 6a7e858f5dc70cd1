"""`fedctl get`: clusters, types, and federated objects with their copies, as tables or as JSON and YAML."""
