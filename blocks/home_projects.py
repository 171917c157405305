"""Projects on App Home: budget, variance, what is stuck, and the person's own week."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from blocks.elements import button, context_block, section_block
from blocks.pm.budgets import SHOW_NUMBERS, bar, until
from blocks.pm.reconciliation import SEND_COPY
from blocks.pm.words import counted, hours_text, week_text
from blocks.pm.worklog_messages import look_button
from blocks.text import bold, date_token, escape, truncate
from services.accounts.types import MemberRef, Role
from services.home.types import BudgetLine, OwnWeek, ProjectLine, ReportLine

SHOWN_PROJECTS = 12
SHOWN_EPICS = 2
FINE, YELLOW, ORANGE, RED = (
    ":large_green_circle:",
    ":large_yellow_circle:",
    ":large_orange_circle:",
    ":red_circle:",
)

_GRAVEST = (RED, ORANGE, YELLOW, FINE)

Block = dict[str, Any]


def own_week(found: OwnWeek, member: MemberRef) -> list[Block]:
    """Return what the person has logged of their running week, with the way to log more."""
    logged = f"*{hours_text(found.logged_seconds)}*"
    if found.required_seconds is None:
        said = f"{logged} logged, {week_text(found.week)}"
    elif found.required_seconds == 0:
        said = f"{logged} logged, {week_text(found.week)}; nothing is required"
    else:
        percent = min(found.logged_seconds * 100 // found.required_seconds, 100)
        said = f"`{bar(percent)}` {logged} of {hours_text(found.required_seconds)}, {week_text(found.week)}"
    look = look_button(found.week, member.id, has_traces=False)
    return [section_block(said) | {"accessory": {key: value for key, value in look.items() if key != "style"}}]


def project_blocks(projects: Sequence[ProjectLine], day: date | None, member: MemberRef) -> list[Block]:
    """Return a section for each project, those with trouble first."""
    ordered = sorted(projects, key=_rank)
    shown = [_project(each, day, member) for each in ordered[:SHOWN_PROJECTS]]
    if more := len(ordered) - len(shown):
        shown.append(context_block(f"and {counted(more, 'more project')}: [Projects] above lists them all"))
    return shown


def _rank(line: ProjectLine) -> tuple[int, int, str]:
    """Return the place of a project: the gravest colour first, then what has the most loose ends."""
    return _GRAVEST.index(_icon(line)), -(line.blocked + (line.stuck or 0) + len(line.over or ())), line.project.key


def _project(line: ProjectLine, day: date | None, member: MemberRef) -> Block:
    project = line.project
    about = "" if line.is_own else " · _you only look_"
    parts = [f"{_icon(line)} {bold(project.key)} {escape(truncate(project.name, 80))}{about}"]
    if line.budget:
        parts.append(_budget(line.budget))
    if loose := _loose(line):
        parts.append(" · ".join(loose))
    elif not line.budget:
        parts.append(_calm(line))
    block = section_block("\n".join(parts))
    if line.budget and day and member.role.includes(Role.LEAD):
        return block | {"accessory": _numbers(project.key, day)}
    return block


def _calm(line: ProjectLine) -> str:
    """Say that nothing is wrong, as far as agents may tell."""
    looked_at = ["over"] if line.over is not None else []
    looked_at += ["stuck"] if line.stuck is not None else []
    return f"Nothing is {', '.join(looked_at)}{' or ' if looked_at else ''}without an epic."


def _icon(line: ProjectLine) -> str:
    percent = line.budget.percent if line.budget else 0
    worst = max((share for _, share in line.over or ()), default=0)
    if percent >= 100 or worst > 50:
        return RED
    if percent >= 90 or worst > 30 or line.blocked:
        return ORANGE
    ends_early = line.budget is not None and line.budget.ends_on is not None
    return YELLOW if percent >= 75 or worst or line.stuck or ends_early else FINE


def _budget(budget: BudgetLine) -> str:
    used = f"`{bar(budget.percent)}` *{budget.percent} %* of {hours_text(budget.retainer_seconds)}"
    is_used_up = budget.consumed_seconds >= budget.retainer_seconds
    return f"{used}, {until(is_used_up, budget.ends_on, has_pace=budget.has_pace)}"


def _loose(line: ProjectLine) -> list[str]:
    said = []
    if line.over:
        epics = ", ".join(f"{escape(key)} *+{round(percent)} %*" for key, percent in line.over[:SHOWN_EPICS])
        more = f" and {len(line.over) - SHOWN_EPICS} more" if len(line.over) > SHOWN_EPICS else ""
        said.append(f"over forecast: {epics}{more}")
    if line.stuck:
        blocked = f" ({line.blocked} blocked)" if line.blocked else ""
        said.append(f"*{line.stuck}* stuck{blocked}")
    if line.orphans:
        said.append(f"*{line.orphans}* without an epic")
    return said


def _numbers(key: str, day: date) -> Block:
    return button(
        f"{SHOW_NUMBERS}:{key}",
        "Show the numbers",
        json.dumps({"project": key, "day": day.isoformat()}),
        description=f"Show the worklogs and the formula behind the budget of {key}",
    )


def report_blocks(report: ReportLine | None) -> list[Block]:
    """Return the newest reconciliation report, with its workbook."""
    if report is None:
        return []
    revision = f", revision {report.revision}" if report.revision > 1 else ""
    text = (
        f"*Reconciliation of {report.month.title}*{revision}: {hours_text(report.actual_seconds)}\n"
        f"_{date_token(report.generated_at)}_"
    )
    opens = button(
        SEND_COPY,
        "Get the workbook",
        json.dumps({"report": report.id, "month": str(report.month)}),
        description=f"Get the workbook of {report.month.title} as a file in a direct message",
    )
    return [section_block(text) | {"accessory": opens}]
