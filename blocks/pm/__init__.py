"""How the project management features look in Slack."""
