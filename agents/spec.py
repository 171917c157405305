"""What a scheduled agent is: three functions and one line that says when and for whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from agents.schedule import Schedule
from services.accounts.types import Role
from services.modes import RunMode

if TYPE_CHECKING:
    from services.container import Services

__all__ = ["AgentSpec", "Delivery", "Message", "RunMode", "RunStatus", "RunTrigger", "Slot"]

Data = TypeVar("Data")
Findings = TypeVar("Findings")


class RunTrigger(StrEnum):
    """Who wanted the run."""

    SCHEDULE = "schedule"
    MANUAL = "manual"


class RunStatus(StrEnum):
    """Where a run is; `WAITING` for a vendor that is down."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Slot:
    """The scheduled instant that a run is for, which is not when it runs."""

    at: datetime
    time_zone: str

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a slot is an aware instant")

    @property
    def local(self) -> datetime:
        """The instant on the account's wall clock."""
        return self.at.astimezone(ZoneInfo(self.time_zone))

    @property
    def day(self) -> date:
        """The account's date at that instant."""
        return self.local.date()

    @property
    def iso(self) -> str:
        """The instant in UTC, as ids contain it: 2026-11-23T15:00:00Z."""
        return self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Message:
    """One message that a run sent, or would send; `outcome` says which (`sent`, `would send`, `held back: …`)."""

    recipient: str
    text: str
    outcome: str
    blocks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Delivery:
    """What came of a run: one line for people, the numbers behind it, the messages."""

    line: str
    counts: Mapping[str, int] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True)
class AgentSpec(Generic[Data, Findings]):
    """One line of the catalogue.

    `collect` reads the mirror, `assess` is pure (data and the slot's instant in, findings out; it runs in a thread),
    `deliver` hands findings over and may be repeated after a crash. `grace` is how late a missed slot still runs.
    `tells_of_now`: messages say how things stand at the slot, not of a week or month that is over; as of an earlier day
    such an agent only shows what it would have said.
    """

    name: str
    title: str
    description: str
    schedule: Schedule
    collect: Callable[[Services, Slot], Awaitable[Data]]
    assess: Callable[[Data, datetime], Findings]
    deliver: Callable[[Services, Findings, RunMode], Awaitable[Delivery]]
    grace: timedelta = timedelta(hours=1)
    role: Role = Role.PM
    tells_of_now: bool = False
