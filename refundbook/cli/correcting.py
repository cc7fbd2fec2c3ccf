"""What the commands that correct have in common: a workbook that is open, and saying what was corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from refundbook.base.errors import Busy, RefundbookError
from refundbook.base.text import one_line
from refundbook.base.values import to_text
from refundbook.cli.common import complain, editing, say, today

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.base.findings import Finding
    from refundbook.book import Book
    from refundbook.record.corrections import Correction


@contextmanager
def correcting(
    path: Path,
    which: str | int,
    names: Sequence[str],
    pillar: str | None = None,
    *,
    dry_run: bool = False,
    ignore_open: bool = False,
) -> Iterator[Book]:
    """The workbook as `editing` has it. Where it is open elsewhere, nothing can wait in the inbox: Busy says which
    cells (of which entry, in the columns of these names) to change there.
    """
    try:
        with editing(path, dry_run, ignore_open=ignore_open) as book:
            yield book
    except Busy as error:
        cells = _places(path, which, names, pillar)
        there = f", or change {cells} there" if cells else ""
        raise Busy(error.reason, f"Nothing was changed: close it and run this again{there}.") from error


def _places(path: Path, which: str | int, names: Sequence[str], pillar: str | None) -> str:
    from refundbook.book import load

    try:
        book = load(path, strict=False, today=today())
        whole = book.number_meant(which) if isinstance(which, str) else which
        return ", ".join(book.places(whole, names, pillar=pillar))
    except RefundbookError:
        return ""


def say_corrected(done: Sequence[Correction], *, dry_run: bool) -> None:
    """Say each cell with what stands there now and what stood there before."""
    for cell in done:
        after, before = (one_line(to_text(value)) or "blank" for value in (cell.after, cell.before))
        verb = "Would change" if dry_run else "Changed"
        say(f"{verb} {cell.where}, {one_line(cell.column)}: {after} (was {before}).")


def corrected_data(done: Sequence[Correction]) -> list[dict[str, object]]:
    """The same for JSON."""
    return [cell._asdict() for cell in done]


def warn(findings: Sequence[Finding]) -> None:
    for finding in findings:
        complain(str(finding))
