"""The world of a consultancy, mirrored, with its people in an account; a Slack that remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from blocks import alerts as renderer
from db.engine import Database
from sandbox.world.export import people_csv, projects_csv
from sandbox.world.people import World
from services.accounts import Accounts
from services.accounts.types import MemberRef, SlackProfile
from services.alerts import Alerts
from services.effects import AuditTrail, Effects
from services.effects.tempo import tempo_operations
from services.home import Homes
from services.mirror import Mirror
from services.pm import ProjectManagement
from services.pm.working_days import WorkingDays
from services.pm.worklog_drafts import WorklogDrafts, evidence_sources
from services.settings import Settings
from tests.sandbox.copies import copied_world
from tests.vendors.settings import settings_for
from tests.vendors.site import Site, running_site

if TYPE_CHECKING:
    from services.container import Services
    from services.vendors.jira import JiraClient
    from services.vendors.tempo import TempoClient

NEW_YORK = "America/New_York"
MONDAY_TEN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Posted:
    """A message in Slack."""

    channel: str
    ts: str
    text: str
    blocks: tuple[dict[str, Any], ...]


@dataclass
class Slack:
    """Keeps messages and modals."""

    messages: list[Posted] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)

    async def direct_channel(self, slack_user_id: str) -> str:
        return f"D-{slack_user_id}"

    async def post_once(
        self,
        key: str,
        channel: str,
        text: str,
        blocks: Sequence[dict[str, Any]] = (),
        *,
        look_first_since: float | None = None,
    ) -> Posted:
        posted = Posted(channel, f"{len(self.messages)}.0", text, tuple(blocks))
        self.messages.append(posted)
        return posted

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> str:
        self.views.append(view)
        return "V1"

    async def update_view(self, view_id: str, view: dict[str, Any]) -> None:
        self.views.append(view)

    async def profile(self, slack_user_id: str) -> SlackProfile:
        return SlackProfile(slack_user_id, slack_user_id, None, NEW_YORK, False, False)

    def to(self, key: str) -> list[Posted]:
        """Return what a person of the world was told."""
        return [message for message in self.messages if message.channel == f"D-U0{key.upper()}"]


@dataclass(frozen=True)
class Office:
    """The fields of `Services` that the feature uses, around a real database and the world's Tempo."""

    settings: Settings
    database: Database
    accounts: Accounts
    audit: AuditTrail
    mirror: Mirror
    alerts: Alerts
    slack: Slack
    pm: ProjectManagement
    effects: Effects
    worklog_drafts: WorklogDrafts
    working_days: WorkingDays
    site: Site
    homes: Homes = field(default_factory=Homes)

    @property
    def whole(self) -> Services:
        """These services, for functions that declare the whole."""
        return cast("Services", self)

    def now(self) -> datetime:
        return self.site.now()

    @property
    def jira(self) -> JiraClient:
        return self.site.jira

    @property
    def tempo(self) -> TempoClient:
        return self.site.tempo

    @property
    def github(self) -> None:
        return None

    @property
    def world(self) -> World:
        assert self.site.sandbox.world is not None
        return self.site.sandbox.world

    async def member(self, key: str) -> MemberRef:
        slack_id = self.world.person(key).slack_id
        return next(member for member in await self.accounts.members() if member.slack_user_id == slack_id)


def office_at(site: Site, database: Database, tempo: bool = True) -> Office:
    """Return the services of a site, in an account that nobody has imported anything into."""
    slack = Slack()
    accounts = Accounts(database, slack, site.now, time_zone=NEW_YORK)
    client = site.tempo if tempo else None
    mirror = Mirror(database, site.jira, client, site.now)
    audit = AuditTrail(database, site.now)
    pm = ProjectManagement(database, accounts, mirror, audit, site.now)
    effects = Effects(database, audit, site.now)
    effects.register(tempo_operations(site.tempo, site.jira.site_url, mirror.refresh_worklogs))
    sources = evidence_sources(database, site.jira)
    drafts = WorklogDrafts(database, mirror, client, effects, pm, sources, site.now, site_url=site.jira.site_url)
    return Office(
        settings=settings_for(site.url),
        database=database,
        accounts=accounts,
        audit=audit,
        mirror=mirror,
        alerts=Alerts(database, slack, renderer, site.now),
        slack=slack,
        pm=pm,
        effects=effects,
        worklog_drafts=drafts,
        working_days=WorkingDays(accounts, mirror, site.now),
        site=site,
    )


@pytest.fixture
async def office(database: Database, in_account: str) -> AsyncIterator[Office]:
    """The world on a Monday at ten."""
    async with running_site(copied_world(MONDAY_TEN)) as site:
        office = office_at(site, database)
        await office.pm.import_people(people_csv(office.world))
        await office.pm.import_projects(projects_csv(office.world))
        yield office
