"""Tables that people hand in (CSV, or the rows of a sheet): everything that is wrong at once, by line and column."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.numbers import number_of

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

Row = TypeVar("Row")
NumberedRow = tuple[int, Sequence[str]]
"""A line's number as people see it in their file, and its values."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in a line of a file; line 1 is the header."""

    line: int
    column: str
    value: str
    what: str

    def __str__(self) -> str:
        value = f" “{self.value}”" if self.value else ""
        return f"line {self.line}: {self.column}{value} {self.what}".replace(":  ", ": ")


@dataclass(frozen=True)
class Parsed(Generic[Row]):
    """The lines of a file that can be read, and what is wrong with the others."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import did; with any problem it did nothing."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        if self.problems:
            return "\n".join(["Nothing was imported:", *(f"  {problem}" for problem in self.problems)])
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


@dataclass
class Line:
    """One line of a file and the problems found in it."""

    number: int
    values: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")

    def wrong(self, column: str, what: str) -> None:
        """Note that a value cannot be used."""
        self.problems.append(Problem(self.number, column, self[column][:80], what))

    def matching(self, column: str, pattern: re.Pattern[str], what: str, *, required: bool = False) -> str | None:
        """Return the value if it has the form; empty is None unless it is required."""
        value = self[column]
        if not value and not required:
            return None
        if not pattern.fullmatch(value):
            self.wrong(column, what if value else "is missing")
        return value

    def text(self, column: str, limit: int, *, required: bool = False) -> str:
        """Return the value if it is no longer than the limit."""
        if required and not self[column]:
            self.wrong(column, "is missing")
        if len(self[column]) > limit:
            self.wrong(column, f"is longer than {limit} characters")
        return self[column]

    def email(self, column: str, *, required: bool = False) -> str | None:
        """Return an e-mail address in small letters."""
        value = self.matching(column, EMAIL, "is not an e-mail address", required=required)
        return value.lower() if value else None


def minutes_of(text: str, most_hours: int) -> int | None:
    """Return hours as typed ("37.5", "37,5") in whole minutes; None for what is no number from 0 to `most_hours`."""
    hours = number_of(text)
    return round(hours * 60) if hours is not None and 0 <= hours <= most_hours else None


def csv_lines(text: str, columns: Sequence[str], required: Sequence[str]) -> tuple[list[Line], list[Problem]]:
    """Return the lines by column; without the required columns, or when it is no CSV at all, there are none."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None))
    try:
        rows = [(reader.line_num, values) for values in reader]
    except csv.Error as error:
        return [], [Problem(reader.line_num, "", "", f"cannot be read as CSV: {error}")]
    return lines_of(rows, columns, required)


def lines_of(
    rows: Sequence[NumberedRow], columns: Sequence[str], required: Sequence[str]
) -> tuple[list[Line], list[Problem]]:
    """Return the lines by column; the first row is the header, empty ones are left out."""
    header = [name.strip().lower() for name in rows[0][1]] if rows else []
    unknown = [name for name in header if name not in columns]
    missing = [name for name in required if name not in header]
    problems = [Problem(1, name[:80], "", "is no column that can be imported") for name in unknown]
    problems += [Problem(1, name[:80], "", "is there twice") for name, count in Counter(header).items() if count > 1]
    problems += [Problem(1, name, "", "is missing: add a column of that name") for name in missing]
    if problems:
        return [], problems
    stripped = [(number, [value.strip() for value in values]) for number, values in rows[1:]]
    lines = [_line(number, header, values) for number, values in stripped if any(values)]
    return lines, [] if lines else [Problem(2, "", "", "the file has no lines below its header")]


def _line(number: int, header: Sequence[str], values: Sequence[str]) -> Line:
    line = Line(number, dict(zip(header, values, strict=False)))
    if len(values) != len(header):
        what = f"has {len(values)} values and the header names {len(header)}"
        line.problems.append(Problem(number, "", "", what))
    return line


def duplicates(lines: Iterable[Line], column: str) -> list[Problem]:
    """Return a problem for each line whose value of `column` stands in an earlier line, in whatever case."""
    first: dict[str, int] = {}
    problems = []
    for line in lines:
        value = line[column].lower()
        if value and first.setdefault(value, line.number) != line.number:
            problems.append(Problem(line.number, column, line[column], f"is in line {first[value]} already"))
    return problems


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems by line and column."""
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
