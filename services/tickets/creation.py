"""New tickets and sub-tasks: whose, where, of which type; checked before anything is created."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches

from services.accounts import Accounts, MemberRef
from services.effects import Actor, Effects, Intent, Json, Receipt
from services.effects.jira.creation import description_document
from services.errors import InvalidInputError, VendorNotFoundError
from services.slack.markup import escape, to_plain
from services.tickets.matching import matching
from services.tickets.types import NewTicket, NewTicketError
from services.tickets.words import JIRA_LIMIT
from services.vendors.adf import text_from_adf
from services.vendors.jira import JiraClient
from services.vendors.types import JiraIssueDetail, JiraIssueType, JiraProject

LAST_PROJECT = "ticket_last_project"
USUAL_TYPE = "Task"
SUMMARY_CHARACTERS = 255
LISTED = 15
REASON = "asked for in Slack"
PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,9}")
Focused = Callable[[MemberRef], Awaitable[str | None]]


class Creation:
    """Creates tickets on behalf of members; `idempotency_key` names one wish."""

    def __init__(self, jira: JiraClient, effects: Effects, accounts: Accounts, focused: Focused) -> None:
        self._jira = jira
        self._effects = effects
        self._accounts = accounts
        self._focused = focused

    async def usual_project(self, member: MemberRef) -> str | None:
        """Return the project of the ticket in focus, else that of the member's last new ticket."""
        if key := await self._focused(member):
            return key.rpartition("-")[0]
        return (await self._accounts.preferences(member.id)).get(LAST_PROJECT)

    async def read_line(self, member: MemberRef, text: str) -> NewTicket:
        """Return what was typed as `[PROJECT] SUMMARY`; the project is empty when none is known, and so may be both.

        A first word in capitals that is no project is refused: what is created by mistake cannot be taken back.
        """
        names = {known.slack_user_id: known.display_name for known in await self._accounts.members()}
        line = " ".join(to_plain(text, names).split())
        first, _, rest = line.partition(" ")
        usual = await self.usual_project(member)
        if not PROJECT_KEY.fullmatch(first):
            return NewTicket(usual or "", line)
        projects = await self._jira.projects()
        if first in {project.key for project in projects}:
            return NewTicket(first, rest)
        example = f" `/ticket create {usual or projects[0].key} {escape(line[:60])}`" if projects else ""
        raise NewTicketError(
            "project",
            f"“{escape(first)}” looks like a project, but Jira has none with that key; nothing was created.",
            hint=f"{_projects_hint(first, projects)} If it begins the summary, name the project first:{example}.",
        )

    async def types(self, project_key: str) -> list[JiraIssueType]:
        """Return the types that a new ticket of a project can have; those of the whole site without a project."""
        known = await (self._jira.create_types(project_key) if project_key else self._jira.issue_types())
        names = {kind.name: kind for kind in reversed(known) if kind.hierarchy_level >= 0}
        return sorted(names.values(), key=lambda kind: (kind.name != USUAL_TYPE, kind.hierarchy_level, kind.name))

    async def create(self, member: MemberRef, wanted: NewTicket, idempotency_key: str) -> Receipt:
        """Create a ticket, and remember its project; `NewTicketError` for what Jira would refuse."""
        arguments = await self.check(member, wanted)
        project = arguments["project"]
        receipt = await self._perform(member, project, arguments, idempotency_key, idempotency_key)
        await self._accounts.set_preferences(member.id, {LAST_PROJECT: project})
        return receipt

    async def check(self, member: MemberRef, wanted: NewTicket) -> dict[str, Json]:
        """Return the arguments of the write; raises `NewTicketError` and changes nothing."""
        summary = check_summary(wanted.summary)
        _check_description(wanted.description, member.display_name)
        project = await self._project(wanted.project)
        kind = _chosen_type(project.key, await self._jira.create_types(project.key), wanted.issue_type)
        epic = await self._epic(wanted.epic, kind) if wanted.epic.strip() else None
        return _arguments(project.key, kind, summary, wanted.description, epic)

    async def _project(self, key: str) -> JiraProject:
        if not key.strip():
            raise NewTicketError(
                "project",
                "Which project? None was given, and no ticket is in focus; nothing was created.",
                hint="Name it first: `/ticket create ABC What is to be done`.",
            )
        projects = await self._jira.projects()
        for project in projects:
            if project.key.casefold() == key.strip().casefold():
                return project
        message = f"Jira has no project {escape(key.strip()[:40])}; nothing was created."
        raise NewTicketError("project", message, hint=_projects_hint(key, projects))

    async def _epic(self, key: str, kind: JiraIssueType) -> str:
        name = key.strip().upper()
        try:
            epic = await self._jira.issue(name)
        except (VendorNotFoundError, InvalidInputError) as error:
            raise NewTicketError("epic", f"Jira knows no epic {escape(name[:40])}; nothing was created.") from error
        if epic.hierarchy_level != kind.hierarchy_level + 1:
            raise NewTicketError(
                "epic",
                f"*{epic.key}* ({escape(epic.issue_type)}) cannot hold a new {escape(kind.name)}; nothing was created.",
                hint="Choose an epic, or none.",
            )
        return epic.key

    async def subtask(self, member: MemberRef, parent: JiraIssueDetail, text: str, idempotency_key: str) -> Receipt:
        """Create a sub-task, whose summary is `text`."""
        summary, kind = check_summary(text), await self.subtask_type(parent)
        arguments = _arguments(parent.project_key, kind, summary, "", parent.key)
        return await self._perform(member, parent.key, arguments, idempotency_key, idempotency_key)

    async def subtask_type(self, parent: JiraIssueDetail) -> JiraIssueType:
        """Return the type of an issue's sub-tasks; `InvalidInputError` where there can be none."""
        if parent.hierarchy_level < 0:
            above = f" Add it to *{parent.parent.key}*." if parent.parent else ""
            raise InvalidInputError(
                f"*{parent.key}* is a sub-task itself, and Jira has no sub-tasks of sub-tasks; nothing was created.",
                hint=above.strip(),
            )
        if parent.hierarchy_level > 0:
            raise InvalidInputError(
                f"*{parent.key}* ({escape(parent.issue_type)}) has tickets, not sub-tasks; nothing was created.",
                hint="`/ticket create` without text opens a form where its epic can be chosen.",
            )
        kinds = [kind for kind in await self._jira.create_types(parent.project_key) if kind.hierarchy_level < 0]
        if not kinds:
            raise InvalidInputError(
                f"The project {parent.project_key} has no type for sub-tasks; nothing was created.",
                hint="A Jira admin can add one to the project's work types.",
            )
        return kinds[0]

    async def planned_subtask(
        self,
        member: MemberRef,
        parent: JiraIssueDetail,
        kind: JiraIssueType,
        words: tuple[str, str],
        *,
        marker: str,
        idempotency_key: str,
    ) -> Receipt:
        """Create a sub-task of a template; `words` are summary and description, `marker` tells it in Jira."""
        arguments = _arguments(parent.project_key, kind, words[0], words[1], parent.key)
        return await self._perform(member, parent.key, arguments, marker, idempotency_key)

    async def _perform(
        self, member: MemberRef, target: str, arguments: dict[str, Json], marker: str, idempotency_key: str
    ) -> Receipt:
        actor = Actor(member.id, member.display_name)
        arguments = {**arguments, "marker": marker}
        return await self._effects.perform(Intent("jira.create", target, arguments, actor, REASON, idempotency_key))


def check_summary(text: str) -> str:
    """Return a summary on one line; `NewTicketError` when it is empty or longer than Jira takes."""
    summary = " ".join(text.replace("\x00", "").split())
    if not summary:
        raise NewTicketError("summary", "The summary is empty; nothing was created.", hint="Say what is to be done.")
    if len(summary) > SUMMARY_CHARACTERS:
        raise NewTicketError(
            "summary",
            f"That summary has {len(summary):,} characters and Jira takes {SUMMARY_CHARACTERS}; nothing was created.",
            hint="Shorten it; `/ticket create` without text opens a form with a description.",
        )
    return summary


def _check_description(markdown: str, name: str) -> None:
    length = len(text_from_adf(description_document(markdown, name)))
    if length > JIRA_LIMIT:
        message = f"That description has {length:,} characters and Jira takes {JIRA_LIMIT:,}; nothing was created."
        raise NewTicketError("description", message)


def _chosen_type(project: str, known: Sequence[JiraIssueType], typed: str) -> JiraIssueType:
    standard = {kind.name: kind for kind in known if kind.hierarchy_level >= 0}
    if not typed.strip():
        usual = [kind for kind in standard.values() if kind.hierarchy_level == 0]
        chosen = standard.get(USUAL_TYPE) or next(iter(usual), None)
        if chosen is not None:
            return chosen
    found = matching([typed], standard)
    if len(found) == 1:
        return standard[found[0]]
    if matching([typed], [kind.name for kind in known if kind.hierarchy_level < 0]):
        message = f"A {escape(typed.strip())} needs a ticket above it; nothing was created."
        raise NewTicketError("type", message, hint="`/ticket subtask KEY SUMMARY` creates one.")
    raise NewTicketError(
        "type",
        f"The project {project} has no type “{escape(typed.strip()[:60])}”; nothing was created.",
        hint=f"It has {', '.join(escape(name) for name in standard) or 'none that FlowPilot may create'}.",
    )


def _arguments(
    project: str, kind: JiraIssueType, summary: str, description: str, parent: str | None
) -> dict[str, Json]:
    return {
        "project": project,
        "type_id": kind.id,
        "type": kind.name,
        "summary": summary,
        "description": description,
        "parent": parent,
        "is_subtask": kind.hierarchy_level < 0,
    }


def _projects_hint(typed: str, projects: Sequence[JiraProject]) -> str:
    keys = [project.key for project in projects]
    near = get_close_matches(typed.strip().upper(), keys, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(f'*{key}*' for key in near)}?"
    return f"Projects: {', '.join(keys[:LISTED])}." if keys else "FlowPilot's user in Jira sees no project."
