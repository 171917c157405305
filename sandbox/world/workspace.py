"""The Slack workspace of the world: people and channels."""

from __future__ import annotations

from sandbox.core import Sandbox
from sandbox.world.people import BOT_SLACK_ID, ProjectPlan, World


def fill_workspace(sandbox: Sandbox, world: World) -> None:
    """Add the people and the channels; the bot is in all channels but #random."""
    _add_people(sandbox, world)
    _add_company_channels(sandbox, world)
    _add_work_channels(sandbox, world)


def _add_people(sandbox: Sandbox, world: World) -> None:
    for person in world.people:
        sandbox.slack.add_user(
            person.slack_id,
            person.email.partition("@")[0],
            person.name,
            person.email,
            person.time_zone,
            person.title,
            color=person.color,
            is_admin=person.role == "admin",
        )


def _add_company_channels(sandbox: Sandbox, world: World) -> None:
    everyone = [person.slack_id for person in world.people]
    managers = [person.slack_id for person in world.people if person.role in ("admin", "pm", "viewer")]
    leads = [person.slack_id for person in world.people if person.role == "lead"]
    add = sandbox.slack.add_channel
    add(
        "C0GENERAL",
        "general",
        [*everyone, BOT_SLACK_ID],
        topic="Company-wide announcements and work-based matters",
    )
    add("C0RANDOM", "random", everyone, topic="Everything else")
    add(
        "C0PMALERTS",
        "pm-alerts",
        [*managers, *leads, BOT_SLACK_ID],
        topic="Budgets, forecasts and stuck work",
    )
    add(
        "C0LEADERSHIP",
        "leadership",
        [*managers, BOT_SLACK_ID],
        topic="Weekly roll-ups",
        is_private=True,
    )


def _add_work_channels(sandbox: Sandbox, world: World) -> None:
    add = sandbox.slack.add_channel
    for project in world.projects:
        add(
            project.channel,
            f"proj-{project.key.lower()}",
            [*_project_members(world, project), BOT_SLACK_ID],
            topic=f"{project.name} ({project.key})",
        )
    for team in world.teams:
        people = [p.slack_id for p in world.people if p.team == team.name or p.key == team.pm]
        add(
            f"C0TEAM{team.name.upper()}",
            f"team-{team.name.lower()}",
            [*people, BOT_SLACK_ID],
            topic=f"{team.name} team",
        )


def _project_members(world: World, project: ProjectPlan) -> list[str]:
    return [p.slack_id for p in world.people if p.team == project.team or p.key == project.pm or p.role == "admin"]
