"""The world of the sandbox: the same every time, and always relative to today."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.core import Sandbox
from sandbox.world.people import NEW_YORK, World, new_world
from sandbox.world.sites import fill_sites
from sandbox.world.workspace import fill_workspace


def populate(sandbox: Sandbox, import_dir: Path | None = None) -> World:
    """Fill Slack, Jira and Tempo, and return what was put there; real issues from `import_dir` if given."""
    world = new_world()
    sandbox.world = world
    today = sandbox.clock.now().astimezone(ZoneInfo(NEW_YORK)).date()
    fill_workspace(sandbox, world)
    fill_sites(sandbox, world, today)
    return world
