"""What operations on service tickets share."""

from __future__ import annotations

from abc import ABC, abstractmethod

from services.effects.types import EffectRecord, EffectStatus, Json, Undo
from services.errors import InvalidInputError
from services.slack.markup import bold
from services.vendors.connectwise import ConnectWiseClient

PREFIX = "CW-"


def number_of(target: str) -> int:
    """Return the number in "CW-48213"; `InvalidInputError` for anything else."""
    number = target.removeprefix(PREFIX)
    if not (number.isascii() and number.isdigit()):
        raise InvalidInputError(f"“{target[:60]}” is not a ConnectWise ticket.", hint="One looks like CW-48213.")
    return int(number)


class TicketOperation(ABC):
    """One change of the ticket `effect.target` ("CW-48213"); a subclass says which."""

    name = ""

    def __init__(self, connectwise: ConnectWiseClient) -> None:
        self._connectwise = connectwise

    @abstractmethod
    async def read(self, effect: EffectRecord) -> Json:
        """Return the state that the write changes."""

    @abstractmethod
    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Tell whether nothing needs doing."""

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the state if it has become what was wanted: an answer got lost, the change did not."""
        state = await self.read(effect)
        return state if self.is_satisfied(effect, state) else None

    @abstractmethod
    async def write(self, effect: EffectRecord) -> Json:
        """Change the ticket; return what only the write can tell."""

    @abstractmethod
    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Say so when the ticket is not as it was wanted."""

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Return nothing: a subclass knows what takes it back."""
        return None

    @abstractmethod
    def describe(self, effect: EffectRecord) -> str:
        """Say what was done."""

    def url(self, effect: EffectRecord) -> str:
        """Return the ticket's screen; notes have no address of their own."""
        return self._connectwise.ticket_url(number_of(effect.target))


def was_so_already(effect: EffectRecord) -> bool:
    """Tell whether nothing had to be done."""
    return effect.status is EffectStatus.UNCHANGED


def shown(text: str | None, nothing: str = "nothing") -> str:
    """Return text from ConnectWise in bold mrkdwn, escaped."""
    return bold(text or "") or nothing
