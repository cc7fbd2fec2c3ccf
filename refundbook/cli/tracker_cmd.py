"""`refundbook tracker`."""

from __future__ import annotations

import click

from refundbook.base.schema import TRACKER_HEADERS
from refundbook.cli.many import Asked, ask, echo_many
from refundbook.cli.many_options import many_options
from refundbook.cli.output import ROW_FORMS, format_options
from refundbook.record.tracker import TrackerRow, tracker_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book


@click.command()
@click.option("--open", "is_open", is_flag=True, help="Only the cases that are open.")
@format_options(*ROW_FORMS)
@many_options
@click.pass_obj
def tracker(asked: Asked, is_open: bool, form: str, as_json: bool) -> None:
    """Print the Tracker: one row a case, with its messages, the last reply and how it stands.

    \b
    refundbook tracker
    refundbook tracker --open
    refundbook tracker --format csv > tracker.csv
    refundbook -b "shops/*.xlsx" tracker
    """
    answers = ask(asked, _open_rows if is_open else _rows)
    echo_many("json" if as_json else form, TRACKER_HEADERS, answers, list, _data, whole=(0, 1))
    answers.finish()


def _rows(book: Book) -> list[TrackerRow]:
    return list(tracker_rows(book.records))


def _open_rows(book: Book) -> list[TrackerRow]:
    records = book.records
    at = [i for i, key in enumerate(records.cases.keys) if records.final_resolution(key) is None]
    return list(tracker_rows(records, at))


def _data(rows: list[TrackerRow]) -> list[dict[str, object]]:
    return [dict(zip(TRACKER_HEADERS, row, strict=True)) for row in rows]
