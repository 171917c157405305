"""What a write to the outside is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

UNDO_WINDOW = timedelta(minutes=10)
"""How long a receipt offers Undo (TKT-1.4)."""

Json = Any
"""A value that survives JSON."""


class EffectStatus(StrEnum):
    """How far a write got."""

    STARTED = "started"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Actor:
    """On whose behalf a write happens; `member_id` is None for FlowPilot itself."""

    member_id: int | None
    name: str


@dataclass(frozen=True)
class Intent:
    """One write that is wanted. The same `idempotency_key` never acts twice."""

    operation: str
    target: str
    arguments: dict[str, Json]
    actor: Actor
    reason: str
    idempotency_key: str
    undoes_id: int | None = None


@dataclass(frozen=True)
class EffectRecord:
    """A write as stored; given to operations."""

    id: int
    operation: str
    target: str
    arguments: dict[str, Json]
    actor: Actor
    reason: str
    idempotency_key: str
    status: EffectStatus
    before: Json
    after: Json
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    undoes_id: int | None
    undone_by_id: int | None


@dataclass(frozen=True)
class Receipt:
    """What a person is shown for a write (TRUST-1)."""

    effect_id: int
    operation: str
    target: str
    summary: str
    url: str
    actor: Actor
    status: EffectStatus
    before: Json
    after: Json
    at: datetime
    undo_until: datetime | None
    repeated: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Undo:
    """The write that takes another one back."""

    operation: str
    arguments: dict[str, Json] = field(default_factory=dict)


class Operation(Protocol):
    """One kind of write at one vendor, registered by name; stateless, arguments are JSON."""

    name: str

    async def read(self, effect: EffectRecord) -> Json:
        """Return the state that the write changes, as it is now."""
        ...

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether `state` is what the write wants already, so that nothing needs doing."""
        ...

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the result of an earlier attempt at this very effect if the vendor shows one, else None."""
        ...

    async def write(self, effect: EffectRecord) -> Json:
        """Do it; raises `VendorError`, with `outcome_unknown` where it may have happened all the same."""
        ...

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say how the state read back differs from what was wanted, or None."""
        ...

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return what takes it back, or None where nothing does."""
        ...

    def describe(self, effect: EffectRecord) -> str:
        """Say in one sentence (mrkdwn, escaped) what was done."""
        ...

    def url(self, effect: EffectRecord) -> str:
        """Return where to see it at the vendor."""
        ...
