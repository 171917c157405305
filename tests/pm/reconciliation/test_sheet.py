"""What is written into the managers' spreadsheet, whatever they made of it."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.pm import reconciliation as agent
from blocks.pm import reconciliation as blocks
from services.errors import ConflictError
from services.pm.months import Month
from services.pm.reconciliation.sheet import HEADERS, KEY, SheetPlan, SheetRow, plan_update
from services.pm.reconciliation.sheet_updates import SheetResult
from services.pm.reconciliation.types import Kept, Report
from services.vendors.google_sheets.types import Cell, Grid, column_letters, spreadsheet_id_of
from tests.pm.reconciliation.test_revisions import month_with

MONTHS = (Month(2026, 9), Month(2026, 10))
WORDS = st.sampled_from(["", "Alpha", "=1+1", "+x", "-2", "@you", "two\nlines", "a|b", "Ärger "])
ROWS = st.lists(
    st.builds(
        SheetRow,
        st.sampled_from(MONTHS),
        st.sampled_from(["SHOP", "PORT"]),
        WORDS,
        st.sampled_from(["", "E-1", "E-2"]),
        WORDS,
        st.sampled_from(["", "Harbor", "Dock"]),
        st.integers(0, 90_000),
        st.none() | st.integers(0, 90_000),
    ),
    max_size=8,
    unique_by=lambda row: row.key,
)
CELLS: st.SearchStrategy[Cell] = st.sampled_from(["", "note", "=SUM(A1:A9)", 12, 0.5, True, "Month", "2026-10"])


def applied(plan: SheetPlan, grid: Grid) -> Grid:
    """Return the sheet after the plan was written into it."""
    made = deepcopy(grid)

    def put(row: int, column: int, value: Cell) -> None:
        made.extend([] for _ in range(row + 1 - len(made)))
        made[row].extend([""] * (column + 1 - len(made[row])))
        made[row][column] = value

    for cells in plan.cells:
        for number, line in enumerate(cells.values):
            for offset, value in enumerate(line):
                put(cells.row + number, cells.column + offset, value)
    while made and not any(cell != "" for cell in made[-1]):
        made.pop()
    return [*made, *(list(row) for row in plan.appended)]


@st.composite
def used_sheets(draw: st.DrawFn) -> tuple[Grid, Grid, list[int]]:
    """Return a sheet as people left it, the same with our columns emptied, and where our columns are."""
    grid = applied(plan_update([], draw(ROWS)), [])
    order = draw(st.permutations(range(len(HEADERS) + 3)))
    wide = [[*line, *(draw(CELLS) if number else f"Theirs {n}" for n in range(3))] for number, line in enumerate(grid)]
    body = draw(st.permutations([[line[column] for column in order] for line in wide[1:]]))
    key = order.index(HEADERS.index(KEY))
    for _ in range(draw(st.integers(0, 2))):
        theirs = [draw(CELLS) for _ in order]
        theirs[key] = ""
        body.insert(draw(st.integers(0, len(body))), theirs)
    title: Grid = [["Our month", "", "Month"]] if draw(st.booleans()) else []
    made = [*title, [wide[0][column] for column in order], *body]
    ours = [place for place, column in enumerate(order) if column < len(HEADERS)]
    return made, [made[len(title)]], ours


def without_ours(grid: Grid, ours: list[int], key: int) -> list[tuple[int, list[Cell]]]:
    """Return what is not ours: rows without a key whole, of the others the columns that are not ours."""
    kept = []
    for number, line in enumerate(grid):
        full = [*line, *[""] * (len(HEADERS) + 3 - len(line))]
        is_ours = str(full[key]) not in ("", KEY)
        cells = [cell for place, cell in enumerate(full) if not (is_ours and place in ours)]
        kept.append((number, cells))
    return kept


@pytest.mark.requirement("PM-4.3")
@given(used_sheets(), ROWS)
def test_an_update_leaves_theirs_alone_says_what_is_wanted_and_is_done_once(
    used: tuple[Grid, Grid, list[int]], rows: list[SheetRow]
) -> None:
    grid, (header,), ours = used
    key = header.index(KEY)
    plan = plan_update(grid, rows)
    after = applied(plan, grid)
    before = without_ours(grid, ours, key)
    assert without_ours(after, ours, key)[: len(before)] == before
    assert plan_update(after, rows).is_empty
    found = {str(line[key]): line for line in reversed(after) if len(line) > key}
    for row in rows:
        for name, value in row.cells().items():
            line = found[row.key]
            place = header.index(name)
            assert (line[place] if place < len(line) else "") == value
    assert (plan.updated + plan.unchanged, len(plan.appended)) == (
        len(rows) - len(plan.appended),
        sum(row.key not in {str(line[key]) for line in grid if len(line) > key} for row in rows),
    )


ONE = SheetRow(MONTHS[1], "SHOP", "Webshop", "E-1", "Checkout", "Harbor", 90, 60)


def test_columns_that_somebody_deleted_come_back_beyond_everything_that_is_there() -> None:
    grid = applied(plan_update([], [ONE]), [])
    short = [[*line[:6], *line[7:], "", "note"] for line in grid]
    plan = plan_update(short, [ONE])
    after = applied(plan, short)
    assert after[0][12] == "Actual hours"
    assert after[1][11:] == ["note", 1.5]


def test_rows_are_told_by_what_they_are_about_when_the_keys_are_gone() -> None:
    grid = [line[:-1] for line in applied(plan_update([], [ONE]), [])]
    plan = plan_update(grid, [ONE])
    assert not plan.appended
    assert applied(plan, grid)[1][10] == ONE.key


def test_a_row_that_somebody_copied_is_told_as_the_second_one() -> None:
    grid = applied(plan_update([], [ONE]), [])
    grid.append(list(grid[1]))
    after = applied(plan_update(grid, [ONE]), grid)
    assert [line[9] for line in after[1:]] == ["up to date", "second row of the same key"]
    assert plan_update(after, [ONE]).is_empty


def test_text_that_is_shown_with_its_apostrophe_is_not_written_again() -> None:
    row = SheetRow(MONTHS[1], "SHOP", "=1+1", "E-1", "x", "y", 1)
    grid = applied(plan_update([], [row]), [])
    grid[1][2] = "'=1+1"
    assert plan_update(grid, [row]).is_empty


def test_two_rows_of_one_key_are_a_mistake() -> None:
    with pytest.raises(ConflictError, match="same month, project, epic and team"):
        plan_update([], [ONE, ONE])


def test_addresses_of_spreadsheets_are_read_and_nothing_else() -> None:
    spreadsheet = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
    for text in (spreadsheet, f" https://docs.google.com/spreadsheets/d/{spreadsheet}/edit?gid=0#gid=0 "):
        assert spreadsheet_id_of(text) == spreadsheet
    for text in (
        "",
        "https://evil.test/spreadsheets/d/x",
        "../../v4",
        "https://docs.google.com/document/d/1234567890ab",
    ):
        assert spreadsheet_id_of(text) is None
    assert [column_letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.requirement("PM-4.4")
async def test_the_message_names_the_formulas_that_an_update_hit() -> None:
    month, at = month_with(60), datetime(2026, 11, 1, tzinfo=UTC)
    kept = Kept(Report(1, month.month, 1, "k", "f.xlsx", 1, "h", 1, 1, 0, {}, at), is_new=True)
    hit = SheetResult("https://sheet", 1, 0, 0, overwritten=tuple(f"H{n}" for n in range(2, 9)))

    async def update(*args: object, **kwargs: object) -> SheetResult:
        return hit

    async def yes(*args: object) -> bool:
        return True

    reports = SimpleNamespace(note_sheet=yes)
    services = cast(
        Any, SimpleNamespace(pm_sheet=SimpleNamespace(is_configured=yes, update=update), reconciliations=reports)
    )
    kept, notes = await agent._with_sheet(services, month, kept)
    _, shown = blocks.message(month, kept, "", notes)
    said = [block for block in shown if block["type"] == "context"]
    assert "Formulas were overwritten in H2, H3, H4, H5, H6 and 2 more; the sheet's version history" in str(said)
