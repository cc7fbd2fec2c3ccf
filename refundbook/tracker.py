"""The Tracker: what its five columns say of a case, and keeping the workbook's Tracker sheet up to date."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from refundbook.dates import day_of
from refundbook.records import Records
from refundbook.schema import FINAL_STATUSES, INSIGHTS, OPEN_STATUSES, TRACKER, TRACKER_HEADERS
from refundbook.values import MAX_TEXT, to_text
from refundbook.workbook.grid import Grid
from refundbook.workbook.scan import has_results, scan_cells
from refundbook.workbook.writer import Writer

if TYPE_CHECKING:
    from refundbook.workbook.reader import Reader

PLAIN_NOTICE = "Plain values:"
"""How the note below the rows begins once the Tracker holds values instead of formulas."""

TrackerRow = tuple[str, date | None, str, str, str]
_BLANK: TrackerRow = ("", None, "", "", "")


def tracker_rows(records: Records, positions: Sequence[int] | None = None) -> Iterator[TrackerRow]:
    """One row a case, in the order of the Cases sheet: number, date opened, summary of messages, last support reply, resolution."""
    cases = records.cases
    for i in range(len(cases)) if positions is None else positions:
        key = cases.keys[i]
        opened = cases["opened"][i]
        yield (
            to_text(cases["number"][i]),
            opened if isinstance(opened, date) else None,
            summary(records, key),
            last_reply(records, key),
            resolution(records, key),
        )


def summary(records: Records, key: str) -> str:
    """The case's log entries in date order, joined by a space."""
    summaries = records.communications["summary"]
    return " ".join(to_text(summaries[i]) for i in records.messages(key) if summaries[i] is not None)


def last_reply(records: Records, key: str) -> str:
    """Day and agent of the newest message received from support, such as `2023-10-28 (Agent: Maya)`."""
    newest = records.last_support_reply(key)
    if newest is None:
        return ""
    log = records.communications
    agent = to_text(log["agent"][newest])
    return _day(log["date"][newest]) + (f" (Agent: {agent})" if agent else "")


def resolution(records: Records, key: str) -> str:
    """The newest resolution entry: when, then its outcome (its status where it has none, unless that says no more).

    When is the date of a final status. A case that is open never reads as ended: else it is `Reopened` or `Pending`, whatever date the entry has.
    """
    newest = records.newest_resolution(key)
    if newest is None:
        return OPEN_STATUSES[0]
    log = records.resolutions
    outcome, status = to_text(log["outcome"][newest]), to_text(log["status"][newest])
    day = _day(log["date"][newest]) if status in FINAL_STATUSES else ""
    when = status if status in OPEN_STATUSES else day or OPEN_STATUSES[0]
    return when if not outcome and status == when else f"{when} - {outcome or status}"


def _day(moment: object) -> str:
    return day_of(moment).isoformat() if isinstance(moment, date) else ""


class Shown(NamedTuple):
    """How the Tracker sheet stands: what must be known to bring it up to date when a few cases change.

    `first_row` to `last_row` are its rows. As long as it `is_live`, the k-th one shows the k-th row of the Cases sheet from `first_case_row` on. Else
    they hold the values of `rows`, pairs of a row on the Cases sheet and what the Tracker says of it, and `note` is the row below; `open_rows`
    are the rows of all open cases.
    """

    sheet: str
    columns: tuple[int, ...]
    first_row: int
    last_row: int
    first_case_row: int
    is_live: bool
    note: int = 0
    open_rows: Sequence[int] = ()
    rows: tuple[tuple[int, TrackerRow], ...] = ()

    @property
    def room(self) -> int:
        return self.last_row - self.first_row + 1


class CannotUpdate(Exception):
    """The Tracker must be refreshed with all of the workbook at hand."""


def refresh(reader: Reader, writer: Writer, records: Records, first_case_row: int) -> Shown | None:
    """Bring the results on the Tracker sheet up to date, and take stale ones off Insights, where only a spreadsheet program can compute them.

    The Tracker's formulas stay, with their results beside them, as long as there is a formula row for every row of the Cases sheet, whose first
    one is `first_case_row`. Beyond that the rows hold plain values, of the open and the latest cases, and the note below them says so. What
    people put beside or below is not touched. Gives None where there is no Tracker to keep.
    """
    insights = reader.layout.sheet(INSIGHTS)
    if insights is not None and has_results(xml := reader.package.read(insights.part)):
        for row, columns in _by_row(scan_cells(xml)[0]).items():
            writer.set_results(insights.name, row, dict.fromkeys(columns))
    sheet = reader.layout.sheet(TRACKER)
    if sheet is None:
        return None
    grid = reader.grid(sheet, TRACKER_HEADERS)
    if not set(TRACKER_HEADERS) <= set(grid.headers):
        return None
    tracker_columns = tuple(grid.first_column + grid.headers.index(header) for header in TRACKER_HEADERS)
    note = _plain_note(grid, tracker_columns[0])
    live = [] if note is not None else _live_rows(grid, tracker_columns)
    if note is None and not live:
        return None
    first_row, last_row = (grid.top, note - 1) if note is not None else (live[0], live[-1])
    shown = Shown(grid.sheet, tracker_columns, first_row, last_row, first_case_row, is_live=note is None)
    # The k-th formula row shows the k-th row of the Cases sheet, also where that is blank.
    case_rows = records.cases.rows
    if note is None and not (case_rows and case_rows[-1] - first_case_row >= shown.room):
        _write_results(shown, grid, writer, records)
        return shown
    if note is None:
        note = _note_row(grid, tracker_columns[0], live)
        shown = shown._replace(is_live=False, first_row=grid.top, last_row=note - 1)
    return _write_plain(shown._replace(note=note), grid, writer, records)


def update(
    shown: Shown,
    writer: Writer,
    records: Records,
    changed: Collection[str],
    count: int,
    latest: Iterable[int],
    load: Callable[[Collection[int]], None],
) -> Shown:
    """Bring the Tracker up to date where only the cases with the keys `changed`, which are in `records`, differ from what it shows.

    There are `count` cases in all; `latest` are their rows on the Cases sheet, last first, and `load` puts those of some rows into `records`. Raises
    CannotUpdate where the Tracker no longer has a formula row for each case.
    """
    cases = records.cases
    at = {cases.rows[case]: case for key in changed if (case := records.case(key)) is not None}
    if shown.is_live:
        for row, case in at.items():
            if row - shown.first_case_row >= shown.room:
                raise CannotUpdate("there are more cases than formula rows")
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
    _write_note(shown, writer, len(rows), count)
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


def _live_rows(grid: Grid, columns: Sequence[int]) -> list[int]:
    """The rows from the first on whose five cells all hold formulas."""
    rows = []
    row = grid.top
    while all((row, column) in grid.formulas for column in columns):
        rows.append(row)
        row += 1
    return rows


def _plain_note(grid: Grid, column: int) -> int | None:
    numbers = grid.columns[column - grid.first_column]
    at = next((k for k, value in enumerate(numbers) if isinstance(value, str) and value.startswith(PLAIN_NOTICE)), None)
    return None if at is None else grid.top + at


def _note_row(grid: Grid, column: int, live: list[int]) -> int:
    """The row below the formula rows, or the last of them where something of a person's own stands there."""
    below = live[-1] + 1
    values = grid.columns[column - grid.first_column]
    is_free = (below, column) in grid.formulas or below > grid.last_row or values[below - grid.top] == ""
    return below if is_free else live[-1]


def _write_results(shown: Shown, grid: Grid, writer: Writer, records: Records) -> None:
    values = dict(zip(records.cases.rows, tracker_rows(records), strict=True))
    for k in range(shown.room):
        row = values.get(shown.first_case_row + k, _BLANK)
        if not _holds(grid, shown.first_row + k, _results(shown, row)):
            _write_result(shown, writer, k, row)


def _write_result(shown: Shown, writer: Writer, k: int, values: TrackerRow) -> None:
    writer.set_results(shown.sheet, shown.first_row + k, _results(shown, values))


def _results(shown: Shown, values: TrackerRow) -> dict[int, object]:
    return {column: _in_cell(v, values) or "" for column, v in zip(shown.columns, values, strict=True)}


def _holds(grid: Grid, row: int, values: Mapping[int, object]) -> bool:
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


def _write_plain(shown: Shown, grid: Grid, writer: Writer, records: Records) -> Shown:
    """Fill the rows above the note with values."""
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
            _write_values(shown, writer, k, values)
    _write_note(shown, writer, len(rows), len(cases))
    return shown._replace(open_rows=open_rows, rows=rows)


def _write_values(shown: Shown, writer: Writer, k: int, values: TrackerRow | None) -> None:
    cells = (None,) * len(shown.columns) if values is None else values
    for column, value in zip(shown.columns, cells, strict=True):
        writer.set_value(shown.sheet, shown.first_row + k, column, _in_cell(value, cells))


def _write_note(shown: Shown, writer: Writer, count: int, cases: int) -> None:
    text = (
        f"{PLAIN_NOTICE} for so many cases Excel would take too long to recalculate this sheet. Shown are {count:,} of {cases:,}, "
        "the open and the latest. refundbook writes these rows whenever it saves; `refundbook tracker` prints all."
    )
    writer.set_value(shown.sheet, shown.note, shown.columns[0], text)


def _open_and_latest(open_rows: Sequence[int], latest: Iterable[int], room: int) -> list[int]:
    """The rows of the cases to show: of the latest open ones, and of the latest others where there is room; `latest` are those of all, last first."""
    chosen = list(open_rows[-room:]) if room else []
    if len(chosen) == room:
        return chosen
    known = set(open_rows)
    closed = islice((row for row in latest if row not in known), room - len(chosen))
    return sorted([*chosen, *closed])
