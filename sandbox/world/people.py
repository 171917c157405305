"""Who works at Harborline, the consultancy that the sandbox shows, and on what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["admin", "pm", "lead", "engineer", "viewer"]
ProjectType = Literal["retainer", "scope", "internal"]

BOT_SLACK_ID = "U0FLOWPILOT"
RUNNER_ACCOUNT_ID = "712020:ai-runner"


@dataclass(frozen=True)
class Person:
    """One person, as known to Slack, Jira and Tempo."""

    key: str
    name: str
    email: str
    slack_id: str
    jira_account_id: str
    title: str
    team: str
    role: Role
    time_zone: str
    color: str
    github_login: str = ""


@dataclass(frozen=True)
class Team:
    """A team; `lead` and `pm` are keys of people."""

    name: str
    lead: str
    pm: str


@dataclass(frozen=True)
class ProjectPlan:
    """A project; `pm` and `stakeholders` are keys of people, `channel` a Slack channel id."""

    key: str
    name: str
    type: ProjectType
    pm: str
    channel: str
    monthly_retainer_hours: int | None = None
    stakeholders: tuple[str, ...] = ("dana",)
    team: str = ""
    github_repositories: tuple[str, ...] = ()
    hourly_rate: int | None = None


@dataclass(frozen=True)
class Story:
    """Something in the world that an agent should find; `facts` are the exact figures it should report."""

    id: str
    agent: str
    what: str
    where: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Forecast:
    """Hours planned for an epic, and those worked so far."""

    epic_key: str
    project_key: str
    forecast_hours: float
    actual_hours: float


@dataclass
class World:
    """All that was put into the stand-ins, by plain names."""

    people: list[Person]
    teams: list[Team]
    projects: list[ProjectPlan]
    stories: list[Story] = field(default_factory=list)
    forecasts: list[Forecast] = field(default_factory=list)

    def person(self, key: str) -> Person:
        """Return the person with this key; KeyError if there is none."""
        for person in self.people:
            if person.key == key:
                return person
        raise KeyError(key)

    def project(self, key: str) -> ProjectPlan:
        """Return the project with this key; KeyError if there is none."""
        for project in self.projects:
            if project.key == key:
                return project
        raise KeyError(key)

    def story(self, story_id: str) -> Story:
        """Return the story with this id; KeyError if there is none."""
        for story in self.stories:
            if story.id == story_id:
                return story
        raise KeyError(story_id)


def _person(key: str, name: str, title: str, team: str, role: Role, time_zone: str, color: str) -> Person:
    mailbox = name.lower().replace("á", "a").replace(" ", ".")
    return Person(
        key=key,
        name=name,
        email=f"{mailbox}@harborline.test",
        slack_id=f"U0{key.upper()}",
        jira_account_id=f"712020:{key}",
        title=title,
        team=team,
        role=role,
        time_zone=time_zone,
        color=color,
        github_login=f"{key}-{name.lower().split()[-1]}".replace("á", "a") if role in ("lead", "engineer") else "",
    )


NEW_YORK = "America/New_York"

PEOPLE: tuple[Person, ...] = (
    _person(
        "priya",
        "Priya Shah",
        "Delivery manager",
        "Storefront",
        "admin",
        NEW_YORK,
        "9f69e7",
    ),
    _person("marcus", "Marcus Bell", "Project manager", "Platform", "pm", NEW_YORK, "e7392d"),
    _person("dana", "Dana Whitfield", "Managing director", "", "viewer", NEW_YORK, "4bbe2e"),
    _person(
        "alice",
        "Alice Nguyen",
        "Storefront lead",
        "Storefront",
        "lead",
        NEW_YORK,
        "3c989f",
    ),
    _person(
        "tomas",
        "Tomás Silva",
        "Platform lead",
        "Platform",
        "lead",
        "Europe/Lisbon",
        "d58247",
    ),
    _person(
        "ingrid",
        "Ingrid Halvorsen",
        "Endpoint lead",
        "Endpoint",
        "lead",
        "Europe/Oslo",
        "2b6836",
    ),
    _person(
        "bob",
        "Bob Carter",
        "Software engineer",
        "Storefront",
        "engineer",
        NEW_YORK,
        "684b6c",
    ),
    _person(
        "sam",
        "Sam Okafor",
        "Software engineer",
        "Storefront",
        "engineer",
        "America/Chicago",
        "e0a729",
    ),
    _person(
        "mei",
        "Mei Tanaka",
        "Senior engineer",
        "Platform",
        "engineer",
        "America/Los_Angeles",
        "5b89d5",
    ),
    _person(
        "jonas",
        "Jonas Weber",
        "Senior engineer",
        "Platform",
        "engineer",
        NEW_YORK,
        "99a949",
    ),
    _person(
        "fatima",
        "Fatima Rahman",
        "Endpoint engineer",
        "Endpoint",
        "engineer",
        NEW_YORK,
        "c386df",
    ),
    _person(
        "luca",
        "Luca Moretti",
        "Support engineer",
        "Endpoint",
        "engineer",
        NEW_YORK,
        "d1707d",
    ),
)

TEAMS: tuple[Team, ...] = (
    Team("Storefront", lead="alice", pm="priya"),
    Team("Platform", lead="tomas", pm="marcus"),
    Team("Endpoint", lead="ingrid", pm="marcus"),
)

PROJECTS: tuple[ProjectPlan, ...] = (
    ProjectPlan(
        "SHOP",
        "Kestrel Outdoor storefront",
        "scope",
        "priya",
        "C0PROJSHOP",
        team="Storefront",
        github_repositories=("harborline/shop",),
    ),
    ProjectPlan(
        "PORT",
        "Meridian Freight portal",
        "scope",
        "marcus",
        "C0PROJPORT",
        team="Platform",
        github_repositories=("harborline/portal",),
    ),
    ProjectPlan(
        "CARE",
        "Lumen Health care plan",
        "retainer",
        "priya",
        "C0PROJCARE",
        160,
        team="Storefront",
        hourly_rate=150,
    ),
    ProjectPlan(
        "BREW",
        "Brightwater Breweries support",
        "retainer",
        "marcus",
        "C0PROJBREW",
        80,
        team="Platform",
    ),
    ProjectPlan(
        "CPE",
        "macOS fleet remediation",
        "internal",
        "marcus",
        "C0PROJCPE",
        team="Endpoint",
    ),
    ProjectPlan(
        "TOOLS",
        "Internal tools",
        "internal",
        "priya",
        "C0PROJTOOLS",
        team="Platform",
        github_repositories=("harborline/tools",),
    ),
)


def new_world() -> World:
    """Return the people, teams and projects, with nothing in them yet."""
    return World(list(PEOPLE), list(TEAMS), list(PROJECTS))
