"""`refundbook export`."""

from __future__ import annotations

import click

from refundbook.base.text import counted, safe
from refundbook.cli.common import complain, echo_json, say
from refundbook.cli.many import Asked, ask
from refundbook.cli.many_options import many_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book
    from refundbook.book.exporting import Exportable


@click.command()
@click.argument("target")
@click.option("--json", "as_json", is_flag=True, help="Say in JSON what was written.")
@many_options
@click.pass_obj
def export(asked: Asked, target: str, as_json: bool) -> None:
    """Write the three logs as tables with one fixed schema, for programs that analyse.

    TARGET is a folder (shops/: Parquet), shops.csv (a folder), shops.jsonl, shops.duckdb, shops.sqlite, or the address
    of a PostgreSQL database. What is there of an older export is replaced, all or nothing; in PostgreSQL workbook by
    workbook. Needs: pip install "refundbook[sql]".

    \b
    refundbook export cases/
    refundbook -b "shops/*.xlsx" export shops.duckdb
    refundbook -b "shops/*.xlsx" export postgresql://reports@db.example.com/shops

    The columns and types: docs/export.md.
    """
    from refundbook.book.exporting import export as write
    from refundbook.views.export import refuse_target

    refuse_target(target)
    answers = ask(asked, _exportable)
    if not answers.found:
        answers.finish()
    books = {name or _name(asked): book for name, book in answers.found.items()}
    done = write(target, books, answers.failed)
    for name in done.failed.keys() - answers.failed.keys():
        complain(str(done.failed[name]))
    for line in done.rounded:
        complain(f"warning: {line}.")
    if as_json:
        failed = {name: str(error) for name, error in done.failed.items()}
        echo_json({"target": done.target, "books": done.books, "rows": done.rows, "failed": failed})
    else:
        rows = ", ".join(f"{count:,} {name}" for name, count in done.rows.items())
        say(f"Wrote {counted(len(done.books), 'workbook')} to {safe(done.target)}: {rows}.")
    answers.failed.update(done.failed)
    answers.finish()


def _exportable(book: Book) -> Exportable:
    from refundbook.book.exporting import exportable

    return exportable(book.records, book.check())


def _name(asked: Asked) -> str:
    from refundbook.book.naming import name_of

    return name_of(str(asked))
