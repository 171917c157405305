"""Single tickets: reading, commenting, moving, assigning, prioritising, drafting."""

from services.tickets.service import Tickets
from services.tickets.types import ChoiceError, Draft, TicketCard

__all__ = ["ChoiceError", "Draft", "TicketCard", "Tickets"]
