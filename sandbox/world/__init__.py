"""The world of the sandbox: the same every time, and always relative to today."""

from __future__ import annotations

from pathlib import Path

from sandbox.core import Sandbox
from sandbox.world.build import build, calendar_of
from sandbox.world.importer import import_issues, read_dataset
from sandbox.world.people import World, new_world
from sandbox.world.sites import fill_sites
from sandbox.world.workspace import fill_workspace

SPREADSHEET = "Hours and forecasts"


def populate(sandbox: Sandbox, import_dir: Path | None = None) -> World:
    """Fill Slack, Jira and Tempo, and return what was put there; with `import_dir` the tickets are the real ones there.

    Imported issues come with their projects and accounts; there are no worklogs and no stories then.
    """
    world = new_world()
    sandbox.world = world
    calendar = calendar_of(sandbox)
    data = read_dataset(import_dir) if import_dir else None
    if data is not None:
        world.projects = data.plans()
    fill_workspace(sandbox, world)
    fill_sites(sandbox, world, calendar.today)
    sandbox.google.create(SPREADSHEET)
    if data is None:
        build(sandbox, world, calendar)
    else:
        import_issues(sandbox.jira, data)
    return world
