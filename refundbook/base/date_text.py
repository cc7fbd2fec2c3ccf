"""Dates and times of day as texts spell them out, in digits and in words.

Dates in digits, ISO 8601 among them, are read here; of dates in words python-dateutil reads the month, which is
imported only then because that takes longer than everything else that an append does. A date and time without a time
zone is meant in the workbook's zone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as time_of_day

from refundbook.base import schema
from refundbook.base.clock import Clock, local
from refundbook.base.dates import FIRST_YEAR, MONTHS, OUT_OF_RANGE, WEEKDAYS, DateRefused, date_or_none, has_time
from refundbook.base.settings import SETTING_LINES

# Texts, which `re` compiles at their first use and keeps: compiled here, they would slow the start of every command.
_WEEKDAY = r"(?ia)\b(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?"
_TIME = (
    r"(?ia)(?<![\d:+-])(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?P<half>\s*[ap]\.?m\b\.?)?|(?P<mark>\s*[ap]\.?m\b\.?))"
    r"(?:\s*(?P<zone>Z\b|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?(?!\d)(?:\s*\([A-Z ]+\))?|(?:UTC|GMT)\b))?(?![\d:])"
)
_OTHER_ZONE = r"\s*\(?([A-Z]{2,5})\b"
_JOINT = r"(?i)^(?:on\b|,)\s*|(?:(?<=\d)T|\s+at|\s*,)$"
_YEAR_FIRST = r"(?a)(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})"
_YEAR_LAST = r"(?a)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})"
_YEAR_SHORT = r"(?a)\d{1,2}([-/.])\d{1,2}\1\d{1,3}"
_PART_OF_DATE = r"(?a)\d{1,4}(?:[-/. ]\d{1,4})?"
_DAY_NUMBER = r"(?a)(?<!\d)\d{1,2}(?!\d)"

_INCOMPLETE = "is not a whole date: write year, month and day, as in 2023-10-26."
_SHORT = "has a short year: write the year with four digits, as in 2023-10-26."


def calendar_date(text: str, clock: Clock) -> date | None:
    """The date, with the time of day if there is one, that `text` spells out; None where it is no date."""
    if len(text) == 10 and text[4] == text[7] == "-" and (text[:4] + text[5:7] + text[8:]).isdecimal():
        return _existing(int(text[:4]), int(text[5:7]), int(text[8:]))
    weekday = re.search(_WEEKDAY, text)
    rest = _without(text, weekday)
    time = re.search(_TIME, rest)
    if time and (other := re.match(_OTHER_ZONE, rest[time.end() :])) and other[1] != "ON" and not _is_month(other[1]):
        raise DateRefused(
            f"names a time zone, {other[1]}, that can mean several: write the offset, as in 2023-10-26 14:30+02:00."
        )
    day = _day_in(re.sub(_JOINT, "", _without(rest, time)), clock.day_first)
    if day is None:
        return None
    if weekday and not WEEKDAYS[day.weekday()].lower().startswith(weekday[1].lower()):
        raise DateRefused(
            f"contradicts itself, {_spelled(day)} is a {WEEKDAYS[day.weekday()]}: write {day}, or correct it."
        )
    return local(_at(day, time), clock.zone) if time else day


def _without(text: str, match: re.Match[str] | None) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split()) if match else text


def _is_month(word: str) -> bool:
    return any(month.upper().startswith(word[:3]) for month in MONTHS)


def _day_in(text: str, day_first: bool | None) -> date | None:
    if match := re.fullmatch(_YEAR_FIRST, text):
        year, separator, month, day = match.groups()
        return _existing(int(year), int(month), int(day)) if separator or len(text) == 8 else None
    if match := re.fullmatch(_YEAR_LAST, text):
        return _year_last(int(match[1]), int(match[3]), int(match[4]), day_first)
    if re.fullmatch(_YEAR_SHORT, text):
        raise DateRefused(_SHORT)
    if not text or re.fullmatch(_PART_OF_DATE, text):
        raise DateRefused(_INCOMPLETE)
    return _in_words(text)


def _year_last(first: int, second: int, year: int, day_first: bool | None) -> date:
    """A date such as 26/10/2023. The order of day and month matters, and is asked for, only where both
    readings exist.
    """
    if year < FIRST_YEAR:
        raise DateRefused(OUT_OF_RANGE)
    readings = [d for d in (date_or_none(year, second, first), date_or_none(year, first, second)) if d]
    if not readings:
        return _existing(year, *((first, second) if second > 12 >= first else (second, first)))
    if len(set(readings)) == 1:
        return readings[0]
    if day_first is None:
        one, other = readings
        label = next(line.label for line in SETTING_LINES if line.name == "day_first")
        raise DateRefused(
            f"can mean {_spelled(one)} or {_spelled(other)}: write {one} or {other}, "
            f'or set "{label}" on the {schema.SETTINGS} sheet.'
        )
    return readings[0] if day_first else readings[1]


def _in_words(text: str) -> date | None:
    """A date with the month's name. Only the name is left to dateutil, which guesses at numbers; they are read here.

    It reads twice, with two defaults: what differs between the readings was not in the text.
    """
    numbers = re.findall(r"\d+", text)
    readings = _parsed(
        re.sub(_DAY_NUMBER, "1", text)
    )  # the 1st, so that an impossible day can be told from no date at all
    if not readings:
        return None
    if readings[0] != readings[1]:
        raise DateRefused(_INCOMPLETE)
    if len(numbers) != 2:
        return None
    day, year = sorted(numbers, key=len)
    if len(year) < 4:
        raise DateRefused(_SHORT)
    return _existing(int(year), readings[0].month, int(day)) if len(day) <= 2 and len(year) == 4 else None


def _parsed(text: str) -> list[date]:
    from dateutil import parser

    defaults = datetime(2000, 1, 1), datetime(2004, 2, 2)
    try:
        readings = [parser.parse(text, default=default, ignoretz=True) for default in defaults]
    except (ValueError, ArithmeticError):
        return []
    # The time of day was taken out before; one that dateutil finds still is a guess, as in "1.5 hours".
    return [reading.date() for reading in readings if not has_time(reading)]


def _existing(year: int, month: int, day: int) -> date:
    if year < FIRST_YEAR:
        raise DateRefused(OUT_OF_RANGE)
    if found := date_or_none(year, month, day):
        return found
    if not 1 <= month <= 12:
        raise DateRefused(f"does not exist, there is no month {month}: write year, month and day, as in 2023-10-26.")
    last = next(d for d in (31, 30, 29, 28) if date_or_none(year, month, d))
    raise DateRefused(f"does not exist, {MONTHS[month - 1]} {year} has {last} days: correct the day.")


def _spelled(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


# Times of day


def _at(day: date, time: re.Match[str]) -> datetime:
    """`day` at the time that `_TIME` found, in its time zone where it names one."""
    hour, minute, second = int(time["hour"]), int(time["minute"] or 0), int(time["second"] or 0)
    if half := time["half"] or time["mark"]:
        hour = hour % 12 + (12 if "p" in half.lower() else 0) if 1 <= hour <= 12 else 24
    try:
        return datetime.combine(day, time_of_day(hour, minute, second), _offset(time["zone"] or ""))
    except ValueError:
        raise DateRefused("has a time of day that does not exist: write it as 00:00 to 23:59.") from None


def _offset(zone: str) -> tzinfo | None:
    """The time zone of `Z`, `UTC`, `GMT` or an offset such as `+02:00`, `+0200`, `+02` (ISO 8601, RFC 3339,
    RFC 5322), or `GMT+0200` (ECMA-262, 21.4.4.41.3).
    """
    zone = zone.removeprefix("UTC").removeprefix("GMT") if "+" in zone or "-" in zone else zone
    if not zone.startswith(("+", "-")):
        return UTC if zone else None
    digits = re.sub(r"[^0-9]", "", zone)
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise DateRefused("has an offset from UTC that does not exist: write it as -14:00 to +14:00.")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if zone.startswith("-") else offset)
