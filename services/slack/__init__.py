"""Slack: what we send, how fast, within which limits; what came in already."""
