"""Rows of a log as the history holds them: a dict from header to value, the blank cells left out.

A value is as JSON has it: text, a number, true or false; a date is `{"date": "2023-10-26"}`, a formula, whose results
come and go without anybody's doing, `{"formula": true}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from refundbook.base.own_columns import own_name
from refundbook.base.schema import BY_PILLAR, Column, Kind
from refundbook.record.records import Log, Original

Plain = str | int | float | bool | Mapping[str, Any] | None
Row = Mapping[str, Plain]
"""The cells of a row that are not blank, by header: ours, and people's own."""

_OURS = {pillar: frozenset(column.header for column in sheet.columns) for pillar, sheet in BY_PILLAR.items()}
FORMULA: Mapping[str, Any] = {"formula": True}


def plain_value(value: object) -> Plain:
    """A value of a cell as JSON has it."""
    if value is None or isinstance(value, (str, bool)):
        return None if value == "" else value
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, datetime):
        value = value.replace(microsecond=0)
        return {"date": value.isoformat() if value.time() != value.min.time() else value.date().isoformat()}
    return {"date": value.isoformat()} if isinstance(value, date) else {"other": str(value)}


def _number(value: float | Decimal) -> int | float:
    """To the fifteen digits that a cell holds."""
    if isinstance(value, int):
        return value
    shortest = float(f"{value:.15g}")
    return int(shortest) if shortest.is_integer() and abs(shortest) < 1e15 else shortest


def is_formula(value: Plain) -> bool:
    """Whether a cell holds a formula."""
    return isinstance(value, Mapping) and "formula" in value


def value_of(column: Column, plain: Plain) -> object:
    """What `plain_value` made plain, as a value of the column: None, a str, a Decimal, an int, a date or a datetime.
    A formula, whose text the history does not hold, is None.
    """
    if isinstance(plain, Mapping):
        text = str(plain.get("date", plain.get("other", "")))
        if "date" in plain:
            return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        return text or None
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        return Decimal(str(plain)) if column.kind is Kind.MONEY else plain
    return plain


def row_at(log: Log, position: int) -> dict[str, Plain]:
    """The row of an entry as it is in memory."""
    row = {column.header: _ours(log, position, column.name) for column in log.sheet.columns}
    row.update((header, _own(log, position, header)) for header in log.extra)
    return {header: value for header, value in row.items() if value is not None}


def row_before(log: Log, position: int) -> dict[str, Plain]:
    """The row of an entry as it was before it was corrected in memory."""
    before = log.originals

    row = row_at(log, position)
    headers = {column.name: column.header for column in log.sheet.columns} if before else {}
    headers.update((own_name(log.sheet, header), header) for header in log.extra if before)
    for name, header in headers.items():
        if kept := before.get((position, name)):
            row[header] = _original(kept)
    return {header: value for header, value in row.items() if value is not None}


def _ours(log: Log, position: int, name: str) -> Plain:
    if (position, name) in log.formulas:
        return FORMULA
    error = log.errors.get((position, name))
    return plain_value(log.columns[name][position]) if error is None else {"error": error}


def _original(kept: Original) -> Plain:
    if kept.is_formula:
        return FORMULA
    return plain_value(kept.value) if kept.error is None else {"error": kept.error}


def _own(log: Log, position: int, header: str) -> Plain:
    value = log.extra[header][position]
    if (position, header) in log.own_formulas:
        return {**FORMULA, "is": value} if isinstance(value, bool) else FORMULA
    return plain_value(value)


def rows_before(log: Log, added: Sequence[int]) -> list[dict[str, Plain]]:
    """All rows of a log as they stand in the file: without those that were `added` in memory, and as they were before
    they were corrected.
    """
    new = frozenset(added)
    return [row_before(log, at) for at in range(len(log)) if at not in new]


def number_of(pillar: str, row: Row) -> str:
    """The case number in a row; `""` for none."""
    value = row.get(BY_PILLAR[pillar]["number"].header)
    return str(value) if isinstance(value, (str, int, float)) else ""


def is_own(pillar: str, header: str) -> bool:
    """Whether a column is none of refundbook's."""
    return header not in _OURS[pillar]
