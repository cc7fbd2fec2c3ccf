"""What a cell of another table is for a column of ours, and, where it cannot be that, what to do in the cell."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

from refundbook.base.amounts import MAX_DIGITS
from refundbook.base.dates import EPOCH, EPOCH_1904, moment_text, serial_date
from refundbook.base.errors import BadValue
from refundbook.base.mangled import RETYPE, advice_on, what_it_stands_as
from refundbook.base.schema import Column, Kind
from refundbook.base.values import to_text
from refundbook.xlsx.reading.shown_numbers import ShownNumber


def cell_value(column: Column, raw: object, *, date_1904: bool = False) -> object:
    """A cell's value as `values.read` takes it: a workbook's numbers are floats, also where they stand for a number
    such as 789012.

    A number in the place of a text is what its cell shows. Raises BadValue where a workbook's cell holds another kind
    of value than the column.
    """
    if isinstance(raw, str):
        return raw
    if column.kind is Kind.IDENTIFIER:
        return _identifier(column, raw)
    if column.is_date:
        return _date(column, raw, date_1904=date_1904)
    if isinstance(raw, float) and column.kind is Kind.MONEY:
        return Decimal(f"{raw:.15g}")
    if column.is_text:
        return raw.text if isinstance(raw, ShownNumber) else to_text(raw)
    return int(raw) if isinstance(raw, float) and raw.is_integer() and abs(raw) < 10**MAX_DIGITS else raw


def _identifier(column: Column, raw: object) -> object:
    if what := what_it_stands_as(raw):
        shown = str(int(raw)) if type(raw) is float else to_text(raw)
        raise BadValue(f"{column.header} {shown} is {what}. {advice_on(raw)}")
    if isinstance(raw, ShownNumber):
        return raw.text
    if isinstance(raw, float) and not (raw.is_integer() and raw >= 0):
        raise BadValue(f"{column.header} {to_text(raw)} is a number with decimals or a sign. {RETYPE}")
    return int(raw) if isinstance(raw, float) else raw


def _date(column: Column, raw: object, *, date_1904: bool) -> object:
    if isinstance(raw, date):
        return raw
    shown = to_text(raw)
    if isinstance(raw, (time, timedelta)):
        what = "is a time without a day: type the day too, as 2023-10-26 14:30."
    elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
        meant = serial_date(float(raw), EPOCH_1904 if date_1904 else EPOCH)
        reading = (
            f": as a date it is {moment_text(meant)}. Give the cell a date format if that is the date" if meant else ""
        )
        what = f"is a number{reading}." if meant else "is a number, not a date: type the date, as 2023-10-26."
    else:
        what = "is not a date: type the date, as 2023-10-26."
    raise BadValue(f"{column.header} {shown} {what}")
