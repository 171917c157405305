"""Retainer budgets: the alert with its chart, the daily summary, and the numbers behind both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from blocks.elements import button, context_block, header_block, reading_view, section_block
from blocks.pm.words import counted, day_text, exact_text, hours_text
from blocks.text import bold, bullets, date_token, escape
from services.pm.budgets.types import BudgetAlert, BudgetFindings, BudgetStatus
from services.pm.hours import LoggedTime
from services.pm.types import ProjectRef

SHOW_NUMBERS = "pm.budgets.numbers"
TURN_PAGE = "pm.budgets.page"
NUMBERS_VIEW = "pm.budgets.numbers_view"
PAGE_ENTRIES, SECTION_ENTRIES = 40, 20
BAR_CELLS = 10
ICONS = {75: ":large_yellow_circle:", 90: ":large_orange_circle:", 100: ":red_circle:"}
FINE = ":large_green_circle:"
SUMMARY_PROJECTS = 40

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]


def alert(found: BudgetAlert, file_id: str | None) -> Shown:
    """Return the alert at a threshold; with its chart if that is in Slack."""
    status = found.status
    lines = [f"{ICONS[found.threshold]} {_used(status)}", pace(status), _range(status)]
    text = "\n".join(lines)
    chart = [_image(file_id, alt_text(status), status)] if file_id else []
    return text, (section_block(text), *chart, _actions(numbers_button(status)))


def _used(status: BudgetStatus) -> str:
    left = status.left_seconds
    rest = f"{hours_text(left)} left" if left >= 0 else f"{hours_text(-left)} over"
    retainer = hours_text(status.retainer_seconds)
    consumed = hours_text(status.consumed_seconds)
    money = f" ({_money(status, abs(left))})" if status.price else ""
    month = f"{status.month.start:%B}"
    return f"{_name(status.project)} has used *{status.percent} %* of {month}'s {retainer}: {consumed}, {rest}{money}."


def pace(status: BudgetStatus) -> str:
    """Return the pace and what follows from it: "At this pace (… a working day) the budget ends on *Fri Nov 20*."."""
    ends = status.pace_ends_on
    if status.left_seconds <= 0 and ends is not None:
        return f"The budget was used up on *{day_text(ends)}*."
    if status.burn_seconds_per_day is None:
        return "No working day of the month is over yet, so there is no pace to go by."
    burn = f"{hours_text(status.burn_seconds_per_day)} a working day"
    money = f", {_money(status, status.burn_seconds_per_day)} a day" if status.price else ""
    if ends is None:
        return f"At this pace ({burn}{money}) the budget lasts the month."
    return f"At this pace ({burn}{money}) the budget ends on *{day_text(ends)}*."


def _range(status: BudgetStatus) -> str:
    projection = status.projection
    money = f" ({_money(status, projection.point)})" if status.price else ""
    known = "Earlier months suggest" if projection.months_known else "With no earlier month to go by, expect"
    if projection.months_known and projection.exhausted_on is None and status.pace_ends_on and status.left_seconds > 0:
        known = "But going by earlier months, expect"  # the pace alone has just said otherwise
    return f"{known} {_round(projection.point)}{money} by {day_text(status.month.end)}; {_between(status)}."


def _between(status: BudgetStatus) -> str:
    projection = status.projection
    return f"8 in 10 such months end between {_round(projection.low)} and {_round(projection.high)}"


def alt_text(status: BudgetStatus) -> str:
    """Return the chart's figures in words."""
    end = until(status.left_seconds <= 0, status.pace_ends_on, has_pace=status.burn_seconds_per_day is not None)
    return (
        f"Burn-up of {status.project.key} in {status.month.title}: {hours_text(status.consumed_seconds)} logged of "
        f"{hours_text(status.retainer_seconds)}, heading for {_round(status.projection.point)} "
        f"({_round(status.projection.low)} to {_round(status.projection.high)}); {end.replace('*', '')}."
    )


def no_retainer(project: ProjectRef) -> Shown:
    """Return what is said once of a retainer project without hours."""
    text = (
        f"{_name(project)} is a retainer project with no retainer set, so nobody is told when its budget runs out. "
        "Set its hours a month in the projects, or make it a scope or internal project."
    )
    return text, (section_block(text),)


def summary(found: BudgetFindings) -> Shown:
    """Return the daily summary: all retainer projects, the gravest first, each with a button to its numbers."""
    title = f"Retainers, {day_text(found.day)}"
    if not found.statuses and not found.without_retainer:
        text = "No project is a retainer."
        return f"{title}. {text}", (header_block(title), section_block(text))
    lines = [summary_line(status) for status in found.statuses]
    shown: list[Block] = [
        section_block(line) | {"accessory": numbers_button(status)}
        for line, status in zip(lines[:SUMMARY_PROJECTS], found.statuses, strict=False)
    ]
    if len(lines) > SUMMARY_PROJECTS:
        shown.append(section_block("\n".join(line.split("\n")[0] for line in lines[SUMMARY_PROJECTS:])))
    if found.without_retainer:
        loose = "*No retainer set*\n" + bullets([_name(project) for project in found.without_retainer])
        lines.append(loose)
        shown.append(section_block(loose))
    fresh = f"Tempo as of {date_token(found.mirrored_at)}." if found.mirrored_at else "Tempo was never read."
    note = f"{fresh} The range holds 8 months of 10."
    return "\n".join([f"{title}.", *lines]), (header_block(title), *shown, context_block(note))


def summary_line(status: BudgetStatus) -> str:
    """Return a project's two lines: where it stands, and where it is heading."""
    projection = status.projection
    used = f"{hours_text(status.consumed_seconds)} of {hours_text(status.retainer_seconds)}"
    money = f" · {_money(status, status.consumed_seconds)}" if status.price else ""
    end = f"month's end {_round(projection.low)} to {_round(projection.high)}"
    date_said = until(status.left_seconds <= 0, status.pace_ends_on, has_pace=status.burn_seconds_per_day is not None)
    return f"{icon(status)} {_name(status.project)}  `{bar(status.percent)}` *{status.percent} %*\n" + " · ".join(
        [f"{used}{money}", end, date_said]
    )


def until(is_used_up: bool, ends_on: date | None, *, has_pace: bool = True) -> str:
    """Return until when a budget lasts, with the one date that every message and Home name: that of the pace."""
    if is_used_up:
        return f"used up on *{day_text(ends_on)}*" if ends_on else "used up"
    if not has_pace:
        return "no pace to go by yet"
    return f"at this pace until *{day_text(ends_on)}*" if ends_on else "lasts the month"


def icon(status: BudgetStatus) -> str:
    """Return the colour of the highest threshold reached; white where only the pace warns."""
    reached = [threshold for threshold in ICONS if status.share * 100 >= threshold]
    if reached:
        return ICONS[max(reached)]
    return ":white_circle:" if status.ends_early else FINE


def bar(percent: int) -> str:
    """Return a bar of ten cells for 0 to 100 per cent."""
    full = min(max(percent, 0) * BAR_CELLS // 100, BAR_CELLS)
    return "█" * full + "░" * (BAR_CELLS - full)


def numbers_loading() -> Block:
    """Return the modal that opens at once, while the numbers are read."""
    return _view([section_block("Reading the numbers…")])


def numbers_view(status: BudgetStatus, names: Mapping[str, str], page: int = 1) -> Block:
    """Return the modal: the formula with its numbers, the projection's parts, and a page of the worklogs."""
    entries = sorted(status.entries, key=lambda e: (e.day, e.issue_key, e.jira_account_id), reverse=True)
    pages = max(-(-len(entries) // PAGE_ENTRIES), 1)
    page = min(max(page, 1), pages)
    shown = entries[(page - 1) * PAGE_ENTRIES : page * PAGE_ENTRIES]
    blocks = [
        section_block(f"{_name(status.project)}, {status.month.title}\n{_share_formula(status)}"),
        section_block(_projection_formula(status)),
        *([section_block(_price_formula(status))] if status.price else []),
        section_block(f"*Worklogs* {counted(len(entries), 'entry', 'entries')}, page {page} of {pages}"),
        *(
            section_block("\n".join(_entry(entry, names) for entry in shown[n : n + SECTION_ENTRIES]))
            for n in range(0, len(shown), SECTION_ENTRIES)
        ),
    ]
    if not entries:
        blocks.append(section_block("Nothing was logged in this month."))
    if buttons := _page_buttons(status, page, pages):
        blocks.append(_actions(*buttons))
    if status.mirrored_at:
        blocks.append(context_block(f"Tempo was last read {date_token(status.mirrored_at)}."))
    return _view(blocks)


def _share_formula(status: BudgetStatus) -> str:
    return (
        f"{exact_text(status.consumed_seconds)} logged / {exact_text(status.retainer_seconds)} of retainer = "
        f"*{float(status.share) * 100:.2f} %*"
    )


def _projection_formula(status: BudgetStatus) -> str:
    found = status.projection
    burn = f"{exact_text(found.logged)} / {counted(status.working_days_gone, 'working day')}"
    pace_said = f"{burn} = {hours_text(status.burn_seconds_per_day)} a day" if status.burn_seconds_per_day else burn
    usual = "no earlier month to go by" if found.usual_level is None else f"usual month {_round(found.usual_level)}"
    lines = [
        f"Pace: {pace_said} ({status.working_days_gone} of {status.working_days} gone)",
        f"Capacity gone: {100 * found.gone:.0f} %, by people's required hours, holidays and leave taken off",
        f"Usually logged by then: {100 * found.usually_logged:.0f} %, from {counted(found.months_known, 'month')}",
        f"Level: {usual}; this month's pace counts {100 * found.own_weight:.0f} %, so {_round(int(found.level))}",
        f"Month's end: *{_round(found.point)}*; {_between(status)}",
    ]
    if status.pace_ends_on:
        lines.append(f"Budget reached at the pace so far on {day_text(status.pace_ends_on)}, the date that is told")
    if found.exhausted_on:
        lines.append(f"Budget reached by the projection, which knows earlier months, on {day_text(found.exhausted_on)}")
    if found.exhausted_earliest and found.exhausted_earliest != found.exhausted_on:
        lines.append(f"At the upper end of the range on {day_text(found.exhausted_earliest)}")
    return "*Projection*\n" + bullets(lines)


def _price_formula(status: BudgetStatus) -> str:
    price = status.price
    if price is None:
        return ""
    whose = "the mean of the people's rates by what they logged" if price.is_blended else "the project's rate"
    rate = float(price.cents_an_hour) / 100
    spent, whole = _money(status, status.consumed_seconds), _money(status, status.retainer_seconds)
    return f"*Money* ${rate:,.2f} an hour ({whose}): {spent} of {whole}"


def _entry(entry: LoggedTime, names: Mapping[str, str]) -> str:
    who = names.get(entry.jira_account_id, entry.jira_account_id)
    return f"{day_text(entry.day)} · {escape(entry.issue_key)} · {escape(who)} · {hours_text(entry.seconds)}"


def _page_buttons(status: BudgetStatus, page: int, pages: int) -> list[Block]:
    wanted = [(page - 1, "Newer", "newer"), (page + 1, "Older", "older")]
    return [
        button(f"{TURN_PAGE}:{suffix}", label, json.dumps({**_place(status), "page": number}))
        for number, label, suffix in wanted
        if 1 <= number <= pages
    ]


def numbers_button(status: BudgetStatus, label: str = "Show the numbers") -> Block:
    """Return the button that opens a retainer's worklogs and formulas."""
    return button(
        f"{SHOW_NUMBERS}:{status.project.key}",
        label,
        json.dumps(_place(status)),
        description=f"Show the worklogs and the formula behind the figures of {status.project.key}",
    )


def _place(status: BudgetStatus) -> dict[str, str]:
    return {"project": status.project.key, "day": status.day.isoformat()}


def _image(file_id: str, alt: str, status: BudgetStatus) -> Block:
    title = f"Burn-up of {status.project.key}, {status.month.title}"
    return {
        "type": "image",
        "slack_file": {"id": file_id},
        "alt_text": alt,
        "title": {"type": "plain_text", "text": title},
    }


def _name(project: ProjectRef) -> str:
    return f"{bold(project.key)} {escape(project.name)}"


def _money(status: BudgetStatus, seconds: int) -> str:
    cents = status.price.cents(seconds) if status.price else 0
    return f"${cents / 100:,.0f}" if cents % 100 == 0 or cents >= 100_000 else f"${cents / 100:,.2f}"


def _round(seconds: int) -> str:
    """Return whole hours: a projection to the minute would claim to be more than it is."""
    return f"{round(seconds / 3600):,} h"


def _actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _view(blocks: Sequence[Block]) -> Block:
    return reading_view(NUMBERS_VIEW, "Retainer budget", blocks)
