"""The button of the forecast variance messages: the numbers behind an epic."""

from __future__ import annotations

from datetime import date

from blocks.pm import variance as blocks
from handlers.pm.modals import open_filled
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.errors import InvalidInputError, NotAllowedError
from services.pm.variance.types import VarianceNumbers


def register(router: Router) -> None:
    """Handle the button."""
    router.action(blocks.SHOW_NUMBERS)(show_numbers)


async def show_numbers(request: Request) -> None:
    """Show an epic's worklogs, formulas and issues as they are in the mirror now, for the day of the message."""
    epic_key, day = _asked(request)

    async def numbers() -> blocks.Block:
        found = await request.services.forecast_variance.numbers(epic_key, day, request.account.time_zone)
        _check_right(request, found)
        return blocks.numbers_view(found, request.services.settings.jira_url)

    await open_filled(request, blocks.numbers_loading(), numbers, blocks.numbers_refused)


def _check_right(request: Request, found: VarianceNumbers) -> None:
    member = request.member
    concerned = member.id in (*found.pm_member_ids, *found.stakeholder_member_ids)
    if not concerned and not member.role.includes(Role.LEAD):
        raise NotAllowedError("These numbers are for the project's PM, its stakeholders, and leads.")


def _asked(request: Request) -> tuple[str, date]:
    value = request.value_object()
    try:
        return str(value["epic"]), date.fromisoformat(str(value.get("day")))
    except (KeyError, ValueError):
        raise InvalidInputError("That button is from an older version.", hint="Run the agent again.") from None
