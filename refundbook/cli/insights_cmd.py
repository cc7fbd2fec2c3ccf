"""`refundbook insights`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from refundbook.base.tone import Tone
from refundbook.cli import completion
from refundbook.cli.common import echo_json, loaded, say, shown, width
from refundbook.cli.output import ROW_FORMS, format_options, paint, say_file, say_painted
from refundbook.render import text

if TYPE_CHECKING:
    from refundbook.insights.tables import Table


@click.command()
@click.option(
    "--by",
    metavar="reason|month|issuer|agent|HEADER",
    shell_complete=completion.headers(),
    help="Each figure for each of these: the month is that of the opening, the agent that of the newest reply from "
    "support. Or for each value of a column, your own among them, by its header.",
)
@format_options(*ROW_FORMS)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all figures and charts to a page that needs no network, over an older one.",
)
@click.pass_obj
def insights(book: Path, by: str | None, form: str, as_json: bool, page: Path | None) -> None:
    """Say what the log adds up to: outcomes, money, waiting times, promises, the age of open cases.

    \b
    refundbook insights
    refundbook insights --by reason
    refundbook insights --by Seller
    refundbook insights --by month --format csv > months.csv
    refundbook insights --html insights.html

    Money is never added across currencies. Where too few cases stand behind a figure, it is n/a. The CSV has one line a
    figure.
    """
    found = loaded(book).insights
    if page is not None:
        found.write_html(page)
        say(
            f"Made {shown(page)}: {len(found.measured):,} cases. It needs no network; open it in a browser, "
            "or print it."
        )
        return
    tables = found.tables(by)
    if as_json or form == "json":
        echo_json({"as_of": found.today, "tables": {table.name: table.to_records() for table in tables}})
    elif form == "csv":
        from refundbook.insights.tables import LINE_HEADER

        say(text.to_csv(LINE_HEADER, [line for table in tables for line in table.to_lines()]), end=False)
    elif form == "markdown":
        say_file("\n".join(map(_markdown, tables)))
    else:
        say_painted("\n".join(map(_text, tables)))


def _text(table: Table) -> str:
    title = "\n".join(paint()(line, Tone.TITLE) for line in text.wrapped(table.title, width()))
    if not table.rows:
        return f"{title}\n\nNone yet.\n"
    body = text.to_table(table.header, table.to_text_rows(), width(), whole=range(table.keys), paint=paint())
    return f"{title}\n\n{body}{_wrapped(table.note)}"


def _wrapped(note: str) -> str:
    return "".join(f"{line}\n" for line in text.wrapped(note, width()) if line)


def _markdown(table: Table) -> str:
    body = text.to_markdown(table.header, table.to_text_rows()) if table.rows else "None yet.\n"
    notes = "\n\n".join(note for note in (table.counts, table.note) if note)
    return f"## {table.title}\n\n{body}\n{notes}\n"
