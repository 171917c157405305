"""The AI tasks, one module each."""
