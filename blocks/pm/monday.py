"""The Monday card: each project's week ahead in a few lines, the most trouble first (JOIN-5)."""

from __future__ import annotations

import json
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from blocks.elements import button, context_block, header_block, section_block
from blocks.pm.bottlenecks import NUMBERS_OF
from blocks.pm.budgets import numbers_button as budget_button
from blocks.pm.budgets import until
from blocks.pm.variance import numbers_button as variance_button
from blocks.pm.words import counted, hours_text, week_text
from blocks.text import bold, bullets, escape, link, truncate
from services.pm.budgets.types import BudgetStatus
from services.pm.monday.types import MondayCard, ProjectCard, StuckItem, Trouble
from services.pm.types import ProjectRef
from services.pm.variance.types import EpicVariance

TOP_EPICS, TOP_STUCK, TOP_EXTRAS = 3, 3, 3
SHOWN_CARDS = 20
MOST_STAYS = 80
ICONS = {
    Trouble.QUIET: ":large_green_circle:",
    Trouble.NOTICE: ":large_yellow_circle:",
    Trouble.WARNING: ":large_orange_circle:",
    Trouble.CRITICAL: ":red_circle:",
}

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def message(card: MondayCard, at: datetime, jira_url: str) -> Shown:
    """Return a PM's card: a part for each project with something to say, and the others in one line."""
    title = f"Your projects, week of {week_text(card.week)}"
    texts = [project_text(each, at, jira_url) for each in card.cards]
    blocks: list[Block] = [header_block(title)]
    for each, text in zip(card.cards[:SHOWN_CARDS], texts, strict=False):
        blocks.append(section_block(text))
        if buttons := _buttons(each, card.day):
            blocks.append({"type": "actions", "elements": buttons})
    if rest := texts[SHOWN_CARDS:]:
        heads = [text.split("\n")[0] for text in rest]
        blocks.append(section_block("\n".join(heads)))
    lines = list(texts)
    if quiet := _quiet(card.quiet):
        said = quiet if card.cards else f"Nothing needs you this week. {quiet}"
        lines.append(said)
        blocks.append(context_block(said) if card.cards else section_block(said))
    return "\n".join([f"{title}.", *lines]), tuple(blocks)


def channel_message(card: ProjectCard, at: datetime, day: date, jira_url: str) -> Shown:
    """Return one project's card for its channel."""
    text = project_text(card, at, jira_url)
    buttons = _buttons(card, day)
    actions = [{"type": "actions", "elements": buttons}] if buttons else []
    return f"The week ahead.\n{text}", (section_block(text), *actions)


def project_text(card: ProjectCard, at: datetime, jira_url: str) -> str:
    """Return a project's name and its lines; what there is nothing to say of is left out."""
    lines = [
        *([budget_line(card.budget)] if card.budget else []),
        *([_variance_line(card.variances, jira_url)] if card.variances else []),
        *([_stuck_line(card.stuck, at)] if card.stuck else []),
        *(escape(truncate(extra.text, 200)) for extra in card.extras[:TOP_EXTRAS]),
    ]
    return f"{ICONS[card.trouble]} {_name(card.project)}\n{bullets(lines)}"


def budget_line(status: BudgetStatus) -> str:
    """Return the runway: what is used, what is left, and the date on which it ends."""
    used = f"*{status.percent} %* of {hours_text(status.retainer_seconds)} used"
    left = status.left_seconds
    rest = f"{hours_text(left)} left" if left >= 0 else f"{hours_text(-left)} over"
    ends = until(left <= 0, status.pace_ends_on, has_pace=status.burn_seconds_per_day is not None)
    return f"Budget: {used}, {rest}, {ends}"


def _variance_line(variances: tuple[EpicVariance, ...], jira_url: str) -> str:
    shown = [_epic(variance, jira_url) for variance in variances[:TOP_EPICS]]
    return f"{counted(len(variances), 'epic')} over forecast: {', '.join(shown)}{_more(len(variances) - len(shown))}"


def _epic(variance: EpicVariance, jira_url: str) -> str:
    percent = variance.variance_percent or Fraction(0)
    url = f"{jira_url.rstrip('/')}/browse/{variance.key}"
    return f"{link(url, variance.key)} *+{round(percent)} %*"


def _stuck_line(stuck: tuple[StuckItem, ...], at: datetime) -> str:
    shown = [_item(item, at) for item in stuck[:TOP_STUCK]]
    return f"{counted(len(stuck), 'item')} stuck: {', '.join(shown)}{_more(len(stuck) - len(shown))}"


def _item(item: StuckItem, at: datetime) -> str:
    days = max((at.date() - item.since.astimezone(at.tzinfo).date()).days, 0)  # from date to date, as its alert says it
    name = link(item.url, item.key) if item.url else escape(item.key)
    if item.is_blocked:
        by = f" by {escape(truncate(item.blocker, 60))}" if item.blocker else ""
        return f"{name} blocked{by}, {counted(days, 'day')}"
    return f"{name} {counted(days, 'day')} in {escape(item.status)}"


def _more(number: int) -> str:
    return f" and {number} more" if number > 0 else ""


def _quiet(projects: tuple[ProjectRef, ...]) -> str:
    return f"Quiet: {', '.join(escape(project.key) for project in projects)}." if projects else ""


def _buttons(card: ProjectCard, day: date) -> list[Block]:
    found = [budget_button(card.budget, "Budget numbers")] if card.budget else []
    if card.variances:
        found.append(variance_button(card.variances[0], day, f"Numbers of {card.variances[0].key}"))
    if stays := [item.stay_id for item in card.stuck[:MOST_STAYS] if item.stay_id]:
        found.append(_stuck_button(card.project.key, stays, day))
    return found


def _stuck_button(key: str, stays: list[int], day: date) -> Block:
    return button(
        f"{NUMBERS_OF}:{key}",
        "Stuck days",
        json.dumps({"stays": stays, "day": day.isoformat()}),
        description=f"Show what the stuck days of {key} are counted from",
    )


def _name(project: ProjectRef) -> str:
    return f"{bold(project.key)} {escape(project.name)}"
