"""Entering a phase of a workflow: its sub-tasks are created once."""

from __future__ import annotations

from collections.abc import Mapping

from db.engine import Database
from db.repositories import effects as repository
from services.accounts import Accounts, MemberRef
from services.accounts.settings import WORKFLOWS
from services.effects import EffectStatus, Receipt
from services.errors import FlowPilotError
from services.slack.markup import escape
from services.tickets.creation import Creation
from services.tickets.types import PhaseEntry
from services.tickets.workflows import Phase, WorkflowTemplate
from services.vendors.jira import JiraClient
from services.vendors.types import JiraIssueDetail


class Phases:
    """What templates ask for when a ticket enters a phase."""

    def __init__(
        self,
        database: Database,
        jira: JiraClient,
        creation: Creation,
        accounts: Accounts,
        templates: Mapping[str, WorkflowTemplate],
    ) -> None:
        self._database = database
        self._jira = jira
        self._creation = creation
        self._accounts = accounts
        self.templates = templates

    async def enter(self, member: MemberRef, moved: Receipt) -> PhaseEntry:
        """Create the missing sub-tasks of the phase that a ticket was moved into, or is in; nothing fails the move."""
        try:
            return await self._enter(member, moved.target, str(moved.after["status"]))
        except FlowPilotError as error:
            return PhaseEntry(problem=f"Its sub-tasks could not be looked at: {error.message}")

    async def _enter(self, member: MemberRef, key: str, status: str) -> PhaseEntry:
        chosen = await self._accounts.get_setting(WORKFLOWS) or {}
        if not isinstance(chosen, Mapping):
            return PhaseEntry(problem=f"The setting {WORKFLOWS} is not a list of projects and templates.")
        name = chosen.get(key.rpartition("-")[0])
        if name is None:
            return PhaseEntry()
        template = self.templates.get(name)
        if template is None:
            return PhaseEntry(
                problem=f"The setting {WORKFLOWS} names the template “{escape(str(name))}”, which does not "
                f"exist. There is: {', '.join(self.templates)}."
            )
        phase = template.phase(status)
        if phase is None or not phase.subtasks:
            return PhaseEntry()
        issue = await self._jira.issue(key)
        if issue.hierarchy_level != 0:
            return PhaseEntry()
        return await self._fill(member, issue, phase)

    async def _fill(self, member: MemberRef, issue: JiraIssueDetail, phase: Phase) -> PhaseEntry:
        kind = await self._creation.subtask_type(issue)
        created: list[Receipt] = []
        present = 0
        for number, subtask in enumerate(phase.subtasks):
            marker = f"phase:{issue.key}:{phase.status}:{number}"
            try:
                receipt = await self._creation.planned_subtask(
                    member,
                    issue,
                    kind,
                    (subtask.summary, subtask.description),
                    marker=marker,
                    idempotency_key=await self._attempt(marker),
                )
            except FlowPilotError as error:
                again = f"Say `/ticket move {issue.key} to {phase.status}` again to create what is missing."
                said = f"“{escape(subtask.summary)}” could not be created: {error.message} {escape(again)}"
                return PhaseEntry(tuple(created), present, said)
            if receipt.repeated or receipt.status is EffectStatus.UNCHANGED:
                present += 1
            else:
                created.append(receipt)
        return PhaseEntry(tuple(created), present)

    async def _attempt(self, marker: str) -> str:
        """Return the key of the attempt that counts: a refused one may be made again, any other never."""
        key, number = marker, 1
        async with self._database.transaction(write=False) as session:
            while (earlier := await repository.by_key(session, key)) and earlier.status == EffectStatus.FAILED:
                number += 1
                key = f"{marker}:again{number}"
        return key
