"""The weekly roll-up of epic assignment for leadership."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from blocks.elements import button, context_block, header_block, reading_view, section_block
from blocks.pm.words import NOTHING_KNOWN, counted, sparkline, week_text
from blocks.text import bold, bullets, escape, link
from services.pm.rollup import TARGET_PERCENT, WEEKS, Creator, ProjectShare, RollUp, RollUpNumbers, TeamShare

NUMBERS = "pm.rollup.numbers"
NUMBERS_VIEW = "pm.rollup.numbers_view"
TOP_CREATORS, TOP_TEAMS, TOP_PROJECTS = 5, 8, 12
LINKED_TICKETS = 40

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def message(found: RollUp, day: date) -> Shown:
    """Return what leadership hears of a week, the share first."""
    title = f"Tickets with an epic, week of {week_text(found.week)}"
    parts = [
        part
        for part in (_headline(found), _projects(found), _teams(found), _creators(found), _suggestions(found))
        if part
    ]
    note = (
        f"Open tickets of scope projects, as last counted in the week; the target is more than {TARGET_PERCENT} %. "
        "Who created a ticket need not be who should link it: this is for offering help."
    )
    blocks = (header_block(title), *(section_block(part) for part in parts), _actions(day), context_block(note))
    return "\n".join([f"{title}.", *parts]), blocks


def _headline(found: RollUp) -> str:
    percents = [None if percent is None else int(percent) for _, percent in found.trend]
    bars = f"  {sparkline(percents)}" if len([percent for percent in percents if percent is not None]) > 1 else ""
    linked = f"{found.total - found.orphaned} of {counted(found.total, 'open ticket')}"
    return f"*{int(found.percent)} %*{_moved(found.moved)} have an epic: {linked}.{bars}"


def _moved(points: Fraction | None) -> str:
    if points is None or round(points) == 0:
        return ""
    return f" ({'up' if points > 0 else 'down'} {counted(abs(round(points)), 'point')})"


def _projects(found: RollUp) -> str:
    if not found.below:
        return f"Every project is above {TARGET_PERCENT} %. :tada:" if found.percent > TARGET_PERCENT else ""
    lines = [_project(project) for project in found.below[:TOP_PROJECTS]]
    more = len(found.below) - len(lines)
    return f"*Below {TARGET_PERCENT} %*\n{bullets([*lines, *([f'and {more} more'] if more else [])])}"


def _project(project: ProjectShare) -> str:
    name = f"{bold(project.key)} {escape(project.name)}".strip()
    without = f"{project.orphaned} of {project.total} without"
    return f"{name}: {int(project.percent)} %{_moved(project.moved)}, {without}"


def _teams(found: RollUp) -> str:
    lines = [_team(team) for team in found.teams[:TOP_TEAMS] if any(team.by_week)]
    return "*Tickets without an epic, by the team that created them*\n" + bullets(lines) if lines else ""


def _team(team: TeamShare) -> str:
    known = [count for count in team.by_week if count is not None]
    before = f" (week before: {known[-2]})" if len(known) > 1 else ""
    return f"{escape(team.team) or 'No team'}: *{team.now}*{before}"


def _creators(found: RollUp) -> str:
    if not found.creators:
        return ""
    lines = [_creator(creator) for creator in found.creators[:TOP_CREATORS]]
    return "*Who could use a hand with linking*\n" + bullets(lines)


def _creator(creator: Creator) -> str:
    who = escape(creator.member.display_name) if creator.member else "Somebody who is not linked here"
    return f"{who}: {counted(creator.orphans, 'ticket')}"


def _suggestions(found: RollUp) -> str:
    waiting = f" {counted(found.waiting, 'ticket')} wait for a PM's decision." if found.waiting else ""
    waiting = waiting.replace("1 ticket wait ", "1 ticket waits ")
    if not found.decided:
        return f"No suggestion was decided in the last {WEEKS} weeks.{waiting}"
    share = f"{100 * found.taken // found.decided} %"
    return f"*{share}* of the suggestions were right at once ({found.taken} of {found.decided}).{waiting}"


def _actions(day: date) -> Block:
    opens = button(
        NUMBERS,
        "Show the numbers",
        json.dumps({"day": day.isoformat()}),
        description="Show the tickets and formulas behind the share of tickets with an epic",
    )
    return {"type": "actions", "elements": [opens]}


def loading() -> Block:
    """Return the modal that opens at once, while the numbers are read."""
    return _view([section_block("Reading the numbers…")])


def failed(why: str) -> Block:
    """Return the modal in place of numbers that could not be read."""
    return _view([section_block(f":warning: {escape(why)}")])


def numbers_view(numbers: RollUpNumbers, jira_url: str) -> Block:
    """Return the modal: each share with its formula, the tickets without an epic, teams and suggestions."""
    found = numbers.rollup
    loose = [_loose(key, keys, jira_url) for key, keys in numbers.orphans.items() if keys]
    teams = [f"{escape(team.team) or 'No team'}: {_weeks(team)}" for team in found.teams]
    parts = [
        f"Week of {week_text(found.week)}\n{_formula('All projects', found.total, found.orphaned)}",
        "*By project*\n" + bullets([_formula(bold(each.key), each.total, each.orphaned) for each in found.projects]),
        "*Without an epic now*\n" + bullets(loose or ["none"]),
        *(["*By the team of who created them, week by week*\n" + bullets(teams)] if teams else []),
        "*Suggestions*\n" + _suggestion_formula(found),
    ]
    note = "Counts are of the week's last run of the epic-assignment agent; the tickets are as Jira was last read."
    return _view([*(section_block(part) for part in parts), context_block(note)])


def _formula(name: str, total: int, orphaned: int) -> str:
    share = f"{float(Fraction(100 * (total - orphaned), total)):.1f}"
    return f"{name}: ({total} open - {orphaned} without an epic) / {total} x 100 = *{share} %*"


def _loose(key: str, tickets: Sequence[str], jira_url: str) -> str:
    shown = ", ".join(link(f"{jira_url.rstrip('/')}/browse/{each}", each) for each in tickets[:LINKED_TICKETS])
    more = f" and {len(tickets) - LINKED_TICKETS} more" if len(tickets) > LINKED_TICKETS else ""
    return f"{bold(key)} ({len(tickets)}): {shown}{more}"


def _weeks(team: TeamShare) -> str:
    return " → ".join(NOTHING_KNOWN if count is None else str(count) for count in team.by_week)


def _suggestion_formula(found: RollUp) -> str:
    if not found.decided:
        return f"No ticket got an epic by a suggestion in the last {WEEKS} weeks."
    share = f"{100 * found.taken / found.decided:.1f}"
    return (
        f"{found.taken} tickets got the epic that was suggested first / {found.decided} that got one in the last "
        f"{WEEKS} weeks x 100 = *{share} %*"
    )


def _view(blocks: Sequence[Block]) -> Block:
    return reading_view(NUMBERS_VIEW, "Tickets with an epic", blocks)
