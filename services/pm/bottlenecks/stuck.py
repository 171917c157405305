"""What the bottleneck agent finds, as agents, blocks and handlers see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.accounts.types import MemberRef
from services.alerts.tuning import THRESHOLDS
from services.pm.bottlenecks.types import Activity, Anomaly, ItemType, Visit

AGENT = "bottlenecks"
IsWorkingDay = Callable[[date], bool]


def _fixed(name: str) -> int:
    return next(int(each.default) for each in THRESHOLDS if (each.agent, each.name) == (AGENT, name))


STUCK_DAYS = _fixed("stuck_days")
ESCALATION_DAYS = _fixed("escalation_days")
"""Working days in a status; more than so many, and people hear of it (PM-5.6)."""

QUIET_DAYS = 3
"""Working days without activity from which something is passively stuck (PM-5.4)."""


class Standing(StrEnum):
    """Who a remark is from, as far as the item is concerned; only members of the account are more than somebody."""

    ASSIGNEE = "assignee"
    REVIEWER = "reviewer"
    COLLEAGUE = "colleague"
    SOMEBODY = "somebody"


class WaitsFor(StrEnum):
    """Who has the ball."""

    REVIEWER = "reviewer"
    AUTHOR = "author"
    ASSIGNEE = "assignee"
    OWNER = "blocker's owner"
    LEAD = "lead"


@dataclass(frozen=True)
class Blocker:
    """An issue that blocks; `is_open` is None for one that the mirror does not hold."""

    key: str
    summary: str = ""
    status: str = ""
    is_open: bool | None = None
    owner: MemberRef | None = None


@dataclass(frozen=True)
class Sign:
    """Something that a person did: `kind` is commit, review, comment, change or sub-task."""

    at: datetime
    kind: str
    who: str
    text: str = ""


@dataclass(frozen=True)
class Remark:
    """What a person wrote on a ticket or pull request."""

    at: datetime
    author: str
    standing: Standing
    text: str


@dataclass(frozen=True)
class People:
    """Who is concerned; `assignee` is a pull request's author. A name is kept of those who are no members."""

    assignee: MemberRef | None = None
    assignee_name: str = ""
    reviewers: tuple[MemberRef, ...] = ()
    lead: MemberRef | None = None
    pm: MemberRef | None = None


@dataclass(frozen=True)
class WaitingItem:
    """A ticket or pull request that waits, as the mirror has it.

    `ticket_keys` are those in a pull request's branch and title, `epic_key` a ticket's. Drafts and bots' pull requests
    are not `is_shown`: they count in the trend only.
    """

    visit: Visit
    title: str
    url: str
    people: People = People()
    is_blocked: bool = False
    blockers: tuple[Blocker, ...] = ()
    signs: tuple[Sign, ...] = ()
    remarks: tuple[Remark, ...] = ()
    ticket_keys: tuple[str, ...] = ()
    jira_id: str = ""
    epic_key: str | None = None
    is_shown: bool = True

    @property
    def key(self) -> str:
        """The Jira key, or owner/name#12."""
        return self.visit.item_key

    @property
    def open_blockers(self) -> tuple[Blocker, ...]:
        """Blockers that are known to be open."""
        return tuple(blocker for blocker in self.blockers if blocker.is_open)


@dataclass(frozen=True)
class Context:
    """What is going on with something that waits, why that is believed, and how sure (0 to 1).

    `says` is one plain sentence; `quote` are a person's words it rests on, `quoted` who wrote them and when.
    `quiet_days` are working days without activity.
    """

    activity: Activity
    says: str
    confidence: float
    blocker: str = ""
    quote: str = ""
    quoted: str = ""
    last_sign: Sign | None = None
    quiet_days: int = 0
    is_rule_based: bool = True


@dataclass(frozen=True)
class Flagged:
    """An item that may be stuck: anomalous, or blocked by its own word (then it needs no baseline)."""

    item: WaitingItem
    anomaly: Anomaly | None
    is_anomalous: bool

    @property
    def risk(self) -> float:
        """How likely it ends in the slowest tenth (0 to 1); what is blocked without a baseline comes first."""
        return self.anomaly.risk if self.anomaly else 1.0


@dataclass(frozen=True)
class Judged:
    """A flagged item with its context."""

    flagged: Flagged
    context: Context

    @property
    def is_truly_stuck(self) -> bool:
        """Tell whether somebody should do something."""
        return self.context.activity is not Activity.ACTIVELY_WORKED


@dataclass(frozen=True)
class Readiness:
    """Projects whose history is too short for baselines, with the days they have."""

    too_short: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Scan:
    """What a run looks at, and what it needs to judge it; `model` is a `BottleneckModel`, None before any training."""

    at: datetime
    day: date
    time_zone: str
    items: tuple[WaitingItem, ...]
    model: object | None
    deviation: float
    is_digest_due: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class BottleneckFindings:
    """What a run found, the riskiest first."""

    scan: Scan
    flagged: tuple[Flagged, ...]
    readiness: Readiness = Readiness()


@dataclass(frozen=True)
class StuckItem:
    """One stay in a waiting status as it is kept, with what the mirror knows of its item now.

    `id` is 0 where it is not kept (a dry run). `days` are by the calendar, from date to date; `seconds` and
    `expected_seconds` (the median) are elapsed time; the latter and `p90_seconds` are 0 without a baseline. `joined`
    are the pull requests of a ticket that are stuck with it.
    """

    id: int
    key: str
    item_type: ItemType
    project_key: str
    title: str
    url: str
    status: str
    priority: str
    team: str
    entered_at: datetime
    seconds: int
    days: int
    working_days: int
    expected_seconds: int
    p90_seconds: float
    score: float
    isolation: float | None
    risk: float
    baseline: str
    activity: Activity
    context: str
    quote: str
    quoted: str
    blocker: str
    confidence: float
    is_rule_based: bool
    is_truly_stuck: bool
    returns: int = 0
    people: People = People()
    blocker_owner: MemberRef | None = None
    resolved_at: datetime | None = None
    dismissed_by: MemberRef | None = None
    asked: str = ""
    is_shown: bool = True
    ticket_keys: tuple[str, ...] = ()
    joined: tuple[StuckItem, ...] = ()

    @property
    def waits_for(self) -> WaitsFor:
        """Return who has the ball: what a status means, and who there is."""
        if self.activity is Activity.BLOCKED and self.blocker_owner:
            return WaitsFor.OWNER
        if self.item_type is ItemType.PULL_REQUEST:
            if self.status == "No reviewer":
                return WaitsFor.LEAD
            return WaitsFor.REVIEWER if self.status == "Review requested" else WaitsFor.AUTHOR
        return WaitsFor.REVIEWER if "review" in self.status.casefold() else WaitsFor.ASSIGNEE

    @property
    def to_ask(self) -> tuple[MemberRef, ...]:
        """Return whom to ask for a move; the lead where nobody is known."""
        people = self.people
        lead = (people.lead,) if people.lead else ()
        assignee = (people.assignee,) if people.assignee else ()
        found: dict[WaitsFor, tuple[MemberRef, ...]] = {
            WaitsFor.OWNER: (self.blocker_owner,) if self.blocker_owner else (),
            WaitsFor.LEAD: lead,
            WaitsFor.REVIEWER: people.reviewers,
            WaitsFor.AUTHOR: assignee,
            WaitsFor.ASSIGNEE: assignee,
        }
        return found[self.waits_for] or lead

    @property
    def concerned(self) -> tuple[MemberRef, ...]:
        """Return assignee and reviewers, each once."""
        found = {each.id: each for each in (self.people.assignee, *self.people.reviewers) if each is not None}
        return tuple(found.values())


@dataclass(frozen=True)
class TrendLine:
    """How many items were stuck in each of the last weeks, the oldest first, under one name."""

    name: str
    by_week: tuple[int, ...]

    @property
    def now(self) -> int:
        """This week's number."""
        return self.by_week[-1]


@dataclass(frozen=True)
class Trend:
    """Stuck work of the last weeks, in all and by status, person and team; the most of this week first."""

    weeks: tuple[date, ...]
    overall: TrendLine
    statuses: tuple[TrendLine, ...] = ()
    people: tuple[TrendLine, ...] = ()
    teams: tuple[TrendLine, ...] = ()


@dataclass(frozen=True)
class Digest:
    """What one PM is shown: their projects' stuck items, the riskiest first."""

    day: date
    items: tuple[StuckItem, ...]
    trend: Trend
    notes: tuple[str, ...] = ()
    recipient: MemberRef | None = None


@dataclass(frozen=True)
class Moved:
    """A change of an item's history, for the numbers: the field's old and new value, and who made it."""

    at: datetime
    what: str
    who: str = ""


@dataclass(frozen=True)
class StuckNumbers:
    """All that stands behind a stay: its item's history, the curve (share gone, seconds), and what people wrote."""

    item: StuckItem
    history: tuple[Moved, ...]
    curve: tuple[tuple[float, float], ...] = ()
    baseline: str = ""
    remarks: tuple[Remark, ...] = ()
    reasons: tuple[str, ...] = field(default=())


def working_days_between(first: date, last: date, is_working_day: IsWorkingDay) -> int:
    """Count the working days after `first` up to and with `last`: from Friday to Monday it is 1."""
    return sum(is_working_day(date.fromordinal(n)) for n in range(first.toordinal() + 1, last.toordinal() + 1))
