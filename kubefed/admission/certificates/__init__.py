"""The webhook's identity towards API servers: made and renewed by itself, or given as files."""
