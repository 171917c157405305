"""Stuck work: what is usual for each status, what is not, and what to do about it."""
