"""Corrects cells of an entry, and renames a case, checked like an append; an entry is found by its number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

from refundbook.base.errors import BadValue, EntryRefused, RulesRefuse, UnknownEntry, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.scalars import plain
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Column
from refundbook.base.values import to_text
from refundbook.book.appending import sheet_of
from refundbook.record import corrections
from refundbook.record.case_lookup import unknown_case
from refundbook.record.column_names import column_named
from refundbook.record.corrections import Correction, Wanted
from refundbook.record.entries import Entry, read_value, unreadable_finding
from refundbook.record.records import Log, Records
from refundbook.storage.session import Session

Result = TypeVar("Result")


class Amended(NamedTuple):
    """An entry as it is after a correction, and the cells that were corrected: none where all stood there already."""

    entry: Entry
    corrections: tuple[Correction, ...]


def amend(session: Session, which: str | int, values: Mapping[str, object], pillar: str | None = None) -> Amended:
    """As `Book.amend_many` says."""
    return attempted(session, lambda: _corrected(session, *meant(session, which, pillar), values))


def attempted(session: Session, work: Callable[[], Result]) -> Result:
    """What `work` gives, which may be refused, and then leaves the records as they were; it is done again on all of the
    workbook where what is known is not enough for it.
    """
    return session.on_enough(session.refusing()(work))


def _corrected(session: Session, log: Log, position: int, values: Mapping[str, object]) -> Amended:
    log.access.refuse_refreshed(log.sheet.name)
    session.know_own(log.sheet)
    columns = [(column_named(log.sheet, name, log.own_columns), value) for name, value in values.items()]
    _refuse_twice(log, [column.name for column, _ in columns])
    for column, _ in columns:
        if why := log.lacks(column.name):
            raise UsageError(why)
    _fetch_named(session, log, position, columns)
    records = session.records
    cells = ", ".join(f"{log.sheet.name}!{log.address(position, column.name)}" for column, _ in columns)
    what = f"{cells} was not changed" if len(columns) == 1 else f"{cells} were not changed"
    wanted = corrections.read_values(records, log, position, columns, what)
    done, warnings = corrections.put(records, wanted, (), what, session)
    entry = Entry(log.sheet.name, log.rows[position], dict(corrections.values_of(log, position)), tuple(warnings))
    return Amended(entry, tuple(done))


def _fetch_named(session: Session, log: Log, position: int, columns: Sequence[tuple[Column, object]]) -> None:
    """Have the cases in the records that are named in these columns: by what stands there, and by what is to stand
    there. Raises NotEnough.
    """
    for column, value in columns:
        if column.names_case:
            for number in (log[column.name][position], value):
                session.fetch(log.sheet, {column.name: number})


def meant(session: Session, which: str | int, pillar: str | None) -> tuple[Log, int]:
    """As `found` says, with all rows of its case in the session's records. Raises NotEnough too."""
    which = cast("str | int", plain(which))
    if isinstance(which, int):
        session.fetch_entry(which)
    else:
        session.fetch(CASES, {"number": which})
    return found(session.records, which, pillar, session.at.path.name)


def _refuse_twice(log: Log, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{log.sheet.name}: {log.column(twice).header} is given twice.")


def places(session: Session, which: str | int, names: Sequence[str], pillar: str | None = None) -> list[str]:
    """Where the cells stand that a correction is about, such as `Cases!G2`. Raises UnknownEntry, UsageError."""
    log, position = found(session.all_records(), which, pillar, session.at.path.name)
    session.know_own(log.sheet)
    columns = [column_named(log.sheet, name, log.own_columns) for name in names]
    return [f"{log.sheet.name}!{log.address(position, column.name)}" for column in columns]


def found(records: Records, which: str | int, pillar: str | None, book: str) -> tuple[Log, int]:
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
        raise UnknownEntry(unknown_case(records, which, book))
    return records.cases, case


def rename(session: Session, old: str, new: str) -> tuple[Correction, ...]:
    """As `Book.rename` says."""
    return attempted(session, lambda: _renamed(session, old, new))


def _renamed(session: Session, old: str, new: str) -> tuple[Correction, ...]:
    records = session.records_around(old)
    session.fetch(CASES, {"number": new})
    log, case = found(records, old, CASES.pillar, session.at.path.name)
    key, what = log.keys[case], f"Case {to_text(log['number'][case])} was not renamed"
    try:
        number = read_value(records, CASES["number"], new, {})
    except BadValue as error:
        raise EntryRefused(what, (unreadable_finding(log, case, "number", str(error)),)) from error
    if not isinstance(number, str):
        raise UsageError(f"{what}: say which number it is to have.")
    taken = records.case(records.key_of(number))
    if taken is not None and taken != case:
        raise RulesRefuse(
            f"{what}: there is a case {to_text(log['number'][taken])} already ({CASES.name}!"
            f"{log.address(taken, 'number')}). If both are one case, move its messages: `refundbook amend --entry`."
        )
    wanted = renamed_cells(records, key, number)
    for touched in {one.log.sheet.name: one.log for one in wanted}.values():
        touched.access.refuse_refreshed(touched.sheet.name)
    done, _ = corrections.put(records, wanted, (), what, session)
    return tuple(done)


def renamed_cells(records: Records, key: str, number: str) -> list[Wanted]:
    """Every cell that names a case: its number in the three logs, and where another case names it as related."""
    own = [Wanted(log, at, "number", number) for log in records.logs for at in log.by_case.get(key, ())]
    cases = records.cases
    related = [
        Wanted(cases, at, "related", number)
        for at, value in enumerate(cases["related"])
        if isinstance(value, str) and records.key_of(value) == key
    ]
    return [*own, *related]
