"""What the ConnectWise client asks and understands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from aiohttp import web

from sandbox import connectwise
from sandbox.connectwise.http import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from sandbox.connectwise.model import Board, Ticket
from sandbox.connectwise.render import ROOT
from sandbox.core import Fault, Sandbox
from sandbox.server import SandboxServer
from services.errors import (
    InvalidInputError,
    VendorAuthError,
    VendorNotFoundError,
    VendorRejectedError,
    VendorUnavailableError,
)
from services.vendors.connectwise import ConnectWiseClient, NoteFlag, api_url, quotable, site_url
from tests.vendors.faulty import vendor
from tests.vendors.settings import settings_for
from tests.vendors.site import QUICK, small_sandbox
from tests.vendors.test_contract import contract


@dataclass
class Desk:
    """The stand-in's state, and FlowPilot's client of it."""

    sandbox: Sandbox
    url: str
    client: ConnectWiseClient
    ticket: Ticket
    board: Board

    def fail(self, kind: str, **how: object) -> None:
        """Arm a fault."""
        self.sandbox.faults.add(Fault("connectwise", kind, **how))  # type: ignore[arg-type]


def client_of(url: str, **changes: object) -> ConnectWiseClient:
    """Return a client of the server at `url`."""
    keys: dict[str, object] = {
        "connectwise_url": url,
        "connectwise_company": COMPANY,
        "connectwise_public_key": PUBLIC_KEY,
        "connectwise_private_key": PRIVATE_KEY,
        "connectwise_client_id": CLIENT_ID,
    }
    made = ConnectWiseClient.from_settings(settings_for(url, **(keys | changes)), policy=QUICK)
    assert made is not None
    return made


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    sandbox = small_sandbox()
    state = sandbox.connectwise
    board = state.add_board("Help Desk", "New", "Resolved", "Closed", closed=("Closed",), inactive=("Old",))
    ticket = state.add_ticket(board, state.add_company("AcmeCorp", "Acme Corp"), "Outlook asks", number=48213)
    server = SandboxServer(sandbox, setups=[connectwise.setup])
    url = await server.start()
    client = client_of(f"{url}/connectwise")
    yield Desk(sandbox, url, client, ticket, board)
    await client.close()
    await server.stop()


async def test_what_is_sent_is_what_the_vendor_describes(desk: Desk) -> None:
    checker, client = contract("connectwise.json"), desk.client
    assert (await client.version()).startswith("v")
    seen = await client.ticket(48213)
    assert (seen.board, seen.status, seen.company, seen.is_closed) == ("Help Desk", "New", "Acme Corp", False)
    assert [each.id for each in await client.search('"Acme" %')] == [48213]
    assert [each.id for each in await client.search("48213")] == [48213]
    statuses = await client.statuses(seen.board_id)
    assert [(each.name, each.is_closed, each.is_inactive) for each in statuses] == [
        ("New", False, False),
        ("Resolved", False, False),
        ("Closed", True, False),
        ("Old", False, True),
    ]
    note = await client.add_note(48213, "Done", NoteFlag.RESOLUTION)
    assert await client.notes(48213) == [note]
    assert (await client.note(48213, note.id)).flags == {NoteFlag.RESOLUTION}
    await client.set_status(48213, statuses[2].id)
    assert (await client.ticket(48213)).is_closed
    assert await client.search("Acme") == []
    await client.delete_note(48213, note.id)
    problems = {
        f"{call.method} {call.path}": wrong
        for call in desk.sandbox.calls.since(0, "connectwise")
        if (
            wrong := checker.request(
                call.method, call.path.removeprefix(ROOT), call.query, call.request, {"clientId": CLIENT_ID}
            )
        )
    }
    assert problems == {}


async def test_refusals_are_quoted_and_secrets_are_not(desk: Desk) -> None:
    with pytest.raises(VendorNotFoundError, match="knows no ticket 7"):
        await desk.client.ticket(7)
    with pytest.raises(InvalidInputError):
        await desk.client.ticket(0)
    with pytest.raises(VendorRejectedError, match="not valid for board Help Desk"):
        await desk.client.set_status(48213, 1)
    desk.board.denied = True
    with pytest.raises(VendorRejectedError, match="permission"):
        await desk.client.add_note(48213, "x", NoteFlag.INTERNAL)
    for name, value in (("connectwise_private_key", "wrong-key"), ("connectwise_client_id", "")):
        other = client_of(f"{desk.url}/connectwise", **{name: value})
        with pytest.raises(VendorAuthError) as caught:
            await other.version()
        assert "CONNECTWISE_CLIENT_ID" in caught.value.hint
        assert "wrong-key" not in str(caught.value)
        await other.close()


async def test_reads_are_repeated_and_a_note_is_not(desk: Desk) -> None:
    desk.fail("status", status=503)
    desk.fail("status", status=429, retry_after_s=0)
    assert (await desk.client.ticket(48213)).id == 48213
    desk.fail("status_after", method="POST", status=500)
    with pytest.raises(VendorUnavailableError) as caught:
        await desk.client.add_note(48213, "once", NoteFlag.DISCUSSION)
    assert (caught.value.outcome_unknown, len(desk.ticket.notes)) == (True, 1)
    desk.fail("drop_after", method="PATCH")
    await desk.client.set_status(48213, desk.board.status("Resolved").id)
    assert desk.ticket.status.name == "Resolved"


async def test_more_notes_than_a_page_are_all_read(desk: Desk) -> None:
    for number in range(260):
        desk.sandbox.connectwise.add_note(desk.ticket, f"note {number}", ["internal"])
    assert [note.text for note in await desk.client.notes(48213)] == [f"note {number}" for number in range(260)]


async def test_no_more_calls_are_under_way_than_the_policy_allows() -> None:
    under_way, most = 0, 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return web.json_response({})

    async with vendor(answer, policy=replace(QUICK, in_flight=2)) as (http, seen, _):
        await asyncio.gather(*(http.request("GET", "/x") for _ in range(8)))
    assert (most, len(seen)) == (2, 8)


def test_addresses_are_those_of_the_cloud_and_of_own_servers() -> None:
    cloud = api_url("https://api-na.myconnectwise.net/")
    assert cloud == "https://api-na.myconnectwise.net/v4_6_release/apis/3.0"
    assert api_url(cloud) == cloud
    assert site_url(cloud) == "https://na.myconnectwise.net/v4_6_release"
    assert site_url(api_url("https://api-cw.acme.test")) == "https://api-cw.acme.test/v4_6_release"
    assert quotable("a \"b\" [c] 'd' %\\ é") == "a b c d é"
