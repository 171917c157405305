"""Scripts of sessions: templates with typed parameters, what a script does, and how one becomes a template."""
