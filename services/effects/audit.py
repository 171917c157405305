"""The audit trail: append-only, each line carrying the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import canonical_json
from db.engine import Database
from db.models.effects import AuditEntry
from db.repositories import effects as repository
from db.tenancy import current_account_id
from services.clock import Now
from services.effects.types import Actor

GENESIS_HASH = "0" * 64
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class AuditLine:
    """One line of the trail; `hash` covers all other fields and the account."""

    sequence: int
    at: datetime
    actor_member_id: int | None
    actor_name: str
    action: str
    target: str
    reason: str
    before: Any
    after: Any
    result: str
    detail: str
    effect_id: int | None
    correlation_id: str
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True)
class TrailCheck:
    """The outcome of verifying a trail; `broken_at` is the first sequence number that does not fit."""

    lines: int
    head_hash: str
    broken_at: int | None = None
    problem: str = ""

    @property
    def is_intact(self) -> bool:
        """Tell whether every line fits the one before."""
        return self.broken_at is None


def line_hash(account_id: str, line: AuditLine) -> str:
    """Return the SHA-256 (hex) over the canonical JSON of the line without its own hash."""
    content = asdict(replace(line, hash=""))
    content["at"] = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    content["account_id"] = account_id
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def check_lines(account_id: str, lines: Sequence[AuditLine]) -> TrailCheck:
    """Verify numbering, links and hashes from the first line on."""
    previous_hash = GENESIS_HASH
    for expected, line in enumerate(lines, start=1):
        if line.sequence != expected:
            return TrailCheck(len(lines), previous_hash, expected, f"line {expected} is missing")
        if line.previous_hash != previous_hash:
            return TrailCheck(
                len(lines), previous_hash, expected, f"line {expected} does not follow line {expected - 1}"
            )
        if line_hash(account_id, line) != line.hash:
            return TrailCheck(len(lines), previous_hash, expected, f"line {expected} was changed after it was written")
        previous_hash = line.hash
    return TrailCheck(len(lines), previous_hash)


def _line(row: AuditEntry) -> AuditLine:
    return AuditLine(**{name: getattr(row, name) for name in AuditLine.__dataclass_fields__})


class AuditTrail:
    """Append to, read, verify and export the current account's trail."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now

    async def append(
        self,
        session: AsyncSession,
        *,
        actor: Actor,
        action: str,
        target: str,
        result: str,
        reason: str = "",
        before: Any = None,
        after: Any = None,
        detail: str = "",
        effect_id: int | None = None,
    ) -> AuditLine:
        """Add a line in the caller's transaction, so that it stands exactly when what it tells of does."""
        await repository.lock_trail(session)
        last = await repository.last_entry(session)
        line = AuditLine(
            sequence=last.sequence + 1 if last else 1,
            at=self._now(),
            actor_member_id=actor.member_id,
            actor_name=actor.name,
            action=action,
            target=target,
            reason=reason,
            before=before,
            after=after,
            result=result,
            detail=detail,
            effect_id=effect_id,
            correlation_id=str(structlog.contextvars.get_contextvars().get("correlation_id", "")),
            previous_hash=last.hash if last else GENESIS_HASH,
        )
        line = replace(line, hash=line_hash(current_account_id(), line))
        session.add(AuditEntry(**{name: getattr(line, name) for name in AuditLine.__dataclass_fields__}))
        await session.flush()
        # the head in the log lets somebody notice when lines are cut off the trail's end
        log.info("audit_line", action=action, target=target, result=result, sequence=line.sequence, head=line.hash)
        return line

    async def record(self, *, actor: Actor, action: str, target: str, result: str, **rest: Any) -> AuditLine:
        """Add a line in a transaction of its own (refusals, settings)."""
        async with self._database.transaction() as session:
            return await self.append(session, actor=actor, action=action, target=target, result=result, **rest)

    async def lines(
        self, *, target: str | None = None, limit: int | None = None, after_sequence: int = 0
    ) -> list[AuditLine]:
        """Return lines in order, those after a sequence number; with `limit`, the newest ones."""
        async with self._database.transaction(write=False) as session:
            rows = await repository.entries(session, target=target, limit=limit, after_sequence=after_sequence)
            return [_line(row) for row in rows]

    async def verify(self) -> TrailCheck:
        """Check the whole trail."""
        return check_lines(current_account_id(), await self.lines())

    async def export(self) -> bytes:
        """Return the trail as JSON Lines (UTF-8), one line an entry, ready to be verified elsewhere."""
        account_id = current_account_id()
        rows = [
            {**asdict(line), "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"), "account_id": account_id}
            for line in await self.lines()
        ]
        return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows).encode()
