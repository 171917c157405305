"""Schema changes, forwards only."""
