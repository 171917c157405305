"""What Jira tells its listeners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.jira.model import Comment, History, Issue, Worklog


@dataclass(frozen=True, slots=True)
class JiraEvent:
    """Something that happened; `name` is the webhook event, `kind` its issue_event_type_name."""

    name: str
    kind: str
    issue: Issue
    actor: str
    at: datetime
    history: History | None = None
    comment: Comment | None = None
    worklog: Worklog | None = None
