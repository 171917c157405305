"""The world of a consultancy on a Monday at ten, its mirror filled."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.engine import Database
from sandbox.world.export import people_csv, projects_csv
from tests.pm.time_tracking.conftest import MONDAY_TEN, Office, office_at
from tests.sandbox.copies import copied_world
from tests.vendors.site import running_site


@pytest.fixture
async def office(database: Database, in_account: str) -> AsyncIterator[Office]:
    async with running_site(copied_world(MONDAY_TEN)) as site:
        office = office_at(site, database)
        await office.pm.import_people(people_csv(office.world))
        await office.pm.import_projects(projects_csv(office.world))
        await office.mirror.sync("jira")
        await office.mirror.sync("tempo")
        yield office
