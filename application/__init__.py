"""Where the application is put together, started and stopped. Knows all layers; nothing knows it but `app.py`."""
