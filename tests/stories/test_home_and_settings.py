"""Home, identities, settings and the trail, as people meet them."""

from __future__ import annotations

import json

import pytest

from sandbox.client import blocks_text
from tests.stories.stage import Stage


async def test_home_shows_what_concerns_one_and_says_so_where_there_is_nothing(stage: Stage) -> None:
    home = await stage.person("jonas").home(containing="Hello")
    text = blocks_text(home["blocks"])
    for part in ("Your focus", "Waiting for your approval", "Alerts on your projects", "Agents", "Jira read", "Tempo"):
        assert part in text
