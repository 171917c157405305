"""Boards and their statuses, companies, members, and the system itself."""

from __future__ import annotations

from aiohttp import web

from sandbox.connectwise.errors import not_found
from sandbox.connectwise.http import CwCall, Route, answer

VERSION = "v2025.16.98765"


def info(call: CwCall) -> web.StreamResponse:
    """Say which version this is."""
    return answer({"version": VERSION, "isCloud": True, "serverTimeZone": "UTC", "cloudRegion": "NA"})


def boards(call: CwCall) -> web.StreamResponse:
    """List boards."""
    return call.listed(call.render.board(each) for each in call.state.boards.values())


def boards_count(call: CwCall) -> web.StreamResponse:
    """Count boards."""
    return call.counted(call.render.board(each) for each in call.state.boards.values())


def board(call: CwCall) -> web.StreamResponse:
    """Read a board."""
    return call.one(call.render.board(call.state.board(call.number("id"))))


def statuses(call: CwCall) -> web.StreamResponse:
    """List a board's statuses."""
    of = call.state.board(call.number("parentId"))
    return call.listed(call.render.status(of, each) for each in of.statuses.values())


def status(call: CwCall) -> web.StreamResponse:
    """Read a status of a board."""
    of, number = call.state.board(call.number("parentId")), call.number("id")
    if number not in of.statuses:
        raise not_found("Status", number)
    return call.one(call.render.status(of, of.statuses[number]))


def companies(call: CwCall) -> web.StreamResponse:
    """List companies."""
    return call.listed(call.render.company(each) for each in call.state.companies.values())


def company(call: CwCall) -> web.StreamResponse:
    """Read a company."""
    number = call.number("id")
    if number not in call.state.companies:
        raise not_found("Company", number)
    return call.one(call.render.company(call.state.companies[number]))


def routes() -> list[Route]:
    """Return what is served: method, path, endpoint."""
    its_statuses = r"service/boards/{parentId:\d+}/statuses"
    return [
        ("GET", "system/info", info),
        ("GET", "service/boards", boards),
        ("GET", "service/boards/count", boards_count),
        ("GET", r"service/boards/{id:\d+}", board),
        ("GET", its_statuses, statuses),
        ("GET", its_statuses + r"/{id:\d+}", status),
        ("GET", "company/companies", companies),
        ("GET", r"company/companies/{id:\d+}", company),
    ]
