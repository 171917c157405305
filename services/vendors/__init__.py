"""Clients of the systems of record."""
