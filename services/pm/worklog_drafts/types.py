"""What a worklog draft is made of, from a trace of work to a row that a person decides on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from services.accounts.types import MemberRef
from services.effects.types import Receipt
from services.pm.types import ComplianceStatus, DayHours, Week


class EvidenceKind(StrEnum):
    """What somebody did that says what they worked on."""

    MOVE = "move"
    EDIT = "edit"
    COMMENT = "comment"
    COMMIT = "commit"
    REVIEW = "review"
    PULL_REQUEST_COMMENT = "pull_request_comment"
    FLOWPILOT = "flowpilot"
    SESSION = "session"
    FOCUS = "focus"
    IN_PROGRESS = "in_progress"
    NEIGHBOUR = "neighbour"


INDIRECT = frozenset({EvidenceKind.EDIT, EvidenceKind.FOCUS, EvidenceKind.IN_PROGRESS, EvidenceKind.NEIGHBOUR})
"""Kinds that make work likely but show none: a row with nothing else starts unticked."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One trace of a person's work on an issue; `day` is the person's own, `what` plain words, never markup.

    `seconds` is how long it took, where that is known (sessions).
    """

    kind: EvidenceKind
    day: date
    issue_key: str
    what: str
    at: datetime | None = None
    url: str = ""
    seconds: int = 0

    def stored(self) -> dict[str, Any]:
        """Return it as `WorklogDraft.evidence` keeps it."""
        at = self.at.isoformat() if self.at else None
        return {"kind": self.kind.value, "at": at, "what": self.what, "url": self.url, "seconds": self.seconds}

    @classmethod
    def read(cls, raw: dict[str, Any], day: date, issue_key: str) -> Evidence:
        """Return what `stored` made."""
        at = datetime.fromisoformat(raw["at"]) if raw.get("at") else None
        return cls(EvidenceKind(raw["kind"]), day, issue_key, raw["what"], at, raw["url"], raw.get("seconds", 0))


@dataclass(frozen=True)
class Span:
    """Whose traces of which week are wanted: instants from `start` until before `end`, days in `zone`."""

    member: MemberRef
    week: Week
    zone: str
    start: datetime
    end: datetime


class EvidenceSource(Protocol):
    """Something that knows what people did; further features add theirs to `WorklogDrafts.sources`."""

    async def traces(self, span: Span) -> Sequence[Evidence]:
        """Return a person's traces of a week."""
        ...


@dataclass(frozen=True)
class IssueFacts:
    """What a draft shows of an issue."""

    key: str
    jira_id: str
    summary: str


@dataclass(frozen=True)
class LoggedDay:
    """A day as Tempo has it: what is required, and the seconds logged by issue key."""

    day: date
    required_seconds: int
    by_issue: dict[str, int] = field(default_factory=dict)

    @property
    def logged_seconds(self) -> int:
        """What is logged in all."""
        return sum(self.by_issue.values())

    @property
    def missing_seconds(self) -> int:
        """What is still to be logged."""
        return max(0, self.required_seconds - self.logged_seconds)


@dataclass(frozen=True)
class Proposal:
    """An entry that the evidence speaks for."""

    day: date
    issue_key: str
    seconds: int
    evidence: tuple[Evidence, ...]
    description: str


class DraftStatus(StrEnum):
    """What a person made of a row."""

    PROPOSED = "proposed"
    EDITED = "edited"
    DROPPED = "dropped"
    LOGGED = "logged"


@dataclass(frozen=True)
class DraftRow:
    """A stored row; `summary` is the issue's."""

    id: int
    day: date
    issue_key: str
    issue_jira_id: str
    summary: str
    seconds: int
    description: str
    evidence: tuple[Evidence, ...]
    status: DraftStatus
    tempo_worklog_id: int | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it is not in Tempo yet."""
        return self.status is not DraftStatus.LOGGED

    @property
    def is_ticked(self) -> bool:
        """Tell whether it is to be logged as it stands: a proposal only where a trace shows work itself."""
        if self.status is DraftStatus.PROPOSED:
            return any(trace.kind not in INDIRECT for trace in self.evidence)
        return self.status is DraftStatus.EDITED


@dataclass(frozen=True)
class DraftDay:
    """A day with its rows; `is_ahead` for one that is still to come."""

    day: date
    required_seconds: int
    logged_seconds: int
    rows: tuple[DraftRow, ...]
    logged_by_issue: tuple[tuple[str, int], ...] = ()
    is_ahead: bool = False

    @property
    def missing_seconds(self) -> int:
        """What is still to be logged."""
        return max(0, self.required_seconds - self.logged_seconds)

    @property
    def open_rows(self) -> tuple[DraftRow, ...]:
        """The rows that can be logged."""
        return tuple(row for row in self.rows if row.is_open)

    @property
    def ticked_seconds(self) -> int:
        """What would be logged as the rows stand."""
        return sum(row.seconds for row in self.open_rows if row.is_ticked)

    @property
    def traced_seconds(self) -> int:
        """How much of what is missing the traces speak for, ticked or not."""
        return min(self.missing_seconds, sum(row.seconds for row in self.open_rows if row.evidence))


@dataclass(frozen=True)
class DraftWeek:
    """A person's week: what Tempo has, and what is drafted."""

    member: MemberRef
    week: Week
    days: tuple[DraftDay, ...]
    status: ComplianceStatus
    locked: str = ""
    """Why Tempo takes nothing more for the week, in plain words; "" while it does."""
    silent_sources: tuple[str, ...] = ()
    """Where traces could not be read just now."""

    @property
    def logged_seconds(self) -> int:
        """What is logged in all."""
        return sum(day.logged_seconds for day in self.days)

    @property
    def required_seconds(self) -> int:
        """What the week requires in all."""
        return sum(day.required_seconds for day in self.days)

    @property
    def missing_seconds(self) -> int:
        """What the days up to today lack together: what is too much on one day counts for the others."""
        past = [day for day in self.days if not day.is_ahead]
        balance = sum(day.required_seconds - day.logged_seconds for day in past)
        return max(0, min(balance, sum(day.missing_seconds for day in past)))

    @property
    def rows(self) -> tuple[DraftRow, ...]:
        """All rows, by day."""
        return tuple(row for day in self.days for row in day.rows)

    @property
    def traced_seconds(self) -> int:
        """How much of what is missing the traces speak for, ticked or not."""
        return min(self.missing_seconds, sum(day.traced_seconds for day in self.days))

    def day_hours(self) -> tuple[DayHours, ...]:
        """Return the days as time tracking judges them."""
        return tuple(DayHours(day.day, day.logged_seconds, day.required_seconds) for day in self.days)


@dataclass(frozen=True)
class Edit:
    """What a person made of a row in the form; None leaves what is stored."""

    draft_id: int
    is_kept: bool
    seconds: int | None = None
    description: str | None = None


@dataclass(frozen=True)
class NotLogged:
    """A row that is not in Tempo, and why."""

    row: DraftRow
    why: str


@dataclass(frozen=True)
class LogOutcome:
    """What became of a submitted form."""

    week: DraftWeek
    logged: tuple[tuple[DraftRow, Receipt], ...]
    """Receipts with their rows; those of an earlier attempt that had succeeded are `repeated`."""
    failed: tuple[NotLogged, ...]

    @property
    def logged_seconds(self) -> int:
        """What was logged now."""
        return sum(row.seconds for row, _ in self.logged)


@dataclass(frozen=True)
class UndoOutcome:
    """What was taken out of Tempo again, and what was not and why (mrkdwn, escaped)."""

    week: DraftWeek
    seconds: int
    failed: tuple[str, ...]


@dataclass(frozen=True)
class MessagePlace:
    """Where an alert is in Slack."""

    channel: str
    ts: str
    delivery_id: int
