"""Time tracking: the reminder to a person, the summary to a PM, the numbers behind both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from blocks.pm.words import counted, day_text, hours_text, listed, sparkline, week_text
from blocks.text import bold, bullets, code, date_token, escape, link, mention
from services.pm.types import ComplianceStatus, PersonWeek, TeamMember, TimeTrackingSummary, UnknownAuthor

SHOW_NUMBERS = "pm.time_tracking.numbers"
NUMBERS_VIEW = "pm.time_tracking.numbers_view"
FORMULA = (
    "Compliant from 80 % of the required hours (32 of 40), partial from 40 % (16 of 40), non-compliant below. "
    "Required is what Tempo's schedule asks for in the week, holidays and leave taken off; "
    "where that is nothing, nobody is judged. Logged are Tempo worklogs by the day that they are for."
)
VIEW_PEOPLE = 90

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]
"""A message's text, whole, and its blocks."""

_VERDICTS = {
    ComplianceStatus.COMPLIANT: "compliant",
    ComplianceStatus.PARTIAL: "partial",
    ComplianceStatus.NON_COMPLIANT: "non-compliant",
    ComplianceStatus.NOT_REQUIRED: "nothing required",
}


def reminder(week: PersonWeek, tempo_url: str) -> Shown:
    """Return what a person hears who logged less than their week required."""
    logged, required = hours_text(week.logged_seconds), hours_text(week.required_seconds)
    first = f"You logged *{logged}* of *{required}* for the week of {week_text(week.week)}."
    lines = [first, _missing(week), f"{link(tempo_url, 'Open that week in Tempo')} to add what is missing."]
    text = " ".join(lines)
    note = "Holidays and planned leave are taken off already. Besides you, only your PM hears of this, or the admins."
    return text, (_section("\n".join(lines)), _context(note))


def _missing(week: PersonWeek) -> str:
    if not week.missing_days:
        return "No day is empty, but together they are too little."
    if week.logged_seconds == 0:
        return "Nothing is logged for any day yet."
    return f"Nothing is logged for {listed([f'{day:%A}' for day in week.missing_days])}."


def summary(found: TimeTrackingSummary) -> Shown:
    """Return what a PM hears of the week of their people."""
    title = f"Time tracking, {week_text(found.week)}"
    parts = [_teams(found), _not_compliant(found.people), _repeating(found), _trend(found), *_loose_ends(found)]
    parts = [part for part in parts if part]
    freshness = f"Tempo as of {date_token(found.mirrored_at)}." if found.mirrored_at else "Tempo was never read."
    blocks = [_header(title), *(_section(part) for part in parts), _context(freshness), _numbers_button(found)]
    return "\n".join([f"{title}.", *parts]), tuple(blocks)


def _teams(found: TimeTrackingSummary) -> str:
    lines = []
    for team in found.teams:
        share = team.compliance
        said = "nobody had to log time" if share.percent is None else f"*{share.percent} %* compliant"
        counts = f" ({share.compliant} of {share.judged})" if share.judged else ""
        lines.append(f"{bold(team.name) or '*No team*'}: {said}{counts}")
    if found.without_pm:
        lines.append(f"*Without a PM*: {counted(len(found.without_pm), 'person', 'people')}, listed here for you")
    return "\n".join(lines)


def _not_compliant(people: Sequence[PersonWeek]) -> str:
    judged = [p for p in people if p.status in (ComplianceStatus.PARTIAL, ComplianceStatus.NON_COMPLIANT)]
    if not judged and all(person.status is ComplianceStatus.NOT_REQUIRED for person in people):
        return "Nobody here had to log time."
    if not judged:
        return "Everybody who had to log time is compliant. :tada:"
    ordered = sorted(judged, key=lambda p: (p.logged_seconds / p.required_seconds, p.person.member.display_name))
    return "*Not compliant*\n" + bullets([_person_line(person) for person in ordered])


def _person_line(week: PersonWeek) -> str:
    hours = f"{hours_text(week.logged_seconds)} of {hours_text(week.required_seconds)}"
    days = listed([day_text(day) for day in week.missing_days])
    why = f"nothing on {days}" if days else "no day is empty"
    why = f"; {why if week.logged_seconds else 'nothing all week'}"
    team = f" ({escape(week.person.team)})" if week.person.team else ""
    return f"{_name(week.person)}{team}: {_VERDICTS[week.status]}, {hours}{why}"


def _repeating(found: TimeTrackingSummary) -> str:
    lines = [f"{_name(week.person)}: {week.weeks_in_a_row} weeks in a row" for week in found.repeat_offenders]
    return "*Non-compliant again*\n" + bullets(lines) if lines else ""


def _trend(found: TimeTrackingSummary) -> str:
    percents = [point.compliance.percent for point in found.trend]
    if not any(point.compliance.judged for point in found.trend):
        return ""
    numbers = " · ".join("–" if percent is None else f"{percent} %" for percent in percents)
    return f"*Last {counted(len(percents), 'week')}* {sparkline(percents)}  {numbers}"


def _loose_ends(found: TimeTrackingSummary) -> list[str]:
    return [
        _people("Not linked to a Jira account, so nothing is known of their hours", found.not_linked),
        _people("Tempo knows no schedule of these, so they were not judged", found.no_schedule),
        _unknown(found.unknown_authors),
    ]


def _people(title: str, people: Iterable[TeamMember]) -> str:
    lines = [_name(person) + (f" ({escape(person.team)})" if person.team else "") for person in people]
    return f"*{title}*\n{bullets(lines)}" if lines else ""


def _unknown(authors: Iterable[UnknownAuthor]) -> str:
    lines = [f"{code(author.jira_account_id)}: {hours_text(author.logged_seconds)}" for author in authors]
    return f"*Logged time, but nobody here is linked to them*\n{bullets(lines)}" if lines else ""


def numbers_loading() -> Block:
    """Return the modal that opens at once, while the numbers are read."""
    return _view([_section("Reading the numbers…")])


def numbers_not_yours() -> Block:
    """Return the modal for somebody who looks after none of the people in it."""
    return _view([_section("These numbers are for the PM of the people in them.")])


def numbers_view(found: TimeTrackingSummary) -> Block:
    """Return the modal with every second of the week: person by day, the formula, how fresh the mirror is."""
    freshness = f"Tempo was last read {date_token(found.mirrored_at)}." if found.mirrored_at else "Never read."
    people = sorted(found.people, key=lambda week: (week.person.team, week.person.member.display_name))
    blocks = [
        _section(f"*{week_text(found.week)}*, in seconds: logged / required"),
        *(_section(_seconds(week)) for week in people[:VIEW_PEOPLE]),
        *([_section(_total(people))] if people else []),
        _context(FORMULA),
        _context(freshness),
    ]
    if len(people) > VIEW_PEOPLE:
        blocks.append(_context(f"{len(people) - VIEW_PEOPLE} more people are in the total."))
    return _view(blocks)


def _seconds(week: PersonWeek) -> str:
    days = " · ".join(f"{day.day:%a} {day.logged_seconds:,} / {day.required_seconds:,}" for day in week.days)
    total = f"{week.logged_seconds:,} / {week.required_seconds:,}"
    share = f" = {100 * week.logged_seconds / week.required_seconds:.1f} %" if week.required_seconds else ""
    return f"{bold(week.person.member.display_name)} {total}{share}: {_VERDICTS[week.status]}\n{days}"


def _total(people: Iterable[PersonWeek]) -> str:
    weeks = list(people)
    days = [f"{first.day:%a} {sum(w.days[n].logged_seconds for w in weeks):,}" for n, first in enumerate(weeks[0].days)]
    return f"*Total* {sum(week.logged_seconds for week in weeks):,}\n{' · '.join(days)}"


def _name(person: TeamMember) -> str:
    return mention(person.member.slack_user_id, person.member.display_name)


def _numbers_button(found: TimeTrackingSummary) -> Block:
    button = {
        "type": "button",
        "action_id": SHOW_NUMBERS,
        "text": {"type": "plain_text", "text": "Show the numbers"},
        "value": json.dumps({"week": found.week.start.isoformat()}),
        "accessibility_label": "Show who logged how much on which day, and how it was judged",
    }
    return {"type": "actions", "elements": [button]}


def _view(blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": NUMBERS_VIEW,
        "title": {"type": "plain_text", "text": "Time tracking"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}
