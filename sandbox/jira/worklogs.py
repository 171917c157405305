"""Time on issues: one record serves Jira and Tempo."""

from __future__ import annotations

from datetime import datetime

from sandbox.jira.events import JiraEvent
from sandbox.jira.model import Issue, Worklog
from sandbox.jira.render import epoch_ms
from sandbox.jira.store import JiraStore


class WorklogOperations(JiraStore):
    """The part of the site that keeps time."""

    def add_worklog(
        self,
        actor: str,
        author: str,
        issue: Issue,
        started: datetime,
        seconds: int,
        description: str = "",
        billable_seconds: int | None = None,
    ) -> Worklog:
        """Log time; `started` is the author's wall clock, without zone."""
        now = self.clock.now()
        worklog = Worklog(
            self.new_id("worklog"), issue.id, author, started, seconds, now, now, description, billable_seconds
        )
        self.insert_worklog(worklog)
        issue.updated = now
        self.tell(JiraEvent("worklog_created", "issue_worklog_added", issue, actor, now, worklog=worklog), "worklog")
        return worklog

    def insert_worklog(self, worklog: Worklog) -> None:
        """Put a worklog under its id and its issue; nobody is told."""
        self.worklogs[worklog.id] = worklog
        self.issues[worklog.issue_id].worklog_ids.append(worklog.id)

    def worklog_changed(self, actor: str, worklog: Worklog) -> None:
        """Stamp a worklog whose values were changed, and tell."""
        issue = self.issues[worklog.issue_id]
        worklog.updated = issue.updated = self.clock.now()
        event = JiraEvent("worklog_updated", "issue_worklog_updated", issue, actor, issue.updated, worklog=worklog)
        self.tell(event, "worklog")

    def delete_worklog(self, actor: str, worklog: Worklog) -> None:
        """Delete a worklog; its id stays known as deleted."""
        issue = self.issues[worklog.issue_id]
        del self.worklogs[worklog.id]
        issue.worklog_ids.remove(worklog.id)
        issue.updated = self.clock.now()
        self.deleted_worklogs.append((worklog.id, epoch_ms(issue.updated)))
        event = JiraEvent("worklog_deleted", "issue_worklog_deleted", issue, actor, issue.updated, worklog=worklog)
        self.tell(event, "worklog")
