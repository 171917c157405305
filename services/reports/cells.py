"""Writing sheets row by row: styles made once, text from outside that never becomes a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.properties import PageSetupProperties

if TYPE_CHECKING:
    from openpyxl.styles.cell_style import StyleArray

TEXT_CHARACTERS = 2_000
HOURS = "#,##0.00"
PERCENT = "0.0%"
FONT = "Calibri"
INK, HEADER, BAND = "FF1D2B3A", "FF24476B", "FFEEF2F6"
RED, AMBER, BLUE, GREY = "FFF8CBC4", "FFFCE4B0", "FFCFE2F3", "FF7A8594"
NO_FORECAST = "no forecast"
_LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@", "'", "\t", "\r")


@dataclass(frozen=True)
class Formula:
    """A formula of ours; nothing from outside may be part of it."""

    text: str


Value = str | int | float | Formula | None
Styled = tuple[Value, str]
"""A value and the name of its style."""


def hours(seconds: int) -> float:
    """Return hours for a cell: shown with two decimals, but near enough that every sum rounds to the very second."""
    return seconds / 3600


def clean(text: str) -> str:
    """Return text that a cell can hold: no control characters, and not more than one reads."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))[:TEXT_CHARACTERS]


class Styles:
    """The workbook's cell styles by name, each made once: setting fonts cell by cell takes most of the time."""

    def __init__(self, workbook: Workbook) -> None:
        self._sheet = workbook.create_sheet("styles")
        line = Border(bottom=Side("thin", color="FFB8C2CC"))
        strong, plain = Font(FONT, 11, bold=True, color=INK), Font(FONT, 11, color=INK)
        band = PatternFill("solid", BAND)
        self._made: dict[str, StyleArray] = {
            "title": self._style(font=Font(FONT, 16, bold=True, color=INK)),
            "note": self._style(font=Font(FONT, 11, italic=True, color=GREY)),
            "text": self._style(font=plain),
            "strong": self._style(font=strong, border=line),
        }
        white, dark = Font(FONT, 11, bold=True, color="FFFFFFFF"), PatternFill("solid", HEADER)
        for name, side in (("header", "left"), ("header right", "right")):
            alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
            self._made[name] = self._style(font=white, fill=dark, alignment=alignment)
        for name, form in (("hours", HOURS), ("percent", PERCENT), ("count", "#,##0")):
            right = Alignment(horizontal="right")
            self._made[name] = self._style(font=plain, number_format=form, alignment=right)
            self._made[f"strong {name}"] = self._style(font=strong, number_format=form, alignment=right, border=line)
            self._made[f"total {name}"] = self._style(font=strong, number_format=form, alignment=right, fill=band)
        self._made["total"] = self._style(font=strong, fill=band)
        quoted = {
            name: self._style(quotePrefix=True, font=font) for name, font in (("text", plain), ("strong", strong))
        }
        self._quoted: dict[str, StyleArray] = quoted
        workbook.remove(self._sheet)

    def _style(self, **looks: Any) -> StyleArray:
        cell: Any = WriteOnlyCell(self._sheet)
        for name, look in looks.items():
            setattr(cell, name, look)
        made: StyleArray = cell._style
        return made

    def named(self, name: str, value: Value) -> StyleArray:
        """Return a style; text that looks like a formula gets the mark by which spreadsheets keep it text."""
        if isinstance(value, str) and value.startswith(_LOOKS_LIKE_A_FORMULA) and name in self._quoted:
            return self._quoted[name]
        return self._made[name]


class Sheet:
    """A sheet that is written from top to bottom; `row` is the number of the row that comes next."""

    def __init__(
        self,
        workbook: Workbook,
        styles: Styles,
        title: str,
        widths: Sequence[float],
        *,
        frozen_rows: int,
        columns: int = 1,
    ) -> None:
        self.sheet: Any = workbook.create_sheet(title)
        self._styles = styles
        self.row = 1
        for number, width in enumerate(widths):
            self.sheet.column_dimensions[letter(number)].width = width
        self.sheet.freeze_panes = f"{letter(columns)}{frozen_rows + 1}"
        self.sheet.sheet_view.showGridLines = False
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.sheet_properties.outlinePr.summaryBelow = False
        self.sheet.sheet_format.outlineLevelRow = 1
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToWidth, self.sheet.page_setup.fitToHeight = 1, 0
        self.sheet.oddFooter.center.text = "&A, page &P of &N"
        self.sheet.print_title_rows = f"{frozen_rows}:{frozen_rows}"

    def add(self, *cells: Styled, below: bool = False, height: float | None = None) -> int:
        """Write a row and return its number; `below` folds it under the row before it."""
        number = self.row
        if below or height:
            self.sheet.row_dimensions[number] = RowDimension(
                self.sheet, index=number, outlineLevel=1 if below else None, ht=height
            )
        self.sheet.append([self._cell(value, style) for value, style in cells])
        self.sheet.row_dimensions.pop(number, None)
        self.row += 1
        return number

    def header(self, names: Iterable[str]) -> int:
        """Write the names of the columns, those of figures to the right."""
        return self.add(*((name, "header right" if _is_figure(name) else "header") for name in names), height=32)

    def _cell(self, value: Value, style: str) -> Any:
        cell: Any = WriteOnlyCell(self.sheet)
        if isinstance(value, Formula):
            cell._value, cell.data_type = value.text, "f"
        elif isinstance(value, str):
            cell._value, cell.data_type = clean(value), "s"
        elif value is not None:
            cell._value = value
        cell._style = self._styles.named(style, value)
        return cell

    def filter(self, header_row: int, columns: int) -> None:
        """Offer filters on a header."""
        self.sheet.auto_filter.ref = f"A{header_row}:{letter(columns - 1)}{max(self.row - 1, header_row)}"

    def colour(self, column: str, first: int, rules: Sequence[tuple[str, str]]) -> None:
        """Colour a column's cells from a row on where a formula over `{cell}` holds."""
        area = f"{column}{first}:{column}{max(self.row - 1, first)}"
        for condition, colour in rules:
            formula = f"AND(ISNUMBER({column}{first}),{condition.format(cell=f'{column}{first}')})"
            fill = PatternFill(bgColor=colour)
            rule = Rule(type="expression", formula=[formula], dxf=DifferentialStyle(fill=fill), stopIfTrue=True)
            self.sheet.conditional_formatting.add(area, rule)


def _is_figure(name: str) -> bool:
    return name.endswith("%") or " h" in name


def letter(number: int) -> str:
    """Return the letter of a column, counted from 0; up to Z."""
    return chr(ord("A") + number)


def variance_formulas(actual: str, forecast: str) -> tuple[Formula, Formula]:
    """Return the variance in hours and as a share; without a forecast both say so."""
    hours_apart = f'=IF(N({forecast})=0,"{NO_FORECAST}",{actual}-{forecast})'
    share = f'=IF(N({forecast})=0,"{NO_FORECAST}",({actual}-{forecast})/{forecast})'
    return Formula(hours_apart), Formula(share)


OFF_FORECAST = (("{cell}>0.1", RED), ("{cell}<-0.1", BLUE))
USED_UP = (("{cell}>1.1", RED), ("{cell}>1", AMBER))
