"""What sessions tell others: how long somebody worked on a Jira ticket in them, and which are open for a project."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from db.engine import Database
from db.models.pilot import AiSession
from db.repositories import pilot_traces as repository
from services.pilot.types import SessionStatus
from services.pm.monday.types import ExtraLine, Trouble
from services.pm.worklog_drafts.evidence import day_of
from services.pm.worklog_drafts.types import Evidence, EvidenceKind, Span

LONGEST_PAUSE = timedelta(minutes=30)
"""Between two things that somebody did: longer, and they were at something else."""
TITLE_CHARACTERS = 80
LONG_OPEN = timedelta(days=3)
"""From here on a project's PM hears of an open session even where nothing else is the matter."""
LATELY = timedelta(days=7)


def worked(acts: Iterable[datetime]) -> timedelta:
    """Return the time from the first to the last act, without pauses longer than half an hour."""
    ordered = sorted(acts)
    steps = (later - earlier for earlier, later in itertools.pairwise(ordered))
    return sum((step for step in steps if step <= LONGEST_PAUSE), timedelta())


def session_traces(
    acts: Iterable[tuple[str, datetime]], sessions: Mapping[str, tuple[str, str]], span: Span, site: str
) -> list[Evidence]:
    """Return a trace for each session and day on which somebody did something; `sessions`: Jira key, title by id."""
    by_day: dict[tuple[str, date], list[datetime]] = defaultdict(list)
    for session_id, at in acts:
        if session_id in sessions and span.start <= at < span.end:
            by_day[session_id, day_of(at, span)].append(at)
    found = []
    for (session_id, day), moments in sorted(by_day.items(), key=lambda each: min(each[1])):
        key, title = sessions[session_id]
        seconds = round(worked(moments).total_seconds())
        minutes = f", {round(seconds / 60)} min" if seconds >= 60 else ""
        what = f"Session “{_short(title)}”{minutes}"
        url = f"{site}/browse/{key}"
        found.append(Evidence(EvidenceKind.SESSION, day, key, what, min(moments), url, seconds))
    return found


def _short(title: str) -> str:
    words = " ".join(title.split())
    return words if len(words) <= TITLE_CHARACTERS else words[: TITLE_CHARACTERS - 1].rstrip() + "…"


class SessionTraces:
    """Troubleshooting sessions as evidence for worklog drafts; those that are linked to no Jira ticket leave none."""

    def __init__(self, database: Database, site_url: str) -> None:
        self._database = database
        self._site_url = site_url

    async def traces(self, span: Span) -> Sequence[Evidence]:
        """Return what the person did in sessions in the week."""
        async with self._database.transaction(write=False) as transaction:
            rows = await repository.sessions_on_jira(transaction, span.start, span.end)
            sessions = {row.id: (str(row.psa_ticket_id), row.title) for row in rows}
            acts = await repository.acts(transaction, sessions, span.member.id, span.start, span.end)
        return session_traces(acts, sessions, span, self._site_url)


@dataclass(frozen=True)
class Unfinished:
    """A session that is open or was escalated lately, and the project that it belongs to."""

    project_key: str
    is_escalated: bool
    since: datetime


def unfinished_lines(sessions: Iterable[Unfinished], at: datetime) -> dict[str, list[ExtraLine]]:
    """Return a line for each project that has any; it makes a quiet project speak up only where somebody should."""
    by_project: dict[str, list[Unfinished]] = defaultdict(list)
    for each in sessions:
        by_project[each.project_key].append(each)
    return {key: [_line(found, at)] for key, found in by_project.items()}


def _line(found: Sequence[Unfinished], at: datetime) -> ExtraLine:
    still_open = [each.since for each in found if not each.is_escalated]
    escalated = len(found) - len(still_open)
    parts = []
    if still_open:
        days = (at - min(still_open)).days
        age = "" if days < 1 else f", the oldest for {_counted(days, 'day')}"
        parts.append(f"{_counted(len(still_open), 'troubleshooting session')} open{age}")
    if escalated:
        parts.append(f"{escalated if still_open else _counted(escalated, 'session')} escalated in the last seven days")
    is_late = bool(still_open) and at - min(still_open) >= LONG_OPEN
    return ExtraLine("; ".join(parts), Trouble.NOTICE if escalated or is_late else Trouble.QUIET)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class SessionLines:
    """Open and escalated sessions for the Monday cards (JOIN-5).

    A session belongs to the project of its Jira ticket, else to the one in whose channel it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lines(self, project_keys: Collection[str], day: date) -> Mapping[str, Sequence[ExtraLine]]:
        """Return a line for each project with sessions that are open or were escalated in the last seven days."""
        at = datetime.combine(day, time(), UTC) + timedelta(days=1)
        async with self._database.transaction(write=False) as transaction:
            rows = await repository.unfinished(transaction, at - LATELY)
            channels = await repository.project_channels(transaction, project_keys)
        found = []
        for row in rows:
            key = _project_of(row, channels)
            if key in project_keys and row.created_at < at:
                is_escalated = row.status == SessionStatus.ESCALATED
                found.append(Unfinished(key, is_escalated, row.created_at))
        return unfinished_lines(found, at)


def _project_of(row: AiSession, channels: Mapping[str, str]) -> str:
    if row.psa_provider == repository.JIRA:
        return str(row.psa_ticket_id).rpartition("-")[0]
    return channels.get(str(row.slack_channel_id), "")
