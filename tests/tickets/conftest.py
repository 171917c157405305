"""Tickets over a small Jira on real sockets, a real database, and three people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from db.engine import Database
from sandbox.jira.adf import text_from_adf
from sandbox.jira.model import Issue
from services.effects import Actor, AuditTrail, Effects, Intent
from services.effects.jira import jira_operations
from services.mirror import Mirror
from tests.vendors.site import Site, running_site

PRIYA = Actor(None, "Priya Shah")


@dataclass
class Bench:
    """The site, and the effects that act on it."""

    site: Site
    mirror: Mirror
    audit: AuditTrail
    effects: Effects
    keys: list[str] = field(default_factory=list)

    def intent(self, operation: str, issue: Issue, key: str = "", **arguments: object) -> Intent:
        """Return a wish of Priya's."""
        self.keys.append(key or f"k{len(self.keys)}")
        return Intent(operation, issue.key, dict(arguments), PRIYA, "typed in Slack", self.keys[-1])

    def later(self, minutes: int) -> None:
        """Let time pass."""
        self.site.sandbox.clock.advance(timedelta(minutes=minutes))


def comments_of(issue: Issue) -> list[str]:
    """Return the words of an issue's comments in the sandbox."""
    return [text_from_adf(comment.body) for comment in issue.comments]


@pytest.fixture
async def bench(database: Database, in_account: str) -> AsyncIterator[Bench]:
    """Effects on a small Jira."""
    async with running_site() as site:
        mirror = Mirror(database, site.jira, site.tempo, site.now)
        audit = AuditTrail(database, site.now)
        effects = Effects(database, audit, site.now)
        effects.register(jira_operations(site.jira, mirror.refresh_issue))
        yield Bench(site, mirror, audit, effects)
