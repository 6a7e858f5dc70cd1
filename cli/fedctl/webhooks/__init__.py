"""The admission webhook's part of an installation."""
