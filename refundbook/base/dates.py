"""Dates, times of day and spans of time: read from text and Python objects without guessing, compared, and explained where they look wrong.

Dates in digits, ISO 8601 among them, are read here; dates in words go through python-dateutil, which is imported only then because that takes
longer than everything else that an append does. A date and time without a time zone is meant in the workbook's zone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from datetime import time as time_of_day
from decimal import Decimal
from typing import NamedTuple, TypeGuard

from refundbook.base import schema
from refundbook.base.errors import BadValue
from refundbook.base.text import quoted

FIRST_YEAR, LAST_YEAR = 1900, 9999
"""The years that Excel's dates can hold (ECMA-376 part 1, 18.17.4.1, the 1900 date system)."""

EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
"""Day 0 of serial dates from 1900-03-01 on, in the 1900 and in the 1904 date system (ECMA-376 part 1, 18.17.4.1)."""

FIRST_SERIAL, LAST_SERIAL = 36_526, 80_000
"""2000-01-01 and a day in 2119: numbers between them are hardly anything but dates without a date format."""

END_OF_DAY = time_of_day(23, 59, 59)

# Not calendar.month_name, which speaks the language of the computer.
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Texts, which `re` compiles at their first use and keeps: compiled here, they would slow the start of every command.
_WEEKDAY = r"(?ia)\b(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?"
_TIME = (
    r"(?ia)(?<![\d:+-])(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?P<half>\s*[ap]\.?m\b\.?)?|(?P<mark>\s*[ap]\.?m\b\.?))"
    r"(?:\s*(?P<zone>Z\b|(?:UTC|GMT)\b|[+-]\d\d(?::?\d\d)?(?!\d)(?:\s*\([A-Z]+\))?))?(?![\d:])"
)
_OTHER_ZONE = r"\s*\(?([A-Z]{2,5})\b"
_JOINT = r"(?i)^(?:on\b|,)\s*|(?:(?<=\d)T|\s+at|\s*,)$"
_YEAR_FIRST = r"(?a)(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})"
_YEAR_LAST = r"(?a)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})"
_YEAR_SHORT = r"(?a)\d{1,2}([-/.])\d{1,2}\1\d{1,3}"
_PART_OF_DATE = r"(?a)\d{1,4}(?:[-/. ]\d{1,4})?"
_DAY_NUMBER = r"(?a)(?<!\d)\d{1,2}(?!\d)"
_SPAN = r"(?a)(?:in |within )?(-?\d{1,30}|an?|one) ?([a-z ]+?)s?\.?"
_UNITS = {
    **dict.fromkeys(("minute", "min"), "minutes"),
    **dict.fromkeys(("hour", "hr", "h"), "hours"),
    **dict.fromkeys(("day", "d"), "days"),
    **dict.fromkeys(("business day", "working day"), "business days"),
    **dict.fromkeys(("week", "wk"), "weeks"),
    "month": "months",
}
_LONGEST_SPAN = 99_999


class _Refused(Exception):
    """Why a text is not taken for a date: the rest of a sentence that begins with the column and the text."""


_INCOMPLETE = "is not a whole date: write year, month and day, as in 2023-10-26."
_SHORT = "has a short year: write the year with four digits, as in 2023-10-26."
_OUT_OF_RANGE = f"is outside the years {FIRST_YEAR} to {LAST_YEAR} that Excel can hold: correct the year."
_TOO_FAR = "is too far off: write a shorter span, such as 48 hrs or 3 days, or the date itself."


class Clock(NamedTuple):
    """What day and time it is for a workbook, and how dates typed for it are to be read.

    `now` has no time zone and whole seconds, and is meant in `zone` (None: the computer's own). `day_first` is None where a date such as
    03/04/2023 is to be refused.
    """

    now: datetime
    zone: tzinfo | None
    day_first: bool | None

    @property
    def today(self) -> date:
        return self.now.date()

    @classmethod
    def for_settings(cls, settings: schema.Settings, today: date | datetime | None = None) -> Clock:
        """The real clock in the workbook's zone, or the one that `today` sets.

        A plain date stands for its last second, so that nothing that happened on that day lies in the future. A datetime with a time zone is
        converted, one without is taken as it is. Raises BadValue where the time zone of the settings is not known.
        """
        zone = _zone(settings.time_zone)
        if today is None:
            now = datetime.now(zone)
        elif isinstance(today, datetime):
            now = _local(today, zone)
        else:
            now = datetime.combine(today, END_OF_DAY)
        return cls(now.replace(microsecond=0, tzinfo=None), zone, settings.day_first)


def _zone(name: str) -> tzinfo | None:
    if not name.strip():
        return None
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name.strip())
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder in the zone database, such as "Europe"
        line = next(line for line in schema.SETTING_LINES if line.name == "time_zone")
        raise BadValue(
            f"{line.label} {quoted(name)} on the {schema.SETTINGS} sheet is not known: write {line.accepts}."
        ) from None


def moment_text(moment: date) -> str:
    """A date as 2023-10-28, a date and time as 2023-10-28 14:30, with seconds only where there are any; midnight is no time of day."""
    return moment.isoformat(" ", "seconds").removesuffix(":00") if has_time(moment) else day_of(moment).isoformat()


def serial_date(number: float, epoch: datetime = EPOCH) -> datetime | None:
    """The moment that a number most likely is, where a date lost its format; None for a number that is hardly one."""
    if not FIRST_SERIAL <= number + (epoch - EPOCH).days <= LAST_SERIAL:
        return None
    return epoch + timedelta(days=int(number), seconds=round(number % 1 * 86_400))


def _serial_in(value: object) -> str:
    """What date a number, or a text of one, is, to stand after it in a sentence; `""` where it is hardly one."""
    text = str(value).strip() if isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool) else ""
    meant = serial_date(float(text)) if re.fullmatch(r"(?a)[0-9]{5}(?:\.[0-9]{1,12})?", text) else None
    return f", the number that Excel keeps of {moment_text(meant)}," if meant else ""


def read_date(column: schema.Column, value: object, clock: Clock, start: date | None = None) -> date | datetime:
    """The date, or for a MOMENT column the date and time, that `value` means; BadValue where that is not certain.

    Dates, datetimes and text are read. With `start`, text may be a span of time counted from there: see `_span_end` for how. Seconds are
    whole, fractions are cut off. Midnight is read as the date alone, because Excel cannot tell the two apart.
    """
    try:
        found = _as_date(column, value, clock, start)
        if found is None:
            what = "is not a date" if start is None else "is neither a date nor a span of time"
            raise _Refused(f"{what}: {_accepted(column, start)}.")
        return _fitting(column, found)
    except _Refused as reason:
        raise BadValue(f"{column.header} {quoted(value)}{_serial_in(value)} {reason}") from None


def _accepted(column: schema.Column, start: date | None) -> str:
    whole_days = column.kind is schema.Kind.DATE
    dates = "2023-10-26 or 26 Oct 2023" if whole_days else "2023-10-26, 2023-10-26 14:30 or 26 Oct 2023"
    words = "today or yesterday" if whole_days else "today, yesterday or now"
    spans = ", or a span such as 48 hrs, 3 days, 2 business days, 1 week or 1 month" if start is not None else ""
    return f"write it as {dates}, or {words}{spans}"


def _as_date(column: schema.Column, value: object, clock: Clock, start: date | None) -> date | None:
    if isinstance(value, str):
        return _from_text(column, " ".join(value.split()), clock, start)
    if isinstance(value, datetime):
        # pandas.NaT is a datetime too, and the only one that is not equal to itself.
        return _local(value, clock.zone) if value == value else None
    return value if isinstance(value, date) else None


def _from_text(column: schema.Column, text: str, clock: Clock, start: date | None) -> date | None:
    word = text.lower()
    if word == "today" or (word == "now" and (column.kind is schema.Kind.DATE or clock.now.time() == END_OF_DAY)):
        return clock.today
    if word == "yesterday":
        return clock.today - timedelta(days=1)
    if word == "now":
        return clock.now
    if start is not None and (span := re.fullmatch(_SPAN, word)):
        number = 1 if span[1].startswith(("a", "o")) else int(span[1])
        whole_days = column.kind is schema.Kind.DATE
        return _span_end(day_of(start) if whole_days else start, number, _UNITS[span[2]]) if span[2] in _UNITS else None
    return _calendar_date(text, clock) if text.isascii() else None


def _fitting(column: schema.Column, found: date) -> date:
    """`found` as the column holds it."""
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _Refused(_OUT_OF_RANGE)
    if not has_time(found):
        return day_of(found)
    if column.kind is schema.Kind.DATE:
        raise _Refused(f"has a time of day, which this column does not hold: write the day only, as {day_of(found)}.")
    return found.replace(microsecond=0)


# Spans of time


def _span_end(start: date, number: int, unit: str) -> date:
    """`number` of `unit` after `start`, by the calendar and the clock on the wall.

    Business days skip Saturdays and Sundays; holidays are not known. From a day without a time, hours and minutes are rounded up to whole
    days, because the hour of the promise is not known. A month from the 31st ends on the last day of the next month.
    """
    if number <= 0:
        raise _Refused("is not a time to come: write a span longer than nothing, such as 48 hrs or 3 days.")
    if number > _LONGEST_SPAN:
        raise _Refused(_TOO_FAR)
    from dateutil.relativedelta import relativedelta

    if not has_time(start):
        start = day_of(start)
        if unit in ("hours", "minutes"):
            number, unit = -(-number // (24 if unit == "hours" else 24 * 60)), "days"
    try:
        if unit == "business days":
            return _business_days_after(start, number)
        end: date = start + relativedelta(**{unit: number})  # type: ignore[arg-type]
    except (OverflowError, ValueError):
        raise _Refused(_TOO_FAR) from None
    return end


def _business_days_after(day: date, number: int) -> date:
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day


# Dates


def _calendar_date(text: str, clock: Clock) -> date | None:
    """The date, with the time of day if there is one, that `text` spells out; None where it is no date."""
    if len(text) == 10 and text[4] == text[7] == "-" and (text[:4] + text[5:7] + text[8:]).isdecimal():
        return _existing(int(text[:4]), int(text[5:7]), int(text[8:]))
    weekday = re.search(_WEEKDAY, text)
    rest = _without(text, weekday)
    time = re.search(_TIME, rest)
    if time and (other := re.match(_OTHER_ZONE, rest[time.end() :])) and other[1] != "ON" and not _is_month(other[1]):
        raise _Refused(
            f"names a time zone, {other[1]}, that can mean several: write the offset, as in 2023-10-26 14:30+02:00."
        )
    day = _day_in(re.sub(_JOINT, "", _without(rest, time)), clock.day_first)
    if day is None:
        return None
    if weekday and not WEEKDAYS[day.weekday()].lower().startswith(weekday[1].lower()):
        raise _Refused(
            f"contradicts itself, {_spelled(day)} is a {WEEKDAYS[day.weekday()]}: write {day}, or correct it."
        )
    return _local(_at(day, time), clock.zone) if time else day


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
        raise _Refused(_SHORT)
    if not text or re.fullmatch(_PART_OF_DATE, text):
        raise _Refused(_INCOMPLETE)
    return _in_words(text)


def _year_last(first: int, second: int, year: int, day_first: bool | None) -> date:
    """A date such as 26/10/2023. The order of day and month matters, and is asked for, only where both readings exist."""
    if year < FIRST_YEAR:
        raise _Refused(_OUT_OF_RANGE)
    readings = [d for d in (date_or_none(year, second, first), date_or_none(year, first, second)) if d]
    if not readings:
        return _existing(year, *((first, second) if second > 12 >= first else (second, first)))
    if len(set(readings)) == 1:
        return readings[0]
    if day_first is None:
        one, other = readings
        label = next(line.label for line in schema.SETTING_LINES if line.name == "day_first")
        raise _Refused(
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
        raise _Refused(_INCOMPLETE)
    if len(numbers) != 2:
        return None
    day, year = sorted(numbers, key=len)
    if len(year) < 4:
        raise _Refused(_SHORT)
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
        raise _Refused(_OUT_OF_RANGE)
    if found := date_or_none(year, month, day):
        return found
    if not 1 <= month <= 12:
        raise _Refused(f"does not exist, there is no month {month}: write year, month and day, as in 2023-10-26.")
    last = next(d for d in (31, 30, 29, 28) if date_or_none(year, month, d))
    raise _Refused(f"does not exist, {MONTHS[month - 1]} {year} has {last} days: correct the day.")


def date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


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
        raise _Refused("has a time of day that does not exist: write it as 00:00 to 23:59.") from None


def _offset(zone: str) -> tzinfo | None:
    """The time zone of `Z`, `UTC`, `GMT` or an offset such as `+02:00`, `+0200`, `+02` (ISO 8601, RFC 3339, RFC 5322)."""
    if not zone.startswith(("+", "-")):
        return UTC if zone else None
    digits = re.sub(r"[^0-9]", "", zone)
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise _Refused("has an offset from UTC that does not exist: write it as -14:00 to +14:00.")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if zone.startswith("-") else offset)


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    """`moment` in `zone`, without a time zone and with whole seconds."""
    # A plain datetime, because a pandas.Timestamp converts to UTC where a datetime converts to the computer's zone.
    plain = datetime.combine(day_of(moment), moment.time().replace(microsecond=0), moment.tzinfo)
    if plain.utcoffset() is None:
        return plain.replace(tzinfo=None, fold=0)
    try:
        return plain.astimezone(zone).replace(tzinfo=None, fold=0)
    except (OverflowError, ValueError):
        raise _Refused(_OUT_OF_RANGE) from None


def has_time(moment: date) -> TypeGuard[datetime]:
    """Whether `moment` has a time of day. Midnight is none, because Excel cannot tell it from the day alone."""
    return isinstance(moment, datetime) and (moment.hour, moment.minute, moment.second) != (0, 0, 0)


def day_of(moment: date) -> date:
    """The day of `moment`, as a plain date."""
    return date(moment.year, moment.month, moment.day)


def moment_before(a: date, b: date) -> bool:
    """Whether `a` is before `b`: to the second where both have a time of day, else by day. Midnight is no time of day."""
    if has_time(a) and has_time(b):
        return a.replace(microsecond=0) < b.replace(microsecond=0)
    return day_of(a) < day_of(b)
