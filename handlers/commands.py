"""Slash commands and plain words: the same commands, said in two ways."""

from __future__ import annotations

from blocks.help import help_blocks, help_text
from handlers.request import Request
from handlers.router import Handler, Router
from services.accounts.types import require_role
from services.commands import Commands, HelpRequest, Parsed, Reply
from services.commands.spec import CommandSpec
from services.effects import Actor
from services.errors import NotAllowedError


def register(router: Router) -> None:
    """Handle every slash command that features have declared, and messages to the app in plain words."""
    for slash in router.commands.slashes:
        router.command(slash)(_slash_command(router.commands))
    conversation = _plain_words(router.commands)
    router.event("message")(conversation)
    router.event("app_mention")(conversation)


def _slash_command(commands: Commands) -> Handler:
    async def handle(request: Request) -> Reply:
        return await perform(request, commands, commands.parse(request.delivery.id, request.text))

    return handle


def _plain_words(commands: Commands) -> Handler:
    async def handle(request: Request) -> Reply | None:
        if not _is_for_us(request):
            return None
        return await perform(request, commands, commands.parse_plain_text(request.text))

    return handle


def _is_for_us(request: Request) -> bool:
    """Tell whether a message is said to the app: a mention or a DM, by a person."""
    event = request.event
    if event.get("bot_id") or event.get("subtype") == "bot_message":
        return False
    return event.get("type") == "app_mention" or event.get("channel_type") == "im"


async def perform(request: Request, commands: Commands, parsed: Parsed) -> Reply:
    """Do what was asked: list commands, or run one if the member's role allows it (a refusal is on the record)."""
    if isinstance(parsed, HelpRequest):
        specs = parsed.specs or tuple(commands)
        return Reply(help_text(specs), tuple(help_blocks(specs, request.member.role)))
    await _check_role(request, parsed.spec)
    return await parsed.spec.function(request, **parsed.arguments)


async def _check_role(request: Request, spec: CommandSpec) -> None:
    try:
        require_role(request.member, spec.role, f"use `{spec.title}`")
    except NotAllowedError as error:
        await request.services.audit.record(
            actor=Actor(request.member.id, request.member.display_name),
            action=spec.tool_name,
            target=request.text[:200],
            result="refused",
            reason=error.message,
        )
        raise
