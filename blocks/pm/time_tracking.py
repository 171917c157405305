"""Time tracking: the reminder to a person, the summary to a PM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from blocks.elements import context_block, header_block, section_block
from blocks.pm.time_numbers import VERDICTS, numbers_button
from blocks.pm.words import counted, day_text, hours_text, listed, sparkline, week_text
from blocks.pm.worklog_messages import look_button, traces_line
from blocks.text import bold, bullets, code, date_token, escape, link, mention
from services.pm.types import ComplianceStatus, PersonWeek, TeamMember, TimeTrackingSummary, UnknownAuthor
from services.pm.worklog_drafts.types import DraftWeek

Block = dict[str, Any]
Shown = tuple[str, tuple[Block, ...]]
"""A message's text, whole, and its blocks."""


def reminder(week: PersonWeek, tempo_url: str, drafts: DraftWeek | None = None) -> Shown:
    """Return what a person hears who logged less than their week required, with what is drafted for them."""
    logged, required = hours_text(week.logged_seconds), hours_text(week.required_seconds)
    first = f"You logged *{logged}* of *{required}* for the week of {week_text(week.week)}."
    drafted = [traces_line(drafts)] if drafts is not None else []
    lines = [first, _missing(week), *drafted, f"{link(tempo_url, 'Open that week in Tempo')} to add what is missing."]
    text = " ".join(lines)
    note = "Holidays and planned leave are taken off already. Besides you, only your PM hears of this, or the admins."
    has_traces = drafts is not None and drafts.traced_seconds > 0
    member_id = week.person.member.id
    buttons = [look_button(week.week, member_id, has_traces=has_traces), numbers_button(week.week, member_id)]
    return text, (section_block("\n".join(lines)), {"type": "actions", "elements": buttons}, context_block(note))


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
    actions = {"type": "actions", "elements": [numbers_button(found.week)]}
    blocks = [header_block(title), *(section_block(part) for part in parts), context_block(freshness), actions]
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
    return f"{_name(week.person)}{team}: {VERDICTS[week.status]}, {hours}{why}"


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


def _name(person: TeamMember) -> str:
    return mention(person.member.slack_user_id, person.member.display_name)
