"""Reads a table that refundbook did not make: a sheet of a workbook, or a CSV file, as rows of values with their
addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from refundbook.base.a1 import column_letters, column_number
from refundbook.base.errors import RulesRefuse, UnreadableWorkbook, UsageError
from refundbook.base.headers import plain_header
from refundbook.base.text import is_blank, one_line, quoted
from refundbook.base.values import to_text
from refundbook.importing.csv_file import decoded, read_csv
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.reading.reader import Reader
from refundbook.xlsx.reading.shown_numbers import Shown, shown_otherwise

_HEADER_WITHIN = 50
_SHOWN_ABOVE = 3
_VALUE = re.compile(r"(?=.*\d)[\d\s.,:/+()%$€£¥TZ-]+|\S+@\S+")
"""A date, a number or an address: what stands in rows, and hardly in a header row."""
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a workbook begins: a ZIP archive, or the compound file that .xls and encrypted workbooks are."""

# A formula without a result beside it (ECMA-376 Part 1, 18.3.1.40 and 18.3.1.96). An empty one is a result where it is
# a text (t="str").
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=[\"']str[\"'])[^>]*\br=[\"']([A-Z]+)([0-9]+)[\"'][^>]*>\s*"
    rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)

IsHeader = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be read: where (`Sheet!C5`, or line and column), what stands there, what is wrong and what
    to do; the row of the sheet, or the line, that it is in (0 for none), and the place of its header (-1 for none).
    """

    where: str
    value: str
    message: str
    line: int = 0
    column: int = -1

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The rows of a foreign table that hold anything, each as long as `headers`; `""` is a blank cell.

    `rows[k]` stands in sheet row `lines[k]`, or begins on that line of a CSV file. `problems` are cells that hold no
    value that counts, `remarks` sentences about the table.
    """

    source: str
    sheet: str
    headers: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    lines: tuple[int, ...]
    first_column: int = 1
    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()
    date_1904: bool = False

    def where(self, row: int, column: int) -> str:
        """The address of a cell, by its place in `rows` and `headers`."""
        if self.sheet:
            return f"{self.sheet}!{column_letters(self.first_column + column)}{self.lines[row]}"
        return f"{self.source}, line {self.lines[row]}, column {column + 1} ({self.headers[column]})"

    def problem(self, row: int, column: int, message: str, value: str | None = None) -> Problem:
        """A problem with a cell, by its place in `rows` and `headers`; of `value`, or what stands there."""
        shown = to_text(self.rows[row][column]) if value is None else value
        return Problem(self.where(row, column), shown, message, self.lines[row])


def read_table(data: bytes, source: str, is_header: IsHeader, sheet: str | None = None) -> SourceTable:
    """The table whose header row has most cells that `is_header`; of a workbook with several such sheets, `sheet` names
    the one.

    Raises UsageError where there is no such sheet, or it has to be named; UnreadableWorkbook for a damaged workbook;
    UsageError for a file that is neither a workbook nor CSV in UTF-8 or UTF-16.
    """
    if not data.startswith(_ARCHIVES):
        if sheet is not None:
            raise UsageError(f"{source} is not a workbook, so it has no sheet {quoted(sheet)}: leave out --sheet.")
        return _without_repeats(_from_csv(decoded(data, source, or_workbook=True), source, is_header))
    try:
        return _without_repeats(_from_workbook(Reader(data), source, is_header, sheet))
    except UnreadableWorkbook as error:
        raise UnreadableWorkbook(f"{source} cannot be read. {error}") from error


# Where the headers are


def _header_row(rows: Sequence[Sequence[object]], is_header: IsHeader) -> int:
    """The row that is likest a header row: the first that has most headers, not counted those beside as many values;
    where none has any, the first of texts alone that is not much shorter than the others, as titles are.
    """
    beginning = rows[:_HEADER_WITHIN]
    scores = [_likeness(row, is_header) for row in beginning]
    if max(scores, default=0) > 0:
        return scores.index(max(scores))
    counts = [len(_filled(row)) for row in beginning]
    wide = [k for k, count in enumerate(counts) if count > 1]
    texts = [k for k in wide if not _values(beginning[k]) and 2 * counts[k] >= max(counts)]
    return next(iter([*texts, *wide]), 0)


def _likeness(row: Sequence[object], is_header: IsHeader) -> int:
    texts = set(_texts(row))
    return sum(map(is_header, texts)) - sum(not (isinstance(v, str) and is_header(v.strip())) for v in _values(row))


def _texts(row: Sequence[object]) -> list[str]:
    return [value.strip() for value in row if isinstance(value, str) and value.strip()]


def _filled(row: Sequence[object]) -> list[object]:
    return [value for value in row if not is_blank(value)]


def _values(row: Sequence[object]) -> list[object]:
    """The cells of a row that hold a number, a date or an address."""
    return [v for v in _filled(row) if not isinstance(v, str) or _VALUE.fullmatch(v.strip())]


def _above(rows: Iterable[Sequence[object]], source: str) -> tuple[str, ...]:
    """What to say of rows above the headers: titles, as a rule."""
    said = [quoted(one_line(", ".join(map(to_text, filled)))) for row in rows if (filled := _filled(row))]
    if not said:
        return ()
    more = f" and {len(said) - _SHOWN_ABOVE} rows more" if len(said) > _SHOWN_ABOVE else ""
    return (f"Above the headers of {source} stands what was not taken: {', '.join(said[:_SHOWN_ABOVE])}{more}.",)


def _without_repeats(table: SourceTable) -> SourceTable:
    """A table without the rows that repeat its headers, as where files were put together."""
    headers = {k: header for k, header in enumerate(table.headers) if header}
    kept = [k for k, row in enumerate(table.rows) if len(headers) < 2 or not _repeats(row, headers)]
    if len(kept) == len(table.rows):
        return table
    left_out = sorted({*table.lines} - {table.lines[k] for k in kept})
    return replace(
        table,
        rows=tuple(table.rows[k] for k in kept),
        lines=tuple(table.lines[k] for k in kept),
        remarks=(*table.remarks, f"Row {', '.join(map(str, left_out))} repeats the headers and was not taken."),
    )


def _repeats(row: Sequence[object], headers: Mapping[int, str]) -> bool:
    return all(isinstance(value := row[k], str) and plain_header(value) == header for k, header in headers.items())


# Workbooks


def _from_workbook(reader: Reader, source: str, is_header: IsHeader, sheet: str | None) -> SourceTable:
    sheets = [entry for entry in reader.layout.sheets if entry.is_grid]
    if sheet is not None:
        sheets = [entry for entry in sheets if entry.name.casefold() == sheet.casefold()]
    names = ", ".join(entry.name for entry in reader.layout.sheets)
    if not sheets:
        raise UsageError(f"{source} has no sheet {quoted(sheet)}. Its sheets are: {names}.")
    scored = []
    for entry in sheets:
        rows = reader.values(entry)
        expected = set(_texts(rows[_header_row(rows, is_header)])) if rows else set()
        if expected:
            scored.append((sum(map(is_header, expected)), entry, expected))
    best = max((score for score, _, _ in scored), default=0)
    candidates = [(entry, expected) for score, entry, expected in scored if score == best]
    if not candidates:
        raise UsageError(f"{source} has nothing in it that could be a table with headers.")
    if len(candidates) > 1 and best:
        names = ", ".join(entry.name for entry, _ in candidates)
        raise UsageError(f"{source} has several sheets that could be meant: {names}. Name one with --sheet.")
    entry, expected = candidates[0]
    grid, xml = reader.grid(entry, expected), reader.package.read(entry.part)
    shown = shown_otherwise(reader.package, reader.layout, xml)
    table = _from_grid(_as_shown(grid, shown), xml, source)
    others = [one.name for _, one, _ in scored if one != entry]
    remarks = _above(reader.values(entry)[: grid.header_row - 1], source)
    if others:
        remarks += (f"Other sheets of {source} were not read: {', '.join(map(one_line, others))}. --sheet names one.",)
    return replace(table, date_1904=reader.layout.date_1904, remarks=remarks)


def _as_shown(grid: DataRange, shown: Iterable[tuple[int, int, Shown]]) -> DataRange:
    """A grid whose numbers know what their cells show of them, where that is something else, or more."""
    columns = list(map(list, grid.columns))
    for row, column, made_of in shown:
        k, at = row - grid.top, column - grid.first_column
        if 0 <= at < len(columns) and 0 <= k < len(columns[at]):
            value = columns[at][k]
            if isinstance(value, float) and (made := made_of(value)) is not None:
                columns[at][k] = made
    return grid._replace(columns=columns)


def _from_grid(grid: DataRange, xml: bytes, source: str) -> SourceTable:
    problems = [
        Problem(
            f"{grid.sheet}!{column_letters(column)}{row}",
            error,
            f"It holds the error {error}. Correct the formula.",
            row,
            column - grid.first_column,
        )
        for (row, column), error in sorted(grid.errors.items())
        if _is_inside(grid, row, column)
    ]
    for match in _UNCOMPUTED.finditer(xml):
        row, column = int(match[2]), column_number(match[1].decode())
        if _is_inside(grid, row, column):
            where = f"{grid.sheet}!{column_letters(column)}{row}"
            message = "Its formula was never computed. Open the file in Excel and save it."
            problems.append(Problem(where, "", message, row, column - grid.first_column))
    rows = list(zip(*grid.columns, strict=True))
    used = [k for k, row in enumerate(rows) if any(not is_blank(value) for value in row)]
    kept = tuple(rows[k] for k in used)
    return SourceTable(
        source,
        grid.sheet,
        _named(grid.headers, kept, grid.first_column),
        kept,
        tuple(grid.top + k for k in used),
        grid.first_column,
        tuple(problems),
    )


def _is_inside(grid: DataRange, row: int, column: int) -> bool:
    return grid.top <= row <= grid.last_row and 0 <= column - grid.first_column < len(grid.headers)


# CSV


def _from_csv(text: str, source: str, is_header: IsHeader) -> SourceTable:
    lines = list(read_csv(text, source))
    if not lines:
        raise UsageError(f"{source} is empty.")
    at = _header_row([line.cells for line in lines], is_header)
    headers = tuple(plain_header(cell) for cell in lines[at].cells)
    problems = []
    rows = []
    for number, cells in lines[at + 1 :]:
        if any(cell.strip() for cell in cells[len(headers) :]):
            message = (
                f"It has {len(cells)} cells, but the header row has {len(headers)}. Put quotation marks around a cell "
                "that has the delimiter in it."
            )
            problems.append(Problem(f"{source}, line {number}", "", message, number))
        rows.append(tuple((cells + [""] * len(headers))[: len(headers)]))
    named = _named(headers, rows, 1)
    numbers = tuple(number for number, _ in lines[at + 1 :])
    remarks = _above((line.cells for line in lines[:at]), source)
    return SourceTable(source, "", named, tuple(rows), numbers, 1, tuple(problems), remarks)


def _named(headers: Sequence[str], rows: Sequence[Sequence[object]], first: int) -> tuple[str, ...]:
    """The headers, with a name for each column that holds something and has none, or one that stands before it too."""
    named: list[str] = []
    for k, header in enumerate(headers):
        is_used = header or any(to_text(row[k]).strip() for row in rows)
        name = header or (f"Column {column_letters(first + k)}" if is_used else "")
        number = 2
        while name and name in named:
            name, number = f"{header} ({number})", number + 1
        named.append(name)
    return tuple(named)


class ImportRefused(RulesRefuse):
    """Another tracker was not taken over, nothing of it. `problems` says what cannot be read, or what the rules refuse,
    with its cell.
    """

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        count = f"{len(problems)} cell{'s' if len(problems) > 1 else ''}"
        super().__init__(
            *map(str, problems), f"Nothing was imported from {source}: {count} to correct. Correct and import again."
        )
