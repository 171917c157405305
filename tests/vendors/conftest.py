"""A site for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.vendors.site import Site, running_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A small Jira and Tempo."""
    async with running_site() as running:
        yield running
