"""Bearer tokens of the HTTP API: shown once, kept as a hash, good until they are revoked."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from aiolimiter import AsyncLimiter
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import Database
from db.models.pilot import ApiToken
from db.repositories import tokens as repository
from db.tenancy import account_scope, current_account_id
from services.accounts.service import Accounts
from services.accounts.types import MemberRef, NewToken, Role, TokenRef, require_role
from services.clock import Now
from services.effects.audit import AuditTrail
from services.effects.types import Actor
from services.errors import ConflictError, FlowPilotError, InvalidInputError, NotFoundError

LONGEST_NAME = 60
MOST_TOKENS = 20
"""Working tokens of one member; somebody with more has lost sight of them."""
USE_NOTED_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"fp_(?P<account>[A-Za-z0-9_-]{1,40})_(?P<id>[0-9a-f]{32})_[0-9a-f]{64}")


class UnknownTokenError(FlowPilotError):
    """The token is no token, was revoked, or never was one; which of these is nobody's business."""


class TooManyCallsError(FlowPilotError):
    """The token was used more often than it may be."""

    def __init__(self, calls_per_minute: int) -> None:
        super().__init__(
            f"This token may make {calls_per_minute} calls a minute.", hint="Wait a moment and call less often."
        )
        self.retry_after_s = max(1, -(-60 // calls_per_minute))


@dataclass(frozen=True)
class Caller:
    """Who a token acts as."""

    account_id: str
    token_id: str
    member: MemberRef


class ApiTokens:
    """Tokens of the current account. `calls_per_minute` is for each token and in each process."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        audit: AuditTrail,
        now: Now,
        *,
        calls_per_minute: int,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._audit = audit
        self._now = now
        self._calls_per_minute = calls_per_minute
        self._limiters: dict[str, AsyncLimiter] = {}

    async def create(self, by: MemberRef, name: str) -> NewToken:
        """Make a token that acts as `by`, with the role that they have whenever it is used."""
        require_role(by, Role.ENGINEER, "make API tokens")
        name = " ".join(name.replace("\x00", "").split())
        if not 1 <= len(name) <= LONGEST_NAME:
            raise InvalidInputError(
                f"A token's name has 1 to {LONGEST_NAME} characters.", hint="Say what it is for, such as “dashboard”."
            )
        token_id = str(uuid.uuid4())
        async with self._database.transaction() as session:
            if len(await repository.tokens(session, by.id)) >= MOST_TOKENS:
                raise ConflictError(
                    f"You have {MOST_TOKENS} tokens already.", hint="Revoke one: `/flowpilot token list`."
                )
            secret = f"fp_{current_account_id()}_{token_id.replace('-', '')}_{secrets.token_hex(32)}"
            row = ApiToken(id=token_id, member_id=by.id, name=name, token_hash=_hash(secret), created_at=self._now())
            session.add(row)
            await session.flush()
            await self._line(session, Actor(by.id, by.display_name), "token.create", row)
        return NewToken(_ref(row), secret)

    async def list(self, by: MemberRef) -> list[TokenRef]:
        """Return the working tokens: one's own, for admins everybody's."""
        member_id = None if by.role.includes(Role.ADMIN) else by.id
        async with self._database.transaction(write=False) as session:
            return [_ref(row) for row in await repository.tokens(session, member_id)]

    async def revoke(self, by: MemberRef, label: str) -> TokenRef:
        """Make a token useless from now on; one's own, for admins anybody's. Others raise `NotFoundError`."""
        wanted = label.strip().lower().replace("-", "")
        found = [each for each in await self.list(by) if wanted in (each.label, each.id.replace("-", ""))]
        found = found or [each for each in await self.list(by) if wanted and wanted == each.name.lower()]
        if len(found) != 1:
            raise NotFoundError("There is no such token.", hint="`/flowpilot token list` shows those that work.")
        async with self._database.transaction() as session:
            row = await repository.token(session, found[0].id)
            if row is not None and row.revoked_at is None:
                row.revoked_at = self._now()
                await self._line(session, Actor(by.id, by.display_name), "token.revoke", row)
        self._limiters.pop(found[0].id, None)
        return found[0]

    async def end_for_leavers(self, has_left: Callable[[str], Awaitable[bool]]) -> int:
        """Revoke the tokens of members who left the workspace, as `has_left` says of a Slack user; return how many."""
        async with self._database.transaction(write=False) as session:
            owners = {row.member_id for row in await repository.tokens(session, None)}
        ended = 0
        for member_id in sorted(owners):
            member = await self._accounts.member_by_id(member_id)
            if member is None or not await has_left(member.slack_user_id):
                continue
            async with self._database.transaction() as session:
                for row in await repository.tokens(session, member_id):
                    row.revoked_at = self._now()
                    await self._line(session, Actor(None, "FlowPilot"), "token.revoke", row)
                    self._limiters.pop(row.id, None)
                    ended += 1
        return ended

    async def caller(self, secret: str) -> Caller:
        """Return who a token acts as; `UnknownTokenError`, or `TooManyCallsError` above its rate. Sets no scope."""
        form = _FORM.fullmatch(secret)
        if form is None:
            raise _unknown()
        token_id = str(uuid.UUID(form["id"]))
        with account_scope(form["account"]):
            async with self._database.transaction(write=False) as session:
                row = await repository.token(session, token_id)
            # compared even where there is none, so that the time taken tells nothing
            is_right = hmac.compare_digest(_hash(secret), row.token_hash if row else _hash(""))
            if row is None or not is_right or row.revoked_at is not None:
                raise _unknown()
            await self._count(token_id)
            member = await self._accounts.member_by_id(row.member_id)
            if member is None:
                raise _unknown()
            if row.last_used_at is None or self._now() - row.last_used_at >= USE_NOTED_EVERY:
                async with self._database.transaction() as session:
                    await repository.set_last_used(session, token_id, self._now())
        return Caller(form["account"], token_id, member)

    async def _count(self, token_id: str) -> None:
        limiter = self._limiters.setdefault(token_id, AsyncLimiter(self._calls_per_minute, 60))
        if not limiter.has_capacity():
            raise TooManyCallsError(self._calls_per_minute)
        await limiter.acquire()

    async def _line(self, session: AsyncSession, actor: Actor, action: str, row: ApiToken) -> None:
        await self._audit.append(
            session,
            actor=actor,
            action=action,
            target=f"token {_ref(row).label}",
            result="done",
            after={"name": row.name, "member_id": row.member_id},
        )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _ref(row: ApiToken) -> TokenRef:
    return TokenRef(row.id, row.member_id, row.name, row.created_at, row.last_used_at)


def _unknown() -> UnknownTokenError:
    return UnknownTokenError(
        "This token is not good (any more).", hint="Make one in Slack: `/flowpilot token create <name>`."
    )
