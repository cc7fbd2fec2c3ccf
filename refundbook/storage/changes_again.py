"""Changes that were made in the records of some cases, made again in those of the whole workbook."""

from __future__ import annotations

from collections.abc import Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import Sheet
from refundbook.record.corrections import Wanted
from refundbook.record.records import Log, Records
from refundbook.storage.changes import Added, Changes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol


class Done(NamedTuple):
    """What was done: the rows that were taken out, the new entries, and the cells that were corrected, by their rows,
    with their values.
    """

    removed: tuple[tuple[Sheet, int], ...] = ()
    entries: tuple[Added, ...] = ()
    corrected: tuple[tuple[Sheet, int, str, object], ...] = ()


if TYPE_CHECKING:

    class Changed(Protocol):
        """The session that stands on all of the workbook now."""

        @property
        def records(self) -> Records: ...

        def know_own(self, sheet: Sheet) -> None: ...
        def remove(self, log: Log, position: int) -> None: ...
        def add(self, sheet: Sheet, values: Mapping[str, object], row: int) -> int: ...
        def corrected(self, cell: Wanted) -> None: ...


def done_in(changes: Changes, records: Records) -> Done:
    """What the `changes` are that were made in `records`."""
    removed = tuple((one.sheet, one.row) for one in changes.removed)
    corrected = (
        (log.sheet, log.rows[at], name, log[name][at])
        for log in records.logs
        for sheet, at, name in sorted(changes.amended)
        if sheet == log.sheet.name
    )
    return Done(removed, tuple(changes.entries), tuple(corrected))


def done_again(session: Changed, done: Done) -> None:
    """Do the same in the records that a session has now. Rows go first: what stands behind them moves up."""
    for sheet, row in done.removed:
        log = session.records.log(sheet)
        session.remove(log, log.rows.index(row))
    for entry in done.entries:
        session.add(entry.sheet, entry.values, entry.row)
    for sheet, row, name, value in done.corrected:
        log = session.records.log(sheet)
        if name not in log.columns:
            session.know_own(sheet)
        position = log.rows.index(row)
        log.replace(position, name, value)
        session.corrected(Wanted(log, position, name, value))
