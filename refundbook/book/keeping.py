"""Marks a promise as kept, or a gateway as answered, and takes that back."""

from __future__ import annotations

from typing import cast

from refundbook.base.dates import day_of
from refundbook.base.errors import RulesRefuse, UnknownEntry, UsageError
from refundbook.base.scalars import plain
from refundbook.base.schema import CASES, COMMUNICATIONS
from refundbook.base.values import to_text
from refundbook.book.amending import amend, attempted, meant
from refundbook.record.entries import Entry
from refundbook.record.promises import promise_at
from refundbook.record.records import Log
from refundbook.storage.session import Session
from refundbook.system.shell import argument


def keep_promise(session: Session, entry: int, on: object = None, *, undo: bool = False) -> Entry:
    """Enter that the promise in message `entry` was kept: on that day, or today; with `undo` that it was not. It is
    saved with the book.

    Raises UnknownEntry where there is no such entry or no promise in it, RulesRefuse where it is so already, and what
    `amend` raises.
    """
    return attempted(session, lambda: _kept(session, cast("int", plain(entry)), plain(on), undo=undo))


def _kept(session: Session, entry: int, on: object, *, undo: bool) -> Entry:
    log, at = meant(session, entry, None)
    records = session.records
    promise = promise_at(records, at)
    if promise is None:
        raise UnknownEntry(
            f"Entry {entry} holds no promise ({COMMUNICATIONS.name}!{log.address(at, 'promise')} is empty). "
            "`refundbook due` lists the promises that are open, with their entries."
        )
    if undo:
        return _taken_back(session, entry, None, "kept_on", f"The promise in entry {entry} is not marked as kept.")
    if promise.kept_on is not None:
        raise RulesRefuse(
            f"The promise in entry {entry} ({promise.number}: {promise.what}) was kept on {day_of(promise.kept_on)} "
            f"already. If that day is wrong, correct it ({COMMUNICATIONS.name}!{log.address(at, 'kept_on')}; "
            f'`refundbook amend --entry {entry} "{COMMUNICATIONS["kept_on"].header}=…"`), or take it back with --undo.'
        )
    return amend(session, entry, {"kept_on": records.clock.today if on is None else on}).entry


def answered(session: Session, number: str, on: object = None, *, undo: bool = False) -> Entry:
    """Enter that the answer to a case's gateway went out: on that day, or today; with `undo` that it did not. It is
    saved with the book.

    Raises UnknownEntry where there is no such case or no Respond By in it, RulesRefuse where it is so already,
    UsageError where the workbook has no column for it, and what `amend` raises.
    """
    return attempted(session, lambda: _answered(session, str(plain(number)), plain(on), undo=undo))


def _answered(session: Session, number: str, on: object, *, undo: bool) -> Entry:
    log, at = meant(session, number, CASES.pillar)
    if why := log.lacks("answered_on"):
        raise UsageError(why)
    if undo:
        return _taken_back(session, number, CASES.pillar, "answered_on", f"Case {number} is not marked as answered.")
    _refuse_answered(log, at, number)
    day = session.records.clock.today if on is None else on
    return amend(session, number, {"answered_on": day}, CASES.pillar).entry


def _refuse_answered(log: Log, at: int, number: str) -> None:
    if log["respond_by"][at] is None:
        raise UnknownEntry(
            f"Case {number} has no deadline of a gateway's ({CASES.name}!{log.address(at, 'respond_by')}, Respond By, "
            "is empty). Enter it there first; `refundbook due` lists the deadlines that run."
        )
    if (then := log["answered_on"][at]) is not None:
        raise RulesRefuse(
            f"Case {number} was answered on {to_text(then)} already. "
            f"If that day is wrong, correct it ({CASES.name}!{log.address(at, 'answered_on')}; "
            f'`refundbook amend {argument(number)} "{CASES["answered_on"].header}=…"`), or take it back with --undo.'
        )


def _taken_back(session: Session, which: str | int, pillar: str | None, name: str, is_not: str) -> Entry:
    log, at = meant(session, which, pillar)
    if log[name][at] is None:
        raise RulesRefuse(is_not)
    return amend(session, which, {name: None}, pillar).entry
