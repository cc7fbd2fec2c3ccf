"""What the Tracker sheet says right of its five columns, now, told from the records: what its formulas are held to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from refundbook.base.dates import END_OF_DAY, day_of, has_time
from refundbook.base.due_words import GATEWAY_WAITS, NO_DATE, NO_REPLY_SINCE, OVERDUE
from refundbook.base.values import to_text
from refundbook.record.clocks import is_past, reply_due
from refundbook.record.facts import as_date, days_open, waiting_since
from refundbook.record.promises import OPEN_STATES, promise_at
from refundbook.record.records import Records
from refundbook.record.tracker import sheet_rows

WorkingRow = tuple[str, int | None, Decimal | None, str, str, str]
"""Status, days open, amount requested, its currency, what is due next, and the row on the Cases sheet."""


class Due(NamedTuple):
    """Something that is due and not settled: until when (None: no date was given), since when, who is to do something,
    and what.
    """

    by: date | None
    since: date | None
    who: str
    what: str


def working_columns(records: Records, case: int) -> WorkingRow:
    """What the Tracker sheet says right of its five columns of the case at this position, now; a case without a number
    has nothing.
    """
    if not records.cases.keys[case]:
        return "", None, None, "", "", ""
    *_, status, amount, currency, go_to = next(sheet_rows(records, [case]))
    return status, days_open(records, case), amount, currency, due_next(records, case), go_to


def due_next(records: Records, case: int) -> str:
    """When the next deadline of the case at this position ends, whether it is overdue, who is to do something, and
    what, such as `2023-11-05 overdue - Support (Maya): Investigate`; `""` for none.

    It is the oldest; of several at the same moment a promise, then the gateway's. One without a date comes last.
    """
    found = [*_promised(records, case), *_asked_by_gateway(records, case), *_unanswered(records, case)]
    if not found:
        return ""
    first = min(found, key=lambda due: (due.by is None, _last_moment(due)))
    ends = _last_moment(first)
    time = "" if ends.time() == END_OF_DAY else f" {ends:%H:%M}"
    when = NO_DATE if first.by is None else f"{ends.date()}{time}"
    overdue = first.by is not None and is_past(first.by, records.clock.now)
    return f"{when}{f' {OVERDUE}' if overdue else ''} - {first.who}: {first.what}"


def _last_moment(due: Due) -> datetime:
    day = due.by or due.since or date.max
    return day if has_time(day) else datetime.combine(day_of(day), END_OF_DAY)


def _promised(records: Records, case: int) -> Iterator[Due]:
    for i in records.communications.by_case.get(records.cases.keys[case], ()):
        found = promise_at(records, i)
        if found is not None and found.state in OPEN_STATES:
            yield Due(found.due, found.made, f"You to {found.party}" if found.by_you else found.party, found.what)


def _asked_by_gateway(records: Records, case: int) -> Iterator[Due]:
    cases = records.cases
    by, issuer = as_date(cases["respond_by"][case]), to_text(cases["issuer"][case])
    is_answered = as_date(cases["answered_on"][case]) is not None
    if by is not None and not is_answered and records.final_resolution(cases.keys[case]) is None:
        yield Due(by, None, f"You to {issuer}" if issuer else "You", GATEWAY_WAITS)


def _unanswered(records: Records, case: int) -> Iterator[Due]:
    key = records.cases.keys[case]
    since = waiting_since(records, key)
    first = records.case(key)
    by = reply_due(since, records.settings.response_target) if since and first is not None else None
    if since is not None and by is not None and is_past(by, records.clock.now):
        yield Due(by, since, "Support", f"{NO_REPLY_SINCE} {day_of(since).isoformat()}")
