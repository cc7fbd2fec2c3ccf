"""People's own columns: how one is named and filled in, as a column of the schema is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import lru_cache

from refundbook.base.schema import Column, Kind, Sheet


@lru_cache(maxsize=1024)
def own_name(sheet: Sheet, header: str) -> str:
    """The name of a column of people's own: its header, with a blank behind it where a column of ours has that name.

    No header ends with a blank.
    """
    return f"{header} " if any(header == column.name for column in sheet.columns) else header


def header_of(sheet: Sheet, name: str) -> str:
    """The header of a column, ours or people's own, by its name."""
    return next((column.header for column in sheet.columns if column.name == name), name.rstrip(" "))


def own_column(sheet: Sheet, header: str, kind: Kind, choices: Collection[str] = ()) -> Column:
    """A column of people's own, as it is to be filled in."""
    return Column(own_name(sheet, header), header, kind, "", 0, choices=tuple(choices))


def kind_of_values(values: Iterable[object]) -> Kind | None:
    """What the cells of a column hold, where all that hold something hold the same: numbers, days, moments; else None.

    Where nothing says what a column is for, that does.
    """
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return None
    if kinds <= {int, float}:
        return Kind.NUMBER
    if kinds <= {date, datetime}:
        return Kind.MOMENT if datetime in kinds else Kind.DATE
    return None
