"""`refundbook undo`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.errors import UsageError
from refundbook.base.text import one_line
from refundbook.cli.common import echo_json, editing, is_asked, say, say_what_waits, shown, today

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.history.reversal import Reversal

_SHOWN = 20


@click.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def undo(book: Path, yes: bool, ignore_open: bool, dry_run: bool, as_json: bool) -> None:
    """Undo what the newest command entered or corrected, whoever ran it.

    \b
    refundbook undo
    refundbook undo --yes

    It says what it will do and asks first; a second undo brings it back. Both have their lines in the history. What was
    changed since, also by hand, is not overwritten. `upgrade` and `restore` are reversed by `refundbook restore`.
    """
    from refundbook.book import glance

    with glance(book, today=today()) as read:
        found = read.undoable()
    say_what_waits(book)
    if not as_json:
        _tell(found)
    if not (yes or dry_run):
        if not is_asked():
            raise UsageError("Nothing was undone: without a terminal to ask at, give --yes.")
        click.confirm("Do that?", abort=True, err=True)
    if not dry_run:
        with editing(book, ignore_open=ignore_open, enters_inbox=False) as opened:
            opened.undo(found.line.number)
    if as_json:
        from refundbook.record.history.words import change_data

        changes = list(map(change_data, found.changes))
        echo_json({"line": found.line.number, "would_undo" if dry_run else "undone": changes})
    else:
        say(f"{shown(book)} was not changed." if dry_run else f"Undone: line {found.line.number} of the history.")


def _tell(found: Reversal) -> None:
    from refundbook.record.history.words import change_text, events

    (event,) = events([found.line])
    say(f"To undo: {one_line(event.title)}")
    say("That would change:")
    for change in found.changes[:_SHOWN]:
        say(f"  {one_line(change_text(change))}")
    if len(found.changes) > _SHOWN:
        say(f"  … {len(found.changes)} changes in all.")
