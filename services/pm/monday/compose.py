"""From what was read to the cards: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from services.accounts.types import MemberRef
from services.pm.budgets.assess import assess_budgets
from services.pm.budgets.types import BudgetStatus
from services.pm.monday.types import (
    MondayCard,
    MondayData,
    MondayFindings,
    ProjectCard,
    StuckItem,
    Trouble,
)
from services.pm.types import ProjectRef, Week
from services.pm.variance.assess import assess_variance
from services.pm.variance.types import EpicVariance, Level

YELLOW, ORANGE, RED = 75, 90, 100
LONG_STUCK = timedelta(days=10)
"""From here on a PM hears of a stuck item anyway (PM-5.6)."""

_OF_LEVEL = {
    Level.QUIET: Trouble.QUIET,
    Level.WEEKLY: Trouble.NOTICE,
    Level.ALERT: Trouble.WARNING,
    Level.STAKEHOLDERS: Trouble.CRITICAL,
}


def compose(data: MondayData) -> MondayFindings:
    """Return a card for each PM (the admins, for projects without one) who has any project."""
    week = Week(data.day - timedelta(days=data.day.weekday()))
    cards = {card.project.key: card for card in _project_cards(data)}
    by_recipient: dict[int, tuple[MemberRef, list[ProjectRef]]] = {}
    for project in data.projects:
        for recipient in [project.pm] if project.pm else data.admins:
            by_recipient.setdefault(recipient.id, (recipient, []))[1].append(project)
    made = []
    for recipient, projects in sorted(by_recipient.values(), key=lambda pair: (pair[0].display_name, pair[0].id)):
        own = sorted((cards[project.key] for project in projects), key=_gravest)
        loud = tuple(card for card in own if card.trouble > Trouble.QUIET)
        quiet = tuple(card.project for card in own if card.trouble is Trouble.QUIET)
        made.append(MondayCard(recipient, week, data.day, loud, quiet))
    channels = [card for card in cards.values() if data.to_channels and card.project.channel_id and card.trouble]
    return MondayFindings(week, data.day, data.at, tuple(made), tuple(sorted(channels, key=_gravest)))


def _gravest(card: ProjectCard) -> tuple[int, str]:
    return -card.trouble, card.project.key


def _project_cards(data: MondayData) -> list[ProjectCard]:
    budgets = {s.project.key: s for s in assess_budgets(data.budgets).statuses} if data.budgets else {}
    over: Mapping[str, list[EpicVariance]] = defaultdict(list)
    for variance in assess_variance(data.variances).flagged if data.variances else ():
        over[variance.epic.project_key].append(variance)
    stuck: Mapping[str, list[StuckItem]] = defaultdict(list)
    for item in sorted(data.stuck, key=lambda item: (not item.is_blocked, item.since, item.key)):
        stuck[item.project_key].append(item)
    found = []
    for project in data.projects:
        budget, variances = budgets.get(project.key), tuple(over[project.key])
        items, extras = tuple(stuck[project.key]), tuple(data.extras.get(project.key, ()))
        grades = [
            budget_trouble(budget),
            *(_OF_LEVEL[variance.level] for variance in variances),
            *(stuck_trouble(item, data) for item in items),
            *(extra.trouble for extra in extras),
        ]
        found.append(ProjectCard(project, budget, variances, items, extras, max(grades)))
    return found


def budget_trouble(status: BudgetStatus | None) -> Trouble:
    """Return how grave a retainer stands: by what is used (PM-2.3), and whether it is to end before its month."""
    if status is None:
        return Trouble.QUIET
    if status.percent >= RED:
        return Trouble.CRITICAL
    if status.percent >= ORANGE or status.ends_early:
        return Trouble.WARNING
    return Trouble.NOTICE if status.percent >= YELLOW else Trouble.QUIET


def stuck_trouble(item: StuckItem, data: MondayData) -> Trouble:
    """Return how grave a stuck item is: blocked, or stuck for ten days, is a warning."""
    return Trouble.WARNING if item.is_blocked or data.at - item.since >= LONG_STUCK else Trouble.NOTICE
