"""Keeps the workbook's Tracker sheet up to date: which rows it is to show, and those that differ from what stands
there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from refundbook.base.a1 import MAX_ROW, MAX_TEXT, Range
from refundbook.base.live_bounds import INSIGHTS_CELLS, MORE_CASES, TRACKER_PLACES, LiveBounds, more_cases
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import INSIGHTS, TRACKER, TRACKER_HEADERS, TRACKER_WORKING_HEADERS
from refundbook.record.records import Records
from refundbook.record.tracker import BLANK, MOVING_HEADERS, STEADY_HEADERS, SheetRow, sheet_rows
from refundbook.storage import plain_tracker
from refundbook.storage.not_enough import NotEnough
from refundbook.storage.plain_tracker import columns_of
from refundbook.storage.tracker_state import Shows, TrackerState, with_changed
from refundbook.xlsx.reading.byte_scan import results
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.writer import Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.xlsx.reading.reader import Reader


_FEWEST = 3
"""With fewer rows of formulas a Tracker has no room for what says that it holds values, the headers and one."""


class Refreshed(NamedTuple):
    """What came of a refresh: how the Tracker stands now (None where there is none to keep), and what is to be said of
    that (`""` for nothing).
    """

    tracker: TrackerState | None
    said: str = ""


class AllCases(NamedTuple):
    """What is to be known of cases that are not read: the `sizes` of the logs' Tables, the `number` of cases, their
    rows on the Cases sheet, the last first, and the rows that had one and are `gone`.
    """

    sizes: Sequence[int]
    number: int
    latest: Iterable[int]
    gone: Collection[int] = ()


def refresh(reader: Reader, writer: Writer, records: Records, first_case_row: int, sizes: Sequence[int]) -> Refreshed:
    """Bring the results on the Tracker sheet up to date, and take stale ones off the sheets that only a spreadsheet
    program can compute.

    The Tracker's formulas stay, with their results beside them, as long as they show what they should: while there is
    a row for every row of the Cases sheet, whose first one is `first_case_row`, and beyond that a window, where the
    formulas know one (those that `upgrade` left do not) and compute logs of these `sizes` (how many rows their Tables
    have). Else the rows hold plain values, and say so (see `plain_tracker`). What people put beside or below is not
    touched. Beside the formulas of an older refundbook stand the results that are right now.
    """
    bounds = _bounds(reader)
    _print_insights(writer, len(records.cases))
    _clear_computed(reader, writer, [INSIGHTS, *([bounds.computed_on] if bounds else [])])
    located = plain_tracker.located(reader)
    if located is None:
        return Refreshed(None)
    sheet, grid = located
    columns = columns_of(grid, TRACKER_HEADERS)
    live = _live_rows(grid, columns)
    place = plain_tracker.found(reader, sheet, grid, columns[0]) if len(live) < _FEWEST else None
    moving: tuple[int, ...] = ()
    if _is_working(writer, grid, bounds, live):
        columns, moving = (*columns, *columns_of(grid, STEADY_HEADERS)), columns_of(grid, MOVING_HEADERS)
    if live and place is None:
        known = bounds if _goes_by(TRACKER_PLACES, writer, grid, live[0], columns[0]) else None
        ends = live[0], live[-1], first_case_row
        tracker = TrackerState(grid.sheet, columns, moving, *ends, Shows.ALL, live[-1] + 1, known)
        if (shows := tracker.shows_of(sizes)) is not Shows.VALUES:
            return Refreshed(_live(tracker._replace(shows=shows), writer, records, sizes[0], grid))
    if place is None and len(live) < _FEWEST:
        return Refreshed(None)
    was, last_row = place, live[-1] if place is None else place.last_row
    if place is None or not place.is_above:
        place = plain_tracker.formed(reader, writer, sheet, grid, (*columns, *moving), last_row, mark=was is not None)
    turned = was is None or was.is_above != place.is_above
    tracker = TrackerState(
        grid.sheet, columns, moving, place.first_row, place.last_row, first_case_row, Shows.VALUES, place.notice, bounds
    )
    tracker = _plain(tracker, writer, records, grid, last_row, place.look if turned else None)
    return Refreshed(tracker, _turned(tracker, place, len(records.cases)) if turned else "")


def _is_working(writer: Writer, grid: DataRange, bounds: LiveBounds | None, live: Sequence[int]) -> bool:
    """Whether the columns right of the five are refundbook's, and not somebody's own of that name."""
    if bounds is None or not set(TRACKER_WORKING_HEADERS) <= set(grid.headers):
        return False
    return not live or any(
        _goes_by(TRACKER_PLACES, writer, grid, live[0], column) for column in columns_of(grid, STEADY_HEADERS)
    )


def _goes_by(name: str, writer: Writer, grid: DataRange, row: int, column: int) -> bool:
    return name in (writer.formula_at(grid.sheet, row, column) or "")


def _bounds(reader: Reader) -> LiveBounds | None:
    names = reader.layout.root.descendants("definedName")
    return LiveBounds.named({element.attributes.get("name", ""): element.text for element in names})


def _clear_computed(reader: Reader, writer: Writer, sheets: Iterable[str]) -> None:
    for name in sheets:
        sheet = reader.layout.sheet(name)
        if sheet is not None and any(results(reader.package.read(sheet.part))):
            writer.clear_results(sheet.name)


def _live(tracker: TrackerState, writer: Writer, records: Records, count: int, grid: DataRange) -> TrackerState:
    """Put the results beside the formulas, whose state before is `tracker`."""
    formula = writer.formula_at(tracker.sheet, tracker.notice, tracker.columns[0])
    tracker = tracker._replace(notice=tracker.notice if MORE_CASES in (formula or "") else 0)
    if tracker.shows is Shows.WINDOW:
        tracker = _with_all(tracker, records)
        rows: Mapping[int, SheetRow | None] = tracker.shown
    else:
        rows = dict.fromkeys(range(tracker.room), BLANK) | _rows_of(tracker, records, range(len(records.cases)))
    _write(tracker, writer, rows, lambda k, values: _holds(tracker, grid, k, values))
    _write_notice(tracker, writer, count)
    _print(tracker, writer, count)
    return tracker


def _plain(
    tracker: TrackerState, writer: Writer, records: Records, grid: DataRange, last_row: int, look: int | None
) -> TrackerState:
    """Put the values into the rows; those after `last_row`, which were none of the Tracker's, get the format of the
    others, and what says so the format of the row `look`.
    """
    tracker = _with_all(tracker, records)
    _write(tracker, writer, tracker.shown, lambda k, values: _holds(tracker, grid, k, values), new_after=last_row)
    _write_notice(tracker, writer, len(records.cases), like=look)
    _print(tracker, writer, len(tracker.rows))
    return tracker


def _turned(tracker: TrackerState, place: plain_tracker.Place, cases: int) -> str:
    """What the command that made the Tracker one of plain values says of it."""
    where = "the row above its headers, which stand one row lower now," if place.is_above else "the row below its rows"
    return (
        f"The sheet {TRACKER} is not live: it holds plain values of up to {tracker.room:,} cases, because for so many "
        "entries Excel would take too long to recalculate it. It is brought up to date whenever refundbook saves; "
        f"{where} says so. Notes of your own beside it stay in their cells, and may stand beside another case now. "
        f"`refundbook tracker` prints all cases.{plain_tracker.UPGRADE if tracker.may_show_more(cases) else ''}"
    )


def update(
    tracker: TrackerState,
    writer: Writer,
    records: Records,
    changed: Collection[str],
    now: AllCases,
    load: Callable[[Collection[int]], None],
) -> TrackerState:
    """Bring the Tracker up to date where only the cases with the keys `changed`, which are in `records`, differ from
    what it shows. `load` puts the cases of some rows into `records`.

    Raises NotEnough where the Tracker shows other rows than before.
    """
    if tracker.shows_of(now.sizes) is not tracker.shows:
        raise NotEnough("there are more entries than the rows of the Tracker were for")
    _print_insights(writer, now.number)
    positions = [case for key in changed if (case := records.case(key)) is not None]
    if tracker.shows is Shows.ALL:
        blank = dict.fromkeys((row - tracker.first_case_row for row in now.gone), BLANK)
        _write(tracker, writer, blank | _rows_of(tracker, records, positions), lambda _k, _values: False)
        _print(tracker, writer, now.sizes[0])
        return tracker
    cases = records.cases
    is_open = dict.fromkeys(now.gone, False)
    is_open |= {cases.rows[at]: records.final_resolution(cases.keys[at]) is None for at in positions}
    before = tracker.shown
    tracker = tracker._replace(open_rows=with_changed(tracker.open_rows, is_open))
    known = {row: values for row, values in tracker.rows if row not in is_open}
    chosen = tracker.chosen(now.latest)
    load([row for row in chosen if row not in known and row not in is_open])
    tracker = tracker._replace(rows=_rows_to_show(records, chosen, known))
    _write(tracker, writer, tracker.shown, lambda k, values: before[k] == values)
    _write_notice(tracker, writer, now.sizes[0] if tracker.is_live else now.number)
    _print(tracker, writer, now.number)
    return tracker


def _rows_of(tracker: TrackerState, records: Records, positions: Sequence[int]) -> dict[int, SheetRow]:
    """What the formulas show of the cases at these positions, by the formula row (from 0): the k-th shows the k-th row
    of the Cases sheet, also where that is blank.
    """
    places = (records.cases.rows[at] - tracker.first_case_row for at in positions)
    return dict(zip(places, sheet_rows(records, positions), strict=True))


def _with_all(tracker: TrackerState, records: Records) -> TrackerState:
    """The Tracker with the cases that it is to show out of all."""
    cases = records.cases
    ended = {key for key in records.resolutions.by_case if records.final_resolution(key) is not None}
    open_rows = tuple(row for key, row in zip(cases.keys, cases.rows, strict=True) if key not in ended)
    tracker = tracker._replace(open_rows=open_rows)
    return tracker._replace(rows=_rows_to_show(records, tracker.chosen(reversed(cases.rows)), {}))


def _rows_to_show(
    records: Records, chosen: Sequence[int], known: Mapping[int, SheetRow]
) -> tuple[tuple[int, SheetRow], ...]:
    """What is shown of the cases in the `chosen` rows of the Cases sheet; of those that are not `known`, what
    `records` say.
    """
    position = {row: case for case, row in enumerate(records.cases.rows)}
    more = [row for row in chosen if row not in known]
    shown = {**known, **dict(zip(more, sheet_rows(records, [position[row] for row in more]), strict=True))}
    return tuple((row, shown[row]) for row in chosen)


def _live_rows(grid: DataRange, columns: Sequence[int]) -> list[int]:
    """The rows from the first on in which more than two of the five cells hold formulas: somebody may have typed over
    one or two. Below the rows stands one formula, which says how many cases are not shown.
    """
    rows = []
    row = grid.top
    while sum((row, column) in grid.formulas for column in columns) > 2:
        rows.append(row)
        row += 1
    return rows


def _write(
    tracker: TrackerState,
    writer: Writer,
    rows: Mapping[int, SheetRow | None],
    is_there: Callable[[int, SheetRow | None], bool],
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
        like = tracker.first_row if row > new_after else None
        for column, value in _values(tracker, values).items():
            writer.set_value(tracker.sheet, row, column, value, like=like)


def _write_notice(tracker: TrackerState, writer: Writer, cases: int, *, like: int | None = None) -> None:
    """Say what is shown of so many cases; `like` is the row whose format gets what a Tracker of values says."""
    if not tracker.is_live:
        is_above = tracker.notice < tracker.first_row
        more = tracker.may_show_more(cases)
        text = plain_tracker.sentence(is_above=is_above, shown=len(tracker.rows), cases=cases, may_show_more=more)
        writer.set_value(tracker.sheet, tracker.notice, tracker.columns[0], text, like=like)
    elif tracker.notice:
        text = more_cases(tracker.room, cases) if tracker.shows is Shows.WINDOW else ""
        writer.set_results(tracker.sheet, tracker.notice, {tracker.columns[0]: text})


def _print(tracker: TrackerState, writer: Writer, count: int) -> None:
    """Have the rows that show something printed, of which there are `count` or as many as there is room for."""
    last = tracker.first_row + min(count, tracker.room) - 1
    if count > tracker.room:
        last = max(last, tracker.notice)
    columns = (*tracker.columns, *tracker.moving)
    writer.print_all(tracker.sheet, Range(min(columns), tracker.first_row - 1, max(columns), last))


def _print_insights(writer: Writer, cases: int) -> None:
    """Have all of Insights printed where there is anything to tell."""
    if cases:
        writer.print_all(INSIGHTS, INSIGHTS_CELLS)


def _values(tracker: TrackerState, values: SheetRow | None) -> dict[int, object]:
    """What the cells of a row hold, by column. What is something else the next day, only a spreadsheet says."""
    row = values or (None,) * len(BLANK)
    shown = {column: _in_cell(value, row) for column, value in zip(tracker.columns, row, strict=False)}
    return {**shown, **dict.fromkeys(tracker.moving)}


def _results(tracker: TrackerState, values: SheetRow | None) -> dict[int, object]:
    """The same beside formulas, which show a blank as a text."""
    shown = _values(tracker, values or BLANK)
    return {column: "" if value is None and column not in tracker.moving else value for column, value in shown.items()}


def _holds(tracker: TrackerState, grid: DataRange, k: int, values: SheetRow | None) -> bool:
    """Whether the cells of a row show these values already: looking is a tenth of the work of writing them again."""
    row = tracker.first_row + k
    at = row - grid.top
    return at < len(grid.columns[0]) and all(
        grid.columns[column - grid.first_column][at] == _as_read(value)
        and (row, column) not in grid.errors
        and (tracker.is_live or (row, column) not in grid.formulas)
        for column, value in _values(tracker, values).items()
    )


def _as_read(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else "" if value is None else value


def _in_cell(value: object, row: Sequence[object]) -> object:
    """A value of a Tracker row as its cell can hold it, in the words of the formula that stands there."""
    if isinstance(value, str) and len(value.encode("utf-16-le")) // 2 > MAX_TEXT:
        return f"Too long to show in one cell: run refundbook show {row[0]}"
    return value
