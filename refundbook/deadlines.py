"""When a case began and ended, and by when support should have replied: for the rules that warn of it and the views that list it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from refundbook.dates import has_time, moment_before
from refundbook.records import Records


def as_date(value: object) -> date | None:
    """`value` where it is a date or a date-time, else None."""
    return value if isinstance(value, date) else None


def opened_on(records: Records, key: str) -> date | None:
    """When a case was opened, where that is known."""
    position = records.case(key)
    return None if position is None else as_date(records.cases["opened"][position])


def ended_on(records: Records, key: str) -> date | None:
    """When a case came to its final resolution, where that is known."""
    position = records.final_resolution(key)
    return None if position is None else as_date(records.resolutions["date"][position])


def waiting_since(records: Records, key: str) -> date | None:
    """Since when an open case waits for support: the first message sent to them after their last one, or the opening if they never wrote.

    None where the case has ended, where the last word is theirs, and where the date is not known.
    """
    if records.final_resolution(key) is not None:
        return None
    log = records.communications
    first_unanswered: date | None = None
    for i in reversed(records.messages(key)):
        if log["with_"][i] != "Support":
            continue
        if records.is_received(i):
            return first_unanswered
        first_unanswered = as_date(log["date"][i])
    return opened_on(records, key)


def reply_due(since: date, target: float) -> date:
    """By when support should have replied, `target` hours after `since`; a date without a time of day means the end of that day.

    From a day without a time the hours are counted in whole days.
    """
    span = timedelta(hours=target) if has_time(since) else timedelta(days=target // 24)
    try:
        due = since + span
    except OverflowError:
        return date.max
    if isinstance(due, datetime) and due.time() == time_of_day():
        # Midnight is no time of day in a workbook: the moment is the end of the day before.
        return due.date() - timedelta(days=1) if has_time(since) else due.date()
    return due.replace(microsecond=0) if isinstance(due, datetime) else due


def is_past(due: date, now: date) -> bool:
    """Whether a deadline has passed; one without a time of day has when its day is over."""
    return moment_before(due, now)
