"""What was changed in a workbook since the last line of its history: which line tells it."""

from __future__ import annotations

from collections.abc import Sequence

from refundbook.record.history.cells import rows_before
from refundbook.record.history.chain import Change, Line
from refundbook.record.history.columns import renamed_columns
from refundbook.record.history.erase import forgotten_in
from refundbook.record.history.state import changes_between, effective, line_with, rows_after
from refundbook.record.records import Records
from refundbook.storage.cache_file import Cache
from refundbook.storage.changes import Changes
from refundbook.storage.history_forks import told_elsewhere
from refundbook.storage.journal import Journal
from refundbook.storage.snapshot import VERSION
from refundbook.storage.workbook_file import WorkbookFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_QUIET = frozenset({"hand", "outside", "void"})
"""The kinds of lines that say nothing where they change nothing."""


def is_quiet(line: Line) -> bool:
    """Whether a line says nothing but that there is nothing to say."""
    return line.header["kind"] in _QUIET and not (line.changes or "columns" in line.header)


def unnoted(
    journal: Journal, at: WorkbookFile, records: Records, changes: Changes
) -> tuple[dict[str, Any], list[Change]]:
    """What the next line says of the workbook that was read, whose records these are, but for the `changes` that are in
    them and not in the file. Raises BadJournal, OSError.
    """
    lines = list(journal.lines())
    if older := line_with(lines, at.digest_read):
        return {"kind": "older", "as_of": older}, []
    about, found = changes_since(lines, records, changes)
    if elsewhere := told_elsewhere(journal, at.digest_read):
        return {**elsewhere, **about}, found
    # What refundbook wrote last on this computer, as far as that is known.
    written_last = Cache(at.path, VERSION).last_digest()
    is_ours = bool(written_last) and written_last not in {line.header["workbook"] for line in lines}
    return {"kind": "outside" if is_ours else "hand", **about}, found


def changes_since(lines: Sequence[Line], records: Records, changes: Changes) -> tuple[dict[str, Any], list[Change]]:
    """What leads from the state after all lines to the records, but for the `changes` that are in them: what a line's
    header says of columns that were renamed, and the changes.
    """
    is_forgotten = forgotten_in(lines, records.key_of)
    told = effective(lines, len(lines))
    before = rows_after(told)
    now = {
        log.sheet.pillar: [*rows_before(log, changes.added[log.sheet.name]), *changes.removed_from(log.sheet.name)]
        for log in records.logs
    }
    headers = {
        log.sheet.pillar: {*(log.sheet[name].header for name in log.letters), *log.extra} for log in records.logs
    }
    columns = renamed_columns(before, now, headers)
    before = rows_after(told, columns) if columns else before
    return {"columns": columns} if columns else {}, changes_between(
        *({p: [row for row in rows[p] if not is_forgotten(p, row)] for p in rows} for rows in (before, now))
    )
