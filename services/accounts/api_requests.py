"""Requests with an Idempotency-Key: done once, answered the same again for a day.

Who does a request holds a lease on it, which is renewed while they work. When they die, it lapses, and the next one to
send the request takes it up again: under the same `operation_id`, by which what was made already is found.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from db.base import canonical_json
from db.engine import Database
from db.models.pilot import ApiRequest
from db.repositories import tokens as repository
from services.clock import Now
from services.errors import ConflictError, InvalidInputError

KEPT_FOR = timedelta(days=1)
LEASE = timedelta(minutes=2)
RENEWED_EVERY = LEASE / 4
KEY = re.compile(r"[A-Za-z0-9_-]{1,255}")
log = structlog.get_logger(__name__)


class RequestUnderWayError(ConflictError):
    """Somebody does the request right now, or died of it less than a lease ago."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(
            "The first request with this Idempotency-Key is not finished.",
            hint="Send it again, under the same key, a little later: it is done once.",
        )
        self.retry_after_s = max(1.0, retry_after_s)


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it was sent."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TakenUp:
    """A request to be done now; `attempt` is above 1 where somebody began it before and left nothing of its answer."""

    key: str
    operation_id: str
    attempt: int


class ApiRequests:
    """The requests of the current account that carried a key."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def begin(self, name: str, member_id: int, target: str, asked: bytes) -> TakenUp | KeptAnswer:
        """Take a request up under the caller's key `name`, or return its kept answer.

        Raises `InvalidInputError` when the key was used for something else, `RequestUnderWayError` while another does
        the request.
        """
        if KEY.fullmatch(name) is None:
            raise InvalidInputError("An Idempotency-Key has 1 to 255 letters, digits, “-” and “_”.", hint="Use a UUID.")
        key, digest = _digest(canonical_json([member_id, target, name]).encode()), _digest(asked)
        try:
            return await self._taken_up(key, digest)
        except IntegrityError:
            # another process was first
            return await self._taken_up(key, digest)

    async def _taken_up(self, key: str, digest: str) -> TakenUp | KeptAnswer:
        now = self._now()
        async with self._database.transaction() as session:
            await repository.forget_requests_before(session, now - KEPT_FOR)
            row = await repository.request(session, key, to_change=True)
            if row is None:
                row = ApiRequest(
                    key=key, digest=digest, status=None, operation_id=str(uuid.uuid4()), attempt=0, created_at=now
                )
                session.add(row)
            elif row.digest != digest:
                raise InvalidInputError(
                    "This Idempotency-Key was used for a different request.",
                    hint="Take a new key for each new request.",
                )
            elif row.status is not None:
                return KeptAnswer(row.status, row.body, row.headers)
            elif row.leased_until > now:
                raise RequestUnderWayError((row.leased_until - now).total_seconds())
            row.attempt, row.leased_until = row.attempt + 1, now + LEASE
            await session.flush()
            return TakenUp(key, row.operation_id, row.attempt)

    @asynccontextmanager
    async def held(self, taken: TakenUp) -> AsyncIterator[None]:
        """Keep others from taking the request up as long as this goes on."""
        renewing = asyncio.get_running_loop().create_task(self._renew(taken))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, taken: TakenUp) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY.total_seconds())
            try:
                await self._lease(taken, self._now() + LEASE)
            except SQLAlchemyError as error:
                # the lease has some renewals left
                log.warning("api_request_not_renewed", error=str(error))

    async def finish(self, taken: TakenUp, answer: KeptAnswer) -> None:
        """Keep what a request was answered, unless somebody else took it up meanwhile: theirs is kept."""
        async with self._database.transaction() as session:
            row = await repository.request(session, taken.key, to_change=True)
            if row is not None and row.attempt == taken.attempt:
                row.status, row.body, row.headers = answer.status, answer.body, dict(answer.headers)

    async def drop(self, taken: TakenUp) -> None:
        """Forget a request that was refused: it may be sent again under the same key."""
        async with self._database.transaction() as session:
            await repository.forget_request(session, taken.key, taken.attempt)

    async def release(self, taken: TakenUp) -> None:
        """Let the next one take the request up at once: it failed, and nobody knows how far it got."""
        await self._lease(taken, self._now())

    async def _lease(self, taken: TakenUp, until: datetime) -> None:
        async with self._database.transaction() as session:
            await repository.lease_request(session, taken.key, taken.attempt, until)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
