"""What in a history the rules point out: see `refundbook.record.rules.history`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, COMMUNICATIONS
from refundbook.record.history.cells import Row, canonical, number_of
from refundbook.record.history.chain import Change, Line
from refundbook.record.history.verify import Problem

_ENTRY = COMMUNICATIONS["entry"].header
_LOGGED = ("logged_at", "logged_by")

Mark = tuple[str, str, str]
"""A pillar, a header, and in canonical JSON the value that was put there by hand."""


class Suspicion(NamedTuple):
    """What is to be pointed out. `journal` is what messages call the file.

    `older` is the line at which the workbook was as it is now, where nobody asked for it, `since` its time, and `gone`
    how many lines with changes came after it. `used_again` are entry numbers that another message had before.
    `by_hand` are values of Logged At and Logged By that were put there by hand, with the case or entry numbers of the
    rows.
    """

    journal: str
    problems: Sequence[Problem]
    older: int = 0
    since: str = ""
    gone: int = 0
    used_again: Collection[int] = frozenset()
    by_hand: Mapping[Mark, Collection[str]] = {}


def suspicion(journal: str, problems: Sequence[Problem], lines: Sequence[Line], older: int) -> Suspicion:
    """What the lines give reason to; `older` is the line at which the workbook was as it is now, 0 where that is none
    of before.
    """
    by_number = {line.number: line for line in lines}
    gone = sum(1 for line in lines if line.number > older and any(line.changes)) if older else 0
    since = str(by_number[older].header.get("at", "")) if older in by_number else ""
    return Suspicion(journal, problems, older, since, gone, frozenset(_used_again(lines)), _by_hand(lines))


def _used_again(lines: Sequence[Line]) -> Iterator[int]:
    ever: set[int] = set()
    gone: dict[int, set[str]] = {}
    for change in _changes(lines):
        old, new = _entry(change, change.before), _entry(change, change.after)
        if old is not None and old != new:
            gone.setdefault(old, set()).add(canonical(change.before))
        if new is not None and new != old:
            # The same row put back is the same message.
            if new in ever and canonical(change.after) not in gone.get(new, ()):
                yield new
            ever.add(new)


def _entry(change: Change, row: Row | None) -> int | None:
    value = row.get(_ENTRY) if row is not None and change.pillar == COMMUNICATIONS.pillar else None
    return value if isinstance(value, int) else None


def _by_hand(lines: Sequence[Line]) -> dict[Mark, set[str]]:
    found: dict[Mark, set[str]] = {}
    for change in _changes([line for line in lines if line.header["kind"] == "hand"]):
        logged = [BY_PILLAR[change.pillar][name].header for name in _LOGGED]
        for header, _, after in change.cells():
            if header in logged and after is not None:
                found.setdefault((change.pillar, header, canonical(after)), set()).add(key_of(change))
    return found


def key_of(change: Change) -> str:
    """What tells a row from another one with the same value."""
    return str(change.entry) if change.entry is not None else number_of(change.pillar, change.row)


def _changes(lines: Sequence[Line]) -> Iterator[Change]:
    return (change for line in lines for change in line.changes if change is not None)
