"""Rows of totals below somebody else's table, which are no cases and no messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from refundbook.base.text import is_blank
from refundbook.importing.column_cells import is_date
from refundbook.importing.column_map import NUMBER, ImportMap
from refundbook.importing.source_table import SourceTable

_TOTAL = re.compile(
    r"(?i)\s*(?:(?:grand|sub|over ?all)[ -]?)?(?:totals?|sums?|summe|gesamt(?:summe)?|average|count|sous-total|suma|"
    r"totale|\u5408\u8ba1|\u603b\u8ba1)\b.*"
)
_ALONE = re.compile(r"(?i)[\s\d.,:()%$€£¥]*(?:(?:grand|sub|over ?all)[ -]?)?(?:totals?|sums?|summe)[\s\d.,:()%$€£¥]*")
_FIGURES = re.compile(r"(?=.*\d)[\s\d.,()%$€£¥-]+")


def without_totals(table: SourceTable, found: ImportMap) -> SourceTable:
    """A table without the rows of totals at its end, which have no number; with a remark for each."""
    at = _number_at(table, found)
    end = len(table.rows)
    while end and _is_total(table.rows[end - 1], at):
        end -= 1
    if end == len(table.rows):
        return table
    said = [f"Row {line} is a row of totals and was not taken." for line in table.lines[end:]]
    return replace(table, rows=table.rows[:end], lines=table.lines[:end], remarks=(*table.remarks, *said))


def _number_at(table: SourceTable, found: ImportMap) -> int | None:
    """The place of the column that holds the numbers of cases; None where none is known to."""
    numbered = (header for header, targets in found.places() if any(t.name == NUMBER.name for t in targets))
    header = next(numbered, None)
    return None if header is None else table.headers.index(header)


def _is_total(row: Sequence[object], number_at: int | None) -> bool:
    """Whether a row says that it is one of totals and has no number, or has nothing but figures and none."""
    if number_at is None:
        filled = [value for value in row if not is_blank(value)]
        return 2 * len(filled) <= len(row) and any(isinstance(v, str) and _ALONE.fullmatch(v) for v in filled)
    number = row[number_at]
    if isinstance(number, str) and _TOTAL.fullmatch(number):
        return True
    others = [value for value in row if not is_blank(value)]
    says_so = any(isinstance(value, str) and _TOTAL.fullmatch(value) for value in others)
    return is_blank(number) and (says_so or (bool(others) and all(map(_is_figure, others))))


def _is_figure(value: object) -> bool:
    if isinstance(value, str):
        return _FIGURES.fullmatch(value) is not None and not is_date(value)
    return isinstance(value, (int, float))
