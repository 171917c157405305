"""Gather what one person's Home shows: one transaction over the mirror and what the agents keep, no vendor asked.

Only links to messages are Slack's, each asked for once.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.alerts import AlertDelivery
from db.repositories import home as repository
from db.repositories import pm_overview, tickets
from db.repositories.mirror import issues
from services.accounts.settings import is_in_shadow
from services.accounts.types import AccountRef, MemberRef, Role
from services.alerts.types import Status
from services.errors import VendorError
from services.home.homes import thread_url
from services.home.projects import budget_line, projects_for
from services.home.types import (
    AgentLine,
    AlertLine,
    FocusLine,
    HomeData,
    OwnWeek,
    ProjectLine,
    ReportLine,
    SessionLine,
    SourceLine,
    SuggestionCount,
)
from services.mirror.types import Source
from services.pilot.types import SessionFilter, SessionStatus, SessionSummary
from services.pm.bottlenecks.standing import stuck_now
from services.pm.bottlenecks.stuck import AGENT as BOTTLENECKS_AGENT
from services.pm.bottlenecks.types import Activity
from services.pm.months import Month
from services.pm.types import ProjectRef, Week
from services.pm.variance.service import AGENT as VARIANCE_AGENT

if TYPE_CHECKING:
    from services.container import Services

SHOWN_ALERTS = 5
SHOWN_SESSIONS = 5
SHOWN_STATUSES = (Status.SENT, Status.HELD, Status.FOLDED)  # what one message tells together is that message
EPICS_AGENT = "epic-assignment"
EPICS_SUBJECT = f"{EPICS_AGENT}:"


async def gather_home(
    services: Services, account: AccountRef, member: MemberRef, agents: Sequence[AgentLine] = ()
) -> HomeData:
    """Return what `member` of the current account sees; `agents` come from whoever knows the catalogue."""
    today = services.now().astimezone(ZoneInfo(account.time_zone)).date()
    known, preferences = await services.pm.projects(), await services.accounts.settings()
    sessions, drafts = await _sessions(services, member)
    managed = [project for project in known if project.pm is not None and project.pm.id == member.id]
    async with services.database.transaction(write=False) as session:
        keys = [project.key for project in managed]
        is_asking = not is_in_shadow(preferences, EPICS_AGENT)
        counts = await repository.open_suggestions(session, keys) if keys and is_asking else []
        channels = [project.channel_id for project in managed if project.channel_id]
        recipients = [member.slack_user_id, *channels]
        rows = await repository.latest_alerts(session, member.slack_user_id, channels, SHOWN_STATUSES, SHOWN_ALERTS)
        asked = {key: await repository.latest_alert_on(session, recipients, EPICS_SUBJECT + key) for key, _ in counts}
        focus = await _focus(services, session, member)
        own_week = await _own_week(session, member, today)
        projects = await _projects(services, session, account, member, projects_for(member, known), today, preferences)
        report = await _report(session) if member.role.includes(Role.PM) else None
        sources = [await _source(services, session, source) for source in _sources(services)]
    return HomeData(
        account=account,
        member=member,
        focus=focus,
        day=today,
        own_week=own_week,
        projects=tuple(projects),
        report=report,
        suggestions=tuple([SuggestionCount(key, count, await _url(services, asked[key])) for key, count in counts]),
        alerts=tuple(await asyncio.gather(*(_alert(services, row) for row in rows))),
        agents=tuple(agents),
        sources=tuple(sources),
        resting_vendors=_resting(services),
        sessions=sessions,
        draft_templates=drafts,
    )


async def _sessions(services: Services, member: MemberRef) -> tuple[tuple[SessionLine, ...], int]:
    if not member.role.includes(Role.ENGINEER):
        return (), 0
    wanted = SessionFilter(statuses=(SessionStatus.OPEN,), opened_by_member_id=member.id)
    page = await services.pilot.list(wanted, limit=SHOWN_SESSIONS)
    lines = await asyncio.gather(*(_session(services, each) for each in page.sessions))
    return tuple(lines), await services.template_drafts.pending_count()


async def _session(services: Services, session: SessionSummary) -> SessionLine:
    try:
        url = await thread_url(services.homes, services.slack.permalink, session.channel_id, session.thread_ts)
    except VendorError:
        url = ""
    return SessionLine(session, url)


async def _focus(services: Services, session: AsyncSession, member: MemberRef) -> FocusLine | None:
    focus = await tickets.focus_of(session, member.id)
    if focus is None:
        return None
    issue = await issues.issue_of_key(session, focus.ticket_key)
    url = f"{services.jira.site_url}/browse/{focus.ticket_key}"
    return FocusLine(focus.ticket_key, issue.summary if issue else "", issue.status if issue else "", url)


async def _own_week(session: AsyncSession, member: MemberRef, today: date) -> OwnWeek | None:
    if not member.jira_account_id or not member.role.includes(Role.ENGINEER):
        return None
    week = Week(today - timedelta(days=today.weekday()))
    logged, required = await pm_overview.own_seconds(session, member.jira_account_id, week.start, week.end)
    return OwnWeek(week, logged, required) if logged or required else None


async def _projects(
    services: Services,
    session: AsyncSession,
    account: AccountRef,
    member: MemberRef,
    projects: Sequence[ProjectRef],
    today: date,
    preferences: Mapping[str, Any],
) -> list[ProjectLine]:
    if not projects:
        return []
    keys, month = [project.key for project in projects], Month.of(today)
    seconds = await pm_overview.month_seconds(session, keys, month.start, month.end)
    stuck = None if is_in_shadow(preferences, BOTTLENECKS_AGENT) else await stuck_now(session)
    counts = Counter(each.project_key for each in stuck or ())
    blocked = Counter(each.project_key for each in stuck or () if each.activity is Activity.BLOCKED)
    orphans = await pm_overview.orphan_counts(session, keys)
    over = None if is_in_shadow(preferences, VARIANCE_AGENT) else await _over(session, keys)
    is_working_day = services.working_days.of(account.id)
    return [
        ProjectLine(
            project=project,
            is_own=project.pm is not None and project.pm.id == member.id,
            budget=budget_line(project, seconds, today, is_working_day),
            over=None if over is None else tuple(sorted(over[project.key], key=lambda pair: (-pair[1], pair[0]))),
            stuck=None if stuck is None else counts[project.key],
            blocked=blocked[project.key],
            orphans=orphans.get(project.key, 0) if project.type.value == "scope" else 0,
        )
        for project in projects
    ]


async def _over(session: AsyncSession, keys: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
    """Return the epics over forecast by project, each with its per cent."""
    over: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in await pm_overview.open_variances(session, keys):
        percent = row.details.get("variance_percent")
        if percent is not None:
            over[row.project_key].append((row.subject_key, float(percent)))
    return over


async def _report(session: AsyncSession) -> ReportLine | None:
    row = await pm_overview.newest_report(session)
    if row is None:
        return None
    return ReportLine(row.id, Month.parse(row.month), row.revision, row.actual_seconds, row.generated_at)


async def _alert(services: Services, row: AlertDelivery) -> AlertLine:
    return AlertLine(row.text, row.severity, row.status, row.sent_at or row.created_at, await _url(services, row))


async def _url(services: Services, row: AlertDelivery | None) -> str:
    """Return the address of an alert's message; empty when it is not in Slack (any more)."""
    if row is None or not (row.channel_id and row.message_ts):
        return ""
    try:
        return await services.homes.link(row.channel_id, row.message_ts, services.slack.permalink)
    except VendorError:
        return ""


def _sources(services: Services) -> list[Source]:
    optional = {Source.TEMPO: services.tempo, Source.GITHUB: services.github}
    return [Source.JIRA, *(source for source, client in optional.items() if client is not None)]


async def _source(services: Services, session: AsyncSession, source: Source) -> SourceLine:
    freshness = await services.mirror.freshness_in(session, source)
    return SourceLine(source.label, freshness.last_success_at, freshness.is_stale, freshness.error or "")


def _resting(services: Services) -> tuple[str, ...]:
    vendors = {"Jira": services.jira, "Tempo": services.tempo, "GitHub": services.github}
    return tuple(name for name, client in vendors.items() if client is not None and client.is_resting)
