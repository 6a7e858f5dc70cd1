"""`fedctl federate`: an ordinary object becomes the template of a federated one."""
