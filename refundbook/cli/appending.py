"""`refundbook append`: one entry by options, which come from the schema, or many from a file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from refundbook.cli import completion
from refundbook.cli.common import complain, echo_json, editing, say, shown, today
from refundbook.display import one_line, safe
from refundbook.errors import Busy, EntriesRefused, InvalidWorkbook, UsageError
from refundbook.schema import FINAL_STATUSES, REFUND_STATUSES, RESOLUTIONS, SHEETS, Column, Kind, Sheet

if TYPE_CHECKING:
    from refundbook.book import Entry
    from refundbook.findings import Finding
    from refundbook.intake import Line

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

    While somebody has the workbook open, or an older row breaks a rule, an entry is checked and kept in the inbox (see `refundbook inbox`).
    """
    if context.invoked_subcommand is None:
        if source is None:
            raise click.UsageError("Say what to append: case, communication or resolution, or --from FILE.", context)
        _append_file(context.obj, source, _How(**flags))
    elif source is not None or any(flags.values()):
        raise click.UsageError(
            "Give --from alone, and --dry-run and --json after case, communication or resolution.", context
        )


def _flags() -> list[click.Parameter]:
    return [
        click.Option(["--dry-run"], is_flag=True, help="Check everything and say what would happen; write nothing."),
        click.Option(["--json", "as_json"], is_flag=True, help="Answer in JSON."),
        click.Option(
            ["--no-inbox"], is_flag=True, help="Where the workbook cannot be written now, fail and keep nothing."
        ),
        click.Option(
            ["--ignore-open"], is_flag=True, help="Write although an owner file says that somebody has it open."
        ),
    ]


class _How(NamedTuple):
    """The flags."""

    dry_run: bool
    as_json: bool
    no_inbox: bool
    ignore_open: bool


class _Done(NamedTuple):
    """What became of the entries: in the workbook at `path`, or in its inbox `because` it could not be written."""

    entries: list[Entry]
    path: Path
    because: str = ""


def _enter(book: Path, entries: Callable[[], Iterable[tuple[str, Mapping[str, object]]]], how: _How) -> _Done:
    try:
        with editing(book, how.dry_run, ignore_open=how.ignore_open) as opened:
            return _Done(opened.append_many(entries()), opened.path)
    except (Busy, InvalidWorkbook) as error:
        if how.no_inbox or how.dry_run:
            raise
        because = error.reason if isinstance(error, Busy) else f"{book} breaks a rule already ({error})"
    from refundbook.book import load
    from refundbook.inbox import keep

    read = load(book, strict=False, today=today())
    return _Done(keep(read, entries()), read.path, because)


def _append_file(book: Path, source: str, how: _How) -> None:
    from refundbook.intake import read_lines

    name = "standard input" if source == "-" else source
    # Read before the workbook is locked: whoever writes to the standard input may take their time.
    found = list(read_lines(_file_bytes(source), name))
    lines: list[Line] = []
    try:
        done = _enter(book, lambda: _taken(found, lines), how)
    except EntriesRefused as refused:
        _refuse_lines(refused, found, name, how.as_json)
    except UsageError as error:
        raise UsageError(f"{name}, line {lines[-1].number}: {error}" if lines else str(error)) from error
    if not found and not how.as_json:
        say(f"{safe(name)} holds no entries.")
    _answer(done, how)


def _taken(found: Sequence[Line], seen: list[Line]) -> Iterator[tuple[str, Mapping[str, object]]]:
    with _progress(found) as lines:
        for line in lines:
            seen.append(line)
            yield line.pillar, line.fields


def _file_bytes(source: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {(error.strerror or str(error)).lower()}.") from error


@contextmanager
def _progress(lines: Sequence[Line]) -> Iterator[Iterator[Line]]:
    if len(lines) < _PROGRESS_FROM or not sys.stderr.isatty():
        yield iter(lines)
        return
    with click.progressbar(lines, label="Entering", file=sys.stderr) as bar:
        yield iter(bar)


def _refuse_lines(refused: EntriesRefused, lines: Sequence[Line], name: str, as_json: bool) -> NoReturn:
    if as_json:
        echo_json(
            {
                "entered": [],
                "refused": [{"line": lines[e.index].number, **_refused(e.findings)} for e in refused.entries],
            }
        )
    for entry in refused.entries:
        complain(f"{name}, line {lines[entry.index].number}: {entry}")
    count = len(refused.entries)
    complain(
        f"Nothing was entered: {count} of {len(lines)} rows {'is' if count == 1 else 'are'} refused. Correct {'it' if count == 1 else 'them'} and run it again."
    )
    raise SystemExit(refused.exit_code)


def _append_command(sheet: Sheet) -> click.Command:
    """`append case` and its siblings: the number as the argument, every other column as an option."""
    columns = [column for column in sheet.columns if column.asked and column.name != "number"]

    @click.pass_context
    def run(
        context: click.Context, /, dry_run: bool, as_json: bool, no_inbox: bool, ignore_open: bool, **fields: Any
    ) -> None:
        given = {name: value for name, value in fields.items() if value is not None}
        _ask_for_missing(context, sheet, given)
        how = _How(dry_run, as_json, no_inbox, ignore_open)
        try:
            done = _enter(context.obj, lambda: [(sheet.pillar, given)], how)
        except EntriesRefused as refused:
            if as_json:
                echo_json({"entered": [], "refused": [_refused(refused.entries[0].findings)]})
            raise
        _answer(done, how)

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
    params += _flags()
    return click.Command(sheet.pillar, callback=run, params=params, help=f"Enter a {sheet.pillar}.\n\n{sheet.help}")


def _help(column: Column) -> str:
    return column.help + (" Required." if column.required else "")


def _metavar(column: Column) -> str:
    if column.choices:
        return "|".join(choice.lower() for choice in column.choices) if len(column.choices) <= 2 else "STATUS"
    return {Kind.DATE: "DATE", Kind.MOMENT: "WHEN", Kind.MONEY: "AMOUNT"}.get(column.kind, "TEXT")


def _ask_for_missing(context: click.Context, sheet: Sheet, given: dict[str, Any]) -> None:
    """At a terminal a required value that was left out is asked for; elsewhere it is an error."""
    asked = [column for column in sheet.columns if column.required and column.name not in given]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        if asked:
            missing = ", ".join("NUMBER" if column.name == "number" else column.option for column in asked)
            raise click.UsageError(f"Missing: {missing}.", context)
        return
    for column in asked:
        given[column.name] = _prompt(column, optional=False)
    if sheet is RESOLUTIONS:
        status = re.sub(r"[\s_-]+", " ", given["status"].strip()).casefold()
        for name, statuses in (("date", FINAL_STATUSES), ("amount", REFUND_STATUSES), ("method", REFUND_STATUSES)):
            if name not in given and status in map(str.casefold, statuses):
                given[name] = _prompt(sheet[name], optional=name != "date")


def _prompt(column: Column, *, optional: bool) -> Any:
    kind = click.Choice(column.choices, case_sensitive=False) if column.choices else None
    label = f"{column.header} (Enter to leave it blank)" if optional else column.header
    return click.prompt(label, type=kind, default="" if optional else None, show_default=False, err=True)


append.params += _flags()
for _sheet in SHEETS:
    append.add_command(_append_command(_sheet))


def _answer(done: _Done, how: _How) -> None:
    if how.as_json:
        _answer_json(done, how)
        return
    for entry in done.entries[:10]:
        number = one_line(str(entry.values["number"]))
        if done.because:
            say(f"Kept {number} for {entry.sheet} in the inbox.")
        else:
            say(f"{'Would enter' if how.dry_run else 'Entered'} {number} in {entry.sheet}, row {entry.row}.")
    if len(done.entries) > 10:
        say(f"… {len(done.entries)} entries in all.")
    for entry in done.entries:
        for warning in entry.warnings:
            complain(str(warning))
    if done.because:
        complain(
            f"{done.because}. What you entered is kept in the inbox beside it, and goes in with the next command that can write: see `refundbook inbox`."
        )
    if how.dry_run:
        say(f"{shown(done.path)} was not changed.")


def _answer_json(done: _Done, how: _How) -> None:
    answer: dict[str, object] = {"entered": []}
    place = "kept" if done.because else "would_enter" if how.dry_run else "entered"
    answer[place] = [
        {
            "sheet": entry.sheet,
            **({} if done.because else {"row": entry.row}),
            "values": _by_header(entry),
            "warnings": [_finding(f) for f in entry.warnings],
        }
        for entry in done.entries
    ]
    if done.because:
        answer["because"] = done.because
    echo_json(answer)


def _by_header(entry: Entry) -> dict[str, object]:
    sheet = next(sheet for sheet in SHEETS if sheet.name == entry.sheet)
    return {sheet[name].header: value for name, value in entry.values.items() if value is not None}


def _finding(finding: Finding) -> dict[str, str]:
    return {"code": finding.code, "message": finding.message, "hint": finding.hint}


def _refused(findings: Sequence[Finding]) -> dict[str, object]:
    return {"findings": [_finding(finding) for finding in findings]}
