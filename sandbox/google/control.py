"""What a person does with a spreadsheet in front of them: look, type, insert, sort, share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.google.state import SERVICE_ACCOUNT, Cell, Formula, Json, Sheet, SheetError, Spreadsheet, typed

PREFIX = "/sandbox/api/google"
Handler = Callable[[web.Request], Awaitable[web.Response]]


class GoogleControl:
    """Handlers for `/sandbox/api/google/…`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def files(self, request: web.Request) -> web.Response:
        """List the spreadsheets."""
        return web.json_response({"spreadsheets": [_file(each) for each in self._sandbox.google.spreadsheets.values()]})

    async def create(self, request: web.Request) -> web.Response:
        """Make a spreadsheet (`title`), `shared` with the service account unless told not to be."""
        body = await request.json()
        made = self._sandbox.google.create(str(body["title"]), shared=bool(body.get("shared", True)))
        self._sandbox.bus.publish("google", id=made.id)
        return web.json_response(_file(made))

    async def grid(self, request: web.Request) -> web.Response:
        """Return the cells of a tab: what they hold, and which are formulas."""
        sheet = self._sheet(request, request.query.get("tab", ""))
        return web.json_response(
            {"tab": sheet.title, "rows": [[_cell(value) for value in row] for row in sheet.block(0, 0, 10_000, 702)]}
        )

    async def act(self, request: web.Request) -> web.Response:
        """Do what a person does; `op` says what, `tab` where. Rows and columns count from 0."""
        body: Json = await request.json()
        file = self._file(request)
        operation = body.get("op")
        if operation == "share":
            change = file.shared_with.add if body.get("shared", True) else file.shared_with.discard
            change(SERVICE_ACCOUNT)
        else:
            _edit(self._sheet(request, str(body.get("tab", ""))), str(operation), body)
        self._sandbox.bus.publish("google", id=file.id)
        return web.json_response({"ok": True})

    def _file(self, request: web.Request) -> Spreadsheet:
        found = self._sandbox.google.spreadsheets.get(request.match_info["id"])
        if found is None:
            raise SheetError(404, "NOT_FOUND", "There is no such spreadsheet.")
        return found

    def _sheet(self, request: web.Request, title: str) -> Sheet:
        file = self._file(request)
        found = file.sheet(title) if title else file.sheets[0]
        if found is None:
            raise SheetError(404, "NOT_FOUND", f"There is no tab {title}.")
        return found


def _edit(sheet: Sheet, operation: str, body: Json) -> None:
    place = {name: int(body[name]) for name in ("row", "column") if body.get(name) is not None}
    if operation == "type":
        sheet.put(place["row"], place["column"], typed(body.get("value", "")))
    elif operation == "insert":
        sheet.insert(**place)
    elif operation == "delete":
        sheet.delete(**place)
    elif operation == "sort":
        sheet.sort(place["column"], descending=bool(body.get("descending")))
    else:
        raise SheetError(400, "INVALID_ARGUMENT", f"There is no operation {operation!r}.")


def _cell(value: Cell) -> Any:
    return {"formula": str(value)} if isinstance(value, Formula) else value


def _file(file: Spreadsheet) -> Json:
    return {
        "id": file.id,
        "title": file.title,
        "tabs": [sheet.title for sheet in file.sheets],
        "shared": SERVICE_ACCOUNT in file.shared_with,
        "url": f"https://docs.google.com/spreadsheets/d/{file.id}/edit",
    }


def setup(app: web.Application, sandbox: Sandbox) -> None:
    """Serve the control API of the spreadsheets."""
    control = GoogleControl(sandbox)
    app.router.add_get(f"{PREFIX}/spreadsheets", _guarded(control.files))
    app.router.add_post(f"{PREFIX}/spreadsheets", _guarded(control.create))
    app.router.add_get(f"{PREFIX}/spreadsheets/{{id}}", _guarded(control.grid))
    app.router.add_post(f"{PREFIX}/spreadsheets/{{id}}", _guarded(control.act))


def _guarded(handle: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        try:
            return await handle(request)
        except SheetError as error:
            return web.json_response({"error": str(error)}, status=error.code)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"that is not complete: {error}"}, status=400)

    return guarded
