"""What anyone can do in GitHub: every door (REST, the page, the world) goes through these operations.

`at` puts what happens into the past; without it it happens now, and is told.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.github.checks import CheckOperations
from sandbox.github.errors import GithubError, invalid, refused
from sandbox.github.events import GithubEvent
from sandbox.github.model import Account, Commit, PullRequest, Repository, Team, TimelineItem, sha_of
from sandbox.github.reviews import ReviewOperations


class GithubState(ReviewOperations, CheckOperations):
    """A GitHub."""

    def open_pull(
        self,
        actor: Account,
        repository: Repository,
        title: str,
        head: str,
        base: str = "main",
        body: str = "",
        *,
        draft: bool = False,
        message: str = "",
        at: datetime | None = None,
    ) -> PullRequest:
        """Open a pull request from a branch with one commit on it."""
        self._check_new(repository, title, head, base)
        when = self.when(at)
        number = len(repository.pulls) + 1
        pull = PullRequest(
            self.new_id("pull"),
            repository,
            number,
            title,
            body,
            actor,
            head,
            base,
            repository.main_sha,
            when,
            when,
            draft=draft,
        )
        repository.pulls[number] = pull
        self._commit(pull, actor, message or title, when)
        self.tell(GithubEvent("pull_request", "opened", repository, actor, pull), at)
        return pull

    def _check_new(self, repository: Repository, title: str, head: str, base: str) -> None:
        if not title.strip():
            raise invalid("PullRequest", "title", "missing_field")
        if base != repository.default_branch:
            raise invalid("PullRequest", "base", "invalid")
        if not head or head == base:
            raise invalid("PullRequest", "head", "invalid")
        if any(pull.is_open and pull.head_ref == head for pull in repository.pulls.values()):
            said = f"A pull request already exists for {repository.owner.login}:{head}."
            raise invalid("PullRequest", "base", "custom", said)

    def _commit(self, pull: PullRequest, actor: Account, message: str, when: datetime) -> Commit:
        number = len(pull.commits) + 1
        sha = sha_of(pull.repository.full_name, pull.number, number, message)
        commit = Commit(sha, actor, message, when)
        pull.commits.append(commit)
        pull.additions += 12 + 7 * len(message) % 60
        pull.deletions += 3 + len(message) % 17
        pull.changed_files = min(pull.changed_files + 1, 20)
        pull.timeline.append(TimelineItem("PullRequestCommit", when, actor, commit))
        pull.repository.pushed = max(pull.repository.pushed or when, when)
        return commit

    def push(self, actor: Account, pull: PullRequest, message: str, *, at: datetime | None = None) -> Commit:
        """Push a commit to the branch."""
        self.require_open(pull)
        before = pull.head_sha
        commit = self._commit(pull, actor, message, self.when(at))
        self.touch(pull, commit.at)
        told = {"before": before, "after": commit.sha, "ref": f"refs/heads/{pull.head_ref}", "commit": commit}
        self.tell(GithubEvent("push", "", pull.repository, actor, extra=told), at)
        self.tell(GithubEvent("pull_request", "synchronize", pull.repository, actor, pull, extra=told), at)
        return commit

    def edit_pull(self, actor: Account, pull: PullRequest, changes: dict[str, Any]) -> None:
        """Change title, body, or state (open, closed)."""
        before = {name: getattr(pull, name) for name in ("title", "body") if name in changes}
        if changes.get("title") == "":
            raise invalid("PullRequest", "title", "missing_field")
        for name in before:
            setattr(pull, name, changes[name] or "")
        if before:
            self.touch(pull, self.now())
            changed = {name: {"from": value} for name, value in before.items()}
            event = GithubEvent("pull_request", "edited", pull.repository, actor, pull, extra={"changes": changed})
            self.tell(event, None)
        state = changes.get("state", pull.state)
        if state not in ("open", "closed"):
            raise invalid("PullRequest", "state", "invalid")
        if state != pull.state:
            self.close(actor, pull) if state == "closed" else self.reopen(actor, pull)

    def close(self, actor: Account, pull: PullRequest, *, at: datetime | None = None) -> None:
        """Close without merging."""
        self.require_open(pull)
        when = self.when(at)
        pull.state, pull.closed = "closed", when
        pull.timeline.append(TimelineItem("ClosedEvent", when, actor))
        self.touch(pull, when)
        self.tell(GithubEvent("pull_request", "closed", pull.repository, actor, pull), at)

    def reopen(self, actor: Account, pull: PullRequest, *, at: datetime | None = None) -> None:
        """Open again what was closed; GithubError 422 for what was merged."""
        if pull.merged is not None:
            raise invalid("PullRequest", "state", "invalid", "state cannot be changed. The pull request was merged.")
        when = self.when(at)
        pull.state, pull.closed = "open", None
        pull.timeline.append(TimelineItem("ReopenedEvent", when, actor))
        self.touch(pull, when)
        self.tell(GithubEvent("pull_request", "reopened", pull.repository, actor, pull), at)

    def set_draft(self, actor: Account, pull: PullRequest, draft: bool, *, at: datetime | None = None) -> None:
        """Turn into a draft, or say that it is ready for review."""
        self.require_open(pull)
        if pull.draft == draft:
            return
        when = self.when(at)
        pull.draft = draft
        kind, action = (
            ("ConvertToDraftEvent", "converted_to_draft") if draft else ("ReadyForReviewEvent", "ready_for_review")
        )
        pull.timeline.append(TimelineItem(kind, when, actor))
        self.touch(pull, when)
        self.tell(GithubEvent("pull_request", action, pull.repository, actor, pull), at)

    def merge(self, actor: Account, pull: PullRequest, *, sha: str = "", at: datetime | None = None) -> str:
        """Merge, and return the merge commit's id; GithubError 405 or 409 where that cannot be."""
        if not pull.is_open:
            raise GithubError(405, "Pull Request is not mergeable")
        if pull.draft:
            raise GithubError(405, "Pull Request is still a draft")
        if sha and sha != pull.head_sha:
            raise GithubError(409, "Head branch was modified. Review and try the merge again.")
        if pull.decision() == "CHANGES_REQUESTED":
            raise GithubError(405, "Changes have been requested. Pull Request is not mergeable")
        when = self.when(at)
        pull.state, pull.closed, pull.merged, pull.merged_by = "closed", when, when, actor
        pull.merge_sha = sha_of(pull.head_sha, "merge")
        pull.repository.main_sha = pull.merge_sha
        pull.timeline.append(TimelineItem("MergedEvent", when, actor))
        pull.timeline.append(TimelineItem("ClosedEvent", when, actor))
        self.touch(pull, when)
        self.tell(GithubEvent("pull_request", "closed", pull.repository, actor, pull), at)
        return pull.merge_sha

    def request(
        self,
        actor: Account,
        pull: PullRequest,
        logins: list[str],
        teams: list[str] | None = None,
        *,
        at: datetime | None = None,
    ) -> None:
        """Ask people and teams for a review; GithubError 422 for the author and for who may not read the repository."""
        asked = [self._reviewer(pull, login) for login in logins]
        asked_teams = [self._team(slug) for slug in teams or []]
        when = self.when(at)
        for one in [*asked, *asked_teams]:
            held: list[Any] = pull.requested_teams if isinstance(one, Team) else pull.requested
            if one in held:
                continue
            held.append(one)
            pull.timeline.append(TimelineItem("ReviewRequestedEvent", when, actor, one))
            self.touch(pull, when)
            extra = {"requested_team" if isinstance(one, Team) else "requested_reviewer": one}
            event = GithubEvent("pull_request", "review_requested", pull.repository, actor, pull, extra=extra)
            self.tell(event, at)

    def unrequest(self, actor: Account, pull: PullRequest, logins: list[str], teams: list[str] | None = None) -> None:
        """Ask no longer; those who were not asked are passed over."""
        names = {login.casefold() for login in logins}
        leaving: list[Any] = [one for one in pull.requested if one.login.casefold() in names]
        leaving += [team for team in pull.requested_teams if team.slug in set(teams or [])]
        for one in leaving:
            held: list[Any] = pull.requested_teams if isinstance(one, Team) else pull.requested
            held.remove(one)
            pull.timeline.append(TimelineItem("ReviewRequestRemovedEvent", self.now(), actor, one))
            self.touch(pull, self.now())
            extra = {"requested_team" if isinstance(one, Team) else "requested_reviewer": one}
            event = GithubEvent("pull_request", "review_request_removed", pull.repository, actor, pull, extra=extra)
            self.tell(event, None)

    def _reviewer(self, pull: PullRequest, login: str) -> Account:
        if login.casefold() == pull.author.login.casefold():
            raise refused("Review cannot be requested from pull request author.")
        found = pull.repository.collaborators.get(login.casefold())
        if found is None:
            raise refused(
                "Reviews may only be requested from collaborators. One or more of the users or teams you specified "
                f"is not a collaborator of the {pull.repository.full_name} repository."
            )
        return found

    def _team(self, slug: str) -> Team:
        found = self.teams.get(slug)
        if found is None:
            raise refused("Could not resolve to a node with the global id of the team.")
        return found
