"""Jira's and Tempo's set-up for the world: accounts, projects, teams, schemes."""

from __future__ import annotations

from datetime import date, timedelta

import holidays

from sandbox.core import Sandbox
from sandbox.jira import catalog
from sandbox.world.people import RUNNER_ACCOUNT_ID, World

PART_TIME = ("fatima",)
UNTRACKED = ("priya", "marcus", "dana")
HOUR_S = 3600
WORKFLOWS = {"CPE": catalog.REMEDIATION, "TOOLS": catalog.RUNNER}


def fill_sites(sandbox: Sandbox, world: World, today: date) -> None:
    """Add accounts, projects, Tempo teams, workloads and US holidays from last year to next."""
    jira, tempo = sandbox.jira, sandbox.tempo
    for person in world.people:
        jira.add_user(person.jira_account_id, person.name, person.email, person.time_zone)
    jira.add_user(RUNNER_ACCOUNT_ID, "AI Runner", "ai-runner@harborline.test")
    for project in world.projects:
        lead = world.person(project.pm).jira_account_id
        jira.add_project(project.key, project.name, lead, WORKFLOWS.get(project.key, catalog.SOFTWARE))
    for team in world.teams:
        members = [p.jira_account_id for p in world.people if p.team == team.name]
        tempo.add_team(team.name, world.person(team.lead).jira_account_id, members)
    part_time = tempo.add_workload("Part time, 20 hours", [4 * HOUR_S] * 5)
    part_time.members = {world.person(key).jira_account_id for key in PART_TIME}
    untracked = tempo.add_workload("No time tracking", [])
    untracked.members = {world.person(key).jira_account_id for key in UNTRACKED}
    scheme = next(s for s in tempo.holiday_schemes.values() if s.default)
    for day, name in us_holidays(today).items():
        tempo.add_holiday(scheme, day, name)


def us_holidays(today: date) -> dict[date, str]:
    """Return federal holidays (as observed) from last year to next."""
    years = range((today - timedelta(days=365)).year, today.year + 2)
    return dict(sorted(holidays.country_holidays("US", years=years).items()))
