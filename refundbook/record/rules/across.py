"""Rules across the sheets: messages and resolutions belong to a case, come after its opening, and add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from refundbook.base.amounts import amount_text
from refundbook.base.dates import has_time, moment_text
from refundbook.base.lookalikes import how_they_differ, look_alike
from refundbook.base.schema import CASES, REFUND_STATUSES
from refundbook.record.clocks import is_past, reply_due
from refundbook.record.facts import as_date, ended_on, waiting_since
from refundbook.record.nearest import look_of, nearest_case
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules.declare import Hit, Scope, error, warning
from refundbook.record.rules.hints import Bounds, bounds, explained, if_wrong
from refundbook.record.rules.scan import comes_before, rows, rows_by_case
from refundbook.record.rules.wording import in_shell, place, shown, text_of

MOST_SUGGESTIONS = 200
"""Unknown case numbers of one check for which the nearest case is looked for, a few hundred look-ups each. With more, a whole sheet is wrong."""


@error("RB301", scope=Scope.CASE)
def no_such_case(records: Records, at: Positions) -> Iterator[Hit]:
    """A message or a resolution for a case that does not exist.

    Each message and each resolution belongs to a case that stands on the Cases sheet. Either the number was mistyped,
    or the case was not entered yet: enter it first.

        RB301 Communications!B2: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123465 date=2023-12-31 with=Support summary=Hello
        RB301 Resolutions!A2: resolution number=GTB-123456 status=Pending
        Okay: case number=GTB-123456 opened=2023-12-31 ; communication number=gtb-123456 date=2023-12-31 with=Support summary=Hello
    """
    known = records.cases.by_case
    nearest: dict[str, int | None] = {}
    for log in (records.communications, records.resolutions):
        keys = log.keys
        for i in rows(log, at):
            key = keys[i]
            if not key or key in known:
                continue
            if key not in nearest:
                nearest[key] = nearest_case(records, key) if len(nearest) < MOST_SUGGESTIONS else None
            hint = _which_case(records, text_of(log, i, "number"), nearest[key])
            yield Hit(log, i, "number", f"{shown(log, i, 'number')} is not on the {CASES.name} sheet.", hint)


def _which_case(records: Records, number: str, near: int | None) -> str:
    command = f"`refundbook append case {in_shell(number)} --opened …`"
    if near is None:
        return f"Enter the case first: {command}."
    cases = records.cases
    return (
        f"Did you mean {text_of(cases, near, 'number')} ({place(cases, near, 'number')})? If not, "
        f"enter the case first: {command}."
    )


@error("RB302", scope=Scope.CASE)
def message_before_opening(records: Records, at: Positions) -> Iterator[Hit]:
    """A message before the case was opened.

    A case begins with its first message, so none is older than Date Opened. Correct the message's date, or Date Opened
    where the message is what opened the case. Where Date Opened has no time of day, any time on that day is right.

        RB302 Communications!C2: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-30 with=Support summary=Hello
        RB203 Cases!C2, RB302 Communications!C2: case number=GTB-123456 opened=2024-01-02 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello
        Okay: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date="2023-12-31 00:01" with=Support summary=Hello
    """
    return _before_opening(records, at, records.communications)


@error("RB303", scope=Scope.CASE)
def resolved_before_opening(records: Records, at: Positions) -> Iterator[Hit]:
    """Resolved before it was opened.

    A case ends on the day on which it was opened, or later. Correct the Resolution Date, or Date Opened.

        RB303 Resolutions!C2: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2023-12-30
        Okay: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2023-12-31
    """
    return _before_opening(records, at, records.resolutions)


def _before_opening(records: Records, at: Positions, log: Log) -> Iterator[Hit]:
    cases, dates, known = records.cases, log["date"], records.cases.by_case
    openings = cases["opened"]
    for key, group in rows_by_case(log, at):
        opened = as_date(openings[known[key][0]]) if key in known else None
        if opened is None:
            continue
        for i in group:
            value = dates[i]
            if isinstance(value, date) and comes_before(value, opened):
                case = cases.by_case[key][0]
                message = (
                    f"{shown(log, i, 'date')} is before the case's {shown(cases, case, 'opened')} "
                    f"({place(cases, case, 'opened')})."
                )
                advice = f"Correct {log.sheet['date'].header}, or the case's Date Opened."
                hint = explained(records, log, i, "date", advice)
                hint += if_wrong(cases, case, "opened", bounds(records, cases, case, "opened"))
                yield Hit(log, i, "date", message, hint)


@warning("RB355", scope=Scope.LOGS)
def related_case_spelled_otherwise(records: Records, at: Positions) -> Iterator[Hit]:
    """A related case is spelled otherwise than the case.

    Related Case leads to a row of the Cases sheet, and that row is found by its number. A number that stands on no row,
    and differs from one that does by blanks, dashes, leading zeros or characters that look alike only, leads nowhere:
    write it as it stands there. (A number that is like none is a case that is kept elsewhere, and in order.)

        RB355 Cases!F3: case number=GTB-123456 opened=2023-12-31 ; case number=PP-R-1 opened=2023-12-31 related=GTB123456
        Okay: case number=GTB-123456 opened=2023-12-31 ; case number=PP-R-1 opened=2023-12-31 related=gtb-123456
        Okay: case number=GTB-123456 opened=2023-12-31 related=PP-R-1
    """
    log = records.cases
    for i in rows(log, at):
        key = log.key_of(log["related"][i])
        if not key or key in log.by_case or key == log.keys[i]:
            continue
        others = [other for other in log.lookup(look_of).get(look_alike(key), ()) if other != i]
        if others:
            other = f"{text_of(log, others[0], 'number')} in row {log.rows[others[0]]}"
            message = (
                f"{shown(log, i, 'related')} is on no row, and differs from {other} only by "
                f"{how_they_differ(key, log.keys[others[0]])}."
            )
            yield Hit(log, i, "related", message, "Write it as it stands there, if that is the case which is meant.")


@warning("RB351", scope=Scope.CASE)
def refunds_beyond_request(records: Records, at: Positions) -> Iterator[Hit]:
    """Refunds beyond the amount requested.

    The refunds of a case add up to more than was asked for: one of them was entered twice, an amount has a slip in it,
    or Amount Requested was never raised. Only amounts of the same currency are added up (a blank currency counts as the
    same).

        RB351 Resolutions!D2: case number=GTB-123456 opened=2023-12-31 amount=49.90 currency=USD ; resolution number=GTB-123456 status="Full Refund" date=2023-12-31 amount=499.00 method=Card
        RB351 Resolutions!D4: case number=GTB-123456 opened=2023-12-31 amount=50 ; resolution number=GTB-123456 status="Partial Refund" date=2023-12-31 amount=30 method=Card ; resolution number=GTB-123456 status=Reopened ; resolution number=GTB-123456 status="Partial Refund" date=2023-12-31 amount=20.01 method=Card
        Okay: case number=GTB-123456 opened=2023-12-31 amount=50 ; resolution number=GTB-123456 status="Partial Refund" date=2023-12-31 amount=50.00 method=Card
    """
    cases, log = records.cases, records.resolutions
    for key, group in rows_by_case(log, at):
        case = records.case(key)
        requested = None if case is None else _amount(cases, case)
        if case is None or requested is None or _most_refunded(log, log.by_case[key]) <= requested:
            continue
        tipping = _tipping(records, key, case, requested)
        if tipping and tipping[0] in group:
            i, total = tipping
            currency = records.currency(log, i)
            refund, sum_of_all = shown(log, i, "amount", currency), amount_text(total, currency)
            asked = shown(cases, case, "amount", currency)
            message = f"{refund} brings the refunds to {sum_of_all}, more than the case's {asked}."
            hint = f"Compare the refunds with the statement, or correct {place(cases, case, 'amount')}."
            yield Hit(log, i, "amount", message, hint)


def _most_refunded(log: Log, positions: Sequence[int]) -> Decimal | int:
    """What refunds come to if all of them count."""
    amounts = (_amount(log, i) for i in positions)
    return sum(amount for amount in amounts if amount and amount > 0)


def _amount(log: Log, position: int) -> Decimal | None:
    value = log["amount"][position]
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _tipping(records: Records, key: str, case: int, requested: Decimal) -> tuple[int, Decimal] | None:
    """The refund that brings a case's refunds above the amount requested, and the sum there."""
    log, total = records.resolutions, Decimal(0)
    currency = records.cases.currency(case)
    for i in records.resolution_history(key):
        amount, own = _amount(log, i), log.currency(i)
        if log["status"][i] not in REFUND_STATUSES or amount is None:
            continue
        currency = currency or own
        if own in ("", currency):
            total += amount
            if total > requested:
                return i, total
    return None


@warning("RB352", scope=Scope.CASE)
def currencies_differ(records: Records, at: Positions) -> Iterator[Hit]:
    """Currencies differ within a case.

    A refund in another currency than the one in which the case was opened cannot be set against the amount requested.
    Where it was paid out so, leave it and give the rate in Outcome; else correct the currency.

        RB352 Resolutions!E2: case number=GTB-123456 opened=2023-12-31 amount=49.90 currency=USD ; resolution number=GTB-123456 status="Full Refund" date=2023-12-31 amount=49.90 currency=EUR method=Card
        Okay: case number=GTB-123456 opened=2023-12-31 amount=49.90 currency=USD ; resolution number=GTB-123456 status="Full Refund" date=2023-12-31 amount=49.90 currency=usd method=Card
    """
    cases, log = records.cases, records.resolutions
    wanted, paid, by_case = cases["currency"], log["currency"], cases.by_case
    # Nearly every refund states the currency of its case, in the same letters.
    differing = {
        key
        for i in rows(log, at)
        if (key := log.keys[i]) not in by_case or wanted[by_case[key][0]] != paid[i] or len(log.by_case[key]) > 1
    }
    for key, group in rows_by_case(log, at):
        if key not in differing:
            continue
        case = records.case(key)
        stated = [] if case is None else [(cases, case)]
        stated += [(log, i) for i in log.by_case[key]]
        stated = [source for source in stated if Log.currency(*source)]
        if len({Log.currency(*source) for source in stated}) < 2:
            continue
        first = stated[0]
        for i in group:
            if log.currency(i) not in ("", Log.currency(*first)):
                earlier = f"{shown(*first, 'currency')} ({place(*first, 'currency')})"
                message = f"{shown(log, i, 'currency')} differs from the case's {earlier}."
                yield Hit(log, i, "currency", message, "Correct the one that is wrong, or give the rate in Outcome.")


@warning("RB353", scope=Scope.CASE, at_entry=False)
def no_reply(records: Records, at: Positions) -> Iterator[Hit]:
    """An open case without a reply within the target.

    Support has had longer than the response target (on the Settings sheet, 48 hours at first) to answer: since the
    first message that was sent to them after their last one, or since the case was opened if they never wrote. Ask
    again and log it. If they did answer, log that; if the case is over, log its resolution, which stops the clock.
    Where both times of day are known the hours are counted, else whole days.

        RB353 Cases!C2: case number=GTB-123456 opened=2023-12-28
        RB353 Cases!C2: case number=GTB-123456 opened=2023-12-26 ; communication number=GTB-123456 date=2023-12-27 with=Support summary="How can we help?" ; communication number=GTB-123456 date=2023-12-28 with=Support direction=Sent summary="Sent photos." ; communication number=GTB-123456 date=2023-12-31 with=Support direction=Sent summary="Any news?"
        Okay: case number=GTB-123456 opened=2023-12-26 ; communication number=GTB-123456 date=2023-12-27 with=Support summary="We look into it."
        Okay: case number=GTB-123456 opened=2023-12-29
        Okay: case number=GTB-123456 opened=2023-12-26 ; resolution number=GTB-123456 status=Withdrawn date=2023-12-31
    """
    cases, now, target = records.cases, records.clock.now, records.settings.response_target
    for key, group in rows_by_case(cases, at):
        since = waiting_since(records, key)
        if since is None or not is_past(reply_due(since, target), now):
            continue
        if (case := cases.by_case[key][0]) in group:
            hours = _hours_between(since, now)
            waited = f"{hours:.0f} hours" if hours < 72 else f"{hours // 24:.0f} days"
            what = (
                f"open, and support has not replied since {moment_text(since)} ({waited}; "
                f"the target is {target:g} hours)"
            )
            hint = "Ask support again and log it, or log the reply or the resolution that is missing here."
            yield Hit(cases, case, "opened", f"{shown(cases, case, 'opened')}: {what}.", hint)


def _hours_between(since: date, now: datetime) -> float:
    if has_time(since) and has_time(now):
        return (now - since).total_seconds() / 3600
    return 24.0 * (now.toordinal() - since.toordinal())


@warning("RB354", scope=Scope.CASE)
def message_after_the_end(records: Records, at: Positions) -> Iterator[Hit]:
    """A message after the final resolution.

    A case that has ended needs no messages; if it goes on, it is open again. Enter a resolution with the status
    Reopened, or correct the date of the message or of the resolution. On the last day itself messages are in order.

        RB354 Communications!C2: case number=GTB-123456 opened=2023-12-29 ; communication number=GTB-123456 date=2023-12-31 with=Buyer summary=Thanks ; resolution number=GTB-123456 status=Denied date=2023-12-30
        Okay: case number=GTB-123456 opened=2023-12-29 ; communication number=GTB-123456 date="2023-12-30 23:59" with=Buyer summary=Thanks ; resolution number=GTB-123456 status=Denied date=2023-12-30
    """
    log, resolutions = records.communications, records.resolutions
    dates = log["date"]
    for key, group in rows_by_case(log, at):
        ended = ended_on(records, key) if key in resolutions.by_case else None
        if ended is None:
            continue
        last = ended.toordinal()
        for i in group:
            value = dates[i]
            if isinstance(value, date) and value.toordinal() > last:
                end = records.final_resolution(key) or 0
                message = (
                    f"{shown(log, i, 'date')} is after the final {shown(resolutions, end, 'status')} "
                    f"of {moment_text(ended)}."
                )
                advice = "If the case goes on, enter a resolution with the status Reopened; else correct the date."
                hint = explained(records, log, i, "date", advice)
                limits = Bounds(value, records.clock.today)
                yield Hit(log, i, "date", message, hint + if_wrong(resolutions, end, "date", limits))
