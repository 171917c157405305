"""The button of the time-tracking summary."""

from __future__ import annotations

from datetime import date

from agents.pm.time_tracking import assess
from blocks.pm import time_tracking as blocks
from handlers.request import Request
from handlers.router import Router
from services.commands.types import Reply
from services.errors import InvalidInputError, NotAllowedError
from services.pm.types import Week


def register(router: Router) -> None:
    """Handle the button."""
    router.action(blocks.SHOW_NUMBERS)(show_numbers)


async def show_numbers(request: Request) -> Reply | None:
    """Show the week's seconds of the people whom the member looks after, as they are in the mirror now."""
    week = _week(request)
    view_id = await request.services.slack.open_view(request.trigger_id, blocks.numbers_loading())
    findings = assess(await request.services.pm.time_tracking_data(week, refresh=False), request.services.now())
    own = next((s for s in findings.summaries if s.recipient.id == request.member.id), None)
    if own is None:
        await request.services.slack.update_view(view_id, blocks.numbers_not_yours())
        raise NotAllowedError("These numbers are for the PM of the people in them.")
    await request.services.slack.update_view(view_id, blocks.numbers_view(own))
    return None


def _week(request: Request) -> Week:
    try:
        return Week(date.fromisoformat(str(request.value_object().get("week"))))
    except ValueError:
        raise InvalidInputError("That button is from an older version.", hint="Run the command again.") from None
