"""The workbook as DataFrames. The only module, with `Report.to_frame`, that imports pandas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from refundbook.base.own_columns import kind_of_values
from refundbook.base.schema import CASES, TRACKER_HEADERS, Column, Kind
from refundbook.record.records import Log, Records
from refundbook.record.tracker import tracker_rows

_INDEX = CASES["number"].header


def log_frame(log: Log) -> pd.DataFrame:
    """One pillar as a DataFrame indexed by case number, its columns in the schema's order, then people's own.

    Texts are `string`, so that `007` stays `007`; dates `datetime64[s]`, which reaches to the year 9999; closed lists
    `category`; entry numbers `Int64`; amounts `object` columns of Decimal, so that sums are exact. Blank is NA, NaT or
    None.
    """
    data = {column.header: _series(column, log[column.name]) for column in log.sheet.columns}
    for header, values in log.extra.items():
        data.setdefault(header, _own_series(values))
    return pd.DataFrame(data).set_index(_INDEX)


def tracker_frame(records: Records) -> pd.DataFrame:
    """The Tracker's five columns, one row a case, indexed by the first, the case number; texts are `string`, the date
    opened `datetime64[s]`.
    """
    rows = list(tracker_rows(records))
    data = {
        header: _dates([row[at] for row in rows])
        if header == CASES["opened"].header
        else _texts([row[at] for row in rows])
        for at, header in enumerate(TRACKER_HEADERS)
    }
    return pd.DataFrame(data).set_index(TRACKER_HEADERS[0])


def _series(column: Column, values: Sequence[object]) -> pd.Series[Any]:
    if column.is_date:
        return _dates(values)
    if column.kind is Kind.WHOLE:
        return pd.Series([value if isinstance(value, int) else None for value in values], dtype="Int64")
    if column.kind is Kind.MONEY:
        return pd.Series(values, dtype="object")
    if column.choices:
        return pd.Series(
            pd.Categorical(
                [value if value in column.choices else None for value in values], categories=list(column.choices)
            )
        )
    return _texts(values)


def _own_series(values: Sequence[Any]) -> pd.Series[Any]:
    """A column of people's own, by what stands in it: dates, numbers or texts where it holds nothing else."""
    if kind_of_values(values) in (Kind.DATE, Kind.MOMENT):
        return _dates(values)
    if kind_of_values(values) is Kind.NUMBER:
        return pd.Series(values, dtype="float64")
    if {type(value) for value in values} - {type(None)} == {str}:
        return _texts(values)
    return pd.Series(values, dtype="object").infer_objects()


def _dates(values: Sequence[object]) -> pd.Series[Any]:
    # Converting each distinct value once, and to a number, is ten times as fast as leaving it all to NumPy.
    seconds = {value: _seconds(value) for value in set(values)}
    counted = np.fromiter(map(seconds.__getitem__, values), np.int64, len(values))
    return pd.Series(counted.view("datetime64[s]"))


_NOT_A_TIME = int(np.datetime64("NaT").view(np.int64))
_EPOCH = date(1970, 1, 1).toordinal()


def _seconds(value: object) -> int:
    """A date or date-time as NumPy counts it, in seconds from 1970; anything else is no time."""
    if not isinstance(value, date):
        return _NOT_A_TIME
    time = value.hour * 3600 + value.minute * 60 + value.second if isinstance(value, datetime) else 0
    return (value.toordinal() - _EPOCH) * 86_400 + time


def _texts(values: Sequence[object]) -> pd.Series[Any]:
    return pd.Series(values, dtype="string")
