"""What the epic-assignment agent finds and what the PM sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.mirror.types import IssueRow
from services.pm.epics.types import SUGGESTION_THRESHOLD, Candidate, SuggestionRun

WORTH_SHOWING = 0.3
"""Below this one guess in eleven is right (docs/epic-suggestions.md): naming an epic would mislead."""

BULK_CONFIDENCE = 0.9
"""Suggestions above this may be assigned together (PM-6.3)."""


class Tier(StrEnum):
    """How sure the suggestion for a ticket is; in the order in which a PM sees them."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"


def tier_of(confidence: float, threshold: float = SUGGESTION_THRESHOLD) -> Tier:
    """Return the tier of a calibrated confidence (0 to 1); 0 when no epic was found."""
    if confidence > threshold:
        return Tier.HIGH
    return Tier.LOW if confidence >= WORTH_SHOWING else Tier.NONE


@dataclass(frozen=True)
class ScopeProject:
    """A project whose tickets should have epics; `search_url` is where Jira lists those without."""

    key: str
    name: str
    pm_member_id: int | None
    search_url: str = ""


@dataclass(frozen=True)
class OpenSuggestion:
    """A stored suggestion that nobody has decided on; `suggested_epic` is None when none was worth showing."""

    id: int
    ticket_key: str
    project_key: str
    suggested_epic: str | None


@dataclass(frozen=True)
class Scan:
    """What one run looked at: `issues` are all standard issues, `undecided` what earlier runs left open."""

    at: datetime
    day: str
    projects: tuple[ScopeProject, ...]
    issues: tuple[IssueRow, ...]
    run: SuggestionRun
    undecided: tuple[OpenSuggestion, ...]
    fresh_at: datetime | None
    threshold: float = SUGGESTION_THRESHOLD


@dataclass(frozen=True)
class Proposal:
    """A ticket without an epic, and its candidates, best first."""

    ticket_key: str
    project_key: str
    summary: str
    candidates: tuple[Candidate, ...]
    threshold: float = SUGGESTION_THRESHOLD

    @property
    def confidence(self) -> float:
        """Return the best candidate's confidence (0 to 1); 0 without any."""
        return self.candidates[0].confidence if self.candidates else 0.0

    @property
    def tier(self) -> Tier:
        """Return how sure the best candidate is."""
        return tier_of(self.confidence, self.threshold)

    @property
    def suggested_epic(self) -> str | None:
        """Return the epic to name; None when none is worth showing."""
        return None if self.tier is Tier.NONE else self.candidates[0].epic_key


@dataclass(frozen=True)
class Settled:
    """An undecided suggestion whose ticket got an epic in Jira, or (without `actual_epic`) no longer needs one."""

    suggestion_id: int
    accepted: bool | None
    actual_epic: str | None


@dataclass(frozen=True)
class Basis:
    """What a project's figures rest on (TRUST-7). `fresh_at` is when the mirror last agreed with Jira.

    `search_url` opens the tickets without an epic in Jira.
    """

    open_tickets: int
    without_epic: int
    fresh_at: datetime | None
    embedder: str
    fallback_reason: str | None
    search_url: str = ""


@dataclass(frozen=True)
class ProjectFindings:
    """One project: its proposals in the order none, low, high; `by_creator` counts orphans by Jira account id."""

    project: ScopeProject
    proposals: tuple[Proposal, ...]
    basis: Basis
    by_creator: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class EpicFindings:
    """What one run found in all scope projects; `day` is the account's date (ISO) at the run's instant."""

    at: datetime
    day: str
    projects: tuple[ProjectFindings, ...]
    settled: tuple[Settled, ...]


class DecisionKind(StrEnum):
    """What became of a suggestion."""

    ASSIGNED = "assigned"
    REVIEW = "review"
    IN_JIRA = "in_jira"
    LAPSED = "lapsed"
    UNDONE = "undone"


@dataclass(frozen=True)
class Decision:
    """What became of a suggestion, and by whom; `effect_id` is set while it can be undone."""

    kind: DecisionKind
    epic_key: str | None = None
    epic_name: str = ""
    by_slack_id: str | None = None
    by_name: str = ""
    effect_id: int | None = None


@dataclass(frozen=True)
class SuggestionItem:
    """One ticket as the PM sees it; texts are raw, blocks escape them."""

    ticket_key: str
    url: str
    summary: str
    confidence: float
    epic_key: str | None
    epic_name: str
    reasons: tuple[str, ...]
    decision: Decision | None = None
    threshold: float = SUGGESTION_THRESHOLD

    @property
    def tier(self) -> Tier:
        """Return how sure the suggestion is."""
        return tier_of(self.confidence, self.threshold)

    @property
    def is_bulk(self) -> bool:
        """Tell whether it may be assigned together with others."""
        return self.decision is None and self.epic_key is not None and self.confidence > BULK_CONFIDENCE


@dataclass(frozen=True)
class ProjectList:
    """All tickets of a project's newest run, decided or not, in the order in which they are shown."""

    project_key: str
    project_name: str
    items: tuple[SuggestionItem, ...]

    @property
    def bulk(self) -> tuple[SuggestionItem, ...]:
        """Return those that [Assign all above 90 %] is about."""
        return tuple(item for item in self.items if item.is_bulk)

    @property
    def undecided(self) -> int:
        """Count the tickets that wait for a decision."""
        return sum(item.decision is None for item in self.items)


@dataclass(frozen=True)
class EpicChoice:
    """An open epic that a ticket may get."""

    key: str
    summary: str


@dataclass(frozen=True)
class MessageParts:
    """What stays of a message when its list changes: the alert that it is, and the blocks it was made of."""

    delivery_id: int
    blocks: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Assignment:
    """What a click did; `note` tells the person when it was something else than they expected."""

    project_key: str
    ticket_key: str
    note: str = ""


@dataclass(frozen=True)
class BulkApproval:
    """A list that a person is asked to approve: (ticket, epic) pairs and their hash."""

    project_key: str
    items: tuple[SuggestionItem, ...]
    digest: str


@dataclass(frozen=True)
class BulkOutcome:
    """What became of an approved list; `skipped` and `failed` hold ticket and reason."""

    project_key: str
    assigned: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
