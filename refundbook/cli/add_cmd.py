"""`refundbook add`: an entry by question and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from refundbook.base.errors import EntryRefused, RulesRefuse, UsageError
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, RESOLUTIONS, Column, Sheet
from refundbook.base.text import one_line, quoted
from refundbook.base.values import to_text
from refundbook.cli.asking import Asker, moment_of
from refundbook.cli.common import complain, is_asked, loaded
from refundbook.cli.entering import How, enter_one

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book

_PILLARS = {"message": COMMUNICATIONS, "case": CASES, "resolution": RESOLUTIONS}
_WORDS = {**_PILLARS, **BY_PILLAR}
_DEFAULTS = {"opened": "today", "date": "now", "with_": "Support", "direction": "Received"}
_NEEDED = {
    CASES: ("opened", "reason", "amount", "currency"),
    COMMUNICATIONS: ("date", "with_", "direction", "summary"),
    RESOLUTIONS: ("status", "date", "amount", "method", "outcome"),
}
"""What is asked for of each, after the number."""


@click.command()
@click.argument("what", required=False, metavar="[case|message|resolution]")
@click.option("--dry-run", is_flag=True, help="Ask and check everything; write nothing.")
@click.pass_obj
def add(book: Path, what: str | None, dry_run: bool) -> None:
    """Enter a case, a message or a resolution by question and answer.

    \b
    refundbook add
    refundbook add case

    Defaults stand in brackets, Enter takes them. Lists are chosen from by number. A bad answer is asked again with its
    reason, and the rest stays. Dates may be Oct 26, friday or 14:30 here: the whole date is said, and you confirm it.
    Before anything is entered all of it is shown. Ctrl+C stops it, and nothing is written.
    """
    if not is_asked():
        raise UsageError("add asks at a terminal, and there is none: use append, or log for a message.")
    read = loaded(book)
    asker = Asker.of(book)
    sheet = _sheet(asker, what)
    answers = _asked(read, asker, sheet)
    answers = _admitted(read, asker, sheet, answers)
    if not click.confirm("Enter this?", default=True, err=True):
        raise click.Abort
    enter_one(book, sheet, answers, How(dry_run=dry_run), command="add")


def _sheet(asker: Asker, what: str | None) -> Sheet:
    def check(said: str) -> str:
        if said.lower() not in _WORDS:
            raise UsageError(f"There is no {quoted(said)}: it must be one of {', '.join(_PILLARS)}.")
        return said.lower()

    said = check(what) if what else asker.text("What", check, default="message", choices=tuple(_PILLARS))
    return _WORDS[said]


def _asked(read: Book, asker: Asker, sheet: Sheet) -> dict[str, str]:
    """What is needed, then those of the other columns that are chosen."""
    answers = {"number": _number(read, asker, sheet)}
    for name in _NEEDED[sheet]:
        _ask(read, asker, sheet, sheet[name], answers)
    others = _others(read, sheet)
    for column in _chosen(asker, others):
        _ask(read, asker, sheet, column, answers)
    return answers


def _number(read: Book, asker: Asker, sheet: Sheet) -> str:
    def check(said: str) -> str:
        records = read.records
        if sheet is CASES:
            if records.case(records.key_of(said)) is not None:
                raise RulesRefuse(f"There is a case {said} already: its news are a message or a resolution.")
            return said
        return read.case_file(read.number_meant(said)).number

    return asker.text(CASES["number"].header, check)


def _ask(read: Book, asker: Asker, sheet: Sheet, column: Column, answers: dict[str, str]) -> None:
    """Ask for a column; what is left blank is left out."""
    if sheet is RESOLUTIONS and column.name == "date" and answers.get("status") in ("Pending",):
        return
    start = moment_of(answers, column, sheet.columns, asker)
    said = asker.value(
        column,
        default=answers.get(column.name) or _default(read, sheet, column, answers),
        start=start,
        is_optional=not column.required,
    )
    answers.pop(column.name, None)
    if said:
        answers[column.name] = said


def _default(read: Book, sheet: Sheet, column: Column, answers: Mapping[str, str]) -> str:
    if column.name == "currency":
        used = [value for value in read.records.cases["currency"] if value is not None]
        return to_text(used[-1]) if used and "amount" in answers else ""
    if sheet is RESOLUTIONS and column.name == "date":
        return "today"
    if column.name == "agent":
        return read.last_agent(answers["number"]) if answers.get("direction") == "Received" else ""
    return _DEFAULTS.get(column.name, "") if column.required or column.name == "direction" else ""


def _others(read: Book, sheet: Sheet) -> list[Column]:
    ours = [c for c in sheet.columns if c.asked and c.name not in ("number", *_NEEDED[sheet]) and not c.optional]
    return [*ours, *read.own_columns(sheet)]


def _chosen(asker: Asker, others: Sequence[Column]) -> list[Column]:
    """Those of the optional columns that something is to be said of."""

    def check(said: str) -> str:
        for one in said.replace(",", " ").split():
            if not one.isdecimal() or not 1 <= int(one) <= len(others):
                raise UsageError(f"{quoted(one)} is no number of the list: write numbers with commas, such as 1, 3.")
        return said

    listed = ", ".join(f"{n} {one_line(column.header)}" for n, column in enumerate(others, 1))
    said = asker.text("More, by number", check, is_optional=True, forms=listed)
    return [others[int(one) - 1] for one in dict.fromkeys(said.replace(",", " ").split())]


def _admitted(read: Book, asker: Asker, sheet: Sheet, answers: dict[str, str]) -> dict[str, str]:
    """The answers once the rules take them: what they refuse is asked again, and all is shown."""
    while True:
        try:
            entry = read.append(sheet.pillar, answers)
        except EntryRefused as refused:
            complain(str(refused))
            letters = {letter: name for name, letter in read.records.log(sheet).letters.items()}
            wrong = dict.fromkeys(letters.get(f.cell.rstrip("0123456789"), "") for f in refused.findings)
            names = [name for name in wrong if name and (name in answers or name in _NEEDED[sheet])]
            if not names:
                raise
            for name in names:
                if name == "number":
                    answers["number"] = _number(read, asker, sheet)
                else:
                    _ask(read, asker, sheet, sheet[name], answers)
            continue
        click.echo("", err=True)
        for name, value in entry.values.items():
            if value is not None and name not in ("entry", "logged_at", "logged_by"):
                header = sheet[name].header if name in {c.name for c in sheet.columns} else name.rstrip(" ")
                click.echo(f"  {header}: {one_line(to_text(value))}", err=True)
        for warning in entry.warnings:
            complain(str(warning))
        return answers
