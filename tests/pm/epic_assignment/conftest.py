"""A small Jira with two epics, three tickets without one, and the service over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select

from db.engine import Database
from db.models.accounts import Member
from db.models.effects import Effect
from db.models.pm import EpicAssignmentCompliance, EpicAssignmentSuggestion, Project
from sandbox.core import Sandbox
from services.accounts import Accounts, MemberRef, Role
from services.effects import AuditTrail, Effects
from services.effects.jira import jira_operations
from services.mirror import Mirror
from services.pm.epic_assignment import EpicAssignments
from services.pm.epic_assignment.types import Basis, EpicFindings, ProjectFindings, Proposal, ScopeProject
from services.pm.epics.types import Candidate
from services.settings import Settings
from tests.vendors.settings import settings_for
from tests.vendors.site import ALICE, Site, running_site

PEOPLE = {"priya": Role.PM, "marcus": Role.PM, "bob": Role.ENGINEER, "ada": Role.ADMIN}
BASIS = Basis(open_tickets=3, without_epic=3, fresh_at=None, embedder="tfidf", fallback_reason=None)


@dataclass
class Bench:
    """The service under test, its Jira, and its people."""

    site: Site
    database: Database
    mirror: Mirror
    effects: Effects
    accounts: Accounts
    settings: Settings
    epics: EpicAssignments
    people: dict[str, MemberRef]

    async def keep(self, **confidence_by_ticket: float) -> EpicFindings:
        """Store a run that suggests APP-1 for each ticket ("APP_3"), as sure as it says."""
        return await self.keep_run([(key.replace("_", "-"), "APP-1", c) for key, c in confidence_by_ticket.items()])

    async def keep_run(self, suggestions: list[tuple[str, str, float]]) -> EpicFindings:
        """Store a run with these tickets, epics and confidences."""
        issues = {issue.key: issue for issue in await self.mirror.issues(["APP"])}
        proposals = tuple(
            Proposal(key, "APP", issues[key].summary, (Candidate(epic, confidence, ("similar",)),))
            for key, epic, confidence in suggestions
        )
        project = ScopeProject("APP", "The app", self.people["priya"].id)
        at = self.site.now()
        findings = EpicFindings(at, at.date().isoformat(), (ProjectFindings(project, proposals, BASIS),), ())
        await self.epics.record(findings)
        return findings

    def epic_in_jira(self, key: str) -> str | None:
        """Return the key of the issue's parent as Jira holds it."""
        jira = self.site.sandbox.jira
        parent = jira.parent(jira.by_key[key])
        return parent.key if parent else None

    def moves_in_jira(self, key: str, epic: str) -> None:
        """Let somebody set the parent in Jira itself."""
        jira = self.site.sandbox.jira
        jira.edit(ALICE, jira.by_key[key], {"parent": {"key": epic}})

    async def suggestions(self, ticket_key: str) -> list[EpicAssignmentSuggestion]:
        """Return all suggestions for a ticket, oldest first."""
        async with self.database.transaction(write=False) as session:
            query = select(EpicAssignmentSuggestion).where(EpicAssignmentSuggestion.ticket_key == ticket_key)
            return list((await session.scalars(query.order_by(EpicAssignmentSuggestion.id))).all())

    async def writes(self) -> list[Effect]:
        """Return all writes."""
        async with self.database.transaction(write=False) as session:
            return list((await session.scalars(select(Effect).order_by(Effect.id))).all())

    async def compliance(self) -> list[EpicAssignmentCompliance]:
        """Return all compliance rows."""
        async with self.database.transaction(write=False) as session:
            return list((await session.scalars(select(EpicAssignmentCompliance))).all())


async def bench_of(site: Site, database: Database, **settings: Any) -> Bench:
    """Put the service together over a site, with everybody in it as a member."""
    mirror = Mirror(database, site.jira, site.tempo, site.now)
    effects = Effects(database, AuditTrail(database, site.now), site.now)
    effects.register(jira_operations(site.jira, mirror.refresh_issue))
    accounts = Accounts(database, cast(Any, None), site.now)
    async with database.transaction() as session:
        for name, role in PEOPLE.items():
            session.add(
                Member(slack_user_id=f"U0{name.upper()}", display_name=name.title(), role=role, created_at=site.now())
            )
    people = {member.display_name.lower(): member for member in await accounts.members()}
    made = settings_for(site.url, **settings)
    epics = EpicAssignments(database, mirror, effects, accounts, made, site.now)
    return Bench(site, database, mirror, effects, accounts, made, epics, people)


async def add_project(bench: Bench, key: str, name: str, pm: str | None, kind: str = "scope") -> None:
    """Store a project."""
    async with bench.database.transaction() as session:
        pm_id = bench.people[pm].id if pm else None
        session.add(Project(project_key=key, name=name, project_type=kind, pm_member_id=pm_id))


@pytest.fixture
async def bench(database: Database, in_account: str) -> AsyncIterator[Bench]:
    """APP-1 and APP-2 are epics, APP-3 to APP-5 have none; OPS-1 is an epic of another project."""
    async with running_site() as site:
        for number, summary in enumerate(("Checkout", "Search"), 1):
            assert site.create("APP", summary, "Epic").key == f"APP-{number}"
        for summary in ("Card is charged twice", "Typos in brand names", "Book a room"):
            site.create("APP", summary)
        site.create("OPS", "Monitoring", "Epic")
        site.sandbox.clock.advance(timedelta(minutes=1))
        bench = await bench_of(site, database)
        await add_project(bench, "APP", "The app", "priya")
        await add_project(bench, "OPS", "Operations", None, "internal")
        await bench.mirror.sync("jira")
        yield bench


@pytest.fixture
async def world_bench(database: Database, in_account: str) -> AsyncIterator[Bench]:
    """The sandbox's world, with its projects."""
    from tests.sandbox.copies import copied_world
    from tests.stories.stage import WEDNESDAY

    sandbox: Sandbox = copied_world(WEDNESDAY)
    async with running_site(sandbox) as site:
        bench = await bench_of(site, database)
        assert sandbox.world is not None
        for project in sandbox.world.projects:
            await add_project(bench, project.key, project.name, project.pm, project.type)
        yield bench
