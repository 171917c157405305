"""AI tasks."""
