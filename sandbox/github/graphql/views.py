"""GitHub's objects as GraphQL shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from sandbox.github.graphql.connections import Json, connection
from sandbox.github.model import (
    Account,
    CheckRun,
    Comment,
    Commit,
    CommitStatus,
    PullRequest,
    Repository,
    Review,
    ReviewComment,
    Team,
    TimelineItem,
)
from sandbox.github.render import instant, node_id
from sandbox.github.render_pull import mergeable_state

ITEM_TYPES = {
    "PullRequestCommit": "PULL_REQUEST_COMMIT",
    "PullRequestReview": "PULL_REQUEST_REVIEW",
    "ReviewRequestedEvent": "REVIEW_REQUESTED_EVENT",
    "ReviewRequestRemovedEvent": "REVIEW_REQUEST_REMOVED_EVENT",
    "ReviewDismissedEvent": "REVIEW_DISMISSED_EVENT",
    "ReadyForReviewEvent": "READY_FOR_REVIEW_EVENT",
    "ConvertToDraftEvent": "CONVERT_TO_DRAFT_EVENT",
    "HeadRefForcePushedEvent": "HEAD_REF_FORCE_PUSHED_EVENT",
    "IssueComment": "ISSUE_COMMENT",
    "MergedEvent": "MERGED_EVENT",
    "ClosedEvent": "CLOSED_EVENT",
    "ReopenedEvent": "REOPENED_EVENT",
}
Resolver = Callable[..., Any]


class Views:
    """Shows objects with the addresses of the site; `broken` pull requests fail, as GitHub's sometimes do."""

    def __init__(self, site: str, broken: set[tuple[str, int]]) -> None:
        self._site = site
        self._broken = broken

    def actor(self, account: Account) -> Json:
        """Show an account; a bot's login has no "[bot]" here."""
        login = account.login.removesuffix("[bot]")
        return {
            "__typename": account.type,
            "id": node_id("U", account.id),
            "login": login,
            "name": account.name or None,
            "email": account.email,
            "url": f"{self._site}/{login}",
            "avatarUrl": lambda info, size=None: f"{self._site}/avatars/{account.id}",
        }

    def repository(self, repository: Repository) -> Json:
        """Show a repository."""

        def pull_request(info: Any, number: int) -> Json:
            pull = repository.pulls.get(number)
            if pull is None:
                said = f"Could not resolve to a PullRequest with the number of {number}."
                raise GraphQLError(said, extensions={"type": "NOT_FOUND"})
            return self.pull(pull)

        def pull_requests(info: Any, **arguments: Any) -> Json:
            return self._page("pullRequests", self._chosen(repository, arguments), self.pull, arguments)

        return {
            "__typename": "Repository",
            "id": node_id("R", repository.id),
            "name": repository.name,
            "nameWithOwner": repository.full_name,
            "url": f"{self._site}/{repository.full_name}",
            "isArchived": False,
            "isPrivate": True,
            "owner": lambda info: self.actor(repository.owner),
            "pullRequest": pull_request,
            "pullRequests": pull_requests,
        }

    def _chosen(self, repository: Repository, arguments: dict[str, Any]) -> list[PullRequest]:
        found = list(repository.pulls.values())
        if (states := arguments.get("states")) is not None:
            found = [pull for pull in found if state_of(pull) in states]
        for name, value in (("head_ref", arguments.get("headRefName")), ("base_ref", arguments.get("baseRefName"))):
            if value is not None:
                found = [pull for pull in found if getattr(pull, name) == value]
        order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
        keys: dict[str, Callable[[PullRequest], Any]] = {
            "CREATED_AT": lambda pull: (pull.created, pull.number),
            "UPDATED_AT": lambda pull: (pull.updated, pull.number),
            "COMMENTS": lambda pull: (len(pull.comments), pull.number),
        }
        return sorted(found, key=keys[order["field"]], reverse=order["direction"] == "DESC")

    def _page(self, name: str, items: list[Any], show: Callable[[Any], Any], arguments: dict[str, Any]) -> Json:
        page = connection(name, items, arguments)
        return {**page, "nodes": [show(item) for item in page["nodes"]]}

    def _listed(self, name: str, items: list[Any], show: Callable[[Any], Any]) -> Resolver:
        return lambda info, **arguments: self._page(name, items, show, arguments)

    def pull(self, pull: PullRequest) -> Json:
        """Show a pull request."""
        is_open = pull.is_open
        return {
            "__typename": "PullRequest",
            "id": node_id("PR", pull.id),
            "databaseId": pull.id,
            "fullDatabaseId": str(pull.id),
            "number": pull.number,
            "title": pull.title,
            "body": pull.body,
            "url": f"{self._site}/{pull.repository.full_name}/pull/{pull.number}",
            "isDraft": pull.draft,
            "state": state_of(pull),
            "closed": not is_open,
            "merged": pull.merged is not None,
            "additions": pull.additions,
            "deletions": pull.deletions,
            "changedFiles": pull.changed_files,
            "createdAt": instant(pull.created),
            "updatedAt": instant(pull.updated),
            "mergedAt": instant(pull.merged),
            "closedAt": instant(pull.closed),
            "headRefName": pull.head_ref,
            "headRefOid": pull.head_sha,
            "baseRefName": pull.base_ref,
            "baseRefOid": pull.base_sha,
            "author": self.actor(pull.author),
            "mergedBy": self.actor(pull.merged_by) if pull.merged_by else None,
            "reviewDecision": pull.decision() if is_open or pull.opinions() else None,
            "mergeable": "MERGEABLE" if is_open else "UNKNOWN",
            "mergeStateStatus": mergeable_state(pull),
            "repository": lambda info: self.repository(pull.repository),
            **self._lists(pull),
        }

    def _lists(self, pull: PullRequest) -> Json:
        asked: list[Any] = [*pull.requested, *pull.requested_teams]
        reviews = [review for review in pull.reviews if review.state != "PENDING"]
        threads = [remark for remark in pull.review_comments if remark.reply_to is None]

        def reviews_page(info: Any, states: list[str] | None = None, **arguments: Any) -> Json:
            chosen = [review for review in reviews if states is None or review.state in states]
            return self._page("reviews", chosen, self.review, arguments)

        return {
            "reviewRequests": self._listed("reviewRequests", asked, self._request),
            "latestReviews": self._listed("latestReviews", pull.latest_reviews(), self.review),
            "reviews": reviews_page,
            "reviewThreads": self._listed("reviewThreads", threads, lambda first: self._thread(pull, first)),
            "comments": self._listed("comments", pull.comments, self._comment),
            "commits": self._listed("commits", pull.commits, lambda one: self._pull_commit(pull, one)),
            "timelineItems": lambda info, **arguments: self._timeline(pull, arguments),
        }

    def _request(self, one: Account | Team) -> Json:
        return {"id": node_id("RR", one.id), "requestedReviewer": self._reviewer(one)}

    def _reviewer(self, one: Account | Team) -> Json:
        if isinstance(one, Team):
            return {"__typename": "Team", "id": node_id("T", one.id), "name": one.name, "slug": one.slug}
        return self.actor(one)

    def review(self, review: Review) -> Json:
        """Show a review."""
        return {
            "__typename": "PullRequestReview",
            "id": node_id("PRR", review.id),
            "state": review.state,
            "submittedAt": instant(review.submitted),
            "createdAt": instant(review.submitted),
            "body": review.body,
            "author": self.actor(review.author),
            "url": f"{self._site}#pullrequestreview-{review.id}",
        }

    def _thread(self, pull: PullRequest, first: ReviewComment) -> Json:
        replies = [remark for remark in pull.review_comments if remark.reply_to == first.id]
        return {
            "id": node_id("PRRT", first.id),
            "isResolved": first.resolved,
            "isOutdated": first.sha != pull.head_sha,
            "path": first.path,
            "comments": self._listed("comments", [first, *replies], self._remark),
        }

    def _remark(self, remark: ReviewComment) -> Json:
        return {
            "id": node_id("PRRC", remark.id),
            "createdAt": instant(remark.created),
            "body": remark.body,
            "author": self.actor(remark.author),
            "path": remark.path,
        }

    def _comment(self, comment: Comment) -> Json:
        return {
            "__typename": "IssueComment",
            "id": node_id("IC", comment.id),
            "createdAt": instant(comment.created),
            "updatedAt": instant(comment.updated),
            "body": comment.body,
            "author": self.actor(comment.author),
            "url": f"{self._site}#issuecomment-{comment.id}",
        }

    def _pull_commit(self, pull: PullRequest, commit: Commit) -> Json:
        author = {"name": commit.author.name, "email": commit.author.email, "date": instant(commit.at)}
        user = self.actor(commit.author) if commit.author.type == "User" else None
        return {
            "__typename": "PullRequestCommit",
            "id": f"PRC_{commit.sha[:16]}",
            "commit": {
                "id": f"C_{commit.sha[:16]}",
                "oid": commit.sha,
                "message": commit.message,
                "messageHeadline": commit.message.splitlines()[0],
                "authoredDate": instant(commit.at),
                "committedDate": instant(commit.at),
                "author": {**author, "user": user},
                "statusCheckRollup": self._rollup(pull.repository, commit.sha),
            },
        }

    def _rollup(self, repository: Repository, sha: str) -> Json | None:
        state = repository.rollup(sha)
        if state is None:
            return None
        contexts: list[Any] = [*repository.checks.get(sha, []), *repository.latest_statuses(sha).values()]
        return {"id": f"SCR_{sha[:16]}", "state": state, "contexts": self._listed("contexts", contexts, self._context)}

    def _context(self, one: CheckRun | CommitStatus) -> Json:
        if isinstance(one, CheckRun):
            return {
                "__typename": "CheckRun",
                "id": node_id("CR", one.id),
                "name": one.name,
                "status": one.status.upper(),
                "conclusion": one.conclusion.upper() if one.conclusion else None,
                "startedAt": instant(one.started),
                "completedAt": instant(one.completed),
            }
        return {
            "__typename": "StatusContext",
            "id": node_id("SC", one.id),
            "context": one.context,
            "state": one.state.upper(),
            "description": one.description or None,
            "createdAt": instant(one.at),
        }

    def _timeline(self, pull: PullRequest, arguments: dict[str, Any]) -> Json:
        wanted, since = arguments.get("itemTypes"), arguments.get("since") or ""
        items = [
            item
            for item in pull.timeline
            if (wanted is None or ITEM_TYPES[item.kind] in wanted) and (instant(item.at) or "") >= since
        ]
        page = self._page("timelineItems", items, lambda item: self._item(pull, item), arguments)
        return {**page, "totalCount": len(pull.timeline), "filteredCount": len(items)}

    def _item(self, pull: PullRequest, item: TimelineItem) -> Json:
        if item.kind == "PullRequestCommit":
            return self._pull_commit(pull, item.of)
        if item.kind == "PullRequestReview":
            return self.review(item.of)
        if item.kind == "IssueComment":
            return self._comment(item.of)
        view = {
            "__typename": item.kind,
            "id": f"E_{pull.id}_{pull.timeline.index(item)}",
            "createdAt": instant(item.at),
            "actor": self.actor(item.actor),
        }
        if item.kind == "ReviewDismissedEvent":
            view["review"] = self.review(item.of)
        elif item.of is not None:
            view["requestedReviewer"] = self._reviewer(item.of)
        return view

    def found(self, pull: PullRequest) -> Any:
        """Show a search's hit; a broken one fails by itself, and the others are given all the same."""
        if (pull.repository.full_name, pull.number) in self._broken:
            # an exception among the nodes becomes null with an error of its own
            return GraphQLError(
                "Something went wrong while executing your query. Please include this in a report.",
                extensions={"type": "INTERNAL"},
            )
        return self.pull(pull)


def state_of(pull: PullRequest) -> str:
    """Return GraphQL's state."""
    if pull.merged is not None:
        return "MERGED"
    return pull.state.upper()
