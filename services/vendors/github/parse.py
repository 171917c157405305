"""GitHub's JSON to our values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.vendors.github.types import GithubActivity, GithubComment, GithubPull, Happened
from services.vendors.values import clean, parse_time

Json = Mapping[str, Any]
PASSING = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})
GHOST = "ghost"
"""What GitHub calls an account that is gone."""
KINDS = {
    "PullRequestCommit": Happened.COMMIT,
    "PullRequestReview": Happened.REVIEW,
    "IssueComment": Happened.COMMENT,
    "ReviewRequestedEvent": Happened.REQUESTED,
    "ReviewRequestRemovedEvent": Happened.UNREQUESTED,
    "ReviewDismissedEvent": Happened.DISMISSED,
    "ReadyForReviewEvent": Happened.READY,
    "ConvertToDraftEvent": Happened.DRAFT,
    "MergedEvent": Happened.MERGED,
    "ClosedEvent": Happened.CLOSED,
    "ReopenedEvent": Happened.REOPENED,
}


def parse_login(raw: Json | None) -> tuple[str, bool]:
    """Return a login as REST writes it, and whether it is a bot's."""
    if not raw or not raw.get("login"):
        return GHOST, False
    login = clean(raw["login"])
    is_bot = raw.get("__typename") == "Bot" or login.endswith("[bot]")
    return (f"{login.removesuffix('[bot]')}[bot]" if is_bot else login), is_bot


def parse_reviewer(raw: Json | None) -> str:
    """Return who is asked: a login, "@slug" for a team, "" for somebody who cannot be seen."""
    if not raw:
        return ""
    if raw.get("slug"):
        return f"@{clean(raw['slug'])}"
    return parse_login(raw)[0] if raw.get("login") else ""


def parse_pull(raw: Json, viewer: str = "") -> GithubPull:
    """Return a pull request; what the `viewer` (FlowPilot's own user) did counts as a bot's doing."""
    author, is_bot = parse_login(raw.get("author"))
    rollup = _rollup(raw)
    timeline = raw["timelineItems"]
    nodes = [node for node in timeline.get("nodes") or [] if node and node.get("__typename") in KINDS]
    activity = [_activity(node, viewer) for node in nodes]
    asked = (parse_reviewer(node.get("requestedReviewer")) for node in _nodes(raw.get("reviewRequests")))
    return GithubPull(
        repository=clean(raw["repository"]["nameWithOwner"]),
        number=int(raw["number"]),
        node_id=clean(raw.get("id")),
        title=clean(raw["title"]),
        url=clean(raw["url"]),
        author_login=author,
        is_bot=is_bot,
        state=str(raw["state"]).lower(),
        is_draft=bool(raw["isDraft"]),
        review_decision=raw.get("reviewDecision"),
        checks_state=str(rollup["state"]).lower() if rollup else None,
        checks_since=_failing_since(_nodes(rollup.get("contexts"))) if rollup else None,
        head_ref=clean(raw["headRefName"]),
        base_ref=clean(raw["baseRefName"]),
        requested=tuple(dict.fromkeys(one for one in asked if one)),
        activity=tuple(sorted((one for one in activity if one is not None), key=lambda one: one.at)),
        is_whole=int(timeline.get("filteredCount") or 0) <= len(timeline.get("nodes") or []),
        created_at=parse_time(raw["createdAt"]),
        updated_at=parse_time(raw["updatedAt"]),
        merged_at=_time(raw.get("mergedAt")),
        closed_at=_time(raw.get("closedAt")),
    )


def parse_checks(raw: Json) -> str | None:
    """Return the state of the checks of a pull request's newest commit, in small letters."""
    rollup = _rollup(raw)
    return str(rollup["state"]).lower() if rollup else None


def _rollup(raw: Json) -> Json | None:
    commits = _nodes(raw.get("commits"))
    rollup: Json | None = ((commits[-1].get("commit") or {}).get("statusCheckRollup")) if commits else None
    return rollup


def _nodes(connection: Json | None) -> list[Any]:
    return [node for node in (connection or {}).get("nodes") or [] if node]


def _failing_since(contexts: Iterable[Json]) -> datetime | None:
    moments = []
    for context in contexts:
        if context.get("__typename") == "CheckRun":
            conclusion = context.get("conclusion")
            if conclusion and conclusion not in PASSING:
                moments.append(_time(context.get("completedAt")))
        elif context.get("state") in ("FAILURE", "ERROR"):
            moments.append(_time(context.get("createdAt")))
    return min((moment for moment in moments if moment is not None), default=None)


def _activity(node: Json, viewer: str) -> GithubActivity | None:
    kind = KINDS[node["__typename"]]
    if kind is Happened.COMMIT:
        commit = node["commit"]
        author = commit.get("author") or {}
        user = author.get("user")
        login, is_bot = parse_login(user) if user else (clean(author.get("name")) or GHOST, False)
        return GithubActivity(parse_time(commit["committedDate"]), kind, login, is_bot, text=_short(commit))
    at = node.get("submittedAt") if kind is Happened.REVIEW else node.get("createdAt")
    if not at:
        return None  # a review that was begun and not submitted
    login, is_bot = parse_login(node.get("author") or node.get("actor"))
    subject = parse_reviewer(node.get("requestedReviewer"))
    if kind is Happened.DISMISSED:
        subject = parse_login((node.get("review") or {}).get("author"))[0]
    verdict = str(node.get("state") or "") if kind is Happened.REVIEW else ""
    return GithubActivity(parse_time(at), kind, login, is_bot or login == viewer, verdict, subject)


def _short(commit: Json) -> str:
    return clean(commit.get("messageHeadline"))[:200]


def _time(value: Any) -> datetime | None:
    return parse_time(value) if value else None


def parse_comment(raw: Json) -> GithubComment:
    """Return a comment."""
    return GithubComment(
        id=int(raw["id"]),
        login=parse_login(raw.get("user"))[0],
        body=clean(raw.get("body")),
        url=clean(raw.get("html_url")),
        created_at=parse_time(raw["created_at"]),
        updated_at=parse_time(raw["updated_at"]),
    )
