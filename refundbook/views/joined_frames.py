"""DataFrames of several workbooks as one, and the three pillars of a workbook as one: always with the same dtypes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized

import numpy as np
import pandas as pd

from refundbook.base.own_columns import kind_of_values
from refundbook.base.schema import (
    BOOK,
    CASES,
    COMMUNICATIONS,
    RESOLUTIONS,
    SHEETS,
    TRACKER_HEADERS,
    Column,
    Kind,
    Sheet,
)
from refundbook.base.values import to_text
from refundbook.record.tracker import TrackerRow
from refundbook.views.frames import column_series, tracker_of_rows, with_amounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_NUMBER = CASES["number"].header


def together(parts: Mapping[str, pd.DataFrame], sheet: Sheet, amounts: str) -> pd.DataFrame:
    """One pillar of several workbooks, given by name: indexed by Book and Case Number, its columns in the schema's
    order, then people's own.

    The dtypes are those of one workbook, whatever stands there, also where no workbook has a row. An own column is a
    number (`Float64`) or a date (`datetime64[s]`) where all of its values are, and else a text. Raises UsageError as
    `with_amounts` does.
    """
    ours = [column for column in sheet.columns if column is not sheet["number"]]
    data = {column.header: _one_column(parts.values(), column) for column in ours}
    headers = dict.fromkeys(header for part in parts.values() for header in part.columns if header not in data)
    for header in headers:
        data[header] = own_series(
            _all(part[header] if header in part else [None] * len(part) for part in parts.values())
        )
    numbers = _all(part.index for part in parts.values())
    return with_amounts(pd.DataFrame(data).set_axis(_index(parts, numbers, _NUMBER)), sheet, amounts)


def trackers(parts: Mapping[str, Sequence[TrackerRow]]) -> pd.DataFrame:
    """The Trackers of several workbooks as one, given by name: indexed by Book and the first of its columns, in the
    dtypes of one.
    """
    frame = tracker_of_rows(_all(parts.values()))
    return frame.set_axis(_index(parts, frame.index, TRACKER_HEADERS[0]))


def _index(parts: Mapping[str, Sized], numbers: Iterable[Any], header: str) -> pd.MultiIndex:
    books = [book for book, part in parts.items() for _ in range(len(part))]
    return pd.MultiIndex.from_arrays(
        [pd.Series(books, dtype="string"), pd.Series(list(numbers), dtype="string")], names=[BOOK, header]
    )


def _one_column(parts: Iterable[pd.DataFrame], column: Column) -> pd.Series[Any]:
    pieces = [part[column.header] for part in parts if len(part)]
    return pd.concat(pieces, ignore_index=True) if pieces else column_series(column, [])


def _all(pieces: Iterable[Iterable[Any]]) -> list[Any]:
    return [value for piece in pieces for value in piece]


def own_kind(values: Iterable[object]) -> Kind:
    """What a column of people's own holds in all workbooks, by its values: NUMBER, MOMENT (or a day) or TEXT."""
    found = kind_of_values(_plain(value) for value in values)
    return Kind.MOMENT if found in (Kind.DATE, Kind.MOMENT) else found or Kind.TEXT


def _plain(value: Any) -> object:
    """A value as a cell gives it; None for any blank of pandas."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def own_series(values: Sequence[object]) -> pd.Series[Any]:
    """A column of people's own in the dtype of its kind."""
    plain: list[Any] = list(map(_plain, values))
    kind = own_kind(plain)
    if kind is Kind.MOMENT:
        return column_series(COMMUNICATIONS["date"], plain)
    if kind is Kind.NUMBER:
        return pd.Series([None if value is None else float(value) for value in plain], dtype="Float64")
    return pd.Series([None if value is None else to_text(value) for value in plain], dtype="string")


def with_places(cases: pd.DataFrame, keys: Sequence[str], cells: Sequence[str]) -> pd.DataFrame:
    """Cases with their numbers in canonical form and their cells on the sheet, in two columns before all others."""
    placed = cases.copy()
    placed.insert(0, "Compared As", pd.Series(keys, dtype="string", index=placed.index))
    placed.insert(1, "Cell", pd.Series(cells, dtype="string", index=placed.index))
    return placed


def joined_frame(cases: pd.DataFrame, communications: pd.DataFrame, resolutions: pd.DataFrame) -> pd.DataFrame:
    """The three pillars as one table: a row a message, with its case and the case's newest resolution; a case without
    messages has one row. Indexed as they are.

    A header that two of them have says whose it is: `Currency (Cases)`, `Currency (Resolutions)`.
    """
    frames = dict(zip((sheet.name for sheet in SHEETS), (cases, communications, resolutions), strict=True))
    named = {name: frame.rename(columns=_whose(name, frames)) for name, frame in frames.items()}
    newest = named[RESOLUTIONS.name].groupby(level=list(range(cases.index.nlevels)), sort=False).tail(1)
    return named[CASES.name].join(named[COMMUNICATIONS.name], how="left").join(newest, how="left")


def _whose(name: str, frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    others = {header for other, frame in frames.items() if other != name for header in frame.columns}
    return {header: f"{header} ({name})" for header in frames[name].columns if header in others}
