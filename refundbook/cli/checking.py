"""`refundbook check`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook import reports
from refundbook.cli.common import echo_json, loaded, say
from refundbook.cli.printing import format_options
from refundbook.errors import InvalidWorkbook, UsageError
from refundbook.findings import Report
from refundbook.rules import TITLES


@click.command()
@click.argument("books", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[BOOK]...")
@click.option("--all", "lists_all", is_flag=True, help="List every finding, in the order of sheets and rows.")
@click.option("--errors-only", is_flag=True, help="Leave out the warnings.")
@click.option("--summary", is_flag=True, help="One line a rule: how often it was broken, and where first.")
@format_options("text", "json", "github")
@click.pass_obj
def check(
    book: Path,
    books: tuple[Path, ...],
    lists_all: bool,
    errors_only: bool,
    summary: bool,
    form: str,
    as_json: bool,
) -> None:
    """Say what the rules find in one or more workbooks. Exit code 1 when there are errors, 0 when there are only warnings.

    Errors come first. Of a rule that found much the first findings are listed, with how many more there are and where.

    \b
    refundbook check
    refundbook check --errors-only
    refundbook check shop-a.xlsx shop-b.xlsx --json

    JSON is one object a workbook: `book`, and `findings`, every one of them, each with `code`, `severity`, `sheet`, `cell`, `value`, `message`
    and `hint`. The format for GitHub has a line for every finding, too.
    """
    form = "json" if as_json else form
    if summary and (lists_all or form != "text"):
        raise UsageError("--summary is one line a rule: it goes neither with --all nor with another format.")
    found = [loaded(path, strict=False).check() for path in books or (book,)]
    shown = [Report.of(report.book, report.errors) for report in found] if errors_only else found
    if form == "json":
        echo_json([{"book": report.book, "findings": report.to_records()} for report in shown])
    elif form == "github":
        say("".join(map(reports.report_github, shown)), end=False)
    else:
        say("".join(_text(report, lists_all, errors_only, summary) for report in found), end=False)
    if any(report.errors for report in found):
        raise SystemExit(InvalidWorkbook.exit_code)


def _text(report: Report, lists_all: bool, errors_only: bool, summary: bool) -> str:
    if summary:
        return reports.report_summary(report, TITLES, errors_only=errors_only)
    return reports.report_text(report, TITLES, lists_all=lists_all, errors_only=errors_only)
