"""TODO"""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.schema import COMMUNICATIONS
from refundbook.base.text import one_line
from refundbook.base.values import to_text
from refundbook.cli import completion
from refundbook.cli.common import complain, echo_json, editing, say, shown


@click.command()
@click.argument("entry", type=click.IntRange(min=1), shell_complete=completion.promises)
@click.option("--on", metavar="DATE", help="The day on which it was kept.  [default: today]")
@click.option("--dry-run", is_flag=True, help="Check it and say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def keep(book: Path, entry: int, on: str | None, dry_run: bool, as_json: bool) -> None:
    """Mark the promise in a message as kept. ENTRY is the message's number, as `refundbook due` prints it.

    \b
    refundbook keep 3
    refundbook keep 3 --on 2023-10-30
    """
    with editing(book, dry_run) as opened:
        kept = opened.keep(entry, on)
    sheet = COMMUNICATIONS
    number, what, day = (to_text(kept.values[name]) for name in ("number", "promise", "kept_on"))
    if as_json:
        values = {sheet[name].header: value for name, value in kept.values.items() if value is not None}
        echo_json({"would_keep" if dry_run else "kept": values})
        return
    say(
        f"{'Would mark' if dry_run else 'Marked'} as kept on {day}: entry {entry} of {one_line(number)}, {one_line(what)}"
    )
    for warning in kept.warnings:
        complain(str(warning))
    if dry_run:
        say(f"{shown(opened.path)} was not changed.")
