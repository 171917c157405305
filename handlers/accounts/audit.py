"""`/flowpilot audit`: the trail, whether it is intact, and all of it as a file."""

from __future__ import annotations

from blocks.accounts import audit_blocks, audit_text, check_text
from handlers.permissions import actor_of, require
from handlers.request import Request
from handlers.router import Router
from services.accounts.types import Role
from services.commands import Reply
from services.commands.types import TicketKey

SHOWN_LINES = 20


def register(router: Router) -> None:
    """Declare the command."""

    @router.commands.command(
        "/flowpilot",
        "audit",
        summary="Show who did what, and whether the trail is intact",
        role=Role.LEAD,
        examples=("/flowpilot audit APP-12", "/flowpilot audit --export"),
        reads_only=True,
    )
    async def audit(request: Request, key: TicketKey | None = None, *, export: bool = False) -> Reply:
        if export:
            return await _export(request)
        trail = request.services.audit
        lines = await trail.lines(target=key, limit=SHOWN_LINES)
        check = await trail.verify()
        people = {member.id: member.slack_user_id for member in await request.services.accounts.members()}
        return Reply(audit_text(lines, check, key), tuple(audit_blocks(lines, check, people, key)))


async def _export(request: Request) -> Reply:
    """Send the trail to the person as JSON Lines; that it was taken out is on the trail too."""
    action, target = "audit.export", request.account.name
    await require(request, Role.ADMIN, "export the audit trail", action=action, target=target)
    services, member = request.services, request.member
    await services.audit.record(actor=actor_of(request), action=action, target=target, result="done")
    content = await services.audit.export()
    check = await services.audit.verify()
    channel = await services.slack.direct_channel(member.slack_user_id)
    name = f"audit-{services.now():%Y-%m-%d-%H%M}.jsonl"
    await services.slack.upload(channel, name, content, title="Audit trail", comment=f"Audit {check_text(check)}")
    return Reply(f"The trail is in our direct messages as {name}: {check_text(check)}")
