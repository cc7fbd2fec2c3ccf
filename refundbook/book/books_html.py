"""Several workbooks as a notebook shows them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from refundbook.base.errors import RefundbookError
from refundbook.base.html import ROWS, escape, fragment, more, table
from refundbook.base.reports import Reports
from refundbook.base.schema import BOOK, SHEETS
from refundbook.book.extract import Extract


def books_html(read: Mapping[str, Extract], failed: Mapping[str, RefundbookError], reports: Reports) -> str:
    """Several workbooks: what each holds and whether it is sound, then those that could not be read."""
    header = (BOOK, *(sheet.name for sheet in SHEETS), "Errors", "Warnings")
    rows = [
        [
            escape(report.book),
            *(f"{len(one.tables[sheet.name].rows):,}" for sheet in SHEETS),
            f"{len(report.errors):,}",
            f"{len(report.warnings):,}",
        ]
        for report, one in islice(zip(reports, read.values(), strict=True), ROWS)
    ]
    lost = [[escape(name), escape(str(error))] for name, error in islice(failed.items(), ROWS)]
    shown = table((BOOK, "Could not be read"), lost) + more(len(failed)) if lost else ""
    return fragment(f"<p><strong>{escape(reports.summary())}</strong></p>", table(header, rows), more(len(read)), shown)
