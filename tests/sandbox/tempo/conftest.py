"""A Tempo of the world, on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.vendor_server import Client, Vendors, running


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    async with running() as served:
        yield served


@pytest.fixture
def tempo(vendors: Vendors) -> Client:
    return vendors.tempo
