"""Jira's JSON (v3, and v2 in webhooks) to typed values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.vendors.adf import text_from_adf
from services.vendors.types import (
    JiraBulkResult,
    JiraChange,
    JiraComment,
    JiraIssueDetail,
    JiraIssueRef,
    JiraIssueType,
    JiraLink,
    JiraParent,
    JiraStatus,
    JiraTransition,
    JiraTransitionField,
    JiraUser,
)
from services.vendors.values import clean, parse_time

Json = dict[str, Any]
PARENT_NAMES = {"IssueParentAssociation": "parent", "Parent": "parent"}
"""How changelogs call the field `parent` where they give no field id."""


def _optional_time(value: Any) -> datetime | None:
    return parse_time(value) if value else None


def parse_user(raw: Json | None) -> JiraUser | None:
    """Return the account, None where there is none."""
    if not raw or not raw.get("accountId"):
        return None
    return JiraUser(
        account_id=raw["accountId"],
        display_name=clean(raw.get("displayName")) or raw["accountId"],
        email=raw.get("emailAddress") or None,
        is_active=bool(raw.get("active", True)),
        time_zone=raw.get("timeZone"),
    )


def parse_status(raw: Json) -> JiraStatus:
    """Return the status."""
    category = (raw.get("statusCategory") or {}).get("key", "indeterminate")
    return JiraStatus(id=str(raw.get("id", "")), name=clean(raw.get("name")), category=category)


def _parent(raw: Json | None) -> JiraParent | None:
    if not raw or not raw.get("key"):
        return None
    fields = raw.get("fields") or {}
    level = (fields.get("issuetype") or {}).get("hierarchyLevel")
    return JiraParent(
        id=str(raw.get("id", "")), key=raw["key"], summary=clean(fields.get("summary")), hierarchy_level=level
    )


def _link(raw: Json) -> JiraLink | None:
    kind = raw.get("type") or {}
    if outward := raw.get("outwardIssue"):
        return JiraLink(
            str(raw.get("id", "")), kind.get("name", ""), "outward", kind.get("outward", ""), outward["key"]
        )
    if inward := raw.get("inwardIssue"):
        return JiraLink(str(raw.get("id", "")), kind.get("name", ""), "inward", kind.get("inward", ""), inward["key"])
    return None


def parse_issue(raw: Json, epic_link_field: str | None = None) -> JiraIssueDetail:
    """Return the issue; KeyError or ValueError when the fields that every issue has are missing."""
    fields = raw["fields"]
    kind = fields["issuetype"]
    epic_link = fields.get(epic_link_field) if epic_link_field else None
    links = (_link(link) for link in fields.get("issuelinks") or [])
    return JiraIssueDetail(
        id=str(raw["id"]),
        key=raw["key"],
        project_key=(fields.get("project") or {}).get("key") or raw["key"].rpartition("-")[0],
        issue_type=clean(kind["name"]),
        hierarchy_level=_level(kind),
        summary=clean(fields.get("summary")),
        description=text_from_adf(fields.get("description")),
        status=parse_status(fields["status"]),
        priority=clean((fields.get("priority") or {}).get("name")) or None,
        assignee=parse_user(fields.get("assignee")),
        reporter=parse_user(fields.get("reporter")),
        parent=_parent(fields.get("parent")),
        epic_link=epic_link if isinstance(epic_link, str) and epic_link else None,
        labels=tuple(clean(label) for label in fields.get("labels") or []),
        components=tuple(clean(component.get("name")) for component in fields.get("components") or []),
        links=tuple(link for link in links if link is not None),
        created_at=parse_time(fields["created"]),
        updated_at=parse_time(fields["updated"]),
        resolved_at=_optional_time(fields.get("resolutiondate")),
        due_on=date.fromisoformat(fields["duedate"]) if fields.get("duedate") else None,
    )


def parse_issue_type(raw: Json) -> JiraIssueType:
    """Return the type of issue."""
    return JiraIssueType(str(raw["id"]), clean(raw.get("name")), _level(raw))


def _level(kind: Json) -> int:
    if kind.get("hierarchyLevel") is not None:
        return int(kind["hierarchyLevel"])
    if kind.get("subtask"):
        return -1
    return 1 if str(kind.get("name", "")).lower() == "epic" else 0


def parse_ref(raw: Json) -> JiraIssueRef:
    """Return what the cheapest search tells of an issue."""
    updated = (raw.get("fields") or {}).get("updated")
    return JiraIssueRef(id=str(raw["id"]), key=raw.get("key", ""), updated_at=_optional_time(updated))


def parse_bulk(raw: Json, asked: list[str], epic_link_field: str | None = None) -> JiraBulkResult:
    """Return the issues of a bulk fetch; what is neither an issue nor an error there is missing."""
    issues = []
    errors = {str(e.get("id", "")): str(e.get("errorMessage", "")) for e in raw.get("issueErrors") or []}
    for issue in raw.get("issues") or []:
        try:
            issues.append(parse_issue(issue, epic_link_field))
        except (KeyError, ValueError, TypeError) as error:
            # one odd issue must not cost the others
            errors[str(issue.get("id", ""))] = f"cannot be read: {error!r}"
    answered = {name.upper() for issue in issues for name in (issue.id, issue.key)} | {name.upper() for name in errors}
    return JiraBulkResult(tuple(issues), errors, tuple(name for name in asked if name.upper() not in answered))


def parse_changes(issue_id: str, history: Json) -> list[JiraChange]:
    """Return one change per field of a changelog entry; `created` may be ISO text or an epoch."""
    changes = {}
    for item in history.get("items") or []:
        name = str(item.get("fieldId") or item.get("field") or "")
        name = PARENT_NAMES.get(name, name)
        changes[name] = JiraChange(
            history_id=str(history["id"]),
            issue_id=issue_id,
            field=name,
            from_id=item.get("from"),
            from_value=_optional_text(item.get("fromString")),
            to_id=item.get("to"),
            to_value=_optional_text(item.get("toString")),
            author_account_id=(history.get("author") or {}).get("accountId"),
            changed_at=parse_time(history["created"]),
        )
    return list(changes.values())


def _optional_text(value: Any) -> str | None:
    return None if value is None else clean(value)


def parse_comment(raw: Json) -> JiraComment:
    """Return the comment as plain text."""
    return JiraComment(
        id=str(raw["id"]),
        author=parse_user(raw.get("author")),
        body=text_from_adf(raw.get("body")),
        created_at=parse_time(raw["created"]),
        updated_at=parse_time(raw.get("updated") or raw["created"]),
        properties={entry["key"]: entry.get("value") for entry in raw.get("properties") or []},
    )


def parse_transition(raw: Json) -> JiraTransition:
    """Return the transition with the fields of its screen."""
    fields = tuple(
        JiraTransitionField(
            id=field_id,
            name=clean(meta.get("name")) or field_id,
            is_required=bool(meta.get("required")) and not meta.get("hasDefaultValue"),
            allowed=tuple(
                clean(option.get("name") or option.get("value")) for option in meta.get("allowedValues") or []
            ),
        )
        for field_id, meta in (raw.get("fields") or {}).items()
    )
    return JiraTransition(str(raw["id"]), clean(raw.get("name")), parse_status(raw.get("to") or {}), fields)
