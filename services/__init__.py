"""What the features know and do; vendor clients; AI tasks."""
