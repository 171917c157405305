"""What GitHub tells its listeners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.github.model import Account, CheckRun, Comment, PullRequest, Repository, Review


@dataclass(frozen=True, slots=True)
class GithubEvent:
    """Something that happened; `name` is X-GitHub-Event, `action` its action ("" for push)."""

    name: str
    action: str
    repository: Repository
    sender: Account
    pull: PullRequest | None = None
    review: Review | None = None
    comment: Comment | None = None
    check: CheckRun | None = None
    extra: dict[str, Any] = field(default_factory=dict)
