"""What finding stuck work deals in; imports nothing heavy, so that blocks and agents may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

READY_DAYS = 90
"""PM-5.2: with under three months of history the agent says so and stays quiet."""


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
    `assignee` and `team` are "" where unknown and as they were when it began. `earlier_visits` counts the item's stays
    before this one, `returns` how many of those were in the same status.
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
    earlier_visits: int = 0
    returns: int = 0

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
    standard deviation of the logarithm of the length, from its upper half: ln(P90 / median) / 1.2816. `sample_size`
    counts the group's own visits, `censored` those of them that went on when it was trained; `history_days` is how far
    back its project goes, and `borrowed_from` names the wider groups that lent strength.
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

    `score` is in robust standard deviations (above 2 is unusual): the normal quantile of the share of visits that are
    shorter. `tail_share` is the share that last longer (0 to 1), `risk` the chance that this one ends up in the slowest
    tenth, `isolation` the share of past visits that the Isolation Forest finds less strange (None where it was not
    trained).
    """

    visit: Visit
    baseline: Baseline
    score: float
    tail_share: float
    risk: float
    isolation: float | None
    is_anomalous: bool
    reasons: tuple[str, ...] = ()
