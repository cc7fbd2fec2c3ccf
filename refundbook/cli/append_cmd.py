"""`refundbook append`: one entry by options, which come from the schema, or many from a file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import click

from refundbook.base.errors import EntriesRefused, UsageError
from refundbook.base.schema import (
    CASES,
    COMMUNICATIONS,
    FINAL_STATUSES,
    REFUND_STATUSES,
    RESOLUTIONS,
    SHEETS,
    Column,
    Kind,
    Sheet,
)
from refundbook.base.text import safe
from refundbook.cli import completion, own_values
from refundbook.cli.common import MAX_TABLE, complain, echo_json, given_bytes, is_asked, say
from refundbook.cli.entering import FLAGS, How, answer, enter, enter_one, refused
from refundbook.record.column_names import are_ours, column_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from refundbook.cli.asking import Asker
    from refundbook.importing.entry_file import Line

_PROGRESS_FROM = 200


@click.group(invoke_without_command=True)
@click.option(
    "--from",
    "source",
    metavar="FILE",
    help="Enter every row of a CSV or JSON Lines file (- for standard input): all or none.",
)
@click.pass_context
def append(context: click.Context, /, source: str | None, **flags: bool) -> None:
    """Enter a case, a communication or a resolution, or many from a file.

    \b
    refundbook append case GTB-789012 --opened 2023-10-26 --amount 49.90 --currency USD
    refundbook append --from entries.csv --dry-run

    The keys of a file are the column headers and `pillar`: case, communication or resolution.

    While somebody has the workbook open, or an older row breaks a rule, an entry is checked and kept in the inbox (see
    `refundbook inbox`); the exit code is then 0 in the one case and 1 in the other.
    """
    if context.invoked_subcommand is None:
        if source is None:
            raise click.UsageError("Say what to append: case, communication or resolution, or --from FILE.", context)
        _append_file(context.obj, source, How(**flags))
    elif source is not None or any(flags.values()):
        raise click.UsageError(
            "Give --from alone, and --dry-run and --json after case, communication or resolution.", context
        )


def _flags() -> list[click.Parameter]:
    return [click.Option([flag, name], is_flag=True, help=help) for flag, (name, help) in FLAGS.items()]


def _append_file(book: Path, source: str, how: How) -> None:
    from refundbook.importing.entry_file import read_lines

    name = "standard input" if source == "-" else source
    # Read before the workbook is locked: whoever writes to the standard input may take their time.
    found = list(read_lines(given_bytes(source, MAX_TABLE), name))
    command = f"append --from {source}" + (_IMPORTED if _say_when_logged(found) else "")
    try:
        with _progress(found) as entries:
            done = enter(book, lambda _: entries(), how, command)
    except EntriesRefused as error:
        _refuse_lines(error, found, name, how.as_json)
    except UsageError as error:
        if error.index is None:
            raise
        raise UsageError(f"{name}, line {found[error.index].number}: {error}") from error
    if not found and not how.as_json:
        say(f"{safe(name)} holds no entries.")
    answer(done, how)


_IMPORTED = " (an import: Logged At and Logged By as the file has them)"
_LOGGED = frozenset({"loggedat", "loggedby"})


def _say_when_logged(lines: Sequence[Line]) -> bool:
    """Whether an entry brings along when it was logged, or by whom: then that was somewhere else."""
    names = {name for line in lines for name in line.fields}
    saying = [name for name in names if "".join(filter(str.isalnum, name.casefold())) in _LOGGED]
    return any(line.fields.get(name) for name in saying for line in lines)


@contextmanager
def _progress(lines: Sequence[Line]) -> Iterator[Callable[[], Iterable[tuple[str, Mapping[str, object]]]]]:
    """Gives the entries as often as they are asked for; at a terminal, many of them show a bar the first time."""
    entries = [(line.pillar, line.fields) for line in lines]
    if len(lines) < _PROGRESS_FROM or not sys.stderr.isatty():
        yield lambda: entries
        return
    with click.progressbar(entries, label="Entering", file=sys.stderr) as bar:
        shown = iter((bar,))
        yield lambda: next(shown, entries)


def _refuse_lines(error: EntriesRefused, lines: Sequence[Line], name: str, as_json: bool) -> NoReturn:
    if as_json:
        echo_json(
            {
                "entered": [],
                "refused": [{"line": lines[e.index].number, **refused(e.findings)} for e in error.entries],
            }
        )
    for entry in error.entries:
        complain(f"{name}, line {lines[entry.index].number}: {entry}")
    count = len(error.entries)
    complain(
        f"Nothing was entered: {count} of {len(lines)} rows {'is' if count == 1 else 'are'} refused. Correct "
        f"{'it' if count == 1 else 'them'} and run it again."
    )
    raise SystemExit(error.exit_code)


def _append_command(sheet: Sheet) -> click.Command:
    """`append case` and its siblings: the number as the argument, every other column as an option."""
    columns = [column for column in sheet.columns if column.asked and column.name != "number"]

    @click.pass_context
    def run(context: click.Context, /, **fields: Any) -> None:
        how = How(**{name: fields.pop(name) for name in How._fields})
        said, message = fields.pop("own"), fields.pop("message", None)
        given = {name: value for name, value in fields.items() if value is not None}
        own_values.put(given, said)
        _ask_for_missing(context, sheet, given)
        enter_one(context.obj, sheet, given, how, **({} if message is None else {"first_message": message}))

    complete = completion.values(sheet["number"])
    params: list[click.Parameter] = [
        click.Argument(["number"], required=False, metavar="NUMBER", shell_complete=complete)
    ]
    params += [
        click.Option(
            [column.option, column.name],
            metavar=_metavar(column),
            help=_help(column),
            shell_complete=completion.values(column),
        )
        for column in columns
    ]
    params.append(
        click.Option(
            [own_values.OPTION, "own"],
            metavar=own_values.METAVAR,
            multiple=True,
            help=own_values.HELP,
            shell_complete=completion.assignments(sheet),
        )
    )
    if sheet is CASES:
        said = "What you wrote to support when you opened it: the first message, entered with the case, both or none."
        params.append(click.Option(["--message"], metavar="TEXT", help=said))
    params += _flags()
    return click.Command(sheet.pillar, callback=run, params=params, help=_help_of(sheet))


_EXAMPLES = {
    CASES: 'refundbook append case GTB-789012 --opened today --amount 49.90 --currency USD --message "It is lost."',
    COMMUNICATIONS: 'refundbook append communication 789012 --date today --with support --summary "Label sent."',
    RESOLUTIONS: 'refundbook append resolution 789012 --status "Full Refund" --date today --amount 49.90 --method Card',
}


def _help_of(sheet: Sheet) -> str:
    return f"Enter a {sheet.pillar}.\n\n\b\n{_EXAMPLES[sheet]}\n\n{sheet.help} {_FORMS}"


_FORMS = (
    "A date is written as 2023-10-26, 26 Oct 2023, today, yesterday, tomorrow or 3 days ago, a due date also as "
    "48 hrs, an amount as 49.90."
)


def _help(column: Column) -> str:
    return column.help + (" Required." if column.required else "")


def _metavar(column: Column) -> str:
    if column.choices:
        return "|".join(choice.lower() for choice in column.choices) if len(column.choices) <= 2 else "STATUS"
    return {Kind.DATE: "DATE", Kind.MOMENT: "WHEN", Kind.MONEY: "AMOUNT"}.get(column.kind, "TEXT")


def _ask_for_missing(context: click.Context, sheet: Sheet, given: dict[str, Any]) -> None:
    """At a terminal a required value that was left out is asked for; elsewhere it is an error."""
    named = {column_named(sheet, name).name for name in given if are_ours(sheet, [name])}
    asked = [column for column in sheet.columns if column.required and column.name not in named]
    if not is_asked():
        if asked:
            missing = ", ".join("NUMBER" if column.name == "number" else column.option for column in asked)
            raise click.UsageError(f"Missing: {missing}.", context)
        return
    asker = _Lazily(context.obj)
    for column in asked:
        given[column.name] = _prompt(asker, column, optional=False)
    if sheet is RESOLUTIONS:
        said = next(v for k, v in given.items() if are_ours(sheet, [k]) and column_named(sheet, k).name == "status")
        status = re.sub(r"[\s_-]+", " ", said.strip()).casefold()
        for name, statuses in (("date", FINAL_STATUSES), ("amount", REFUND_STATUSES), ("method", REFUND_STATUSES)):
            if name not in named and status in map(str.casefold, statuses):
                given[name] = _prompt(asker, sheet[name], optional=name != "date")


class _Lazily:
    """The one who asks, once something is to be asked: the workbook is read for it."""

    def __init__(self, book: Path) -> None:
        self._book = book

    @cached_property
    def asker(self) -> Asker:
        from refundbook.cli.asking import Asker

        return Asker.of(self._book)


def _prompt(asking: _Lazily, column: Column, *, optional: bool) -> str:
    """An answer that can be read; a bad one is asked again, and what was typed before stays."""
    if column.choices:
        kind = click.Choice(column.choices, case_sensitive=False)
        return str(click.prompt(column.header, type=kind, show_default=False, err=True))
    default = "today" if column in _ASKED_AS_TODAY else ""
    return asking.asker.value(column._replace(suggestions=""), default=default, is_optional=optional)


_ASKED_AS_TODAY = (CASES["opened"], COMMUNICATIONS["date"])
"""Without a terminal they are required: who enters many things at once may mean any day."""


append.params += _flags()
for _sheet in SHEETS:
    append.add_command(_append_command(_sheet))
