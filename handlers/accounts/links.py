"""`/flowpilot link`: who a member is in Jira; FlowPilot proposes, the person (or an admin) confirms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blocks import accounts as blocks
from blocks.text import escape
from handlers.permissions import require
from handlers.request import Request
from handlers.router import Router
from services.accounts.changes import AccountChanges
from services.accounts.linking import propose_links
from services.accounts.types import LinkProposal, MemberRef, Role
from services.commands import Reply
from services.commands.types import MemberMention
from services.errors import InvalidInputError, NotFoundError, VendorError, VendorNotFoundError

MAX_OPTIONS = 20


def register(router: Router) -> None:
    """Declare the command and handle its card."""

    @router.commands.command(
        "/flowpilot",
        "link",
        summary="See, confirm or change who you are in Jira; admins may link others",
        examples=("/flowpilot link",),
    )
    async def link(request: Request, member: MemberMention | None = None) -> Reply:
        return await _card(request, await _wanted_member(request, member))

    @router.action(blocks.LINK_OPEN)
    async def show(request: Request) -> Reply:
        return await _card(request, request.member)

    @router.action(blocks.LINK_YES)
    async def confirm(request: Request) -> Reply:
        value = request.value_object()
        return await _link(request, value.get("member"), str(value.get("jira") or ""))

    @router.action(blocks.LINK_SEARCH)
    async def choose(request: Request) -> Reply:
        return await _link(request, request.suffix, request.value)

    @router.action(blocks.LINK_OFF)
    async def unlink(request: Request) -> Reply:
        member = await _member(request, request.value_object().get("member"))
        changed = await _changes(request).link_jira(request.member, member, None)
        request.services.homes.changed([member.id])
        return await _card(request, changed, note="Unlinked from Jira.", replace=True)

    @router.options(blocks.LINK_SEARCH)
    async def search(request: Request) -> Mapping[str, Any]:
        users = [user for user in await request.services.jira.find_users(request.value) if user.is_active]
        return {"options": [blocks.option(user.display_name, user.account_id) for user in users[:MAX_OPTIONS]]}


def _changes(request: Request) -> AccountChanges:
    return AccountChanges(request.services.accounts, request.services.audit)


async def _wanted_member(request: Request, typed: MemberMention | None) -> MemberRef:
    if typed is None or typed.is_me:
        return request.member
    if typed.slack_user_id is None:
        raise InvalidInputError("I need a mention to know who that is.", hint="For example `/flowpilot link @sam`.")
    member = await request.services.accounts.member(request.account, typed.slack_user_id)
    return await _allowed(request, member)


async def _allowed(request: Request, member: MemberRef) -> MemberRef:
    if member.id != request.member.id:
        target = f"member {member.display_name}"
        await require(request, Role.ADMIN, "link somebody else", action="link.jira", target=target)
    return member


async def _member(request: Request, member_id: Any) -> MemberRef:
    """Return the member whom a button is about, if the clicker may link them."""
    known = str(member_id).isdigit() and await request.services.accounts.member_by_id(int(member_id))
    if not known:
        raise NotFoundError("That person is not a member any more.", hint="Run `/flowpilot link` again.")
    return await _allowed(request, known)


async def _link(request: Request, member_id: Any, jira_account_id: str) -> Reply:
    member = await _member(request, member_id)
    user = await request.services.jira.user(jira_account_id)
    if not user.is_active:
        raise InvalidInputError(f"{escape(user.display_name)}'s Jira account is deactivated.", hint="Choose another.")
    changed = await _changes(request).link_jira(request.member, member, user.account_id)
    request.services.homes.changed([member.id])
    return await _card(request, changed, note="Linked.", replace=True)


async def _card(request: Request, member: MemberRef, *, note: str = "", replace: bool = False) -> Reply:
    linked: str | None = None
    proposals: list[LinkProposal] = []
    try:
        if member.jira_account_id:
            linked = await _jira_name(request, member.jira_account_id)
        else:
            proposals = await propose_links(request.services.accounts, request.services.jira, member)
    except VendorError as error:
        linked = member.jira_account_id
        note = f"{note} {escape(error.message)}".strip()
    is_self = member.id == request.member.id
    card = blocks.link_blocks(member, linked, proposals, is_self=is_self, note=note)
    return Reply(blocks.link_text(member, linked), tuple(card), replace=replace and bool(request.message_ts))


async def _jira_name(request: Request, jira_account_id: str) -> str:
    try:
        return (await request.services.jira.user(jira_account_id)).display_name
    except VendorNotFoundError:
        return f"{jira_account_id} (gone from Jira)"
