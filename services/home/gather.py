"""Gather what one person's Home shows, from the mirror and the database only (links to messages are Slack's)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.models.alerts import AlertDelivery
from db.repositories import home as repository
from services.accounts.types import AccountRef, MemberRef
from services.alerts.types import Status
from services.errors import VendorError
from services.home.types import AgentLine, AlertLine, FocusLine, HomeData, SourceLine, SuggestionCount
from services.mirror.types import Source

if TYPE_CHECKING:
    from services.container import Services

SHOWN_ALERTS = 5
SHOWN_STATUSES = (Status.SENT, Status.DIGESTED, Status.HELD, Status.FOLDED)
EPICS_SUBJECT = "epic-assignment:"


async def gather_home(
    services: Services, account: AccountRef, member: MemberRef, agents: Sequence[AgentLine] = ()
) -> HomeData:
    """Return what `member` of the current account sees; `agents` come from whoever knows the catalogue."""
    focus_key = await services.tickets.focused(member)
    async with services.database.transaction(write=False) as session:
        projects = await repository.projects_of(session, member.id)
        keys = [project.project_key for project in projects]
        counts = await repository.open_suggestions(session, keys) if keys else []
        channels = [project.slack_channel_id for project in projects if project.slack_channel_id]
        recipients = [member.slack_user_id, *channels]
        rows = await repository.latest_alerts(session, recipients, SHOWN_STATUSES, SHOWN_ALERTS)
        asked = {key: await repository.latest_alert_on(session, recipients, EPICS_SUBJECT + key) for key, _ in counts}
    return HomeData(
        account=account,
        member=member,
        focus=await _focus(services, focus_key) if focus_key else None,
        suggestions=tuple([SuggestionCount(key, count, await _url(services, asked[key])) for key, count in counts]),
        alerts=tuple(await asyncio.gather(*(_alert(services, row) for row in rows))),
        agents=tuple(agents),
        sources=tuple([await _source(services, source) for source in _sources(services)]),
        resting_vendors=_resting(services),
    )


async def _focus(services: Services, key: str) -> FocusLine:
    issue = await services.mirror.issue(key)
    url = f"{services.jira.site_url}/browse/{key}"
    return FocusLine(key, issue.summary if issue else "", issue.status if issue else "", url)


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
    return [Source.JIRA, Source.TEMPO] if services.tempo else [Source.JIRA]


async def _source(services: Services, source: Source) -> SourceLine:
    freshness = await services.mirror.freshness(source)
    return SourceLine(source.title(), freshness.last_success_at, freshness.is_stale, freshness.error or "")


def _resting(services: Services) -> tuple[str, ...]:
    vendors = {"Jira": services.jira, "Tempo": services.tempo}
    return tuple(name for name, client in vendors.items() if client is not None and client.is_resting)
