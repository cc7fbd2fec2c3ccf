"""Columns that people called something else: one thing to be told, and not an edit of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

from refundbook.base.schema import BY_PILLAR
from refundbook.record.history.cells import Row, canonical
from refundbook.record.history.state import Rows, row_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def renamed_columns(before: Rows, after: Rows, headers: Mapping[str, Collection[str]]) -> dict[str, dict[str, str]]:
    """The columns that are not among the `headers` of today any more, and of which another that was not there says the
    same, in at least half of their cells.
    """
    found = {pillar: dict(_renamed(pillar, before[pillar], after[pillar], headers[pillar])) for pillar in before}
    return {pillar: names for pillar, names in found.items() if names}


def _renamed(
    pillar: str, before: Sequence[Row], after: Sequence[Row], headers: Collection[str]
) -> Iterator[tuple[str, str]]:
    was, now = _filled(before), _filled(after)
    gone, new = was.difference(headers), now - was
    if not (gone and new):
        return
    old_cells = {header: _cells(pillar, before, header) for header in gone}
    new_cells = {header: _cells(pillar, after, header) for header in new}
    alike = sorted(
        (-same, old, other)
        for old, cells in old_cells.items()
        for other, others in new_cells.items()
        if 2 * (same := (cells & others).total()) >= max(cells.total(), others.total())
    )
    for _, old, other in alike:
        if old in gone and other in new:
            gone.remove(old)
            new.remove(other)
            yield old, other


def _filled(rows: Iterable[Row]) -> set[str]:
    return {header for row in rows for header in row}


def _cells(pillar: str, rows: Iterable[Row], header: str) -> Counter[tuple[Hashable, str]]:
    return Counter((row_key(pillar, row), canonical(row[header])) for row in rows if header in row)


def told_names(names: Any) -> Iterator[str]:
    """The columns that a line of the history says were renamed, as sentences."""
    for pillar, pairs in names.items():
        for old, new in pairs.items():
            yield f"{BY_PILLAR[pillar].name}: the column {old} is now called {new}."
