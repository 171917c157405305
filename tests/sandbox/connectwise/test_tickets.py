"""The stand-in for ConnectWise: as strict as the vendor, and true to its API description."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from sandbox import connectwise
from sandbox.connectwise.conditions import compiled
from sandbox.connectwise.errors import ConnectWiseError
from sandbox.connectwise.http import CLIENT_ID, COMPANY, PRIVATE_KEY, PUBLIC_KEY
from sandbox.connectwise.render import ROOT
from sandbox.core import Fault, Sandbox
from sandbox.server import SandboxServer
from sandbox.world.build import calendar_of
from sandbox.world.people import Story, new_world
from sandbox.world.psa import make_psa
from tests.sandbox.test_contract import CONTRACT, load
from tests.sandbox.vendor_server import Answer
from tests.vendors.site import small_sandbox

DESK = "/service/tickets/48213"


def key(company: str = COMPANY, public: str = PUBLIC_KEY, private: str = PRIVATE_KEY) -> str:
    """Return the header that signs in."""
    return "Basic " + base64.b64encode(f"{company}+{public}:{private}".encode()).decode()


@dataclass
class Stand:
    """The stand-in on a socket, each answer held against the description where that is at hand."""

    sandbox: Sandbox
    url: str
    session: aiohttp.ClientSession
    contract: Any
    stories: list[Story]

    async def __call__(
        self, status: int, method: str, path: str, json: Any = None, login: str | None = None, **query: Any
    ) -> Any:
        """Call, expect a status, check the contract, return the body."""
        headers = {"Authorization": login or key(), "clientId": query.pop("client_id", CLIENT_ID)}
        params = {name: str(value) for name, value in query.items()}
        address = f"{self.url}{ROOT}{path}"
        async with self.session.request(method, address, json=json, params=params, headers=headers) as response:
            body = await response.json() if response.content_type == "application/json" else None
            answer = Answer(response.status, body, dict(response.headers))
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.body}"
        if status >= 400:
            assert set(answer.body) == {"code", "message", "errors"}
        elif self.contract is not None:
            wrong = self.contract.request(method, path, query=query, body=json, headers=headers)
            wrong += self.contract.response(method, path, status, answer.body)
            # what `fields` leaves out is not missing
            assert [each for each in wrong if "fields" not in query or "required property" not in each] == []
        return answer.body

    def status(self, name: str, board: str = "Help Desk") -> int:
        """Return the id of a board's status."""
        return next(b for b in self.sandbox.connectwise.boards.values() if b.name == board).status(name).id


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    sandbox = small_sandbox()
    sandbox.world = new_world()
    stories = make_psa(sandbox, sandbox.world, calendar_of(sandbox))
    server = SandboxServer(sandbox, setups=[connectwise.setup])
    url = await server.start()
    async with aiohttp.ClientSession() as session:
        yield Stand(sandbox, url, session, load("connectwise.json") if CONTRACT.exists() else None, stories)
    await server.stop()


async def test_what_is_read_and_written_keeps_the_vendors_contract(stand: Stand) -> None:
    ticket = await stand(200, "GET", DESK)
    assert (ticket["board"]["name"], ticket["status"]["name"]) == ("Help Desk", "In Progress")
    assert "closedDate" not in ticket
    masked = await stand(200, "GET", DESK, fields="id,status/name,board,nothing/such")
    assert masked == {"id": 48213, "status": {"name": "In Progress"}, "board": ticket["board"]}
    board = ticket["board"]["id"]
    for path in ("", "/count", f"/{board}", f"/{board}/statuses", f"/{board}/statuses/{ticket['status']['id']}"):
        await stand(200, "GET", f"/service/boards{path}")
    for path in ("/system/info", "/company/companies", f"/company/companies/{ticket['company']['id']}"):
        await stand(200, "GET", path)
    note = await stand(201, "POST", f"{DESK}/notes", {"text": " Done. ", "resolutionFlag": True})
    assert (note["text"], note["resolutionFlag"], note["internalAnalysisFlag"]) == ("Done.", True, False)
    assert await stand(200, "GET", f"{DESK}/notes/{note['id']}") == note
    newest = await stand(200, "GET", f"{DESK}/notes", orderBy="id desc", pageSize=1)
    assert [each["id"] for each in newest] == [note["id"]]
    assert await stand(200, "GET", f"{DESK}/notes/count") == {"count": 3}
    await stand(204, "DELETE", f"{DESK}/notes/{note['id']}")
    await stand(404, "GET", f"{DESK}/notes/{note['id']}")
    for path in ("status/id", "/status/id"):
        change = [{"op": "replace", "path": path, "value": stand.status("Closed")}]
        closed = await stand(200, "PATCH", DESK, change)
        assert (closed["closedFlag"], closed["closedBy"]) == (True, "FlowPilotAPI")
    made = await stand(201, "POST", "/service/tickets", {"summary": "New", "company": {"id": ticket["company"]["id"]}})
    assert made["status"]["name"] == "New"


async def test_the_world_holds_what_its_stories_say(stand: Stand) -> None:
    state = stand.sandbox.connectwise
    assert len(state.tickets) == 25
    for story in stand.stories:
        ticket = state.ticket(story.facts["ticket"])
        told = (ticket.board.name, ticket.status.name, ticket.company.name)
        assert told == (story.facts["board"], story.facts["status"], story.facts["company"])
    assert {story.facts["company"] for story in stand.stories} == {"Acme Corp", "Bluebird Logistics"}


async def test_lists_are_filtered_ordered_and_paged(stand: Stand) -> None:
    found = await stand(
        200,
        "GET",
        "/service/tickets",
        conditions='company/identifier="acmecorp" and closedFlag=false and summary contains "outlook"',
    )
    assert [each["id"] for each in found] == [48213]
    assert await stand(200, "GET", "/service/tickets/count", conditions='board/name = "Help Desk"') == {"count": 19}
    ids: list[int] = []
    for page in (1, 2, 3):
        each = await stand(200, "GET", "/service/tickets", orderBy="id desc", page=page, pageSize=10, fields="id")
        ids += [ticket["id"] for ticket in each]
    assert ids == sorted(stand.sandbox.connectwise.tickets, reverse=True)
    await stand(400, "GET", "/service/tickets", pageSize=1001)
    await stand(400, "GET", "/service/tickets", page=0)
    await stand(400, "GET", "/service/tickets", conditions="summary ~ 1")


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ("", True),
        ('name="NEW"', True),
        ("name != 'New' or id in (4, 5)", True),
        ("id > 5 or (id <= 5 and closed = false)", True),
        ("not_there = 1", None),
        ("board/name like 'Help%'", True),
        ("board/name not contains 'Net'", True),
        ("board/name contains 'Net'", False),
        ("at > [2026-01-02T00:00:00Z]", True),
        ("owner/name = 'Luca'", False),
        ("owner = null", True),
        ('name = "New', None),
        ("name", None),
        ("(id = 5", None),
        ("id = 5 id = 6", None),
    ],
)
def test_conditions_are_the_vendors_grammar_and_nothing_else(conditions: str, fits: bool | None) -> None:
    each = {
        "id": 5,
        "name": "New",
        "closed": False,
        "board": {"name": "Help Desk"},
        "owner": None,
        "at": "2026-01-03T00:00:00Z",
    }
    if fits is None:
        with pytest.raises(ConnectWiseError):
            compiled(conditions)(each)
    else:
        assert compiled(conditions)(each) is fits


async def test_what_the_vendor_refuses_is_refused_in_its_shape(stand: Stand) -> None:
    for wrong in (key(company="other"), key(private="x"), key(public="x"), "Bearer x"):
        await stand(401, "GET", DESK, login=wrong)
    await stand(401, "GET", DESK, client_id="")
    for path in ("/service/tickets/1", "/service/nothing", "/service/boards/1/statuses"):
        await stand(404, "GET", path)
    for note in ({"text": "no flag"}, {"text": " ", "resolutionFlag": True}, {"text": "x", "colour": 1}, ["x"]):
        await stand(400, "POST", f"{DESK}/notes", note)
    long = {"summary": "x" * 101, "company": {"id": next(iter(stand.sandbox.connectwise.companies))}}
    assert (await stand(400, "POST", "/service/tickets", long))["errors"][0]["field"] == "summary"
    closed = stand.status("Closed")
    refused: tuple[Any, ...] = (
        {},
        [],
        [{"op": "replace", "path": "status/id"}],
        [{"op": "add", "path": "status/id", "value": closed}],
        [{"op": "replace", "path": "status/colour", "value": closed}],
        [{"op": "replace", "path": "status/id", "value": stand.status("Restored", "Network Operations")}],
        [{"op": "replace", "path": "status/id", "value": stand.status("Pending (old)")}],
        [{"op": "replace", "path": "status/id", "value": "Closed"}],
    )
    for operations in refused:
        await stand(400, "PATCH", DESK, operations)
    next(iter(stand.sandbox.connectwise.boards.values())).denied = True
    await stand(403, "POST", f"{DESK}/notes", {"text": "x", "resolutionFlag": True})
    stand.sandbox.faults.add(Fault("connectwise", "status", status=429, retry_after_s=2))
    await stand(429, "GET", DESK)
    assert stand.sandbox.connectwise.ticket(48213).status.name == "In Progress"


async def test_somebody_else_acts_on_tickets_beside_the_api(stand: Stand) -> None:
    base = f"{stand.url}/sandbox/api/connectwise"
    async with stand.session.get(f"{base}/tickets", params={"q": "acme", "board": "Help Desk"}) as response:
        assert (await response.json())["tickets"][0]["id"] == 48213
    act = {"user": "luca", "op": "status", "value": "Closed"}
    await stand.session.post(f"{base}/ticket/48213", json=act, raise_for_status=True)
    await stand.session.post(f"{base}/ticket/48213", json={**act, "op": "note", "value": "By hand"})
    async with stand.session.get(f"{base}/ticket/48213") as response:
        seen = await response.json()
    assert (seen["status"], seen["notes"][0]["author"], seen["notes"][0]["kinds"]) == (
        "Closed",
        "Luca Moretti",
        ["discussion"],
    )
    async with stand.session.post(f"{base}/ticket/48213", json={**act, "value": "Restored"}) as response:
        assert (response.status, "Help Desk" in (await response.json())["error"]) == (400, True)
    await stand.session.post(f"{base}/faults", json={"ignore_status": 1}, raise_for_status=True)
    change = [{"op": "replace", "path": "status/id", "value": stand.status("New")}]
    assert (await stand(200, "PATCH", DESK, change))["status"]["name"] == "Closed"
    assert (await stand(200, "PATCH", DESK, change))["status"]["name"] == "New"
