"""Rules on the dates of one row: none in the future that cannot be, none before what it follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from refundbook.base.dates import day_of, moment_text, stamp
from refundbook.record.facts import as_date
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules.declare import Hit, Scope, error, warning
from refundbook.record.rules.hints import HAPPENED, Bounds, bounds, explained, if_wrong
from refundbook.record.rules.scan import comes_before, rows, suspects
from refundbook.record.rules.wording import shown


@error("RB203", scope=Scope.CELL)
def opened_in_the_future(records: Records, at: Positions) -> Iterator[Hit]:
    """Opened in the future.

    A case is entered when it has been opened, so its date cannot lie ahead of today (in the workbook's time zone, see
    the Settings sheet). Correct Date Opened: often day and month are swapped, or the year is the wrong one in the first
    days of January.

        RB203 Cases!C2: case number=GTB-123456 opened=2024-01-02
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    return _in_the_future(records, at, records.cases, "opened")


@error("RB204", scope=Scope.CELL)
def message_in_the_future(records: Records, at: Positions) -> Iterator[Hit]:
    """A message in the future.

    A message is logged when it has been sent or received. A message that you plan is a note, or a promise with a due
    date. Correct its date; with a time of day, the time counts too.

        RB204 Communications!C2: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date=2024-01-01 with=Support summary=Hello
        Okay: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date="2023-12-31 18:00" with=Support summary=Hello
    """
    return _in_the_future(records, at, records.communications, "date")


@error("RB205", scope=Scope.CELL)
def resolved_in_the_future(records: Records, at: Positions) -> Iterator[Hit]:
    """Resolved in the future.

    A resolution is the actual end of a case, on the day on which it came. Until then the case is Pending, without a
    date; say in Outcome what is expected, and when. Correct the date, or the status.

        RB205 Resolutions!C2: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2024-01-01
        Okay: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Denied date=2023-12-31
    """
    return _in_the_future(records, at, records.resolutions, "date")


@error("RB206", scope=Scope.ROW)
def due_before_promised(records: Records, at: Positions) -> Iterator[Hit]:
    """Due before the promise was made.

    A promise is due on the day of the message that makes it, or later. Correct Due, or the message's date.

        RB206 Communications!J2: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello promise=Refund due=2023-12-30 kept_on=2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello promise=Refund due=2023-12-31
    """
    return _before(records, at, records.communications, "due")


@error("RB207", scope=Scope.ROW)
def kept_before_promised(records: Records, at: Positions) -> Iterator[Hit]:
    """Kept before the promise was made.

    A promise is kept on the day of the message that makes it, or later. Correct Kept On, or the message's date.

        RB207 Communications!K2: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello promise=Refund kept_on=2023-12-30
        Okay: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello promise=Refund kept_on=2023-12-31
    """
    return _before(records, at, records.communications, "kept_on")


@error("RB208", scope=Scope.ROW)
def logged_before_it_happened(records: Records, at: Positions) -> Iterator[Hit]:
    """Logged before it happened.

    Logged At is when an entry was made, and nothing can be logged before it happens. One of the two dates is wrong:
    usually the one that was typed, since refundbook fills in Logged At. (While that date lies in the future, only the
    rule about that speaks.)

        RB208 Cases!N2: case number=GTB-123456 opened=2023-12-31 logged_at=2023-12-30
        RB208 Communications!M2: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date="2023-12-31 12:00" with=Support summary=Hello logged_at="2023-12-31 11:59"
        Okay: case number=GTB-123456 opened=2023-12-31 logged_at=2023-12-31
    """
    for log in records.logs:
        name = HAPPENED[log.sheet.name]
        happened, logged = log[name], log["logged_at"]
        for i in rows(log, at):
            then, entered = happened[i], logged[i]
            if not (isinstance(then, date) and isinstance(entered, date) and comes_before(entered, then)):
                continue
            if not comes_before(records.clock.now, then):
                message = f"{shown(log, i, 'logged_at')} is before {shown(log, i, name)}."
                hint = f"Correct {log.sheet[name].header}, or clear Logged At if it was changed by hand."
                wrong = [if_wrong(log, i, which, bounds(records, log, i, which)) for which in (name, "logged_at")]
                yield Hit(log, i, "logged_at", message, hint + "".join(wrong))


@error("RB213", scope=Scope.CELL)
def kept_in_the_future(records: Records, at: Positions) -> Iterator[Hit]:
    """Kept in the future.

    Kept On says that a promise has been kept, which ends the reminders about it. Leave it blank until then; the day by
    which it is to be kept is Due.

        RB213 Communications!K2: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello promise=Refund kept_on=2024-01-01
        Okay: case number=GTB-123456 opened=2023-12-30 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello promise=Refund due=2024-01-01
    """
    return _in_the_future(records, at, records.communications, "kept_on")


@error("RB214", scope=Scope.CELL)
def answered_in_the_future(records: Records, at: Positions) -> Iterator[Hit]:
    """Answered in the future.

    Answered On says that your answer has gone to the payment gateway, which ends the reminders of its deadline. Leave it
    blank until then; the gateway's deadline is Respond By.

        RB214 Cases!P2: case number=GTB-123456 opened=2023-12-31 respond_by=2024-01-05 answered_on=2024-01-01
        Okay: case number=GTB-123456 opened=2023-12-31 respond_by=2024-01-05 answered_on=2023-12-31
    """
    return _in_the_future(records, at, records.cases, "answered_on")


@error("RB215", scope=Scope.ROW)
def answered_before_opened(records: Records, at: Positions) -> Iterator[Hit]:
    """Answered before the case was opened.

    A gateway is answered on the day on which the case was opened, or later. Correct Answered On, or Date Opened.

        RB215 Cases!P2: case number=GTB-123456 opened=2023-12-31 respond_by=2024-01-05 answered_on=2023-12-30
        Okay: case number=GTB-123456 opened=2023-12-31 respond_by=2024-01-05 answered_on=2023-12-31
    """
    log = records.cases
    for i in suspects(log, at, "answered_on", lambda value: isinstance(value, date)):
        answered, opened = as_date(log["answered_on"][i]), as_date(log["opened"][i])
        if answered is None or opened is None or not comes_before(answered, opened):
            continue
        message = f"{shown(log, i, 'answered_on')} is before {shown(log, i, 'opened')}."
        hint = explained(records, log, i, "answered_on", "Correct Answered On, or Date Opened.")
        limits = bounds(records, log, i, "opened")
        latest = min(answered, limits.latest or answered, key=stamp)
        yield Hit(log, i, "answered_on", message, hint + if_wrong(log, i, "opened", limits._replace(latest=latest)))


@warning("RB253", scope=Scope.CASE, at_entry=False)
def promise_overdue(records: Records, at: Positions) -> Iterator[Hit]:
    """A promise is overdue.

    Something was promised, its day has passed, and the case is still open. A promise of support's: remind them, and log
    that as a message. One of yours: keep it. Then enter the day in Kept On. A due date without a time of day has passed
    when the day is over; a final resolution stops the clock.

        RB253 Communications!J2: case number=GTB-123456 opened=2023-12-29 ; communication number=GTB-123456 date=2023-12-29 with=Support summary=Hello promise=Refund due=2023-12-30
        Okay: case number=GTB-123456 opened=2023-12-29 ; communication number=GTB-123456 date=2023-12-29 with=Support summary=Hello promise=Refund due=2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-29 ; communication number=GTB-123456 date=2023-12-29 with=Support summary=Hello promise=Refund due=2023-12-30 ; resolution number=GTB-123456 status=Denied date=2023-12-31
    """
    log, now = records.communications, records.clock.now
    promise, due, kept = log["promise"], log["due"], log["kept_on"]
    for i in rows(log, at):
        by = due[i]
        if promise[i] is None or kept[i] is not None or not isinstance(by, date) or not comes_before(by, now):
            continue
        if records.final_resolution(log.keys[i]) is None:
            message = f"{shown(log, i, 'due')} has passed, and the promise is not kept: {shown(log, i, 'promise')}."
            hint = "Ask after it and log that, or enter the day on which it was kept in Kept On."
            yield Hit(log, i, "due", message, hint)


LATE_AFTER = 3
"""Days between what happened and its entry that pass without a word: a weekend and a day."""

AT_ONCE = 20
"""Entries that share their Logged At with so many others were not made one by one when something happened, but taken over."""


@warning("RB254", scope=Scope.LOGS, at_entry=False)
def logged_late(records: Records, at: Positions) -> Iterator[Hit]:
    """An entry was logged days late.

    A log made at once is worth more in a dispute than one made from memory, so an entry that was logged more than 3
    days after what it is about is pointed out. There is nothing to correct, unless the date of what happened is wrong;
    enter the next one on its day. Entries that share their Logged At with 20 others or more were taken over from
    elsewhere, as by `refundbook import`, and are passed over.

        RB254 Cases!N2: case number=GTB-123456 opened=2023-12-27 logged_at=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello
        Okay: case number=GTB-123456 opened=2023-12-28 logged_at=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello
    """
    for log in records.logs:
        name = HAPPENED[log.sheet.name]
        happened, logged = log[name], log["logged_at"]
        for i in rows(log, at):
            then, entered = happened[i], logged[i]
            if not (isinstance(then, date) and isinstance(entered, date)):
                continue
            if (days := entered.toordinal() - then.toordinal()) > LATE_AFTER and not _is_taken_over(records, entered):
                message = f"{shown(log, i, 'logged_at')} is {days} days after {shown(log, i, name)}."
                hint = "Nothing is to be corrected if both are right; the next entry is best made on its day."
                near = entered - timedelta(days=LATE_AFTER)
                yield Hit(log, i, "logged_at", message, hint + if_wrong(log, i, name, Bounds(near, entered)))


def _is_taken_over(records: Records, logged: date) -> bool:
    """Whether so many entries, on whichever sheet, were logged at the same moment that they were taken over from elsewhere."""
    return sum(len(log.lookup(_logged_of).get(logged, ())) for log in records.logs) > AT_ONCE


def _logged_of(log: Log, position: int) -> date | None:
    """When an entry was logged: a feature for `Log.lookup`."""
    return as_date(log["logged_at"][position])


def _in_the_future(records: Records, at: Positions, log: Log, name: str) -> Iterator[Hit]:
    now = records.clock.now

    def is_ahead(value: object) -> bool:
        return isinstance(value, date) and comes_before(now, value)

    for i in suspects(log, at, name, is_ahead):
        value = as_date(log[name][i])
        is_today = value is not None and day_of(value) == day_of(now)
        reference = f"it is {moment_text(now)}" if is_today else f"today is {day_of(now)}"
        message = f"{shown(log, i, name)} is in the future ({reference})."
        yield Hit(log, i, name, message, explained(records, log, i, name, f"Correct {log.sheet[name].header}."))


def _before(records: Records, at: Positions, log: Log, name: str) -> Iterator[Hit]:
    """Messages in which the date `name` is before the message's own."""
    values, firsts = log[name], log["date"]
    for i in rows(log, at):
        value, first = values[i], firsts[i]
        if isinstance(value, date) and isinstance(first, date) and comes_before(value, first):
            hint = f"Correct {log.sheet[name].header}, or the message's {log.sheet['date'].header}."
            message = f"{shown(log, i, name)} is before the message's {shown(log, i, 'date')}."
            hint = explained(records, log, i, name, hint) + if_wrong(
                log, i, "date", _before_too(records, log, i, value)
            )
            yield Hit(log, i, name, message, hint)


def _before_too(records: Records, log: Log, position: int, latest: date) -> Bounds:
    """The days that a message's date can be if it is not after another date of it."""
    limits = bounds(records, log, position, "date")
    return limits._replace(latest=min(latest, limits.latest or latest, key=stamp))
