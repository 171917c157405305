"""Google Sheets, REST v4: look at a spreadsheet, read ranges, write cells, add a tab, rows and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.errors import VendorAuthError, VendorRejectedError
from services.vendors.circuit import OnCircuit
from services.vendors.google_sheets.tokens import ServiceAccountKey, ServiceAccountTokens
from services.vendors.google_sheets.types import Cell, CellRange, Grid, SheetTab, SpreadsheetFile, a1, quoted_title
from services.vendors.http import Policy, VendorHttp
from services.vendors.problems import Effect

if TYPE_CHECKING:
    from services.settings import Settings

VENDOR = "Google Sheets"
SHEETS_POLICY = Policy(calls=5, per_s=5, attempts=6, backoff_initial_s=1.0, backoff_max_s=16.0)
"""Google allows 60 reads and 60 writes a minute to one user; a run here makes about six calls."""
FIELDS = "spreadsheetId,spreadsheetUrl,properties.title,sheets.properties(sheetId,title,gridProperties)"


class GoogleSheets:
    """The calls to Google Sheets that FlowPilot makes; every one raises the `VendorError` kinds."""

    def __init__(self, http: VendorHttp, tokens: ServiceAccountTokens, client_email: str) -> None:
        self._http = http
        self._tokens = tokens
        self.client_email = client_email

    @classmethod
    def from_settings(
        cls, settings: Settings, *, policy: Policy = SHEETS_POLICY, on_circuit: OnCircuit | None = None
    ) -> GoogleSheets | None:
        """Make a client with the service account in the settings; None when there is none."""
        key = ServiceAccountKey.from_settings(settings)
        if key is None:
            return None
        http = VendorHttp(VENDOR, settings.google_sheets_url, headers={}, policy=policy, on_circuit=on_circuit)
        return cls(http, ServiceAccountTokens(key, policy, on_circuit=on_circuit), key.client_email)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._tokens.close()

    async def check(self) -> str:
        """Sign in; return as whom."""
        await self._tokens.token()
        return f"signed in as {self.client_email}"

    async def spreadsheet(self, spreadsheet_id: str) -> SpreadsheetFile:
        """Return a spreadsheet and its tabs."""
        raw = await self._call("GET", spreadsheet_id, "", params={"fields": FIELDS})
        tabs = tuple(_tab(each["properties"]) for each in raw.get("sheets", []))
        return SpreadsheetFile(raw["spreadsheetId"], raw["properties"]["title"], raw["spreadsheetUrl"], tabs)

    async def values(self, spreadsheet_id: str, titles: Sequence[str]) -> list[Grid]:
        """Return all cells of some tabs; formulas as their text."""
        params = {
            "ranges": [quoted_title(title) for title in titles],
            "majorDimension": "ROWS",
            "valueRenderOption": "FORMULA",
        }
        raw = await self._call("GET", spreadsheet_id, "/values:batchGet", params=params)
        return [[list(row) for row in each.get("values", [])] for each in raw["valueRanges"]]

    async def write(self, spreadsheet_id: str, title: str, ranges: Sequence[CellRange]) -> None:
        """Write cells as they are: text that looks like a formula stays text.

        Never sent twice: what stood at a place when it was read may have moved by the time of a second attempt.
        """
        data = [{"range": a1(title, each), "majorDimension": "ROWS", "values": each.values} for each in ranges]
        body = {"valueInputOption": "RAW", "data": data}
        await self._call("POST", spreadsheet_id, "/values:batchUpdate", effect=Effect.ONCE, body=body)

    async def add_tab(self, spreadsheet_id: str, title: str, *, frozen_rows: int = 0) -> SheetTab:
        """Add an empty tab; `VendorRejectedError` when there is one of that name."""
        properties = {"title": title, "gridProperties": {"frozenRowCount": frozen_rows}}
        properties["gridProperties"] = {"rowCount": 1000, "columnCount": 26, "frozenRowCount": frozen_rows}
        (reply,) = await self._change(spreadsheet_id, {"addSheet": {"properties": properties}})
        return _tab(reply["addSheet"]["properties"])

    async def append_rows(self, spreadsheet_id: str, tab_id: int, rows: Sequence[Sequence[Cell]]) -> None:
        """Put rows below the last one that holds anything, wherever that is by then; text stays text."""
        told = [{"values": [_cell_data(value) for value in row]} for row in rows]
        request = {"appendCells": {"sheetId": tab_id, "rows": told, "fields": "userEnteredValue"}}
        await self._change(spreadsheet_id, request)

    async def append_columns(self, spreadsheet_id: str, tab_id: int, count: int) -> None:
        """Make the grid wider."""
        await self._change(
            spreadsheet_id, {"appendDimension": {"sheetId": tab_id, "dimension": "COLUMNS", "length": count}}
        )

    async def _change(self, spreadsheet_id: str, request: Mapping[str, Any]) -> list[Any]:
        raw = await self._call(
            "POST", spreadsheet_id, ":batchUpdate", effect=Effect.ONCE, body={"requests": [dict(request)]}
        )
        return list(raw["replies"])

    async def _call(
        self,
        method: str,
        spreadsheet_id: str,
        rest: str,
        *,
        effect: Effect = Effect.READ,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Send one call with a token; one that is refused is replaced once."""
        path = f"/v4/spreadsheets/{quote(spreadsheet_id, safe='')}{rest}"

        async def send(token: str) -> Any:
            return await self._http.request(
                method,
                path,
                effect=effect,
                params=params,
                body=body,
                headers={"Authorization": f"Bearer {token}"},
                missing=f"spreadsheet {spreadsheet_id}",
            )

        token = await self._tokens.token()
        try:
            try:
                return await send(token)
            except VendorAuthError:
                self._tokens.forget(token)
                return await send(await self._tokens.token())
        except VendorRejectedError as error:
            if error.status == 403:
                error.hint = (
                    f"Share the spreadsheet with {self.client_email} as an editor, "
                    "and see that the Google Sheets API is enabled in its project."
                )
            raise


def _tab(raw: Mapping[str, Any]) -> SheetTab:
    grid = raw.get("gridProperties", {})
    return SheetTab(
        int(raw["sheetId"]), str(raw["title"]), int(grid.get("rowCount", 0)), int(grid.get("columnCount", 0))
    )


def _cell_data(value: Cell) -> dict[str, Any]:
    if value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    kind = "stringValue" if isinstance(value, str) else "numberValue"
    return {"userEnteredValue": {kind: value}}
