"""`kubefedctl`: KubeFed's command line, in its own spelling, for scripts that call it.

Flags, exit codes and what is printed live here. What a command does is `fedctl`'s, and nothing of it may be repeated here.
"""
