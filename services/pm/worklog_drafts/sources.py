"""Where traces are read: the mirror of Jira and GitHub, Jira's comments, FlowPilot's own writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from db.engine import Database
from db.repositories import pm_worklog_drafts as repository
from db.repositories.mirror import issues as issue_repository
from services.mirror.github_rows import pull_row
from services.mirror.rows import change_row
from services.mirror.types import FieldChangeRow
from services.pm.worklog_drafts.evidence import Held, changes_by, day_of, in_progress, pull_request_traces
from services.pm.worklog_drafts.types import Evidence, EvidenceKind, EvidenceSource, Span
from services.vendors.jira import JiraClient

COMMENTED_ISSUES = 8
"""Issues of a person whose comments are read for one week: one call each, the last changed first."""
NEWEST_COMMENTS = 50

_SAID = {
    "jira.comment": "Commented through FlowPilot",
    "jira.transition": "Moved through FlowPilot",
    "jira.create": "Created through FlowPilot",
}


class JiraTraces:
    """What a person changed in Jira, and which of their issues were in progress."""

    def __init__(self, database: Database, site_url: str) -> None:
        self._database = database
        self._site_url = site_url

    async def traces(self, span: Span) -> Sequence[Evidence]:
        """Return moves and other changes, and days of work in progress."""
        account = span.member.jira_account_id or ""
        async with self._database.transaction(write=False) as session:
            own = [change_row(row) for row in await repository.changes_by(session, account, span.start, span.end)]
            moved = await repository.issues_by_id(session, {change.jira_id for change in own})
            held = await repository.ever_assigned(session, account, span.start)
            history = await issue_repository.field_changes(session, [issue.jira_id for issue in held], None)
            working = await repository.statuses_in_progress(session)
        changes: dict[str, list[FieldChangeRow]] = defaultdict(list)
        for row in history:
            if row.field in ("status", "assignee"):
                changes[row.jira_id].append(change_row(row))
        issues = [
            Held(issue.key, issue.created_at, issue.status, issue.assignee_account_id, tuple(changes[issue.jira_id]))
            for issue in held
            if issue.hierarchy_level < 1
        ]
        keys = {issue.jira_id: issue.key for issue in moved if issue.hierarchy_level < 1}
        found = changes_by(own, keys, span, self._site_url)
        return [*found, *in_progress(issues, working, tuple(span.week), span, self._site_url)]


class CommentTraces:
    """What a person wrote on their own issues: read from Jira itself, as the mirror keeps no comments."""

    def __init__(self, database: Database, jira: JiraClient) -> None:
        self._database = database
        self._jira = jira

    async def traces(self, span: Span) -> Sequence[Evidence]:
        """Return comments of the week; raises the `VendorError` kinds."""
        account = span.member.jira_account_id or ""
        async with self._database.transaction(write=False) as session:
            held = await repository.ever_assigned(session, account, span.start)
        recent = sorted((i for i in held if i.updated_at >= span.start), key=lambda i: i.updated_at, reverse=True)
        found = []
        for issue in recent[:COMMENTED_ISSUES]:
            for comment in await self._jira.comments(issue.key, limit=NEWEST_COMMENTS):
                is_own = comment.author is not None and comment.author.account_id == account
                if is_own and span.start <= comment.created_at < span.end:
                    url = f"{self._jira.site_url}/browse/{issue.key}?focusedCommentId={comment.id}"
                    day = day_of(comment.created_at, span)
                    what = "Commented in Jira"
                    found.append(Evidence(EvidenceKind.COMMENT, day, issue.key, what, comment.created_at, url))
        return found


class PullRequestTraces:
    """What a person did on pull requests, as far as the mirror has them and their GitHub login is known."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def traces(self, span: Span) -> Sequence[Evidence]:
        """Return commits, reviews and comments of the week."""
        if not span.member.github_login:
            return []
        async with self._database.transaction(write=False) as session:
            rows = await repository.pull_requests_since(session, span.start)
        return pull_request_traces((pull_row(row) for row in rows), span)


class FlowPilotTraces:
    """What a person did through FlowPilot, which Jira shows as FlowPilot's own doing; and their ticket in focus."""

    def __init__(self, database: Database, site_url: str) -> None:
        self._database = database
        self._site_url = site_url

    async def traces(self, span: Span) -> Sequence[Evidence]:
        """Return writes and focus of the week."""
        async with self._database.transaction(write=False) as session:
            effects = await repository.jira_writes_by(session, span.member.id, span.start, span.end)
            focus = await repository.focus(session, span.member.id, span.start, span.end)
        found = []
        for effect in effects:
            key = (effect.after or {}).get("key") or effect.target
            what, day = _SAID.get(effect.operation, "Changed through FlowPilot"), day_of(effect.created_at, span)
            found.append(Evidence(EvidenceKind.FLOWPILOT, day, key, what, effect.created_at, self._page(key)))
        if focus is not None:
            key, day = focus.ticket_key, day_of(focus.focused_at, span)
            url = self._page(key)
            found.append(Evidence(EvidenceKind.FOCUS, day, key, "In focus in FlowPilot", focus.focused_at, url))
        return found

    def _page(self, key: str) -> str:
        return f"{self._site_url}/browse/{key}"


def evidence_sources(database: Database, jira: JiraClient) -> list[EvidenceSource]:
    """Return what is asked for traces of a person's work; further features add theirs to it."""
    site_url = jira.site_url
    return [
        JiraTraces(database, site_url),
        CommentTraces(database, jira),
        PullRequestTraces(database),
        FlowPilotTraces(database, site_url),
    ]
