"""What is exported of workbooks: those that the rules let pass; the others are said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from refundbook.base.errors import InvalidWorkbook, RefundbookError
from refundbook.base.findings import Report
from refundbook.base.named_tuple import NamedTuple
from refundbook.book.naming import name_of
from refundbook.record.records import Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.views.frames import Placed


class Exportable(NamedTuple):
    """One workbook: its pillars by sheet name, its time zone, the moment as of which the rules looked at it, and what
    they find in it.
    """

    pillars: Mapping[str, Placed]
    time_zone: str
    as_of: datetime
    report: Report


class ExportResult(NamedTuple):
    """What an export wrote. `rows` has the number of rows by table, `failed` the error of each workbook that is not in
    it, `rounded` in words the amounts with more than four decimals, or too large.
    """

    target: str
    books: tuple[str, ...]
    rows: Mapping[str, int]
    failed: Mapping[str, RefundbookError]
    rounded: tuple[str, ...]


def export(
    target: str | os.PathLike[str], books: Mapping[str, Exportable], failed: Mapping[str, RefundbookError]
) -> ExportResult:
    """As `Books.export` says."""
    from refundbook.views.export import refuse_target, write_export

    where = os.fspath(target)
    refuse_target(where)
    refused: dict[str, RefundbookError] = dict(failed)
    for name, book in books.items():
        if book.report.errors:
            refused[name] = InvalidWorkbook(Report.of(name, book.report))
    sound = {name: (book.pillars, book.time_zone, book.as_of) for name, book in books.items() if name not in refused}
    done = write_export(where, sound)
    return ExportResult(done.target, tuple(sound), done.rows, refused, done.rounded)


def exportable(records: Records, report: Report) -> Exportable:
    """One workbook in memory, as it is exported."""
    from refundbook.views.frames import placed_frames

    return Exportable(placed_frames(records), records.settings.time_zone, records.clock.now, report)


def export_one(target: str | os.PathLike[str], path: Path, records: Records, report: Report) -> ExportResult:
    """As `Book.export` says."""
    if report.errors:
        raise InvalidWorkbook(report)
    return export(target, {name_of(path): exportable(records, report)}, {})
