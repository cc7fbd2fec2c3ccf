"""The workbook as DataFrames. The only module, with `Report.to_frame`, that imports pandas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pandas as pd

from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.own_columns import kind_of_values
from refundbook.base.schema import CASES, SHEETS, TRACKER_HEADERS, Column, Kind, Sheet
from refundbook.base.text import quoted
from refundbook.record.records import Log, Records
from refundbook.record.tracker import TrackerRow, tracker_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_INDEX = CASES["number"].header


AMOUNTS = ("decimal", "float", "arrow")
"""How a DataFrame may hold amounts: as Decimal objects, as floats, or as Arrow's `decimal128(19, 4)`."""
ARROW_AMOUNT = (19, 4)
"""The digits of an amount, and those of them behind the point, in Arrow (and in what is exported)."""


def log_frame(log: Log) -> pd.DataFrame:
    """One pillar as a DataFrame indexed by case number, its columns in the schema's order, then people's own.

    Texts are `string`, so that `007` stays `007`; dates `datetime64[s]`, which reaches to the year 9999; closed lists
    `category`; entry numbers `Int64`; amounts `object` columns of Decimal, so that sums are exact. Blank is NA, NaT or
    None.
    """
    data = {column.header: column_series(column, log[column.name]) for column in log.sheet.columns}
    for header, values in log.extra.items():
        data.setdefault(header, _own_series(values))
    return pd.DataFrame(data).set_index(_INDEX)


def sheet_named(table: str) -> Sheet:
    """The sheet of a table such as `cases`. Raises UsageError where there is none."""
    for sheet in SHEETS:
        if sheet.name.casefold() == table.casefold():
            return sheet
    names = ", ".join(sheet.name.lower() for sheet in SHEETS)
    raise UsageError(f"There is no table {quoted(table)}: it must be one of {names}, joined.")


class Placed(NamedTuple):
    """One pillar as a DataFrame (see `log_frame`), and of each of its rows where on the sheet it stands and its case
    number in canonical form. Of resolutions, `places` has which one of its case each is, from 1, and the position of
    the one that it follows; None for a case's first.
    """

    frame: pd.DataFrame
    rows: tuple[int, ...]
    keys: tuple[str, ...]
    places: tuple[tuple[int, int | None], ...] = ()


def placed_frames(records: Records) -> dict[str, Placed]:
    """The pillars by sheet name, with what only export and what looks at several workbooks ask for."""
    placed = {log.sheet.name: Placed(log_frame(log), tuple(log.rows), tuple(log.keys)) for log in records.logs}
    ends = records.resolutions
    places: list[tuple[int, int | None]] = [(1, None)] * len(ends)
    for key in ends.by_case:
        for place, (earlier, at) in enumerate(pairwise(records.resolution_history(key)), 2):
            places[at] = (place, earlier)
    placed[ends.sheet.name] = placed[ends.sheet.name]._replace(places=tuple(places))
    return placed


def tracker_frame(records: Records) -> pd.DataFrame:
    """The Tracker's five columns, one row a case, indexed by the first, the case number; texts are `string`, the date
    opened `datetime64[s]`.
    """
    return tracker_of_rows(list(tracker_rows(records)))


def tracker_of_rows(rows: Sequence[TrackerRow]) -> pd.DataFrame:
    """The Tracker's rows as `tracker_frame` has them."""
    data = {
        header: _dates([row[at] for row in rows])
        if header == CASES["opened"].header
        else _texts([row[at] for row in rows])
        for at, header in enumerate(TRACKER_HEADERS)
    }
    return pd.DataFrame(data).set_index(TRACKER_HEADERS[0])


def column_series(column: Column, values: Sequence[object]) -> pd.Series[Any]:
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
    """A column of people's own, by what stands in it: numbers or texts where it holds nothing else."""
    if kind_of_values(values) is Kind.NUMBER:
        return pd.Series(values, dtype="float64")
    if {type(value) for value in values} - {type(None)} == {str}:
        return _texts(values)
    return pd.Series(values, dtype="object").infer_objects()


def with_amounts(frame: pd.DataFrame, sheet: Sheet, amounts: str) -> pd.DataFrame:
    """The DataFrame with its amounts as one of AMOUNTS. What stands there and is no amount is NA.

    Raises UsageError for another word, and for `arrow` without pyarrow.
    """
    if amounts not in AMOUNTS:
        raise UsageError(f"Amounts cannot be {quoted(amounts)}: it must be one of {', '.join(AMOUNTS)}.")
    if amounts == "decimal":
        return frame
    make = _floats if amounts == "float" else arrow_amounts
    money = [column.header for column in sheet.columns if column.kind is Kind.MONEY]
    return frame.assign(**{header: make(frame[header]) for header in money})


def _floats(values: pd.Series[Any]) -> pd.Series[Any]:
    numbers = [float(value) if isinstance(value, Decimal) else float("nan") for value in values]
    return pd.Series(numbers, dtype="float64", index=values.index)


def arrow_amounts(values: pd.Series[Any]) -> pd.Series[Any]:
    """A column of Decimal as Arrow's `decimal128(19, 4)`, which sums exactly. Amounts with more decimals are rounded
    half to even, and what does not fit is NA. Raises UsageError without pyarrow.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise UsageError(NEEDS_PYARROW) from error
    numbers = pa.array([arrow_amount(value) for value in values], pa.decimal128(*ARROW_AMOUNT))
    return pd.Series(pd.arrays.ArrowExtensionArray(numbers), index=values.index)


def has_pyarrow() -> bool:
    """Whether there is pyarrow."""
    return find_spec("pyarrow") is not None


NEEDS_PYARROW = 'Amounts in Arrow need pyarrow: pip install "refundbook[sql]".'
_UNIT = Decimal(1).scaleb(-ARROW_AMOUNT[1])
_BOUND = Decimal(10) ** (ARROW_AMOUNT[0] - ARROW_AMOUNT[1])


def arrow_amount(value: object) -> Decimal | None:
    """An amount with four decimals, as Arrow holds it; None for what is none or has more digits before the point."""
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value) >= _BOUND:
        return None
    return value.quantize(_UNIT)


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
