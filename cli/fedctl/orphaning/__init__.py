"""`fedctl orphaning-deletion`: whether the copies of a federated object stay when it is deleted."""
