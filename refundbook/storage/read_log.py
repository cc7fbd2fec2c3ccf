"""A pillar's sheet as a log: the rows that hold anything, and each cell as what its column is for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from refundbook.base.a1 import column_letters, column_number
from refundbook.base.mangled import what_it_stands_as
from refundbook.base.schema import Kind, Sheet
from refundbook.base.settings import Issuer
from refundbook.record.records import LeftOut, Log
from refundbook.storage.typed_values import own_values, typed
from refundbook.xlsx.reading.data_range import DataRange


def read_log(
    sheet: Sheet,
    grid: DataRange,
    issuers: tuple[Issuer, ...],
    known_keys: dict[object, str] | None = None,
    left_out: Mapping[int, LeftOut] = MappingProxyType({}),
) -> Log:
    """The rows of `grid` that hold anything in a column of `sheet`. Every column that is not optional must be among the
    grid's headers.

    `known_keys` are canonical forms by case number, to which those here are added: logs of one workbook share them. The
    rows `left_out` are not among the entries.
    """
    at_header = {header: at for at, header in enumerate(grid.headers)}
    place = {column.name: at_header[column.header] for column in sheet.columns if column.header in at_header}
    letters = {name: column_letters(grid.first_column + at) for name, at in place.items()}
    log = Log(sheet, issuers, letters, uncovered=grid.uncovered)
    log.access = grid.access
    log.beside = grid.beside
    kept = _rows_in_use({grid.first_column + at: grid.columns[at] for at in place.values()}, grid)
    if grid.joined:
        kept = [k for k in kept if grid.top + k not in left_out]
        log.joined = tuple(row for row in grid.joined_rows if row not in left_out)
        log.left_out = left_out
    log.rows = [grid.top + k for k in kept]
    raw = [cells if len(cells) == len(kept) else [cells[k] for k in kept] for cells in grid.columns]
    for column in sheet.columns:
        at = place.get(column.name)
        log.columns[column.name] = [None] * len(kept) if at is None else typed(column, raw[at])
    _note_own_columns(log, grid, raw, frozenset(place.values()))
    _note_cells(log, grid, {grid.first_column + at: name for name, at in place.items()})
    _note_own_formulas(log, grid)
    _note_numbers(log, {name: raw[at] for name, at in place.items()})
    log.find_keys({} if known_keys is None else known_keys)
    return log


def _rows_in_use(columns: Mapping[int, Sequence[object]], grid: DataRange) -> list[int]:
    """The rows (from 0) that hold anything in one of the columns (by number on the sheet). Once few are left, only
    those are looked at.
    """
    left: Sequence[int] = range(len(grid.columns[0]))
    used = {row - grid.top for row, column in grid.errors if column in columns and row - grid.top in left}
    for column in columns.values():
        blank = [k for k in left if (value := column[k]) == "" or (value.__class__ is str and value.isspace())]
        if len(blank) != len(left):
            used.update(left if not blank else set(left).difference(blank))
            left = blank
    return sorted(used)


def _note_own_columns(log: Log, grid: DataRange, raw: Sequence[Sequence[object]], ours: frozenset[int]) -> None:
    """The columns that people put beside ours. `raw` are the values of all, as they stand in the cells."""
    for at, header in enumerate(grid.headers):
        if at not in ours and header:
            log.extra[header] = own_values(raw[at])
            log.own_letters[header] = column_letters(grid.first_column + at)


def _note_own_formulas(log: Log, grid: DataRange) -> None:
    if not (grid.formulas and log.own_letters):
        return
    position = {row: i for i, row in enumerate(log.rows)}
    header_of = {column_number(letters): header for header, letters in log.own_letters.items()}
    log.own_formulas = {
        (position[row], header_of[column]) for row, column in grid.formulas if row in position and column in header_of
    }


def _note_cells(log: Log, grid: DataRange, name_of: Mapping[int, str]) -> None:
    """Which cells hold formulas and errors, and which are merged. `name_of` are our columns by their number on the
    sheet.
    """
    position = {row: i for i, row in enumerate(log.rows)} if grid.formulas or grid.errors else {}
    for row, column in grid.formulas:
        if row in position and column in name_of:
            log.formulas.add((position[row], name_of[column]))
    for (row, column), error in grid.errors.items():
        if row in position and column in name_of:
            log.errors[position[row], name_of[column]] = error
    for cells in grid.merged:
        first = bisect_left(log.rows, cells.top)
        names = [name_of[column] for column in range(cells.left, cells.right + 1) if column in name_of]
        if names and first < len(log.rows) and log.rows[first] <= cells.bottom:
            log.merged[first, names[0]] = str(cells)


def _note_numbers(log: Log, raw: Mapping[str, Sequence[object]]) -> None:
    """Which case numbers stand as numbers, and which texts the program turned into something else. `raw` are values as
    they stand in the cells.
    """
    numbers = raw["number"]
    if set(map(type, numbers)) != {str}:
        log.numeric = {i for i, n in enumerate(numbers) if isinstance(n, (int, float)) and not isinstance(n, bool)}
    for column in log.sheet.columns:
        if column.kind is Kind.IDENTIFIER and set(map(type, values := raw.get(column.name, ()))) - {str}:
            log.turned.update(((i, column.name), value) for i, value in enumerate(values) if what_it_stands_as(value))
