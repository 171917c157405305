"""The world as an admin would import it, and as JSON for the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sandbox.world.people import World

PEOPLE_COLUMNS = (
    "email",
    "name",
    "slack_user_id",
    "jira_account_id",
    "team",
    "pm_email",
    "role",
    "time_zone",
    "github_login",
)
PROJECT_COLUMNS = (
    "project_key",
    "name",
    "type",
    "pm_email",
    "channel_id",
    "monthly_retainer_hours",
    "stakeholder_emails",
    "hourly_rate",
    "github_repositories",
)
FORECAST_COLUMNS = ("project_key", "epic_key", "hours", "month", "team")


def world_json(world: World) -> dict[str, Any]:
    """Return people, teams, projects and stories as plain JSON values."""
    hidden = {"color"}
    return {
        "people": [{k: v for k, v in asdict(p).items() if k not in hidden} for p in world.people],
        "teams": [asdict(team) for team in world.teams],
        "projects": [{k: v for k, v in asdict(p).items() if k not in ("stakeholders", "team")} for p in world.projects],
        "stories": [asdict(story) for story in world.stories],
        "forecasts": [asdict(forecast) for forecast in world.forecasts],
    }


def people_csv(world: World) -> str:
    """Return people.csv; a person's PM is that of the team, empty without one."""
    managers = {team.name: world.person(team.pm).email for team in world.teams}
    rows = (
        (
            p.email,
            p.name,
            p.slack_id,
            p.jira_account_id,
            p.team,
            managers.get(p.team, ""),
            p.role,
            p.time_zone,
            p.github_login,
        )
        for p in world.people
    )
    return _csv(PEOPLE_COLUMNS, rows)


def projects_csv(world: World) -> str:
    """Return projects.csv; several stakeholders are separated by semicolons."""
    rows = (
        (
            p.key,
            p.name,
            p.type,
            world.person(p.pm).email,
            p.channel,
            p.monthly_retainer_hours or "",
            ";".join(world.person(key).email for key in p.stakeholders),
            p.hourly_rate or "",
            ";".join(p.github_repositories),
        )
        for p in world.projects
    )
    return _csv(PROJECT_COLUMNS, rows)


def forecasts_csv(world: World) -> str:
    """Return forecasts.csv: an epic's hours in all, for everybody."""
    return _csv(FORECAST_COLUMNS, ((f.project_key, f.epic_key, f.forecast_hours, "", "") for f in world.forecasts))


def _csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
