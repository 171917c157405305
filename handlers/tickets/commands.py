"""`/ticket` and the same in plain words."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from blocks.text import escape, unescape
from handlers.receipts import receipt_reply
from handlers.request import Request
from handlers.tickets.creation import open_form
from handlers.tickets.replies import card_reply, draft_reply, move_reply, priority_reply, wish
from services.accounts.types import Role
from services.commands import Commands, MemberMention, Reply, Rest, TicketKey, Word
from services.errors import InvalidInputError

COMMANDS = Commands()
work = partial(COMMANDS.command, "/ticket", role=Role.ENGINEER)
"""What changes tickets, or prepares it."""

KEY_HINT = "Without KEY it is the ticket in focus."


@work(
    "comment",
    summary="Comment on a ticket",
    examples=("/ticket comment ABC-123 Deployed to staging, please check",),
    description=f"Posts at once, in the person's name. Markdown is formatted. {KEY_HINT}",
)
async def comment(request: Request, key: TicketKey | None, text: Rest) -> Reply:
    """Post a comment."""
    return receipt_reply(await request.services.tickets.comment(request.member, key, text, wish(request)))


@work(
    "move",
    summary="Move a ticket to another status",
    usage="[KEY] to STATUS",
    examples=("/ticket move ABC-123 to QA",),
    description=f"Only moves that the ticket's workflow allows now. {KEY_HINT}",
)
async def move(request: Request, key: TicketKey | None, to: Rest) -> Reply:
    """Move a ticket."""
    return await move_reply(request, key, (unescape(to), unescape(to.full)))


@work(
    "assign",
    summary="Assign a ticket to a person, to yourself or to nobody",
    usage="[KEY] to @person|me|nobody",
    examples=("/ticket assign ABC-123 to @sam", "/ticket assign ABC-123 to me"),
    description=KEY_HINT,
)
async def assign(request: Request, key: TicketKey | None, to: MemberMention) -> Reply:
    """Assign a ticket."""
    tickets = request.services.tickets
    assignee = await tickets.find_assignee(request.account, request.member, to)
    return receipt_reply(await tickets.assign(request.member, key, assignee, wish(request)))


@work(
    "priority",
    summary="Set a ticket's priority",
    usage="[KEY] LEVEL",
    examples=("/ticket priority ABC-123 High",),
    description=f"One of Jira's priorities. {KEY_HINT}",
)
async def priority(request: Request, key: TicketKey | None, to: Rest) -> Reply:
    """Set the priority."""
    return await priority_reply(request, key, (unescape(to), unescape(to.full)))


@work(
    "block",
    summary="Say that a ticket is blocked by another",
    usage="[KEY] by OTHER",
    examples=("/ticket block ABC-123 by ABC-100",),
    description=f"Links the two in Jira. {KEY_HINT}",
)
async def block(request: Request, key: TicketKey | None, by: TicketKey) -> Reply:
    """Link two tickets."""
    return receipt_reply(await request.services.tickets.block(request.member, key, by, wish(request)))


@work(
    "create",
    summary="Create a ticket",
    usage="[PROJECT] [SUMMARY]",
    examples=("/ticket create ABC The login page is slow", "/ticket create"),
    description=(
        "Without SUMMARY it opens a form. Without PROJECT it is that of the ticket in focus, or of your last new "
        "ticket. What is created has no undo."
    ),
)
async def create(request: Request, summary: Rest | None, *, kind: Word | None = None) -> Reply:
    """Create a ticket, or open the form."""
    wanted = await request.services.tickets.creation.read_line(request.member, summary or "")
    if wanted.summary:
        wanted = replace(wanted, issue_type=unescape(kind or ""))
        return receipt_reply(await request.services.tickets.creation.create(request.member, wanted, wish(request)))
    return await open_form(request, wanted.project)


@work(
    "subtask",
    summary="Create a sub-task of a ticket",
    usage="[KEY] SUMMARY",
    examples=("/ticket subtask ABC-123 Write the release note",),
    description=f"What is created has no undo. {KEY_HINT}",
)
async def subtask(request: Request, key: TicketKey | None, summary: Rest) -> Reply:
    """Create a sub-task."""
    return receipt_reply(await request.services.tickets.subtask(request.member, key, summary, wish(request)))


@work(
    "draft",
    summary="Draft a comment, to be edited and posted by you",
    usage="[KEY] [about what]",
    examples=("/ticket draft ABC-123 ask for the logs of yesterday",),
    description=f"Posts nothing by itself. {KEY_HINT}",
)
async def draft(request: Request, key: TicketKey | None, about: Rest | None) -> Reply:
    """Draft a comment."""
    return draft_reply(request, await request.services.tickets.draft(request.member, key, about or ""))


@COMMANDS.command(
    "/ticket",
    "show",
    summary="Show a ticket, with buttons to act on it",
    examples=("/ticket show ABC-123",),
    description=KEY_HINT,
    reads_only=True,
)
async def show(request: Request, key: TicketKey | None) -> Reply:
    """Show a ticket."""
    return card_reply(await request.services.tickets.card(request.member, key))


@COMMANDS.command(
    "/ticket",
    "focus",
    summary="Put a ticket in focus, so that its key can be left out",
    usage="[KEY|off]",
    examples=("/ticket focus ABC-123", "/ticket focus off"),
    description="Without anything it says what is in focus.",
)
async def focus(request: Request, ticket: Word | None) -> Reply:
    """Change or tell the focus."""
    tickets = request.services.tickets
    if ticket is None:
        key = await tickets.focused(request.member)
        return Reply(
            f"*{key}* is in focus." if key else "No ticket is in focus: `/ticket focus ABC-123` puts one there."
        )
    if ticket.lower() == "off":
        await tickets.unfocus(request.member)
        request.services.homes.changed([request.member.id])
        return Reply("No ticket is in focus now.")
    wanted = TicketKey.read(ticket)
    if wanted is None:
        raise InvalidInputError(
            f"“{escape(unescape(ticket)[:60])}” is not a ticket key.",
            hint="It goes `/ticket focus ABC-123` or `/ticket focus off`.",
        )
    card = await tickets.focus(request.member, wanted)
    request.services.homes.changed([request.member.id])
    reply = card_reply(card)
    said = f"*{card.key}* is in focus: commands without a key mean it."
    return Reply(f"{said} {reply.text}", ({"type": "section", "text": {"type": "mrkdwn", "text": said}}, *reply.blocks))
