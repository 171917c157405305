"""What the shell commands do, over a composed application that listens to nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import typer

from agents.by_hand import run_by_hand
from agents.catalogue import agent_named
from agents.spec import RunMode, RunStatus
from application.build import build_services, close_services
from application.logs import configure_logs
from application.preparing import prepare_database
from application.running import require_settings
from db.tenancy import account_scope
from services.accounts import AccountRef
from services.container import Services
from services.effects import Actor
from services.errors import FlowPilotError, InvalidInputError, NotConfiguredError
from services.settings import load_settings

Work = Callable[[Services, AccountRef], Awaitable[None]]


async def in_every_account(work: Work) -> None:
    """Do `work` in every account there is; the workspace of the bot token is made known first."""
    settings = load_settings()
    configure_logs(settings)
    require_settings(settings)
    services = await build_services(settings)
    try:
        await prepare_database(services.database)
        identity = await services.slack.who_am_i()
        await services.accounts.account(identity.team_id, identity.team_name)
        for account in await services.accounts.all_accounts():
            with account_scope(account.id):
                await work(services, account)
    finally:
        await close_services(services)


async def sync_and_report(services: Services, account: AccountRef) -> None:
    """Sync and print one line per source, with counts that can be checked (TRUST-5)."""
    for source in ("jira", "tempo"):
        if source == "tempo" and services.tempo is None:
            typer.echo(f"{account.name}: Tempo is not configured (TEMPO_API_TOKEN).")
            continue
        report = await services.mirror.sync(source)
        census = await services.mirror.census(source)
        typer.echo(f"{account.name}: {census}; {report.stored} new or changed, {report.deleted} gone")


async def run_agent_and_report(
    services: Services, account: AccountRef, name: str, dry_run: bool, as_of: datetime | None
) -> None:
    """Run an agent and print what it sent, or with `dry_run` would send; a run that failed raises its error."""
    result = await run_by_hand(services, agent_named(name), account, dry_run=dry_run, as_of=as_of)
    if result.run.status is RunStatus.FAILED:
        raise FlowPilotError(result.run.error or "The run failed.")
    typer.echo(f"{account.name}: {result.run.line}")
    if result.run.mode is RunMode.DRY_RUN and not dry_run:
        typer.echo("  As of a day that is over, so nothing was sent or kept.")
    for message in result.delivery.messages if result.delivery else ():
        typer.echo(f"  {message.outcome} → {message.recipient}: {message.text}")


async def import_into_only_account(people: Path | None, projects: Path | None, forecasts: Path | None = None) -> None:
    """Import files into the account of the bot token."""

    async def work(services: Services, account: AccountRef) -> None:
        identity = await services.slack.who_am_i()
        if account.slack_team_id != identity.team_id:
            return
        for path, read in ((people, services.pm.import_people), (projects, services.pm.import_projects)):
            if path is not None:
                report = await read(path.read_text(encoding="utf-8-sig"))
                if report.problems:
                    raise InvalidInputError(f"{path}: {report}", hint="Correct the file and import it again.")
                typer.echo(f"{path}: {report}")
        if forecasts is not None:
            await _import_forecasts(services, forecasts)

    if people is None and projects is None and forecasts is None:
        raise NotConfiguredError("Nothing to import.", hint="Give --people, --projects or --forecasts with a file.")
    await in_every_account(work)


async def _import_forecasts(services: Services, path: Path) -> None:
    content = await asyncio.to_thread(path.read_bytes)
    done = await services.forecasts.import_file(content, Actor(None, "the command line"))
    if done.report.problems:
        raise InvalidInputError(f"{path}: {done.report}", hint="Correct the file and import it again.")
    typer.echo(f"{path}: {done.report}")
