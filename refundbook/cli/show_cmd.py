"""`refundbook show`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.cli import completion
from refundbook.cli.common import echo_json, loaded, width
from refundbook.cli.output import format_options, paint, say_file, say_painted
from refundbook.views import case_page


@click.command()
@click.argument("number", shell_complete=completion.cases)
@format_options("text", "json", "markdown", "html")
@click.pass_obj
def show(book: Path, number: str, form: str, as_json: bool) -> None:
    """Print all that the workbook holds about one case.

    Its fields and cross-references, its messages in order, what was promised and how that stands, how it ended, what
    was asked and paid.

    \b
    refundbook show GTB-789012
    refundbook show GTB-789012 --format html > case.html
    """
    read = loaded(book)
    file = read.case_file(read.number_meant(number))
    if as_json or form == "json":
        echo_json(case_page.case_file_data(file))
    elif form == "text":
        say_painted(case_page.case_file_text(file, width(), paint()))
    else:
        say_file(case_page.case_file_html(file) if form == "html" else case_page.case_file_markdown(file))
