"""Finding what somebody meant among names: statuses, priorities, people, keys."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

NEAREST_KEYS = 3


def plain(text: str) -> str:
    """Return a name without case, blanks and punctuation: "in-progress" is "In Progress"."""
    return "".join(character for character in text.casefold() if character.isalnum())


def matching(typed: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the names that were meant: the equal one, else all that start with what was typed.

    `typed` are ways to read the same words, the likelier first ("Do", "to Do").
    """
    known = list(dict.fromkeys(names))
    readings = [reading for reading in map(plain, typed) if reading]
    for reading in readings:
        if equal := [name for name in known if plain(name) == reading]:
            return equal[:1]
    for reading in readings:
        if begun := [name for name in known if plain(name).startswith(reading)]:
            return begun
    return []


def near_keys(key: str, project_keys: Sequence[str]) -> list[str]:
    """Return keys that `key` may be a slip of: another number near, a digit too many, a project nearly so called."""
    project, _, digits = key.rpartition("-")
    number = int(digits)
    numbers = [number - 1, number + 1, number // 10, number - 2, number + 2]
    numbers += [int(digits[:i] + digits[i + 1 :]) for i in range(len(digits)) if len(digits) > 1]
    numbers += [int(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]) for i in range(len(digits) - 1)]
    found = [f"{project}-{near}" for near in numbers if near > 0 and near != number]
    others = difflib.get_close_matches(project, [known for known in project_keys if known != project], n=2, cutoff=0.5)
    return list(dict.fromkeys([f"{other}-{number}" for other in others] + found))
