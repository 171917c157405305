"""The local mirror of Jira and Tempo, for everybody who reads."""

from services.mirror.mirror import Mirror
from services.mirror.types import Census, FieldChangeRow, Freshness, IssueRow, ScheduleDay, SyncReport, WorklogRow

__all__ = ["Census", "FieldChangeRow", "Freshness", "IssueRow", "Mirror", "ScheduleDay", "SyncReport", "WorklogRow"]
