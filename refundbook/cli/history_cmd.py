"""`refundbook history`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import click

from refundbook.base.clock import Clock
from refundbook.base.date_reader import read_date
from refundbook.base.dates import day_of
from refundbook.base.errors import BadValue, RefundbookError, UsageError
from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES
from refundbook.base.settings import Settings
from refundbook.base.text import counted, one_line
from refundbook.cli import completion, history_proof
from refundbook.cli.common import complain, echo_json, loaded, say, today
from refundbook.cli.events import say_event
from refundbook.cli.many import Answers, Asked, Chosen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from refundbook.record.history.words import Event


_SINCE = CASES["opened"]._replace(header="--since")


@click.command()
@click.argument("number", required=False, shell_complete=completion.cases)
@click.option("--entry", type=int, metavar="N", help="Only the changes of the message with this entry number.")
@click.option("--since", metavar="DATE", help="Only what was done on this day or later.")
@click.option("--all", "lists_all", is_flag=True, help="Also the lines that change nothing.")
@click.option(
    "--head",
    "asks_head",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[HEAD]",
    help="Print the newest line's number and SHA-256, to be kept elsewhere. With --verify: what was kept.",
)
@click.option(
    "--verify", "asks_verify", is_flag=True, help="Say whether the history is as it was written; write nothing."
)
@click.option("--forget", "forgets", metavar="NUMBER", help="Erase what the history says of this case, for good.")
@click.option(
    "--stamp-request",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a request for a time stamp (RFC 3161).",
)
@click.option(
    "--stamp", type=click.Path(path_type=Path), metavar="FILE", help="Keep the answer to that, after a look at it."
)
@click.option(
    "--tsa-cert", type=click.Path(path_type=Path), metavar="PEM", help="With --stamp: the authority's root certificate."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def history(
    asked: Asked,
    /,
    number: str | None,
    entry: int | None,
    since: str | None,
    lists_all: bool,
    as_json: bool,
    **proof: Any,
) -> None:
    """Tell who changed what and when, newest first: by commands, and by hand in between.

    \b
    refundbook history
    refundbook history GTB-789012
    refundbook history --head > head.txt
    refundbook history --verify --head "$(cat head.txt)"
    refundbook -b "shops/*.xlsx" history --since 2023-11-01

    Each command that writes leaves a line beside the workbook (.refundbook/NAME.journal.jsonl), and before it what was
    changed by hand since the one before. Each line holds the SHA-256 of the line before, so that none can be changed,
    taken out or put in without --verify finding it; whoever keeps the head elsewhere finds a history that was cut off
    or made anew as well. The line Keep a history on the Settings sheet turns it off.
    """
    look = partial(_events, number=number, entry=entry, since=since, lists_all=lists_all)
    if isinstance(asked, Chosen):
        if any(value not in (None, False) for value in proof.values()):
            raise UsageError("What proves a history is asked of exactly one workbook: name it with one -b.")
        _tell_all(asked, look, as_json)
    elif not history_proof.is_asked(asked, as_json, **proof):
        _tell(asked, look(asked), as_json)


def _tell_all(asked: Chosen, look: Callable[[Path], list[Event]], as_json: bool) -> None:
    """The histories of several workbooks, one after another: each is told, whatever is wrong with another."""
    from refundbook.book.naming import name_of

    answers: Answers[list[Event]] = Answers(are_many=True)
    for path in asked.paths:
        name = name_of(path)
        try:
            answers.found[name] = look(path)
        except RefundbookError as error:
            answers.failed[name] = error
            for line in error.lines:
                complain(line)
    if as_json:
        rows = [{"book": name, **event.to_record()} for name, told in answers.found.items() for event in told]
        echo_json({"rows": rows, "failed": answers.failed_records()})
    else:
        for name, told in answers.found.items():
            say(f"{one_line(name)}: {counted(len(told), 'line')}")
            for event in told:
                say_event(event)
    answers.finish()


def _tell(book: Path, told: list[Event], as_json: bool) -> None:
    if as_json:
        echo_json([event.to_record() for event in told])
    elif not told:
        say("Nothing of that is in the history." if _has_history(book) else history_proof.none_yet(book))
    else:
        for event in told:
            say_event(event)


def _events(book: Path, number: str | None, entry: int | None, since: str | None, lists_all: bool) -> list[Event]:
    """What is to be told of one workbook, newest first."""
    from refundbook.record.history import words
    from refundbook.storage.history_reader import told_lines, told_of_case

    if number is not None and entry is not None:
        raise UsageError("Give a case number or --entry, not both.")
    clock, key_of = _noted(book)
    if number is not None:
        case = told_of_case(book, key_of(number), key_of)
        found = words.events(case.lines, case.is_meant)
    else:
        found = words.events(told_lines(book), None if entry is None else words.about_entry(entry))
    if since is not None:
        found = words.since(found, _day(since, clock))
    return [event for event in found[::-1] if lists_all or event.says_something or event.kind not in _SILENT]


_SILENT = frozenset({"hand", "outside"})
"""The kinds of lines that say nothing where they change nothing: the file was only saved."""


def _noted(book: Path) -> tuple[Clock | None, Callable[[str], str]]:
    """Note what was changed by hand until now, and give the workbook's clock, and what gives a case's key; where the
    workbook cannot be read, its history can be told all the same.
    """
    try:
        records = loaded(book, strict=False).records
    except RefundbookError as error:
        if not _has_history(book):
            raise
        for line in error.lines:
            complain(line)
    else:
        return records.clock, records.key_of
    return None, lambda number: canonical(number, Settings().issuers)


def _has_history(book: Path) -> bool:
    from refundbook.storage.history_reader import told_lines

    return bool(told_lines(book))


def _day(text: str, clock: Clock | None) -> date:
    try:
        found = read_date(_SINCE, text, clock or Clock.for_settings(Settings(), today()))
    except BadValue as error:
        raise UsageError(str(error)) from error
    return day_of(found)
