"""What finding stuck work deals in; imports nothing heavy, so that blocks and agents may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ItemType(StrEnum):
    """What can be stuck."""

    TICKET = "jira_ticket"
    PULL_REQUEST = "github_pr"


class Activity(StrEnum):
    """What is going on with something that waits."""

    ACTIVELY_WORKED = "actively_worked"
    PASSIVELY_STUCK = "passively_stuck"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay of an item in a status, repeats merged; `left_at` is None while it is there (censored at `seen_at`).

    `is_automatic` marks a stay that a robot ended (an automatic closing): it says nothing of how long work takes.
    `assignee` and `team` are "" where unknown.
    """

    item_key: str
    item_type: ItemType
    project_key: str
    status: str
    priority: str
    assignee: str
    team: str
    entered_at: datetime
    left_at: datetime | None
    seen_at: datetime
    is_automatic: bool = False

    @property
    def is_censored(self) -> bool:
        """Tell whether the stay goes on, so that only a lower bound of its length is known."""
        return self.left_at is None

    @property
    def seconds(self) -> float:
        """The length of the stay so far, in elapsed seconds."""
        return ((self.left_at or self.seen_at) - self.entered_at).total_seconds()


@dataclass(frozen=True)
class Baseline:
    """How long visits of one group usually take; "" for project or priority means all of them.

    `curve` is the survival function as (seconds, share still there) points that fall; `log_spread` is the robust
    standard deviation of the logarithm of the length; `borrowed_from` names the wider groups that lent strength.
    """

    project_key: str
    item_type: ItemType
    status: str
    priority: str
    median_seconds: float
    p90_seconds: float
    log_spread: float
    sample_size: int
    censored: int
    history_days: int
    trained_at: datetime
    curve: tuple[tuple[float, float], ...] = ()
    borrowed_from: str = ""

    @property
    def name(self) -> str:
        """Name the group as people read it, such as "SHOP · Code Review · High"."""
        return " · ".join(part for part in (self.project_key or "all projects", self.status, self.priority) if part)


@dataclass(frozen=True)
class Anomaly:
    """How unusual one ongoing visit is, and against what.

    `score` is in robust standard deviations of the log length (above 2 is unusual), `tail_share` the share of visits
    that last longer (0 to 1), `risk` the chance that this one ends up in the slowest tenth, `isolation` the Isolation
    Forest's score (higher is stranger; None where it was not trained).
    """

    visit: Visit
    baseline: Baseline
    score: float
    tail_share: float
    risk: float
    isolation: float | None
    is_anomalous: bool
    reasons: tuple[str, ...] = ()
