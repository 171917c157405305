"""A site for each test, and a mirror of it in a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.engine import Database
from services.mirror import Mirror
from tests.vendors.site import Site, running_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A small Jira and Tempo."""
    async with running_site() as running:
        yield running


@pytest.fixture
def mirror(site: Site, database: Database, in_account: str) -> Mirror:
    """A mirror of the site, in an account."""
    return Mirror(database, site.jira, site.tempo, site.now)


async def keys(mirror: Mirror) -> list[str]:
    """Return the keys of all mirrored issues."""
    return [issue.key for issue in await mirror.issues()]
