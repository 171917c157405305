"""What goes into and comes out of epic suggestion; imports nothing heavy, so that blocks and agents may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

SUGGESTION_THRESHOLD = 0.7
"""Calibrated confidence from which a suggestion is shown as one (PM-6.2); below it a PM reviews."""

MAX_CANDIDATES = 5
"""How many candidates one suggestion carries."""


@dataclass(frozen=True)
class EpicText:
    """An epic as its tracker knows it; `resolved_at` decides whether it was open at an instant.

    All instants carry a zone. One with `is_done` and no `resolved_at` closed at an unknown time: never suggested.
    """

    key: str
    project_key: str
    summary: str
    description: str
    created_at: datetime
    resolved_at: datetime | None
    is_done: bool

    def is_open(self, as_of: datetime) -> bool:
        """Say whether the epic existed and was not closed at `as_of`."""
        if self.created_at > as_of:
            return False
        return not self.is_done if self.resolved_at is None else self.resolved_at > as_of


@dataclass(frozen=True)
class TicketText:
    """A ticket with or without an epic; one with `epic_key` is history to learn from."""

    key: str
    project_key: str
    summary: str
    description: str
    created_at: datetime
    reporter: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    epic_key: str | None = None


@dataclass(frozen=True)
class Candidate:
    """One epic for one ticket: `confidence` is a calibrated share (0 to 1), `reasons` are plain words with figures."""

    epic_key: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """The candidates of one ticket, best first; none when no epic is open for its project."""

    ticket_key: str
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None

    def is_confident(self, threshold: float = SUGGESTION_THRESHOLD) -> bool:
        """Say whether the best candidate reaches `threshold`; if not, a person should choose."""
        return self.best is not None and self.best.confidence >= threshold


@dataclass(frozen=True)
class SuggestionRun:
    """One run over many tickets: which embedder answered, and why another did when it could not."""

    suggestions: tuple[Suggestion, ...]
    embedder: str
    fallback_reason: str | None = None
