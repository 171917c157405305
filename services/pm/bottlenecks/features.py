"""Visits as columns of numbers, which a million of them can be learnt from at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from services.pm.bottlenecks.types import Visit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int32]
    Flags = NDArray[np.bool_]

CATEGORIES = ("item_type", "project", "status", "priority", "assignee", "team")
DAY_S = 86_400.0


class Vocabulary:
    """Numbers names in the order in which they come; -1 is a name that was never seen."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def add(self, name: str) -> int:
        """Return the number of a name, a new one where it is new."""
        return self.codes.setdefault(name, len(self.codes))

    def get(self, name: str) -> int:
        """Return the number of a name, -1 where it is unknown."""
        return self.codes.get(name, -1)

    @property
    def names(self) -> list[str]:
        """List the names by number."""
        return list(self.codes)

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class VisitTable:
    """Visits column by column: codes of their categories, times in seconds since the epoch, what came before.

    `seconds` is the length, or the length so far where `ended` is False.
    """

    item_type: Codes
    project: Codes
    status: Codes
    priority: Codes
    assignee: Codes
    team: Codes
    entered: Floats
    seconds: Floats
    ended: Flags
    automatic: Flags
    earlier_visits: Codes
    returns: Codes

    def __len__(self) -> int:
        return len(self.entered)

    @property
    def until(self) -> Floats:
        """Return when each was left, or last seen."""
        return self.entered + self.seconds

    def where(self, chosen: Flags | NDArray[np.int64]) -> VisitTable:
        """Return some of the rows."""
        return VisitTable(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def as_of(self, at: float) -> VisitTable:
        """Return what was known at an instant (seconds since the epoch): later visits are gone, later ends unknown."""
        known = self.where(self.entered < at)
        cut = at - known.entered
        ended = known.ended & (known.seconds <= cut)
        columns = {field.name: getattr(known, field.name) for field in fields(self)}
        # a robot's ending that was still to come was no reason yet to leave the visit out
        return VisitTable(
            **{
                **columns,
                "seconds": np.minimum(known.seconds, cut),
                "ended": ended,
                "automatic": known.automatic & ended,
            }
        )


class TableBuilder:
    """Makes a table of visits that come one by one, and remembers how names were numbered."""

    def __init__(self, vocabularies: dict[str, Vocabulary] | None = None) -> None:
        self.vocabularies = vocabularies or {name: Vocabulary() for name in CATEGORIES}
        self._is_open = vocabularies is None

    def build(self, visits: Iterable[Visit]) -> VisitTable:
        """Read visits once; nothing of them is kept but numbers. Clocks that ran backwards give a length of 0."""
        number = [self.vocabularies[name].add if self._is_open else self.vocabularies[name].get for name in CATEGORIES]
        item_type, project, status, priority, assignee, team = number

        def rows() -> Iterable[tuple[Any, ...]]:
            for one in visits:
                entered = one.entered_at.timestamp()
                until = (one.left_at or one.seen_at).timestamp()
                yield (
                    item_type(one.item_type),
                    project(one.project_key),
                    status(one.status),
                    priority(one.priority),
                    assignee(one.assignee),
                    team(one.team),
                    entered,
                    max(until - entered, 0.0),
                    one.left_at is not None,
                    one.is_automatic,
                    one.earlier_visits,
                    one.returns,
                )

        kinds = [(field.name, _kind(field.name)) for field in fields(VisitTable)]
        packed = np.fromiter(rows(), dtype=np.dtype(kinds))
        return VisitTable(*(np.ascontiguousarray(packed[name]) for name, _ in kinds))


def concatenated(tables: Sequence[VisitTable]) -> VisitTable:
    """Put tables of one builder together, in their order."""
    return VisitTable(*(np.concatenate([getattr(one, field.name) for one in tables]) for field in fields(VisitTable)))


def _kind(name: str) -> type:
    if name in ("entered", "seconds"):
        return np.float64
    return np.bool_ if name in ("ended", "automatic") else np.int32


def codes_of(columns: Sequence[Codes]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the combinations that occur: one row per combination, and the number of each visit's."""
    if not len(columns[0]):
        return np.empty((0, len(columns)), np.int64), np.empty(0, np.int64)
    sizes = [int(column.max()) + 1 for column in columns]
    flat = np.ravel_multi_index([column.astype(np.int64) for column in columns], sizes)
    present, inverse = np.unique(flat, return_inverse=True)
    return np.stack(np.unravel_index(present, sizes), axis=1).astype(np.int64), inverse


def instant(at: datetime) -> float:
    """Return an aware datetime in seconds since the epoch."""
    return at.timestamp()


def weekday_and_hour(entered: Floats) -> tuple[Floats, Floats]:
    """Return the day of the week (0 is Monday) and the hour, both in UTC."""
    days = np.floor(entered / DAY_S)
    return (days + 3) % 7, (entered - days * DAY_S) / 3600
