"""GitHub: pull requests by GraphQL, a few writes by REST, metadata by PyGithub."""

from services.vendors.github.client import GithubClient
from services.vendors.github.types import GithubActivity, GithubComment, GithubListing, GithubPull, GithubRepository

__all__ = ["GithubActivity", "GithubClient", "GithubComment", "GithubListing", "GithubPull", "GithubRepository"]
