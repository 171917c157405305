"""The composition root: settings in, services out."""

from __future__ import annotations

from application.composing.core import build_core
from application.composing.pilot import pilot_services
from application.composing.pm import pm_services
from services.accounts.tokens import ApiTokens
from services.clock import Now, utc_now
from services.container import Services
from services.durable import Durable
from services.home.sessions import SessionHomes
from services.settings import Settings
from services.tickets import Tickets


async def build_services(settings: Settings, now: Now = utc_now) -> Services:
    """Build everything that handlers and agents work with; connects to nothing yet."""
    core = build_core(settings, now)
    database, accounts, vendors, mirror, effects = core.database, core.accounts, core.vendors, core.mirror, core.effects
    services = Services(
        settings=settings,
        now=now,
        database=database,
        accounts=accounts,
        api_tokens=ApiTokens(database, accounts, core.audit, now, calls_per_minute=settings.api_calls_per_minute),
        audit=core.audit,
        effects=effects,
        jira=vendors.jira,
        tempo=vendors.tempo,
        github=vendors.github,
        connectwise=vendors.connectwise,
        google_sheets=vendors.google_sheets,
        mail=vendors.mail,
        mirror=mirror,
        slack=core.slack,
        durable=Durable(settings.durable_database, database_url=settings.database),
        ai=core.ai,
        alerts=core.alerts,
        report_storage=core.report_storage,
        tickets=Tickets(database, vendors.jira, mirror, effects, core.ai, accounts, now),
        **pm_services(core),
        **pilot_services(core),
    )
    services.pilot.on_change(SessionHomes(services.homes).changed)
    return services


async def close_services(services: Services) -> None:
    """Close connections, the database last."""
    await services.ai.close()
    for client in (services.jira, services.tempo, services.github, services.connectwise, services.google_sheets):
        if client is not None:
            await client.close()
    session = services.slack.api.client.session
    if session is not None:
        await session.close()
    await services.database.close()
