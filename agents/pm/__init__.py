"""Scheduled agents of project management."""
