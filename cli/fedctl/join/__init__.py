"""`fedctl join`: an account with rights in the member, its credentials and the cluster's record in the host."""
