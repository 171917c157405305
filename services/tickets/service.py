"""Act on single tickets: each change goes through effects, on behalf of one member."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from db.engine import Database
from db.repositories import tickets as repository
from services.accounts import AccountRef, Accounts, MemberRef
from services.ai import AiTasks
from services.ai.tasks.ticket_draft import DRAFT_COMMENT
from services.clock import Now
from services.commands.types import MemberMention
from services.effects import Actor, Effects, Intent, Json, Receipt
from services.effects.jira.transitions import TransitionMissingError, targets
from services.errors import InvalidInputError, NotFoundError, NotLinkedError, VendorError, VendorNotFoundError
from services.mirror import Mirror
from services.slack.markup import bold, escape, to_plain, unescape
from services.tickets.creation import Creation
from services.tickets.drafting import COMMENTS, blocking_keys, draft_input
from services.tickets.drafts import Drafts
from services.tickets.matching import NEAREST_KEYS, matching, near_keys
from services.tickets.phases import Phases
from services.tickets.types import ChoiceError, Draft, TicketCard
from services.tickets.words import check_comment, comment_markdown
from services.tickets.workflows import load_templates
from services.vendors.jira import JiraClient
from services.vendors.types import JiraIssueDetail

REASON = "asked for in Slack"
NOBODY = frozenset({"nobody", "noone", "no one", "none", "unassigned"})
Result = TypeVar("Result")


class Tickets:
    """Tickets of the current account. `idempotency_key` names one wish: the same wish again does nothing new."""

    def __init__(
        self,
        database: Database,
        jira: JiraClient,
        mirror: Mirror,
        effects: Effects,
        ai: AiTasks,
        accounts: Accounts,
        now: Now,
    ) -> None:
        self._database = database
        self._jira = jira
        self._mirror = mirror
        self._effects = effects
        self._ai = ai
        self._accounts = accounts
        self._now = now
        self.drafts = Drafts(accounts)
        self.creation = Creation(jira, effects, accounts, self.focused)
        self.phases = Phases(database, jira, self.creation, accounts, load_templates())

    async def comment(self, member: MemberRef, key: str | None, text: str, idempotency_key: str) -> Receipt:
        """Comment `text` (Slack's markup; Markdown is formatted) on a ticket."""
        key = await self._key(member, key)
        markdown = comment_markdown(text, await self._accounts.members())
        return await self.post_comment(member, key, markdown, idempotency_key)

    async def post_comment(self, member: MemberRef, key: str, markdown: str, idempotency_key: str) -> Receipt:
        """Comment Markdown on a ticket; `InvalidInputError` for what Jira would refuse, before anything is done."""
        check_comment(key, markdown, member.display_name)
        await self._known(key, self._jira.issue(key))
        return await self._perform("jira.comment", key, {"markdown": markdown}, member, idempotency_key)

    async def move(self, member: MemberRef, key: str | None, status: Sequence[str], idempotency_key: str) -> Receipt:
        """Move a ticket; `status` are ways to read what was typed. Raises `ChoiceError` with what is possible."""
        key = await self._key(member, key)
        issue, offered = await asyncio.gather(
            self._known(key, self._jira.issue(key)), self._known(key, self._jira.transitions(key))
        )
        possible = targets(offered)
        found = matching(status, possible) or matching(status, [issue.status.name])
        if not found:
            by_name = matching(status, [transition.name for transition in offered])
            found = targets([transition for transition in offered if transition.name in by_name])
        if len(found) > 1:
            raise ChoiceError(key, f"{_typed(status)} can mean {_listed(found)}; nothing was changed.", found)
        if not found:
            raise _impossible(issue, status, possible)
        try:
            return await self._perform("jira.transition", key, {"status": found[0]}, member, idempotency_key)
        except TransitionMissingError as error:
            # somebody else moved it between our look and Jira's answer
            raise ChoiceError(key, error.message, error.possible, hint=error.hint) from error

    async def assign(
        self, member: MemberRef, key: str | None, assignee: MemberRef | None, idempotency_key: str
    ) -> Receipt:
        """Assign a ticket to a member, or to nobody; `NotLinkedError` when their Jira account is not known."""
        key = await self._key(member, key)
        if assignee is not None and assignee.jira_account_id is None:
            is_self = assignee.id == member.id
            raise NotLinkedError(
                "I do not know your Jira account yet."
                if is_self
                else f"I do not know the Jira account of {escape(assignee.display_name)} yet.",
                hint=f"Link it once with `/flowpilot link`{'' if is_self else ': they can, and so can an admin'}.",
            )
        await self._known(key, self._jira.issue(key))
        arguments = {
            "account_id": assignee.jira_account_id if assignee else None,
            "name": assignee.display_name if assignee else None,
        }
        return await self._perform("jira.assign", key, arguments, member, idempotency_key)

    async def block(self, member: MemberRef, key: str | None, by: str, idempotency_key: str) -> Receipt:
        """Link a ticket as blocked by another; what is linked so already is unchanged."""
        key = await self._key(member, key)
        if key == by:
            raise InvalidInputError(f"*{key}* cannot block itself; nothing was changed.")
        await asyncio.gather(self._known(key, self._jira.issue(key)), self._known(by, self._jira.issue(by)))
        kinds = [kind.name for kind in await self._jira.link_types() if "block" in kind.name.casefold()]
        if not kinds:
            raise NotFoundError(
                "This Jira has no kind of link called “Blocks”; nothing was changed.",
                hint="A Jira admin can add it: Settings > Work items > Linking.",
            )
        return await self._perform("jira.link", key, {"type": kinds[0], "by": by}, member, idempotency_key)

    async def subtask(self, member: MemberRef, key: str | None, text: str, idempotency_key: str) -> Receipt:
        """Create a sub-task of a ticket; `text` (Slack's markup) is its summary."""
        key = await self._key(member, key)
        parent = await self._known(key, self._jira.issue(key))
        summary = to_plain(text, {known.slack_user_id: known.display_name for known in await self._accounts.members()})
        return await self.creation.subtask(member, parent, summary, idempotency_key)

    async def find_assignee(self, account: AccountRef, member: MemberRef, person: MemberMention) -> MemberRef | None:
        """Return the member meant by a mention, "me" or a name, None for "nobody"; `NotFoundError` else."""
        if person.is_me:
            return await self._accounts.member(account, member.slack_user_id)
        if person.slack_user_id:
            return await self._accounts.member(account, person.slack_user_id)
        name = unescape(person.name).strip()
        if name.lower() in NOBODY:
            return None
        members = {known.display_name: known for known in await self._accounts.members()}
        found = matching([name], members)
        if len(found) == 1:
            return members[found[0]]
        if found:
            raise InvalidInputError(
                f"{_typed([name])} can be {_listed(found)}; nothing was changed.",
                hint="Mention the person with @.",
            )
        raise NotFoundError(
            f"I know nobody called {_typed([name])}; nothing was changed.",
            hint="Mention the person with @, or say `me` or `nobody`.",
        )

    async def set_priority(
        self, member: MemberRef, key: str | None, priority: Sequence[str], idempotency_key: str
    ) -> Receipt:
        """Set a ticket's priority; raises `ChoiceError` with Jira's priorities when it is none of them."""
        key = await self._key(member, key)
        _, known = await asyncio.gather(self._known(key, self._jira.issue(key)), self._jira.priorities())
        names = [each.name for each in known]
        found = matching(priority, names)
        if len(found) != 1:
            raise ChoiceError(
                key,
                f"{_typed(priority)} {'can mean several' if found else 'is none'} of Jira's priorities; "
                "nothing was changed.",
                found or names,
                hint=f"Possible: {_listed(found or names)}.",
            )
        return await self._perform("jira.priority", key, {"priority": found[0]}, member, idempotency_key)

    async def draft(self, member: MemberRef, key: str | None, about: str = "") -> Draft:
        """Draft a comment, by a model or by rules, and keep it until it is posted or discarded; changes nothing."""
        key = await self._key(member, key)
        issue = await self._known(key, self._jira.issue(key))
        comments, changes, blockers = await asyncio.gather(
            self._jira.comments(key, limit=COMMENTS),
            self._mirror.field_changes([issue.id]),
            self._mirror.issues(keys=blocking_keys(issue)),
        )
        members = await self._accounts.members()
        data = draft_input(
            issue,
            comments,
            changes,
            blockers,
            asked_by=member.display_name,
            time_zone=member.time_zone,
            about=comment_markdown(about, members),
        )
        answer = await self._ai.run(DRAFT_COMMENT, data)
        return await self.drafts.keep(
            member, key, answer.output.body_markdown, answered_by=answer.answered_by, reason=answer.reason
        )

    async def card(self, member: MemberRef, key: str | None) -> TicketCard:
        """Return a ticket as Jira has it now, with the moves that are possible."""
        key = await self._key(member, key)
        issue, offered = await asyncio.gather(
            self._known(key, self._jira.issue(key)), self._known(key, self._jira.transitions(key))
        )
        parent_key = issue.parent.key if issue.parent else issue.epic_link
        return TicketCard(
            key=issue.key,
            summary=issue.summary,
            issue_type=issue.issue_type,
            status=issue.status.name,
            priority=issue.priority,
            assignee=issue.assignee.display_name if issue.assignee else None,
            epic_key=parent_key,
            epic_summary=issue.parent.summary if issue.parent else "",
            url=self.url(issue.key),
            possible=tuple(targets(offered)),
        )

    async def focus(self, member: MemberRef, key: str) -> TicketCard:
        """Put a ticket in focus: commands without a key mean it."""
        card = await self.card(member, key)
        async with self._database.transaction() as session:
            await repository.set_focus(session, member.id, card.key, self._now())
        return card

    async def focused(self, member: MemberRef) -> str | None:
        """Return the key of the ticket in focus."""
        async with self._database.transaction(write=False) as session:
            row = await repository.focus_of(session, member.id)
        return row.ticket_key if row else None

    async def unfocus(self, member: MemberRef) -> None:
        """Take the ticket out of focus."""
        async with self._database.transaction() as session:
            await repository.clear_focus(session, member.id)

    def url(self, key: str) -> str:
        """Return a ticket's page in Jira."""
        return f"{self._jira.site_url}/browse/{key}"

    async def _key(self, member: MemberRef, key: str | None) -> str:
        key = key or await self.focused(member)
        if key is None:
            raise InvalidInputError(
                "Which ticket? No key was given and none is in focus; nothing was changed.",
                hint="Give the key, such as ABC-123, or put a ticket in focus: `/ticket focus ABC-123`.",
            )
        return key

    async def _known(self, key: str, reading: Awaitable[Result]) -> Result:
        try:
            return await reading
        except VendorNotFoundError as error:
            near = await self._near(key)
            meant = f"Did you mean {' or '.join(f'*{each}*' for each in near)}? " if near else ""
            raise NotFoundError(
                f"Jira knows no issue {key}; nothing was changed.",
                hint=f"{meant}Check the spelling, and whether FlowPilot's user in Jira may see it.",
            ) from error

    async def _near(self, key: str) -> list[str]:
        """Return keys of mirrored tickets that may have been meant; a help only, so nothing goes wrong by it."""
        try:
            projects = [project.key for project in await self._jira.projects()]
        except VendorError:
            projects = []
        candidates = near_keys(key, projects)
        known = {row.key for row in await self._mirror.issues(keys=candidates)}
        return [candidate for candidate in candidates if candidate in known][:NEAREST_KEYS]

    async def _perform(
        self, operation: str, key: str, arguments: dict[str, Json], member: MemberRef, idempotency_key: str
    ) -> Receipt:
        actor = Actor(member.id, member.display_name)
        return await self._effects.perform(Intent(operation, key, arguments, actor, REASON, idempotency_key))


def _impossible(issue: JiraIssueDetail, status: Sequence[str], possible: Sequence[str]) -> ChoiceError:
    missing = TransitionMissingError(issue.key, issue.status.name, status[0], possible)
    return ChoiceError(issue.key, missing.message, possible, hint=missing.hint)


def _typed(readings: Sequence[str]) -> str:
    text = " ".join(readings[0].split())
    return f"“{escape(text[:60])}”"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(bold(name) for name in names)
