"""Changes of a session as pure functions: a value and what is wanted in, the value as it is then out.

Each returns the very same value when there is nothing to change, so that a second click does no harm. What they touch
carries the version that the change makes, `next_version`.
"""
