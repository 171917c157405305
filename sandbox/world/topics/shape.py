"""The shape of a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """An epic and the things its tickets speak of; `state` is done, open or new."""

    name: str
    description: str
    subjects: tuple[str, ...]
    state: str = "open"


@dataclass(frozen=True)
class Vocabulary:
    """A project's words: who uses the thing, where it goes wrong, what happened before, and its topics."""

    project: str
    tickets: int
    users: str
    places: tuple[str, ...]
    events: tuple[str, ...]
    topics: tuple[Topic, ...]


def topic(name: str, description: str, subjects: str, state: str = "open") -> Topic:
    """Return a topic whose subjects are separated by semicolons."""
    return Topic(name, description, tuple(part.strip() for part in subjects.split(";")), state)
