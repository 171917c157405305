"""Checks and statuses of commits."""

from __future__ import annotations

from datetime import datetime

from sandbox.github.errors import invalid
from sandbox.github.events import GithubEvent
from sandbox.github.model import Account, CheckRun, Commit, CommitStatus, PullRequest, Repository
from sandbox.github.store import GithubStore

CONCLUSIONS = frozenset({"success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"})
STATES = frozenset({"error", "failure", "pending", "success"})


class CheckOperations(GithubStore):
    """What machines say to a commit; it does not count as a change of its pull request, as in GitHub."""

    def check(
        self,
        repository: Repository,
        sha: str,
        name: str,
        conclusion: str | None,
        *,
        at: datetime | None = None,
    ) -> CheckRun:
        """Report a check: running (None), or its conclusion. A later report replaces the one before."""
        if conclusion is not None and conclusion not in CONCLUSIONS:
            raise invalid("CheckRun", "conclusion", "invalid")
        when = self.when(at)
        status = "completed" if conclusion else "in_progress"
        done = when if conclusion else None
        run = CheckRun(self.new_id("check"), sha, name, status, conclusion, when, done)
        runs = repository.checks.setdefault(sha, [])
        runs[:] = [*(other for other in runs if other.name != name), run]
        pull = self.pull_of_commit(repository, sha)
        sender = pull.author if pull else repository.owner
        action = "completed" if conclusion else "created"
        self.tell(GithubEvent("check_run", action, repository, sender, pull, check=run), at)
        if conclusion and all(other.status == "completed" for other in runs):
            self.tell(GithubEvent("check_suite", "completed", repository, sender, pull, check=run), at)
        return run

    def set_status(
        self, actor: Account, repository: Repository, sha: str, context: str, state: str, description: str = ""
    ) -> CommitStatus:
        """Report a status of the older kind."""
        if state not in STATES:
            raise invalid("Status", "state", "invalid")
        status = CommitStatus(self.new_id("status"), sha, context, state, description, actor, self.now())
        repository.statuses.setdefault(sha, []).append(status)
        pull = self.pull_of_commit(repository, sha)
        self.tell(GithubEvent("status", "", repository, actor, pull, extra={"status": status}), None)
        return status

    def pull_of_commit(self, repository: Repository, sha: str) -> PullRequest | None:
        """Return the newest pull request that has a commit."""
        for pull in reversed(repository.pulls.values()):
            if any(commit.sha == sha for commit in pull.commits):
                return pull
        return None

    def commit_of(self, repository: Repository, ref: str) -> Commit | None:
        """Return the commit of an id or a branch's name; None where neither is known."""
        for pull in reversed(repository.pulls.values()):
            if ref in (pull.head_ref, f"heads/{pull.head_ref}"):
                return pull.commits[-1]
            for commit in pull.commits:
                if commit.sha == ref:
                    return commit
        if ref in (repository.default_branch, repository.main_sha):
            at = repository.pushed or repository.created
            return Commit(repository.main_sha, repository.owner, f"State of {repository.default_branch}", at)
        return None
