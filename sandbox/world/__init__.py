"""The world of the sandbox: the same every time, and always relative to today."""

from __future__ import annotations

from pathlib import Path

from sandbox.core import Sandbox
from sandbox.world.build import build, calendar_of
from sandbox.world.people import World, new_world
from sandbox.world.sites import fill_sites
from sandbox.world.workspace import fill_workspace


def populate(sandbox: Sandbox, import_dir: Path | None = None) -> World:
    """Fill Slack, Jira and Tempo, and return what was put there; real issues from `import_dir` besides if given."""
    world = new_world()
    sandbox.world = world
    calendar = calendar_of(sandbox)
    fill_workspace(sandbox, world)
    fill_sites(sandbox, world, calendar.today)
    build(sandbox, world, calendar)
    return world
