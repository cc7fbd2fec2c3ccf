"""`refundbook import`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from refundbook.base.errors import UsageError
from refundbook.base.schema import COMMUNICATIONS, RESOLUTIONS
from refundbook.base.text import one_line
from refundbook.cli import completion
from refundbook.cli.common import (
    MAX_SETTING,
    MAX_TABLE,
    echo_json,
    editing,
    given_bytes,
    is_asked,
    say,
    shown,
)
from refundbook.cli.import_how import How
from refundbook.importing.source_table import ImportRefused
from refundbook.system.shell import argument

if TYPE_CHECKING:
    from refundbook.book import Book
    from refundbook.importing.column_map import ImportMap
    from refundbook.importing.plan import Plan
    from refundbook.importing.source_table import SourceTable
    from refundbook.importing.update import Update, Updated


Item = TypeVar("Item")

_MUCH = 2_000
"""Rows, or entries, of which a bar is shown."""


@click.command("import")
@click.argument("file", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="MAP.toml",
    help="Which column goes where; or `paypal` or `stripe`, for their reports of cases.",
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook that has several.")
@click.option(
    "--write-map",
    type=click.Path(path_type=Path),
    metavar="MAP.toml",
    help="Write a first guess of the map, to be corrected, and import nothing.",
)
@click.option("--yes", is_flag=True, help="Take the guess of the map as it is, where nothing in it is open.")
@click.option(
    "--set-status",
    multiple=True,
    metavar="WORD=STATUS",
    help='What a status of the other table means, such as "Completed=Full Refund". May be given several times.',
)
@click.option("--as-of", metavar="DATE", help="The day of the table, for cases that ended without a date.")
@click.option(
    "--skip-refused",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Enter the rows that can be, and write the others, with their reasons, into FILE (CSV).",
)
@click.option("--update", is_flag=True, help="Enter only what is new: of a report that comes every week.")
@click.option("--case", metavar="NUMBER", shell_complete=completion.cases, help="The case that mails belong to.")
@click.option(
    "--with",
    "with_",
    type=click.Choice([choice.lower() for choice in COMMUNICATIONS["with_"].choices], case_sensitive=False),
    help="With whom mails were, where nothing in them tells.",
)
@click.option("--dry-run", is_flag=True, help="Read and check everything; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def import_(book: Path, /, file: tuple[Path, ...], case: str | None, with_: str | None, **options: Any) -> None:
    """Take over another tracker, a report, or mails.

    \b
    refundbook import old.xlsx --dry-run
    refundbook import old.csv --write-map map.toml
    refundbook import old.csv --map map.toml
    refundbook import old.csv --yes --set-status "Completed=Full Refund"
    refundbook import report.csv --map paypal --update
    refundbook import reply.eml

    A tracker with the five columns that `refundbook tracker` prints needs no map. For any other, a guess of its columns
    is shown, and what it leaves open is asked for. All rows or none, unless --skip-refused: what cannot be read is
    listed with its cell, and is never guessed.

    A mail (.eml, .emlx, .msg, .mbox, a Maildir or a folder of them) becomes a message of the case that it names or
    answers, and is kept with what is attached in the folder evidence beside the workbook.
    """
    from refundbook.importing.mail_files import holds_mails

    if all(map(holds_mails, file)):
        _import_mails(book, file, case, with_, options)
        return
    if len(file) > 1:
        raise UsageError("Tables are imported one by one: name one file.")
    if case or with_:
        raise UsageError(f"--case and --with are for mails, and {file[0]} is none.")
    _import_table(book, file[0], **options)


def _import_mails(
    book: Path, files: tuple[Path, ...], case: str | None, with_: str | None, options: dict[str, Any]
) -> None:
    from refundbook.cli import entering
    from refundbook.cli.import_mails import import_mails, refuse_options

    how = entering.How(dry_run=options.pop("dry_run"), as_json=options.pop("as_json"))
    refuse_options(**options)
    side = with_ and next(one for one in COMMUNICATIONS["with_"].choices if one.casefold() == with_.casefold())
    import_mails(book, files, how, case=case, with_=side)


def _import_table(book: Path, file: Path, write_map: Path | None, **options: Any) -> None:
    how = How(**options)
    data = given_bytes(file, MAX_TABLE)
    if write_map is not None:
        _write_map(data, file, how.sheet, write_map)
        return
    table, found, as_of = _table_and_map(data, file.name, how)
    _import(book, table, found, how._replace(as_of=as_of))


def _table_and_map(data: bytes, source: str, how: How) -> tuple[SourceTable, ImportMap, str | None]:
    """The table with its map: the one that is given, that of the five columns, or a guess, completed by answers."""
    from refundbook.importing.answers import answered, said_statuses
    from refundbook.importing.open_table import open_guessed, open_table
    from refundbook.importing.ready_maps import NAMES, open_ready

    said = said_statuses(how.set_status)
    if (name := str(how.map_file)) in NAMES and how.map_file is not None and not how.map_file.exists():
        table, found = open_ready(data, source, name, how.sheet)
        return table, answered(found, said), how.as_of
    if how.map_file is not None:
        table, found = open_table(data, source, _map(how.map_file), how.sheet)
        return table, answered(found, said), how.as_of
    table, found, is_certain = open_guessed(data, source, how.sheet)
    found = answered(found, said)
    if is_certain:
        return table, found, how.as_of
    return table, *_settled(table, found, how)


def _settled(table: SourceTable, found: ImportMap, how: How) -> tuple[ImportMap, str | None]:
    """A guess that a person, or --yes, has taken. Raises UsageError where nobody has."""
    from refundbook.cli import import_guess
    from refundbook.importing.answers import refuse_incomplete

    if how.yes:
        refuse_incomplete(table, found)
        if not how.update:
            import_guess.refuse_open(table, found)
        return found, how.as_of
    if not how.as_json:
        import_guess.show(table, found)
    refuse_incomplete(table, found)
    if is_asked() and not how.as_json:
        return import_guess.ask(table, found, how.as_of)
    raise UsageError(
        f"{one_line(table.source)} does not have the Tracker's five columns, and nothing is entered by a guess alone. "
        "Take the guess with --yes, or have it written with --write-map map.toml, correct it, and import with "
        "--map map.toml."
    )


def _map(path: Path) -> ImportMap:
    from refundbook.importing.map_file import parse

    try:
        return parse(given_bytes(path, MAX_SETTING).decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8, as TOML must be: save it so.") from error


def _write_map(data: bytes, file: Path, sheet: str | None, target: Path) -> None:
    from refundbook.cli.import_guess import save
    from refundbook.importing.guess_map import guess, is_placed
    from refundbook.importing.open_table import open_unmapped

    table = open_unmapped(data, file.name, sheet)
    found = guess(table)
    save(target, table, found)
    headers = [header for header in table.headers if header]
    placed = sum(is_placed(found, header) for header in headers)
    say(
        f"Made {shown(target)}: {placed} of {len(headers)} columns have a place, the others are kept as columns of "
        f"your own. Read and correct it, then: refundbook import {argument(shown(file))} "
        f"--map {argument(shown(target))} --dry-run"
    )


# Entering


def _import(book: Path, table: SourceTable, found: ImportMap, how: How) -> None:
    from refundbook.cli import import_answers
    from refundbook.importing.answers import kept_instead
    from refundbook.importing.plan import read
    from refundbook.importing.update import compare

    with _taken_back() as written, editing(book, how.dry_run) as opened:
        if how.map_file is None:
            found = kept_instead(found, opened.records)
        plan = read(
            table, found, opened.records, as_of=_day(opened, how.as_of), is_update=how.update, progress=progress
        )
        update = compare(plan, opened.records) if how.update else None
        done = _entered(opened, plan, update, how)
        if done.refused and how.skip_refused is not None and not how.dry_run:
            written.append(import_answers.write_refused(how.skip_refused, plan, done.refused))
    import_answers.answer(plan if update is None else update.plan, update, done, opened.path, how)


def _entered(book: Book, plan: Plan, update: Update | None, how: How) -> Updated:
    """Enter what is to be entered; gives what was done."""
    from refundbook.importing.plan import enter, enter_rest
    from refundbook.importing.update import Updated, enter_update

    is_to_skip = how.skip_refused is not None
    try:
        if update is not None:
            return enter_update(book, update, skip_refused=is_to_skip, progress=progress)
        entries, refused = enter_rest(book, plan, progress) if is_to_skip else (enter(book, plan, progress), {})
        return Updated(entries, 0, (), refused)
    except ImportRefused as error:
        if how.as_json:
            problems = [{"where": p.where, "value": p.value, "message": p.message} for p in error.problems]
            echo_json({"entered": [], "problems": problems})
        raise


def progress(label: str, items: Sequence[Item], /) -> Iterable[Item]:
    """What is to be done, with a bar at a terminal where it is much."""
    if len(items) < _MUCH or not sys.stderr.isatty():
        return items
    return _with_bar(label, items)


def _with_bar(label: str, items: Sequence[Item]) -> Iterator[Item]:
    with click.progressbar(items, label=label, file=sys.stderr, update_min_steps=_MUCH // 10) as bar:
        yield from bar


@contextmanager
def _taken_back() -> Iterator[list[Path]]:
    """Files that were written, which are taken back where the workbook is not, in the end."""
    written: list[Path] = []
    try:
        yield written
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _day(book: Book, said: str | None) -> date | None:
    from refundbook.base.errors import BadValue
    from refundbook.base.values import read as read_value

    try:
        day = read_value(RESOLUTIONS["date"], said, book.records.clock)
    except BadValue as error:
        raise UsageError(f"--as-of: {error}") from error
    return day if isinstance(day, date) else None
