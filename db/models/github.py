"""The mirror of GitHub's pull requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, TenantMixin


class GithubPullRequest(TenantMixin, Base):
    """One pull request as last seen.

    `review_status` is its waiting state (see `services.mirror.types.ReviewStatus`) and `status_since` when that began;
    `status_history` its waiting states before and now;
    `jira_keys` are those in branch and title; `commits`, `reviews` and `comments` hold {at, login, …} of the newest.
    """

    __tablename__ = "github_pull_requests"
    __table_args__ = (
        UniqueConstraint("account_id", "repository", "number"),
        Index("ix_github_pull_requests_state", "account_id", "state", "repository"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(String(200))
    number: Mapped[int]
    node_id: Mapped[str] = mapped_column(String(100), default="")
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    author_login: Mapped[str] = mapped_column(String(100), default="")
    is_bot: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20))
    is_draft: Mapped[bool] = mapped_column(default=False)
    review_decision: Mapped[str | None] = mapped_column(String(40))
    review_status: Mapped[str] = mapped_column(String(40))
    status_since: Mapped[datetime]
    checks_state: Mapped[str | None] = mapped_column(String(20))
    head_ref: Mapped[str] = mapped_column(String(255), default="")
    base_ref: Mapped[str] = mapped_column(String(255), default="")
    requested_reviewers: Mapped[list[Any]] = mapped_column(default=list)
    jira_keys: Mapped[list[Any]] = mapped_column(default=list)
    status_history: Mapped[list[Any]] = mapped_column(default=list)
    commits: Mapped[list[Any]] = mapped_column(default=list)
    reviews: Mapped[list[Any]] = mapped_column(default=list)
    comments: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    merged_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    synced_at: Mapped[datetime]
