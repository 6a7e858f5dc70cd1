"""The version of this build, read by packaging and shown by every program. Nothing else may live here."""

__version__ = "0.1.0"
