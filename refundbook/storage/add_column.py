"""Adds a column of people's own at the right end of a pillar's data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from refundbook.base.a1 import column_letters
from refundbook.base.clock import Today
from refundbook.base.errors import CannotWrite, InvalidWorkbook, UsageError
from refundbook.base.headers import plain_header
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import Sheet
from refundbook.base.text import quoted
from refundbook.record.column_names import folded_name
from refundbook.record.records import Records
from refundbook.storage.backups import Backup, back_up
from refundbook.storage.commit import BaseFile
from refundbook.storage.history_keeper import entering_alone
from refundbook.storage.load import LoadedWorkbook, read_contents
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.pieces import Content, chunks
from refundbook.xlsx.writing.append_target import target_of
from refundbook.xlsx.writing.list_check import LONGEST_LIST, Check, list_of
from refundbook.xlsx.writing.new_column import NewColumn
from refundbook.xlsx.writing.writer import Writer

KINDS = ("text", "number", "date", "choice")
_WIDTH = 18
_LONGEST_HEADER = 255
_NUMBERS = Check("decimal", "-9.99E+307", "9.99E+307", "It is a number.")
_DATES = Check("date", "1", "2958465", "It is a date, such as 2023-10-26.")


class MadeColumn(NamedTuple):
    """A column that was made, or would be: its sheet, its header, and the cell of that. `backup` is the workbook as it
    was; None where nothing was written.
    """

    sheet: str
    header: str
    cell: str
    backup: Backup | None


def add_column(
    path: Path,
    sheet: Sheet,
    header: str,
    kind: str = "text",
    values: Sequence[str] = (),
    *,
    dry_run: bool = False,
    today: Today = None,
    waiting: Callable[[str], None] | None = None,
    ignore_open: bool = False,
) -> MadeColumn:
    """Make a column of one of `KINDS`, a `choice` of these values. Every other part of the file stays as it is.

    `today` and `waiting` are as for `refundbook.edit`. Raises UsageError for a header that is taken or that no column
    can have, and for values that no list can; UnsupportedEdit where something stands right of the data;
    InvalidWorkbook, and what `Book.save` raises.
    """
    new = new_column(header, kind, values)
    at = WorkbookFile(path, ignore_open=ignore_open)
    at.refuse_if_missing()
    if dry_run:
        return _made(_read(at, today), sheet, new)[0]
    with at.locked(waiting):
        at.refuse_if_open()
        loaded = _read(at, today)
        made, content = _made(loaded, sheet, new)
        _refuse_unlike(loaded, read_contents(b"".join(chunks(content)), str(at.path), today), made)
        records, kept = _records(loaded), list[Backup]()
        with entering_alone(at, records, f"add-column {header}") as enter:
            at.replace(content, keep=lambda: kept.append(back_up(at, records.clock.now)), enter=enter)
        return made._replace(backup=kept[0])


def new_column(header: str, kind: str, values: Sequence[str] = ()) -> NewColumn:
    """A column of one of `KINDS`, as it is to be put into a file. Raises UsageError."""
    header = plain_header(header)
    if not header or len(header) > _LONGEST_HEADER or not header.isprintable():
        raise UsageError(f"{quoted(header)} cannot be a header: write a word or a few, on one line.")
    if kind not in KINDS:
        raise UsageError(f"There is no kind {quoted(kind)}: it must be one of {', '.join(KINDS)}.")
    if (kind == "choice") != bool(values):
        raise UsageError("A column of the kind choice needs --values, and no other has them.")
    if kind == "choice":
        return NewColumn(header, _WIDTH, "@", check=_choice(header, values))
    number_format = {"text": "@", "number": "General", "date": "yyyy-mm-dd"}[kind]
    return NewColumn(header, _WIDTH, number_format, check={"number": _NUMBERS, "date": _DATES}.get(kind))


def _choice(header: str, values: Sequence[str]) -> Check:
    named = list(dict.fromkeys(" ".join(value.split()) for value in values if value.strip()))
    made = list_of(named)
    if any("," in value for value in named) or len(made) > LONGEST_LIST or not named:
        raise UsageError(
            f"The values are more than a list in a cell holds, which is {LONGEST_LIST} characters, and none of them "
            "may have a comma: shorten them, or make the list in Excel (Data > Data Validation)."
        )
    return Check("list", made, "", f"{header} is one of: {', '.join(named)}.")


def widened(base: BaseFile, columns: Mapping[str, Sequence[NewColumn]]) -> bytes:
    """A workbook with columns added, by sheet. Raises UnsupportedEdit."""
    writer = Writer(base.package, base.layout)
    for sheet, new in columns.items():
        for column in new:
            writer.add_column(base.targets[sheet], column)
    return b"".join(chunks(writer.build().pieces))


def _read(at: WorkbookFile, today: Today) -> LoadedWorkbook:
    loaded = read_contents(at.read(), str(at.path), today)
    if loaded.errors():
        raise InvalidWorkbook(loaded.report)
    return loaded


def _records(loaded: LoadedWorkbook) -> Records:
    assert loaded.records is not None  # with a structure that cannot be read it has errors
    return loaded.records


def _made(loaded: LoadedWorkbook, sheet: Sheet, new: NewColumn) -> tuple[MadeColumn, Content]:
    """The column, and the workbook with it."""
    log = _records(loaded).log(sheet)
    headers = [*(column.header for column in sheet.columns), *log.extra]
    if taken := next((name for name in headers if folded_name(name) == folded_name(new.header)), None):
        raise UsageError(f"{sheet.name} has a column {quoted(taken)} already.")
    writer = Writer(loaded.reader.package, loaded.reader.layout)
    target = target_of(loaded.grids[sheet.name])
    cell = f"{column_letters(writer.add_column(target, new))}{target.header_row}"
    return MadeColumn(sheet.name, new.header, cell, None), writer.build().pieces


def _refuse_unlike(before: LoadedWorkbook, after: LoadedWorkbook, made: MadeColumn) -> None:
    """Raise CannotWrite unless the new file reads back as the old one with this column, which is blank."""
    for log in _records(before).logs:
        read = after.records.log(log.sheet) if after.records else None
        new = {made.header: [None] * len(log)} if log.sheet.name == made.sheet else {}
        if read is None or (read.rows, read.columns, read.extra, read.letters) != (
            log.rows,
            log.columns,
            {**log.extra, **new},
            log.letters,
        ):
            raise CannotWrite(
                f"{before.name} was not changed: {log.sheet.name} does not read back with the new column. Open the "
                "workbook in Excel, save it, and repeat; if that does not help, please report it, "
                "with the workbook's layout."
            )
