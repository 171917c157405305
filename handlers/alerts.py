"""[Useful] and [Not useful] of alerts."""

from __future__ import annotations

from blocks.alerts import NOT_USEFUL, USEFUL, feedback_given, feedback_said
from handlers.request import Request
from handlers.router import Router
from services.commands import Reply
from services.errors import InvalidInputError


def register(router: Router) -> None:
    """Handle the buttons."""

    @router.action(USEFUL)
    async def useful(request: Request) -> Reply:
        return await _feedback(request, useful=True)

    @router.action(NOT_USEFUL)
    async def not_useful(request: Request) -> Reply:
        return await _feedback(request, useful=False)


async def _feedback(request: Request, *, useful: bool) -> Reply:
    """Keep what was said: in a direct message it takes the buttons' place, in a channel others may still answer."""
    if not request.value.isdigit():
        raise InvalidInputError("That button is from an older version.", hint="The next message has new ones.")
    await request.services.alerts.record_feedback(int(request.value), request.member, useful)
    message = request.payload.get("message") or {}
    if not (request.channel or "").startswith("D") or not message.get("blocks"):
        return Reply(feedback_said(useful))
    return Reply(str(message.get("text") or ""), tuple(feedback_given(message["blocks"], useful)), replace=True)
