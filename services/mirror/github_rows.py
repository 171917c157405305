"""GitHub's pull requests to rows to be stored, and stored rows to what the mirror answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from db.models.github import GithubPullRequest
from services.mirror.review_status import waiting
from services.mirror.types import PullRequestEvent, PullRequestRow, ReviewStatus, ReviewStay
from services.vendors.github.types import GithubActivity, GithubPull, Happened
from services.vendors.values import parse_time

Stored = dict[str, Any]
KEPT = 40
"""Commits, reviews and comments kept of each pull request, of each kind."""
_KEY = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9_]{1,19})-(\d{1,7})(?![A-Za-z0-9])")


def jira_keys(branch: str, title: str, project_keys: Collection[str] | None) -> list[str]:
    """Return the Jira keys in a title and a branch's name, in upper case, each once, in their order there.

    With `project_keys` only keys of those projects count, so that "UTF-8" is none; without, only what is written in
    capitals does.
    """
    found = [match for text in (title, branch) for match in _KEY.finditer(text)]
    keys = []
    for match in found:
        project, number = match.groups()
        is_one = project.upper() in project_keys if project_keys else project.isupper()
        if is_one:
            keys.append(f"{project.upper()}-{int(number)}")
    return list(dict.fromkeys(keys))


def stored_pull(pull: GithubPull, *, read_at: datetime, project_keys: Collection[str] | None) -> Stored:
    """Return the row of a pull request read at `read_at`."""
    now = waiting(pull)
    return {
        "repository": pull.repository,
        "number": pull.number,
        "node_id": pull.node_id,
        "title": pull.title,
        "url": pull.url,
        "author_login": pull.author_login,
        "is_bot": pull.is_bot,
        "state": pull.state,
        "is_draft": pull.is_draft,
        "review_decision": pull.review_decision,
        "review_status": now.status.value,
        "status_since": now.since,
        "checks_state": pull.checks_state,
        "head_ref": pull.head_ref[:255],
        "base_ref": pull.base_ref[:255],
        "requested_reviewers": list(pull.requested),
        "jira_keys": jira_keys(pull.head_ref, pull.title, project_keys),
        "status_history": [
            [stay.status.value, stay.entered_at.isoformat(), stay.left_at.isoformat() if stay.left_at else None]
            for stay in now.stays
        ],
        "commits": _kept(pull.activity, Happened.COMMIT),
        "reviews": _kept(pull.activity, Happened.REVIEW),
        "comments": _kept(pull.activity, Happened.COMMENT),
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "merged_at": pull.merged_at,
        "closed_at": pull.closed_at,
        "synced_at": read_at,
    }


def _kept(activity: Iterable[GithubActivity], kind: Happened) -> list[Stored]:
    entries = [
        {"at": one.at.isoformat(), "login": one.login, "is_bot": one.is_bot, "text": one.verdict or one.text}
        for one in activity
        if one.kind is kind
    ]
    return entries[-KEPT:]


def pull_row(row: GithubPullRequest) -> PullRequestRow:
    """Return a stored pull request as the mirror answers it."""
    events = [
        PullRequestEvent(parse_time(one["at"]), kind, one["login"], one["text"], one["is_bot"])
        for kind, entries in (("commit", row.commits), ("review", row.reviews), ("comment", row.comments))
        for one in entries
    ]
    return PullRequestRow(
        repository=row.repository,
        number=row.number,
        title=row.title,
        url=row.url,
        author_login=row.author_login,
        is_bot=row.is_bot,
        state=row.state,
        is_draft=row.is_draft,
        review_status=ReviewStatus(row.review_status),
        status_since=row.status_since,
        checks_state=row.checks_state,
        head_ref=row.head_ref,
        base_ref=row.base_ref,
        requested_reviewers=tuple(row.requested_reviewers),
        jira_keys=tuple(row.jira_keys),
        events=tuple(sorted(events, key=lambda event: event.at)),
        created_at=row.created_at,
        updated_at=row.updated_at,
        merged_at=row.merged_at,
        closed_at=row.closed_at,
        synced_at=row.synced_at,
        stays=tuple(
            ReviewStay(ReviewStatus(status), parse_time(entered), parse_time(left) if left else None)
            for status, entered, left in row.status_history
        ),
    )
