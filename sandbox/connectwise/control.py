"""What the page and tests do with ConnectWise: look at tickets, and act there as somebody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.connectwise.errors import ConnectWiseError, Json, bad_request
from sandbox.connectwise.model import NOTE_KINDS, Note, Ticket
from sandbox.connectwise.render import instant
from sandbox.connectwise.state import API_MEMBER, number_of
from sandbox.core import Sandbox

PREFIX = "/sandbox/api/connectwise"
Handler = Callable[[web.Request], Awaitable[web.Response]]


class ConnectWiseControl:
    """Handlers for `/sandbox/api/connectwise/…`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._state = sandbox.connectwise

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return what to serve."""
        return [
            ("GET", "boards", self.boards),
            ("GET", "tickets", self.tickets),
            ("GET", r"ticket/{id:\d+}", self.ticket),
            ("POST", r"ticket/{id:\d+}", self.act),
            ("POST", "create", self.create),
            ("POST", "faults", self.faults),
        ]

    async def boards(self, request: web.Request) -> web.Response:
        """List the boards with their statuses."""
        rows = [
            {"id": board.id, "name": board.name, "statuses": [each.name for each in board.statuses.values()]}
            for board in self._state.boards.values()
        ]
        return web.json_response({"boards": rows, "companies": [c.name for c in self._state.companies.values()]})

    async def tickets(self, request: web.Request) -> web.Response:
        """List tickets, the newest change first."""
        query = request.query
        wanted, board, which = query.get("q", "").casefold(), query.get("board", ""), query.get("state", "open")
        found = [
            ticket
            for ticket in self._state.tickets.values()
            if (which == "all" or ticket.status.closed == (which == "closed"))
            and (not board or ticket.board.name == board)
            and wanted in f"#{ticket.id} {ticket.summary} {ticket.company.name}".casefold()
        ]
        found.sort(key=lambda ticket: (ticket.updated, ticket.id), reverse=True)
        limit = number_of(query.get("limit", "100"), "limit")
        return web.json_response({"total": len(found), "tickets": [_row(ticket) for ticket in found[:limit]]})

    async def ticket(self, request: web.Request) -> web.Response:
        """Return a ticket with its notes, the newest first, and the statuses of its board."""
        ticket = self._ticket(request)
        statuses = [each.name for each in ticket.board.statuses.values() if not each.inactive]
        notes = [_note(each) for each in sorted(ticket.notes.values(), key=lambda note: note.id, reverse=True)]
        return web.json_response(_row(ticket) | {"statuses": statuses, "notes": notes})

    async def act(self, request: web.Request) -> web.Response:
        """Do something to a ticket as a person."""
        body: Json = await request.json()
        ticket, by = self._ticket(request), self._name(body.get("user"))
        value = str(body.get("value") or "")
        match body.get("op"):
            case "status":
                self._state.set_status(ticket, self._status(ticket, value), by)
            case "board":
                boards = [board for board in self._state.boards.values() if board.name == value]
                if not boards:
                    raise bad_request(f"There is no board {value!r}.")
                self._state.move(ticket, boards[0], by)
            case "note":
                kinds = [kind for kind in NOTE_KINDS if kind == (body.get("kind") or "discussion")]
                self._state.add_note(ticket, value, kinds, by=by)
            case "delete_note":
                self._state.delete_note(ticket, number_of(value, "value"), by)
            case other:
                raise bad_request(f"There is no operation {other!r}.")
        return web.json_response({"ok": True})

    async def create(self, request: web.Request) -> web.Response:
        """Open a ticket as a person."""
        body: Json = await request.json()
        company = next((c for c in self._state.companies.values() if c.name == body.get("company")), None)
        board = next((b for b in self._state.boards.values() if b.name == body.get("board")), None)
        if company is None or board is None:
            raise bad_request("Give the names of a company and of a board.")
        made = self._state.add_ticket(board, company, str(body.get("summary", "")), by=self._name(body.get("user")))
        return web.json_response({"id": made.id})

    async def faults(self, request: web.Request) -> web.Response:
        """Say yes to status changes and ignore them (`ignore_status`: how many), or deny writes to boards by name."""
        body: Json = await request.json()
        self._state.ignore_status_changes = int(body.get("ignore_status", 0))
        denied = set(body.get("denied_boards", []))
        for board in self._state.boards.values():
            board.denied = board.name in denied
        return web.json_response({"ok": True})

    def _ticket(self, request: web.Request) -> Ticket:
        return self._state.ticket(int(request.match_info["id"]))

    def _status(self, ticket: Ticket, name: str) -> int:
        try:
            return ticket.board.status(name).id
        except KeyError:
            raise bad_request(f"{ticket.board.name} has no status {name!r}.") from None

    def _name(self, user: Any) -> str:
        for person in self._sandbox.world.people if self._sandbox.world else []:
            if user in (person.slack_id, person.key):
                return person.name
        return str(user or "Somebody")


def _row(ticket: Ticket) -> Json:
    return {
        "id": ticket.id,
        "summary": ticket.summary,
        "company": ticket.company.name,
        "contact": ticket.contact.name if ticket.contact else "",
        "owner": ticket.owner.name if ticket.owner else "",
        "board": ticket.board.name,
        "status": ticket.status.name,
        "closed": ticket.status.closed,
        "priority": ticket.priority,
        "updated": instant(ticket.updated),
        "entered": instant(ticket.entered),
        "notes_count": len(ticket.notes),
    }


def _note(note: Note) -> Json:
    kinds = [kind for kind in NOTE_KINDS if kind in note.kinds]
    author = "FlowPilot" if note.created_by == API_MEMBER else note.created_by
    return {"id": note.id, "author": author, "created": instant(note.created), "kinds": kinds, "text": note.text}


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the control API of ConnectWise."""
    for method, path, handle in ConnectWiseControl(sandbox).routes():
        app.router.add_route(method, f"{PREFIX}/{path}", _guarded(handle))


def _guarded(handle: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        try:
            return await handle(request)
        except ConnectWiseError as error:
            said = [each["message"] for each in error.errors] or [str(error)]
            return web.json_response({"error": said[0]}, status=error.status)
        except (TypeError, ValueError) as error:
            return web.json_response({"error": f"that is not complete: {error}"}, status=400)

    return guarded
