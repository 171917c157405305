"""Reviews, comments at lines, and the conversation."""

from __future__ import annotations

from datetime import datetime

from sandbox.github.errors import GithubError, invalid, not_found, refused
from sandbox.github.events import GithubEvent
from sandbox.github.model import Account, Comment, PullRequest, Review, ReviewComment, TimelineItem
from sandbox.github.store import GithubStore

STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


class ReviewOperations(GithubStore):
    """What people say to a pull request."""

    def touch(self, pull: PullRequest, at: datetime) -> None:
        """Note that a pull request changed."""
        pull.updated = max(pull.updated, at)

    def require_open(self, pull: PullRequest) -> None:
        """Refuse what only an open pull request takes."""
        if not pull.is_open:
            raise GithubError(422, "Validation Failed", errors=["The pull request is closed."])

    def review(
        self, actor: Account, pull: PullRequest, event: str | None, body: str = "", *, at: datetime | None = None
    ) -> Review:
        """Review: `event` APPROVE, REQUEST_CHANGES or COMMENT; None begins a review that nobody else sees yet."""
        if event is not None and event not in STATES:
            raise refused(f"Variable $event of type PullRequestReviewEvent was provided invalid value {event}")
        if any(review.author is actor and review.state == "PENDING" for review in pull.reviews):
            raise refused("User can only have one pending review per pull request")
        self._check_verdict(actor, pull, event, body)
        when = self.when(at)
        state = STATES[event] if event else "PENDING"
        review = Review(self.new_id("review"), actor, state, body, pull.head_sha, when if event else None)
        pull.reviews.append(review)
        if event:
            self._submitted(actor, pull, review, at)
        return review

    def submit(self, actor: Account, pull: PullRequest, review: Review, event: str, body: str = "") -> None:
        """Submit a review that was begun."""
        if review.state != "PENDING" or review.author is not actor or event not in STATES:
            raise refused("Can not submit this review.")
        self._check_verdict(actor, pull, event, body or review.body)
        review.state, review.body, review.submitted = STATES[event], body or review.body, self.now()
        self._submitted(actor, pull, review, None)

    def _check_verdict(self, actor: Account, pull: PullRequest, event: str | None, body: str) -> None:
        if event in ("APPROVE", "REQUEST_CHANGES") and actor is pull.author:
            verb = "approve" if event == "APPROVE" else "request changes on"
            raise refused(f"Can not {verb} your own pull request")
        if event in ("REQUEST_CHANGES", "COMMENT") and not body.strip():
            raise refused("Body can't be blank")

    def _submitted(self, actor: Account, pull: PullRequest, review: Review, at: datetime | None) -> None:
        when = review.submitted or self.now()
        if actor in pull.requested:
            pull.requested.remove(actor)
        pull.timeline.append(TimelineItem("PullRequestReview", when, actor, review))
        self.touch(pull, when)
        self.tell(GithubEvent("pull_request_review", "submitted", pull.repository, actor, pull, review), at)

    def dismiss(self, actor: Account, pull: PullRequest, review: Review, message: str) -> None:
        """Take a verdict out of the count."""
        if not message.strip():
            raise invalid("PullRequestReview", "message", "missing_field")
        if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
            raise refused("Can not dismiss a commented pull request review")
        review.state = "DISMISSED"
        pull.timeline.append(TimelineItem("ReviewDismissedEvent", self.now(), actor, review))
        self.touch(pull, self.now())
        self.tell(GithubEvent("pull_request_review", "dismissed", pull.repository, actor, pull, review), None)

    def review_of(self, pull: PullRequest, review_id: int) -> Review:
        """Return a review by its id; GithubError 404 for any other."""
        for review in pull.reviews:
            if review.id == review_id:
                return review
        raise not_found()

    def remark(
        self,
        actor: Account,
        pull: PullRequest,
        body: str,
        *,
        path: str = "",
        line: int = 1,
        reply_to: int | None = None,
        at: datetime | None = None,
    ) -> ReviewComment:
        """Say something at a line, or reply to a remark; that is a review with a comment, as GitHub keeps it."""
        if not body.strip():
            raise invalid("PullRequestReviewComment", "body", "missing_field")
        head = next((c for c in pull.review_comments if c.id == reply_to), None)
        if reply_to is not None and head is None:
            raise not_found()
        when = self.when(at)
        review = Review(self.new_id("review"), actor, "COMMENTED", "", pull.head_sha, when)
        pull.reviews.append(review)
        made = ReviewComment(
            self.new_id("remark"),
            actor,
            body,
            head.path if head else path,
            head.line if head else line,
            pull.head_sha,
            when,
            when,
            review.id,
            reply_to,
        )
        pull.review_comments.append(made)
        self._submitted(actor, pull, review, at)
        event = GithubEvent(
            "pull_request_review_comment", "created", pull.repository, actor, pull, extra={"remark": made}
        )
        self.tell(event, at)
        return made

    def comment(self, actor: Account, pull: PullRequest, body: str, *, at: datetime | None = None) -> Comment:
        """Comment in the conversation."""
        if not body.strip():
            raise invalid("IssueComment", "body", "missing_field")
        when = self.when(at)
        comment = Comment(self.new_id("comment"), actor, body, when, when)
        pull.comments.append(comment)
        pull.timeline.append(TimelineItem("IssueComment", when, actor, comment))
        self.touch(pull, when)
        self.tell(GithubEvent("issue_comment", "created", pull.repository, actor, pull, comment=comment), at)
        return comment

    def edit_comment(self, actor: Account, pull: PullRequest, comment: Comment, body: str) -> None:
        """Change a comment's text."""
        if not body.strip():
            raise invalid("IssueComment", "body", "missing_field")
        before, comment.body, comment.updated = comment.body, body, self.now()
        self.touch(pull, self.now())
        extra = {"changes": {"body": {"from": before}}}
        event = GithubEvent("issue_comment", "edited", pull.repository, actor, pull, comment=comment, extra=extra)
        self.tell(event, None)

    def delete_comment(self, actor: Account, pull: PullRequest, comment: Comment) -> None:
        """Delete a comment."""
        pull.comments.remove(comment)
        pull.timeline[:] = [item for item in pull.timeline if item.of is not comment]
        self.touch(pull, self.now())
        self.tell(GithubEvent("issue_comment", "deleted", pull.repository, actor, pull, comment=comment), None)

    def comment_of(self, full_name: str, comment_id: int) -> tuple[PullRequest, Comment]:
        """Return a comment of a repository and where it stands; GithubError 404 for any other."""
        for pull in self.repository(full_name).pulls.values():
            for comment in pull.comments:
                if comment.id == comment_id:
                    return pull, comment
        raise not_found()
