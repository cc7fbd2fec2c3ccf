"""Finds the table in another's file: by the five columns of a Tracker, by the headers of a map, or by headers that look
known.
"""

from __future__ import annotations

from dataclasses import replace

from refundbook.base.errors import UsageError
from refundbook.base.text import quoted
from refundbook.importing.column_map import NUMBER, OWN_COLUMN, ImportMap, folded, is_tracker_header, tracker_map
from refundbook.importing.guess_map import guess
from refundbook.importing.header_words import is_known
from refundbook.importing.source_table import IsHeader, SourceTable, read_table
from refundbook.importing.totals import without_totals
from refundbook.record.tracker import is_mark


def open_table(
    data: bytes, source: str, found: ImportMap | None = None, sheet: str | None = None
) -> tuple[SourceTable, ImportMap]:
    """The table in a file, and its map: `found`, or that of the five-column layout.

    Raises UsageError where it has neither that layout nor the headers of `found`, and what `read_table` raises.
    """
    if found is None:
        table = read_table(data, source, is_tracker_header, sheet)
        tracker = tracker_map(table)
        if tracker is None:
            raise UsageError(
                f"{source} does not have the Tracker's five columns. Have a first map of its columns written with "
                "--write-map map.toml, correct it, and import with --map map.toml."
            )
        read = {-1, *map(table.headers.index, tracker.columns)}
        table = replace(table, problems=tuple(problem for problem in table.problems if problem.column in read))
        return _without_marks(table, next(h for h, targets in tracker.places() if NUMBER in targets)), tracker
    wanted = {folded(header) for header in found.columns}
    table = read_table(data, source, _is_in(wanted), sheet or found.sheet if _is_workbook(data) else sheet)
    return table, fitted(found, table)


def fitted(found: ImportMap, table: SourceTable) -> ImportMap:
    """A map by the headers of a table as they are written there. Raises UsageError where the table lacks one of them,
    or has it twice.
    """
    here = {header: _named(header, table) for header in found.columns}
    missing = [header for header, there in here.items() if there is None and (header in found.needs or not found.needs)]
    twice = [header for header in found.columns if _is_ambiguous(header, table, found)]
    if missing or twice:
        what = f"has no column {quoted(missing[0])}" if missing else f"has the column {quoted(twice[0])} twice"
        raise UsageError(
            f"{table.source} {what}, which the map names. Its columns are: {', '.join(filter(None, table.headers))}."
        )
    columns = {there: found.columns[header] for header, there in here.items() if there}
    if found.others_own:
        columns |= {header: OWN_COLUMN for header in table.headers if header and header not in columns}
    return replace(found, columns=columns)


def _named(header: str, table: SourceTable) -> str | None:
    """The header in a table that a map's header names: the very same, else one that is alike."""
    if header in table.headers:
        return header
    return next((name for name in table.headers if folded(name) == folded(header)), None)


def _is_ambiguous(header: str, table: SourceTable, found: ImportMap) -> bool:
    """Whether a table has more headers that are like a map's header than the map names."""
    names = {folded(header), folded(f"{header} (2)")}
    return sum(folded(name) in names for name in table.headers) > sum(folded(name) in names for name in found.columns)


def _without_marks(table: SourceTable, number: str) -> SourceTable:
    """A Tracker without the rows in which refundbook says that it does not show all cases."""
    at = table.headers.index(number)
    kept = [k for k, row in enumerate(table.rows) if not is_mark(row[at])]
    if len(kept) == len(table.rows):
        return table
    remark = (
        f"{table.source}: this Tracker may not show all cases of its workbook, only the open and the latest. To take "
        "over all of them, import what `refundbook tracker --format csv` prints of it."
    )
    return replace(
        table,
        rows=tuple(table.rows[k] for k in kept),
        lines=tuple(table.lines[k] for k in kept),
        remarks=(*table.remarks, remark),
    )


def open_guessed(data: bytes, source: str, sheet: str | None = None) -> tuple[SourceTable, ImportMap, bool]:
    """The table in a file, its map, and whether that is certain: it is of the five-column layout; else the map is a
    guess. Raises as `read_table` does.
    """
    table = open_unmapped(data, source, sheet)
    if tracker_map(table) is not None:
        return *open_table(data, source, None, sheet or table.sheet or None), True
    table = without_totals(table, guess(table))
    return table, guess(table), False


def open_unmapped(data: bytes, source: str, sheet: str | None = None) -> SourceTable:
    """The table in a file of which nothing is known: the one with most headers that could be guessed. Raises as
    `read_table` does.
    """
    return read_table(data, source, lambda text: is_tracker_header(text) or is_known(text), sheet)


def _is_in(wanted: set[str]) -> IsHeader:
    return lambda text: folded(text) in wanted


def _is_workbook(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")
