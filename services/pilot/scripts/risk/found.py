"""What the readers of the three languages find."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.pilot.scripts.risk.catalogue import Effect
from services.pilot.scripts.types import Risk


@dataclass(frozen=True)
class Found:
    """One thing that a script does; `start` is a place in its text."""

    start: int
    command: str
    effect: Effect


@dataclass
class Findings:
    """All that a script does, what nobody knows, and how it hides what it does."""

    found: list[Found] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    hides: list[str] = field(default_factory=list)

    def add(self, start: int, command: str, effect: Effect) -> None:
        """Note what a command does."""
        self.found.append(Found(start, command, effect))

    def add_unknown(self, start: int, command: str) -> None:
        """Note a command that no catalogue lists."""
        if command not in self.unknown:
            self.unknown.append(command)
        self.add(start, command, Effect(risk=Risk.UNKNOWN, does=f"runs `{command}`, which is not in the catalogue"))

    def add_hidden(self, start: int, how: str) -> None:
        """Note that a script hides what it does."""
        if how not in self.hides:
            self.hides.append(how)
        self.add(start, "", Effect(risk=Risk.DESTRUCTIVE, does=how))
