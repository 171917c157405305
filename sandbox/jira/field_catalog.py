"""The fields of the site as `GET field` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EPIC_LINK = "customfield_10014"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field: its id, its name, its type (and of what, for a list)."""

    id: str
    name: str
    type: str
    items: str = ""
    custom: str = ""
    clauses: tuple[str, ...] = ()

    def schema(self) -> dict[str, Any]:
        """Return the JSON type bean."""
        schema: dict[str, Any] = {"type": self.type}
        if self.items:
            schema["items"] = self.items
        if self.custom:
            return schema | {"custom": self.custom, "customId": int(self.id.rpartition("_")[2])}
        return schema | {"system": self.id}

    def details(self) -> dict[str, Any]:
        """Return the entry of `GET field`."""
        return {
            "id": self.id,
            "key": self.id,
            "name": self.name,
            "custom": bool(self.custom),
            "orderable": True,
            "navigable": self.id not in ("comment", "worklog", "attachment"),
            "searchable": True,
            "clauseNames": list(self.clauses or (self.id,)),
            "schema": self.schema(),
        }


FIELDS = (
    FieldInfo("summary", "Summary", "string"),
    FieldInfo("description", "Description", "string"),
    FieldInfo("issuetype", "Issue Type", "issuetype", clauses=("issuetype", "type")),
    FieldInfo("project", "Project", "project"),
    FieldInfo("status", "Status", "status"),
    FieldInfo(
        "statuscategorychangedate", "Status Category Changed", "datetime", clauses=("statusCategoryChangedDate",)
    ),
    FieldInfo("priority", "Priority", "priority"),
    FieldInfo("resolution", "Resolution", "resolution"),
    FieldInfo("resolutiondate", "Resolved", "datetime", clauses=("resolutiondate", "resolved")),
    FieldInfo("assignee", "Assignee", "user"),
    FieldInfo("reporter", "Reporter", "user"),
    FieldInfo("creator", "Creator", "user"),
    FieldInfo("labels", "Labels", "array", "string"),
    FieldInfo("components", "Components", "array", "component", clauses=("component",)),
    FieldInfo("fixVersions", "Fix versions", "array", "version", clauses=("fixVersion",)),
    FieldInfo("duedate", "Due date", "date", clauses=("due", "duedate")),
    FieldInfo("created", "Created", "datetime", clauses=("created", "createdDate")),
    FieldInfo("updated", "Updated", "datetime", clauses=("updated", "updatedDate")),
    FieldInfo("parent", "Parent", "issuelink"),
    FieldInfo("subtasks", "Sub-tasks", "array", "issuelinks"),
    FieldInfo("issuelinks", "Linked Issues", "array", "issuelinks"),
    FieldInfo("timespent", "Time Spent", "number"),
    FieldInfo("comment", "Comment", "comments-page"),
    FieldInfo("worklog", "Log Work", "array", "worklog"),
    FieldInfo("attachment", "Attachment", "array", "attachment"),
    FieldInfo(
        EPIC_LINK,
        "Epic Link",
        "any",
        custom="com.pyxis.greenhopper.jira:gh-epic-link",
        clauses=("cf[10014]", "Epic Link"),
    ),
)
