"""`fedctl render`: what a federated object comes to in each cluster, and which override set which field."""
