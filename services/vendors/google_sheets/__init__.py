"""Google Sheets, by a service account."""

from services.vendors.google_sheets.client import GoogleSheets
from services.vendors.google_sheets.types import (
    Cell,
    CellRange,
    Grid,
    SheetTab,
    SpreadsheetFile,
    column_letters,
    spreadsheet_id_of,
)

__all__ = [
    "Cell",
    "CellRange",
    "GoogleSheets",
    "Grid",
    "SheetTab",
    "SpreadsheetFile",
    "column_letters",
    "spreadsheet_id_of",
]
