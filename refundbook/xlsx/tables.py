"""Rows appended to any Table of any workbook, with everything else in it kept: `docs/xlsx.md` shows how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from refundbook.base.errors import BadValue, UnreadableWorkbook, UnsupportedEdit, UsageError
from refundbook.base.headers import plain_header
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.system.pieces import chunks
from refundbook.xlsx.package.workbook_part import SheetEntry, Table
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.reading.reader import Reader
from refundbook.xlsx.shared_file import Patience, SharedFile
from refundbook.xlsx.writing.append_target import growth_of, target_of
from refundbook.xlsx.writing.cell_values import CellValue, cell_value
from refundbook.xlsx.writing.cell_xml import Truth, number_text
from refundbook.xlsx.writing.writer import Writer

Row = Mapping[str, object]
"""Values by header; a column that is left out stays blank, or gets its formula."""

_SECOND = 1.5 / 86_400
"""Of a day; a time is a fraction of one, and rounded when it is read."""


class Appended(NamedTuple):
    """A changed workbook, and the rows of the sheet that were filled."""

    data: bytes
    rows: range


def append_rows(path: str | Path, table: str, rows: Iterable[Row], *, wait: float = 10.0) -> range:
    """Append rows to the Table of this name, in a workbook (.xlsx, .xlsm) that is replaced all or nothing. Returns the
    sheet's rows that were filled.

    While another process writes to the workbook, this waits for at most so many seconds.

    What is written and what is refused is as in `appended`. Raises also MissingWorkbook where there is none, Busy where
    it is open in Excel or LibreOffice or another process writes to it, Conflict where it was changed meanwhile,
    CannotWrite where the system refuses.
    """
    file = SharedFile(Path(path), patience=Patience(wait))
    file.refuse_if_missing()
    with file.locked():
        file.refuse_if_open()
        data = file.read()
        try:
            made = appended(data, table, rows)
        except UnreadableWorkbook as error:
            raise UnreadableWorkbook(f"{file.path} cannot be read. {error}") from error
        if made.rows:
            file.replace(made.data)
    return made.rows


def appended(data: bytes, table: str, rows: Iterable[Row]) -> Appended:
    """The bytes of a workbook with rows appended to the Table of this name. No rows: the same bytes.

    The Table grows, and so does what ended with it: validations, conditional formats, charts, pivot tables' sources,
    names, formulas. A totals row moves down, calculated columns are filled down, and each cell has the format of the
    one above it, or a date format where that shows no date. All other parts are the same bytes. What was made is read
    back before it is given. Values are as `cell_value` takes them: a text is never a formula.

    Raises UnreadableWorkbook where it is damaged, encrypted or no workbook; UsageError for an unknown Table or header,
    with the nearest; BadValue, with the row (from 1), for what a cell cannot hold, and a row of nothing;
    UnsupportedEdit where something stands in the way.
    """
    reader = Reader(data)
    sheet, found = _found(reader, table)
    before = reader.table(sheet, found)
    if before.access.protected == "sheet":
        raise UnsupportedEdit(
            f"The sheet {quoted(sheet.name)} is protected: choose Review > Unprotect Sheet in Excel first."
        )
    columns = _columns(before, list(rows), date_1904=reader.layout.date_1904)
    count = len(next(iter(columns.values())))
    if not count:
        return Appended(data, range(0))
    target = target_of(before)
    new = range(target.next_row(0), target.next_row(count - 1) + 1)
    writer = Writer(reader.package, reader.layout, grown=(sheet.name,))
    writer.append(target, new, columns, [growth_of(target, new)])
    made = b"".join(chunks(writer.build().pieces))
    _refuse_unlike(before, Reader(made), new, columns)
    return Appended(made, new)


def _found(reader: Reader, name: str) -> tuple[SheetEntry, Table]:
    known = {
        table.name.casefold(): (sheet, table)
        for sheet in reader.layout.sheets
        if sheet.is_grid
        for table in reader.layout.tables(sheet)
    }
    found = known.get(name.casefold())
    if found is None:
        said = f"There is no Table {quoted(name)} in the workbook."
        if not known:
            raise UsageError(f"{said} It holds none: select the data and press Ctrl+T in Excel.")
        names = {table.name.casefold(): table.name for _, table in known.values()}
        raise UsageError(f"{said} {_nearest(name, names, 'It holds')}")
    if not found[1].header_rows:
        raise UnsupportedEdit(
            f"The Table {quoted(found[1].name)} has no header row. Click into it and tick Table Design > Header Row."
        )
    return found


def _nearest(name: str, names: Mapping[str, str], otherwise: str) -> str:
    """The one among `names` (folded to as they are written) that was probably meant, or all."""
    near = get_close_matches(name.casefold(), names, 1)
    return (
        f"Did you mean {quoted(names[near[0]])}?" if near else f"{otherwise} {', '.join(map(quoted, names.values()))}."
    )


def _columns(data: DataRange, rows: Sequence[Row], *, date_1904: bool) -> dict[int, list[CellValue]]:
    """The values of each of the Table's columns, by column of the sheet."""
    places = range(data.first_column, data.first_column + len(data.headers))
    at = dict(zip(map(plain_header, data.headers), places, strict=True))
    columns: dict[int, list[CellValue]] = {column: [None] * len(rows) for column in places}
    for number, row in enumerate(rows, 1):
        for header, value in row.items():
            column = at.get(plain_header(header))
            if column is None:
                names = {known.casefold(): known for known in at}
                near = _nearest(plain_header(header), names, "There are")
                raise UsageError(f"Row {number}: there is no column {quoted(header)} in the Table. {near}")
            try:
                columns[column][number - 1] = cell_value(header, value, date_1904=date_1904)
            except BadValue as error:
                raise BadValue(f"Row {number}: {error}") from None
        if all(values[number - 1] is None for values in columns.values()):
            raise BadValue(f"Row {number} holds nothing: leave it out.")
    return columns


def _refuse_unlike(before: DataRange, made: Reader, new: range, columns: Mapping[int, Sequence[CellValue]]) -> None:
    """Read back what was made, as another program would: the old rows as they were, and below them what was given."""
    sheet = made.layout.sheet(before.sheet)
    tables = made.layout.tables(sheet) if sheet else ()
    table = next((table for table in tables if before.table and table.part == before.table.part), None)
    if sheet is None or table is None:
        raise UnreadableWorkbook("The Table is not where it was.")
    after = made.table(sheet, table)
    is_whole = after.headers == before.headers and after.last_row == max(before.last_row, new[-1])
    if not (is_whole and all(_is_as_meant(before, after, new, column, given) for column, given in columns.items())):
        raise UnreadableWorkbook("What was put into the Table does not read back as it was given.")


def _is_as_meant(before: DataRange, after: DataRange, new: range, column: int, given: Sequence[CellValue]) -> bool:
    at, old = column - before.first_column, new.start - before.top
    there = after.columns[at][old : old + len(new)]
    return list(after.columns[at][:old]) == list(before.columns[at][:old]) and all(
        _is_meant(value, read) or (row, column) in after.formulas
        for row, value, read in zip(new, given, there, strict=True)
    )


def _is_meant(given: CellValue, read: object) -> bool:
    if given is None or isinstance(given, str):
        return read == (given or "")
    if isinstance(given, Truth):
        return read is given.value
    if isinstance(read, str | bool):
        return False
    apart = abs(float(number_text(read)) - float(number_text(given)))
    return apart <= (_SECOND if isinstance(given, date) else 0)
