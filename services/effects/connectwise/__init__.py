"""What FlowPilot changes in ConnectWise, each as an operation that can be found again, verified and undone."""

from __future__ import annotations

from services.effects.connectwise.notes import DeleteNote, PostNote
from services.effects.connectwise.status import SetStatus, StatusMissingError
from services.effects.types import Operation
from services.vendors.connectwise import ConnectWiseClient

__all__ = ["DeleteNote", "PostNote", "SetStatus", "StatusMissingError", "connectwise_operations"]


def connectwise_operations(connectwise: ConnectWiseClient) -> list[Operation]:
    """Return all operations on service tickets."""
    return [PostNote(connectwise), DeleteNote(connectwise), SetStatus(connectwise)]
