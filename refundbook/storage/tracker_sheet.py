"""The Tracker: what its five columns say of a case, and keeping the workbook's Tracker sheet up to date."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from refundbook.base.a1 import MAX_TEXT
from refundbook.base.schema import INSIGHTS, TRACKER, TRACKER_HEADERS
from refundbook.record.records import Records
from refundbook.record.tracker import _BLANK, PLAIN_NOTICE, TrackerRow, tracker_rows
from refundbook.storage import plain_tracker
from refundbook.storage.not_enough import NotEnough
from refundbook.xlsx.reading.byte_scan import has_results, scan_cells
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.writer import Writer

if TYPE_CHECKING:
    from refundbook.xlsx.reading.reader import Reader

__all__ = [
    "PLAIN_NOTICE",
    "Refreshed",
    "TrackerRow",
    "TrackerState",
    "refresh",
    "tracker_rows",
    "update",
]


class TrackerState(NamedTuple):
    """How the Tracker sheet stands: what must be known to bring it up to date when a few cases change.

    `first_row` to `last_row` are its rows. As long as it `is_live`, the k-th one shows the k-th row of the Cases sheet from `first_case_row` on. Else
    they hold the values of `rows`, pairs of a row on the Cases sheet and what the Tracker says of it, and the row `notice` says so; `open_rows`
    are the rows of all open cases.
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
    """What came of a refresh: how the Tracker stands now (None where there is none to keep), and what is to be said of that (`""` for nothing)."""

    shown: TrackerState | None
    said: str = ""


def refresh(reader: Reader, writer: Writer, records: Records, first_case_row: int) -> Refreshed:
    """Bring the results on the Tracker sheet up to date, and take stale ones off Insights, where only a spreadsheet program can compute them.

    The Tracker's formulas stay, with their results beside them, as long as there is a formula row for every row of the Cases sheet, whose first
    one is `first_case_row`. Beyond that the rows hold plain values, of the open and the latest cases, and say so (see `plain_tracker`). What
    people put beside or below is not touched. Beside the formulas of an older refundbook stand the results that are right now, whatever they
    would compute.
    """
    insights = reader.layout.sheet(INSIGHTS)
    if insights is not None and has_results(xml := reader.package.read(insights.part)):
        for row, columns in _by_row(scan_cells(xml)[0]).items():
            writer.set_results(insights.name, row, dict.fromkeys(columns))
    sheet = reader.layout.sheet(TRACKER)
    if sheet is None:
        return Refreshed(None)
    grid = reader.grid(sheet, TRACKER_HEADERS)
    if not set(TRACKER_HEADERS) <= set(grid.headers):
        return Refreshed(None)
    tracker_columns = tuple(grid.first_column + grid.headers.index(header) for header in TRACKER_HEADERS)
    place = plain_tracker.found(reader, sheet, grid, tracker_columns[0])
    live = [] if place is not None else _live_rows(grid, tracker_columns)
    if live:
        shown = TrackerState(grid.sheet, tracker_columns, live[0], live[-1], first_case_row, is_live=True)
        # The k-th formula row shows the k-th row of the Cases sheet, also where that is blank.
        case_rows = records.cases.rows
        if not (case_rows and case_rows[-1] - first_case_row >= shown.room):
            _write_results(shown, grid, writer, records)
            return Refreshed(shown)
    elif place is None:
        return Refreshed(None)
    was, last_row = place, live[-1] if place is None else place.last_row
    if place is None or not place.is_above:
        place = plain_tracker.formed(reader, writer, sheet, grid, tracker_columns, last_row, mark=was is not None)
    turned = was is None or was.is_above != place.is_above
    shown = TrackerState(
        grid.sheet, tracker_columns, place.first_row, place.last_row, first_case_row, is_live=False, notice=place.notice
    )
    shown = _write_plain(shown, grid, writer, records, new_after=last_row, like=place.look if turned else None)
    return Refreshed(shown, _turned(place, shown.room) if turned else "")


def _turned(place: plain_tracker.Place, room: int) -> str:
    """What the command that made the Tracker one of plain values says of it."""
    where = "the row above its headers, which stand one row lower now," if place.is_above else "the row below its rows"
    return (
        f"The sheet {TRACKER} is not live: it holds plain values of up to {room:,} cases, because for so many cases Excel would take too "
        f"long to recalculate it. It is brought up to date whenever refundbook saves; {where} says so. Notes of your own beside it stay in "
        "their cells, and may stand beside another case now. `refundbook tracker` prints all cases."
    )


def update(
    shown: TrackerState,
    writer: Writer,
    records: Records,
    changed: Collection[str],
    count: int,
    latest: Iterable[int],
    load: Callable[[Collection[int]], None],
) -> TrackerState:
    """Bring the Tracker up to date where only the cases with the keys `changed`, which are in `records`, differ from what it shows.

    There are `count` cases in all; `latest` are their rows on the Cases sheet, last first, and `load` puts those of some rows into `records`. Raises
    NotEnough where the Tracker no longer has a formula row for each case.
    """
    cases = records.cases
    at = {cases.rows[case]: case for key in changed if (case := records.case(key)) is not None}
    if shown.is_live:
        for row, case in at.items():
            if row - shown.first_case_row >= shown.room:
                raise NotEnough("there are more cases than formula rows")
            _write_result(shown, writer, row - shown.first_case_row, next(tracker_rows(records, [case])))
        return shown
    is_open = {row: records.final_resolution(cases.keys[case]) is None for row, case in at.items()}
    open_rows = _with_changed(shown.open_rows, is_open)
    known = {row: values for row, values in shown.rows if row not in at}
    chosen = _open_and_latest(open_rows, latest, shown.room)
    load([row for row in chosen if row not in known and row not in at])
    position = {row: case for case, row in enumerate(cases.rows)}
    rows = tuple((row, known.get(row) or next(tracker_rows(records, [position[row]]))) for row in chosen)
    for k in range(shown.room):
        old, new = (kept[k] if k < len(kept) else None for kept in (shown.rows, rows))
        if old != new:
            _write_values(shown, writer, k, new and new[1])
    _write_notice(shown, writer, len(rows), count)
    return shown._replace(open_rows=open_rows, rows=rows)


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


def _write_results(shown: TrackerState, grid: DataRange, writer: Writer, records: Records) -> None:
    values = dict(zip(records.cases.rows, tracker_rows(records), strict=True))
    for k in range(shown.room):
        row = values.get(shown.first_case_row + k, _BLANK)
        if not _holds(grid, shown.first_row + k, _results(shown, row)):
            _write_result(shown, writer, k, row)


def _write_result(shown: TrackerState, writer: Writer, k: int, values: TrackerRow) -> None:
    writer.set_results(shown.sheet, shown.first_row + k, _results(shown, values))


def _results(shown: TrackerState, values: TrackerRow) -> dict[int, object]:
    return {column: _in_cell(v, values) or "" for column, v in zip(shown.columns, values, strict=True)}


def _holds(grid: DataRange, row: int, values: Mapping[int, object]) -> bool:
    """Whether the cells of a row show these values already: looking is a tenth of the work of writing them again."""
    at = row - grid.top
    return at < len(grid.columns[0]) and all(
        grid.columns[column - grid.first_column][at] == value and (row, column) not in grid.errors
        for column, value in values.items()
    )


def _in_cell(value: object, row: Sequence[object]) -> object:
    """A value of a Tracker row as its cell can hold it, in the words of the formula that stands there."""
    if isinstance(value, str) and len(value.encode("utf-16-le")) // 2 > MAX_TEXT:
        return f"Too long to show in one cell: run refundbook show {row[0]}"
    return value


def _write_plain(
    shown: TrackerState, grid: DataRange, writer: Writer, records: Records, *, new_after: int, like: int | None
) -> TrackerState:
    """Fill the rows with values. Those after `new_after` were none of the Tracker's, and get the format of the others; what says that it is not
    live gets the one of the row `like`."""
    cases = records.cases
    ended = {key for key in records.resolutions.by_case if records.final_resolution(key) is not None}
    open_rows = tuple(row for key, row in zip(cases.keys, cases.rows, strict=True) if key not in ended)
    chosen = _open_and_latest(open_rows, reversed(cases.rows), shown.room)
    positions = [bisect_left(cases.rows, row) for row in chosen]
    rows = tuple(zip(chosen, tracker_rows(records, positions), strict=True))
    for k in range(shown.room):
        row = shown.first_row + k
        values = rows[k][1] if k < len(rows) else None
        has_formula = any((row, column) in grid.formulas for column in shown.columns)
        if has_formula or not _holds(grid, row, _results(shown, values or _BLANK)):
            _write_values(shown, writer, k, values, like=shown.first_row if row > new_after else None)
    _write_notice(shown, writer, len(rows), len(cases), like=like)
    return shown._replace(open_rows=open_rows, rows=rows)


def _write_values(
    shown: TrackerState, writer: Writer, k: int, values: TrackerRow | None, *, like: int | None = None
) -> None:
    cells = (None,) * len(shown.columns) if values is None else values
    for column, value in zip(shown.columns, cells, strict=True):
        writer.set_value(shown.sheet, shown.first_row + k, column, _in_cell(value, cells), like=like)


def _write_notice(shown: TrackerState, writer: Writer, count: int, cases: int, *, like: int | None = None) -> None:
    text = plain_tracker.sentence(is_above=shown.notice < shown.first_row, shown=count, cases=cases)
    writer.set_value(shown.sheet, shown.notice, shown.columns[0], text, like=like)


def _open_and_latest(open_rows: Sequence[int], latest: Iterable[int], room: int) -> list[int]:
    """The rows of the cases to show: of the latest open ones, and of the latest others where there is room; `latest` are those of all, last first."""
    chosen = list(open_rows[-room:]) if room else []
    if len(chosen) == room:
        return chosen
    known = set(open_rows)
    closed = islice((row for row in latest if row not in known), room - len(chosen))
    return sorted([*chosen, *closed])
