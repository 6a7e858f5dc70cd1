"""`fedctl export` and `fedctl unexport`: a Service of members is offered to all clusters, or no longer."""
