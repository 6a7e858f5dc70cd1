"""`fedctl unjoin`: a member is forgotten, and keeps or loses the copies that it has."""
