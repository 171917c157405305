"""What anyone can do in Jira: every door (REST, the page, the world) goes through these operations."""

from __future__ import annotations

from typing import Any

from sandbox.jira import catalog
from sandbox.jira.comments import CommentOperations, check_body
from sandbox.jira.edits import (
    Change,
    FieldError,
    assignee_change,
    check_summary,
    plan_edit,
    read_account,
    read_parent,
    read_type,
)
from sandbox.jira.errors import JiraError
from sandbox.jira.events import JiraEvent
from sandbox.jira.links import LinkOperations
from sandbox.jira.model import (
    ChangeItem,
    Issue,
    Project,
    Status,
    Transition,
)
from sandbox.jira.worklogs import WorklogOperations


class JiraState(CommentOperations, LinkOperations, WorklogOperations):
    """A Jira site."""

    def create(
        self,
        actor: str,
        fields: dict[str, Any],
        update: dict[str, Any] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> Issue:
        """Create an issue from REST fields; JiraError 400 naming every refused field."""
        issue, rest = self._new_issue(actor, fields)
        changes = plan_edit(self, issue, rest, update or {})
        self._check_update(update or {})
        issue.properties = dict(properties or {})
        self.insert(issue)
        for change in changes:
            self._set(issue, change)
        self._after_update(issue, actor, update or {})
        self.tell(JiraEvent("jira:issue_created", "issue_created", issue, actor, issue.created), "created")
        return issue

    def _new_issue(self, actor: str, fields: dict[str, Any]) -> tuple[Issue, dict[str, Any]]:
        errors: dict[str, str] = {}
        project = self._project_of(fields.get("project"))
        if project is None:
            raise JiraError(400, errors={"project": "Specify a valid project ID or key"})
        try:
            kind = read_type(self, project.type_names, fields.get("issuetype"))
        except FieldError as refused:
            raise JiraError(400, errors={"issuetype": str(refused)}) from None
        summary = ""
        parent: Issue | None = None
        try:
            summary = check_summary(fields.get("summary", ""))
        except FieldError as refused:
            errors["summary"] = str(refused)
        try:
            parent = read_parent(self, kind, project.key, fields.get("parent"))
            if parent is None and kind.subtask:
                errors["issuetype"] = "Issue type is a sub-task but parent issue key or id not specified."
        except FieldError as refused:
            errors[refused.field or "parent"] = str(refused)
        if errors:
            raise JiraError(400, errors=errors)
        now = self.clock.now()
        workflow = self.workflow_of(project, kind)
        issue = Issue(
            id=self.new_id("issue"),
            key=f"{project.key}-{project.next_number}",
            project=project,
            type=kind,
            summary=summary,
            status=self.statuses[workflow.statuses[0]],
            priority=self.priorities["Medium"],
            created=now,
            updated=now,
            reporter=actor,
            parent_id=parent.id if parent else None,
            status_changed=now,
        )
        taken = ("project", "issuetype", "summary", "parent")
        return issue, {name: value for name, value in fields.items() if name not in taken}

    def _project_of(self, value: Any) -> Project | None:
        if not isinstance(value, dict):
            return None
        wanted = str(value.get("key") or value.get("id") or "").upper()
        return next((p for p in self.projects.values() if wanted in (p.key, p.id)), None)

    def edit(self, actor: str, issue: Issue, fields: dict[str, Any], update: dict[str, Any] | None = None) -> None:
        """Change fields; JiraError 400 naming every refused field, and then nothing is changed."""
        changes = plan_edit(self, issue, fields, update or {})
        self._check_update(update or {})
        self.apply(actor, issue, changes)
        self._after_update(issue, actor, update or {})

    def assign(self, actor: str, issue: Issue, account: str | None) -> None:
        """Assign to an account, or to nobody."""
        try:
            account = read_account(self, {"accountId": account})
        except FieldError as refused:
            raise JiraError(400, errors={"assignee": str(refused)}) from None
        self.apply(actor, issue, [assignee_change(self, issue, account)], "issue_assigned")

    def apply(self, actor: str, issue: Issue, changes: list[Change], kind: str = "issue_updated") -> None:
        """Set what differs, write one history entry, and tell."""
        real = [change for change in changes if getattr(issue, change.attribute) != change.value]
        if not real:
            return
        for change in real:
            self._set(issue, change)
        items = tuple(change.item for change in real if change.item is not None)
        history = self.touch(issue, actor, items)
        self.tell(JiraEvent("jira:issue_updated", kind, issue, actor, issue.updated, history), "updated")

    def _set(self, issue: Issue, change: Change) -> None:
        if change.attribute == "parent_id":
            self.set_parent(issue, change.value)
        else:
            setattr(issue, change.attribute, change.value)

    def transition(
        self,
        actor: str,
        issue: Issue,
        transition_id: str,
        fields: dict[str, Any] | None = None,
        update: dict[str, Any] | None = None,
    ) -> Transition:
        """Move through the workflow; JiraError 400 for a step that is unknown or not possible from here."""
        workflow = self.workflow(issue)
        step = next((t for t in workflow.transitions if t.id == transition_id), None)
        if step is None:
            raise JiraError(400, f"Transition id '{transition_id}' is not valid for this issue.")
        if step not in workflow.available(issue.status.name):
            raise JiraError(
                400,
                f"It seems that you have tried to perform a workflow operation ({step.name}) that is not valid for the "
                f"current state of this issue ({issue.key}). The likely cause is that somebody has changed the issue "
                "recently, please look at the issue history for details.",
            )
        given = dict(fields or {})
        resolution = given.pop("resolution", None)
        changes = plan_edit(self, issue, given, update or {})
        self._check_update(update or {})
        changes += self.status_changes(issue, self.statuses[step.target], self._resolution(resolution))
        self.apply(actor, issue, changes, "issue_generic")
        self._after_update(issue, actor, update or {})
        return step

    def _resolution(self, value: Any) -> str:
        if value is None:
            return "Done"
        name = value.get("name") if isinstance(value, dict) else None
        if name not in self.resolutions:
            raise JiraError(400, errors={"resolution": f"Resolution name '{name}' is not valid"})
        return str(name)

    def status_changes(self, issue: Issue, status: Status, resolution: str = "Done") -> list[Change]:
        """Return what a move to `status` changes: the status, and the resolution when it enters or leaves done."""
        now = self.clock.now()
        before = issue.status
        item = ChangeItem("status", "status", before.id, before.name, status.id, status.name)
        changes = [Change("status", status, item)]
        if status.category != before.category:
            changes.append(Change("status_changed", now, None))
        done = status.category is catalog.DONE
        if done != (issue.resolution is not None):
            held, new = issue.resolution, self.resolutions[resolution] if done else None
            changes.append(
                Change(
                    "resolution",
                    new,
                    ChangeItem(
                        "resolution",
                        "resolution",
                        held.id if held else None,
                        held.name if held else None,
                        new.id if new else None,
                        new.name if new else None,
                    ),
                )
            )
            changes.append(Change("resolved", now if done else None, None))
        return changes

    def delete(self, actor: str, issue: Issue, with_subtasks: bool = False) -> None:
        """Delete an issue; JiraError 400 when sub-tasks would be left behind."""
        subtasks = [child for child in self.children.get(issue.id, {}).values() if child.type.subtask]
        if subtasks and not with_subtasks:
            raise JiraError(
                400,
                f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete "
                "this issue and all its subtasks.",
            )
        for subtask in subtasks:
            self.delete(actor, subtask)
        self.remove(issue)
        self.tell(JiraEvent("jira:issue_deleted", "issue_deleted", issue, actor, self.clock.now()), "deleted")

    def _check_update(self, update: dict[str, Any]) -> None:
        """Refuse comments and links that cannot be added, before anything else is changed."""
        for operation in update.get("comment", []):
            check_body(_added(operation).get("body"))
        for operation in update.get("issuelinks", []):
            self._ends(_added(operation))

    def _after_update(self, issue: Issue, actor: str, update: dict[str, Any]) -> None:
        for operation in update.get("comment", []):
            self.add_comment(actor, issue, _added(operation).get("body"))
        for operation in update.get("issuelinks", []):
            name, inward, other = self._ends(_added(operation))
            self.add_link(actor, name, *((other, issue) if inward else (issue, other)))

    def _ends(self, link: dict[str, Any]) -> tuple[str, bool, Issue]:
        """Return a link's type, whether the other issue is its inward end, and that issue."""
        inward = "inwardIssue" in link
        kind, other = link.get("type"), link.get("inwardIssue" if inward else "outwardIssue")
        if not isinstance(kind, dict) or not isinstance(other, dict):
            raise JiraError(400, errors={"issuelinks": "A link needs a type and an inwardIssue or outwardIssue."})
        return str(kind.get("name", "")), inward, self.issue(other.get("key") or other.get("id", ""))


def _added(operation: dict[str, Any]) -> dict[str, Any]:
    value = operation.get("add")
    return value if isinstance(value, dict) else {}
