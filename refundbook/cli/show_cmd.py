"""`refundbook show`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.errors import UsageError
from refundbook.cli import completion
from refundbook.cli.common import echo_json, loaded, say, say_what_waits, today, width
from refundbook.cli.events import say_event
from refundbook.cli.output import format_options, paint, say_file, say_painted
from refundbook.system.shell import argument
from refundbook.views import case_page

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.records import Records


@click.command()
@click.argument("number", shell_complete=completion.cases)
@click.option("--history", "with_history", is_flag=True, help="Also who changed what in it (see `refundbook history`).")
@format_options("text", "json", "markdown", "html")
@click.pass_obj
def show(book: Path, number: str, with_history: bool, form: str, as_json: bool) -> None:
    """Print all that the workbook holds about one case.

    Its fields and cross-references, its messages in order, what was promised and how that stands, how it ended, what
    was asked and paid.

    \b
    refundbook show GTB-789012
    refundbook show GTB-789012 --format html > case.html
    """
    if with_history and (as_json or form != "text"):
        raise UsageError(f"--history goes with text: refundbook history {argument(number)} --json has it as data.")
    from refundbook.book import glance

    with glance(book, today=today()) as read:
        file = read.case_file(read.number_meant(number))
    say_what_waits(book)
    if as_json or form == "json":
        echo_json(case_page.case_file_data(file))
    elif form == "text":
        say_painted(case_page.case_file_text(file, width(), paint()))
        if with_history:
            _say_history(book, file.number, loaded(book).records)
    else:
        say_file(case_page.case_file_html(file) if form == "html" else case_page.case_file_markdown(file))


def _say_history(book: Path, number: str, records: Records) -> None:
    from refundbook.record.history.words import events
    from refundbook.storage.history_reader import told_of_case

    case = told_of_case(book, records.key_of(number), records.key_of)
    found = events(case.lines, case.is_meant)
    say("")
    say("History" if found else "History: nothing is noted of this case.")
    for event in found[::-1]:
        say_event(event)
