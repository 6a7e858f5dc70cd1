"""`fedctl backup` and `fedctl restore`: a federation as a file, and back into a host."""
