"""`fedctl describe`: one federated object with everything that is known about it."""
