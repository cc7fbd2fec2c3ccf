"""Brings a workbook of an older refundbook up to date: the optional columns that it lacks are added at the right end of
its data.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from refundbook.base.a1 import column_letters
from refundbook.base.clock import Today
from refundbook.base.errors import CannotWrite, InvalidWorkbook
from refundbook.base.schema import NUMBER_FORMATS, Column
from refundbook.record.records import Log, Records
from refundbook.storage.backups import Backup, back_up
from refundbook.storage.history_keeper import entering_alone
from refundbook.storage.load import LoadedWorkbook, read_contents
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.pieces import Content, chunks
from refundbook.xlsx.writing.append_target import target_of
from refundbook.xlsx.writing.new_column import NewColumn
from refundbook.xlsx.writing.writer import Writer


class AddedColumn(NamedTuple):
    """A column that was added, or would be: its sheet, its header, and the cell of that."""

    sheet: str
    header: str
    cell: str


class Upgraded(NamedTuple):
    """What `upgrade` did. `backup` is the workbook as it was; None where nothing was written."""

    added: tuple[AddedColumn, ...]
    backup: Backup | None


def upgrade(
    path: Path,
    *,
    dry_run: bool = False,
    today: Today = None,
    waiting: Callable[[str], None] | None = None,
    ignore_open: bool = False,
) -> Upgraded:
    """Add the optional columns that a workbook lacks, all or none, and keep it as it was as a backup; the second time
    nothing is to be done.

    Every other part of the file stays as it is. `today` and `waiting` are as for `refundbook.edit`. Raises
    InvalidWorkbook where the rules refuse the workbook, UnsupportedEdit where something stands right of the data or a
    header is taken, and what `Book.save` raises.
    """
    at = WorkbookFile(path, ignore_open=ignore_open)
    at.refuse_if_missing()
    if dry_run:
        return Upgraded(_made(_read(at, today))[0], None)
    with at.locked(waiting):
        at.refuse_if_open()
        loaded = _read(at, today)
        added, content = _made(loaded)
        if not added:
            return Upgraded((), None)
        _refuse_unlike(loaded, read_contents(b"".join(chunks(content)), str(at.path), today), added)
        records, kept = _records(loaded), list[Backup]()
        with entering_alone(at, records, "upgrade") as enter:
            at.replace(content, keep=lambda: kept.append(back_up(at, records.clock.now)), enter=enter)
        return Upgraded(added, kept[0])


def _read(at: WorkbookFile, today: Today) -> LoadedWorkbook:
    loaded = read_contents(at.read(), str(at.path), today)
    if loaded.errors():
        raise InvalidWorkbook(loaded.report)
    return loaded


def _records(loaded: LoadedWorkbook) -> Records:
    assert loaded.records is not None  # with a structure that cannot be read it has errors
    return loaded.records


def _made(loaded: LoadedWorkbook) -> tuple[tuple[AddedColumn, ...], Content]:
    """The columns that are missing, and the workbook with them."""
    writer = Writer(loaded.reader.package, loaded.reader.layout)
    added = []
    for log in _records(loaded).logs:
        target = target_of(loaded.grids[log.sheet.name])
        for column in _missing(log):
            new = NewColumn(column.header, column.width, NUMBER_FORMATS[column.kind])
            cell = f"{column_letters(writer.add_column(target, new))}{target.header_row}"
            added.append(AddedColumn(log.sheet.name, column.header, cell))
    return tuple(added), writer.build().pieces if added else b""


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
