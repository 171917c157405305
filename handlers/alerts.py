"""[Useful], [Not useful] and [Snooze] of alerts, and the same of the entries of digests and bundles."""

from __future__ import annotations

from blocks import alerts as blocks
from handlers.request import Request
from handlers.router import Router
from services.alerts.snoozing import SnoozeChoice
from services.commands import Reply
from services.errors import InvalidInputError


def register(router: Router) -> None:
    """Handle the buttons."""

    @router.action(blocks.USEFUL)
    async def useful(request: Request) -> Reply:
        return await _feedback(request, request.value, useful=True)

    @router.action(blocks.NOT_USEFUL)
    async def not_useful(request: Request) -> Reply:
        return await _feedback(request, request.value, useful=False)

    @router.action(blocks.SNOOZE)
    async def snooze(request: Request) -> Reply:
        return await _snooze(request)

    @router.action(blocks.MORE)
    async def more(request: Request) -> Reply:
        if request.value in ("useful", "not_useful"):
            return await _feedback(request, request.suffix, useful=request.value == "useful")
        if request.value == "show":
            text, shown = await request.services.alerts.whole(_number(request.suffix), request.member)
            return Reply(text, tuple(shown))
        return await _snooze(request)

    @router.action(blocks.WAKE)
    async def wake(request: Request) -> Reply:
        await request.services.alerts.end_snooze(request.member, request.value)
        return Reply(blocks.woken(request.value))


async def _feedback(request: Request, delivery: str, *, useful: bool) -> Reply:
    """Keep what was said: in a direct message it takes the buttons' place, in a channel others may still answer."""
    delivery_id = _number(delivery)
    receipt = await request.services.alerts.record_feedback(delivery_id, request.member, useful)
    if receipt.changed:
        await request.services.alert_thresholds.learn(receipt.agent)
    message = request.payload.get("message") or {}
    if not (request.channel or "").startswith("D") or not message.get("blocks"):
        return Reply(blocks.feedback_said(useful))
    shown = blocks.feedback_given(message["blocks"], delivery_id, useful)
    return Reply(str(message.get("text") or ""), tuple(shown), replace=True)


async def _snooze(request: Request) -> Reply:
    try:
        choice = SnoozeChoice(request.value)
    except ValueError:
        raise InvalidInputError("That choice is from an older version.", hint="Use `/pm snooze`.") from None
    snooze = await request.services.alerts.snooze_alert(_number(request.suffix), request.member, choice)
    return Reply(*blocks.snoozed(snooze))


def _number(text: str) -> int:
    if not text.isdigit():
        raise InvalidInputError("That button is from an older version.", hint="The next message has new ones.")
    return int(text)
