"""`refundbook find`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from refundbook.base.schema import CASES
from refundbook.base.text import quoted
from refundbook.cli.common import complain, loaded
from refundbook.cli.output import ROW_FORMS, echo_rows, format_options
from refundbook.views import search


@click.command()
@click.argument("text")
@format_options(*ROW_FORMS)
@click.pass_obj
def find(book: Path, text: str, form: str, as_json: bool) -> None:
    """Find a text anywhere in the three logs, your own columns among them.

    Upper and lower case do not matter. An amount or a day finds the cells with that value, too.

    \b
    refundbook find "return label"
    refundbook find 49.90 --json
    """
    found = search.find(loaded(book).records, text)
    if not found:
        complain(f"{quoted(text)} stands nowhere in the three logs.")
    rows = [(f.number, f"{f.sheet}!{f.cell}", f.column, f.piece) for f in found]
    header = (CASES["number"].header, "Where", "Column", "Text")
    echo_rows("json" if as_json else form, header, rows, lambda: [asdict(f) for f in found], whole=(0, 1))
