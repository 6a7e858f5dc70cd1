"""`fedctl doctor`: what is wrong with a federation, and what would change if a KubeFed's place were taken."""
