"""Worklog drafts: what somebody probably worked on, ready to be logged."""

from services.pm.worklog_drafts.service import WorklogDrafts
from services.pm.worklog_drafts.sources import evidence_sources
from services.pm.worklog_drafts.types import (
    DraftWeek,
    Evidence,
    EvidenceKind,
    EvidenceSource,
    Span,
)

__all__ = [
    "DraftWeek",
    "Evidence",
    "EvidenceKind",
    "EvidenceSource",
    "Span",
    "WorklogDrafts",
    "evidence_sources",
]
