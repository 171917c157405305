"""Set projects up and change them: on the record, and never over what somebody else has changed meanwhile (PM-7.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.models.pm import Project
from db.repositories import epics as repository
from services.accounts.types import MemberRef, Role
from services.effects.audit import AuditLine
from services.effects.own_changes import KEPT, OvertakenError, OwnChange, own_change
from services.effects.types import Actor
from services.errors import ConflictError, NotAllowedError, NotFoundError
from services.pm.project_form import LABELS, ProjectValues, may_change, values_of, version_of
from services.pm.types import ProjectRef
from services.slack.markup import escape
from services.vendors.types import JiraProject

if TYPE_CHECKING:
    from services.accounts import Accounts
    from services.effects import AuditTrail
    from services.pm import ProjectManagement
    from services.vendors.jira import JiraClient

CHANGE, CREATION = "project.change", "project.create"
TARGET = "project "
COLUMNS: Mapping[str, str] = {
    "name": "name",
    "type": "project_type",
    "pm": "pm_member_id",
    "channel": "slack_channel_id",
    "retainer": "monthly_retainer_minutes",
    "rate": "hourly_rate_cents",
    "stakeholders": "stakeholder_member_ids",
    "repositories": "github_repositories",
}
"""Where the form's fields are stored."""


@dataclass(frozen=True)
class Saved:
    """A project as it is now, with the fields that changed: before and after, in words."""

    project: ProjectRef
    changed: Mapping[str, tuple[Any, Any]]
    is_new: bool = False
    line: AuditLine | None = None
    """What the trail has of it, where it can be taken back."""


class ProjectSetup:
    """What people change about projects."""

    def __init__(
        self, database: Database, accounts: Accounts, pm: ProjectManagement, audit: AuditTrail, jira: JiraClient
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._pm = pm
        self._audit = audit
        self._jira = jira

    async def project(self, key: str) -> ProjectRef | None:
        """Return a project that is set up."""
        return next((project for project in await self._pm.projects() if project.key == key), None)

    async def not_set_up(self, words: str = "") -> list[JiraProject]:
        """Ask Jira for the projects that FlowPilot sees and that are not set up, by key; `words` narrow them."""
        known = {project.key for project in await self._pm.projects()}
        wanted = words.casefold().strip()
        found = [project for project in await self._jira.projects() if project.key not in known]
        matching = [each for each in found if wanted in f"{each.key} {each.name}".casefold()]
        return sorted(matching, key=lambda each: each.key)

    async def jira_project(self, key: str) -> JiraProject:
        """Return a project that is in Jira and not set up yet. Raises `NotFoundError`."""
        found = next((project for project in await self.not_set_up() if project.key == key), None)
        if found is None:
            raise NotFoundError(f"{escape(key)} is not in Jira for FlowPilot, or it is set up by now.")
        return found

    async def conflict(self, key: str, version: str) -> str:
        """Return what to say when a project is no longer as the form showed it; "" while it is."""
        if version_of(await self.project(key)) == version:
            return ""
        return "Somebody has changed this project since you opened the form. Close it and open it again."

    async def save(self, by: MemberRef, key: str, values: ProjectValues, version: str) -> Saved:
        """Store a project unless it is no longer as the form showed it (`ConflictError`); each change is on the record.

        Raises `NotAllowedError` for who is neither its PM nor an admin.
        """
        before = await self.project(key)
        if not may_change(by, before):
            raise NotAllowedError(
                f"Only the PM of {escape(key)} or an admin can change it. Nothing was changed.",
                hint="`/pm projects` says who that is.",
            )
        if version_of(before) != version:
            raise ConflictError(
                f"Somebody has changed {escape(key)} since you opened the form. Nothing was changed.",
                hint="Open it again: `/pm projects`.",
            )
        return await self._change(by, key, before, values.by_field())

    async def change(self, sequence: int) -> OwnChange:
        """Return what a line of the trail tells of a project, or raise `NotFoundError`."""
        found = await own_change(self._audit, sequence)
        if found.line.action != CHANGE:
            raise NotFoundError("FlowPilot has no record of that change.")
        return found

    async def take_back(self, by: MemberRef, change: OwnChange, at: datetime) -> Saved | None:
        """Restore what was before a change, as long as all of it is as the change left it; None if it was done before.

        Raises `NotAllowedError` for who may not change the project and is not the PM who did, `ConflictError` when the
        time is over, and `OvertakenError` (values by label, in words) when somebody has changed the same since.
        """
        key = key_of(change)
        project = await self.project(key)
        is_own = change.line.actor_member_id == by.id and by.role.includes(Role.PM)
        if project is None or not (is_own or may_change(by, project)):
            raise NotAllowedError(f"Only the PM of {escape(key)} or an admin can take that back. Nothing was changed.")
        if change.undone is not None:
            return None
        now = values_of(project).by_field()
        try:
            change.check(now, at)
        except OvertakenError as error:
            members = await self._members()
            said = {LABELS[field]: _said(field, value, members) for field, value in error.now.items()}
            raise OvertakenError(error.by, said) from None
        return await self._change(by, key, project, now | change.before, reason=change.undo_reason)

    async def _members(self) -> dict[int, MemberRef]:
        return {member.id: member for member in await self._accounts.members()}

    async def _change(
        self, by: MemberRef, key: str, before: ProjectRef | None, new: Mapping[str, Any], *, reason: str = ""
    ) -> Saved:
        members = await self._members()
        old = values_of(before).by_field() if before else {}
        changed = {field: (old.get(field), value) for field, value in new.items() if old.get(field) != value}
        line = await self._write(by, key, old, changed, members, reason) if changed else None
        after = await self.project(key)
        assert after is not None, "it was written"
        said = {LABELS[field]: _in_words(field, values, members) for field, values in changed.items()}
        return Saved(after, said, is_new=before is None, line=line if before else None)

    async def _write(
        self,
        by: MemberRef,
        key: str,
        old: Mapping[str, Any],
        changed: Mapping[str, tuple[Any, Any]],
        members: Mapping[int, MemberRef],
        reason: str,
    ) -> AuditLine:
        told = {field: _in_words(field, values, members) for field, values in changed.items()}
        was, now = ({field: side[each] for field, side in told.items()} for each in (0, 1))
        if old:
            was[KEPT], now[KEPT] = ({field: side[each] for field, side in changed.items()} for each in (0, 1))
        conflict = ConflictError(f"Somebody else changed {escape(key)} in this moment.", hint="Open it again.")
        try:
            async with self._database.transaction() as session:
                row = await repository.project(session, key, lock=True)
                if (_stored(row) if row else {}) != old:
                    raise conflict
                if row is None:
                    row = Project(project_key=key)
                    session.add(row)
                _fill(row, {field: value for field, (_, value) in changed.items()})
                return await self._audit.append(
                    session,
                    actor=Actor(by.id, by.display_name),
                    action=CHANGE if old else CREATION,
                    target=f"{TARGET}{key}",
                    result="done",
                    reason=reason,
                    before=was if old else None,
                    after=now,
                )
        except IntegrityError:
            raise conflict from None


def key_of(change: OwnChange) -> str:
    """Return the project that a change is about."""
    return change.line.target.removeprefix(TARGET)


def _fill(row: Project, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        setattr(row, COLUMNS[field], value)


def _stored(row: Project) -> dict[str, Any]:
    return {field: getattr(row, column) for field, column in COLUMNS.items()}


def _in_words(field: str, values: tuple[Any, Any], members: Mapping[int, MemberRef]) -> tuple[Any, Any]:
    before, after = values
    return _said(field, before, members), _said(field, after, members)


def _said(field: str, value: Any, members: Mapping[int, MemberRef]) -> Any:
    """Return a value as the trail and the receipt show it: names for people, hours and dollars for numbers."""
    if value is None or value == []:
        return None
    if field == "pm":
        return _name(value, members)
    if field == "stakeholders":
        return ", ".join(_name(each, members) for each in value)
    if field == "repositories":
        return ", ".join(value)
    if field == "retainer":
        return f"{value / 60:g} h"
    return f"${value / 100:,.2f}" if field == "rate" else value


def _name(member_id: int, members: Mapping[int, MemberRef]) -> str:
    return members[member_id].display_name if member_id in members else "somebody who left"


def seen_by(member: MemberRef, projects: Sequence[ProjectRef]) -> list[ProjectRef]:
    """Return projects, a member's own first, then by key."""
    return sorted(projects, key=lambda project: (project.pm is None or project.pm.id != member.id, project.key))
