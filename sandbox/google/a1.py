"""A1 notation, as Google reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.google.state import Sheet, Spreadsheet, invalid

_CELL = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,7})?")


@dataclass(frozen=True)
class Area:
    """A rectangle of a tab, ends excluded."""

    sheet: Sheet
    top: int
    left: int
    bottom: int
    right: int

    def name(self) -> str:
        """Return the range as answers write it."""
        plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", self.sheet.title) is not None
        quoted = self.sheet.title.replace("'", "''")
        title = self.sheet.title if plain else f"'{quoted}'"
        return f"{title}!{letters(self.left)}{self.top + 1}:{letters(self.right - 1)}{self.bottom}"


def letters(column: int) -> str:
    """Return a column's letters, counted from 0."""
    text = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def number_of(column: str) -> int:
    """Return the number, from 0, of a column's letters."""
    number = 0
    for letter in column.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def area_of(file: Spreadsheet, text: str) -> Area:
    """Read a range; SheetError when there is no such tab or the notation is wrong."""
    title, cells = _split(text)
    sheet = file.sheet(title) if title is not None else None
    if title is None:
        whole = file.sheet(cells)
        sheet, cells = (whole, "") if whole is not None else (file.sheets[0], cells)
    if sheet is None:
        raise invalid(f"Unable to parse range: {text}")
    if not cells:
        return Area(sheet, 0, 0, sheet.row_count, sheet.column_count)
    first, _, last = cells.partition(":")
    start, end = _CELL.fullmatch(first), _CELL.fullmatch(last or first)
    if start is None or end is None or not first or (":" in cells and not last):
        raise invalid(f"Unable to parse range: {text}")
    area = Area(
        sheet,
        int(start[2]) - 1 if start[2] else 0,
        number_of(start[1]) if start[1] else 0,
        int(end[2]) if end[2] else sheet.row_count,
        number_of(end[1]) + 1 if end[1] else sheet.column_count,
    )
    if area.top < 0 or area.bottom > sheet.row_count or area.right > sheet.column_count:
        raise invalid(
            f"Range ({area.name()}) exceeds grid limits. Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )
    return area


def _split(text: str) -> tuple[str | None, str]:
    quoted = re.fullmatch(r"'((?:[^']|'')*)'(?:!(.*))?", text)
    if quoted is not None:
        return quoted[1].replace("''", "'"), quoted[2] or ""
    title, bang, cells = text.rpartition("!")
    return (title, cells) if bang else (None, text)
