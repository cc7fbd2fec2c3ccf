"""The detective's work in hints: which date was meant, and which case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time

from refundbook.base.date_reader import read_date
from refundbook.base.dates import moment_text, serial_date, stamp
from refundbook.base.errors import BadValue
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS
from refundbook.base.slips import DATE_SYSTEM_GAP, explain_date
from refundbook.base.values import to_text
from refundbook.record.facts import as_date, ended_on, opened_on
from refundbook.record.records import Log, Records

RETYPE = "Give the cell a date format and type the date again, as in 2023-10-26."

HAPPENED = {CASES.name: "opened", COMMUNICATIONS.name: "date", RESOLUTIONS.name: "date"}
"""The column that says when what an entry is about happened, by sheet."""

NEAR = 180
"""Days that a case's opening can lie before what is known of it, or a deadline ahead: the longest that PayPal gives for opening a dispute.

Without such a bound a year more or less would explain any date.
"""

FAR = 366
"""Days after which no slip of a year explains what lies ahead: a date beyond them hardly comes of anything but the other date system."""


class Bounds(NamedTuple):
    """The earliest and the latest day that a date can be, as far as its row and its case tell; None where nothing is known.

    `is_guess` where nothing tells the earliest day, and it is `NEAR` the latest.
    """

    earliest: date | None
    latest: date | None
    is_guess: bool = False


def bounds(records: Records, log: Log, position: int, name: str) -> Bounds:
    """The days that a date of an entry can be. What lies in the future itself tells nothing of other dates."""
    key, today = log.keys[position], records.clock.today

    def known(*days: date | None) -> list[date]:
        return [day for day in days if day is not None and day.toordinal() <= today.toordinal()]

    happened, logged = as_date(log[HAPPENED[log.sheet.name]][position]), as_date(log["logged_at"][position])
    if name == "opened":
        latest = min(known(logged, today, *_dates_after_opening(records, key)), key=stamp)
        return Bounds(_moved(latest, -NEAR), latest, is_guess=True)
    start = next(iter(known(happened if name != "date" else None, opened_on(records, key))), None)
    if name in ("due", "respond_by"):
        return Bounds(start, _moved(start, NEAR) if start else None)
    ended = ended_on(records, key) if log is records.communications and name == "date" else None
    latest = min(known(logged if name == "date" else None, today, ended), key=stamp)
    return Bounds(start, latest) if start else Bounds(_moved(latest, -NEAR), latest, is_guess=True)


def _moved(day: date, days: int) -> date | None:
    moved = day.toordinal() + days
    return date.fromordinal(moved) if 1 <= moved <= date.max.toordinal() else None


def _dates_after_opening(records: Records, key: str) -> Iterator[date | None]:
    for log in (records.communications, records.resolutions):
        values = log["date"]
        yield from (as_date(values[i]) for i in log.by_case.get(key, ()) if key)


_FIRST_DAY = date(2000, 1, 1)


def _slip(value: date | None, limits: Bounds) -> str:
    """The slip that may have made a date what it is, as a sentence; `""` where none fits."""
    if value is None:
        return ""
    found = explain_date(value, limits.earliest, limits.latest)
    if found or not limits.is_guess or limits.latest is None or value.toordinal() <= limits.latest.toordinal() + FAR:
        return found
    return explain_date(value, _FIRST_DAY, limits.latest, by_date_system=True)


def explained(records: Records, log: Log, position: int, name: str, advice: str) -> str:
    """`advice`, after the slip that made the date what it is, where one would fit the case."""
    slip = _slip(as_date(log[name][position]), bounds(records, log, position, name))
    return f"{slip} {advice}" if slip else advice


def if_wrong(log: Log, position: int, name: str, limits: Bounds) -> str:
    """A sentence on the slip that may have made another date than the reported one what it is, after a space; `""` where none fits."""
    slip = _slip(as_date(log[name][position]), limits)
    return f" If {log.sheet[name].header} is the wrong one: {slip[0].lower()}{slip[1:]}" if slip else ""


def what_date_it_may_be(records: Records, log: Log, position: int, name: str) -> str:
    """What to do about something in a date column that is no date."""
    value = log[name][position]
    if isinstance(value, time):
        return f"It has no day. {RETYPE}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if moment := serial_date(value):
            return _read_serial(moment, bounds(records, log, position, name))
        value = to_text(value)
    return _read_text(records, log, position, name, value) if isinstance(value, str) else RETYPE


def _read_serial(first: datetime, limits: Bounds) -> str:
    if not _within(first, limits) and _within(first + DATE_SYSTEM_GAP, limits):
        return f"Read as a date of the 1904 date system this number is {moment_text(first + DATE_SYSTEM_GAP)}. {RETYPE}"
    slip = _slip(first, limits)
    advice = f"{slip} {RETYPE}" if slip else ""
    return f"As a date this number is {moment_text(first)}{'.' if slip else ': format the cell as a date.'} {advice}".rstrip()


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
    slip = _slip(meant, bounds(records, log, position, name))
    return f"It reads as {moment_text(meant)}: give the cell a date format and retype it as a date. {slip}".rstrip()
