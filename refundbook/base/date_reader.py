"""Dates from what a person or a program hands over: text, dates and datetimes, read without guessing.

A text is a word such as `today`, a span of time (`spans`), or a date spelled out (`date_text`).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from refundbook.base import schema
from refundbook.base.clock import Clock, local
from refundbook.base.date_text import calendar_date
from refundbook.base.dates import (
    END_OF_DAY,
    FIRST_YEAR,
    LAST_YEAR,
    OUT_OF_RANGE,
    DateRefused,
    day_of,
    has_time,
    moment_text,
    serial_date,
)
from refundbook.base.errors import BadValue
from refundbook.base.text import in_plain_digits, quoted, with_plain_dashes

_NEXT_TO_TODAY = {"yesterday": -1, "tomorrow": 1}


def read_date(column: schema.Column, value: object, clock: Clock, start: date | None = None) -> date | datetime:
    """The date, or for a MOMENT column the date and time, that `value` means; BadValue where that is not certain.

    Dates, datetimes and text are read. With `start`, text may be a span of time counted from there: see `span_end` for
    how. Seconds are whole, fractions are cut off. Midnight is read as the date alone, because Excel cannot tell the two
    apart.
    """
    try:
        found = _as_date(column, value, clock, start)
        if found is None:
            what = "is not a date" if start is None else "is neither a date nor a span of time"
            raise DateRefused(f"{what}: {_accepted(column, start)}.")
        return _fitting(column, found)
    except DateRefused as reason:
        raise BadValue(f"{column.header} {quoted(value)}{_serial_in(value)} {reason}") from None


def _accepted(column: schema.Column, start: date | None) -> str:
    whole_days = column.kind is schema.Kind.DATE
    dates = "2023-10-26 or 26 Oct 2023" if whole_days else "2023-10-26, 2023-10-26 14:30 or 26 Oct 2023"
    words = "today or yesterday" if whole_days else "today, yesterday or now"
    spans = ", or a span such as 48 hrs, 3 days, 2 business days, 1 week or 1 month" if start is not None else ""
    return f"write it as {dates}, or {words}{spans}"


def _as_date(column: schema.Column, value: object, clock: Clock, start: date | None) -> date | None:
    if isinstance(value, str):
        return _from_text(column, _plain(value), clock, start)
    if isinstance(value, datetime):
        # pandas.NaT is a datetime too, and the only one that is not equal to itself.
        return local(value, clock.zone) if value == value else None
    return value if isinstance(value, date) else None


def _plain(text: str) -> str:
    """`text` with plain digits, dashes and blanks: a date that was copied out of a page or a mail has others that look
    alike, and marks that nobody sees.
    """
    return " ".join(with_plain_dashes(in_plain_digits(text)).split())


def _from_text(column: schema.Column, text: str, clock: Clock, start: date | None) -> date | None:
    from refundbook.base.spans import is_span, span_end, time_ago

    word = text.lower()
    if word == "today" or (word == "now" and (column.kind is schema.Kind.DATE or clock.now.time() == END_OF_DAY)):
        return clock.today
    if word in _NEXT_TO_TODAY:
        return clock.today + timedelta(days=_NEXT_TO_TODAY[word])
    if word.endswith(" ago"):
        return time_ago(word, clock.now if column.kind is schema.Kind.MOMENT else clock.today, clock.today)
    if word == "now":
        return clock.now
    if start is not None and is_span(word):
        return span_end(word, day_of(start) if column.kind is schema.Kind.DATE else start)
    return calendar_date(text, clock) if text.isascii() else None


def _fitting(column: schema.Column, found: date) -> date:
    """`found` as the column holds it."""
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise DateRefused(OUT_OF_RANGE)
    if not has_time(found):
        return day_of(found)
    if column.kind is schema.Kind.DATE:
        raise DateRefused(
            f"has a time of day, which this column does not hold: write the day only, as {day_of(found)}."
        )
    return found.replace(microsecond=0)


def _serial_in(value: object) -> str:
    """What date a number, or a text of one, is, to stand after it in a sentence; `""` where it is hardly one."""
    text = str(value).strip() if isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool) else ""
    meant = serial_date(float(text)) if re.fullmatch(r"(?a)[0-9]{5}(?:\.[0-9]{1,12})?", text) else None
    return f", the number that Excel keeps of {moment_text(meant)}," if meant else ""
