"""The buttons of the epic agent's message (PM-6.3, PM-6.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from blocks.pm import epics as blocks
from blocks.text import escape
from handlers.permissions import require
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.commands.types import Reply
from services.errors import InvalidInputError
from services.pm.epic_assignment.types import Assignment, BulkApproval, ProjectList


def register(router: Router) -> None:
    """Handle the message's buttons and the modal of [Assign all above 90 %]."""
    router.action(blocks.ASSIGN)(assign)
    router.action(blocks.CHOOSE)(choose)
    router.options(blocks.CHOOSE)(choices)
    router.action(blocks.REVIEW)(review)
    router.action(blocks.UNDO)(undo)
    router.action(blocks.PAGE)(turn_page)
    router.action(blocks.BULK)(ask_for_all)
    router.view(blocks.BULK_VIEW, validate=check_unchanged)(assign_all)


async def assign(request: Request) -> Reply:
    """Assign the epic that the button named."""
    ticket_key, epic_key = _words(request.value, 2)
    await _check_role(request, ticket_key)
    done = await request.services.epic_assignments.assign(ticket_key, epic_key, request.member)
    return await _shown(request, done)


async def choose(request: Request) -> Reply:
    """Assign the epic that was chosen under [Other…]."""
    await _check_role(request, request.suffix)
    done = await request.services.epic_assignments.assign(request.suffix, request.value, request.member)
    return await _shown(request, done)


async def choices(request: Request) -> Mapping[str, Any]:
    """Search the open epics of the ticket's project."""
    if not request.member.role.includes(Role.PM):
        return {"options": []}
    return blocks.epic_options(await request.services.epic_assignments.open_epics(request.suffix, request.value))


async def review(request: Request) -> Reply:
    """Note that the person looks at the ticket in Jira, which the button has opened."""
    await _check_role(request, request.value)
    done = await request.services.epic_assignments.take_for_review(request.value, request.member)
    return await _shown(request, done)


async def undo(request: Request) -> Reply:
    """Take an assignment back; the rest of the list stays."""
    ticket_key, effect_id = _words(request.value, 2)
    await _check_role(request, ticket_key)
    number = int(effect_id) if effect_id.isdigit() else 0
    done = await request.services.epic_assignments.undo(ticket_key, number, request.member)
    return await _shown(request, done)


async def turn_page(request: Request) -> Reply:
    """Show another page of the list in the same message."""
    project_key, page = _words(request.value, 2)
    listing = await request.services.epic_assignments.list_of(project_key)
    return await _replacing(request, listing, int(page) if page.isdigit() else 1)


async def ask_for_all(request: Request) -> None:
    """Show the whole list to approve."""
    await _check_role(request, request.value)
    approval = await request.services.epic_assignments.approval(request.value, request.member)
    place = {"channel": request.channel, "ts": request.message_ts}
    view = blocks.bulk_view(approval, _metadata(approval, place))
    await request.services.slack.open_view(request.trigger_id, view)


async def check_unchanged(request: Request) -> Mapping[str, Any] | None:
    """Ask again, showing the difference, when the list is not the one that was shown (TRUST-2)."""
    seen = request.private_metadata
    approval = await request.services.epic_assignments.approval(str(seen.get("project")), request.member)
    if approval.digest == seen.get("digest"):
        return None
    changes = blocks.change_lines(_pairs(seen), approval)
    metadata = _metadata(approval, {"channel": seen.get("channel"), "ts": seen.get("ts")})
    return {"response_action": "update", "view": blocks.bulk_view(approval, metadata, changes=changes)}


async def assign_all(request: Request) -> Reply:
    """Assign what was approved, say what became of each, and bring the message up to date."""
    seen = request.private_metadata
    epics = request.services.epic_assignments
    outcome = await epics.assign_all(str(seen.get("project")), _pairs(seen), request.member)
    listing = await epics.list_of(outcome.project_key)
    channel, ts = str(seen.get("channel")), str(seen.get("ts"))
    message = await _message(request, listing, 1, channel, ts)
    await request.services.slack.update(channel, ts, message.text, message.blocks)
    request.services.homes.changed()
    return Reply(blocks.bulk_text(outcome))


async def _check_role(request: Request, target: str) -> None:
    await require(request, Role.PM, "assign epics", action="epic assignment", target=target)


def _metadata(approval: BulkApproval, place: Mapping[str, Any]) -> str:
    pairs = [f"{item.ticket_key} {item.epic_key}" for item in approval.items]
    return json.dumps({"project": approval.project_key, "digest": approval.digest, "pairs": pairs, **place})


def _pairs(metadata: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(ticket, epic) for ticket, epic in (_words(pair, 2) for pair in metadata.get("pairs", []))]


def _words(value: str, count: int) -> list[str]:
    words = value.split()
    if len(words) != count:
        raise InvalidInputError("That button is from an older version.", hint="The agent's next message has new ones.")
    return words


async def _shown(request: Request, done: Assignment) -> Reply:
    """Show the list with the ticket's new state, and tell the person when it was something else than expected."""
    if done.note:
        await request.reply(Reply(f":information_source: {escape(done.note)}"))
    request.services.homes.changed()
    listing = await request.services.epic_assignments.list_of(done.project_key)
    return await _replacing(request, listing, blocks.page_of(listing, done.ticket_key))


async def _replacing(request: Request, listing: ProjectList, page: int) -> Reply:
    return await _message(request, listing, page, request.channel or "", request.message_ts or "")


async def _message(request: Request, listing: ProjectList, page: int, channel: str, ts: str) -> Reply:
    """Return the message as it should be now: its intro and its feedback buttons stay."""
    parts = await request.services.epic_assignments.message_at(channel, ts)
    kept = parts.blocks if parts else ()
    intro = [block for block in kept if str(block.get("block_id", "")).startswith(blocks.INTRO_BLOCK)]
    shown = blocks.list_blocks(intro, listing, page)
    if parts is not None:
        shown = await request.services.alerts.with_feedback(parts.delivery_id, blocks.message_text(listing), shown)
    return Reply(blocks.message_text(listing), tuple(shown), replace=True)
