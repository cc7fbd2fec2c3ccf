"""A Book as a notebook shows it."""

from __future__ import annotations

from itertools import islice

from refundbook.base.errors import InvalidWorkbook
from refundbook.base.findings import report_html
from refundbook.base.html import ROWS, escape, fragment, more, table
from refundbook.base.schema import TRACKER_HEADERS
from refundbook.base.text import counted
from refundbook.base.values import to_text
from refundbook.record.tracker import tracker_rows
from refundbook.storage.session import Session


def book_html(session: Session) -> str:
    """The workbook: what it holds, whether it is sound, and the first rows of its Tracker."""
    name = f"<p><strong>{escape(session.at.path.name)}</strong></p>"
    report = session.report()
    try:
        records = session.all_records()
    except InvalidWorkbook:
        return fragment(name, report_html(report))
    held = ", ".join(counted(len(log), log.sheet.pillar) for log in records.logs)
    sound = f"{counted(len(report.errors), 'error')}, {counted(len(report.warnings), 'warning')}"
    rows = [[escape(to_text(value)) for value in row] for row in islice(tracker_rows(records), ROWS)]
    return fragment(name, f"<p>{held}; {sound}.</p>", table(TRACKER_HEADERS, rows), more(len(records.cases)))
