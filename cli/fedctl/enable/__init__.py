"""`fedctl enable` and `fedctl disable`: which types of objects are federated."""
