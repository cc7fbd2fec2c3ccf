"""Adds columns to the workbooks of `rich`, by the writer alone, as for any workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from refundbook.system.pieces import chunks
from refundbook.xlsx.reading.reader import Reader
from refundbook.xlsx.writing.append_target import AppendTarget, target_of
from refundbook.xlsx.writing.new_column import NewColumn
from refundbook.xlsx.writing.writer import Writer
from tests.support.appended import SHEETS
from tests.support.pillars import HEADERS


def targets(reader: Reader) -> dict[str, AppendTarget]:
    found = {}
    for sheet in SHEETS:
        entry = reader.layout.sheet(sheet)
        assert entry is not None
        found[sheet] = target_of(reader.grid(entry, set(HEADERS[sheet])))
    return found


def with_columns(before: Path, after: Path, columns: Sequence[NewColumn], sheets: Sequence[str] = SHEETS) -> Path:
    """A copy of a workbook with columns at the right end of the data of some sheets."""
    reader = Reader(before.read_bytes())
    writer = Writer(reader.package, reader.layout)
    for sheet, target in targets(reader).items():
        for column in columns if sheet in sheets else ():
            writer.add_column(target, column)
    after.write_bytes(b"".join(chunks(writer.build().pieces)))
    return after
