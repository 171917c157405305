"""What a week's drafts are made of, read together: Tempo's days, the person's traces, the issues behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from db.engine import Database
from db.repositories import pm_worklog_drafts as repository
from services.accounts.types import MemberRef
from services.errors import NotLinkedError, VendorError, VendorRejectedError
from services.mirror import Mirror
from services.pm.types import Week
from services.pm.worklog_drafts.drafting import draft_week
from services.pm.worklog_drafts.evidence import NEIGHBOUR_DAYS, neighbours, span_of
from services.pm.worklog_drafts.rows import logged_days
from services.pm.worklog_drafts.types import Evidence, EvidenceSource, IssueFacts, LoggedDay, Proposal, Span
from services.vendors.tempo import TempoClient

LOCKED = {
    "IN_REVIEW": "Your timesheet of that week is submitted for approval, so Tempo takes nothing more for it.",
    "APPROVED": "Your timesheet of that week is approved, so Tempo takes nothing more for it.",
}
REOPEN = "Have it reopened in Tempo first."

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class TempoWeek:
    """A week as Tempo has it; `locked` says why it takes nothing more."""

    days: tuple[LoggedDay, ...]
    worklog_ids: frozenset[int]
    locked: str = ""


@dataclass(frozen=True)
class Drafted:
    """What the traces speak for, and which sources gave none because they failed."""

    proposals: tuple[Proposal, ...]
    issues: dict[str, IssueFacts]
    silent_sources: tuple[str, ...] = ()


def zone_of(member: MemberRef) -> str:
    """Return the person's time zone; UTC where it is none that is known."""
    try:
        return ZoneInfo(member.time_zone).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def today_of(member: MemberRef, now: datetime) -> date:
    """Return the date where the person is."""
    return now.astimezone(ZoneInfo(zone_of(member))).date()


def account_of(member: MemberRef) -> str:
    """Return the person's Jira account; raises `NotLinkedError`."""
    if not member.jira_account_id:
        raise NotLinkedError(
            "I do not know your Jira account yet, so I cannot see or log your hours.",
            hint="Link it once with `/flowpilot link`.",
        )
    return member.jira_account_id


class Gathering:
    """Reads; writes nothing but the mirror."""

    def __init__(
        self,
        database: Database,
        mirror: Mirror,
        tempo: TempoClient | None,
        sources: Sequence[EvidenceSource],
        site: str,
        step_s: int,
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._tempo = tempo
        self._sources = sources
        self._site = site
        self._step_s = step_s

    async def tempo_week(self, member: MemberRef, week: Week, *, fresh: bool) -> TempoWeek:
        """Return the week from the mirror, or with `fresh` from Tempo itself; raises the `VendorError` kinds then."""
        account = account_of(member)
        if fresh:
            worklogs = await self._mirror.refresh_worklogs(account, week.start, week.end)
        else:
            worklogs = await self._mirror.worklogs(week.start, week.end, [account])
        schedule = await self._mirror.schedule_days([account], week.start, week.end)
        return TempoWeek(
            tuple(logged_days(week, worklogs, schedule)),
            frozenset(worklog.tempo_worklog_id for worklog in worklogs),
            await self._lock(account, week) if fresh else "",
        )

    async def _lock(self, account: str, week: Week) -> str:
        if self._tempo is None:
            return ""
        try:
            status = await self._tempo.timesheet_status(account, week.start)
        except VendorRejectedError:
            return ""  # FlowPilot's Tempo user may not see approvals: Tempo itself says so when it refuses
        return LOCKED.get(status, "")

    async def drafted(self, member: MemberRef, week: Week, days: Sequence[LoggedDay], today: date) -> Drafted:
        """Return proposals for the days up to today."""
        zone = zone_of(member)
        start, end = span_of(week.start, zone)
        span = Span(member, week, zone, start, end)
        found, silent = await self._traces(span)
        missing = {day.day for day in days if day.missing_seconds and day.day <= today}
        reach = timedelta(days=NEIGHBOUR_DAYS)
        worklogs = await self._mirror.worklogs(week.start - reach, week.end + reach, [account_of(member)])
        found += neighbours(worklogs, missing, self._site)
        issues = await self.issues({trace.issue_key for trace in found})
        summaries = {key: issue.summary for key, issue in issues.items()}
        proposals = draft_week([day for day in days if day.day <= today], found, summaries, step_s=self._step_s)
        return Drafted(tuple(proposals), issues, tuple(silent))

    async def _traces(self, span: Span) -> tuple[list[Evidence], list[str]]:
        """Return what all sources know; one that fails is named, and holds up no other."""
        found: list[Evidence] = []
        silent: list[str] = []
        for source in self._sources:
            try:
                found += await source.traces(span)
            except VendorError as error:
                log.warning("traces_not_read", source=type(source).__name__, error=error.message)
                silent.append(error.vendor)
        return found, list(dict.fromkeys(silent))

    async def issues(self, keys: set[str]) -> dict[str, IssueFacts]:
        """Return what is known of issues by key; those that are not mirrored are left out."""
        async with self._database.transaction(write=False) as session:
            found = await repository.issues_by_key(session, keys)
        return {issue.key: IssueFacts(issue.key, issue.jira_id, issue.summary) for issue in found}

    async def search(self, typed: str) -> list[IssueFacts]:
        """Return issues whose key or summary holds all words typed, the last changed first."""
        async with self._database.transaction(write=False) as session:
            found = await repository.search_issues(session, typed.split()[:6])
        return [IssueFacts(issue.key, issue.jira_id, issue.summary) for issue in found]
