"""What people say on issues."""

from __future__ import annotations

from typing import Any

from sandbox.jira.adf import Adf, is_adf, text_from_adf
from sandbox.jira.errors import JiraError
from sandbox.jira.events import JiraEvent
from sandbox.jira.model import Comment, Issue
from sandbox.jira.store import JiraStore


class CommentOperations(JiraStore):
    """The part of the site that holds comments."""

    def add_comment(self, actor: str, issue: Issue, body: Any, properties: dict[str, Any] | None = None) -> Comment:
        """Add a comment; JiraError 400 unless the body is a document."""
        document = check_body(body)
        now = self.clock.now()
        comment = Comment(self.new_id("comment"), actor, document, now, now, actor, dict(properties or {}))
        issue.comments.append(comment)
        issue.updated = now
        self.tell(JiraEvent("comment_created", "issue_commented", issue, actor, now, comment=comment), "commented")
        return comment

    def edit_comment(
        self, actor: str, issue: Issue, comment_id: int, body: Any, properties: dict[str, Any] | None = None
    ) -> Comment:
        """Replace a comment's body."""
        comment = self.comment(issue, comment_id)
        comment.body = check_body(body)
        comment.properties.update(properties or {})
        comment.updated = issue.updated = self.clock.now()
        comment.update_author = actor
        self.tell(
            JiraEvent("comment_updated", "issue_comment_edited", issue, actor, comment.updated, comment=comment),
            "commented",
        )
        return comment

    def delete_comment(self, actor: str, issue: Issue, comment_id: int) -> None:
        """Delete a comment."""
        comment = self.comment(issue, comment_id)
        issue.comments.remove(comment)
        issue.updated = self.clock.now()
        self.tell(
            JiraEvent("comment_deleted", "issue_comment_deleted", issue, actor, issue.updated, comment=comment),
            "commented",
        )

    def comment(self, issue: Issue, comment_id: int) -> Comment:
        """Return a comment of an issue; JiraError 404."""
        for comment in issue.comments:
            if comment.id == comment_id:
                return comment
        raise JiraError(404, f"Can not find a comment for the id: {comment_id}.")


def check_body(body: Any) -> Adf:
    """Return a comment's document; JiraError 400 in Jira's words."""
    if not is_adf(body):
        raise JiraError(400, errors={"comment": "Comment body is not valid!"})
    document: Adf = body
    text = text_from_adf(document)
    if not text.strip() and not document["content"]:
        raise JiraError(400, errors={"comment": "Comment body can not be empty!"})
    if len(text) > 32_767:
        raise JiraError(
            400, errors={"comment": "The entered text is too long. It exceeds the allowed limit of 32,767 characters."}
        )
    return document
