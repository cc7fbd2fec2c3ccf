"""`refundbook add-column`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.schema import SHEETS
from refundbook.base.text import one_line
from refundbook.cli.common import complain, echo_json, say, shown, today
from refundbook.system.shell import argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.storage.add_column import MadeColumn

_KINDS = ("text", "number", "date", "choice")


@click.command("add-column")
@click.argument("header")
@click.option(
    "--on",
    type=click.Choice([sheet.name.lower() for sheet in SHEETS], case_sensitive=False),
    required=True,
    help="The sheet that gets it.",
)
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    default=None,
    help="What it holds: a choice is one of --values.  [default: text, with --values choice]",
)
@click.option(
    "--values",
    metavar="A,B,…",
    multiple=True,
    help="What may be chosen, with commas between. May be given several times.",
)
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.option("--dry-run", is_flag=True, help="Say where it would stand; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def add_column(
    book: Path,
    header: str,
    on: str,
    kind: str | None,
    values: tuple[str, ...],
    ignore_open: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make a column of your own, at the right end of a sheet's table.

    \b
    refundbook add-column Seller --on cases
    refundbook add-column Warehouse --on cases --kind choice --values "North, South"
    refundbook append case GTB-789012 --opened today --set "Seller=Shop Nine"

    All else stays as it is, and the workbook as it was is kept first (see `refundbook restore`). What you make in Excel
    inside the table is as good: refundbook goes by its number format and its data validation.
    """
    from refundbook.storage import add_column as adding

    sheet = next(sheet for sheet in SHEETS if sheet.name.lower() == on.lower())
    choices = [value for given in values for value in given.split(",")]
    made = adding.add_column(
        book,
        sheet,
        header,
        kind or ("choice" if choices else "text"),
        choices,
        dry_run=dry_run,
        today=today(),
        waiting=complain,
        ignore_open=ignore_open,
    )
    _answer(made, book, dry_run=dry_run, as_json=as_json)


def _answer(made: MadeColumn, book: Path, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        added = {"sheet": made.sheet, "header": made.header, "cell": made.cell}
        backup = made.backup.name if made.backup else None
        echo_json({"would_add": added} if dry_run else {"added": added, "backup": backup})
        return
    say(f"{'Would add' if dry_run else 'Added'} {one_line(made.header)} to {made.sheet}, in {made.cell}.")
    if made.backup:
        say(f"The workbook as it was is kept. To undo this: refundbook restore {argument(one_line(made.backup.name))}")
    else:
        say(f"{shown(book)} was not changed.")
