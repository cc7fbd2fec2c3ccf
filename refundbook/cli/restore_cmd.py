"""`refundbook restore`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.dates import moment_text
from refundbook.base.text import one_line
from refundbook.cli.common import complain, echo_json, say, today
from refundbook.system.shell import argument


@click.command()
@click.argument("which", metavar="[NAME|NUMBER]", required=False)
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def restore(book: Path, which: str | None, ignore_open: bool, as_json: bool) -> None:
    """List the workbook's backups, newest first, or bring one back by its name or its number in the list.

    \b
    refundbook restore
    refundbook restore 1

    Before the first save of a day the workbook as it was is kept in .refundbook/backups beside it, the newest 10. What
    is replaced is kept there as well, so that this can be undone. The line Backups on the Settings sheet turns it off.
    """
    if which is None:
        _list(book, as_json)
        return
    from refundbook.storage import backups

    done = backups.restore(book, which, today=today(), waiting=complain, ignore_open=ignore_open)
    replaced = done.replaced.name if done.replaced else None
    if as_json:
        echo_json({"restored": done.backup.name, "replaced": replaced})
        return
    say(f"Brought back {one_line(book.name)} as it was at {moment_text(done.backup.made)}.")
    if replaced:
        say(f"What it replaced is kept too. To undo this: refundbook restore {argument(one_line(replaced))}")


def _list(book: Path, as_json: bool) -> None:
    from refundbook.storage.backups import backups

    known = backups(book)
    if as_json:
        echo_json([{"number": n, "name": b.name, "made": b.made, "path": str(b.path)} for n, b in enumerate(known, 1)])
        return
    if not known:
        say(f"There are no backups of {one_line(book.name)} yet.")
    for number, backup in enumerate(known, 1):
        say(f"{number:>2}  {moment_text(backup.made)}  {one_line(backup.name)}")
