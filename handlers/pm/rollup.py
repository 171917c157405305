"""[Show the numbers] of the epic roll-up (TRUST-7)."""

from __future__ import annotations

from datetime import date
from typing import Any

from blocks.pm import rollup as blocks
from handlers.permissions import require
from handlers.pm.modals import open_filled
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.errors import InvalidInputError


def register(router: Router) -> None:
    """Handle the button."""
    router.action(blocks.NUMBERS)(show_numbers)


async def show_numbers(request: Request) -> None:
    """Show tickets and formulas to those who get the message, whatever their role, and to leads."""
    rollups, day = request.services.epic_rollups, _day(request)
    if request.member.id not in {each.id for each in await rollups.leadership()}:
        await require(request, Role.LEAD, "see these numbers", action="pm.rollup.numbers", target=str(day))

    async def make() -> dict[str, Any]:
        numbers = await rollups.numbers(day, request.account.time_zone)
        return blocks.numbers_view(numbers, request.services.settings.jira_url)

    await open_filled(request, blocks.loading(), make, blocks.failed)


def _day(request: Request) -> date:
    try:
        return date.fromisoformat(str(request.value_object().get("day")))
    except ValueError:
        raise InvalidInputError("That button is from an older version.", hint="Run the agent again.") from None
