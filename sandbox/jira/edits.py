"""Field values as they come over REST: checked as Jira checks them, turned into changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.jira.adf import is_adf, text_from_adf
from sandbox.jira.errors import JiraError
from sandbox.jira.model import ChangeItem, Issue, IssueType, Priority
from sandbox.jira.store import JiraStore

NOT_ON_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
NOT_ADF = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


class FieldError(ValueError):
    """Why a field's value was refused; `field` when Jira names another one."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Change:
    """A checked new value of one attribute of an issue."""

    attribute: str
    value: Any
    item: ChangeItem | None


def plan_edit(store: JiraStore, issue: Issue, fields: dict[str, Any], update: dict[str, Any]) -> list[Change]:
    """Check all values and return the changes they make; JiraError 400 naming every refused field."""
    values = dict(fields)
    errors: dict[str, str] = {}
    for name, operations in update.items():
        if name in ("comment", "issuelinks", "worklog"):
            continue
        try:
            values[name] = _updated(issue, name, operations)
        except FieldError as refused:
            errors[refused.field or name] = str(refused)
    changes: list[Change] = []
    for name, value in values.items():
        reader = _READERS.get(name)
        if reader is None:
            errors[name] = NOT_ON_SCREEN.format(name)
            continue
        try:
            changes.append(reader(store, issue, value))
        except FieldError as refused:
            errors[refused.field or name] = str(refused)
    if errors:
        raise JiraError(400, errors=errors)
    return [change for change in changes if getattr(issue, change.attribute) != change.value]


def _updated(issue: Issue, name: str, operations: Any) -> Any:
    if not isinstance(operations, list):
        raise FieldError("data was not an array")
    current: list[Any] = list(issue.labels) if name == "labels" else []
    plain = name == "labels"
    if name in ("components", "fixVersions"):
        held = issue.components if name == "components" else issue.fix_versions
        current, plain = [{"name": text} for text in held], True
    result: Any = current
    for operation in operations:
        (verb, value), *_ = operation.items()
        if verb == "set":
            result = value
        elif verb == "add" and plain:
            result = [*result, value] if value not in result else result
        elif verb == "remove" and plain:
            result = [kept for kept in result if kept != value]
        else:
            raise FieldError(f"The operation '{verb}' is not supported for the field '{name}'.")
    return result


def _summary(store: JiraStore, issue: Issue, value: Any) -> Change:
    summary = check_summary(value)
    return Change("summary", summary, ChangeItem("summary", "summary", None, issue.summary, None, summary))


def check_summary(value: Any) -> str:
    """Return a summary without outer blanks; FieldError in Jira's words."""
    if not isinstance(value, str):
        raise FieldError("Operation value must be a string")
    if not value.strip():
        raise FieldError("You must specify a summary of the issue.")
    if "\n" in value or "\r" in value:
        raise FieldError("The summary is invalid because it contains newline characters.")
    if len(value) > 255:
        raise FieldError("Summary must be less than 255 characters.")
    return value.strip()


def _description(store: JiraStore, issue: Issue, value: Any) -> Change:
    if value is not None and not is_adf(value):
        raise FieldError(NOT_ADF)
    before, after = text_from_adf(issue.description), text_from_adf(value)
    if len(after) > 32_767:
        raise FieldError("The entered text is too long. It exceeds the allowed limit of 32,767 characters.")
    return Change("description", value, ChangeItem("description", "description", None, before, None, after))


def _priority(store: JiraStore, issue: Issue, value: Any) -> Change:
    priority = read_priority(store, value)
    before = issue.priority
    item = ChangeItem("priority", "priority", before.id, before.name, priority.id, priority.name)
    return Change("priority", priority, item)


def read_priority(store: JiraStore, value: Any) -> Priority:
    """Return the priority that {id} or {name} names."""
    if not isinstance(value, dict) or not ({"id", "name"} & value.keys()):
        raise FieldError("Specify the Priority (id or name) in the string format")
    for priority in store.priorities.values():
        if priority.id == str(value.get("id")) or priority.name == value.get("name"):
            return priority
    if "id" in value:
        raise FieldError(f"Priority with id '{value['id']}' is not valid")
    raise FieldError(f"Priority name '{value['name']}' is not valid")


def read_account(store: JiraStore, value: Any) -> str | None:
    """Return the account of a user value, None for nobody; FieldError for one who is not there."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FieldError("expected Object containing an 'accountId' property")
    account = value.get("accountId", value.get("id"))
    if account is None:
        return None
    if account not in store.users or not store.users[account].active:
        raise FieldError(f"User '{account}' does not exist.")
    return str(account)


def assignee_change(store: JiraStore, issue: Issue, account: str | None) -> Change:
    """Return the change of assignee."""
    before = issue.assignee
    item = ChangeItem("assignee", "assignee", before, store.user_name(before), account, store.user_name(account))
    return Change("assignee", account, item)


def _assignee(store: JiraStore, issue: Issue, value: Any) -> Change:
    return assignee_change(store, issue, read_account(store, value))


def _reporter(store: JiraStore, issue: Issue, value: Any) -> Change:
    account = read_account(store, value)
    if account is None:
        raise FieldError("Reporter is required.")
    before = issue.reporter
    item = ChangeItem("reporter", "reporter", before, store.user_name(before), account, store.user_name(account))
    return Change("reporter", account, item)


def _labels(store: JiraStore, issue: Issue, value: Any) -> Change:
    if value is not None and (not isinstance(value, list) or not all(isinstance(label, str) for label in value)):
        raise FieldError("data was not an array")
    for label in value or []:
        if re.search(r"\s", label):
            raise FieldError(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > 255:
            raise FieldError(f"The label '{label}' exceeds the maximum length for a single label.")
    labels = tuple(sorted(dict.fromkeys(value or [])))
    return Change(
        "labels", labels, ChangeItem("labels", "labels", None, " ".join(issue.labels), None, " ".join(labels))
    )


def _names(attribute: str, field: str, shown: str) -> Callable[[JiraStore, Issue, Any], Change]:
    def read(store: JiraStore, issue: Issue, value: Any) -> Change:
        if not isinstance(value, list) or not all(
            isinstance(v, dict) and isinstance(v.get("name"), str) for v in value
        ):
            raise FieldError("data was not an array")
        names = tuple(v["name"] for v in value)
        held = getattr(issue, attribute)
        return Change(attribute, names, ChangeItem(shown, field, None, ", ".join(held), None, ", ".join(names)))

    return read


def _due(store: JiraStore, issue: Issue, value: Any) -> Change:
    try:
        due = None if value is None else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise FieldError("Error parsing date string: " + str(value)) from None
    before = issue.due.isoformat() if issue.due else None
    after = due.isoformat() if due else None
    return Change("due", due, ChangeItem("duedate", "duedate", before, before, after, after))


def read_parent(store: JiraStore, kind: IssueType, project_key: str, value: Any) -> Issue | None:
    """Return the parent that {id} or {key} names; FieldError when missing or of the wrong level."""
    if value is None or value == {}:
        return None
    if not isinstance(value, dict):
        raise FieldError("data was not an object")
    key = value.get("key", value.get("id"))
    if key is None:
        return None
    parent = store.find(key)
    if parent is None:
        raise FieldError("Could not find issue by id or key.")
    wrong_place = kind.subtask and parent.project.key != project_key
    if parent.type.level != kind.level + 1 or wrong_place:
        raise FieldError("Given parent work item does not belong to appropriate hierarchy.", "parentId")
    return parent


def _parent(store: JiraStore, issue: Issue, value: Any) -> Change:
    parent = read_parent(store, issue.type, issue.project.key, value)
    if parent is None and issue.type.subtask:
        raise FieldError("Issue type is a sub-task but parent issue key or id not specified.", "issuetype")
    return parent_change(store, issue, parent)


def parent_change(store: JiraStore, issue: Issue, parent: Issue | None) -> Change:
    """Return the change of parent."""
    before = store.parent(issue)
    item = ChangeItem(
        "IssueParentAssociation",
        "",
        str(before.id) if before else None,
        before.key if before else None,
        str(parent.id) if parent else None,
        parent.key if parent else None,
    )
    return Change("parent_id", parent.id if parent else None, item)


def read_type(store: JiraStore, type_names: tuple[str, ...], value: Any) -> IssueType:
    """Return the issue type that {id} or {name} names, if the project has it."""
    if not isinstance(value, dict):
        raise FieldError("Specify an issue type")
    for name in type_names:
        kind = store.types[name]
        if kind.id == str(value.get("id")) or kind.name == value.get("name"):
            return kind
    raise FieldError("Specify a valid issue type")


def _type(store: JiraStore, issue: Issue, value: Any) -> Change:
    kind = read_type(store, issue.project.type_names, value)
    if kind.level != issue.type.level:
        raise FieldError("The issue type selected is invalid.")
    return Change(
        "type", kind, ChangeItem("issuetype", "issuetype", issue.type.id, issue.type.name, kind.id, kind.name)
    )


_READERS: dict[str, Callable[[JiraStore, Issue, Any], Change]] = {
    "summary": _summary,
    "description": _description,
    "priority": _priority,
    "assignee": _assignee,
    "reporter": _reporter,
    "labels": _labels,
    "components": _names("components", "components", "Component"),
    "fixVersions": _names("fix_versions", "fixVersions", "Fix Version"),
    "duedate": _due,
    "parent": _parent,
    "issuetype": _type,
}
EDITABLE = tuple(_READERS)
