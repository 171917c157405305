"""Fields of an issue that FlowPilot sets: assignee, priority, parent."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from services.effects.changes import was_so_already
from services.effects.jira.base import JiraOperation, behind, shown
from services.effects.types import EffectRecord, Json, Undo
from services.vendors.types import JiraIssueDetail


class FieldOperation(JiraOperation):
    """Set one field; `key` is its name in arguments and states."""

    key = ""
    label = ""

    @abstractmethod
    def state_of(self, issue: JiraIssueDetail) -> dict[str, Any]:
        """Return the field's state; what stands beside `key` is for people."""

    @abstractmethod
    def fields(self, value: Any) -> dict[str, Any]:
        """Return the field as Jira takes it."""

    async def read(self, effect: EffectRecord) -> Json:
        """Read the issue."""
        return self.state_of(await self._jira.issue(effect.target))

    def is_satisfied(self, effect: EffectRecord, state: Json) -> bool:
        """Compare with what is wanted."""
        return bool(state[self.key] == effect.arguments[self.key])

    async def _write(self, effect: EffectRecord) -> Json:
        fields = self.fields(effect.arguments[self.key])
        await self._jira.edit_issue(effect.target, fields, history_metadata=behind(effect))
        return {}

    def mismatch(self, effect: EffectRecord, after: Json) -> str | None:
        """Compare what Jira shows with what was wanted."""
        if after.get(self.key) == effect.arguments[self.key]:
            return None
        is_now = self.shown_in(after) or "empty"
        return f"Jira took the change, but the {self.label} of {effect.target} is {is_now}."

    def undo(self, effect: EffectRecord) -> Undo | None:
        """Set what was there before."""
        return Undo(self.name, dict(effect.before)) if effect.before else None

    def shown_in(self, state: Json) -> str | None:
        """Return the value in a state or in arguments, for people."""
        value = (state or {}).get(self.key)
        return str(value) if value else None


class SetAssignee(FieldOperation):
    """`jira.assign` {account_id or null, name: the person's}."""

    name = "jira.assign"
    key = "account_id"
    label = "assignee"

    def state_of(self, issue: JiraIssueDetail) -> dict[str, Any]:
        """Return who has it."""
        person = issue.assignee
        return {"account_id": person.account_id if person else None, "name": person.display_name if person else None}

    def fields(self, value: Any) -> dict[str, Any]:
        """Name the account, or nobody."""
        return {"assignee": {"accountId": value} if value else None}

    def shown_in(self, state: Json) -> str | None:
        """Return the person's name."""
        return (state or {}).get("name") or (state or {}).get("account_id")

    def describe(self, effect: EffectRecord) -> str:
        """Say who has it now, and who had it."""
        person = self.shown_in(effect.arguments)
        if was_so_already(effect):
            return f"*{effect.target}* was {f'with {shown(person)}' if person else 'with nobody'} already"
        before = self.shown_in(effect.before)
        if person is None:
            return f"Took *{effect.target}* from {shown(before, 'nobody')}: nobody has it now"
        return f"Assigned *{effect.target}* to {shown(person)}" + (f" (before: {shown(before)})" if before else "")


class SetPriority(FieldOperation):
    """`jira.priority` {priority: its name}."""

    name = "jira.priority"
    key = "priority"
    label = "priority"

    def state_of(self, issue: JiraIssueDetail) -> dict[str, Any]:
        """Return the priority's name."""
        return {"priority": issue.priority}

    def fields(self, value: Any) -> dict[str, Any]:
        """Name it."""
        return {"priority": {"name": value} if value else None}

    def describe(self, effect: EffectRecord) -> str:
        """Say what it is now, and what it was."""
        now, before = shown(effect.arguments["priority"]), shown(self.shown_in(effect.before))
        if was_so_already(effect):
            return f"The priority of *{effect.target}* was {now} already"
        return f"Set the priority of *{effect.target}* from {before} to {now}"


class SetParent(FieldOperation):
    """`jira.parent` {parent: the key of an epic (or a sub-task's issue), or null}."""

    name = "jira.parent"
    key = "parent"
    label = "parent"

    def state_of(self, issue: JiraIssueDetail) -> dict[str, Any]:
        """Return the parent's key; older sites keep the epic in a field of its own."""
        return {"parent": issue.parent.key if issue.parent else issue.epic_link}

    def fields(self, value: Any) -> dict[str, Any]:
        """Name the parent, or none."""
        return {"parent": {"key": value} if value else None}

    def describe(self, effect: EffectRecord) -> str:
        """Say where it is now, and where it was."""
        parent, before = effect.arguments["parent"], self.shown_in(effect.before)
        if was_so_already(effect):
            return f"*{effect.target}* was {f'under {shown(parent)}' if parent else 'without a parent'} already"
        if parent is None:
            return f"Took *{effect.target}* out of {shown(before)}"
        return f"Put *{effect.target}* under {shown(parent)}" + (f" (before: {shown(before)})" if before else "")
