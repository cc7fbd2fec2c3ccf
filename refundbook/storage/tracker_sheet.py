"""Keeps the workbook's Tracker sheet up to date: which rows it is to show, and those that differ from what stands
there.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from refundbook.base.a1 import MAX_ROW, MAX_TEXT
from refundbook.base.schema import INSIGHTS, TRACKER, TRACKER_HEADERS
from refundbook.record.records import Records
from refundbook.record.tracker import _BLANK, TrackerRow, tracker_rows
from refundbook.storage import plain_tracker
from refundbook.storage.not_enough import NotEnough
from refundbook.xlsx.reading.byte_scan import has_results, scan_cells
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.writer import Writer

if TYPE_CHECKING:
    from refundbook.xlsx.reading.reader import Reader


class TrackerState(NamedTuple):
    """How the Tracker sheet stands: what must be known to bring it up to date when a few cases change.

    `first_row` to `last_row` are its rows. As long as it `is_live`, the k-th one shows the k-th row of the Cases sheet
    from `first_case_row` on. Else they hold the values of `rows`, pairs of a row on the Cases sheet and what the
    Tracker says of it, and the row `notice` says so; `open_rows` are the rows of all open cases.
    """

    sheet: str
    columns: tuple[int, ...]
    first_row: int
    last_row: int
    first_case_row: int
    is_live: bool
    notice: int = 0
    open_rows: Sequence[int] = ()
    rows: tuple[tuple[int, TrackerRow], ...] = ()

    @property
    def room(self) -> int:
        return self.last_row - self.first_row + 1


class Refreshed(NamedTuple):
    """What came of a refresh: how the Tracker stands now (None where there is none to keep), and what is to be said of
    that (`""` for nothing).
    """

    tracker: TrackerState | None
    said: str = ""


def refresh(reader: Reader, writer: Writer, records: Records, first_case_row: int) -> Refreshed:
    """Bring the results on the Tracker sheet up to date, and take stale ones off Insights, where only a spreadsheet
    program can compute them.

    The Tracker's formulas stay, with their results beside them, as long as there is a formula row for every row of the
    Cases sheet, whose first one is `first_case_row`. Beyond that the rows hold plain values, of the open and the
    latest cases, and say so (see `plain_tracker`). What people put beside or below is not touched. Beside the formulas
    of an older refundbook stand the results that are right now, whatever they would compute.
    """
    _clear_insights(reader, writer)
    sheet = reader.layout.sheet(TRACKER)
    grid = None if sheet is None else reader.grid(sheet, TRACKER_HEADERS)
    if sheet is None or grid is None or not set(TRACKER_HEADERS) <= set(grid.headers):
        return Refreshed(None)
    tracker_columns = tuple(grid.first_column + grid.headers.index(header) for header in TRACKER_HEADERS)
    place = plain_tracker.found(reader, sheet, grid, tracker_columns[0])
    live = [] if place is not None else _live_rows(grid, tracker_columns)
    if live:
        tracker = TrackerState(grid.sheet, tracker_columns, live[0], live[-1], first_case_row, is_live=True)
        if _has_room(tracker, records, range(len(records.cases))):
            rows = _rows_of(tracker, records, range(len(records.cases)))
            blank = dict.fromkeys(range(tracker.room), _BLANK)
            _write(tracker, writer, {**blank, **rows}, lambda k, values: _holds(tracker, grid, k, values))
            return Refreshed(tracker)
    elif place is None:
        return Refreshed(None)
    was, last_row = place, live[-1] if place is None else place.last_row
    if place is None or not place.is_above:
        place = plain_tracker.formed(reader, writer, sheet, grid, tracker_columns, last_row, mark=was is not None)
    turned = was is None or was.is_above != place.is_above
    tracker = TrackerState(
        grid.sheet, tracker_columns, place.first_row, place.last_row, first_case_row, is_live=False, notice=place.notice
    )
    tracker = _with_all(tracker, records)
    # Rows that were none of the Tracker's get the format of the others.
    _write(tracker, writer, _shown(tracker), lambda k, values: _holds(tracker, grid, k, values), new_after=last_row)
    _write_notice(tracker, writer, len(records.cases), like=place.look if turned else None)
    return Refreshed(tracker, _turned(place, tracker.room) if turned else "")


def _clear_insights(reader: Reader, writer: Writer) -> None:
    insights = reader.layout.sheet(INSIGHTS)
    if insights is not None and has_results(xml := reader.package.read(insights.part)):
        for row, columns in _by_row(scan_cells(xml)[0]).items():
            writer.set_results(insights.name, row, dict.fromkeys(columns))


def _turned(place: plain_tracker.Place, room: int) -> str:
    """What the command that made the Tracker one of plain values says of it."""
    where = "the row above its headers, which stand one row lower now," if place.is_above else "the row below its rows"
    return (
        f"The sheet {TRACKER} is not live: it holds plain values of up to {room:,} cases, because for so many cases "
        f"Excel would take too long to recalculate it. It is brought up to date whenever refundbook saves; {where} "
        "says so. Notes of your own beside it stay in their cells, and may stand beside another case now. "
        "`refundbook tracker` prints all cases."
    )


def update(
    tracker: TrackerState,
    writer: Writer,
    records: Records,
    changed: Collection[str],
    count: int,
    latest: Iterable[int],
    load: Callable[[Collection[int]], None],
) -> TrackerState:
    """Bring the Tracker up to date where only the cases with the keys `changed`, which are in `records`, differ from
    what it shows.

    There are `count` cases in all; `latest` are their rows on the Cases sheet, last first, and `load` puts those of
    some rows into `records`. Raises NotEnough where the Tracker no longer has a formula row for each case.
    """
    positions = [case for key in changed if (case := records.case(key)) is not None]
    if tracker.is_live:
        if not _has_room(tracker, records, positions):
            raise NotEnough("there are more cases than formula rows on the Tracker")
        _write(tracker, writer, _rows_of(tracker, records, positions), lambda _k, _values: False)
        return tracker
    cases = records.cases
    is_open = {cases.rows[at]: records.final_resolution(cases.keys[at]) is None for at in positions}
    open_rows = _with_changed(tracker.open_rows, is_open)
    known = {row: values for row, values in tracker.rows if row not in is_open}
    chosen = _open_and_latest(open_rows, latest, tracker.room)
    load([row for row in chosen if row not in known and row not in is_open])
    before = _shown(tracker)
    tracker = tracker._replace(open_rows=open_rows, rows=_rows_to_show(records, chosen, known))
    _write(tracker, writer, _shown(tracker), lambda k, values: before[k] == values)
    _write_notice(tracker, writer, count)
    return tracker


def _has_room(tracker: TrackerState, records: Records, positions: Sequence[int]) -> bool:
    """Whether there is a formula row for each of the cases at these positions."""
    rows = records.cases.rows
    return max((rows[at] for at in positions), default=0) < tracker.first_case_row + tracker.room


def _rows_of(tracker: TrackerState, records: Records, positions: Sequence[int]) -> dict[int, TrackerRow]:
    """What the formulas show of the cases at these positions, by the formula row (from 0): the k-th shows the k-th row
    of the Cases sheet, also where that is blank.
    """
    places = (records.cases.rows[at] - tracker.first_case_row for at in positions)
    return dict(zip(places, tracker_rows(records, positions), strict=True))


def _with_all(tracker: TrackerState, records: Records) -> TrackerState:
    """A Tracker of plain values with what it is to show of all cases."""
    cases = records.cases
    ended = {key for key in records.resolutions.by_case if records.final_resolution(key) is not None}
    open_rows = tuple(row for key, row in zip(cases.keys, cases.rows, strict=True) if key not in ended)
    chosen = _open_and_latest(open_rows, reversed(cases.rows), tracker.room)
    return tracker._replace(open_rows=open_rows, rows=_rows_to_show(records, chosen, {}))


def _rows_to_show(
    records: Records, chosen: Sequence[int], known: Mapping[int, TrackerRow]
) -> tuple[tuple[int, TrackerRow], ...]:
    """What plain values show of the cases in the `chosen` rows of the Cases sheet; of those that are not `known`, what
    `records` say.
    """
    position = {row: case for case, row in enumerate(records.cases.rows)}
    return tuple((row, known.get(row) or next(tracker_rows(records, [position[row]]))) for row in chosen)


def _shown(tracker: TrackerState) -> dict[int, TrackerRow | None]:
    """What each row of plain values shows; None for nothing."""
    return {k: tracker.rows[k][1] if k < len(tracker.rows) else None for k in range(tracker.room)}


def _open_and_latest(open_rows: Sequence[int], latest: Iterable[int], room: int) -> list[int]:
    """The rows of the cases to show: of the latest open ones, and of the latest others where there is room; `latest`
    are those of all, last first.
    """
    chosen = list(open_rows[-room:]) if room else []
    if len(chosen) == room:
        return chosen
    known = set(open_rows)
    closed = islice((row for row in latest if row not in known), room - len(chosen))
    return sorted([*chosen, *closed])


def _with_changed(rows: Sequence[int], is_in: Mapping[int, bool]) -> Sequence[int]:
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


def _by_row(cells: frozenset[tuple[int, int]]) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for row, column in cells:
        rows.setdefault(row, []).append(column)
    return rows


def _live_rows(grid: DataRange, columns: Sequence[int]) -> list[int]:
    """The rows from the first on whose five cells all hold formulas."""
    rows = []
    row = grid.top
    while all((row, column) in grid.formulas for column in columns):
        rows.append(row)
        row += 1
    return rows


def _write(
    tracker: TrackerState,
    writer: Writer,
    rows: Mapping[int, TrackerRow | None],
    is_there: Callable[[int, TrackerRow | None], bool],
    *,
    new_after: int = MAX_ROW,
) -> None:
    """Write the rows (from 0) that are not there yet: results beside the formulas, or values. Sheet rows after
    `new_after` get the format of the first.
    """
    for k, values in rows.items():
        if is_there(k, values):
            continue
        row = tracker.first_row + k
        if tracker.is_live:
            writer.set_results(tracker.sheet, row, _results(tracker, values))
            continue
        cells = (None,) * len(tracker.columns) if values is None else values
        for column, value in zip(tracker.columns, cells, strict=True):
            like = tracker.first_row if row > new_after else None
            writer.set_value(tracker.sheet, row, column, _in_cell(value, cells), like=like)


def _write_notice(tracker: TrackerState, writer: Writer, cases: int, *, like: int | None = None) -> None:
    """Say that the Tracker is not live, and what it shows of so many cases; `like` is the row whose format
    that gets.
    """
    is_above = tracker.notice < tracker.first_row
    text = plain_tracker.sentence(is_above=is_above, shown=len(tracker.rows), cases=cases)
    writer.set_value(tracker.sheet, tracker.notice, tracker.columns[0], text, like=like)


def _results(tracker: TrackerState, values: TrackerRow | None) -> dict[int, object]:
    row = values or _BLANK
    return {column: _in_cell(value, row) or "" for column, value in zip(tracker.columns, row, strict=True)}


def _holds(tracker: TrackerState, grid: DataRange, k: int, values: TrackerRow | None) -> bool:
    """Whether the cells of a row show these values already: looking is a tenth of the work of writing them again."""
    row = tracker.first_row + k
    at = row - grid.top
    return at < len(grid.columns[0]) and all(
        grid.columns[column - grid.first_column][at] == value
        and (row, column) not in grid.errors
        and (tracker.is_live or (row, column) not in grid.formulas)
        for column, value in _results(tracker, values).items()
    )


def _in_cell(value: object, row: Sequence[object]) -> object:
    """A value of a Tracker row as its cell can hold it, in the words of the formula that stands there."""
    if isinstance(value, str) and len(value.encode("utf-16-le")) // 2 > MAX_TEXT:
        return f"Too long to show in one cell: run refundbook show {row[0]}"
    return value
