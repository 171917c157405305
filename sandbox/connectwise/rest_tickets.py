"""Tickets: read, searched, counted, opened, patched; and their notes."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.connectwise.errors import Json, bad_request, invalid
from sandbox.connectwise.http import CwCall, Route, answer
from sandbox.connectwise.model import Member, NoteKind, Ticket
from sandbox.connectwise.render import present
from sandbox.connectwise.state import number_of

FLAGS: dict[str, NoteKind] = {
    "detailDescriptionFlag": "discussion",
    "internalAnalysisFlag": "internal",
    "resolutionFlag": "resolution",
}
NOTE_FIELDS = {*FLAGS, "text", "member", "processNotifications", "customerUpdatedFlag", "id", "ticketId", "contact"}
OPERATIONS = ("add", "remove", "replace")


def search(call: CwCall) -> web.StreamResponse:
    """List tickets."""
    return call.listed(call.render.ticket(each) for each in call.state.tickets.values())


def count(call: CwCall) -> web.StreamResponse:
    """Count tickets."""
    return call.counted(call.render.ticket(each) for each in call.state.tickets.values())


def read(call: CwCall) -> web.StreamResponse:
    """Read a ticket."""
    return call.one(call.render.ticket(_ticket(call)))


def create(call: CwCall) -> web.StreamResponse:
    """Open a ticket; without a board it goes to the first one."""
    body, state = call.object(), call.state
    companies = {each.id: each for each in state.companies.values()}
    company = companies.get((body.get("company") or {}).get("id", 0))
    if company is None:
        raise invalid("ticket", "company", "company is required", "MissingField")
    wanted = (body.get("board") or {}).get("id")
    board = state.board(number_of(wanted, "board/id")) if wanted is not None else next(iter(state.boards.values()))
    made = state.add_ticket(board, company, str(body.get("summary") or ""))
    return answer(present(call.render.ticket(made)), 201)


def patch(call: CwCall) -> web.StreamResponse:
    """Change a ticket by JSON Patch: its status, its board, its summary; all of it or nothing."""
    ticket, operations = _ticket(call), call.body
    if not isinstance(operations, list) or not operations:
        raise bad_request("The request body must be an array of patch operations")
    for operation in operations:
        _check(operation)
    for operation in operations:
        _apply(call, ticket, _path(operation), operation["value"])
    return answer(present(call.render.ticket(ticket)))


def _check(operation: Any) -> None:
    if not isinstance(operation, dict) or operation.get("op") not in OPERATIONS or "path" not in operation:
        raise bad_request("A patch operation needs op (add, remove, replace) and path")
    if operation["op"] != "replace":
        raise invalid("ticket", str(operation["path"]), f"{operation['op']} is not supported for this field")
    if "value" not in operation:
        raise bad_request("A replace operation needs a value")
    if _path(operation) not in ("status", "status/id", "status/name", "board", "board/id", "summary"):
        raise invalid("ticket", str(operation["path"]), f"{operation['path']} is not a valid path")


def _path(operation: Json) -> str:
    """Return the path; both spellings are about, with and without a slash before it."""
    return str(operation["path"]).removeprefix("/")


def _apply(call: CwCall, ticket: Ticket, path: str, value: Any) -> None:
    state = call.state
    field, _, rest = path.partition("/")
    if isinstance(value, dict) and not rest:
        rest = "id" if "id" in value else "name"
        value = value.get(rest)
    if field == "summary":
        state.set_summary(ticket, str(value))
    elif field == "board":
        state.move(ticket, state.board(number_of(value, "board/id")))
    elif rest == "name":
        try:
            state.set_status(ticket, ticket.board.status(str(value)).id)
        except KeyError:
            raise invalid(
                "ticket", "status", f"The status {value} is not valid for board {ticket.board.name}"
            ) from None
    else:
        state.set_status(ticket, number_of(value, "status/id"))


def notes(call: CwCall) -> web.StreamResponse:
    """List a ticket's notes."""
    return call.listed(call.render.note(each) for each in _ticket(call, "parentId").notes.values())


def notes_count(call: CwCall) -> web.StreamResponse:
    """Count a ticket's notes."""
    return call.counted(call.render.note(each) for each in _ticket(call, "parentId").notes.values())


def note(call: CwCall) -> web.StreamResponse:
    """Read a note."""
    return call.one(call.render.note(call.state.note(_ticket(call, "parentId"), call.number("id"))))


def add_note(call: CwCall) -> web.StreamResponse:
    """Put a note on a ticket."""
    body = call.object()
    unknown = sorted(set(body) - NOTE_FIELDS)
    if unknown:
        raise invalid("note", unknown[0], f"{unknown[0]} is not a valid field")
    if any(body.get(flag) not in (None, True, False) for flag in FLAGS) or not isinstance(body.get("text", ""), str):
        raise bad_request("The note could not be read")
    made = call.state.add_note(
        _ticket(call, "parentId"),
        body.get("text", ""),
        [kind for flag, kind in FLAGS.items() if body.get(flag)],
        member=_member(call, body.get("member")),
        notify=bool(body.get("processNotifications")),
    )
    return answer(present(call.render.note(made)), 201)


def delete_note(call: CwCall) -> web.StreamResponse:
    """Take a note off a ticket."""
    call.state.delete_note(_ticket(call, "parentId"), call.number("id"))
    return answer(None, 204)


def _ticket(call: CwCall, name: str = "id") -> Ticket:
    return call.state.ticket(call.number(name))


def _member(call: CwCall, reference: Any) -> Member | None:
    if reference is None:
        return None
    if isinstance(reference, dict) and reference.get("id") in call.state.members:
        return call.state.members[reference["id"]]
    if isinstance(reference, dict) and reference.get("identifier"):
        return call.state.member(str(reference["identifier"]))
    raise invalid("note", "member", "member was not found")


def routes() -> list[Route]:
    """Return what is served: method, path, endpoint."""
    one, its_notes = r"service/tickets/{id:\d+}", r"service/tickets/{parentId:\d+}/notes"
    return [
        ("GET", "service/tickets", search),
        ("POST", "service/tickets", create),
        ("GET", "service/tickets/count", count),
        ("GET", one, read),
        ("PATCH", one, patch),
        ("GET", its_notes, notes),
        ("POST", its_notes, add_note),
        ("GET", f"{its_notes}/count", notes_count),
        ("GET", its_notes + r"/{id:\d+}", note),
        ("DELETE", its_notes + r"/{id:\d+}", delete_note),
    ]
