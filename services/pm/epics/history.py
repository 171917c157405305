"""What is known of one project's epics: when each was open, and its children, laid out as arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from services.pm.epics.embedders import Embedder, Matrix
from services.pm.epics.text import text_of
from services.pm.epics.types import EpicText, TicketText

MAX_CHILDREN = 4_000
"""The newest linked tickets of a project that are compared with; bounds time and memory on large sites."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


def seconds(instant: datetime) -> float:
    """Give the instant in epoch seconds; a ValueError for one without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone")
    return instant.timestamp()


@dataclass(frozen=True)
class ProjectHistory:
    """Epics that tickets of one project may belong to, and all known children, sorted by epic.

    Times are epoch seconds; `closed_at` is infinite for an open epic, minus infinite for one closed at an unknown time.
    `usable_from` is the creation of an epic of this project, and the first child from this project for one of another.
    """

    epics: tuple[EpicText, ...]
    usable_from: Floats
    created_at: Floats
    closed_at: Floats
    epic_vectors: Matrix
    children: tuple[TicketText, ...]
    child_created_at: Floats
    child_vectors: Matrix
    first_child: Integers
    """For each epic, where its children begin in `children`; one more entry at the end."""

    def open_at(self, as_of: Floats) -> Flags:
        """Say for each instant (rows) which epics (columns) existed, were usable here and not closed."""
        return (
            (self.usable_from <= as_of[:, None])
            & (self.created_at <= as_of[:, None])
            & (self.closed_at > as_of[:, None])
        )


def build_histories(
    tickets: Sequence[TicketText], epics: Sequence[EpicText], embedder: Embedder
) -> dict[str, ProjectHistory]:
    """Group epics and their children by the project whose tickets may be given to them.

    Every instant is kept, later ones too: whoever asks says as of when, and gets nothing newer.
    """
    by_key = {epic.key: epic for epic in epics}
    children: dict[str, list[TicketText]] = defaultdict(list)
    usable: dict[str, dict[str, float]] = defaultdict(dict)
    for epic in by_key.values():
        usable[epic.project_key][epic.key] = seconds(epic.created_at)
    for ticket in sorted(tickets, key=lambda ticket: (ticket.created_at, ticket.key)):
        if ticket.epic_key in by_key:
            children[ticket.epic_key].append(ticket)
            usable[ticket.project_key].setdefault(ticket.epic_key, seconds(ticket.created_at))
    return {
        project: _build_history([by_key[key] for key in sorted(keys)], keys, children, embedder)
        for project, keys in usable.items()
    }


def _build_history(
    epics: list[EpicText], usable: dict[str, float], children: dict[str, list[TicketText]], embedder: Embedder
) -> ProjectHistory:
    newest = sorted((ticket.created_at, ticket.key) for epic in epics for ticket in children[epic.key])[-MAX_CHILDREN:]
    kept = {key for _, key in newest}
    known = [[ticket for ticket in children[epic.key] if ticket.key in kept] for epic in epics]
    flat = tuple(ticket for group in known for ticket in group)
    return ProjectHistory(
        epics=tuple(epics),
        usable_from=np.array([usable[epic.key] for epic in epics]),
        created_at=np.array([seconds(epic.created_at) for epic in epics]),
        closed_at=np.array([_closed_at(epic) for epic in epics]),
        epic_vectors=embedder.vectors([text_of(epic) for epic in epics]),
        children=flat,
        child_created_at=np.array([seconds(ticket.created_at) for ticket in flat]),
        child_vectors=embedder.vectors([text_of(ticket) for ticket in flat]),
        first_child=np.cumsum([0, *(len(group) for group in known)]),
    )


def _closed_at(epic: EpicText) -> float:
    if epic.resolved_at is not None:
        return seconds(epic.resolved_at)
    return -np.inf if epic.is_done else np.inf
