"""Who may do what in the host: the controller's account, and people who write or read federated objects.

Nothing here is aggregated into Kubernetes' own `edit` and `admin`: whoever writes federated objects disposes of the
controller's rights in the members, and that is to be given to people on purpose. No rule has a wildcard.
"""
