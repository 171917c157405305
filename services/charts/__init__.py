"""Charts as PNGs that read well on Slack's light and dark themes."""
