"""What is kept: models, repositories, migrations. Knows nothing of the layers above."""
