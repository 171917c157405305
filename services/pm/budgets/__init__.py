"""Retainer budgets: what a month has used, where it is heading, and what passing 75, 90 and 100 per cent means."""
