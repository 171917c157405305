"""The reconciliation in a spreadsheet: which cells are ours, and what to write so that they say what is wanted.

The header row tells our columns, wherever project managers moved them; the key column tells our rows. All other
columns, and rows without a key, belong to the project managers and are never written to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.errors import ConflictError
from services.pm.months import Month
from services.vendors.google_sheets.types import Cell, CellRange, Grid, column_letters

KEY, STATUS = "FlowPilot key", "FlowPilot status"
MONTH, PROJECT, EPIC, TEAM = "Month", "Project key", "Epic", "Team"
ACTUAL, FORECAST, VARIANCE = "Actual hours", "Forecast hours", "Variance hours"
HEADERS = (MONTH, PROJECT, "Project", EPIC, "Epic name", TEAM, ACTUAL, FORECAST, VARIANCE, STATUS, KEY)
IDENTITY = (MONTH, PROJECT, EPIC, TEAM)
CURRENT, GONE, DUPLICATE = "up to date", "no longer in Tempo or the forecast", "second row of the same key"
MAX_CELL_CHARACTERS = 5000
MIN_HEADERS = 3
"""So many of our headers in a row make it the header row."""
_HOURS_TOLERANCE = 1e-9
_OURS = {header.casefold(): header for header in HEADERS}
_A_KEY = re.compile(r"\d{4}-\d{2}\|[^|]*\|[^|]*\|")


@dataclass(frozen=True)
class SheetRow:
    """What one team worked on one epic in a month; "" for no project, epic or team, None for no forecast."""

    month: Month
    project_key: str
    project_name: str
    epic_key: str
    epic_name: str
    team: str
    actual_minutes: float
    forecast_minutes: float | None = None

    @property
    def key(self) -> str:
        """What tells the row from all others, month first."""
        return _key(str(self.month), self.project_key, self.epic_key, self.team)

    def cells(self) -> dict[str, Cell]:
        """Return our cells by header; hours are minutes / 60, unrounded."""
        has_forecast = self.forecast_minutes is not None
        planned = self.forecast_minutes or 0
        return {
            MONTH: str(self.month),
            PROJECT: _text(self.project_key),
            "Project": _text(self.project_name),
            EPIC: _text(self.epic_key),
            "Epic name": _text(self.epic_name),
            TEAM: _text(self.team),
            ACTUAL: self.actual_minutes / 60,
            FORECAST: planned / 60 if has_forecast else "",
            VARIANCE: (self.actual_minutes - planned) / 60 if has_forecast else "",
            STATUS: CURRENT,
            KEY: self.key,
        }


@dataclass(frozen=True)
class SheetPlan:
    """What to write: `cells` into rows that are there (the header among them), `appended` below them."""

    cells: tuple[CellRange, ...] = ()
    appended: tuple[tuple[Cell, ...], ...] = ()
    width: int = 0
    updated: int = 0
    unchanged: int = 0
    gone: int = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether the sheet says what is wanted already."""
        return not self.cells and not self.appended


def plan_update(existing: Grid, rows: Sequence[SheetRow], months: Iterable[Month] = ()) -> SheetPlan:
    """Return what makes our cells of `existing` say `rows`; nothing outside our columns and our rows is written.

    Rows of these months (and those of `rows`) that are no longer wanted are marked and set to no hours. Raises
    `ConflictError` when our headers are gone or stand over two columns, or a key is in two of `rows`.
    """
    wanted = {row.key: row.cells() for row in rows}
    if len(wanted) != len(rows):
        raise ConflictError("Two rows of the reconciliation are for the same month, project, epic and team.")
    layout = Layout.of(existing)
    scope = {str(month) for month in months} | {str(row.month) for row in rows}
    changes: dict[int, dict[int, Cell]] = {layout.header_row: dict(layout.missing)} if layout.missing else {}
    seen: set[str] = set()
    updated: set[str] = set()
    gone = 0
    for number, line in enumerate(existing):
        if number == layout.header_row:
            continue
        key = layout.key_of(line, wanted)
        cells = _wanted_cells(key, wanted, seen, scope)
        changed = layout.changes(line, cells) if cells else {}
        if changed:
            changes[number] = changed
            updated.add(key)
            gone += key not in wanted
        seen.add(key)
    fresh = [key for key in wanted if key not in seen]
    return SheetPlan(
        cells=tuple(_ranges(changes)),
        appended=tuple(tuple(layout.line(wanted[key])) for key in fresh),
        width=layout.width,
        updated=len(updated & wanted.keys()),
        unchanged=len(wanted.keys() & seen - updated),
        gone=gone,
    )


def _wanted_cells(
    key: str, wanted: Mapping[str, Mapping[str, Cell]], seen: set[str], scope: set[str]
) -> Mapping[str, Cell] | None:
    """Return what our cells of an existing row should say; None where the row is none of ours, or of another month."""
    if not key:
        return None
    if key in wanted:
        return {**wanted[key], STATUS: DUPLICATE} if key in seen else wanted[key]
    if key.partition("|")[0] not in scope:
        return None
    return {ACTUAL: 0, FORECAST: "", VARIANCE: "", STATUS: GONE}


def _header_row(existing: Grid) -> int:
    """Return the row with most of our headers: people put titles above it, or sort it among the others."""
    counts = [sum(str(cell).strip().casefold() in _OURS for cell in line) for line in existing]
    most = max(counts, default=0)
    if most >= MIN_HEADERS:
        return counts.index(most)
    if any(_A_KEY.match(str(cell)) for line in existing for cell in line):
        raise ConflictError(
            "The headers of FlowPilot's columns are gone from the spreadsheet.",
            hint="Put them back (File > Version history), or rename the tab: FlowPilot then makes a new one.",
        )
    return 0


@dataclass(frozen=True)
class Layout:
    """Where our columns are, and which have to be made at the right end, beyond everything that is there."""

    header_row: int
    columns: Mapping[str, int]
    missing: Mapping[int, Cell]
    width: int

    @classmethod
    def of(cls, existing: Grid) -> Layout:
        """Find our columns; `ConflictError` when they cannot be told."""
        used = max((len(row) for row in existing), default=0)
        header_row = _header_row(existing)
        columns: dict[str, int] = {}
        for number, cell in enumerate(existing[header_row] if existing else ()):
            header = _OURS.get(str(cell).strip().casefold())
            if header is None:
                continue
            if header in columns:
                where = f"{column_letters(columns[header])} and {column_letters(number)}"
                raise ConflictError(
                    f"The columns {where} of the spreadsheet are both called “{header}”.",
                    hint="Give the one that is yours another name; nothing was written.",
                )
            columns[header] = number
        absent = [header for header in HEADERS if header not in columns]
        missing: dict[int, Cell] = {used + number: header for number, header in enumerate(absent)}
        columns |= {header: used + number for number, header in enumerate(absent)}
        return cls(header_row, columns, missing, max(used, max(columns.values()) + 1))

    @cached_property
    def _can_tell_by_identity(self) -> bool:
        """Tell whether somebody deleted the key column, and the rows can still be told by what they are about."""
        return self.columns[KEY] in self.missing and not any(self.columns[name] in self.missing for name in IDENTITY)

    def key_of(self, line: Sequence[Cell], wanted: Mapping[str, object]) -> str:
        """Return the key of a row; "" for one that is not ours."""
        if self._can_tell_by_identity:
            key = _key(*(str(self.cell(line, name)).strip() for name in IDENTITY))
            return key if key in wanted else ""
        return self.key_at(line)

    def key_at(self, line: Sequence[Cell]) -> str:
        """Return what stands in the key column of a row."""
        return str(self.cell(line, KEY)).strip()

    def cell(self, line: Sequence[Cell], header: str) -> Cell:
        """Return our cell of that header in a row."""
        column = self.columns[header]
        return line[column] if column < len(line) else ""

    def changes(self, line: Sequence[Cell], cells: Mapping[str, Cell]) -> dict[int, Cell]:
        """Return the cells of a row that say something else, by column."""
        return {
            self.columns[header]: value
            for header, value in cells.items()
            if not is_same(self.cell(line, header), value)
        }

    def line(self, cells: Mapping[str, Cell]) -> list[Cell]:
        """Return a new row: ours filled, all others empty."""
        made: list[Cell] = [""] * (max(self.columns.values()) + 1)
        for header, value in cells.items():
            made[self.columns[header]] = value
        return made


def is_same(held: Cell, wanted: Cell) -> bool:
    """Tell whether a cell holds what is wanted already."""
    if isinstance(held, str) or isinstance(wanted, str):
        # text that looks like a formula may be shown with the apostrophe that keeps it from being one
        return held == wanted or (isinstance(wanted, str) and bool(wanted) and held == f"'{wanted}")
    return not isinstance(held, bool) and math.isclose(held, wanted, rel_tol=_HOURS_TOLERANCE, abs_tol=_HOURS_TOLERANCE)


def _ranges(changes: Mapping[int, Mapping[int, Cell]]) -> Iterable[CellRange]:
    """Put cells side by side into one range each."""
    for row, cells in changes.items():
        run: list[Cell] = []
        start = 0
        for column in sorted(cells):
            if run and column != start + len(run):
                yield CellRange(row, start, (tuple(run),))
                run = []
            if not run:
                start = column
            run.append(cells[column])
        yield CellRange(row, start, (tuple(run),))


def _key(*parts: str) -> str:
    return "|".join(_text(part) for part in parts)


def _text(words: str) -> str:
    """Return words from outside as one cell holds them: one line, trimmed."""
    return " ".join(words.split())[:MAX_CELL_CHARACTERS]
