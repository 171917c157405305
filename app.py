"""The command line of FlowPilot."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from services.errors import FlowPilotError

T = TypeVar("T")
cli = typer.Typer(help="FlowPilot: the routine of software and support teams, done in Slack.", no_args_is_help=True)
agent_cli = typer.Typer(help="Run scheduled agents by hand.", no_args_is_help=True)
database_cli = typer.Typer(help="Look after the database.", no_args_is_help=True)
cli.add_typer(agent_cli, name="agent")
cli.add_typer(database_cli, name="db")

PORT_HELP = "Port of the sandbox and its page; 0 picks a free one."


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop where there is one; an error that is safe to show ends with exit code 1 and no traceback."""
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(work)
    except FlowPilotError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


@cli.command()
def run(
    once: Annotated[bool, typer.Option(help="Print one line when ready, for scripts; stop at SIGTERM.")] = False,
) -> None:
    """Run against the real services that `.env` names."""
    from application.logs import configure_logs
    from application.running import Application, run_until_stopped
    from services.settings import load_settings

    async def work() -> None:
        settings = load_settings()
        configure_logs(settings)
        application = await Application.create(settings)

        def ready(started: Application) -> None:
            line = {"ready": True, "url": started.url, "team": started.account.name if started.account else ""}
            typer.echo(json.dumps(line) if once else f"FlowPilot is ready in {line['team']} ({line['url']}/readyz)")
            sys.stdout.flush()

        await run_until_stopped(application, ready)

    _run(work())


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help=PORT_HELP)] = 8700,
    import_dir: Annotated[
        Path | None, typer.Option("--import", help="A folder of real issues to show.", exists=True, file_okay=False)
    ] = None,
    check: Annotated[
        bool, typer.Option(help="Run every agent and a short story once, as JSON lines, and stop.")
    ] = False,
    data_dir: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(".data/demo"),
    keep: Annotated[bool, typer.Option(help="Keep the data of the last demo.")] = False,
) -> None:
    """Try everything with no account anywhere: a sandbox of Slack, Jira and Tempo, and FlowPilot in it."""
    if check:
        from application.demo_check import check_demo

        raise typer.Exit(_run(check_demo(data_dir.with_name(f"{data_dir.name}-check"))))
    from application.demo_page import show_demo

    _run(show_demo(port, data_dir, import_dir, fresh=not keep))


@cli.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Say what is set, what works, what is missing, and where to get it."""
    from application.doctor import examine
    from application.doctor_report import print_report
    from application.logs import configure_logs
    from services.settings import load_settings

    async def work() -> bool:
        settings = load_settings()
        configure_logs(settings.model_copy(update={"log_level": "ERROR"}))  # the report says it all
        return print_report(await examine(settings), as_json=as_json)

    if not _run(work()):
        raise typer.Exit(1)


@cli.command()
def sync() -> None:
    """Bring the local mirror of Jira and Tempo up to date, and say what was found."""
    from application.shell import in_every_account, sync_and_report

    _run(in_every_account(sync_and_report))


@cli.command("import")
def import_files(
    people: Annotated[Path | None, typer.Option(help="people.csv", exists=True, dir_okay=False)] = None,
    projects: Annotated[Path | None, typer.Option(help="projects.csv", exists=True, dir_okay=False)] = None,
    forecasts: Annotated[
        Path | None, typer.Option(help="forecasts.csv or forecasts.xlsx", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Import people (teams, roles, Jira identities), projects and forecasts; all of a file or nothing."""
    from application.shell import import_into_only_account

    _run(import_into_only_account(people, projects, forecasts))


@agent_cli.command("run")
def agent_run(
    name: str,
    dry_run: Annotated[bool, typer.Option(help="Show what would be sent, send nothing.")] = False,
    as_of: Annotated[datetime | None, typer.Option(help="Run as at this local date and time.")] = None,
) -> None:
    """Run an agent now in every account."""
    from application.shell import in_every_account, run_agent_and_report

    _run(in_every_account(lambda services, account: run_agent_and_report(services, account, name, dry_run, as_of)))


@agent_cli.command("list")
def agent_list() -> None:
    """List the agents and when they run."""
    from agents.catalogue import AGENTS

    for spec in AGENTS:
        typer.echo(f"{spec.name:20} {spec.schedule.describe():32} {spec.title}")


@database_cli.command("upgrade")
def database_upgrade() -> None:
    """Migrate the database to this version."""
    from application.preparing import migrate, open_database
    from services.settings import load_settings

    async def work() -> None:
        database = open_database(load_settings())
        try:
            await migrate(database)
        finally:
            await database.close()

    _run(work())
    typer.echo("The database is up to date.")


if __name__ == "__main__":
    cli()
