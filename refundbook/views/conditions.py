"""Conditions on cases, as people type them: `Seller=Shop Nine`, `Amount Requested>50`, `Agent~may`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from operator import eq, ge, gt, le, lt

from refundbook.base.amounts import read_number
from refundbook.base.date_reader import read_date
from refundbook.base.dates import day_of, has_time
from refundbook.base.errors import BadValue, UsageError
from refundbook.base.identifiers import canonical
from refundbook.base.schema import COMMUNICATIONS, Kind
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.case_columns import CaseColumn, case_column
from refundbook.record.records import Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


Condition = Callable[[int], bool]
"""Whether the case at a position in its log fits."""

_CONDITION = re.compile(r"\s*(.+?)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*", re.DOTALL)
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, ">": gt, "<=": le, ">=": ge}
_NUMBERS, _DATES = (Kind.NUMBER, Kind.MONEY, Kind.WHOLE), (Kind.DATE, Kind.MOMENT)
_MOMENT = COMMUNICATIONS["date"]


def condition(records: Records, text: str) -> Condition:
    """What a text such as `Seller=Shop Nine`, `Amount Requested>50` or `Agent~may` asks of a case. Of several messages
    one must fit; with `!=` none may.

    Texts are compared without upper and lower case, `~` looks for a part of one. Raises UsageError for a column that
    does not exist, and for what is no number or date where the column holds those.
    """
    parts = _CONDITION.fullmatch(text)
    if parts is None:
        raise UsageError(
            f'{quoted(text)} is no condition: write HEADER=VALUE, such as "Seller=Shop Nine"; '
            "instead of = there may be !=, <, >, <=, >= or ~ (has in it)."
        )
    name, sign, wanted = parts.groups()
    column = case_column(records, name)
    if not wanted and sign in ("=", "!="):
        return lambda case: bool(column.all_of(case)) == (sign == "!=")
    fits = _test(records, column, "=" if sign == "!=" else sign, wanted)
    if sign == "!=":
        return lambda case: not any(map(fits, column.all_of(case)))
    return lambda case: any(map(fits, column.all_of(case)))


def _test(records: Records, column: CaseColumn, sign: str, wanted: str) -> Callable[[object], bool]:
    if sign == "~":
        part = _fold(wanted)
        return lambda value: part in _fold(to_text(value))
    compare = _ORDERS[sign]
    if column.kind in _NUMBERS or column.kind in _DATES:
        read = _reader(records, column, wanted)
        bound = read(wanted)
        return lambda value: (found := read(value)) is not None and compare(found, bound)
    text = _fold(wanted)
    return lambda value: compare(_fold(to_text(value)), text)


def _reader(records: Records, column: CaseColumn, wanted: str) -> Callable[[object], Any]:
    """Reads numbers, or days; with the time of day where that is wanted."""
    try:
        if column.kind in _NUMBERS:
            read_number(column.header, wanted)
            return lambda value: read_number("", value)
        moment = read_date(_MOMENT, wanted, records.clock)
    except BadValue as error:
        raise UsageError(str(error).replace(f"{_MOMENT.header} ", f"{column.header} ", 1)) from error

    def as_date(value: object) -> object:
        found = read_date(_MOMENT, value, records.clock) if isinstance(value, str) else value
        if not isinstance(found, date):
            return None
        return found if has_time(moment) and has_time(found) else day_of(found)

    return as_date


def _fold(text: str) -> str:
    return canonical(text, ())
