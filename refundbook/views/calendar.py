"""The calendar file of what is due (iCalendar, RFC 5545), as events, because Google's calendar passes over to-dos.

The same deadline has the same UID in every file, so that importing a newer file updates the event instead of adding
another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from refundbook.base.clock import Clock
from refundbook.base.dates import day_of, has_time
from refundbook.base.errors import CannotWrite, UsageError
from refundbook.base.text import one_line
from refundbook.record.promises import Deadline, Whose, deadlines
from refundbook.record.records import Records
from refundbook.system import atomic_file
from refundbook.system.refusals import reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from icalendar import Alarm, Event

_NAMESPACE = uuid5(NAMESPACE_URL, "https://pypi.org/project/refundbook/")
_BEGIN = b"BEGIN:VCALENDAR"
_LENGTH = timedelta(minutes=30)
_NEVER = 9999
"""A date in this year means never. (The day after its last does not exist, either.)"""

_COUNTED_FROM = datetime(2000, 1, 1)


def calendar(records: Records, name: str) -> bytes:
    """What is due as a calendar called `name`: every open deadline with a date, and settled ones that lie ahead, which
    say that they are done.

    An event that was imported earlier and is left out of a later file would stay as it was, so what is settled early is
    said, not left out. Raises UsageError where the package icalendar is not installed.
    """
    try:
        import icalendar
    except ImportError as error:
        raise UsageError(
            'A calendar needs the package icalendar, which is not installed: pip install "refundbook[calendar]".'
        ) from error
    made = icalendar.Calendar()
    made.add("prodid", "-//refundbook//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", one_line(name))
    for deadline, uid in _with_uids(records, deadlines(records)):
        if (by := deadline.by) is not None and _belongs(deadline, by, records.clock):
            made.add_component(_event(deadline, by, uid, records.clock))
    data: bytes = made.to_ical()
    return data


def write_calendar(path: Path, data: bytes) -> None:
    """Write a calendar, whole or not at all, over an older one or where there is nothing.

    Raises UsageError where something else stands there, which a slip of the tongue must not cost; CannotWrite where it
    cannot be written.
    """
    try:
        if not atomic_file.write_own(path, data, lambda there: there[: len(_BEGIN)] in (b"", _BEGIN)):
            raise UsageError(f"{path} is no calendar and is left as it is. Name another file, such as refunds.ics.")
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {reason(error)}.") from error


def _belongs(deadline: Deadline, by: date, clock: Clock) -> bool:
    return by.year < _NEVER and (not deadline.settled or day_of(by) >= clock.today)


def _with_uids(records: Records, found: Iterable[Deadline]) -> Iterator[tuple[Deadline, str]]:
    """A deadline's name for good: from its case and entry, and from what was promised when where an entry has no
    number; never from when it is due.
    """
    seen: dict[str, int] = {}
    for deadline in found:
        which = deadline.entry if deadline.entry is not None else ""
        if deadline.entry is None and deadline.whose in (Whose.THEIRS, Whose.YOURS):
            which = f"{deadline.made} {deadline.what}"
        kind = "promise" if deadline.whose in (Whose.THEIRS, Whose.YOURS) else str(deadline.whose)
        text = "\n".join((kind, records.key_of(deadline.number), str(which)))
        seen[text] = seen.get(text, 0) + 1
        yield deadline, f"{uuid5(_NAMESPACE, text if seen[text] == 1 else f'{text} {seen[text]}')}@refundbook"


def _event(deadline: Deadline, by: date, uid: str, clock: Clock) -> Event:
    from icalendar import Event

    event = Event()
    stamp = _in_utc(clock.now, clock)
    event.add("uid", uid)
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    # RFC 5545, 3.8.7.4: a newer file's number is greater. Minutes, because it must fit 32 bits.
    event.add("sequence", int((clock.now - _COUNTED_FROM).total_seconds()) // 60)
    if has_time(by):
        event.add("dtstart", _instant(by - _LENGTH, clock))
        event.add("dtend", _instant(by, clock))
    else:
        event.add("dtstart", day_of(by))
        event.add("dtend", day_of(by) + timedelta(days=1))
    done = "Done: " if deadline.settled else ""
    event.add("summary", one_line(f"{done}{deadline.number} {deadline.who}: {deadline.what}"))
    event.add("description", _description(deadline))
    event.add("transp", "TRANSPARENT")
    if not (deadline.settled or deadline.overdue):
        event.add_component(_alarm(deadline, by))
    return event


def _description(deadline: Deadline) -> str:
    lines = [f"Case {deadline.number}: {deadline.whose}.", f"{deadline.who}: {deadline.what}"]
    if deadline.entry is not None and not deadline.settled:
        lines.append(f"When it is kept: refundbook keep {deadline.entry}")
    return "\n".join(map(one_line, lines))


def _alarm(deadline: Deadline, by: date) -> Alarm:
    """At nine in the morning of the day before, or a day before the hour."""
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", one_line(f"{deadline.number}: {deadline.what}"))
    alarm.add("trigger", -timedelta(days=1) if has_time(by) else -timedelta(hours=15))
    return alarm


def _instant(moment: datetime, clock: Clock) -> datetime:
    """In UTC, which every calendar program understands, where the workbook names its zone; else a time by whatever
    clock is on the wall there.
    """
    return _in_utc(moment, clock) if clock.zone else moment


def _in_utc(moment: datetime, clock: Clock) -> datetime:
    return moment.replace(tzinfo=clock.zone or UTC).astimezone(UTC)
