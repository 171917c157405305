"""What operations on service tickets share."""

from __future__ import annotations

from services.effects.changes import VendorChange
from services.effects.types import EffectRecord, Json
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


class TicketOperation(VendorChange):
    """One change of the ticket `effect.target` ("CW-48213"); a subclass says which."""

    vendor = "ConnectWise"

    def __init__(self, connectwise: ConnectWiseClient) -> None:
        self._connectwise = connectwise

    async def follow(self, effect: EffectRecord, result: Json) -> None:
        """Nothing: tickets are read from ConnectWise itself."""

    def url(self, effect: EffectRecord) -> str:
        """Return the ticket's screen; notes have no address of their own."""
        return self._connectwise.ticket_url(number_of(effect.target))


def shown(text: str | None, nothing: str = "nothing") -> str:
    """Return text from ConnectWise in bold mrkdwn, escaped."""
    return bold(text or "") or nothing
