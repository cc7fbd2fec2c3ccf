"""`refundbook keep`: a promise that was kept, or a gateway that was answered."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.schema import CASES, COMMUNICATIONS, Sheet
from refundbook.base.text import one_line
from refundbook.base.values import to_text
from refundbook.cli import completion
from refundbook.cli.common import complain, echo_json, say, shown
from refundbook.cli.correcting import correcting
from refundbook.record.entries import Entry


@click.command()
@click.argument("entry", type=click.IntRange(min=1), required=False, shell_complete=completion.promises)
@click.option(
    "--answered",
    metavar="NUMBER",
    shell_complete=completion.cases,
    help="Instead: your answer in the case NUMBER went to the gateway, which ends its Respond By.",
)
@click.option("--undo", is_flag=True, help="Take it back: it was not kept, or not answered.")
@click.option("--on", metavar="DATE", help="The day on which it was kept, or answered.  [default: today]")
@click.option("--dry-run", is_flag=True, help="Check it and say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def keep(
    book: Path, entry: int | None, answered: str | None, undo: bool, on: str | None, dry_run: bool, as_json: bool
) -> None:
    """Mark the promise in a message as kept. ENTRY is the message's number, as `refundbook due` prints it.

    \b
    refundbook keep 3
    refundbook keep 3 --on 2023-10-30
    refundbook keep --undo 3
    refundbook keep --answered PP-R-ABC-123456789
    """
    if (entry is None) == (answered is None):
        raise click.UsageError(
            "Missing argument 'ENTRY'." if entry is None else "Give an ENTRY or --answered NUMBER, not both."
        )
    if undo and on is not None:
        raise click.UsageError("--undo takes the day away; give no --on with it.")
    which: str | int = answered if answered is not None else entry or 0
    name = "kept_on" if answered is None else "answered_on"
    with correcting(book, which, [name], None if answered is None else CASES.pillar, dry_run=dry_run) as opened:
        done = (
            opened.answered(opened.number_meant(answered), on, undo=undo)
            if answered is not None
            else opened.keep(entry or 0, on, undo=undo)
        )
    _say(done, "answered" if answered is not None else "kept", dry_run, as_json, undo=undo)
    if dry_run and not as_json:
        say(f"{shown(opened.path)} was not changed.")


def _say(done: Entry, what: str, dry_run: bool, as_json: bool, *, undo: bool) -> None:
    sheet: Sheet = CASES if what == "answered" else COMMUNICATIONS
    if as_json:
        values = {sheet[name].header: value for name, value in done.values.items() if value is not None}
        done_as = f"not_{what}" if undo else what
        would = f"would_mark_{done_as}" if undo else {"kept": "would_keep", "answered": "would_answer"}[what]
        echo_json({would if dry_run else done_as: values})
        return
    text = {name: one_line(to_text(value)) for name, value in done.values.items()}
    number, day = text["number"], text["answered_on" if sheet is CASES else "kept_on"]
    which = (
        f"{number}, {sheet['respond_by'].header} {text['respond_by']}"
        if sheet is CASES
        else f"entry {text['entry']} of {number}, {text['promise']}"
    )
    how = f"not {what}" if undo else f"{what} on {day}"
    say(f"{'Would mark' if dry_run else 'Marked'} as {how}: {which}")
    for warning in done.warnings:
        complain(str(warning))
