"""How a book, a report, a case file and a table of figures show themselves in a notebook: fragments of HTML, everything in them escaped."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from refundbook.amounts import money_text
from refundbook.casefile import in_words
from refundbook.errors import InvalidWorkbook
from refundbook.figures import TooFew
from refundbook.html import escape, table
from refundbook.schema import CASES, COMMUNICATIONS, RESOLUTIONS, TRACKER_HEADERS, Sheet
from refundbook.tables import shown
from refundbook.tracker import tracker_rows
from refundbook.values import to_text

if TYPE_CHECKING:
    from refundbook.book import Book
    from refundbook.casefile import CaseFile, Fields
    from refundbook.findings import Report
    from refundbook.tables import Cell, Table

ROWS = 20
"""So many cases or findings are shown; the others are counted."""

# Notebooks align every cell to the right, and their own colours (a dark theme's, too) stay.
_STYLE = (
    "<style>.refundbook th, .refundbook td { text-align: left !important; vertical-align: top; white-space: normal; } "
    ".refundbook.figures td { text-align: right !important; } .refundbook p { margin: .3em 0; } "
    ".refundbook .note { font-size: .9em; opacity: .75; }</style>"
)


def book_html(book: Book) -> str:
    """The workbook: what it holds, whether it is sound, and the first rows of its Tracker."""
    name = f"<p><strong>{escape(book.path.name)}</strong></p>"
    report = book.check()
    try:
        records = book.records
    except InvalidWorkbook:
        return _fragment(name, report_html(report))
    held = ", ".join(_count(len(log), log.sheet.pillar) for log in records.logs)
    sound = f"{_count(len(report.errors), 'error')}, {_count(len(report.warnings), 'warning')}"
    rows = [[_cell(value) for value in row] for row in islice(tracker_rows(records), ROWS)]
    return _fragment(name, f"<p>{held}; {sound}.</p>", table(TRACKER_HEADERS, rows), _more(len(records.cases)))


def report_html(report: Report) -> str:
    """What the rules found: a line that counts it, and a table with errors first."""
    found = (*report.errors, *report.warnings)
    rows = [
        [escape(f.where), escape(f"{f.severity} {f.code}"), escape(f.message), escape(f.hint)] for f in found[:ROWS]
    ]
    shown_rows = table(("Where", "Rule", "What is wrong", "What to do"), rows) if rows else ""
    return _fragment(f"<p>{escape(report.summary())}</p>", shown_rows, _more(len(found)))


def case_file_html(file: CaseFile) -> str:
    """One case: how it stands, what it is about, its messages in date order, its resolutions."""
    about = {header: value for header, value in file.case.items() if header != CASES["number"].header}
    others = {
        "Related cases": ", ".join(file.related),
        "Asked": money_text(file.asked),
        "Paid": money_text(file.paid),
    }
    about.update({label: said for label, said in others.items() if said})
    parts = [f"<p><strong>{escape(file.number)}: {escape(file.status)}</strong>{_days(file)}</p>"]
    if about:
        parts.append(table(tuple(about), [[escape(in_words(about, header)) for header in about]]))
    messages = [
        {**entry, COMMUNICATIONS["promise"].header: f"{promise.what} ({promise.says})"} if promise else entry
        for entry, promise in zip(file.messages, file.promises, strict=True)
    ]
    parts.append(_entries(COMMUNICATIONS, messages, file.currency, "due", "kept_on"))
    parts.append(_entries(RESOLUTIONS, file.resolutions, file.currency))
    return _fragment(*parts)


def _days(file: CaseFile) -> str:
    if file.days_open is None:
        return ""
    return f", {'open for' if file.is_open else 'closed after'} {_count(file.days_open, 'day')}"


def table_html(figures: Table) -> str:
    """A table of figures under its title, with what it counts."""
    rows = [[_figure(cell, figures.currency_of(row)) for cell in row] for row in figures.rows]
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in (figures.counts, figures.note) if note)
    title = f"<p><strong>{escape(figures.title)}</strong></p>"
    return _fragment(title, table(figures.header, rows), notes, kind="figures")


def _figure(cell: Cell, currency: str) -> str:
    figure = escape(shown(cell, currency))
    return f'<span title="{escape(str(cell))}">{figure}</span>' if isinstance(cell, TooFew) else figure


def _entries(sheet: Sheet, entries: Sequence[Fields], currency: str, *left_out: str) -> str:
    """The entries as a table of the columns in which any of them holds something."""
    if not entries:
        return f"<p>{escape(sheet.name)}: none yet.</p>"
    used = {header for entry in entries for header in entry}
    never = ("number", "logged_at", "logged_by", *left_out)
    ours = [column.header for column in sheet.columns if column.header in used and column.name not in never]
    own = [header for header in used if header not in {column.header for column in sheet.columns}]
    headers = ours + sorted(own)
    return table(headers, ([escape(in_words(entry, header, currency)) for header in headers] for entry in entries))


def _cell(value: object) -> str:
    return escape(to_text(value))


def _more(number: int) -> str:
    return f'<p class="note">{number - ROWS:,} more not shown.</p>' if number > ROWS else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _fragment(*parts: str, kind: str = "") -> str:
    return f'<div class="{f"refundbook {kind}".strip()}">{_STYLE}{"".join(parts)}</div>'
