"""What a Monday card is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Protocol

from services.accounts.types import MemberRef
from services.pm.budgets.types import BudgetData, BudgetStatus
from services.pm.types import ProjectRef, Week
from services.pm.variance.types import EpicVariance, VarianceData


class Trouble(IntEnum):
    """How grave it stands with a project; the gravest comes first."""

    QUIET = 0
    NOTICE = 1
    WARNING = 2
    CRITICAL = 3


@dataclass(frozen=True)
class StuckItem:
    """A ticket or pull request that stays too long in a status; `blocker` says by what it is blocked, if it is.

    `stay_id` names the stay behind its figures; 0 for none that is kept.
    """

    key: str
    project_key: str
    status: str
    since: datetime
    is_blocked: bool
    blocker: str = ""
    url: str = ""
    stay_id: int = 0


@dataclass(frozen=True)
class ExtraLine:
    """A line that another feature adds to a project's card, such as open sessions; plain text."""

    text: str
    trouble: Trouble = Trouble.NOTICE


class CardSource(Protocol):
    """A feature that has something to say about projects; it adds itself to `MondayCards.sources`."""

    async def lines(self, project_keys: Collection[str], day: date) -> Mapping[str, Sequence[ExtraLine]]:
        """Return the lines by project; a project of which there is nothing to say is left out."""
        ...


@dataclass(frozen=True)
class MondayData:
    """What the cards are composed from; `at` is in the account's zone. Without Tempo: no budgets, no variances."""

    day: date
    at: datetime
    projects: tuple[ProjectRef, ...]
    admins: tuple[MemberRef, ...]
    budgets: BudgetData | None = None
    variances: VarianceData | None = None
    stuck: tuple[StuckItem, ...] = ()
    extras: Mapping[str, Sequence[ExtraLine]] = field(default_factory=dict)
    to_channels: bool = False


@dataclass(frozen=True)
class ProjectCard:
    """One project: its budget, epics over forecast by most risk, stuck items by longest, and other features' lines."""

    project: ProjectRef
    budget: BudgetStatus | None = None
    variances: tuple[EpicVariance, ...] = ()
    stuck: tuple[StuckItem, ...] = ()
    extras: tuple[ExtraLine, ...] = ()
    trouble: Trouble = Trouble.QUIET


@dataclass(frozen=True)
class MondayCard:
    """What one PM gets: projects by trouble, and those of which there is nothing to say."""

    recipient: MemberRef
    week: Week
    day: date
    cards: tuple[ProjectCard, ...]
    quiet: tuple[ProjectRef, ...]


@dataclass(frozen=True)
class MondayFindings:
    """All PMs' cards, and those that go to the projects' channels."""

    week: Week
    day: date
    at: datetime
    cards: tuple[MondayCard, ...]
    for_channels: tuple[ProjectCard, ...]
