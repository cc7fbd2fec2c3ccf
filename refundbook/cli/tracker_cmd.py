"""`refundbook tracker`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.schema import TRACKER_HEADERS
from refundbook.cli.common import loaded
from refundbook.cli.output import ROW_FORMS, echo_rows, format_options
from refundbook.record.tracker import tracker_rows


@click.command()
@format_options(*ROW_FORMS)
@click.pass_obj
def tracker(book: Path, form: str, as_json: bool) -> None:
    """Print the Tracker: one row a case, with its messages, the last reply and how it stands.

    \b
    refundbook tracker
    refundbook tracker --format csv > tracker.csv
    """
    rows = list(tracker_rows(loaded(book).records))
    form = "json" if as_json else form
    echo_rows(
        form,
        TRACKER_HEADERS,
        rows,
        lambda: [dict(zip(TRACKER_HEADERS, row, strict=True)) for row in rows],
        whole=(0, 1),
    )
