"""What day and time it is for a workbook, in its time zone."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from refundbook.base import schema
from refundbook.base.dates import END_OF_DAY, OUT_OF_RANGE, DateRefused, day_of
from refundbook.base.errors import BadValue
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.settings import SETTING_LINES, Settings
from refundbook.base.text import quoted

_CYCLE = 400
"""Years after which the Gregorian calendar repeats itself."""
_KNOWN_YEAR = 2500
"""Within a cycle before it lie only years of which every system knows its zone."""


Today = date | datetime | str | None
"""What may stand in for the real clock: a text is a date such as `2023-10-26`."""


class Clock(NamedTuple):
    """What day and time it is for a workbook, and how dates typed for it are to be read.

    `now` has no time zone and whole seconds, and is meant in `zone` (None: the computer's own). `day_first` is None
    where a date such as 03/04/2023 is to be refused.
    """

    now: datetime
    zone: tzinfo | None
    day_first: bool | None

    @property
    def today(self) -> date:
        return self.now.date()

    @classmethod
    def for_settings(cls, settings: Settings, today: Today = None) -> Clock:
        """The real clock in the workbook's zone, or the one that `today` sets.

        A plain date stands for its last second, so that nothing that happened on that day lies in the future. A
        datetime with a time zone is converted, one without is taken as it is; a text is one of them as ISO 8601 has
        it. Raises BadValue for any other text, and where the time zone of the settings is not known.
        """
        zone = _zone(settings.time_zone)
        today = _from_text(today) if isinstance(today, str) else today
        if today is None:
            now = datetime.now(zone)
        elif isinstance(today, datetime):
            now = local(today, zone)
        else:
            now = datetime.combine(today, END_OF_DAY)
        return cls(now.replace(microsecond=0, tzinfo=None), zone, settings.day_first)


def _from_text(today: str) -> date:
    try:
        return date.fromisoformat(today) if len(today) == len("2023-10-26") else datetime.fromisoformat(today)
    except ValueError:
        raise BadValue(f"today is {quoted(today)}; it must be a date such as 2023-10-26.") from None


def _zone(name: str) -> tzinfo | None:
    if not name.strip():
        return None
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(name.strip())
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder in the zone database, such as "Europe"
        line = next(line for line in SETTING_LINES if line.name == "time_zone")
        raise BadValue(
            f"{line.label} {quoted(name)} on the {schema.SETTINGS} sheet is not known: write {line.accepts}."
        ) from None


def local(moment: datetime, zone: tzinfo | None) -> datetime:
    """`moment` in `zone`, without a time zone and with whole seconds."""
    # A plain datetime, because a pandas.Timestamp converts to UTC where a datetime converts to the computer's zone.
    plain = datetime.combine(day_of(moment), moment.time().replace(microsecond=0), moment.tzinfo)
    if plain.utcoffset() is None:
        return plain.replace(tzinfo=None, fold=0)
    try:
        return _in_zone(plain, zone).replace(tzinfo=None, fold=0)
    except (OverflowError, ValueError):
        raise DateRefused(OUT_OF_RANGE) from None


def _in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    try:
        return moment.astimezone(zone)
    except OSError:
        # Windows knows its own zone from 1970 to 3000 only (Microsoft C, `localtime`). Every 400 years have the same
        # days and weekdays, and so, by today's rules, the same offsets.
        cycles = (_KNOWN_YEAR - moment.year) // _CYCLE
        near = moment.replace(year=moment.year + cycles * _CYCLE).astimezone(zone)
        return near.replace(year=near.year - cycles * _CYCLE)
