"""Divides the replicas of federated workloads over clusters, as ReplicaSchedulingPreferences ask for.

Writes placement and overrides of federated objects and nothing else: the copies are the sync controller's business.
"""
