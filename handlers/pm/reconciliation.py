"""`/pm report`, and the buttons of the report's message (PM-4.4)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from agents.by_hand import run_by_hand
from agents.pm.reconciliation import SPEC, spec_for
from agents.spec import RunStatus
from blocks.pm import reconciliation as blocks
from handlers.permissions import require
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.commands import Commands, Reply, Word
from services.errors import FlowPilotError, InvalidInputError
from services.pm.months import Month

COMMANDS = Commands()


def register(router: Router) -> None:
    """Handle the command and the buttons."""
    router.commands.include(COMMANDS)
    router.action(blocks.SEND_COPY)(send_copy)
    router.action(blocks.MAKE_AGAIN)(make_again)


@COMMANDS.command(
    "/pm",
    "report",
    summary="Make the reconciliation of a month, as a workbook",
    role=Role.PM,
    examples=("/pm report", "/pm report 2026-10", "/pm report 2026-10 --force"),
    description=(
        "Compares a month's hours (last month's unless you name one) with its forecasts. Makes a new revision where "
        "something changed; --force sends it again where nothing did."
    ),
)
async def report(request: Request, month: Word | None = None, *, force: bool = False) -> Reply:
    """Make a month's report and send it to the PMs."""
    today = request.services.now().astimezone(ZoneInfo(request.account.time_zone)).date()
    return await _make(request, _month(month, today), force=force)


def _month(given: str | None, today: date) -> Month:
    this = Month.of(today)
    month = Month.parse(given) if given else this.back(1)
    if month >= this:
        raise InvalidInputError(
            f"{month.title} is not over yet.",
            hint=f"Its report comes on {month.next.start:%B} 1; the last is {this.back(1)}.",
        )
    return month


async def _make(request: Request, month: Month, *, force: bool) -> Reply:
    async def progress(said: str) -> None:
        await request.progress(f":hourglass_flowing_sand: {month.title}: {said}")

    services = request.services
    result = await run_by_hand(services, spec_for(month, progress, force=force), request.account, actor=request.member)
    if result.run.status is not RunStatus.DONE or result.delivery is None:
        raise FlowPilotError(result.run.error or f"{SPEC.title} did not end well; the reason is in the log.")
    made = await services.reconciliations.latest(month)
    url = await services.report_links.url(made.id) if made else ""
    problems = (
        [f"{e.name}: e-mail not sent yet ({e.email})" for e in made.sent_to if e.email not in ("", "sent")]
        if made
        else []
    )
    return Reply(*blocks.run_answer(result.delivery.line, url, problems))


async def send_copy(request: Request) -> Reply:
    """Share the workbook with the person who clicked."""
    await require(request, Role.PM, "get reports", action="report copy", target=request.value)
    number = request.value_object().get("report")
    if not isinstance(number, int):
        raise InvalidInputError("That button is from an older version.", hint="Run `/pm report`.")
    report = await request.services.reconciliations.report(number)
    return Reply(blocks.copy_sent(await request.services.report_sending.copy_to(report, request.member)))


async def make_again(request: Request) -> Reply:
    """Make the month's report again; nothing is sent where nothing changed."""
    await require(request, Role.PM, "make reports", action="report again", target=request.value)
    return await _make(request, Month.parse(str(request.value_object().get("month", ""))), force=False)
