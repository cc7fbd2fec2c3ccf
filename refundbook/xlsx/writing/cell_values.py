"""Python's values as a cell can hold them (ECMA-376 Part 1, 18.18.11 ST_CellType), or a sentence on why it cannot."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from refundbook.base.a1 import MAX_TEXT
from refundbook.base.errors import BadValue
from refundbook.base.scalars import plain
from refundbook.base.text import quoted, visible
from refundbook.xlsx.writing.cell_xml import Truth

CellValue = str | int | float | Decimal | Truth | date | None
"""A date may be a date with a time."""

_MAX_DIGITS = 15
"""Excel computes with doubles, and keeps no digit more of what is entered (its specifications and limits)."""
_LARGEST = Decimal("9.99999999999999E+307")
_FIRST_DAY, _FIRST_DAY_1904 = date(1900, 3, 1), date(1904, 1, 1)
"""Before March 1900 programs disagree on which number is which day: for Excel there was a 29th of February."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no XML document can hold (XML 1.0, 2.2)."""


def cell_value(name: str, value: object, *, date_1904: bool = False) -> CellValue:
    """`value` for a cell of the column `name`: str, int, float, Decimal, bool, date, datetime or None, or what NumPy
    and pandas have for these.

    Raises BadValue for anything else, and for what a cell would not hold as it is.
    """
    value = plain(value)
    if value is None:
        return None
    if isinstance(value, bool):
        return Truth(value)
    if isinstance(value, str):
        return _text(name, value)
    if isinstance(value, int | float | Decimal):
        return _number(name, value)
    if isinstance(value, date):
        return _day(name, value, _FIRST_DAY_1904 if date_1904 else _FIRST_DAY)
    raise BadValue(
        f"{name} cannot be a {type(value).__name__}: a cell holds text, a number, True or False, a date, a date with "
        "a time, or nothing."
    )


def _text(name: str, value: str) -> str:
    length = len(value) + sum(c > "\uffff" for c in value)
    if length > MAX_TEXT:
        raise BadValue(f"{name} is {length:,} characters long, and a cell holds {MAX_TEXT:,}: shorten it, or split it.")
    found = _NO_XML.search(value)
    if found:
        raise BadValue(
            f"{name} {quoted(value)} holds the character {visible(found[0])}, which no workbook can hold: take it out."
        )
    return value


def _number(name: str, value: float | Decimal) -> float | Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(value)
    if not exact.is_finite() or abs(exact) > _LARGEST:
        raise BadValue(f"{name} {quoted(value)} is not a number that a cell can hold.")
    if not isinstance(value, float) and len(exact.normalize().as_tuple().digits) > _MAX_DIGITS:
        raise BadValue(
            f"{name} {quoted(value)} has more than {_MAX_DIGITS} digits, and Excel would lose the last ones: give it "
            "as text, or round it."
        )
    return value


def _day(name: str, value: date, first: date) -> date:
    if isinstance(value, datetime) and value.tzinfo is not None:
        raise BadValue(
            f"{name} {quoted(value)} has a time zone, and a cell has none: give the time on the wall, without it."
        )
    if (value.date() if isinstance(value, datetime) else value) < first:
        raise BadValue(f"{name} {quoted(value)} is before {first}, where this workbook's days begin: give it as text.")
    return value
