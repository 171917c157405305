"""What acts by itself: scheduled agents and durable workflows; one package per feature."""
