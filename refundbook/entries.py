"""From what the shell, a file or Python hands over to the values of a new entry: names, values, and what refundbook fills in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from refundbook.errors import BadValue, UsageError
from refundbook.findings import Finding, Severity
from refundbook.records import Log, Records
from refundbook.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Column, Kind, Sheet
from refundbook.values import Clock, Read, canonical, issuer_of, normal, read, reader, to_text

_REFERENCES = (CASES["related"], COMMUNICATIONS["number"], RESOLUTIONS["number"])
"""The columns that name a case which stands elsewhere."""

_CODES = {Kind.DATE: "RB102", Kind.MOMENT: "RB102", Kind.MONEY: "RB103", Kind.WHOLE: "RB106"}


class Draft(NamedTuple):
    """A new entry before the rules have seen it: its values by column name, and a finding for each that could not be read."""

    sheet: Sheet
    values: dict[str, object]
    unreadable: dict[str, str]


def column_named(sheet: Sheet, name: str) -> Column:
    """The column that a header, a parameter or an option names. Raises UsageError, with the nearest one, where there is none."""
    known = _known(sheet)
    column = known.get(_folded(name))
    if column is None:
        from difflib import get_close_matches

        near = get_close_matches(_folded(name), known, 1)
        hint = f"Did you mean {known[near[0]].header!r}? " if near else ""
        headers = ", ".join(column.header for column in sheet.columns)
        raise UsageError(f"{sheet.name} has no column {name!r}. {hint}Its columns are: {headers}.")
    return column


class _Field(NamedTuple):
    """A column of an entry, how it is read, and whether it holds the number of a case that is entered."""

    column: Column
    read: Read
    is_reference: bool


@lru_cache(maxsize=256)
def _field(column: Column, clock: Clock) -> _Field:
    return _Field(column, reader(column, clock), column in _REFERENCES)


@lru_cache(maxsize=64)
def _given(sheet: Sheet, names: tuple[str, ...], clock: Clock) -> list[tuple[str, _Field]]:
    """The columns that names stand for, those first that others count from, as the message's date for a due date such as "48 hrs"."""
    found: dict[str, tuple[str, _Field]] = {}
    for name in names:
        column = column_named(sheet, name)
        if column.name in found:
            raise UsageError(f"{sheet.name}: {column.header!r} is given twice.")
        found[column.name] = name, _field(column, clock)
    in_order = [found[column.name] for column in sheet.columns if column.name in found]
    return sorted(in_order, key=lambda given: bool(given[1].column.counts_from))


@cache
def _blank(sheet: Sheet) -> dict[str, object]:
    return dict.fromkeys(column.name for column in sheet.columns)


@cache
def _filled(sheet: Sheet) -> list[str]:
    return [column.name for column in sheet.columns if column.filled]


@cache
def _known(sheet: Sheet) -> dict[str, Column]:
    return {spelling: column for column in sheet.columns for spelling in _spellings(column)}


def _spellings(column: Column) -> tuple[str, ...]:
    return _folded(column.header), _folded(column.name)


@lru_cache(maxsize=1024)
def _folded(name: str) -> str:
    return name.strip().casefold().replace("_", " ").replace("-", " ").strip()


def draft(records: Records, sheet: Sheet, given: Mapping[str, object]) -> Draft:
    """Read what was given for a new entry of `sheet` (by header, parameter or option name).

    Raises UsageError for a name that is no column, or that is given twice.
    """
    given = dict(given.items())  # a row of a DataFrame gives its values where it is gone through
    values = _blank(sheet).copy()
    unreadable: dict[str, str] = {}
    for name, field in _given(sheet, tuple(given), records.clock):
        column, value = field.column, given[name]
        if column.counts_from in unreadable:
            continue
        try:
            values[column.name] = _read(records, field, None if _is_missing(value) else value, values)
        except BadValue as error:
            unreadable[column.name] = str(error)
    return Draft(sheet, values, unreadable)


def keys_named(records: Records, sheet: Sheet, given: Mapping[str, object]) -> set[str]:
    """The cases that are named by what was given for an entry, as far as it is text."""
    columns = ((column_named(sheet, name), value) for name, value in given.items())
    named = (column.name for column in (sheet["number"], *_REFERENCES) if column in sheet.columns)
    wanted = frozenset(named)
    return {
        canonical(value, records.settings.issuers)
        for column, value in columns
        if column.name in wanted and isinstance(value, str)
    }


def _is_missing(value: object) -> bool:
    """Whether a value is how pandas marks a blank cell (NaN, NaT, NA), so that rows of a DataFrame can be entered as they are."""
    if isinstance(value, str):
        return False
    return type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def read_value(records: Records, column: Column, value: object, others: Mapping[str, object]) -> object:
    """One value for `column` of an entry whose `others` are known. Raises BadValue."""
    return _read(records, _field(column, records.clock), value, others)


def _read(records: Records, field: _Field, value: object, others: Mapping[str, object]) -> object:
    start = others.get(field.column.counts_from)
    found = field.read(value, start if isinstance(start, date) else None)
    return _as_on_cases(records, found) if field.is_reference and isinstance(found, str) else found


def _as_on_cases(records: Records, number: str) -> str:
    """Excel's formulas compare case numbers as they are written, so a number is written as it stands on the Cases sheet once that is saved."""
    case = records.case(records.key_of(number))
    return number if case is None else normal(to_text(records.cases["number"][case]))


def fill(records: Records, entry: Draft, user: str, entry_number: int) -> None:
    """Put in what refundbook knows itself, where nothing was given."""
    for name in _filled(entry.sheet):
        if entry.values.get(name) is None and name not in entry.unreadable:
            entry.values[name] = _filled_in(name, records, entry, user, entry_number)


def _filled_in(name: str, records: Records, entry: Draft, user: str, entry_number: int) -> object:
    match name:
        case "entry":
            return entry_number
        case "direction":
            return "Received"
        case "issuer":
            number = entry.values.get("number")
            return issuer_of(number, records.settings.issuers) if isinstance(number, str) else None
        case "logged_at":
            return _logged_at(records.clock)
        case "logged_by":
            return user if user.strip() else None
    raise KeyError(name)


@lru_cache(maxsize=1)
def _logged_at(clock: Clock) -> object:
    return read(COMMUNICATIONS["logged_at"], clock.now, clock)


def next_entry(log: Log) -> int:
    """The number after the greatest entry number in use."""
    return max((entry for entry in log["entry"] if type(entry) is int), default=0) + 1


def unreadable_findings(log: Log, position: int, entry: Draft) -> list[Finding]:
    """The values that could not be read, as findings at the cells that they were meant for."""
    return [unreadable_finding(log, position, name, message) for name, message in entry.unreadable.items()]


def unreadable_finding(log: Log, position: int, name: str, message: str) -> Finding:
    """A value that could not be read, as a finding at the cell that it was meant for."""
    code = _code(log.sheet[name])
    return Finding(code, Severity.ERROR, log.sheet.name, log.address(position, name), "", message)


def _code(column: Column) -> str:
    return "RB105" if column.choices else _CODES.get(column.kind, "RB107")
