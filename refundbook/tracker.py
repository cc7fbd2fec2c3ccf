"""The Tracker: what its five columns say of a case, and keeping the workbook's Tracker sheet up to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from refundbook.dates import day_of
from refundbook.records import Records
from refundbook.schema import INSIGHTS, OPEN_STATUSES, TRACKER, TRACKER_HEADERS
from refundbook.values import MAX_TEXT, to_text
from refundbook.workbook.reader import Grid, Reader
from refundbook.workbook.writer import Writer

PLAIN_NOTICE = "Plain values:"
"""How the note below the rows begins once the Tracker holds values instead of formulas."""

TrackerRow = tuple[str, date | None, str, str, str]


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
    """The newest resolution entry: its date, or `Pending`, then its outcome (its status where it has none, unless that says no more)."""
    newest = records.newest_resolution(key)
    if newest is None:
        return OPEN_STATUSES[0]
    log = records.resolutions
    when = _day(log["date"][newest]) or OPEN_STATUSES[0]
    outcome, status = to_text(log["outcome"][newest]), to_text(log["status"][newest])
    return when if not outcome and status == when else f"{when} - {outcome or status}"


def _day(moment: object) -> str:
    return day_of(moment).isoformat() if isinstance(moment, date) else ""


def refresh(reader: Reader, writer: Writer, records: Records, first_case_row: int) -> None:
    """Bring the results on the Tracker sheet up to date, and take stale ones off Insights, where only a spreadsheet program can compute them.

    The Tracker's formulas stay, with their results beside them, as long as there is a formula row for every row of the Cases sheet, whose first
    one is `first_case_row`. Beyond that the rows hold plain values, of the open and the latest cases, and the note below them says so. What
    people put beside or below is not touched.
    """
    insights = reader.layout.sheet(INSIGHTS)
    if insights is not None:
        for row, columns in _by_row(reader.grid(insights, ()).formulas).items():
            writer.set_results(insights.name, row, dict.fromkeys(columns))
    sheet = reader.layout.sheet(TRACKER)
    if sheet is None:
        return
    grid = reader.grid(sheet, TRACKER_HEADERS)
    if not set(TRACKER_HEADERS) <= set(grid.headers):
        return
    columns = [grid.first_column + grid.headers.index(header) for header in TRACKER_HEADERS]
    note = _plain_note(grid, columns[0])
    if note is not None:
        _write_plain(grid, writer, records, columns, note)
        return
    live = _live_rows(grid, columns)
    if not live:
        return
    # The k-th formula row shows the k-th row of the Cases sheet, also where that is blank.
    row_of_case = [live[0] + row - first_case_row for row in records.cases.rows]
    if row_of_case and row_of_case[-1] > live[-1]:
        _write_plain(grid, writer, records, columns, _note_row(grid, columns[0], live))
    else:
        _write_results(grid.sheet, writer, records, columns, live, row_of_case)


def _by_row(cells: frozenset[tuple[int, int]]) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for row, column in cells:
        rows.setdefault(row, []).append(column)
    return rows


def _live_rows(grid: Grid, columns: list[int]) -> list[int]:
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


def _write_results(
    sheet: str, writer: Writer, records: Records, columns: list[int], live: list[int], row_of_case: list[int]
) -> None:
    shown = dict(zip(row_of_case, tracker_rows(records), strict=True))
    for row in live:
        values = shown.get(row, ("",) * len(columns))
        writer.set_results(sheet, row, {c: _in_cell(v, values) or "" for c, v in zip(columns, values, strict=True)})


def _in_cell(value: object, row: Sequence[object]) -> object:
    """A value of a Tracker row as its cell can hold it, in the words of the formula that stands there."""
    if isinstance(value, str) and len(value.encode("utf-16-le")) // 2 > MAX_TEXT:
        return f"Too long to show in one cell: run refundbook show {row[0]}"
    return value


def _write_plain(grid: Grid, writer: Writer, records: Records, columns: list[int], note: int) -> None:
    """Fill the rows above `note` with values."""
    room = range(grid.top, note)
    shown = _open_and_latest(records, len(room))
    rows = tracker_rows(records, shown)
    for row in room:
        values = next(rows, (None,) * len(columns))
        for column, value in zip(columns, values, strict=True):
            writer.set_value(grid.sheet, row, column, _in_cell(value, values))
    text = (
        f"{PLAIN_NOTICE} for so many cases Excel would take too long to recalculate this sheet. Shown are {len(shown):,} of {len(records.cases):,}, "
        "the open and the latest. refundbook writes these rows whenever it saves; `refundbook tracker` prints all."
    )
    writer.set_value(grid.sheet, note, columns[0], text)


def _open_and_latest(records: Records, room: int) -> list[int]:
    keys = records.cases.keys
    chosen: list[int] = []
    closed: list[int] = []
    for i in range(len(keys) - 1, -1, -1):
        if len(chosen) == room:
            break
        (chosen if records.final_resolution(keys[i]) is None else closed).append(i)
    return sorted(chosen + closed[: room - len(chosen)])
