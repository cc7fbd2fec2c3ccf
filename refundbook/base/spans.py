"""Spans of time, such as `48 hrs` or `2 business days`, counted from a moment by the calendar and the clock on the
wall.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from refundbook.base.dates import DateRefused, day_of, has_time

_SPAN = r"(?a)(?:in |within )?(-?\d{1,30}|an?|one) ?([a-z ]+?)s?\.?"
_AGO = r"(?a)(\d{1,30}|an?|one) ?([a-z ]+?)s?\.? ago"
_UNITS = {
    **dict.fromkeys(("minute", "min"), "minutes"),
    **dict.fromkeys(("hour", "hr", "h"), "hours"),
    **dict.fromkeys(("day", "d"), "days"),
    **dict.fromkeys(("business day", "working day"), "business days"),
    **dict.fromkeys(("week", "wk"), "weeks"),
    "month": "months",
}
_LONGEST_SPAN = 99_999
_TOO_FAR_BACK = "is too far back: write the date itself."
_TOO_FAR = "is too far off: write a shorter span, such as 48 hrs or 3 days, or the date itself."


def is_span(words: str) -> bool:
    """Whether lower-case words begin as a span of time does, with a number and one or two words."""
    return re.fullmatch(_SPAN, words) is not None


def span_end(words: str, start: date) -> date | None:
    """When a span that begins at `start` ends; None where its unit is not known. Raises DateRefused.

    Business days skip Saturdays and Sundays; holidays are not known. From a day without a time, hours and minutes are
    rounded up to whole days, because the hour of the promise is not known. A month from the 31st ends on the last day
    of the next month.
    """
    span = re.fullmatch(_SPAN, words)
    unit = _UNITS.get(span[2]) if span else None
    if span is None or unit is None:
        return None
    return _after(start, 1 if span[1].startswith(("a", "o")) else int(span[1]), unit)


def time_ago(words: str, now: date, today: date) -> date | None:
    """When `3 days ago` was: days, weeks and months count from `today`, hours and minutes from `now`; None where its
    unit is not known, or `now` has no time of day for it. Raises DateRefused.
    """
    span = re.fullmatch(_AGO, words)
    unit = _UNITS.get(span[2]) if span else None
    if span is None or unit is None or (unit in ("hours", "minutes") and not has_time(now)):
        return None
    number = 1 if span[1].startswith(("a", "o")) else int(span[1])
    if number > _LONGEST_SPAN:
        raise DateRefused(_TOO_FAR_BACK)
    from dateutil.relativedelta import relativedelta

    try:
        if unit == "business days":
            return _business_days(today, -number)
        begin: date = (now if unit in ("hours", "minutes") else today) - relativedelta(**{unit: number})  # type: ignore[arg-type]  # the stubs want each unit by its name
    except (OverflowError, ValueError):
        raise DateRefused(_TOO_FAR_BACK) from None
    return begin


def _after(start: date, number: int, unit: str) -> date:
    if number <= 0:
        raise DateRefused("is not a time to come: write a span longer than nothing, such as 48 hrs or 3 days.")
    if number > _LONGEST_SPAN:
        raise DateRefused(_TOO_FAR)
    from dateutil.relativedelta import relativedelta

    if not has_time(start):
        start = day_of(start)
        if unit in ("hours", "minutes"):
            number, unit = -(-number // (24 if unit == "hours" else 24 * 60)), "days"
    try:
        if unit == "business days":
            return _business_days(start, number)
        end: date = start + relativedelta(**{unit: number})  # type: ignore[arg-type]  # the stubs want each unit by its name
    except (OverflowError, ValueError):
        raise DateRefused(_TOO_FAR) from None
    return end


def _business_days(day: date, number: int) -> date:
    """The day so many business days after one, or before it where the number is negative."""
    step = 1 if number > 0 else -1
    while number:
        day += timedelta(days=step)
        number -= step * (day.weekday() < 5)
    return day
