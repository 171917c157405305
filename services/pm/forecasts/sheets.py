"""Rows of a workbook or CSV file that somebody handed in, within bounds; a hostile file ends in a clear refusal."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime
from typing import Any

from services.errors import InvalidInputError
from services.pm.tables import NumberedRow

MAX_BYTES = 2_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 20
MAX_UNPACKED_BYTES = 30_000_000
MAX_PARTS = 1_000
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
HOW = "Save the sheet as XLSX or as “CSV UTF-8” and import it again."


def rows_of(content: bytes) -> list[NumberedRow]:
    """Return the rows of the first sheet of an XLSX workbook or of a CSV file, numbered as people see them.

    What a file is, its bytes say, not its name. Raises `InvalidInputError` for what is too big or cannot be read.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInputError(
            f"The file has {len(content) / 1e6:.1f} MB; {MAX_BYTES / 1e6:.0f} MB is the most.",
            hint="Forecasts are a few columns: leave the rest out, or split the file.",
        )
    if content.startswith(OLD_EXCEL):
        raise InvalidInputError("That is a workbook of the old .xls kind, or one with a password.", hint=HOW)
    rows = _workbook_rows(content) if content.startswith(ZIP) else _csv_rows(content)
    if len(rows) > MAX_ROWS + 1:
        raise InvalidInputError(
            f"The file has more than {MAX_ROWS:,} lines.", hint="Split it: what an import does not name stays."
        )
    return rows


def _csv_rows(content: bytes) -> list[NumberedRow]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInputError("The file is neither a workbook (XLSX) nor text in UTF-8.", hint=HOW) from None
    if "\0" in text:
        raise InvalidInputError("The file is neither a workbook (XLSX) nor text in UTF-8.", hint=HOW)
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    rows: list[NumberedRow] = []
    try:
        for values in reader:
            rows.append((reader.line_num, values[: MAX_COLUMNS + 1]))
            if len(rows) > MAX_ROWS + 1:
                break
    except csv.Error as error:
        raise InvalidInputError(f"Line {reader.line_num} cannot be read as CSV: {error}.", hint=HOW) from None
    return rows


def _workbook_rows(content: bytes) -> list[NumberedRow]:
    from openpyxl import load_workbook

    try:
        _check_parts(content)
        # read-only: rows are parsed as they are asked for; data_only: a formula is the value it last had
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = workbook.worksheets[0]
            sheet.reset_dimensions()
            found = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
            return _evened([(number, [_text(value) for value in values]) for number, values in enumerate(found, 1)])
        finally:
            workbook.close()
    except InvalidInputError:
        raise
    except Exception as error:  # a broken workbook fails anywhere in zipfile, XML or openpyxl, each in its own way
        raise InvalidInputError("That workbook cannot be read: it seems to be damaged.", hint=HOW) from error


def _check_parts(content: bytes) -> None:
    """Refuse what unpacks to far more than a table, and XML that declares entities."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise InvalidInputError("That workbook unpacks to far more than a table of forecasts.", hint=HOW)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in _start(package, part):
                raise InvalidInputError("That workbook declares things of its own that no table needs.", hint=HOW)


def _start(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    # a document type, without which there are no entities, stands before the first element; zeros are UTF-16's
    with package.open(part) as opened:
        return opened.read(64_000).replace(b"\0", b"").upper()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):  # what looks like a month is a date to a spreadsheet
        return f"{value:%Y-%m}" if value.day == 1 else f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)[:1_000]


def _evened(rows: list[NumberedRow]) -> list[NumberedRow]:
    """Give all rows the width of the header, and whatever holds something beyond it."""
    if not rows:
        return []
    width = max((n for n, value in enumerate(rows[0][1], 1) if value.strip()), default=0)
    evened: list[NumberedRow] = []
    for number, values in rows:
        used = max((n for n, value in enumerate(values, 1) if value.strip()), default=0)
        padded = [*values, *[""] * width]
        evened.append((number, padded[: max(width, used)]))
    return evened
