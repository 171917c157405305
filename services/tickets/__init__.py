"""Single tickets: reading, creating, commenting, moving, assigning, prioritising, linking, drafting."""

from services.tickets.service import Tickets
from services.tickets.types import ChoiceError, Draft, NewTicket, NewTicketError, PhaseEntry, TicketCard

__all__ = ["ChoiceError", "Draft", "NewTicket", "NewTicketError", "PhaseEntry", "TicketCard", "Tickets"]
