"""Documents that list what the code has, list all of it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from agents.catalogue import AGENTS
from services.container import Services

DOCS = Path(__file__).parents[2] / "docs"


def test_the_foundations_table_names_every_service_and_no_other() -> None:
    table = (DOCS / "foundation.md").read_text().partition("| field |")[2].partition("Each takes what it needs")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines()[2:] if line.startswith("|")]
    named = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(field.name for field in fields(Services))


def test_the_agents_page_names_every_agent() -> None:
    page = (DOCS / "pm-agents.md").read_text()
    assert [spec.name for spec in AGENTS if f"`{spec.name}`" not in page] == []
