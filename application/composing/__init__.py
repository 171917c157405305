"""The composition, part by part: vendor clients, what everything shares, project management, sessions."""
