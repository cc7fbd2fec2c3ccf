"""Slips in dates: what may have been done to a date that is not where it should be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from refundbook.base.dates import date_or_none, day_of

DATE_SYSTEM_GAP = timedelta(days=1462)
"""How far a date moves when a workbook of the 1904 date system is read as one of the 1900 system (ECMA-376 part 1,
18.17.4.1).
"""


def explain_date(wrong: date, earliest: date | None, latest: date | None, *, by_date_system: bool = False) -> str:
    """A sentence on the slip that may have made `wrong` of a date from `earliest` to `latest` (by day; None: no bound),
    or `""`.

    Looked for, in this order: day and month swapped, the wrong century, a year too early or too late, the gap between
    Excel's two date systems; with `by_date_system` only that.
    """
    day = day_of(wrong)
    low, high = day_of(earliest or date.min), day_of(latest or date.max)
    if low <= day <= high:
        return ""
    for what, candidate in _other_date_system(day) if by_date_system else _slips(day):
        if candidate and low <= candidate <= high:
            return f"{what} it would be {candidate}, which fits."
    return ""


def _slips(day: date) -> Iterator[tuple[str, date | None]]:
    yield "With day and month swapped", date_or_none(day.year, day.day, day.month)
    for year in (2000 + day.year % 100, day.year + 1, day.year - 1):
        yield f"With the year {year}", date_or_none(year, day.month, day.day)
    yield from _other_date_system(day)


def _other_date_system(day: date) -> Iterator[tuple[str, date]]:
    for days in (DATE_SYSTEM_GAP.days, -DATE_SYSTEM_GAP.days):
        moved = day.toordinal() + days
        if 1 <= moved <= date.max.toordinal():
            yield (
                "Moved by 1,462 days, from one of Excel's date systems (1900 and 1904) to the other,",
                date.fromordinal(moved),
            )
