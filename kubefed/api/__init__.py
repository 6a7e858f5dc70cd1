"""kubefed's Kubernetes API: what its objects look like, what is valid in them, and their CRDs.

One module per group and version holds the models. KubeFed's own fields keep KubeFed's names, types and meaning exactly;
fields that kubefed adds are optional, say so in their description, and never appear unless somebody sets them. Nothing
here talks to an API server, and the controller reads federated objects as plain JSON rather than through these models:
the models serve configuration, admission, the command line and the CRDs.
"""
