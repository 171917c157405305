"""Sheets v4: the calls of spreadsheets and their values that exist here, as strict as Google's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.core import Sandbox
from sandbox.google.a1 import Area, area_of
from sandbox.google.fields import masked
from sandbox.google.state import SERVICE_ACCOUNT, Cell, Json, SheetError, Spreadsheet, invalid, typed

PREFIX = "/google/v4/spreadsheets"
NOT_SHARED = "The caller does not have permission"


@dataclass
class Call:
    """One request of the service account for a spreadsheet that is shared with it."""

    request: web.Request
    file: Spreadsheet
    body: Json

    def wanted(self, name: str, kind: type) -> Any:
        """Return a required field of the body."""
        value = self.body.get(name)
        if not isinstance(value, kind):
            raise invalid(f"Invalid JSON payload received. Missing or wrong field '{name}'.")
        return value


Endpoint = Callable[[Call], Json]


def get(call: Call) -> Json:
    """Return what is known of a spreadsheet, without its cells."""
    file = call.file
    whole = {
        "spreadsheetId": file.id,
        "properties": {"title": file.title, "locale": "en_US", "timeZone": "America/New_York"},
        "sheets": [
            {
                "properties": {
                    "sheetId": sheet.id,
                    "title": sheet.title,
                    "index": index,
                    "sheetType": "GRID",
                    "gridProperties": {
                        "rowCount": sheet.row_count,
                        "columnCount": sheet.column_count,
                        **({"frozenRowCount": sheet.frozen_rows} if sheet.frozen_rows else {}),
                    },
                }
            }
            for index, sheet in enumerate(file.sheets)
        ],
        "spreadsheetUrl": f"{call.request.url.origin()}/#/sheets/{file.id}",
    }
    answer: Json = masked(whole, call.request.query.get("fields", ""))
    return answer


def batch_get(call: Call) -> Json:
    """Return ranges of values."""
    render = call.request.query.get("valueRenderOption", "FORMATTED_VALUE")
    if render != "FORMULA":
        raise invalid("This stand-in keeps formulas and does not calculate them: ask for valueRenderOption=FORMULA.")
    areas = [area_of(call.file, text) for text in call.request.query.getall("ranges", [])]
    return {"spreadsheetId": call.file.id, "valueRanges": [_range(area) for area in areas]}


def _range(area: Area) -> Json:
    values = area.sheet.block(area.top, area.left, area.bottom, area.right)
    return {"range": area.name(), "majorDimension": "ROWS", **({"values": values} if values else {})}


def values_batch_update(call: Call) -> Json:
    """Set ranges of values: all of them, or none."""
    option = call.body.get("valueInputOption")
    if option not in ("RAW", "USER_ENTERED"):
        raise invalid("'valueInputOption' is required but not specified")
    cells: list[tuple[Area, int, int, Cell]] = []
    areas = []
    for data in call.wanted("data", list):
        area = area_of(call.file, str(data.get("range", "")))
        areas.append(area)
        for row, line in enumerate(data.get("values", [])):
            for column, value in enumerate(line):
                if area.top + row >= area.bottom or area.left + column >= area.right:
                    raise invalid(f"Requested writing within range [{area.name()}], but tried writing outside of it")
                if value is not None:
                    entered = value if option == "RAW" else typed(value)
                    cells.append((area, area.top + row, area.left + column, _cell(entered)))
    for area, row, column, value in cells:
        area.sheet.put(row, column, value)
    return {
        "spreadsheetId": call.file.id,
        "totalUpdatedCells": len(cells),
        "totalUpdatedRows": len({(area.sheet.id, row) for area, row, _, _ in cells}),
        "totalUpdatedColumns": len({(area.sheet.id, column) for area, _, column, _ in cells}),
        "totalUpdatedSheets": len({area.sheet.id for area in areas}),
        "responses": [{"spreadsheetId": call.file.id, "updatedRange": area.name()} for area in areas],
    }


def _cell(value: Any) -> Cell:
    if not isinstance(value, str | int | float | bool):
        raise invalid("Invalid values: a cell holds a text, a number or a boolean")
    return value


def batch_update(call: Call) -> Json:
    """Change the structure: add a tab or columns, append cells; one that fails undoes none here, so give one."""
    replies: list[Json] = []
    requests = call.wanted("requests", list)
    if len(requests) != 1:
        raise invalid("This stand-in takes one request at a time.")
    ((kind, told),) = requests[0].items()
    if kind == "addSheet":
        replies.append({"addSheet": {"properties": _add_sheet(call.file, told.get("properties", {}))}})
    elif kind == "appendCells":
        _append_cells(call.file, told)
        replies.append({})
    elif kind == "appendDimension":
        sheet = call.file.sheet_by_id(told.get("sheetId", 0))
        if told.get("dimension") != "COLUMNS":
            raise invalid("Invalid requests[0].appendDimension: this stand-in appends columns.")
        sheet.column_count += int(told["length"])
        replies.append({})
    else:
        raise invalid(f"Invalid JSON payload received. Unknown name \"{kind}\" at 'requests[0]': Cannot find field.")
    return {"spreadsheetId": call.file.id, "replies": replies}


def _add_sheet(file: Spreadsheet, properties: Json) -> Json:
    grid = properties.get("gridProperties", {})
    title = properties.get("title") or f"Sheet{len(file.sheets) + 1}"
    made = file.add(
        title,
        rows=grid.get("rowCount", 1000),
        columns=grid.get("columnCount", 26),
        frozen=grid.get("frozenRowCount", 0),
    )
    sizes = {"rowCount": made.row_count, "columnCount": made.column_count, "frozenRowCount": made.frozen_rows}
    return {"sheetId": made.id, "title": made.title, "index": len(file.sheets) - 1, "gridProperties": sizes}


def _append_cells(file: Spreadsheet, told: Json) -> None:
    sheet = file.sheet_by_id(told.get("sheetId", 0))
    if told.get("fields") not in ("userEnteredValue", "*"):
        raise invalid("Invalid requests[0].appendCells: At least one field must be listed in 'fields'.")
    for row in told.get("rows", []):
        cells: list[Cell] = []
        for cell in row.get("values", []):
            held = cell.get("userEnteredValue", {})
            known = ("stringValue", "numberValue", "boolValue")
            if held and (len(held) != 1 or next(iter(held)) not in known):
                raise invalid("Invalid requests[0].appendCells: a value is one of stringValue, numberValue, boolValue.")
            cells.append(next(iter(held.values())) if held else "")
        if len(cells) > sheet.column_count:
            raise invalid("Invalid requests[0].appendCells: Attempting to write column beyond the last one.")
        sheet.append(cells)


def handler(sandbox: Sandbox, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return an aiohttp handler of an endpoint: token, sharing, errors."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in sandbox.google.tokens:
                raise SheetError(
                    401,
                    "UNAUTHENTICATED",
                    "Request had invalid authentication credentials. Expected OAuth 2 access token.",
                )
            file = sandbox.google.spreadsheets.get(request.match_info["id"])
            if file is None:
                raise SheetError(404, "NOT_FOUND", "Requested entity was not found.")
            if SERVICE_ACCOUNT not in file.shared_with:
                raise SheetError(403, "PERMISSION_DENIED", NOT_SHARED)
            try:
                body = await request.json() if request.method == "POST" else {}
            except ValueError:
                raise invalid("Invalid JSON payload received. Unexpected token.") from None
            answer = endpoint(Call(request, file, body))
        except SheetError as error:
            return web.json_response(error.body(), status=error.code)
        if request.method == "POST":
            sandbox.bus.publish("google", id=file.id)
        return web.json_response(answer)

    return handle


def routes() -> list[tuple[str, str, Endpoint]]:
    """Return what is served: method, path, endpoint."""
    one = PREFIX + "/{id:[^/:]+}"
    return [
        ("GET", one, get),
        ("GET", one + "/values:batchGet", batch_get),
        ("POST", one + "/values:batchUpdate", values_batch_update),
        ("POST", one + ":batchUpdate", batch_update),
    ]
