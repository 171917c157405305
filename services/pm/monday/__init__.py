"""The Monday card: each project's week ahead, for its PM (JOIN-5)."""
