"""An agent for tests: counts its runs, and fails as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from agents.schedule import Weekday, Weekly
from agents.spec import AgentSpec, Delivery, Message, RunMode, Slot

if TYPE_CHECKING:
    from services.container import Services


@dataclass
class Example:
    """What the agent saw, and the errors that its next collects raise."""

    slots: list[Slot] = field(default_factory=list)
    delivered: list[RunMode] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    async def collect(self, services: Services, slot: Slot) -> str:
        self.slots.append(slot)
        if self.errors:
            raise self.errors.pop(0)
        return f"week before {slot.day}"

    @staticmethod
    def assess(data: str, now: datetime) -> str:
        return f"{data} as of {now:%H:%M}"

    async def deliver(self, services: Services, findings: str, mode: RunMode) -> Delivery:
        self.delivered.append(mode)
        outcome = "sent" if mode is RunMode.LIVE else "would send"
        return Delivery(f"1 person told of {findings}", {"people": 1}, (Message("U1", findings, outcome),))

    def spec(self, name: str = "example") -> AgentSpec[str, str]:
        return AgentSpec(
            name=name,
            title="Example",
            description="Shows how",
            schedule=Weekly(Weekday.MONDAY, time(10)),
            collect=self.collect,
            assess=self.assess,
            deliver=self.deliver,
            grace=timedelta(hours=12),
        )
