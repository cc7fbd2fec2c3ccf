"""`refundbook upgrade`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from refundbook.base.text import one_line
from refundbook.cli.common import complain, echo_json, say, shown, today
from refundbook.system.shell import argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.storage.renewal import Left, Renewed
    from refundbook.storage.upgrade import AddedColumn, Upgraded


@click.command()
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and what left; write nothing.")
@click.option(
    "--renew",
    "wanted",
    multiple=True,
    metavar="SHEET",
    help="Make this sheet (such as Tracker) today's whatever you changed on it, or where you took it away.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def upgrade(book: Path, ignore_open: bool, dry_run: bool, wanted: tuple[str, ...], as_json: bool) -> None:
    """Bring a workbook that an older refundbook made up to date.

    \b
    refundbook upgrade --dry-run
    refundbook upgrade
    refundbook upgrade --renew Tracker

    The sheets Read Me, Tracker and Insights become today's, with the hidden sheet that they compute by; so do the
    drop-downs, checks and warning colours of the logs; Settings gets the lines that it lacks, and the logs the columns,
    after your own. What you changed is left and named, and so is a sheet that you took away. All else stays as it is,
    and the workbook as it was is kept first (see `refundbook restore`). A second run has nothing to do.
    """
    from refundbook.storage import upgrade as upgrading

    done = upgrading.upgrade(
        book, dry_run=dry_run, today=today(), waiting=complain, ignore_open=ignore_open, wanted=wanted
    )
    if as_json:
        named = {name: [one._asdict() for one in found] for name, found in _told(done)}
        added, renewed = ("would_add", "would_renew") if dry_run else ("added", "renewed")
        backup = {} if dry_run else {"backup": done.backup.name if done.backup else None}
        echo_json({added: named["added"], renewed: named["renewed"], "left": named["left"], **backup})
        return
    for line in _lines(done, dry_run=dry_run):
        say(line)
    if done.said:
        say(done.said)
    if not done.added and not done.renewed:
        say(
            f"{shown(book)} is up to date. Nothing was changed." if not done.left else f"{shown(book)} was not changed."
        )
    elif done.backup:
        say(f"The workbook as it was is kept. To undo this: refundbook restore {argument(one_line(done.backup.name))}")
    else:
        say(f"{shown(book)} was not changed.")


def _told(done: Upgraded) -> tuple[tuple[str, Sequence[AddedColumn | Renewed | Left]], ...]:
    return ("added", done.added), ("renewed", done.renewed), ("left", done.left)


def _lines(done: Upgraded, *, dry_run: bool) -> Iterator[str]:
    for column in done.added:
        yield f"{'Would add' if dry_run else 'Added'} {column.header} to {column.sheet}, in {column.cell}."
    for renewed in done.renewed:
        yield f"{'Would renew' if dry_run else 'Renewed'} {renewed.sheet}: {renewed.what}."
    for left in done.left:
        where = f"{left.sheet} {left.cells}".strip() or "today's formulas"
        yield f"Left as it is: {where}: {one_line(left.why)}."
