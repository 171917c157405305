"""SQL of the mirror: issues, worklogs, schedules, and how far each source is mirrored."""
