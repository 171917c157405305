"""Undo of what people change in FlowPilot itself: the trail holds what was before, so nothing is kept twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.effects.audit import AuditLine, AuditTrail
from services.effects.types import UNDO_WINDOW
from services.errors import ConflictError, NotFoundError

KEPT = "kept"
"""Where a line that tells its values in words has them as they are stored."""


class OvertakenError(ConflictError):
    """Somebody has changed the same since: `by` is their name ("" if the trail does not tell), `now` what it is."""

    def __init__(self, by: str, now: Mapping[str, Any]) -> None:
        super().__init__(f"{by or 'Somebody'} has changed it since, so nothing was taken back.")
        self.by = by
        self.now = now


@dataclass(frozen=True)
class OwnChange:
    """A change as its line tells it, with the lines that came after it."""

    line: AuditLine
    later: tuple[AuditLine, ...]

    @property
    def undo_reason(self) -> str:
        """Return the reason of the line that takes this one back."""
        return f"undo of line {self.line.sequence}"

    @property
    def undone(self) -> AuditLine | None:
        """Return the line that has taken this one back."""
        return next((line for line in self.later if line.reason == self.undo_reason), None)

    @property
    def before(self) -> dict[str, Any]:
        """Return the former values by key."""
        return _values(self.line, self.line.before)

    @property
    def after(self) -> dict[str, Any]:
        """Return the values that were set, by key."""
        return _values(self.line, self.line.after)

    def check(self, now: Mapping[str, Any], at: datetime) -> None:
        """Raise `ConflictError` after `UNDO_WINDOW`, `OvertakenError` unless all is still as this change left it."""
        if at > self.line.at + UNDO_WINDOW:
            raise undo_is_over()
        other = {key: now.get(key) for key, value in self.after.items() if now.get(key) != value}
        if other:
            by = next((line.actor_name for line in reversed(self.later) if self._touches(line, set(other))), "")
            raise OvertakenError(by, other)

    def _touches(self, line: AuditLine, keys: set[str]) -> bool:
        is_same = line.action == self.line.action and line.target == self.line.target and line.result == "done"
        return is_same and bool(keys & _values(line, line.after).keys())


def _values(line: AuditLine, side: Any) -> dict[str, Any]:
    if not isinstance(side, Mapping):
        return {line.action.rpartition(".")[2]: side}
    return dict(side.get(KEPT, side))


async def own_change(audit: AuditTrail, sequence: int) -> OwnChange:
    """Return the change that a line tells of, or raise `NotFoundError`."""
    found = await audit.lines(after_sequence=sequence - 1)
    if not found or found[0].sequence != sequence or found[0].result != "done":
        raise NotFoundError("FlowPilot has no record of that change.")
    return OwnChange(found[0], tuple(found[1:]))


def undo_is_over() -> ConflictError:
    """Return what to say after `UNDO_WINDOW`."""
    minutes = int(UNDO_WINDOW.total_seconds() // 60)
    return ConflictError(
        f"Undo is possible for {minutes} minutes; that time is over.", hint="Change it with a command instead."
    )
