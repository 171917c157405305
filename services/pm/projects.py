"""Set projects up and change them: on the record, and never over what somebody else has changed meanwhile (PM-7.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.models.pm import Project
from db.repositories import epics as repository
from services.accounts.types import MemberRef
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


@dataclass(frozen=True)
class Saved:
    """A project as it is now, with the fields that changed: before and after, in words."""

    project: ProjectRef
    changed: Mapping[str, tuple[Any, Any]]
    is_new: bool = False


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
        members = {member.id: member for member in await self._accounts.members()}
        old = values_of(before).by_field() if before else {}
        new = values.by_field()
        changed = {field: (old.get(field), value) for field, value in new.items() if old.get(field) != value}
        if changed:
            await self._write(by, key, values, old, changed, members)
        after = await self.project(key)
        assert after is not None, "it was written"
        said = {
            LABELS[field]: (_said(field, a, members), _said(field, b, members)) for field, (a, b) in changed.items()
        }
        return Saved(after, said, is_new=before is None)

    async def _write(
        self,
        by: MemberRef,
        key: str,
        values: ProjectValues,
        old: Mapping[str, Any],
        changed: Mapping[str, tuple[Any, Any]],
        members: Mapping[int, MemberRef],
    ) -> None:
        conflict = ConflictError(f"Somebody else changed {escape(key)} in this moment.", hint="Open it again.")
        try:
            async with self._database.transaction() as session:
                row = await repository.project(session, key, lock=True)
                if (_stored(row) if row else {}) != old:
                    raise conflict
                if row is None:
                    row = Project(project_key=key)
                    session.add(row)
                _fill(row, values)
                await self._audit.append(
                    session,
                    actor=Actor(by.id, by.display_name),
                    action="project.change" if old else "project.create",
                    target=f"project {key}",
                    result="done",
                    before={f: _said(f, a, members) for f, (a, _) in changed.items()} if old else None,
                    after={f: _said(f, b, members) for f, (_, b) in changed.items()},
                )
        except IntegrityError:
            raise conflict from None


def _fill(row: Project, values: ProjectValues) -> None:
    row.name, row.project_type = values.name, values.type.value
    row.pm_member_id, row.slack_channel_id = values.pm_member_id, values.channel_id
    row.monthly_retainer_minutes, row.hourly_rate_cents = values.retainer_minutes, values.rate_cents
    row.stakeholder_member_ids = list(values.stakeholder_member_ids)
    row.github_repositories = list(values.repositories)


def _stored(row: Project) -> dict[str, Any]:
    return {
        "name": row.name,
        "type": row.project_type,
        "pm": row.pm_member_id,
        "channel": row.slack_channel_id,
        "retainer": row.monthly_retainer_minutes,
        "rate": row.hourly_rate_cents,
        "stakeholders": list(row.stakeholder_member_ids),
        "repositories": list(row.github_repositories),
    }


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
