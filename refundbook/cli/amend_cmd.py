"""`refundbook amend`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from refundbook.base.errors import UsageError
from refundbook.base.schema import CASES, RESOLUTIONS
from refundbook.base.text import one_line
from refundbook.cli import completion
from refundbook.cli.common import echo_json, say, shown
from refundbook.cli.correcting import corrected_data, correcting, say_corrected, warn
from refundbook.cli.own_values import parsed
from refundbook.record.column_names import are_ours, column_named
from refundbook.system.shell import argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book.amending import Amended


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[NUMBER] HEADER=VALUE...", shell_complete=completion.amended)
@click.option("--entry", type=click.IntRange(min=1), metavar="N", help="The message with this entry number.")
@click.option("--resolution", is_flag=True, help="The newest resolution of the case, instead of the case itself.")
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.option("--dry-run", is_flag=True, help="Check it and say what would be changed; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def amend(
    book: Path,
    words: tuple[str, ...],
    entry: int | None,
    resolution: bool,
    ignore_open: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Correct cells of a case, of a message, or of a resolution, all or none.

    \b
    refundbook amend GTB-789012 "Customer=Ann Lee" "Amount Requested=59.90"
    refundbook amend --entry 3 "Agent=Maya"
    refundbook amend --entry 3 "Case Number=GTB-789045"
    refundbook amend GTB-789012 --resolution "Method=Card"

    Any header of the sheet will do, your own among them; HEADER= clears the cell. The same rules hold as for entries,
    and what stood there before is printed. To give a case another number, see `refundbook rename`.
    """
    which, said = _which(words, entry)
    if resolution and entry is not None:
        raise click.UsageError("--entry names a message, and --resolution a case's newest resolution: give one.")
    pillar = RESOLUTIONS.pillar if resolution else CASES.pillar if entry is None else None
    values = _values(said)
    if pillar == CASES.pillar:
        _refuse_number(which, values)
    with correcting(book, which, list(values), pillar, dry_run=dry_run, ignore_open=ignore_open) as opened:
        whole = opened.number_meant(which) if isinstance(which, str) else which
        done = opened.amend_many(whole, values, pillar=pillar)
    _answer(done, whole, opened.path, dry_run=dry_run, as_json=as_json)


def _answer(done: Amended, which: str | int, path: Path, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        changes = corrected_data(done.corrections)
        echo_json(
            {"would_change" if dry_run else "changed": changes, "warnings": [w._asdict() for w in done.entry.warnings]}
        )
        return
    say_corrected(done.corrections, dry_run=dry_run)
    if not done.corrections:
        say(f"{one_line(str(which))} says so already. Nothing was changed.")
    elif dry_run:
        say(f"{shown(path)} was not changed.")
    warn(done.entry.warnings)


def _which(words: Sequence[str], entry: int | None) -> tuple[str | int, Sequence[str]]:
    which, said = (words[0], words[1:]) if entry is None else (entry, words)
    if entry is None and "=" in words[0]:
        raise click.UsageError("Say which case: refundbook amend NUMBER HEADER=VALUE, or --entry N for a message.")
    if not said:
        raise click.UsageError('Say what to correct, as HEADER=VALUE, such as "Customer=Ann Lee".')
    return which, said


def _values(said: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for header, value in map(parsed, said):
        if header in values:
            raise UsageError(f"{header} is given twice.")
        values[header] = value
    return values


def _refuse_number(which: object, values: dict[str, str]) -> None:
    number = next(
        (name for name in values if are_ours(CASES, [name]) and column_named(CASES, name).name == "number"), None
    )
    if number is not None:
        new = argument(values[number])
        raise UsageError(f"A case gets another number by: refundbook rename {argument(str(which))} {new}")
