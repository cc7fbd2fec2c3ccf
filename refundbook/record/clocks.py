"""When a case began and ended, and by when support should have replied: for the rules that warn of it and the views
that list it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from refundbook.base.dates import has_time, moment_before


def reply_due(since: date, target: float) -> date:
    """By when support should have replied, `target` hours after `since`; a date without a time of day means the end of
    that day.

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
