"""The stand-in's spreadsheets: strict where Google is, and as people use them."""

from __future__ import annotations

import pytest

from sandbox.google.a1 import area_of, letters
from sandbox.google.fields import masked
from sandbox.google.state import Cell, Formula, GoogleState, Sheet, SheetError, Spreadsheet, typed


def spreadsheet() -> Spreadsheet:
    """Return a file with two tabs."""
    file = GoogleState().create("File")
    file.add("It's ours", rows=10, columns=5)
    return file


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("A1", ("Sheet1", 0, 0, 1, 1)),
        ("B2:C4", ("Sheet1", 1, 1, 4, 3)),
        ("'It''s ours'!B:C", ("It's ours", 0, 1, 10, 3)),
        ("'It''s ours'!2:3", ("It's ours", 1, 0, 3, 5)),
        ("'It''s ours'", ("It's ours", 0, 0, 10, 5)),
        ("Sheet1", ("Sheet1", 0, 0, 1000, 26)),
    ],
)
def test_ranges_are_read_as_google_reads_them(text: str, place: tuple[str, int, int, int, int]) -> None:
    area = area_of(spreadsheet(), text)
    assert (area.sheet.title, area.top, area.left, area.bottom, area.right) == place
    assert letters(701) == "ZZ"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Nowhere!A1", "Unable to parse"),
        ("A1:", "Unable to parse"),
        ("'It''s ours'!F1", "exceeds grid limits"),
        ("A0", "Unable to parse"),
    ],
)
def test_ranges_that_are_none_are_refused(text: str, message: str) -> None:
    with pytest.raises(SheetError, match=message) as caught:
        area_of(spreadsheet(), text)
    assert caught.value.body()["error"]["status"] == "INVALID_ARGUMENT"


def test_what_people_type_is_a_formula_a_number_or_text() -> None:
    values = [typed(text) for text in ("=A1", "'=A1", "12", "1.5", "TRUE", "note", "")]
    assert values == ["=A1", "=A1", 12, 1.5, True, "note", ""]
    assert [isinstance(value, Formula) for value in values[:2]] == [True, False]


def test_rows_and_columns_are_inserted_sorted_and_answered_without_empty_ends() -> None:
    sheet = Sheet(0, "x")
    column: tuple[Cell, ...] = ("Head", 3, "b", "", 1)
    for number, value in enumerate(column):
        sheet.put(number, 1, value)
    sheet.put(3, 0, "note")
    sheet.sort(1)
    assert sheet.block(0, 0, 99, 9) == [["", "Head"], ["", 1], ["", 3], ["", "b"], ["note"]]
    sheet.insert(column=1)
    sheet.insert(row=1)
    assert sheet.block(0, 0, 3, 9) == [["", "", "Head"], [], ["", "", 1]]
    sheet.append(["last"])
    assert sheet.block(5, 0, 99, 9) == [["note"], ["last"]]


def test_a_mask_leaves_what_it_names() -> None:
    whole = {"a": {"b": 1, "c": 2}, "d": [{"e": {"f": 3, "g": 4}}], "h": 5}
    assert masked(whole, "a.b,d.e(f),h") == {"a": {"b": 1}, "d": [{"e": {"f": 3}}], "h": 5}
    for wrong in ("nothing", "a..b", "d(e"):
        with pytest.raises(SheetError):
            masked(whole, wrong)
