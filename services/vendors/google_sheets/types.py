"""What Google Sheets tells, and is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | int | float | bool
"""What a cell holds; "" is an empty one, and a formula is its text."""
Grid = list[list[Cell]]
"""Rows of cells; trailing empty cells and rows may be missing."""

_URL = re.compile(r"https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]{10,})(?:[/?#].*)?")
_ID = re.compile(r"[A-Za-z0-9_-]{10,}")


@dataclass(frozen=True)
class SheetTab:
    """A tab of a spreadsheet, and how many rows and columns its grid has."""

    id: int
    title: str
    row_count: int
    column_count: int


@dataclass(frozen=True)
class SpreadsheetFile:
    """A spreadsheet, without its cells."""

    id: str
    title: str
    url: str
    tabs: tuple[SheetTab, ...]

    def tab(self, title: str) -> SheetTab | None:
        """Return a tab by its title; Google does not mind the case."""
        return next((tab for tab in self.tabs if tab.title.casefold() == title.casefold()), None)


@dataclass(frozen=True)
class CellRange:
    """Cells to write from one place on; row and column count from 0."""

    row: int
    column: int
    values: Sequence[Sequence[Cell]]


def spreadsheet_id_of(text: str) -> str | None:
    """Return the id in a spreadsheet's address, or the id itself; None for anything else."""
    given = text.strip()
    if (match := _URL.fullmatch(given)) is not None:
        return match[1]
    return given if _ID.fullmatch(given) else None


def column_letters(column: int) -> str:
    """Return a column as A1 notation has it, counted from 0: A, Z, AA."""
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def quoted_title(title: str) -> str:
    """Return a tab's title as ranges have it."""
    return "'" + title.replace("'", "''") + "'"


def a1(title: str, cells: CellRange) -> str:
    """Return the range that the cells fill, such as 'Hours'!B2:C9."""
    width = max((len(row) for row in cells.values), default=1)
    first = f"{column_letters(cells.column)}{cells.row + 1}"
    last = f"{column_letters(cells.column + width - 1)}{cells.row + len(cells.values)}"
    return f"{quoted_title(title)}!{first}:{last}"
