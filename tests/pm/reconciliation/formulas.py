"""A small spreadsheet of our own: evaluates a workbook's formulas, independently of how they were made."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

_CELL = r"(?:'([^']+)'!)?\$?([A-Z])\$?(\d+)?(?::\$?([A-Z])\$?(\d+)?)?(?![A-Z(\"])"
_TOKEN = re.compile(rf'"[^"]*"|{_CELL}|[A-Z]+(?=\()')


class Calculated:
    """The values of a workbook by sheet and cell."""

    def __init__(self, content: bytes) -> None:
        book = load_workbook(BytesIO(content))
        self.names: list[str] = list(book.sheetnames)
        self._cells: dict[str, dict[str, Any]] = {
            sheet.title: {
                f"{get_column_letter(c.column)}{c.row}": c for row in sheet for c in row if c.value is not None
            }
            for sheet in book
        }
        self._rows = {sheet.title: sheet.max_row for sheet in book}
        self._known: dict[tuple[str, str], Any] = {}

    def value(self, sheet: str, cell: str) -> Any:
        """Return what a cell shows."""
        key = (sheet, cell)
        if key not in self._known:
            found = self._cells[sheet].get(cell)
            if found is None or found.data_type != "f":
                self._known[key] = None if found is None else found.value
            else:
                self._known[key] = self._evaluate(sheet, found.value)
        return self._known[key]

    def column(self, sheet: str, column: str, first: int) -> list[Any]:
        """Return a column's values from a row on."""
        return [self.value(sheet, f"{column}{row}") for row in range(first, self._rows[sheet] + 1)]

    def formulas(self, sheet: str) -> list[str]:
        """Return every formula of a sheet."""
        return [str(cell.value) for cell in self._cells[sheet].values() if cell.data_type == "f"]

    def _evaluate(self, sheet: str, formula: str) -> Any:
        def translated(match: re.Match[str]) -> str:
            if match[2] is None:
                return match[0]
            where, column, row, column2, row2 = match.groups()
            if column2 is None:
                return f"at({where or sheet!r},{column + row!r})"
            return f"area({where or sheet!r},{column!r},{int(row or 1)},{int(row2 or self._rows[where or sheet])})"

        text = _TOKEN.sub(translated, formula.removeprefix("="))
        text = re.sub(r"(?<![<>=])=(?!=)", "==", text)
        # as in a spreadsheet, only the branch that is wanted is worked out
        text = re.sub(r"^IF\((.*?),(\"[^\"]*\"|0),(.*)\)$", r"(\2) if (\1) else (\3)", text)
        return eval(text, {"at": self.value, "area": self._area, **_FUNCTIONS})

    def _area(self, sheet: str, column: str, first: int, last: int) -> list[Any]:
        return [self.value(sheet, f"{column}{row}") for row in range(first, last + 1)]


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) else 0


def _matches(value: Any, criterion: str) -> bool:
    return _number(value) > 0 if criterion == ">0" else bool(value == criterion)


def _sum(values: list[Any]) -> Any:
    return sum(_number(value) for value in values)


def _sumifs(values: list[Any], *criteria: Any) -> Any:
    pairs = list(zip(criteria[::2], criteria[1::2], strict=True))
    kept = [v for n, v in enumerate(values) if all(_matches(area[n], wanted) for area, wanted in pairs)]
    return _sum(kept)


_FUNCTIONS: dict[str, Any] = {
    "SUM": _sum,
    "SUMIF": lambda area, wanted, values: _sumifs(values, area, wanted),
    "SUMIFS": _sumifs,
    "N": _number,
    "COUNTA": lambda values: sum(value is not None for value in values),
    "ROUND": round,
    "MAX": lambda values: max(map(_number, values)),
    "MIN": lambda values: min(map(_number, values)),
    "AND": lambda *given: all(given),
    "IF": lambda condition, yes, no: yes if condition else no,
}
