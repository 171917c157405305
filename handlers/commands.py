"""Slash commands and plain words: the same commands, said in two ways."""

from __future__ import annotations

from blocks.help import help_blocks, help_text, overview_blocks
from handlers.request import Request
from handlers.router import Handler, Router
from services.accounts.types import require_role
from services.commands import Commands, HelpRequest, Parsed, Reply
from services.commands.spec import CommandSpec
from services.effects import Actor
from services.errors import NotAllowedError

OVERVIEW = "/flowpilot"
"""The slash command whose help is of everything."""


def register(router: Router) -> None:
    """Handle every slash command that features have declared, and messages to the app in plain words."""
    for slash in router.commands.slashes:
        router.command(slash)(_slash_command(router.commands))
    conversation = _plain_words(router)
    router.event("message")(conversation)
    router.event("app_mention")(conversation)


def _slash_command(commands: Commands) -> Handler:
    async def handle(request: Request) -> Reply | None:
        return await perform(request, commands, commands.parse(request.delivery.id, request.text))

    return handle


def _plain_words(router: Router) -> Handler:
    commands = router.commands

    async def handle(request: Request) -> Reply | None:
        if not _is_for_us(request):
            return None
        if request.thread_ts and router.thread_handler and await router.thread_handler(request):
            return None
        return await perform(request, commands, commands.parse_plain_text(request.text))

    return handle


def _is_for_us(request: Request) -> bool:
    """Tell whether a message is said to the app: a mention or a DM, by a person."""
    event = request.event
    if event.get("bot_id") or event.get("subtype") == "bot_message":
        return False
    return event.get("type") == "app_mention" or event.get("channel_type") == "im"


async def perform(request: Request, commands: Commands, parsed: Parsed) -> Reply | None:
    """Do what was asked: list commands, or run one if the member's role allows it (a refusal is on the record)."""
    if isinstance(parsed, HelpRequest):
        return _help(request, commands, parsed)
    await _check_role(request, parsed.spec)
    return await parsed.spec.function(request, **parsed.arguments)


def _help(request: Request, commands: Commands, asked: HelpRequest) -> Reply:
    """Answer with some commands, or all of them when nothing narrower than `/flowpilot` was asked for."""
    if asked.specs and not (asked.slash == OVERVIEW and asked.specs == commands.of(OVERVIEW)):
        return Reply(help_text(asked.specs), tuple(help_blocks(asked.specs, request.member.role)))
    specs = tuple(commands)
    return Reply(help_text(specs), tuple(overview_blocks(specs, request.member.role, _home_url(request))))


def _home_url(request: Request) -> str:
    """Return the deep link to the app's Home; empty when the payload does not say which app it is for."""
    app_id = request.payload.get("api_app_id")
    return f"slack://app?team={request.account.slack_team_id}&amp;id={app_id}&amp;tab=home" if app_id else ""


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
