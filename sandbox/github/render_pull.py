"""GitHub's REST objects: pull requests, reviews, comments."""

from __future__ import annotations

from sandbox.github.model import Account, Comment, PullRequest, Review, ReviewComment
from sandbox.github.render import VERSION_WITHOUT_MERGE_COMMIT, Json, Renderer, instant, node_id


class PullRenderer(Renderer):
    """Renders what belongs to pull requests."""

    def pull_url(self, pull: PullRequest) -> str:
        """Return a pull request's address in the API."""
        return f"{self.repository_url(pull.repository)}/pulls/{pull.number}"

    def pull_page(self, pull: PullRequest) -> str:
        """Return a pull request's page."""
        return f"{self.site}/{pull.repository.full_name}/pull/{pull.number}"

    def association(self, pull: PullRequest, account: Account) -> str:
        """Return what an account is to the repository."""
        return "COLLABORATOR" if account.login.casefold() in pull.repository.collaborators else "CONTRIBUTOR"

    def small_pull(self, pull: PullRequest) -> Json:
        """Return a pull request as checks name it."""
        place = {
            "id": pull.repository.id,
            "url": self.repository_url(pull.repository),
            "name": pull.repository.name,
        }
        return {
            "id": pull.id,
            "number": pull.number,
            "url": self.pull_url(pull),
            "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": place},
            "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": place},
        }

    def pull(self, pull: PullRequest) -> Json:
        """Return a pull request as lists show it."""
        url, page = self.pull_url(pull), self.pull_page(pull)
        issue = url.replace("/pulls/", "/issues/")
        statuses = f"{self.repository_url(pull.repository)}/statuses/{pull.head_sha}"
        links = {
            "self": url,
            "html": page,
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments",
            "review_comment": f"{self.repository_url(pull.repository)}/pulls/comments{{/number}}",
            "commits": f"{url}/commits",
            "statuses": statuses,
        }
        body = {
            "url": url,
            "id": pull.id,
            "node_id": node_id("PR", pull.id),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": issue,
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "active_lock_reason": None,
            "title": pull.title,
            "user": self.user(pull.author),
            "body": pull.body or None,
            "created_at": instant(pull.created),
            "updated_at": instant(pull.updated),
            "closed_at": instant(pull.closed),
            "merged_at": instant(pull.merged),
            "merge_commit_sha": pull.merge_sha,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [self.user(account) for account in pull.requested],
            "requested_teams": [self.team(team) for team in pull.requested_teams],
            "labels": [],
            "milestone": None,
            "draft": pull.draft,
            "commits_url": links["commits"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "comments_url": links["comments"],
            "statuses_url": statuses,
            "head": self._end(pull, pull.head_ref, pull.head_sha),
            "base": self._end(pull, pull.base_ref, pull.base_sha),
            "_links": {name: {"href": address} for name, address in links.items()},
            "author_association": self.association(pull, pull.author),
            "auto_merge": None,
        }
        if self.version == VERSION_WITHOUT_MERGE_COMMIT:
            del body["assignee"], body["merge_commit_sha"]
        return body

    def _end(self, pull: PullRequest, ref: str, sha: str) -> Json:
        owner = pull.repository.owner
        return {
            "label": f"{owner.login}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self.user(owner),
            "repo": self.repository(pull.repository),
        }

    def full_pull(self, pull: PullRequest) -> Json:
        """Return a pull request as it is read alone."""
        return {
            **self.pull(pull),
            "merged": pull.merged is not None,
            "mergeable": True if pull.is_open else None,
            "rebaseable": True if pull.is_open else None,
            "mergeable_state": mergeable_state(pull).lower(),
            "merged_by": self.user(pull.merged_by) if pull.merged_by else None,
            "comments": len(pull.comments),
            "review_comments": len(pull.review_comments),
            "maintainer_can_modify": False,
            "commits": len(pull.commits),
            "additions": pull.additions,
            "deletions": pull.deletions,
            "changed_files": pull.changed_files,
        }

    def issue(self, pull: PullRequest) -> Json:
        """Return a pull request as the issue that it is too."""
        url = self.pull_url(pull)
        issue = url.replace("/pulls/", "/issues/")
        return {
            "url": issue,
            "repository_url": self.repository_url(pull.repository),
            "labels_url": f"{issue}/labels{{/name}}",
            "comments_url": f"{issue}/comments",
            "events_url": f"{issue}/events",
            "html_url": self.pull_page(pull),
            "id": pull.id,
            "node_id": node_id("PR", pull.id),
            "number": pull.number,
            "title": pull.title,
            "user": self.user(pull.author),
            "labels": [],
            "state": pull.state,
            "locked": False,
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(pull.comments),
            "created_at": instant(pull.created),
            "updated_at": instant(pull.updated),
            "closed_at": instant(pull.closed),
            "author_association": self.association(pull, pull.author),
            "active_lock_reason": None,
            "draft": pull.draft,
            "pull_request": {
                "url": url,
                "html_url": self.pull_page(pull),
                "diff_url": f"{self.pull_page(pull)}.diff",
                "patch_url": f"{self.pull_page(pull)}.patch",
                "merged_at": instant(pull.merged),
            },
            "body": pull.body or None,
            "reactions": self._reactions(issue),
            "timeline_url": f"{issue}/timeline",
            "performed_via_github_app": None,
        }

    def _reactions(self, of: str) -> Json:
        kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
        return {"url": f"{of}/reactions", "total_count": 0, **dict.fromkeys(kinds, 0)}

    def review(self, pull: PullRequest, review: Review) -> Json:
        """Return a review."""
        page = f"{self.pull_page(pull)}#pullrequestreview-{review.id}"
        submitted = {"submitted_at": instant(review.submitted)} if review.submitted else {}
        return {
            "id": review.id,
            "node_id": node_id("PRR", review.id),
            "user": self.user(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": page,
            "pull_request_url": self.pull_url(pull),
            "author_association": self.association(pull, review.author),
            "_links": {"html": {"href": page}, "pull_request": {"href": self.pull_url(pull)}},
            **submitted,
            "commit_id": review.sha,
        }

    def remark(self, pull: PullRequest, remark: ReviewComment) -> Json:
        """Return a comment at a line."""
        url = f"{self.repository_url(pull.repository)}/pulls/comments/{remark.id}"
        page = f"{self.pull_page(pull)}#discussion_r{remark.id}"
        links = {"self": url, "html": page, "pull_request": self.pull_url(pull)}
        reply = {"in_reply_to_id": remark.reply_to} if remark.reply_to else {}
        return {
            "url": url,
            "pull_request_review_id": remark.review_id,
            "id": remark.id,
            "node_id": node_id("PRRC", remark.id),
            "diff_hunk": f"@@ -{remark.line},3 +{remark.line},4 @@",
            "path": remark.path,
            "commit_id": remark.sha,
            "original_commit_id": remark.sha,
            "user": self.user(remark.author),
            "body": remark.body,
            "created_at": instant(remark.created),
            "updated_at": instant(remark.updated),
            "html_url": page,
            "pull_request_url": links["pull_request"],
            "author_association": self.association(pull, remark.author),
            "_links": {name: {"href": address} for name, address in links.items()},
            "reactions": self._reactions(url),
            "start_line": None,
            "original_start_line": None,
            "line": remark.line,
            "original_line": remark.line,
            "side": "RIGHT",
            "position": remark.line,
            "original_position": remark.line,
            "subject_type": "line",
            **reply,
        }

    def comment(self, pull: PullRequest, comment: Comment) -> Json:
        """Return a comment of the conversation."""
        url = f"{self.repository_url(pull.repository)}/issues/comments/{comment.id}"
        return {
            "url": url,
            "html_url": f"{self.pull_page(pull)}#issuecomment-{comment.id}",
            "issue_url": self.pull_url(pull).replace("/pulls/", "/issues/"),
            "id": comment.id,
            "node_id": node_id("IC", comment.id),
            "user": self.user(comment.author),
            "created_at": instant(comment.created),
            "updated_at": instant(comment.updated),
            "author_association": self.association(pull, comment.author),
            "body": comment.body,
            "reactions": self._reactions(url),
            "performed_via_github_app": None,
        }


def mergeable_state(pull: PullRequest) -> str:
    """Return GraphQL's mergeStateStatus."""
    if not pull.is_open:
        return "UNKNOWN"
    if pull.draft:
        return "DRAFT"
    rollup = pull.repository.rollup(pull.head_sha)
    if pull.decision() in ("CHANGES_REQUESTED", "REVIEW_REQUIRED") or rollup == "PENDING":
        return "BLOCKED"
    return "UNSTABLE" if rollup in ("FAILURE", "ERROR") else "CLEAN"
