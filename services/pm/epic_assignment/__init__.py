"""Which tickets of scope projects have no epic, which one they may belong to, and assigning it at one click."""

from services.pm.epic_assignment.service import EpicAssignments

__all__ = ["EpicAssignments"]
