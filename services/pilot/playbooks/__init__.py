"""Playbooks: YAML files beside this module, one for each common case of a help desk."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from services.pilot.playbooks.types import Playbook

FOLDER = Path(__file__).parent
GENERAL = "general"
"""The one to take when no other fits."""


@cache
def playbooks() -> dict[str, Playbook]:
    """Return them by name; a file that is wrong raises `ValueError`."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yml"))}


def _read(path: Path) -> Playbook:
    # strings only: `Yes` and `No` are options, not booleans
    content = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 makes no objects
    return Playbook.model_validate({"name": path.stem, **content})
