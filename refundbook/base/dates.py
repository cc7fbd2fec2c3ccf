"""Days and moments: the years that a workbook holds, compared, and put into words. Midnight is no time of day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as time_of_day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard


FIRST_YEAR, LAST_YEAR = 1900, 9999
"""The years that Excel's dates can hold (ECMA-376 part 1, 18.17.4.1, the 1900 date system)."""

EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
"""Day 0 of serial dates from 1900-03-01 on, in the 1900 and in the 1904 date system (ECMA-376 part 1, 18.17.4.1)."""

FIRST_SERIAL, LAST_SERIAL = 36_526, 80_000
"""2000-01-01 and a day in 2119: numbers between them are hardly anything but dates without a date format."""

END_OF_DAY = time_of_day(23, 59, 59)

# Not calendar.month_name, which speaks the language of the computer.
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

OUT_OF_RANGE = f"is outside the years {FIRST_YEAR} to {LAST_YEAR} that Excel can hold: correct the year."


class DateRefused(Exception):
    """Why a text is not taken for a date: the rest of a sentence that begins with the column and the text."""


def moment_text(moment: date) -> str:
    """A date as 2023-10-28, a date and time as 2023-10-28 14:30, with seconds only where there are any; midnight is no
    time of day.
    """
    return moment.isoformat(" ", "seconds").removesuffix(":00") if has_time(moment) else day_of(moment).isoformat()


def serial_date(number: float, epoch: datetime = EPOCH) -> datetime | None:
    """The moment that a number most likely is, where a date lost its format; None for a number that is hardly one."""
    if not FIRST_SERIAL <= number + (epoch - EPOCH).days <= LAST_SERIAL:
        return None
    return epoch + timedelta(days=int(number), seconds=round(number % 1 * 86_400))


def date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def has_time(moment: date) -> TypeGuard[datetime]:
    """Whether `moment` has a time of day. Midnight is none, because Excel cannot tell it from the day alone."""
    return isinstance(moment, datetime) and (moment.hour, moment.minute, moment.second) != (0, 0, 0)


def day_of(moment: date) -> date:
    """The day of `moment`, as a plain date."""
    return date(moment.year, moment.month, moment.day)


def moment_before(a: date, b: date) -> bool:
    """Whether `a` is before `b`: to the second where both have a time of day, else by day. Midnight is no
    time of day.
    """
    if has_time(a) and has_time(b):
        return a.replace(microsecond=0) < b.replace(microsecond=0)
    return day_of(a) < day_of(b)


def stamp(moment: object) -> datetime:
    """A date or date-time as a naive date-time, for ordering: a date counts as its midnight.

    Raises TypeError for anything else.
    """
    if isinstance(moment, datetime):
        return moment
    if isinstance(moment, date):
        return datetime.combine(moment, time_of_day())
    raise TypeError(f"not a date: {moment!r}")
