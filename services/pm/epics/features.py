"""Numbers that say how well an epic suits a ticket, from what was known at one instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.pm.epics.embedders import Matrix, SimilarityRange
from services.pm.epics.history import Flags, Floats, ProjectHistory
from services.pm.epics.types import TicketText

FEATURES = (
    "epic_similarity",
    "child_similarity",
    "idle_time",
    "same_reporter",
    "same_component",
    "none",
)
"""The columns of `FeatureBlock.values`; "none" is 1 only for the choice "no epic that is open"."""

DAY_S = 86_400.0

LONG_IDLE_DAYS = 150.0
"""An epic without work for this long has an `idle_time` of 1, which puts it on the scale of the other features."""


@dataclass(frozen=True)
class FeatureBlock:
    """Features of tickets (first axis) and epics (second axis); `evidence` holds the plain figures behind them."""

    values: Floats
    available: Flags
    evidence: dict[str, Floats]


def measure(
    history: ProjectHistory,
    tickets: Sequence[TicketText],
    vectors: Matrix,
    as_of: Floats,
    similarity_range: SimilarityRange,
) -> FeatureBlock:
    """Measure each ticket against each epic, from children created before `as_of` (epoch seconds, one per ticket)."""
    created = np.array([ticket.created_at.timestamp() for ticket in tickets])
    known = _known_children(history, tickets, as_of)
    count = _per_epic(history, known.astype(float), np.add, 0.0)
    epic_similarity = _cosine(vectors, history.epic_vectors)
    child_similarity = _per_epic(
        history, np.where(known, _cosine(vectors, history.child_vectors), 0.0), np.maximum, 0.0
    )
    idle = _idle_days(history, known, created)
    reporter = _share(history, known, _same(history, tickets, lambda ticket: {ticket.reporter} - {None}), count)
    component = _share(history, known, _same(history, tickets, lambda ticket: set(ticket.components)), count)
    values = np.stack(
        [
            _stretch(epic_similarity, similarity_range),
            _stretch(child_similarity, similarity_range),
            np.log1p(idle) / np.log1p(LONG_IDLE_DAYS),
            reporter,
            component,
            np.zeros_like(idle),
        ],
        axis=2,
    )
    evidence = {
        "epic_similarity": epic_similarity,
        "child_similarity": child_similarity,
        "idle_days": idle,
        "children": count,
        "same_reporter": reporter,
        "same_component": component,
    }
    return FeatureBlock(values, history.open_at(as_of), evidence)


def _known_children(history: ProjectHistory, tickets: Sequence[TicketText], as_of: Floats) -> Flags:
    """Leave out children that came later, and the ticket itself."""
    known: Flags = history.child_created_at[None, :] < as_of[:, None]
    column = {child.key: index for index, child in enumerate(history.children)}
    for row, ticket in enumerate(tickets):
        if ticket.key in column:
            known[row, column[ticket.key]] = False
    return known


def _cosine(left: Matrix, right: Matrix) -> Floats:
    product: Any = left @ right.T
    dense = product.toarray() if hasattr(product, "toarray") else product
    return np.asarray(dense, dtype=np.float64)


def _stretch(cosine: Floats, similarity_range: SimilarityRange) -> Floats:
    """Put cosines of any embedder on one scale: 0 for unrelated, 1 for closely related."""
    return np.clip((cosine - similarity_range.floor) / (similarity_range.ceiling - similarity_range.floor), 0.0, 2.0)


def _per_epic(history: ProjectHistory, by_child: Floats, reduce: np.ufunc, empty: float) -> Floats:
    """Reduce columns of children to columns of epics; `empty` for an epic without any."""
    result = np.full((by_child.shape[0], len(history.epics)), empty)
    starts, ends = history.first_child[:-1], history.first_child[1:]
    used = np.flatnonzero(ends > starts)
    if used.size:
        result[:, used] = reduce.reduceat(by_child, starts[used], axis=1)
    return result


def _idle_days(history: ProjectHistory, known: Flags, created: Floats) -> Floats:
    """Count days between the ticket's creation and the nearest sign of work on the epic: a child, or its own creation.

    For a new ticket that is how long ago the epic got its last child; for an old one without an epic, how near in time
    the epic was worked on.
    """
    to_child = np.where(known, np.abs(history.child_created_at[None, :] - created[:, None]), np.inf)
    nearest_child = _per_epic(history, to_child, np.minimum, np.inf)
    return np.minimum(nearest_child, np.abs(history.created_at[None, :] - created[:, None])) / DAY_S


def _same(history: ProjectHistory, tickets: Sequence[TicketText], names: Callable[[TicketText], set[Any]]) -> Floats:
    """Say for each ticket and child whether they share a name."""
    vocabulary: dict[Any, int] = {}
    for item in (*tickets, *history.children):
        for name in names(item):
            vocabulary.setdefault(name, len(vocabulary))
    shared = _indicator(tickets, names, vocabulary) @ _indicator(history.children, names, vocabulary).T
    return np.asarray(shared.toarray() > 0, dtype=np.float64)


def _indicator(items: Sequence[TicketText], names: Callable[[TicketText], set[Any]], vocabulary: dict[Any, int]) -> Any:
    from scipy.sparse import csr_matrix

    pairs = [(row, vocabulary[name]) for row, item in enumerate(items) for name in names(item)]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    return csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=(len(items), max(1, len(vocabulary))))


def _share(history: ProjectHistory, known: Flags, same: Floats, count: Floats) -> Floats:
    """Give the share of an epic's children that have something in common with the ticket, one doubtful child added."""
    return _per_epic(history, known * same, np.add, 0.0) / (count + 1.0)
