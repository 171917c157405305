"""Jira's JSON for what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sandbox.jira.adf import Adf, text_from_adf
from sandbox.jira.model import (
    Comment,
    History,
    IssueType,
    LinkType,
    Priority,
    Project,
    Resolution,
    Status,
    Workflow,
)
from sandbox.jira.store import JiraStore

Json = dict[str, Any]


def epoch_ms(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


class Renderer:
    """Makes the vendor's JSON for one site; times are in the caller's time zone, as Jira does it."""

    def __init__(self, store: JiraStore, base: str, version: str = "3", zone: str = "America/New_York") -> None:
        self.store = store
        self.base = base
        self.version = version
        self.zone = ZoneInfo(zone)

    def link(self, path: str) -> str:
        """Return the address of a resource."""
        return f"{self.base}/rest/api/{self.version}/{path}"

    def when(self, moment: datetime) -> str:
        """Return a time the way Jira writes it, milliseconds and a zone without colon."""
        local = moment.astimezone(self.zone)
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    def document(self, document: Adf | None) -> Any:
        """Return a rich text: a document in v3, words in v2."""
        if document is None or self.version == "3":
            return document
        return text_from_adf(document)

    def user(self, account_id: str | None) -> Json | None:
        """Return an account, None for nobody."""
        if account_id is None:
            return None
        user = self.store.users.get(account_id)
        if user is None:
            return {"accountId": account_id, "active": False, "displayName": "Former user"}
        face = f"{self.base}/avatar/{quote(account_id, safe='')}.png"
        return {
            "self": self.link(f"user?accountId={quote(account_id, safe='')}"),
            "accountId": account_id,
            "accountType": user.account_type,
            "emailAddress": user.email,
            "avatarUrls": dict.fromkeys(("16x16", "24x24", "32x32", "48x48"), face),
            "displayName": user.name,
            "active": user.active,
            "timeZone": user.time_zone,
        }

    def status(self, status: Status) -> Json:
        """Return a status."""
        category = status.category
        return {
            "self": self.link(f"status/{status.id}"),
            "description": "",
            "iconUrl": f"{self.base}/images/icons/status.png",
            "name": status.name,
            "id": status.id,
            "statusCategory": {
                "self": self.link(f"statuscategory/{category.id}"),
                "id": category.id,
                "key": category.key,
                "colorName": category.color,
                "name": category.name,
            },
        }

    def priority(self, priority: Priority) -> Json:
        """Return a priority as it stands on an issue."""
        icon = f"{self.base}/images/icons/priorities/{priority.name.lower()}.svg"
        return {
            "self": self.link(f"priority/{priority.id}"),
            "iconUrl": icon,
            "name": priority.name,
            "id": priority.id,
        }

    def issue_type(self, kind: IssueType) -> Json:
        """Return an issue type."""
        return {
            "self": self.link(f"issuetype/{kind.id}"),
            "id": kind.id,
            "description": "",
            "iconUrl": f"{self.base}/images/icons/issuetypes/{kind.id}.svg",
            "name": kind.name,
            "subtask": kind.subtask,
            "hierarchyLevel": kind.level,
        }

    def resolution(self, resolution: Resolution | None) -> Json | None:
        """Return a resolution."""
        if resolution is None:
            return None
        return {
            "self": self.link(f"resolution/{resolution.id}"),
            "id": resolution.id,
            "description": "",
            "name": resolution.name,
        }

    def link_type(self, kind: LinkType) -> Json:
        """Return a link type."""
        return {
            "id": kind.id,
            "name": kind.name,
            "inward": kind.inward,
            "outward": kind.outward,
            "self": self.link(f"issueLinkType/{kind.id}"),
        }

    def project(self, project: Project) -> Json:
        """Return a project as it stands on an issue."""
        face = f"{self.base}/avatar/project-{project.id}.png"
        return {
            "self": self.link(f"project/{project.id}"),
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": False,
            "avatarUrls": dict.fromkeys(("16x16", "24x24", "32x32", "48x48"), face),
        }

    def project_details(self, project: Project, expand: Iterable[str] = ()) -> Json:
        """Return a project with its issue types; the lead with expand=lead."""
        body: Json = {"expand": "description,lead,issueTypes,url,projectKeys,insight", **self.project(project)}
        body["issueTypes"] = [self.issue_type(self.store.types[name]) for name in project.type_names]
        body["lead"] = self.user(project.lead)
        body |= {"assigneeType": "UNASSIGNED", "components": [], "versions": [], "roles": {}, "isPrivate": False}
        if "description" in set(expand):
            body["description"] = project.name
        return body

    def workflow_statuses(self, workflow: Workflow) -> list[Json]:
        """Return the statuses of a workflow."""
        return [self.status(self.store.statuses[name]) for name in workflow.statuses]

    def comment(self, comment: Comment, issue_id: int, expand: Iterable[str] = ()) -> Json:
        """Return a comment; its properties and words only when asked for."""
        body: Json = {
            "self": self.link(f"issue/{issue_id}/comment/{comment.id}"),
            "id": str(comment.id),
            "author": self.user(comment.author),
            "body": self.document(comment.body),
            "updateAuthor": self.user(comment.update_author),
            "created": self.when(comment.created),
            "updated": self.when(comment.updated),
            "jsdPublic": True,
        }
        if "properties" in expand:
            body["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
        if "renderedBody" in expand:
            body["renderedBody"] = f"<p>{text_from_adf(comment.body)}</p>"
        return body

    def history(self, history: History) -> Json:
        """Return an entry of the changelog; a side that holds nothing is left out, as the description has no null."""
        items = []
        for item in history.items:
            change: Json = {"field": item.field, "fieldtype": "custom" if item.custom else "jira"}
            if item.field_id:
                change["fieldId"] = item.field_id
            sides = {
                "from": item.before,
                "fromString": item.before_text,
                "to": item.after,
                "toString": item.after_text,
            }
            change |= {side: value for side, value in sides.items() if value is not None}
            items.append(change)
        return {
            "id": str(history.id),
            "author": self.user(history.author),
            "created": self.when(history.created),
            "items": items,
        }
