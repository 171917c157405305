"""What FlowPilot changes in GitHub, each as an operation that can be found again, verified and undone."""

from __future__ import annotations

from services.effects.github.base import RefreshPull
from services.effects.github.comments import CommentOnPull, DeletePullComment
from services.effects.github.reviewers import RemoveReviewers, RequestReviewers
from services.effects.types import Operation
from services.vendors.github import GithubClient

__all__ = ["CommentOnPull", "RequestReviewers", "github_operations"]


def github_operations(github: GithubClient, refresh: RefreshPull | None = None) -> list[Operation]:
    """Return all operations on pull requests; `refresh(repository, number)` brings the mirror up to date after each."""
    kinds = (CommentOnPull, DeletePullComment, RequestReviewers, RemoveReviewers)
    return [kind(github, refresh) for kind in kinds]
