"""Local stand-ins for Slack, Jira, Tempo and model vendors, their world, and the page that shows it."""
