"""What was written into the wrong place because people moved something between our reading and our writing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.pm.reconciliation.sheet import Layout, SheetPlan, is_same
from services.vendors.google_sheets.types import Cell, CellRange, Grid, column_letters


@dataclass(frozen=True)
class Repair:
    """Cells to give back to people, and the addresses of those that only the version history can give back."""

    restored: tuple[CellRange, ...] = ()
    lost: tuple[str, ...] = ()


def repair_of(before: Grid, plan: SheetPlan, after: Grid) -> Repair:
    """Compare the sheet as it was planned for with the one that was found afterwards.

    A cell that we wrote and that is not ours gets back what stood there. A formula cannot be given back exactly, as
    what it refers to has moved too: it is told.
    """
    moves = _Moves(before, after)
    written = list(_written(plan))
    restored: dict[tuple[int, int], Cell] = {}
    lost: list[str] = []
    for row, column, value in written:
        if not is_same(_at(after, row, column), value) or moves.is_ours(row, column):
            continue
        original = moves.original(row, column, {place for number, place, _ in written if number == row})
        if original is None or (isinstance(original, str) and original.startswith("=")):
            lost.append(f"{column_letters(column)}{row + 1}")
        elif not is_same(original, value):
            restored[row, column] = original
    for row, column in moves.strays(plan):
        restored[row, column] = ""
    cells = tuple(CellRange(row, column, ((value,),)) for (row, column), value in restored.items())
    return Repair(cells, tuple(lost))


def _written(plan: SheetPlan) -> Iterator[tuple[int, int, Cell]]:
    for cells in plan.cells:
        for down, line in enumerate(cells.values):
            for right, value in enumerate(line):
                yield cells.row + down, cells.column + right, value


def _at(grid: Grid, row: int, column: int) -> Cell:
    return grid[row][column] if row < len(grid) and column < len(grid[row]) else ""


class _Moves:
    """Which column and row of the sheet as it was stands where now: columns by their headers, rows by their keys."""

    def __init__(self, before: Grid, after: Grid) -> None:
        self._before, self._after = before, after
        self._old, self._new = Layout.of(before), Layout.of(after)
        self._columns = self._columns_now()
        keys = Counter(self._old.key_at(line) for line in before)
        self._rows = {self._old.key_at(line): number for number, line in enumerate(before)}
        self._rows = {key: number for key, number in self._rows.items() if key and keys[key] == 1}

    def _columns_now(self) -> Mapping[int, int]:
        """Return the old place of each column by its new one; a header that stands twice tells nothing."""
        old, new = (
            {} if not grid else {str(cell).strip(): place for place, cell in enumerate(grid[layout.header_row])}
            for grid, layout in ((self._before, self._old), (self._after, self._new))
        )
        doubled = {
            name
            for grid, layout in ((self._before, self._old), (self._after, self._new))
            if grid
            for name, times in Counter(str(cell).strip() for cell in grid[layout.header_row]).items()
            if times > 1 or not name
        }
        return {place: old[name] for name, place in new.items() if name in old and name not in doubled}

    def is_ours(self, row: int, column: int) -> bool:
        """Tell whether a cell is in our column, in our row."""
        if column not in self._new.columns.values():
            return False
        return row == self._new.header_row or bool(self._new.key_at(self._after[row] if row < len(self._after) else []))

    def original(self, row: int, column: int, written: set[int]) -> Cell | None:
        """Return what stood at a place before we wrote into those columns of its row; None when nobody can tell."""
        line = self._after[row] if row < len(self._after) else []
        old_row = self._rows.get(self._new.key_at(line)) if self._new.key_at(line) else self._keyless(row)
        if old_row is None:
            # a row that somebody has just inserted is empty but for what we wrote
            rest = [cell for place, cell in enumerate(line) if place not in written]
            return "" if all(cell == "" for cell in rest) else None
        if column in self._columns:
            return _at(self._before, old_row, self._columns[column])
        is_nameless = _at(self._after, self._new.header_row, column) == ""
        return "" if is_nameless and self._is_inserted(column) else None

    def _is_inserted(self, column: int) -> bool:
        """Tell whether a column without a header is new: those beside it have moved apart."""
        left = max((place for place in self._columns if place < column), default=None)
        right = min((place for place in self._columns if place > column), default=None)
        if right is None:
            return column >= max((len(line) for line in self._before), default=0)
        gap_before = self._columns[right] - (self._columns[left] if left is not None else -1)
        return right - (left if left is not None else -1) == gap_before + 1 and gap_before == 1

    def _keyless(self, row: int) -> int | None:
        """Return the old place of a row without a key, if just one looks like it."""
        found = [
            number
            for number, line in enumerate(self._before)
            if not self._old.key_at(line)
            and any(_at(self._before, number, old) != "" for old in self._columns.values())
            and self._looks_alike(row, number)
        ]
        return found[0] if len(found) == 1 else None

    def _looks_alike(self, row: int, old_row: int) -> bool:
        ours = set(self._new.columns.values())
        return all(
            _at(self._after, row, new) == _at(self._before, old_row, old)
            for new, old in self._columns.items()
            if new not in ours
        )

    def strays(self, plan: SheetPlan) -> Iterator[tuple[int, int]]:
        """Yield the cells of rows that were appended by columns that were no longer there."""
        for appended in plan.appended:
            key = appended[self._old.columns["FlowPilot key"]]
            for row, line in enumerate(self._after):
                is_whole = all(_at(self._after, row, place) == value for place, value in enumerate(appended))
                if is_whole and self._new.key_at(line) != key:
                    yield from ((row, place) for place, value in enumerate(appended) if value != "")
