"""`/pm forecast`: import a file, type one in, list them."""

from __future__ import annotations

from typing import Any

from blocks.pm import forecasts as blocks
from handlers.permissions import actor_of, require
from handlers.receipts import receipt_reply
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.commands import Commands, Reply, TicketKey, Word
from services.errors import InvalidInputError
from services.pm.forecasts.reading import read_hours
from services.pm.forecasts.sheets import MAX_BYTES
from services.pm.months import Month
from services.slack.downloads import download_file
from services.slack.markup import escape

COMMANDS = Commands()
NONE = "none"


def register(router: Router) -> None:
    """Add the commands and handle the form."""
    router.commands.include(COMMANDS)
    router.view(blocks.IMPORT_VIEW)(take_file)


@COMMANDS.command(
    "/pm",
    "forecast import",
    summary="Import forecasts from a CSV or XLSX file",
    role=Role.PM,
    description="Opens a form for a file with the columns epic_key and hours, and if wanted month, team, project_key.",
)
async def import_forecasts(request: Request) -> Reply | None:
    """Open the form."""
    if not request.trigger_id:
        raise InvalidInputError("A form can only be opened from a slash command.", hint="Type `/pm forecast import`.")
    await request.services.slack.open_view(request.trigger_id, blocks.import_view())
    return None


async def take_file(request: Request) -> Reply | None:
    """Import the file and say what became of it; long lists of what is wrong go into a file of their own."""
    await require(request, Role.PM, "import forecasts", action="pm_forecast_import", target="forecasts")
    file = _file(request)
    name = str(file.get("name") or "the file")
    if int(file.get("size") or 0) > MAX_BYTES:
        raise InvalidInputError(
            f"“{escape(name)}” is too big: {MAX_BYTES / 1e6:.0f} MB is the most.", hint="Leave out what is no forecast."
        )
    content = await download_file(request.services.slack.api, str(file.get("id")), MAX_BYTES)
    key = f"view:{request.view.get('id')}"
    done = await request.services.forecasts.import_file(content, actor_of(request), key=key)
    if not done.report.problems:
        request.services.homes.changed()
        return Reply(*blocks.imported(name, done))
    is_long = len(done.report.problems) > blocks.SHOWN_PROBLEMS
    await request.reply(Reply(*blocks.refused(name, done.report.problems, has_file=is_long)))
    if is_long:
        await _share_problems(request, blocks.problems_file(done.report.problems))
    return None


async def _share_problems(request: Request, text: str) -> None:
    slack = request.services.slack
    channel = await slack.direct_channel(request.member.slack_user_id)
    content = text.encode("utf-8-sig")
    await slack.upload(channel, "forecast-problems.csv", content, comment="All that is wrong in the file, by line:")


def _file(request: Request) -> dict[str, Any]:
    held = ((request.view.get("state") or {}).get("values") or {}).get(blocks.FILE_INPUT) or {}
    files = next((element.get("files") for element in held.values()), None)
    if not files:
        raise InvalidInputError("There is no file in the form.", hint="Type `/pm forecast import` and choose one.")
    return dict(files[0])


@COMMANDS.command(
    "/pm",
    "forecast set",
    summary="Set an epic's forecast, in all or for a month",
    role=Role.PM,
    examples=("/pm forecast set SHOP-12 120h", "/pm forecast set SHOP-12 40h --month 2026-11"),
    description="Hours such as 120h or 37.5; none takes the forecast away.",
)
async def set_forecast(request: Request, epic: TicketKey, hours: Word, *, month: Word | None = None) -> Reply:
    """Set one forecast for everybody."""
    minutes = None if hours.lower() == NONE else read_hours(hours)
    if minutes is None and hours.lower() != NONE:
        raise InvalidInputError(
            f"“{escape(hours)}” is not a number of hours.", hint="Type it like `120h` or `37.5`, or `none`."
        )
    of = Month.parse(month) if month else None
    receipt = await request.services.forecasts.set(epic, minutes, of, actor_of(request))
    request.services.homes.changed()
    return receipt_reply(receipt)


@COMMANDS.command(
    "/pm",
    "forecast list",
    summary="List forecasts with the hours worked of them",
    role=Role.ENGINEER,
    reads_only=True,
    examples=("/pm forecast list SHOP",),
)
async def list_forecasts(request: Request, project: Word | None = None) -> Reply:
    """List the forecasts of a project, or all."""
    key = (project or "").upper()
    return Reply(*blocks.forecast_list(await request.services.forecasts.with_actuals(key or None), key))
