"""What FlowPilot changes in Jira, each as an operation that can be found again, verified and undone."""

from __future__ import annotations

from services.clock import Now, utc_now
from services.effects.jira.base import Refresh
from services.effects.jira.comments import AddComment, DeleteComment
from services.effects.jira.creation import CreateIssue
from services.effects.jira.fields import SetAssignee, SetParent, SetPriority
from services.effects.jira.links import LinkIssues, UnlinkIssues
from services.effects.jira.notes import PostNote
from services.effects.jira.transitions import MoveIssue, TransitionMissingError
from services.effects.types import Operation
from services.vendors.jira import JiraClient

__all__ = ["TransitionMissingError", "jira_operations"]


def jira_operations(jira: JiraClient, refresh: Refresh | None = None, *, now: Now = utc_now) -> list[Operation]:
    """Return all operations on Jira; `refresh(key)` brings the mirror's issue up to date after each write."""
    kinds = (
        AddComment,
        DeleteComment,
        PostNote,
        MoveIssue,
        SetAssignee,
        SetPriority,
        SetParent,
        LinkIssues,
        UnlinkIssues,
    )
    return [*(kind(jira, refresh) for kind in kinds), CreateIssue(jira, refresh, now=now)]
