"""The SQL of each feature."""
