"""The status of a ticket: one of its board's, verified by reading the ticket back."""

from __future__ import annotations

from collections.abc import Sequence

from services.effects.changes import StatusChange, was_so_already
from services.effects.connectwise.base import TicketOperation, number_of, shown
from services.effects.types import EffectRecord, Json
from services.errors import ConflictError
from services.slack.markup import escape
from services.vendors.connectwise import ConnectWiseStatus


class StatusMissingError(ConflictError):
    """The ticket's board has no such status; `possible` are those that it has."""

    def __init__(self, target: str, board: str, wanted: str, possible: Sequence[str]) -> None:
        self.possible = tuple(possible)
        offered = ", ".join(f"*{escape(status)}*" for status in possible)
        super().__init__(
            f"*{target}* is on the board *{escape(board)}*, which has no status *{escape(wanted)}*.",
            hint=f"It has {offered}." if offered else "",
        )


class SetStatus(StatusChange, TicketOperation):
    """`connectwise.status` {status: its name, on the ticket's board}."""

    name = "connectwise.status"

    async def read(self, effect: EffectRecord) -> Json:
        """Read the ticket's status and board."""
        ticket = await self._connectwise.ticket(number_of(effect.target))
        return {"status": ticket.status, "board": ticket.board, "board_id": ticket.board_id}

    async def find(self, effect: EffectRecord) -> Json | None:
        """Return the status if it has become the wanted one, and whether there is a way back."""
        state = await super().find(effect)
        if state is None:
            return None
        return {**state, "way_back": _has(await self._offered(state["board_id"]), effect.before["status"])}

    async def _write(self, effect: EffectRecord) -> Json:
        wanted, before = effect.arguments["status"], effect.before
        # by its id on the board that the ticket was on when it was read
        offered = await self._offered(before["board_id"])
        chosen = next((status for status in offered if status.name.casefold() == wanted.casefold()), None)
        if chosen is None:
            raise StatusMissingError(effect.target, before["board"], wanted, [status.name for status in offered])
        await self._connectwise.set_status(number_of(effect.target), chosen.id)
        return {"way_back": _has(offered, before["status"])}

    async def _offered(self, board_id: int) -> list[ConnectWiseStatus]:
        return [status for status in await self._connectwise.statuses(board_id) if not status.is_inactive]

    def describe(self, effect: EffectRecord) -> str:
        """Say from what to what."""
        wanted = shown(effect.arguments["status"])
        if was_so_already(effect):
            return f"*{effect.target}* had the status {wanted} already"
        return f"Moved *{effect.target}* from {shown((effect.before or {}).get('status'))} to {wanted}"


def _has(statuses: Sequence[ConnectWiseStatus], name: str) -> bool:
    return any(status.name == name for status in statuses)
