"""What is true of one case: its status, its days, its money, since when it waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from refundbook.base.dates import day_of
from refundbook.base.schema import OPEN_STATUSES, REFUND_STATUSES
from refundbook.base.values import to_text
from refundbook.record.records import Log, Records


def status(records: Records, key: str) -> str:
    """The status of a case's newest resolution entry; Pending where there is none."""
    newest = records.newest_resolution(key)
    return to_text(records.resolutions["status"][newest]) if newest is not None else OPEN_STATUSES[0]


def days_open(records: Records, case: int) -> int | None:
    """The days from the opening of the case at this position to its final resolution, or to today; None where a date is
    not known.
    """
    final = records.final_resolution(records.cases.keys[case])
    ended = as_date(records.resolutions["date"][final]) if final is not None else records.clock.today
    opened = as_date(records.cases["opened"][case])
    return (day_of(ended) - day_of(opened)).days if ended and opened else None


def asked(records: Records, case: int) -> dict[str, Decimal]:
    """The amount requested, by its currency."""
    amount = _amount(records.cases, case)
    return {} if amount is None else {records.cases.currency(case): amount}


def paid(records: Records, case: int) -> dict[str, Decimal]:
    """The refunds of a case added up, by currency; a refund without one is in the currency of the request."""
    log = records.resolutions
    total: dict[str, Decimal] = {}
    for i in records.resolution_history(records.cases.keys[case]):
        amount = _amount(log, i)
        if amount is not None and log["status"][i] in REFUND_STATUSES:
            currency = records.currency(log, i)
            total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def _amount(log: Log, position: int) -> Decimal | None:
    value = log["amount"][position]
    return value if isinstance(value, Decimal) and value.is_finite() else None


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
    """Since when an open case waits for support: the first message sent to them after their last one, or the opening if
    they never wrote.

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
