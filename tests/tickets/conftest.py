"""Tickets over a small Jira on real sockets, a real database, and three people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from db.engine import Database
from db.models.accounts import Member
from handlers.request import Delivery, Kind, Request
from sandbox.jira.adf import text_from_adf
from sandbox.jira.model import Issue
from services.accounts import AccountRef, Accounts, MemberRef, Role, SlackProfile
from services.ai import AiTasks
from services.commands.types import Reply
from services.container import Services
from services.effects import Actor, AuditTrail, Effects, Intent
from services.effects.jira import jira_operations
from services.home.homes import Homes
from services.mirror import Mirror
from services.slack.errors import SlackNotFoundError
from services.tickets import Tickets
from tests.vendors.settings import settings_for
from tests.vendors.site import ALICE, BOB, Site, running_site

PRIYA = Actor(None, "Priya Shah")
ABSENT = cast(Any, None)


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
        effects.register(jira_operations(site.jira, mirror.refresh_issue, now=site.now))
        yield Bench(site, mirror, audit, effects)


class NoDirectory:
    """Slack's directory, which these tests have no use for: all members are stored."""

    async def profile(self, slack_user_id: str) -> SlackProfile:
        """Know nobody."""
        raise SlackNotFoundError("Slack knows no such person.", code="user_not_found")


@dataclass
class Desk:
    """Tickets and everything behind them; the people are stored members."""

    bench: Bench
    services: Services
    account: AccountRef
    people: dict[str, MemberRef]

    @property
    def tickets(self) -> Tickets:
        """The service under test."""
        return self.services.tickets

    @property
    def site(self) -> Site:
        """The small Jira."""
        return self.bench.site


async def add_member(database: Database, name: str, role: Role, jira_account_id: str | None) -> MemberRef:
    """Store a member."""
    slack_user_id = f"U0{name.split()[0].upper()}"
    row = Member(
        slack_user_id=slack_user_id,
        display_name=name,
        role=role,
        jira_account_id=jira_account_id,
        created_at=datetime.now(UTC),
    )
    async with database.transaction() as session:
        session.add(row)
        await session.flush()
    return MemberRef(row.id, slack_user_id, name, role, row.time_zone, jira_account_id)


@pytest.fixture
async def desk(bench: Bench, database: Database, in_account: str) -> Desk:
    """Tickets with Alice (lead), Bob (engineer), Carol (engineer, not linked to Jira) and Vera (viewer)."""
    people = {
        "alice": await add_member(database, "Alice Ames", Role.LEAD, ALICE),
        "bob": await add_member(database, "Bob Brown", Role.ENGINEER, BOB),
        "carol": await add_member(database, "Carol <!channel> Cole", Role.ENGINEER, None),
        "vera": await add_member(database, "Vera Vance", Role.VIEWER, None),
    }
    now, site = bench.site.now, bench.site
    settings = settings_for(site.url)
    accounts = Accounts(database, NoDirectory(), now)
    ai = AiTasks(settings, database, now)
    used: dict[str, Any] = {
        "settings": settings,
        "now": now,
        "database": database,
        "accounts": accounts,
        "audit": bench.audit,
        "effects": bench.effects,
        "jira": site.jira,
        "tempo": site.tempo,
        "mirror": bench.mirror,
        "ai": ai,
        "tickets": Tickets(database, site.jira, bench.mirror, bench.effects, ai, accounts, now),
        "homes": Homes(),
    }
    services = Services(**dict.fromkeys(Services.__dataclass_fields__, ABSENT) | used)
    return Desk(bench, services, await accounts.account("T0TEST"), people)


@dataclass
class Heard:
    """What a request was answered with."""

    replies: list[Reply] = field(default_factory=list)

    async def working(self, said: str = "") -> None:
        """Say nothing."""

    async def answer(self, reply: Reply) -> None:
        """Note the answer."""
        self.replies.append(reply)

    async def done(self) -> None:
        """Take nothing away."""


def request_of(desk: Desk, person: str, kind: Kind, routed_by: str, **rest: Any) -> Request:
    """Return a request as the intake makes it."""
    member = desk.people[person]
    delivery = Delivery(kind, routed_by, rest.pop("payload", {}), "T0TEST", member.slack_user_id, **rest)
    return Request(desk.services, desk.account, member, delivery, "reference", Heard())
