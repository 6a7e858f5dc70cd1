"""The benchmark: real API servers, the shipped controller with its default flags, and an outside clock.

`python -m bench` prints a table and exits with 1 when a row is out of its range. What is measured is what a person sees:
from her request until the object is in the watch of every member. Nothing here is imported by the product.
"""
