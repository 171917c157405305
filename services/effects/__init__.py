"""Writes to the outside: once, on the record, undoable."""

from services.effects.audit import AuditLine, AuditTrail, TrailCheck
from services.effects.recovery import GIVE_UP_AGE, OnSettled
from services.effects.service import Effects
from services.effects.types import (
    UNDO_WINDOW,
    Actor,
    EffectRecord,
    EffectStatus,
    Intent,
    Json,
    Operation,
    Receipt,
    Undo,
)

__all__ = [
    "GIVE_UP_AGE",
    "UNDO_WINDOW",
    "Actor",
    "AuditLine",
    "AuditTrail",
    "EffectRecord",
    "EffectStatus",
    "Effects",
    "Intent",
    "Json",
    "OnSettled",
    "Operation",
    "Receipt",
    "TrailCheck",
    "Undo",
]
