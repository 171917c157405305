"""What commands do, from the YAML files in `catalogues/`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from services.pilot.scripts.types import Risk

FOLDER = Path(__file__).parent.parent / "catalogues"
NONE_NEEDED = "none needed"
MAX_SHOWN_CHARACTERS = 120


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Case(_Part):
    """What a command does with certain words; "^$" stands for none at all."""

    words: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    risk: Risk | None = None
    does: str = ""
    undo: str = ""


class Entry(_Part):
    """Commands that do the same kind of thing."""

    names: tuple[str, ...]
    risk: Risk
    does: str = ""
    undo: str = ""
    when: tuple[Case, ...] = ()


class ShellCatalogue(_Part):
    """`catalogues/bash.yml`."""

    commands: tuple[Entry, ...]


class PowerShellCatalogue(_Part):
    """`catalogues/powershell.yml`."""

    verbs: dict[Risk, tuple[str, ...]]
    opposites: dict[str, str]
    nouns: dict[str, tuple[str, ...]]
    aliases: dict[str, str]
    cmdlets: tuple[Entry, ...]
    programs: tuple[Entry, ...]
    static: tuple[Entry, ...]
    methods: dict[Risk, tuple[str, ...]]


class PythonCatalogue(_Part):
    """`catalogues/python.yml`."""

    calls: tuple[Entry, ...]
    modules: dict[Risk, tuple[str, ...]]
    methods: dict[Risk, tuple[str, ...]]


class Effect(_Part):
    """What one use of a command does; `undo` is a command, `NONE_NEEDED`, or "" when no way back is known."""

    risk: Risk
    does: str = ""
    undo: str = Field(default="")


@cache
def shell_catalogue() -> dict[str, Entry]:
    """Return Bash's commands by name."""
    return _by_name(ShellCatalogue.model_validate(_load("bash")).commands)


@cache
def powershell_catalogue() -> PowerShellCatalogue:
    """Return PowerShell's catalogue."""
    return PowerShellCatalogue.model_validate(_load("powershell"))


@cache
def powershell_entries() -> dict[str, Entry]:
    """Return cmdlets and programs by their name in lower case."""
    catalogue = powershell_catalogue()
    return {name.lower(): entry for name, entry in _by_name((*catalogue.programs, *catalogue.cmdlets)).items()}


@cache
def python_catalogue() -> PythonCatalogue:
    """Return Python's catalogue."""
    return PythonCatalogue.model_validate(_load("python"))


@cache
def python_calls() -> dict[str, Entry]:
    """Return Python's calls by name."""
    return _by_name(python_catalogue().calls)


def effect_of(entry: Entry, command: str, words: Sequence[str], opposite: str = "") -> Effect:
    """Return what a command does with `words`; the first case that fits decides."""
    plain = [word for word in words if not word.startswith("-")]
    case = next((case for case in entry.when if _fits(case, words, plain)), None)
    risk = (case.risk if case else None) or entry.risk
    does = (case.does if case else "") or ("" if case and case.risk is Risk.READ_ONLY else entry.does)
    undo = case.undo if case else entry.undo
    first, rest = (plain[0], words[list(words).index(plain[0]) + 1 :]) if plain else ("", [])
    given = {
        "command": command,
        "opposite": opposite,
        "first": first,
        "last": plain[-1] if plain else "",
        "rest": " ".join(rest),
        "args": " ".join(words),
        "plain": " ".join(plain),
    }
    shown = {name: _cut(value) for name, value in given.items()}
    return Effect(risk=risk, does=_filled(does, shown), undo=_filled(undo, given))


def _fits(case: Case, words: Sequence[str], plain: Sequence[str]) -> bool:
    if case.words and (not plain or plain[0] not in case.words):
        return False
    if not case.options:
        return True
    rest = plain[1:] if case.words else words
    if "^$" in case.options and not rest:
        return True
    candidates = [*words, *(word.partition("=")[0] for word in words if "=" in word)]
    return any(re.fullmatch(option, word) for option in case.options for word in candidates)


def _filled(text: str, given: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: given.get(match[1], match[0]), text).strip(" :")


def _cut(value: str) -> str:
    """Shorten what was given, so that a sentence about it stays one."""
    return value if len(value) <= MAX_SHOWN_CHARACTERS else f"{value[:MAX_SHOWN_CHARACTERS]}…"


def _by_name(entries: Sequence[Entry]) -> dict[str, Entry]:
    return {name: entry for entry in entries for name in entry.names}


def _load(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
