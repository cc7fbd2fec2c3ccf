"""`refundbook insights`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.text import counted
from refundbook.base.tone import Tone
from refundbook.cli import completion
from refundbook.cli.common import echo_json, say, shown, width
from refundbook.cli.many import Answers, Asked, Chosen, ask
from refundbook.cli.many_options import many_options
from refundbook.cli.output import ROW_FORMS, format_options, paint, say_file, say_painted
from refundbook.render import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book
    from refundbook.insights.insights import Insights
    from refundbook.insights.tables import Table


@click.command()
@click.option(
    "--by",
    metavar="reason|month|issuer|agent|book|HEADER",
    shell_complete=completion.headers(),
    help="Each figure for each of these: the month is that of the opening, the agent that of the newest reply from "
    "support, the book that of several workbooks. Or for each value of a column, your own among them, by its header.",
)
@format_options(*ROW_FORMS)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all figures and charts to a page that needs no network, over an older one.",
)
@many_options
@click.pass_obj
def insights(asked: Asked, by: str | None, form: str, as_json: bool, page: Path | None) -> None:
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
    answers = ask(asked, _figures_alone if isinstance(asked, Chosen) else _figures)
    if not answers.found:
        answers.finish()
    found = _together(answers)
    if page is not None:
        found.write_html(page)
        say(
            f"Made {shown(page)}: {len(found.measured):,} cases. It needs no network; open it in a browser, "
            "or print it."
        )
    else:
        _echo(found, by, "json" if as_json else form, {"failed": answers.failed_records()} if answers.are_many else {})
    answers.finish()


def _figures(book: Book) -> Insights:
    return book.insights


def _figures_alone(book: Book) -> Insights:
    from refundbook.insights.joined import InsightsOfOne

    return InsightsOfOne(book.records, book.path.name)


def _together(answers: Answers[Insights]) -> Insights:
    from refundbook.insights.joined import InsightsOfAll

    if not answers.are_many:
        return answers.found[""]
    return InsightsOfAll(answers.found, counted(len(answers.found), "workbook"))


def _echo(found: Insights, by: str | None, form: str, failed: dict[str, object]) -> None:
    tables = found.tables(by)
    if form == "json":
        echo_json({"as_of": found.today, "tables": {table.name: table.to_records() for table in tables}, **failed})
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
