"""What `refundbook` alone says where a workbook is there: what is late, what is due, and what came last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from refundbook.base.dates import stamp
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS
from refundbook.base.text import one_line
from refundbook.base.tone import Tone
from refundbook.base.values import to_text
from refundbook.cli.common import loaded, width
from refundbook.cli.output import paint, say_painted
from refundbook.record.promises import Deadline
from refundbook.record.records import Log, Records
from refundbook.render.text import cut

LINES = 5
"""Of each at most so many are shown."""
_NOTHING_YET = "Nothing was entered yet: refundbook append case NUMBER --opened today"
_HAPPENED = {CASES: "opened", COMMUNICATIONS: "date", RESOLUTIONS: "date"}


def show(path: Path) -> None:
    """Print it, in three parts. Raises what `load` raises."""
    book = loaded(path)
    due = book.due()
    late, soon = [d for d in due if d.overdue], [d for d in due if not d.overdue]
    parts = [
        _part("Late", Tone.BAD, list(map(_deadline, late)), "Nothing is late."),
        _part("Due", Tone.SOON, list(map(_deadline, soon)), "Nothing is due soon."),
        _part("Last", Tone.PLAIN, newest(book.records), _NOTHING_YET),
    ]
    say_painted("\n".join(parts))


def _part(title: str, tone: Tone, lines: Sequence[str], none: str) -> str:
    shown = [cut(one_line(line), width() - 2) for line in lines[:LINES]] or [none]
    more = f" (the first {LINES} of {len(lines):,})" if len(lines) > LINES and title != "Last" else ""
    head = paint()(title, Tone.TITLE) + more
    look = tone if lines else Tone.PLAIN
    return "".join([f"{head}\n", *(f"  {paint()(line, look)}\n" for line in shown)])


def _deadline(deadline: Deadline) -> str:
    entry = f" (entry {deadline.entry})" if deadline.entry else ""
    return f"{deadline.when}: {deadline.number}{entry}, {deadline.who}: {deadline.what}"


def newest(records: Records) -> list[str]:
    """The newest entries of the three logs, by when they were entered, else by when it happened; newest first."""
    found = [
        (when, n, log, at)
        for n, log in enumerate(records.logs)
        for at in range(max(0, len(log) - LINES * 4), len(log))
        if (when := _entered(log, at)) is not None
    ]
    found.sort(key=lambda one: (one[0], one[1], one[3]), reverse=True)
    return [_told(log, at) for _, _, log, at in found[:LINES]]


def _entered(log: Log, at: int) -> datetime | None:
    found = next((v for name in ("logged_at", _HAPPENED[log.sheet]) if isinstance(v := log[name][at], date)), None)
    return None if found is None else stamp(found)


def _told(log: Log, at: int) -> str:
    def text(*names: str) -> str:
        return " ".join(said for name in names if (said := to_text(log[name][at])))

    day, number = text(_HAPPENED[log.sheet]), text("number")
    if log.sheet is CASES:
        return f"{day} {number} opened: {text('reason', 'item')}".rstrip(": ")
    if log.sheet is COMMUNICATIONS:
        return f"{day} {number}, {text('direction', 'with_', 'agent')}: {text('summary')}"
    return " ".join(filter(None, [day, number])) + f", {text('status')}: {text('outcome')}".rstrip(": ")
