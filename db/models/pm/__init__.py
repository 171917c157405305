"""Project management: projects, teams, and what the PM agents keep."""

from db.models.pm.bottlenecks import BottleneckBaseline, WorkflowBottleneck
from db.models.pm.budgets import (
    EpicForecast,
    EpicHours,
    MonthlyReconciliationReport,
    ProactiveInsight,
    RetainerBudgetAlert,
)
from db.models.pm.epic_assignment import CachedEmbedding, EpicAssignmentCompliance, EpicAssignmentSuggestion
from db.models.pm.projects import Project, UserTeam
from db.models.pm.time_tracking import TimeTrackingCompliance, WorklogDraft

__all__ = [
    "BottleneckBaseline",
    "CachedEmbedding",
    "EpicAssignmentCompliance",
    "EpicAssignmentSuggestion",
    "EpicForecast",
    "EpicHours",
    "MonthlyReconciliationReport",
    "ProactiveInsight",
    "Project",
    "RetainerBudgetAlert",
    "TimeTrackingCompliance",
    "UserTeam",
    "WorkflowBottleneck",
    "WorklogDraft",
]
