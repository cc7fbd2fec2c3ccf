"""`refundbook check`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from refundbook.base.errors import InvalidWorkbook, RefundbookError, UsageError
from refundbook.base.findings import Report
from refundbook.base.named_tuple import NamedTuple
from refundbook.cli.common import complain, echo_json, loaded, say
from refundbook.cli.many import Asked, Chosen, ask
from refundbook.cli.many_options import many_options
from refundbook.cli.output import format_options
from refundbook.record.rules import TITLES, check_books
from refundbook.render import report as reports
from refundbook.system.nofollow import real_path
from refundbook.system.owner_file import opened_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book
    from refundbook.record.shared_numbers import NumberedBook


@click.command()
@click.argument("books", nargs=-1, type=click.Path(readable=False), metavar="[BOOK]...")
@click.option("--all", "lists_all", is_flag=True, help="List every finding, in the order of sheets and rows.")
@click.option("--errors-only", is_flag=True, help="Leave out the warnings.")
@click.option("--summary", is_flag=True, help="One line a rule: how often it was broken, and where first.")
@format_options("text", "json", "github")
@many_options
@click.pass_obj
def check(
    asked: Asked,
    books: tuple[str, ...],
    lists_all: bool,
    errors_only: bool,
    summary: bool,
    form: str,
    as_json: bool,
) -> None:
    """Say what the rules find in one or more workbooks. Exit code 1 when there are errors, 0 when there are only
    warnings.

    Errors come first. Of a rule that found much the first findings are listed, with how many more there are and where.

    \b
    refundbook check
    refundbook check --errors-only
    refundbook check shop-a.xlsx shop-b.xlsx --json
    refundbook -b "shops/*.xlsx" check --jobs 4

    JSON is one object a workbook: `book`, and `findings`, every one of them, each with `code`, `severity`, `sheet`,
    `cell`, `value`, `message`, `hint` and `column`; `error` where it cannot be looked into. The format for GitHub
    has a line for every finding, too.

    Of several workbooks each is answered, what only shows across them is found too (RB4xx), and the highest exit code
    counts. Owner files (~$tracker.xlsx), which Excel keeps beside a workbook that is open, are passed over.
    """
    form = "json" if as_json else form
    if summary and (lists_all or form != "text"):
        raise UsageError("--summary is one line a rule: it goes neither with --all nor with another format.")
    found = _checked(_workbooks(books) if books else asked)
    if form == "json":
        echo_json([_record(one, errors_only) for one in found])
    elif form == "github":
        say("".join(_annotations(one, errors_only) for one in found), end=False)
    else:
        said = (_text(one.report, lists_all, errors_only, summary) for one in found if not one.error)
        say("".join(said), end=False)
    if code := max(one.exit_code for one in found):
        raise SystemExit(code)


class _Checked(NamedTuple):
    """What was found in a workbook, or the sentence that says why it could not be looked into."""

    report: Report
    exit_code: int
    error: str = ""


def _workbooks(paths: Sequence[str]) -> Chosen:
    """The files that may be workbooks: a shell's `*` gives the owner files of those that are open, too. Raises
    UsageError where no other is left.
    """
    from refundbook.book.many import find_books

    found = find_books(paths)
    for path in found.passed_over:
        owner = opened_by(path)
        why = f"only says that {owner[0]} is open in {owner[1]}" if owner else "is a backup"
        complain(f"{path} is passed over: it is no workbook, and {why}.")
    if not found.paths:
        raise UsageError("No workbook is left to check: name one, such as tracker.xlsx.")
    return Chosen(found.paths, are_named=False)


def _checked(asked: Asked) -> list[_Checked]:
    """One workbook that cannot be looked into costs nobody the answer on the others."""
    if isinstance(asked, Path):
        return [_alone(asked)]
    from refundbook.book.naming import name_of

    answers = ask(asked, _look, strict=False)
    numbered = [look.numbered._replace(book=name) for name, look in answers.found.items() if look.numbered]
    across = dict(zip((one.book for one in numbered), check_books(numbered), strict=True))
    found = []
    for path in asked.paths:
        name = name_of(path)
        shown = name if asked.are_named else str(real_path(path))
        if name in answers.failed:
            error = answers.failed[name]
            found.append(_Checked(Report.of(shown, ()), error.exit_code, " ".join(error.lines)))
        else:
            report = Report.of(shown, [*answers.found[name].report, *across.get(name, ())])
            found.append(_Checked(report, InvalidWorkbook.exit_code if report.errors else 0))
    return found


class _Look(NamedTuple):
    """What is found in one workbook, and its case numbers, where its structure allows to read them."""

    report: Report
    numbered: NumberedBook | None


def _look(book: Book) -> _Look:
    from refundbook.record.shared_numbers import NumberedBook

    try:
        return _Look(book.check(), NumberedBook.of("", book.records))
    except InvalidWorkbook:
        return _Look(book.check(), None)


def _alone(path: Path) -> _Checked:
    try:
        report = loaded(path, strict=False).check()
    except RefundbookError as error:
        for line in error.lines:
            complain(line)
        return _Checked(Report.of(str(real_path(path)), ()), error.exit_code, " ".join(error.lines))
    return _Checked(report, InvalidWorkbook.exit_code if report.errors else 0)


def _shown(one: _Checked, errors_only: bool) -> Report:
    return Report.of(one.report.book, one.report.errors) if errors_only else one.report


def _record(one: _Checked, errors_only: bool) -> dict[str, object]:
    failed = {"error": one.error} if one.error else {}
    return {"book": one.report.book, **failed, "findings": _shown(one, errors_only).to_records()}


def _annotations(one: _Checked, errors_only: bool) -> str:
    return reports.report_github(_shown(one, errors_only), one.error)


def _text(report: Report, lists_all: bool, errors_only: bool, summary: bool) -> str:
    if summary:
        return reports.report_summary(report, TITLES, errors_only=errors_only)
    return reports.report_text(report, TITLES, lists_all=lists_all, errors_only=errors_only)
