"""The values of a column's cells as what the column is for: texts, dates, amounts, whole numbers; anything else stays
what it is, for the rules to find.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal

from refundbook.base.schema import Column, Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def typed(column: Column, values: Sequence[object]) -> list[object]:
    """The values of a column as what the column is for. Where values repeat, each is looked at once."""
    if column.kind is Kind.WHOLE and (numbers := _whole_numbers(values)) is not None:
        return numbers
    distinct: set[Any] = set(values)
    kinds = set(map(type, distinct))
    if column.is_text and kinds <= {str} and not any(map(str.isspace, distinct)):
        return [value or None for value in values] if "" in distinct else list(values)
    convert = _text if column.is_text else {Kind.MONEY: _money, Kind.WHOLE: _whole}.get(column.kind, _moment)
    if kinds & {bool, float} and bool in set(map(type, values)):
        # A truth value is equal to a number, and yet something else.
        return [convert(value) for value in values]
    typed = {value: convert(value) for value in distinct}
    return list(map(typed.__getitem__, values))


def own_values(values: Sequence[object]) -> list[object]:
    """The values of a column of people's own: as they stand in the cells, days and moments as ours."""
    return [None if value == "" else _moment(value) if isinstance(value, datetime) else value for value in values]


def _moment(value: object) -> object:
    """To the second: a serial number holds a time of day to about a microsecond only."""
    if isinstance(value, datetime):
        if value.microsecond:
            half = timedelta(microseconds=500_000)
            value = (value + half if value < datetime.max - half else value).replace(microsecond=0)
        return value if value.hour or value.minute or value.second else value.date()
    return _none_if_blank(value)


def _money(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(f"{value:.15g}")
    return _none_if_blank(value)


def _whole_numbers(values: Sequence[Any]) -> list[object] | None:
    """What `_whole` makes of each, where all of them are whole numbers, as entry numbers are: hardly one of them stands
    twice.
    """
    if set(map(type, values)) != {float}:
        return None
    return list(map(int, values)) if all(map(float.is_integer, values)) else None


def _whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _none_if_blank(value)


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return f"{value:.15g}" if abs(value) < 1e15 else str(int(value))
    if isinstance(value, (date, time_of_day)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return _none_if_blank(value)


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value
