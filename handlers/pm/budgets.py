"""[Show the numbers] of retainer budgets, and its pages (TRUST-7)."""

from __future__ import annotations

from datetime import date
from typing import Any

from blocks.pm import budgets as blocks
from handlers.permissions import require
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.commands.types import Reply
from services.errors import InvalidInputError, NotFoundError
from services.pm.budgets.assess import status_of


def register(router: Router) -> None:
    """Handle the buttons."""
    router.action(blocks.SHOW_NUMBERS)(show_numbers)
    router.action(blocks.TURN_PAGE)(turn_page)


async def show_numbers(request: Request) -> Reply | None:
    """Open the numbers of a project as of the message's day, as the mirror has them now."""
    await _check_role(request)
    view_id = await request.services.slack.open_view(request.trigger_id, blocks.numbers_loading())
    await request.services.slack.update_view(view_id, await _view(request, page=1))
    return None


async def turn_page(request: Request) -> Reply | None:
    """Show another page of the worklogs in the open modal."""
    await _check_role(request)
    page = request.value_object().get("page")
    view = await _view(request, page if isinstance(page, int) else 1)
    await request.services.slack.update_view(str(request.view.get("id")), view)
    return None


async def _check_role(request: Request) -> None:
    what = "see who logged what on a retainer"
    await require(
        request, Role.LEAD, what, action="pm.budgets.numbers", target=str(request.value_object().get("project"))
    )


async def _view(request: Request, page: int) -> dict[str, Any]:
    place = request.value_object()
    budgets = request.services.budgets
    data = await budgets.data(_day(place.get("day")), request.account.time_zone, refresh=False)
    found = next((each for each in data.retainers if each.project.key == place.get("project")), None)
    if found is None or not found.project.monthly_retainer_minutes:
        raise NotFoundError("This project is no retainer any more.")
    return blocks.numbers_view(status_of(found, data), await budgets.names(), page)


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InvalidInputError("That button is from an older version.", hint="Run the command again.") from None
