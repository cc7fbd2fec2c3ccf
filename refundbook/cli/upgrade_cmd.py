"""`refundbook upgrade`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.text import one_line
from refundbook.cli.common import complain, echo_json, say, shown, today
from refundbook.system.shell import argument


@click.command()
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.option("--dry-run", is_flag=True, help="Say which columns would be added; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def upgrade(book: Path, ignore_open: bool, dry_run: bool, as_json: bool) -> None:
    """Add the columns that are newer than the workbook, at the right end of its tables, after your own.

    \b
    refundbook upgrade --dry-run
    refundbook upgrade

    A workbook is as valid without them; what needs one says so. All else stays as it is, and the workbook as it was is
    kept first (see `refundbook restore`). A second run has nothing to do.
    """
    from refundbook.storage import upgrade as upgrading

    done = upgrading.upgrade(book, dry_run=dry_run, today=today(), waiting=complain, ignore_open=ignore_open)
    if as_json:
        added = [column._asdict() for column in done.added]
        backup = done.backup.name if done.backup else None
        echo_json({"would_add": added} if dry_run else {"added": added, "backup": backup})
        return
    for column in done.added:
        say(f"{'Would add' if dry_run else 'Added'} {column.header} to {column.sheet}, in {column.cell}.")
    if not done.added:
        say(f"{shown(book)} has every column already. Nothing was changed.")
    elif done.backup:
        say(f"The workbook as it was is kept. To undo this: refundbook restore {argument(one_line(done.backup.name))}")
    else:
        say(f"{shown(book)} was not changed.")
