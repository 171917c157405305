"""Stories: people type and click in Slack, and see what happens there and in Jira."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories.stage import Stage, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The application in the world, on a Wednesday morning."""
    async with staged(tmp_path) as stage:
        yield stage
