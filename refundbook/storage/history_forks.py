"""The histories of other computers that a sync client keeps beside a workbook's own, where two wrote at once: each is
right for what its computer did. They are read here, and never written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from refundbook.record.history.chain import Line
from refundbook.record.history.state import line_with
from refundbook.record.rules.copies import likeness
from refundbook.storage.journal import BadJournal, Journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_UNEXPLAINED = ("hand", "outside")


def copies(journal: Journal) -> Iterator[Journal]:
    """What a sync client named after a journal, in its own way."""
    for name in journal.names_beside():
        if likeness(name, journal.file):
            yield journal.beside(name)


def highest_entry(journal: Journal) -> int:
    """The highest entry number that was given out on another computer; 0 where none is known."""
    highest = 0
    for copy in copies(journal):
        with suppress(OSError, BadJournal):
            head = copy.head()
            entry = head.header.get("entry") if head else None
            highest = max(highest, entry if isinstance(entry, int) else 0)
    return highest


def told_elsewhere(journal: Journal, digest: str) -> dict[str, Any]:
    """What a line's header says of a workbook that another computer's history tells of; nothing where none does."""
    return _told_elsewhere(_others(journal), digest)


def hashes_elsewhere(journal: Journal) -> dict[str, tuple[int, str]]:
    """The lines of other computers' histories by their hash: number and the file's name."""
    return {line.hash: (line.number, name) for name, lines in _others(journal) for line in lines}


def explained(journal: Journal, lines: Sequence[Line]) -> list[Line]:
    """The lines, those among them as of another computer's commands that were taken for somebody's hand before its
    history was here.
    """
    others = _others(journal)
    return [_explained(others, line) for line in lines] if others else list(lines)


def _explained(others: Sequence[tuple[str, Sequence[Line]]], line: Line) -> Line:
    if line.header["kind"] not in _UNEXPLAINED:
        return line
    return line._replace(header={**line.header, **_told_elsewhere(others, line.header["workbook"])})


def _told_elsewhere(others: Sequence[tuple[str, Sequence[Line]]], digest: str) -> dict[str, Any]:
    for name, lines in others:
        if number := line_with(lines, digest):
            return {"kind": "other", "other": {"name": name, "line": number, "hash": lines[number - 1].hash}}
    return {}


def _others(journal: Journal) -> list[tuple[str, list[Line]]]:
    """The names and lines of other computers' histories."""
    return [(copy.file.name, _lines(copy)) for copy in copies(journal)]


def _lines(journal: Journal) -> list[Line]:
    """Those before the first that cannot be read."""
    found: list[Line] = []
    with suppress(OSError, BadJournal):
        for line in journal.lines():
            found.append(line)  # noqa: PERF402  (what came before an error is kept)
    return found
