"""How the Tracker sheet stands, and which cases it is to show in which row."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import islice

from refundbook.base.live_bounds import BOUNDS, LiveBounds
from refundbook.base.named_tuple import NamedTuple
from refundbook.record.tracker import SheetRow


class Shows(StrEnum):
    """What the rows of the Tracker show. All but `VALUES` hold formulas."""

    ALL = "all"
    """The k-th row shows the k-th row of the Cases sheet, also where that is blank."""

    WINDOW = "window"
    """The open cases, the latest first, then the others, as the formulas of the blank workbook do."""

    VALUES = "values"
    """Plain values of the open and the latest cases, in the order of the Cases sheet."""


class TrackerState(NamedTuple):
    """How the Tracker sheet stands: what must be known to bring it up to date when a few cases change.

    `first_row` to `last_row` are its rows; the first of the Cases sheet is `first_case_row`. What it shows is said in
    the row `notice` (0 for none). Unless it shows all, `rows` are pairs of a row on the Cases sheet and what is said of
    it, and `open_rows` are the rows of all open cases. `bounds` are how much its formulas compute, where they know any.
    `columns` hold what a `SheetRow` says, or its first five; `moving` what is something else the next day.
    """

    sheet: str
    columns: tuple[int, ...]
    moving: tuple[int, ...]
    first_row: int
    last_row: int
    first_case_row: int
    shows: Shows
    notice: int = 0
    bounds: LiveBounds | None = None
    open_rows: Sequence[int] = ()
    rows: tuple[tuple[int, SheetRow], ...] = ()

    @property
    def room(self) -> int:
        return self.last_row - self.first_row + 1

    @property
    def is_live(self) -> bool:
        return self.shows is not Shows.VALUES

    def may_show_more(self, cases: int) -> bool:
        """Whether today's formulas would show so many cases, and those of the workbook are older."""
        return self.bounds is None and cases < BOUNDS.rows[0]

    @property
    def shown(self) -> dict[int, SheetRow | None]:
        """What each of the rows (from 0) shows of the chosen cases; None for nothing."""
        return {k: self.rows[k][1] if k < len(self.rows) else None for k in range(self.room)}

    def shows_of(self, sizes: Sequence[int]) -> Shows:
        """What the rows show once the logs have these sizes: how many rows their Tables have."""
        # Where somebody took formula rows away, those that are left show no window of all cases.
        has_window = self.bounds is not None and self.room >= self.bounds.shown
        if not self.is_live or (self.bounds is not None and not self.bounds.hold(sizes)):
            return Shows.VALUES
        if sizes[0] <= self.room:
            return Shows.ALL
        return Shows.WINDOW if has_window else Shows.VALUES

    def chosen(self, latest: Iterable[int]) -> list[int]:
        """The rows of the cases to show, one after the other: of the latest open ones, and of the latest others where
        there is room; `latest` are those of all, last first.
        """
        chosen = list(self.open_rows[: -self.room - 1 : -1])
        if len(chosen) < self.room:
            known = set(self.open_rows)
            chosen += islice((row for row in latest if row not in known), self.room - len(chosen))
        return chosen if self.shows is Shows.WINDOW else sorted(chosen)


def with_changed(rows: Sequence[int], is_in: Mapping[int, bool]) -> Sequence[int]:
    """Ascending rows, with and without those that `is_in` says."""
    changed = array("I", rows)
    for row, belongs in is_in.items():
        at = bisect_left(changed, row)
        is_there = at < len(changed) and changed[at] == row
        if belongs and not is_there:
            changed.insert(at, row)
        elif is_there and not belongs:
            del changed[at]
    return changed
