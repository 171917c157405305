"""Requests with an Idempotency-Key: done once, answered the same again for a day."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from db.base import canonical_json
from db.engine import Database
from db.models.pilot import ApiRequest
from db.repositories import tokens as repository
from services.clock import Now
from services.errors import ConflictError, InvalidInputError

KEPT_FOR = timedelta(days=1)
KEY = re.compile(r"[A-Za-z0-9_-]{1,255}")


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it was sent."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ApiRequests:
    """The requests of the current account that carried a key."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def begin(self, name: str, member_id: int, target: str, asked: bytes) -> str | KeptAnswer:
        """Take a request up under the caller's key `name` and return the key to finish it by, or its kept answer.

        Raises `InvalidInputError` when the key was used for something else, and `ConflictError` while the first request
        is under way, or when nobody knows what came of it.
        """
        if KEY.fullmatch(name) is None:
            raise InvalidInputError("An Idempotency-Key has 1 to 255 letters, digits, “-” and “_”.", hint="Use a UUID.")
        key = _digest(canonical_json([member_id, target, name]).encode())
        row = ApiRequest(key=key, digest=_digest(asked), status=None, created_at=self._now())
        try:
            async with self._database.transaction() as session:
                await repository.forget_requests_before(session, self._now() - KEPT_FOR)
                known = await repository.request(session, key)
                if known is None:
                    session.add(row)
                    await session.flush()
        except IntegrityError:
            async with self._database.transaction(write=False) as session:
                known = await repository.request(session, key)
        return key if known is None else _kept(known, row.digest)

    async def finish(self, key: str, answer: KeptAnswer) -> None:
        """Keep what a request was answered."""
        async with self._database.transaction() as session:
            row = await repository.request(session, key)
            if row is not None:
                row.status, row.body, row.headers = answer.status, answer.body, dict(answer.headers)

    async def drop(self, key: str) -> None:
        """Forget a request that was refused: it may be sent again under the same key."""
        async with self._database.transaction() as session:
            await repository.forget_request(session, key)


def _kept(known: ApiRequest, digest: str) -> KeptAnswer:
    if known.digest != digest:
        raise InvalidInputError(
            "This Idempotency-Key was used for a different request.", hint="Take a new key for each new request."
        )
    if known.status is None:
        raise ConflictError(
            "The first request with this Idempotency-Key is not finished.",
            hint="Wait; if it stays so, look whether it took effect before you send it under a new key.",
        )
    return KeptAnswer(known.status, known.body, known.headers)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
