"""The weekly roll-up of epic assignment for leadership."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from blocks.elements import context_block, header_block, section_block
from blocks.pm.metrics import SHOW
from blocks.pm.words import counted, sparkline, week_text
from blocks.text import bold, bullets, escape
from services.pm.rollup import TARGET_PERCENT, WEEKS, Creator, ProjectShare, RollUp, TeamShare

TOP_CREATORS, TOP_TEAMS, TOP_PROJECTS = 5, 8, 12

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def message(found: RollUp) -> Shown:
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
    blocks = (header_block(title), *(section_block(part) for part in parts), _actions(), context_block(note))
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


def _actions() -> Block:
    button = {
        "type": "button",
        "action_id": f"{SHOW}:linked",
        "text": {"type": "plain_text", "text": "How is this counted?"},
        "value": json.dumps({"measure": "linked", "weeks": WEEKS}),
        "accessibility_label": "How is the share of tickets with an epic counted?",
    }
    return {"type": "actions", "elements": [button]}
