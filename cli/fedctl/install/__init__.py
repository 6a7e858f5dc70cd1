"""`fedctl install`: everything a federation needs in its host cluster."""
