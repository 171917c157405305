"""Spreadsheets as Google keeps them: grids of what was put in, shared with some accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

Cell = str | int | float | bool
"""What was put into a cell; "" is an empty one."""
Json = dict[str, Any]
SERVICE_ACCOUNT = "flowpilot@flowpilot-sandbox.iam.gserviceaccount.com"
DEFAULT_ROWS, DEFAULT_COLUMNS = 1000, 26
MOST_CELLS = 10_000_000


class Formula(str):
    """What a person typed with "=" before it; the same letters written RAW are text, and do nothing."""

    __slots__ = ()


def typed(text: Cell) -> Cell:
    """Return what becomes of what a person types: a formula, a number, or text."""
    if not isinstance(text, str):
        return text
    if text.startswith("=") and len(text) > 1:
        return Formula(text)
    if text.startswith("'"):
        return text[1:]
    try:
        return int(text) if text.strip().lstrip("-").isdigit() else float(text)
    except ValueError:
        return {"TRUE": True, "FALSE": False}.get(text.upper(), text)


class SheetError(Exception):
    """What Google answers instead of doing it."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def body(self) -> Json:
        """Return Google's error."""
        return {"error": {"code": self.code, "message": str(self), "status": self.status}}


def invalid(message: str) -> SheetError:
    """Return Google's "that cannot be"."""
    return SheetError(400, "INVALID_ARGUMENT", message)


@dataclass
class Sheet:
    """One tab; `rows` holds no trailing empty cells beyond what was written."""

    id: int
    title: str
    row_count: int = DEFAULT_ROWS
    column_count: int = DEFAULT_COLUMNS
    frozen_rows: int = 0
    rows: list[list[Cell]] = field(default_factory=list)

    def value(self, row: int, column: int) -> Cell:
        """Return a cell, counted from 0."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""

    def put(self, row: int, column: int, value: Cell) -> None:
        """Set a cell, counted from 0; SheetError outside the grid."""
        if row >= self.row_count or column >= self.column_count:
            raise invalid(
                f"Range ({self.title}!R{row + 1}C{column + 1}) exceeds grid limits. "
                f"Max rows: {self.row_count}, max columns: {self.column_count}"
            )
        while len(self.rows) <= row:
            self.rows.append([])
        cells = self.rows[row]
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = value

    def last_row(self) -> int:
        """Return how many rows there are up to the last one that holds something."""
        return max((number + 1 for number, cells in enumerate(self.rows) if any(c != "" for c in cells)), default=0)

    def block(self, top: int, left: int, bottom: int, right: int) -> list[list[Cell]]:
        """Return a rectangle (ends excluded) without trailing empty cells and rows, as the API answers."""
        found: list[list[Cell]] = []
        for row in range(top, min(bottom, len(self.rows))):
            cells = self.rows[row][left:right]
            while cells and cells[-1] == "":
                cells = cells[:-1]
            found.append(list(cells))
        while found and not found[-1]:
            found.pop()
        return found

    def append(self, cells: list[Cell]) -> None:
        """Put a row below the last one that holds something; the grid grows if it must."""
        row = self.last_row()
        self.row_count = max(self.row_count, row + 1)
        for column, value in enumerate(cells):
            if value != "":
                self.put(row, column, value)

    def insert(self, *, row: int | None = None, column: int | None = None) -> None:
        """Insert an empty row or column before the one at that place."""
        if row is not None:
            self.rows[row:row] = [[]] if row <= len(self.rows) else []
            self.row_count += 1
        if column is not None:
            for cells in self.rows:
                if column < len(cells):
                    cells.insert(column, "")
            self.column_count += 1

    def delete(self, *, row: int | None = None, column: int | None = None) -> None:
        """Delete a row or a column."""
        if row is not None and row < len(self.rows):
            del self.rows[row]
        if column is not None:
            for cells in self.rows:
                del cells[column : column + 1]

    def sort(self, column: int, *, descending: bool = False) -> None:
        """Sort all rows below the first by a column, empty cells last, as a person does with the menu."""
        head, body = self.rows[:1], [cells for cells in self.rows[1:] if any(c != "" for c in cells)]

        def rank(cells: list[Cell]) -> tuple[int, float, str]:
            value = cells[column] if column < len(cells) else ""
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return (0, float(value), "") if is_number else (1, 0.0, str(value).casefold())

        filled = [cells for cells in body if column < len(cells) and cells[column] != ""]
        empty = [cells for cells in body if not (column < len(cells) and cells[column] != "")]
        self.rows = head + sorted(filled, key=rank, reverse=descending) + empty


@dataclass
class Spreadsheet:
    """A file with tabs."""

    id: str
    title: str
    sheets: list[Sheet] = field(default_factory=list)
    shared_with: set[str] = field(default_factory=set)

    def sheet(self, title: str) -> Sheet | None:
        """Return a tab by its title; Google does not mind the case."""
        return next((each for each in self.sheets if each.title.casefold() == title.casefold()), None)

    def sheet_by_id(self, sheet_id: int) -> Sheet:
        """Return a tab by its number, or SheetError."""
        for each in self.sheets:
            if each.id == sheet_id:
                return each
        raise invalid(f"Invalid requests[0]: No grid with id: {sheet_id}")

    def add(self, title: str, *, rows: int = DEFAULT_ROWS, columns: int = DEFAULT_COLUMNS, frozen: int = 0) -> Sheet:
        """Add a tab; SheetError when there is one of that name."""
        if self.sheet(title) is not None:
            raise invalid(
                f'Invalid requests[0].addSheet: A sheet with the name "{title}" already exists. '
                "Please enter another name."
            )
        if rows * columns > MOST_CELLS:
            raise invalid("This action would increase the number of cells in the workbook above the limit.")
        made = Sheet(1000 + len(self.sheets), title, rows, columns, frozen)
        self.sheets.append(made)
        return made


@dataclass
class GoogleState:
    """All spreadsheets, and who holds a token."""

    spreadsheets: dict[str, Spreadsheet] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    def create(self, title: str, *, shared: bool = True) -> Spreadsheet:
        """Make a spreadsheet with one empty tab, as a person does."""
        made = Spreadsheet(f"1sandboxSheet{len(self.spreadsheets) + 1:04}xFlowPilot", title, [Sheet(0, "Sheet1")])
        if shared:
            made.shared_with.add(SERVICE_ACCOUNT)
        self.spreadsheets[made.id] = made
        return made


@cache
def private_key() -> Any:
    """Return the service account's key: one for all sandboxes of this process."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_file(token_uri: str) -> Json:
    """Return the JSON that Google gives for a service account."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "type": "service_account",
        "project_id": "flowpilot-sandbox",
        "private_key_id": "sandbox-key",
        "private_key": pem.decode(),
        "client_email": SERVICE_ACCOUNT,
        "client_id": "100000000000000000001",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }
