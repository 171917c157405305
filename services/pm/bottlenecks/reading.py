"""Read what is going on with flagged items: comments live from Jira, the rest from the mirror, words by a model."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from services.ai import AiTasks
from services.ai.tasks.stuck_context import STUCK_CONTEXT, reading_by_rules
from services.errors import VendorError
from services.mirror import Mirror
from services.mirror.types import FieldChangeRow, IssueRow
from services.pm.bottlenecks.collect import Directory, remarks_of, signs_of
from services.pm.bottlenecks.context import REMARKS_READ, Days, context_of, reading_input
from services.pm.bottlenecks.stuck import Context, Flagged, Judged, Remark, Sign, WaitingItem
from services.pm.bottlenecks.types import ItemType
from services.vendors.types import JiraComment, JiraUser

MOST_READ = 60
"""Items whose comments one run reads from Jira, the riskiest first; the others are judged by the mirror alone."""

MOST_ASKED = 15
"""Items that one run asks a model about; of the others the rules read the comments."""

AT_ONCE = 4
ROBOT = re.compile(r"\[bot\]$|\bbot\b|\bautomation\b|\brunner\b|\bflowpilot\b|\bgithub\b|\bgitlab\b|\bjenkins\b", re.I)
VIA_FLOWPILOT = "via FlowPilot for "

log = structlog.get_logger(__name__)


class CommentReader(Protocol):
    """The part of the Jira client that reads comments."""

    async def comments(self, key: str, *, newest_first: bool = True, limit: int = 1000) -> list[JiraComment]:
        """Return comments of an issue."""
        ...


@dataclass(frozen=True)
class ContextReader:
    """Finds out what is going on; a Jira or a model that is down leaves what the mirror and the rules say."""

    mirror: Mirror
    jira: CommentReader
    ai: AiTasks

    async def judge(self, flagged: Sequence[Flagged], directory: Directory, days: Days) -> list[Judged]:
        """Return each flagged item with its context, in their order."""
        items = await self._with_signs([each.item for each in flagged], directory)
        room = asyncio.Semaphore(AT_ONCE)

        async def judged(place: int, one: Flagged, item: WaitingItem) -> Judged:
            async with room:
                context = await self._context(item, directory, days, place)
            return Judged(replace(one, item=item), context)

        pairs = zip(flagged, items, strict=True)
        return list(await asyncio.gather(*(judged(n, one, item) for n, (one, item) in enumerate(pairs))))

    async def _context(self, item: WaitingItem, directory: Directory, days: Days, place: int) -> Context:
        remarks, were_read = await self.remarks(item, directory) if place < MOST_READ else (list(item.remarks), False)
        data = reading_input(item, remarks, days)
        if not data.comments or place >= MOST_ASKED:
            return context_of(item, remarks, reading_by_rules(data), days, were_read=were_read)
        answer = await self.ai.run(STUCK_CONTEXT, data)
        return context_of(item, remarks, answer.output, days, is_rule_based=answer.is_rule_based, were_read=were_read)

    async def remarks(self, item: WaitingItem, directory: Directory) -> tuple[list[Remark], bool]:
        """Return what people wrote on an item, and whether Jira could be asked."""
        found = list(item.remarks)
        if item.visit.item_type is ItemType.PULL_REQUEST:
            return found, True
        try:
            comments = await self.jira.comments(item.key, limit=2 * REMARKS_READ)
        except VendorError as error:
            log.warning("comments_not_read", ticket=item.key, why=error.message)
            return found, False
        return [*found, *(_remark(one, item, directory) for one in comments if is_a_persons(one))], True

    async def _with_signs(self, items: Sequence[WaitingItem], directory: Directory) -> list[WaitingItem]:
        """Add what happened on tickets' pull requests, on their sub-tasks, and who got them."""
        tickets = [item for item in items if item.visit.item_type is ItemType.TICKET]
        if not tickets:
            return list(items)
        pulls = await self.mirror.pull_requests(jira_keys=[item.key for item in tickets])
        subtasks = await self._subtasks(tickets)
        changes = await self.mirror.field_changes([*subtasks, *(item.jira_id for item in tickets)])
        by_issue: dict[str, list[FieldChangeRow]] = defaultdict(list)
        for change in changes:
            by_issue[change.jira_id].append(change)
        parents: dict[str, list[str]] = defaultdict(list)
        for jira_id, issue in subtasks.items():
            parents[issue.parent_key or ""].append(jira_id)
        found = []
        for item in items:
            own = [pull for pull in pulls if item.key in pull.jira_keys] if item in tickets else []
            signs = [sign for pull in own for sign in signs_of(pull.events, directory)]
            remarks = [remark for pull in own for remark in remarks_of(pull.events, item.people, directory)]
            for jira_id in (item.jira_id, *parents[item.key]) if item in tickets else ():
                kind = "change" if jira_id == item.jira_id else "sub-task"
                signs += _changed(by_issue[jira_id], kind, item, directory)
            found.append(replace(item, signs=(*item.signs, *signs), remarks=(*item.remarks, *remarks)))
        return found

    async def _subtasks(self, tickets: Iterable[WaitingItem]) -> dict[str, IssueRow]:
        keys, epics = {item.key for item in tickets}, {item.epic_key for item in tickets if item.epic_key}
        found: dict[str, IssueRow] = {}
        for epic in sorted(epics):
            children = await self.mirror.children(epic)
            found |= {issue.jira_id: issue for issue in children if issue.parent_key in keys}
        return found


def is_a_persons(comment: JiraComment) -> bool:
    """Tell whether a person wrote a comment: not a robot, and not FlowPilot for somebody who asked how it stands."""
    return comment.author is not None and not is_robot(comment.author) and VIA_FLOWPILOT not in comment.body


def is_robot(user: JiraUser) -> bool:
    """Tell a robot by its name: Jira does not say it of users that act over the API."""
    return ROBOT.search(user.display_name) is not None


def _remark(comment: JiraComment, item: WaitingItem, directory: Directory) -> Remark:
    author = comment.author
    member = directory.member(author.account_id) if author else None
    name = author.display_name if author else "somebody"
    return Remark(comment.created_at, name, directory.standing_of(member, item.people), comment.body)


def _changed(changes: Iterable[FieldChangeRow], kind: str, item: WaitingItem, directory: Directory) -> list[Sign]:
    """Return changes that members made: a sub-task's moves, and that the ticket got another assignee."""
    wanted = "status" if kind == "sub-task" else "assignee"
    found = []
    for change in changes:
        member = directory.member(change.author_account_id)
        if change.field == wanted and member is not None and change.changed_at > item.visit.entered_at:
            found.append(Sign(change.changed_at, kind, member.display_name))
    return found
