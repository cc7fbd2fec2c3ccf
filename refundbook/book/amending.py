"""Corrects one cell of one entry, checked like an append; the rest of the entry is found by its number."""

from __future__ import annotations

from typing import cast

from refundbook.base.dates import day_of
from refundbook.base.errors import BadValue, EntryRefused, RulesRefuse, UnknownEntry, UsageError
from refundbook.base.findings import Finding, Severity
from refundbook.base.scalars import plain
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS
from refundbook.base.values import to_text
from refundbook.book.appending import sheet_of
from refundbook.record import rules
from refundbook.record.column_names import column_named
from refundbook.record.entries import Entry, read_value, unreadable_finding
from refundbook.record.promises import promise_at
from refundbook.record.records import Log, Records
from refundbook.storage.session import Session


def amend(session: Session, which: str | int, column: str, value: object, pillar: str | None = None) -> Entry:
    """As `Book.amend` says."""
    records = session.all_records()
    log, position = _found(records, which, pillar, session.at.path.name)
    log.access.refuse_refreshed(log.sheet.name)
    session.know_own(log.sheet)
    target = column_named(log.sheet, column, log.own_columns)
    if why := log.lacks(target.name):
        raise UsageError(why)
    what = f"{log.sheet.name}!{log.address(position, target.name)} was not changed"
    row = {name: values[position] for name, values in log.columns.items()}
    try:
        new = read_value(records, target, value, row)
    except BadValue as error:
        raise EntryRefused(what, (unreadable_finding(log, position, target.name, str(error)),)) from error
    warnings = _replaced(records, log, position, target.name, new, what)
    session.amended(log, position, target.name)
    warnings += rules.check(records, {log.sheet.name: [position]}, rules.ABOUT_THE_SHEET)
    values = {name: cells[position] for name, cells in log.columns.items()}
    return Entry(log.sheet.name, log.rows[position], values, tuple(warnings))


def _replaced(records: Records, log: Log, position: int, name: str, value: object, what: str) -> list[Finding]:
    """Put a value in its place, and give what the rules warn of that they did not before. Raises EntryRefused; then
    all is as it was.
    """
    keys = {log.keys[position]}
    if name == "number" and isinstance(value, str):
        keys.add(records.key_of(value))

    def findings() -> list[Finding]:
        # An entry number is the one value that must not stand in another case's rows.
        return rules.check(records, None if name == "entry" else records.about(keys))

    before = set(findings())
    undo = log.replace(position, name, value)
    new = [finding for finding in findings() if finding not in before]
    errors = tuple(finding for finding in new if finding.severity is Severity.ERROR)
    if errors:
        undo()
        raise EntryRefused(what, errors)
    return new


def _found(records: Records, which: str | int, pillar: str | None, book: str) -> tuple[Log, int]:
    """The log and the position of the entry that is meant; `book` is what messages call the workbook. Raises
    UnknownEntry, UsageError.
    """
    which = cast("str | int", plain(which))
    sheet = None if pillar is None else sheet_of(pillar)
    if isinstance(which, int):
        if sheet not in (None, COMMUNICATIONS):
            raise UsageError(f"An entry number belongs to {COMMUNICATIONS.name}; name a {pillar} by its case number.")
        entries = records.communications["entry"]
        if which not in entries:
            raise UnknownEntry(f"There is no entry {which} in {COMMUNICATIONS.name}.")
        return records.communications, entries.index(which)
    key = records.key_of(which)
    if sheet is COMMUNICATIONS:
        raise UsageError("A case may have many messages: name the one you mean by its entry number.")
    if sheet is RESOLUTIONS:
        newest = records.newest_resolution(key)
        if newest is None:
            raise UnknownEntry(f"Case {which} has no resolution.")
        return records.resolutions, newest
    case = records.case(key)
    if case is None:
        raise UnknownEntry(f"There is no case {which} in {book}.")
    return records.cases, case


def keep_promise(session: Session, entry: int, on: object = None) -> Entry:
    """Enter that the promise in message `entry` was kept: on that day, or today. It is saved with the book.

    Raises UnknownEntry where there is no such entry or no promise in it, RulesRefuse where it is kept already, and
    what `amend` raises.
    """
    entry, on = cast("int", plain(entry)), plain(on)
    records = session.all_records()
    log = records.communications
    at = log["entry"].index(entry) if entry in log["entry"] else None
    promise = None if at is None else promise_at(records, at)
    if at is not None and promise is None:
        raise UnknownEntry(
            f"Entry {entry} holds no promise ({COMMUNICATIONS.name}!{log.address(at, 'promise')} is empty). "
            "`refundbook due` lists the promises that are open, with their entries."
        )
    if promise and promise.kept_on is not None:
        raise RulesRefuse(
            f"The promise in entry {entry} ({promise.number}: {promise.what}) was kept on {day_of(promise.kept_on)} "
            f"already. If that day is wrong, correct {COMMUNICATIONS.name}!{log.address(at or 0, 'kept_on')} in Excel."
        )
    return amend(session, entry, "kept_on", records.clock.today if on is None else on)


def answered(session: Session, number: str, on: object = None) -> Entry:
    """Enter that the answer to a case's gateway went out: on that day, or today. It is saved with the book.

    Raises UnknownEntry where there is no such case or no Respond By in it, RulesRefuse where it is answered already,
    UsageError where the workbook has no column for it, and what `amend` raises.
    """
    records, number = session.all_records(), str(plain(number))
    log, at = _found(records, number, CASES.pillar, session.at.path.name)
    if why := log.lacks("answered_on"):
        raise UsageError(why)
    if log["respond_by"][at] is None:
        raise UnknownEntry(
            f"Case {number} has no deadline of a gateway's ({CASES.name}!{log.address(at, 'respond_by')}, Respond By, "
            "is empty). Enter it there first; `refundbook due` lists the deadlines that run."
        )
    if (then := log["answered_on"][at]) is not None:
        raise RulesRefuse(
            f"Case {number} was answered on {to_text(then)} already. "
            f"If that day is wrong, correct {CASES.name}!{log.address(at, 'answered_on')} in Excel."
        )
    return amend(session, number, "answered_on", records.clock.today if on is None else plain(on), CASES.pillar)
