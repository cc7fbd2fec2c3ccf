"""What the Tracker sheet says right of its five columns, now: what its formulas follow."""

from __future__ import annotations

from decimal import Decimal

from refundbook.base.dates import END_OF_DAY, day_of
from refundbook.base.due_words import GATEWAY_WAITS, NO_DATE, NO_REPLY_SINCE, OVERDUE
from refundbook.record.facts import days_open
from refundbook.record.promises import Whose, last_moment, next_due
from refundbook.record.records import Records
from refundbook.record.tracker import sheet_rows

WorkingRow = tuple[str, int | None, Decimal | None, str, str, str]
"""Status, days open, amount requested, its currency, what is due next, and the row on the Cases sheet."""


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
    """
    found = next_due(records, case)
    if found is None:
        return ""
    ends = last_moment(found)
    time = "" if ends.time() == END_OF_DAY else f" {ends:%H:%M}"
    when = NO_DATE if found.by is None else f"{ends.date()}{time}"
    since = day_of(found.made).isoformat() if found.made else ""
    what = {Whose.GATEWAY: GATEWAY_WAITS, Whose.REPLY: f"{NO_REPLY_SINCE} {since}"}.get(found.whose, found.what)
    return f"{when}{f' {OVERDUE}' if found.overdue else ''} - {found.who}: {what}"
