"""What looking back at alerts says of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

NORMAL_95 = 1.959964


class Verdict(StrEnum):
    """How a claim has turned out; `OPEN` is too early to say, or cannot be said."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "open"


@dataclass(frozen=True)
class Judgement:
    """A verdict over a claim, with the numbers it rests on in words."""

    subject: str
    verdict: Verdict
    because: str


@dataclass(frozen=True)
class EpicLater:
    """An epic now: seconds worked since its inception and by month, and whether it is done."""

    actual_seconds: int
    by_month: Mapping[str, int]
    is_done: bool


@dataclass(frozen=True)
class Later:
    """What has become of things since alerts were told. A key that is missing: nothing is known.

    `logged` is seconds by member and Monday, `month_seconds` by project and month, `moved_at` when items first left
    their status after they were reported, by item and the instant of the report (None: still there), `epic_of` the epic
    of tickets ("" for none), `names` are members'.
    """

    now: datetime
    today: date
    logged: Mapping[tuple[int, str], int] = field(default_factory=dict)
    month_seconds: Mapping[tuple[str, str], int] = field(default_factory=dict)
    epics: Mapping[str, EpicLater] = field(default_factory=dict)
    moved_at: Mapping[tuple[str, datetime], datetime | None] = field(default_factory=dict)
    epic_of: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackRecord:
    """How right an agent has been: by what people said of alerts, and by what became of what they claimed.

    `share` (0 to 1) is of all that was said or judged, None while nothing was; `low` and `high` bound it by 95 %
    (Wilson's score interval).
    """

    agent: str
    useful: int = 0
    not_useful: int = 0
    right: int = 0
    wrong: int = 0
    open: int = 0

    @property
    def judged(self) -> int:
        """How many words and verdicts there are."""
        return self.useful + self.not_useful + self.right + self.wrong

    @property
    def share(self) -> float | None:
        """The share of useful and right ones."""
        return (self.useful + self.right) / self.judged if self.judged else None

    @property
    def low(self) -> float | None:
        """The lower bound of the share."""
        return wilson(self.useful + self.right, self.judged)[0] if self.judged else None

    @property
    def high(self) -> float | None:
        """The upper bound of the share."""
        return wilson(self.useful + self.right, self.judged)[1] if self.judged else None


@dataclass(frozen=True)
class WeekCount:
    """What one recipient got, or would have got, in a week: messages, and lines of digests."""

    monday: date
    recipient: str
    messages: int
    digest_lines: int


@dataclass(frozen=True)
class Sample:
    """One alert as it was or would have been told, and what became of it."""

    delivery_id: int
    told_at: datetime
    recipient: str
    text: str
    what_was_done: str
    judgements: tuple[Judgement, ...]
    useful: int = 0
    not_useful: int = 0


@dataclass(frozen=True)
class LookBack:
    """An agent's alerts of the last weeks, newest first, and how right they were."""

    agent: str
    since: datetime
    weeks: tuple[WeekCount, ...]
    samples: tuple[Sample, ...]
    record: TrackRecord


def wilson(successes: int, count: int, z: float = NORMAL_95) -> tuple[float, float]:
    """Return Wilson's score interval (1927) of a share, as bounds from 0 to 1."""
    share = successes / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
