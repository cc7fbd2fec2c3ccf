"""`refundbook find`."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import click

from refundbook.base.schema import CASES
from refundbook.base.text import quoted
from refundbook.cli.common import complain
from refundbook.cli.many import Asked, ask, echo_many
from refundbook.cli.many_options import many_options
from refundbook.cli.output import ROW_FORMS, format_options
from refundbook.views import search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book


@click.command()
@click.argument("text")
@format_options(*ROW_FORMS)
@many_options
@click.pass_obj
def find(asked: Asked, text: str, form: str, as_json: bool) -> None:
    """Find a text anywhere in the three logs, your own columns among them.

    Upper and lower case do not matter. An amount or a day finds the cells with that value, too.

    \b
    refundbook find "return label"
    refundbook find 49.90 --json
    refundbook -b "shops/*.xlsx" find GTB-789012
    """
    answers = ask(asked, partial(_found, text=text))
    if not any(answers.found.values()):
        complain(f"{quoted(text)} stands nowhere in the three logs.")
    header = (CASES["number"].header, "Where", "Column", "Text")
    echo_many("json" if as_json else form, header, answers, _rows, _data, whole=(0, 1))
    answers.finish()


def _found(book: Book, text: str) -> list[search.Found]:
    return search.find(book.records, text)


def _rows(found: list[search.Found]) -> list[tuple[object, ...]]:
    return [(f.number, f"{f.sheet}!{f.cell}", f.column, f.piece) for f in found]


def _data(found: list[search.Found]) -> list[dict[str, object]]:
    return list(map(asdict, found))
