"""The detective's work in hints: which date was meant, and which case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from refundbook.dates import moment_text, read_date
from refundbook.deadlines import as_date, ended_on, opened_on
from refundbook.errors import BadValue
from refundbook.records import Log, Records, stamp
from refundbook.schema import CASES, COMMUNICATIONS, RESOLUTIONS
from refundbook.values import DATE_SYSTEM_GAP, explain_date, to_text

RETYPE = "Give the cell a date format and type the date again, as in 2023-10-26."

HAPPENED = {CASES.name: "opened", COMMUNICATIONS.name: "date", RESOLUTIONS.name: "date"}
"""The column that says when what an entry is about happened, by sheet."""

Bounds = tuple[date | None, date | None]

NEAR = 180
"""Days that a case's opening can lie before what is known of it, or a deadline ahead: the longest that PayPal gives for opening a dispute.

Without such a bound a year more or less would explain any date.
"""


def bounds(records: Records, log: Log, position: int, name: str) -> Bounds:
    """The earliest and the latest day that a date of an entry can be, as far as its row and its case tell; None where nothing is known."""
    key, today = log.keys[position], records.clock.today
    happened, logged = as_date(log[HAPPENED[log.sheet.name]][position]), as_date(log["logged_at"][position])
    if name == "logged_at":
        return happened, today
    if name == "opened":
        latest = _earliest(logged, today, *_dates_after_opening(records, key))
        return _moved(latest, -NEAR), latest
    start = happened or opened_on(records, key)
    if name in ("due", "respond_by"):
        return start, _moved(start, NEAR) if start else None
    if name == "kept_on":
        return start, today
    ended = ended_on(records, key) if log is records.communications else None
    return opened_on(records, key), _earliest(logged, today, ended)


def _moved(day: date, days: int) -> date | None:
    moved = day.toordinal() + days
    return date.fromordinal(moved) if 1 <= moved <= date.max.toordinal() else None


def _earliest(*days: date | None) -> date:
    return min((day for day in days if day is not None), key=stamp)


def _dates_after_opening(records: Records, key: str) -> Iterator[date | None]:
    for log in (records.communications, records.resolutions):
        values = log["date"]
        yield from (as_date(values[i]) for i in log.by_case.get(key, ()) if key)


def explained(records: Records, log: Log, position: int, name: str, advice: str) -> str:
    """`advice`, after the slip that made the date what it is, where one would fit the case."""
    value = as_date(log[name][position])
    slip = explain_date(value, *bounds(records, log, position, name)) if value else ""
    return f"{slip} {advice}" if slip else advice


def if_wrong(log: Log, position: int, name: str, limits: Bounds) -> str:
    """A sentence on the slip that may have made another date than the reported one what it is, after a space; `""` where none fits."""
    value = as_date(log[name][position])
    slip = explain_date(value, *limits) if value else ""
    return f" If {log.sheet[name].header} is the wrong one: {slip[0].lower()}{slip[1:]}" if slip else ""


def what_date_it_may_be(records: Records, log: Log, position: int, name: str) -> str:
    """What to do about something in a date column that is no date."""
    value = log[name][position]
    if isinstance(value, time):
        return f"It has no day. {RETYPE}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if _FIRST_SERIAL <= value <= _LAST_SERIAL:
            return _read_serial(float(value), bounds(records, log, position, name))
        value = to_text(value)
    return _read_text(records, log, position, name, value) if isinstance(value, str) else RETYPE


_FIRST_SERIAL, _LAST_SERIAL = 36_526, 80_000
"""2000-01-01 and a day in 2119: numbers between them are hardly anything but dates without a date format."""

_EPOCH = datetime(1899, 12, 30)
"""Day 0 of serial dates from 1900-03-01 on (ECMA-376 part 1, 18.17.4.1, the 1900 date system)."""


def _read_serial(serial: float, limits: Bounds) -> str:
    first = _EPOCH + timedelta(days=int(serial), seconds=round(serial % 1 * 86_400))
    if not _within(first, limits) and _within(first + DATE_SYSTEM_GAP, limits):
        return f"Read as a date of the 1904 date system this number is {moment_text(first + DATE_SYSTEM_GAP)}. {RETYPE}"
    return f"As a date this number is {moment_text(first)}: format the cell as a date."


def _within(moment: datetime, limits: Bounds) -> bool:
    earliest, latest = limits[0] or date.min, limits[1] or date.max
    return earliest.toordinal() <= moment.toordinal() <= latest.toordinal()


def _read_text(records: Records, log: Log, position: int, name: str, text: str) -> str:
    if not re.search("[0-9]", text):
        return RETYPE
    start = as_date(log["date"][position]) if name == "due" else None
    try:
        meant = read_date(log.sheet[name], text, records.clock, start)
    except BadValue as reason:
        return str(reason)
    return f"It reads as {moment_text(meant)}: give the cell a date format and retype it as a date."
