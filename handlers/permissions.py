"""Role checks of buttons and forms, and of what depends on more than the command: a refusal is on the record."""

from __future__ import annotations

from handlers.request import Request
from services.accounts.types import Role, require_role
from services.effects import Actor
from services.errors import NotAllowedError


def actor_of(request: Request) -> Actor:
    """Return on whose behalf a request acts."""
    return Actor(request.member.id, request.member.display_name)


async def require(request: Request, role: Role, what: str, *, action: str, target: str) -> None:
    """Raise `NotAllowedError`, naming the role, unless the member may do `what` (an infinitive phrase)."""
    try:
        require_role(request.member, role, what)
    except NotAllowedError as error:
        await record_refusal(request, error, action=action, target=target)
        raise


async def record_refusal(request: Request, error: NotAllowedError, *, action: str, target: str) -> None:
    """Write a refusal to the audit trail."""
    await request.services.audit.record(
        actor=actor_of(request), action=action, target=target, result="refused", reason=error.message
    )
