"""Brings a workbook of an older refundbook up to date: the optional columns that it lacks are added at the right end of
its data, and what came of the template since is renewed (see `renew`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from refundbook.base.a1 import column_letters
from refundbook.base.clock import Today
from refundbook.base.errors import CannotWrite, InvalidWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import NUMBER_FORMATS, Column
from refundbook.record.records import Log, Records
from refundbook.storage.backups import Backup, back_up
from refundbook.storage.changes import Changes
from refundbook.storage.history_keeper import entering_alone
from refundbook.storage.load import LoadedWorkbook, read_contents
from refundbook.storage.renew import renew
from refundbook.storage.renewal import Left, Renewed
from refundbook.storage.whole_store import WholeStore
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.pieces import chunks
from refundbook.xlsx.writing.append_target import target_of
from refundbook.xlsx.writing.new_column import NewColumn
from refundbook.xlsx.writing.writer import Writer


class AddedColumn(NamedTuple):
    """A column that was added, or would be: its sheet, its header, and the cell of that."""

    sheet: str
    header: str
    cell: str


class Upgraded(NamedTuple):
    """What `upgrade` did, or would do: the columns that were added, what else was renewed, and what was left and why.
    `backup` is the workbook as it was; None where nothing was written. `said` is what is to be said of the Tracker.
    """

    added: tuple[AddedColumn, ...]
    renewed: tuple[Renewed, ...]
    left: tuple[Left, ...]
    backup: Backup | None = None
    said: str = ""


def upgrade(
    path: Path,
    *,
    dry_run: bool = False,
    today: Today = None,
    waiting: Callable[[str], None] | None = None,
    ignore_open: bool = False,
    wanted: Collection[str] = (),
) -> Upgraded:
    """Bring a workbook up to date, all or nothing, and keep it as it was as a backup; the second time nothing is to be
    done.

    The optional columns that it lacks are added. Its own sheets, and the formats, validations and settings on the
    others, become those of the current template where they are as an older refundbook made them; what a person changed
    is left, and told; the sheets `wanted` become those of the template all the same, also where they were taken away.
    Every other part of the file stays as it is. `today` and `waiting` are as for `refundbook.edit`.
    Raises InvalidWorkbook where the rules refuse the workbook, UsageError where a wanted sheet is none of refundbook's
    own, UnsupportedEdit where something stands right of the data
    or a header is taken, and what `Book.save` raises.
    """
    at = WorkbookFile(path, ignore_open=ignore_open)
    at.refuse_if_missing()
    if dry_run:
        return _made(at, _read(at, today), today, wanted)[0]
    with at.locked(waiting):
        at.refuse_if_open()
        loaded = _read(at, today)
        done, content = _made(at, loaded, today, wanted)
        if not content:
            return done
        records, kept = _records(loaded), list[Backup]()
        with entering_alone(at, records, "upgrade") as enter:
            at.replace(content, keep=lambda: kept.append(back_up(at, records.clock.now)), enter=enter)
        return done._replace(backup=kept[0])


def _read(at: WorkbookFile, today: Today) -> LoadedWorkbook:
    loaded = read_contents(at.read(), str(at.path), today)
    if loaded.errors():
        raise InvalidWorkbook(loaded.report)
    return loaded


def _records(loaded: LoadedWorkbook) -> Records:
    assert loaded.records is not None  # with a structure that cannot be read it has errors
    return loaded.records


def _made(at: WorkbookFile, loaded: LoadedWorkbook, today: Today, wanted: Collection[str]) -> tuple[Upgraded, bytes]:
    """What is to be done, and the new file; none where nothing is."""
    added, content = _with_columns(loaded)
    wider = read_contents(content, str(at.path), today) if added else loaded
    renewal = renew(wider.reader, wider.grids, wanted)
    if not added and renewal.data is None:
        return Upgraded((), (), renewal.left), b""
    said = ""
    if renewal.data is not None:
        content, said = _with_tracker(WholeStore.of(renewal.data, str(at.path), today))
    _refuse_unlike(loaded, read_contents(content, str(at.path), today), added)
    return Upgraded(added, renewal.renewed, renewal.left, said=said), content


def _with_columns(loaded: LoadedWorkbook) -> tuple[tuple[AddedColumn, ...], bytes]:
    """The columns that are missing, and the workbook with them."""
    writer = Writer(loaded.reader.package, loaded.reader.layout)
    added = []
    for log in _records(loaded).logs:
        target = target_of(loaded.grids[log.sheet.name])
        for column in _missing(log):
            new = NewColumn(column.header, column.width, NUMBER_FORMATS[column.kind])
            cell = f"{column_letters(writer.add_column(target, new))}{target.header_row}"
            added.append(AddedColumn(log.sheet.name, column.header, cell))
    return tuple(added), b"".join(chunks(writer.build().pieces)) if added else b""


def _with_tracker(store: WholeStore) -> tuple[bytes, str]:
    """The workbook with what the Tracker's formulas come to beside them, and what is to be said of it."""
    writer = Writer(store.base.package, store.base.layout)
    refreshed = store.refresh(writer, Changes())
    return b"".join(chunks(writer.build().pieces)), refreshed.said


def _missing(log: Log) -> list[Column]:
    return [column for column in log.sheet.columns if column.name not in log.letters]


def _refuse_unlike(before: LoadedWorkbook, after: LoadedWorkbook, added: tuple[AddedColumn, ...]) -> None:
    """Raise CannotWrite unless the new file reads back as the old one with these columns, which are blank."""
    for log in _records(before).logs:
        read = after.records.log(log.sheet) if after.records else None
        new = {column.header: column.cell for column in added if column.sheet == log.sheet.name}
        letters = {**log.letters, **{c.name: new[c.header].rstrip("0123456789") for c in _missing(log)}}
        if read is None or (read.rows, read.columns, read.extra, read.letters) != (
            log.rows,
            log.columns,
            log.extra,
            letters,
        ):
            raise CannotWrite(
                f"{before.name} was not changed: {log.sheet.name} does not read back with the new columns. Open the "
                "workbook in Excel, save it, and repeat; if that does not help, please report it, "
                "with the workbook's layout."
            )
