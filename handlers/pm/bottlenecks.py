"""`/pm stuck`, and the buttons of stuck work (PM-5.5)."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from blocks.pm import bottlenecks as blocks
from blocks.pm import stuck_numbers as views
from blocks.receipts import receipt_blocks, receipt_text
from blocks.text import escape
from handlers.permissions import record_refusal, require
from handlers.pm.modals import open_filled
from handlers.receipts import receipt_reply
from handlers.request import Request
from handlers.router import Router, errors
from services.accounts.types import MemberRef, Role
from services.commands import Commands, Reply, Word
from services.errors import FlowPilotError, InvalidInputError, NotAllowedError, VendorError
from services.pm.bottlenecks.actions import Asked, check_linked

COMMANDS = Commands()
OLD_BUTTON = "`/pm stuck` lists what is stuck."
Done = TypeVar("Done")


def register(router: Router) -> None:
    """Add the command, and handle the buttons and the modal."""
    router.commands.include(COMMANDS)
    router.action(blocks.PING)(ping)
    router.action(blocks.ESCALATE)(escalate)
    router.action(blocks.COMMENT)(comment)
    router.action(blocks.REASSIGN)(ask_for_person)
    router.view(views.REASSIGN_VIEW, validate=check_person)(reassign)
    router.action(blocks.NUMBERS)(show_numbers)
    router.action(blocks.NUMBERS_OF)(show_several)
    router.action(blocks.OPEN)(opened)
    router.action(blocks.DISMISS)(dismiss)
    router.action(blocks.UNDO_DISMISS)(undo_dismiss)
    router.action(blocks.PAGE)(turn_page)


@COMMANDS.command(
    "/pm",
    "stuck",
    summary="List what is stuck or blocked, with what one can do about it",
    role=Role.ENGINEER,
    examples=("/pm stuck", "/pm stuck SHOP"),
    reads_only=True,
)
async def stuck(request: Request, project: Word | None = None) -> Reply:
    """List what is stuck now, as the last run found it, without what has moved since."""
    return await _list(request, project.upper() if project else None, 1)


async def _list(request: Request, project: str | None, page: int) -> Reply:
    items = await request.services.bottlenecks.stuck(request.account.time_zone, project)
    learning = await request.services.bottleneck_learning.readiness()
    note = "" if learning.is_ready else learning.message
    return Reply(*blocks.stuck_list(items, request.member, project, note, page))


async def ping(request: Request) -> Reply | None:
    """Ask who has the ball to look at it."""
    stay_id = _stay(request)
    done = request.services.bottleneck_actions.ping(stay_id, request.member, request.account.time_zone)
    return await _asked(request, await _on_record(request, "pm.bottlenecks.ping", stay_id, done))


async def _on_record(request: Request, action: str, stay_id: int, work: Awaitable[Done]) -> Done:
    """Do what the item's own people and leads may do; a refusal is on the record."""
    try:
        return await work
    except NotAllowedError as error:
        await record_refusal(request, error, action=action, target=str(stay_id))
        raise


async def escalate(request: Request) -> Reply | None:
    """Ask the lead, or the PM."""
    stay_id = _stay(request)
    await require(request, Role.LEAD, "escalate stuck work", action="pm.bottlenecks.escalate", target=str(stay_id))
    done = await request.services.bottleneck_actions.escalate(stay_id, request.member, request.account.time_zone)
    return await _asked(request, done)


async def _asked(request: Request, done: Asked) -> Reply | None:
    if done.has_moved:
        return await _instead_of_buttons(request, blocks.moved(done.item), Reply(blocks.moved(done.item)))
    line = f":speech_balloon: {'; '.join(f'{escape(each.display_name)} {escape(how)}' for each, how in done.people)}"
    return await _instead_of_buttons(request, line, Reply(*blocks.asked_receipt(done.item, done.people)))


async def comment(request: Request) -> Reply:
    """Say on the ticket or pull request what the person was asked; the offer becomes the receipt."""
    stay_id = _stay(request)
    work = request.services.bottleneck_actions.comment(stay_id, request.member, request.account.time_zone)
    return receipt_reply(await _on_record(request, "pm.bottlenecks.comment", stay_id, work), replace=True)


async def ask_for_person(request: Request) -> Reply | None:
    """Open the form that asks who gets it."""
    stay_id = _stay(request)
    await require(request, Role.LEAD, "reassign stuck work", action="pm.bottlenecks.reassign", target=str(stay_id))
    item = await request.services.bottlenecks.item(stay_id, request.account.time_zone)
    if item.resolved_at is not None:
        return await _instead_of_buttons(request, blocks.moved(item), Reply(blocks.moved(item)))
    place = {"response_url": request.delivery.response_url}
    await request.services.slack.open_view(request.trigger_id, views.reassign_view(item, place))
    return None


async def check_person(request: Request) -> Mapping[str, Any] | None:
    """Say in the form when somebody cannot get it."""
    stay_id = _stay_of_form(request)
    try:
        to = await _chosen(request)
        check_linked(await request.services.bottlenecks.item(stay_id, request.account.time_zone), to)
    except FlowPilotError as error:
        return errors(**{views.PERSON_BLOCK: f"{error.message} {error.hint}".strip()})
    return None


async def reassign(request: Request) -> Reply | None:
    """Give it to who was chosen; the receipt comes where the form was opened."""
    stay_id = _stay_of_form(request)
    await require(request, Role.LEAD, "reassign stuck work", action="pm.bottlenecks.reassign", target=str(stay_id))
    wish = f"slack:{request.delivery.delivery_id or request.correlation_id}"
    receipt = await request.services.bottleneck_actions.reassign(
        stay_id, await _chosen(request), request.member, request.account.time_zone, wish
    )
    try:
        url = str(request.private_metadata.get("response_url") or "")
        await request.services.slack.respond(url, receipt_text(receipt), receipt_blocks(receipt))
    except VendorError:
        return receipt_reply(receipt)
    return None


async def _chosen(request: Request) -> MemberRef:
    slack_id = str(request.input(views.PERSON_BLOCK) or "")
    found = next((m for m in await request.services.accounts.members() if m.slack_user_id == slack_id), None)
    if found is None:
        raise InvalidInputError("FlowPilot does not know this person yet.", hint="They can say hello to it first.")
    return found


async def show_numbers(request: Request) -> None:
    """Open what an item's figures rest on."""
    stay_id = _stay(request)
    await require(request, Role.ENGINEER, "see stuck work", action="pm.bottlenecks.numbers", target=str(stay_id))

    async def make() -> dict[str, Any]:
        return views.numbers_view(await request.services.bottlenecks.numbers(stay_id, request.account.time_zone))

    await open_filled(request, views.loading(), make, views.failed)


async def show_several(request: Request) -> None:
    """Open what the stuck days of a message are counted from."""
    stay_ids, day = _several(request)
    await require(request, Role.ENGINEER, "see stuck work", action="pm.bottlenecks.numbers", target=str(stay_ids))

    async def make() -> dict[str, Any]:
        items = await request.services.bottlenecks.items(stay_ids, request.account.time_zone)
        return views.several_view(items, day, ZoneInfo(request.account.time_zone))

    await open_filled(request, views.loading(), make, views.failed)


def _several(request: Request) -> tuple[list[int], date]:
    value = request.value_object()
    try:
        return [int(each) for each in value["stays"]], date.fromisoformat(str(value.get("day")))
    except (KeyError, TypeError, ValueError):
        raise InvalidInputError("That button is from an older version.", hint=OLD_BUTTON) from None


async def opened(request: Request) -> None:
    """Nothing: the button has opened its link."""


async def dismiss(request: Request) -> Reply | None:
    """Note that it is not stuck, and that the alert was not useful."""
    stay_id, place = _stay(request), {"channel": request.channel or "", "ts": request.message_ts or ""}
    work = request.services.bottleneck_actions.not_stuck(stay_id, request.member, request.account.time_zone, **place)
    item, is_new = await _on_record(request, "pm.bottlenecks.not_stuck", stay_id, work)
    request.services.homes.changed()
    who = item.dismissed_by.display_name if item.dismissed_by else "Somebody"
    reply = Reply(*blocks.not_stuck(item, who, is_new=is_new))
    return await _instead_of_buttons(request, blocks.not_stuck_line(item, who), reply)


async def undo_dismiss(request: Request) -> Reply:
    """Take back that it is not stuck: it is told of again."""
    stay_id = _stay(request)
    work = request.services.bottleneck_actions.stuck_after_all(stay_id, request.member, request.account.time_zone)
    item, is_back = await _on_record(request, "pm.bottlenecks.stuck_after_all", stay_id, work)
    request.services.homes.changed()
    return Reply(blocks.stuck_again(item, is_back=is_back), replace=True)


async def turn_page(request: Request) -> Reply:
    """Show another page of the digest, or of the list."""
    value = request.value_object()
    page = value.get("page")
    number = page if isinstance(page, int) else 1
    if value.get("of") == "list":
        await require(request, Role.ENGINEER, "see stuck work", action="pm.bottlenecks.page", target="list")
        reply = await _list(request, str(value.get("project") or "") or None, number)
        return Reply(reply.text, reply.blocks, replace=True)
    services = request.services
    parts = await services.bottlenecks.message_at(request.channel or "", request.message_ts or "")
    found = await services.bottlenecks.digest_of(request.member.id, request.account.time_zone)
    if found is None or parts is None:
        return Reply(":white_check_mark: Nothing of this is stuck any more.", replace=parts is not None)
    text, shown = blocks.digest(found, request.member, number)
    return Reply(text, tuple(await services.alerts.with_feedback(parts, text, shown)), replace=True)


async def _instead_of_buttons(request: Request, line: str, reply: Reply) -> Reply | None:
    """Put a line in the place of the item's buttons, where the message can be changed, and answer the person."""
    message = request.payload.get("message") or {}
    block_id = str(request.action.get("block_id") or "")
    if not message.get("blocks") or not block_id.startswith(blocks.ITEM_BLOCK):
        return reply
    await request.reply(reply)
    shown = blocks.with_said(message["blocks"], block_id, line)
    return Reply(str(message.get("text") or line), shown, replace=True)


def _stay(request: Request) -> int:
    return _number(request.value)


def _stay_of_form(request: Request) -> int:
    return _number(str(request.private_metadata.get("stay")))


def _number(text: str) -> int:
    if not text.isdigit():
        raise InvalidInputError("That button is from an older version.", hint=OLD_BUTTON)
    return int(text)
