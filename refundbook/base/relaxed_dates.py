"""Dates as people say them to somebody who can ask back: `Oct 26`, `14:30`, `friday`.

What happened is taken for the last such day, what is due for the next. Only who has it confirmed may read dates so.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from refundbook.base.clock import Clock
from refundbook.base.dates import MONTHS, WEEKDAYS, date_or_none, has_time

_TIME = r"(?ia)(?<![\d:])(\d{1,2})(?::(\d\d))?\s*([ap])\.?m\b\.?|(?<![\d:])(\d{1,2}):(\d\d)(?![\d:])"
_DAY_MONTH = r"(?ia)(?:(\d{1,2})(?:st|nd|rd|th)?\.?\s*([a-z]{3,})\.?|([a-z]{3,})\.?\s*(\d{1,2})(?:st|nd|rd|th)?)"
_YEARS = 9
"""A 29th of February is looked for so far."""


def relaxed_date(text: str, clock: Clock, *, is_due: bool = False, with_time: bool = True) -> date | None:
    """The day, or the moment where a time of day is said, that is meant; None where the text is no such thing."""
    words = " ".join(text.lower().split())
    found = re.search(_TIME, words)
    time = _time(found) if found else None
    if found and (time is None or not with_time):
        return None
    rest = (f"{words[: found.start()]} {words[found.end() :]}" if found else words).strip(" ,").removesuffix(" at")
    rest = rest.removeprefix("on ").strip(" ,")
    if not rest:
        return None if time is None else _nearest_time(time, clock, is_due)
    day = _weekday(rest, clock.today, is_due) or _day_of_month(rest, clock.today, is_due)
    if day is None:
        return None
    moment = day if time is None else datetime.combine(day, time)
    if not is_due and has_time(moment) and moment > clock.now and _weekday(rest, clock.today, is_due):
        return moment - timedelta(days=7)
    return moment


def _time(found: re.Match[str]) -> time_of_day | None:
    hour, minute = int(found[1] or found[4]), int(found[2] or found[5] or 0)
    if half := found[3]:
        hour = hour % 12 + (12 if half.lower() == "p" else 0) if 1 <= hour <= 12 else 24
    return time_of_day(hour, minute) if hour < 24 and minute < 60 else None


def _nearest_time(time: time_of_day, clock: Clock, is_due: bool) -> datetime:
    moment = datetime.combine(clock.today, time)
    if is_due:
        return moment if moment > clock.now else moment + timedelta(days=1)
    return moment if moment <= clock.now else moment - timedelta(days=1)


def _weekday(word: str, today: date, is_due: bool) -> date | None:
    """The last such day, today among them, or the next one after today."""
    word = word.removeprefix("next " if is_due else "last ").rstrip(".")
    at = next((n for n, name in enumerate(WEEKDAYS) if len(word) >= 3 and name.lower().startswith(word)), None)
    if at is None:
        return None
    if is_due:
        return today + timedelta(days=(at - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=(today.weekday() - at) % 7)


def _day_of_month(words: str, today: date, is_due: bool) -> date | None:
    found = re.fullmatch(_DAY_MONTH, words)
    if not found:
        return None
    name, day = found[2] or found[3], int(found[1] or found[4])
    month = next((n for n, full in enumerate(MONTHS, 1) if full.lower().startswith(name)), None)
    if month is None:
        return None
    years = range(today.year, today.year + _YEARS) if is_due else range(today.year, today.year - _YEARS, -1)
    days = (date_or_none(year, month, day) for year in years)
    return next((d for d in days if d is not None and (d >= today if is_due else d <= today)), None)


def in_full(moment: date) -> str:
    """A date as it is said in full: `Thursday, 26 October 2023`, with the time of day where it has one."""
    said = f"{WEEKDAYS[moment.weekday()]}, {moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    return f"{said}, {moment:%H:%M}" if has_time(moment) else said
