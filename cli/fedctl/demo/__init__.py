"""`fedctl demo`: a whole federation shown step by step, on real API servers. Every step checks what it shows.

Nothing of kubefed is done here: the steps run the commands that a person would run, and look at the clusters.
"""
