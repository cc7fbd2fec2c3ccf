"""`refundbook rename`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.schema import CASES
from refundbook.base.text import counted, one_line
from refundbook.cli import completion
from refundbook.cli.common import echo_json, say, shown
from refundbook.cli.correcting import corrected_data, correcting


@click.command()
@click.argument("old", shell_complete=completion.cases)
@click.argument("new")
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.option("--dry-run", is_flag=True, help="Check it and say what would be changed; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def rename(book: Path, old: str, new: str, ignore_open: bool, dry_run: bool, as_json: bool) -> None:
    """Give the case OLD the number NEW, in all three logs and where other cases name it as related.

    \b
    refundbook rename GTB-789O12 GTB-789012
    refundbook rename GTB-789O12 GTB-789012 --dry-run

    All or nothing. Folders of evidence keep their names, and the paths in the log lead there as before.
    """
    with correcting(book, old, ["number"], CASES.pillar, dry_run=dry_run, ignore_open=ignore_open) as opened:
        done = opened.rename(opened.number_meant(old), new)
    if as_json:
        echo_json({"would_change" if dry_run else "changed": corrected_data(done)})
        return
    if not done:
        say(f"{one_line(new)} is its number already. Nothing was changed.")
        return
    whole = one_line(str(done[0].before))
    sheets = dict.fromkeys(cell.where.partition("!")[0] for cell in done)
    verb = "Would rename" if dry_run else "Renamed"
    say(f"{verb} {whole} to {one_line(str(done[0].after))}: {counted(len(done), 'cell')} in {', '.join(sheets)}.")
    if dry_run:
        say(f"{shown(opened.path)} was not changed.")
