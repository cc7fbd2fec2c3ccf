"""`refundbook init`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from refundbook.base.errors import UsageError
from refundbook.cli.common import say, shown
from refundbook.cli.names import DEFAULT_BOOK
from refundbook.system.shell import argument


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.pass_obj
def init(book: Path, path: Path | None) -> None:
    """Make a new workbook from the template. Never overwrites a file.

    \b
    refundbook init
    refundbook init shop.xlsx

    PATH is where; without it, the workbook that -b or $REFUNDBOOK names.
    """
    from refundbook.book import create

    target = path or book
    try:
        create(target)
    except FileExistsError as error:
        raise UsageError(
            f"{target} exists already and is left as it is. Name another file: refundbook init PATH."
        ) from error
    usual = Path(os.environ.get("REFUNDBOOK") or DEFAULT_BOOK)
    named = "" if target == usual else f"-b {argument(shown(target))} "
    say(f"Made {shown(target)}. Enter the first case: refundbook {named}append case NUMBER --opened today")
