"""`refundbook check`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook import display
from refundbook.cli.common import echo_json, loaded, say
from refundbook.cli.printing import format_options
from refundbook.errors import InvalidWorkbook


@click.command()
@click.argument("books", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[BOOK]...")
@format_options("text", "json", "github")
@click.pass_obj
def check(book: Path, books: tuple[Path, ...], form: str, as_json: bool) -> None:
    """Say all that the rules find in one or more workbooks. Exit code 1 when there are errors, 0 when there are only warnings.

    \b
    refundbook check
    refundbook check shop-a.xlsx shop-b.xlsx --json
    """
    reports = [loaded(path, strict=False).check() for path in books or (book,)]
    if as_json or form == "json":
        echo_json([{"book": report.book, "findings": report.to_records()} for report in reports])
    else:
        show = display.report_github if form == "github" else display.report_text
        say("".join(show(report) for report in reports), end=False)
    if any(report.errors for report in reports):
        raise SystemExit(InvalidWorkbook.exit_code)
