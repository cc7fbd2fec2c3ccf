"""Undoes what the newest line of the history tells, by a line of its own; the rules judge what comes of it."""

from __future__ import annotations

from collections.abc import Iterator

from refundbook.base.errors import EntryRefused, RulesRefuse, UsageError
from refundbook.base.findings import Finding
from refundbook.base.own_columns import own_name
from refundbook.base.schema import BY_PILLAR, Kind
from refundbook.record import rules
from refundbook.record.corrections import Wanted
from refundbook.record.history.cells import Plain, Row, is_formula, number_of, row_at, value_of
from refundbook.record.history.chain import Change
from refundbook.record.history.reversal import Reversal, reversal
from refundbook.record.history.words import change_text
from refundbook.record.records import Log, Records
from refundbook.storage.session import Session


def undoable(session: Session) -> Reversal:
    """As `Book.undoable` says."""
    return session.on_enough(lambda: reversal(session.history_back()))


def undo(session: Session, line: int | None = None) -> Reversal:
    """As `Book.undo` says."""
    if session.is_changed:
        raise UsageError("Save what was entered first: only what is saved can be undone.")
    try:
        return session.on_enough(lambda: _undo(session, line))
    except BaseException:
        session.forget_changes()
        raise


def _undo(session: Session, line: int | None) -> Reversal:
    session.note_history()
    found = reversal(session.history_back())
    if line is not None and found.line.number != line:
        raise RulesRefuse("Something else was done meanwhile. Nothing was undone: run it again, and see what it says.")
    _fetch(session, found)
    with session.refusing():
        before = set(_errors(session, found))
        _apply(session, session.records, found)
        errors = [finding for finding in _errors(session, found) if finding not in before]
        if errors:
            raise EntryRefused(f"Line {found.line.number} of the history was not undone", tuple(errors))
    return found


def _rows(found: Reversal) -> Iterator[tuple[str, Row]]:
    """Every row that the changes lead from or to, with its pillar."""
    for change in found.changes:
        yield from ((change.pillar, row) for row in (change.before, change.after) if row is not None)


def _fetch(session: Session, found: Reversal) -> None:
    """Have all rows in the session's records of the cases that the changes are about. Raises NotEnough."""
    session.expect(len(found.changes))
    for pillar, row in _rows(found):
        sheet = BY_PILLAR[pillar]
        named = {column.name: row.get(column.header) for column in sheet.columns if column.names_case}
        session.fetch(sheet, named)
        session.know_own(sheet)


def _errors(session: Session, found: Reversal) -> list[Finding]:
    """What breaks a rule, of the cases that the changes are about at least."""
    records = session.records
    numbers = [number_of(pillar, row) for pillar, row in _rows(found)]
    at = session.concerned(records.key_of(number) for number in numbers if number)
    return rules.check(records, at, codes=rules.ERRORS)


def _apply(session: Session, records: Records, found: Reversal) -> None:
    """Rows go first: what stands behind them moves up in its log."""
    changes = [(records.log(BY_PILLAR[change.pillar]), change) for change in found.changes]
    for log, _ in changes:
        log.access.refuse_refreshed(log.sheet.name)
    for log, change in changes:
        if change.after is None:
            session.remove(log, _position(log, change))
    for log, change in changes:
        if change.before is not None and change.after is not None:
            position = _position(log, change)
            for name, value in _cells(log, change):
                log.replace(position, name, value)
                session.corrected(Wanted(log, position, name, value))
    for log, change in changes:
        if change.before is None:
            session.add(log.sheet, dict(_cells(log, change)), session.next_row(log.sheet))


def _cells(log: Log, change: Change) -> Iterator[tuple[str, object]]:
    """The cells that a change is to give another value, by column name. Raises RulesRefuse for a column that is gone,
    and for what the history does not hold.
    """
    names = {column.header: column.name for column in log.sheet.columns}
    for header, _, after in change.cells():
        name = names.get(header) or own_name(log.sheet, header)
        if not log.letters_of(name):
            if after is None:
                continue
            raise RulesRefuse(f"This cannot be undone: {log.sheet.name} has no column {header} any more.")
        column = log.column(name)
        if after is not None and column.kind is not Kind.FORMULA:
            _refuse_unknown(log, change, header, after)
        if column.kind is not Kind.FORMULA:
            value = value_of(column, after)
            is_number = name not in log.columns and isinstance(value, int) and not isinstance(value, bool)
            yield name, float(value) if is_number and isinstance(value, int) else value


def _refuse_unknown(log: Log, change: Change, header: str, value: Plain) -> None:
    if is_formula(value) or (isinstance(value, dict) and "date" not in value):
        raise RulesRefuse(
            f"This cannot be undone: in {log.sheet.name}, {header} of {change.number}, a formula or an error stood, "
            "which the history does not hold. See `refundbook restore`."
        )


def _position(log: Log, change: Change) -> int:
    """Where the row stands that a change begins with. Raises RulesRefuse where it is not as it was."""
    row = change.before or {}
    touched = set(row) if change.after is None else {header for header, _, _ in change.cells()}
    best, most = -1, -1
    for at in _candidates(log, change, row):
        now = row_at(log, at)
        headers = touched | (set(now) if change.after is None else set())
        if all(_is_equal(now.get(header), row.get(header)) for header in headers):
            alike = sum(now.get(header) == value for header, value in row.items())
            best, most = (at, alike) if alike > most else (best, most)
    if best < 0:
        raise RulesRefuse(
            f"This cannot be undone: it was changed since ({change_text(change)}). Correct it with `refundbook amend`, "
            "or see `refundbook restore`."
        )
    return best


def _candidates(log: Log, change: Change, row: Row) -> Iterator[int]:
    own = Change(change.pillar, row, None)
    for at, number in enumerate(log["number"]):
        if number == own.number or (own.entry is not None and log["entry"][at] == own.entry):
            yield at


def _is_equal(now: Plain, then: Plain) -> bool:
    """Formulas go on by themselves, and are none of the entry's."""
    return now == then or is_formula(now) or is_formula(then)
