"""`/flowpilot token`: bearer tokens of the HTTP API, made, listed and revoked; `links`: what needs no token."""

from __future__ import annotations

from blocks import api_tokens as blocks
from handlers.request import Kind, Request
from handlers.router import Router
from services.accounts.types import Role
from services.commands import Reply
from services.commands.types import Rest
from services.errors import InvalidInputError


def register(router: Router) -> None:
    """Declare the commands and handle the list's buttons."""

    @router.commands.command(
        "/flowpilot",
        "token create",
        summary="Make a token for the HTTP API; it acts as you and is shown once",
        role=Role.ENGINEER,
        examples=("/flowpilot token create dashboard",),
    )
    async def create(request: Request, name: Rest) -> Reply:
        if request.kind is not Kind.COMMAND:
            # what is written in a conversation stays there; the answer to a slash command is gone after a reload
            raise InvalidInputError(
                "A token is shown once, so not in a conversation that stays.",
                hint="Type it as a slash command: `/flowpilot token create <name>`.",
            )
        made = await request.services.api_tokens.create(request.member, name)
        url = request.services.settings.public_url
        return Reply(blocks.created_text(made.token), tuple(blocks.created_blocks(made, url)))

    @router.commands.command(
        "/flowpilot",
        "token list",
        summary="See your tokens of the HTTP API and when they were used; admins see everybody's",
        examples=("/flowpilot token list",),
        role=Role.VIEWER,
        reads_only=True,
    )
    async def show(request: Request) -> Reply:
        return await _list(request)

    @router.commands.command(
        "/flowpilot",
        "token revoke",
        summary="End a token of the HTTP API, by its name or the start of its id",
        examples=("/flowpilot token revoke dashboard",),
        role=Role.VIEWER,
    )
    async def revoke(request: Request, token: Rest) -> Reply:
        ended = await request.services.api_tokens.revoke(request.member, token)
        return Reply(blocks.revoked_text(ended))

    @router.commands.command(
        "/flowpilot",
        "links renew",
        summary="Have all links to sessions end that were ever given out, such as those in tickets",
        role=Role.ADMIN,
    )
    async def renew_links(request: Request) -> Reply:
        await request.services.session_links.renew(request.member)
        return Reply("All links to sessions that were given out open nothing now. New ones are good again.")

    @router.action(blocks.TOKEN_REVOKE)
    async def revoke_listed(request: Request) -> Reply:
        await request.services.api_tokens.revoke(request.member, request.value)
        return await _list(request, replace=True)


async def _list(request: Request, *, replace: bool = False) -> Reply:
    services = request.services
    tokens = await services.api_tokens.list(request.member)
    people = {member.id: member.slack_user_id for member in await services.accounts.members()}
    rows = tuple(blocks.list_blocks(tokens, people, own_id=request.member.id))
    return Reply(blocks.list_text(tokens), rows, replace=replace and bool(request.message_ts))
