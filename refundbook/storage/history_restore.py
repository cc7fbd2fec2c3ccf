"""What the history says of a backup that is brought back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from refundbook.base.clock import Today
from refundbook.base.errors import UnreadableWorkbook
from refundbook.base.user import login_name
from refundbook.record.history.chain import Change
from refundbook.record.history.state import line_with
from refundbook.record.records import Records
from refundbook.storage.changes import Changes
from refundbook.storage.history_changes import changes_since
from refundbook.storage.history_keeper import Enter, HistoryKeeper
from refundbook.storage.journal import BadJournal
from refundbook.storage.load import read_contents
from refundbook.storage.workbook_file import WorkbookFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@contextmanager
def entering_restored(at: WorkbookFile, backup: Path, data: bytes, today: Today) -> Iterator[Enter | None]:
    """Read the workbook that is there, note what was changed in it without a command, and give what is to be called
    before the backup with these bytes takes its place (see `HistoryKeeper.entering`). The lock must be held. Raises
    UnreadableWorkbook where it cannot be read as a file.

    Whatever the two hold, the history stands in the way of neither: where one has no rows that can be read, the line
    says no changes.
    """
    records = _records(at.read(), at.path, today)
    restored = _records(data, backup, today)
    history = HistoryKeeper(at)
    if records is not None:
        history.note(records, Changes())
    if restored is None:
        yield None
        return
    about, changes = _told(history, restored, data)
    with history.entering_changes(f"restore {backup.name}", login_name(), restored, changes, **about) as enter:
        yield enter


def enter_created(at: WorkbookFile, backup: Path, data: bytes, today: Today) -> None:
    """Say that the backup with these bytes stands where there was no workbook any more."""
    restored = _records(data, backup, today)
    if restored is not None:
        history = HistoryKeeper(at)
        about, changes = _told(history, restored, data)
        with history.entering_changes(f"restore {backup.name}", login_name(), restored, changes, **about) as enter:
            if enter and history.has_begun:
                enter("", hashlib.sha256(data).hexdigest())


def _told(history: HistoryKeeper, restored: Records, data: bytes) -> tuple[dict[str, Any], list[Change]]:
    """Which line the backup with these bytes goes back to, or else what it changes."""
    with suppress(OSError, BadJournal):
        lines = list(history.journal.lines())
        if as_of := line_with(lines, hashlib.sha256(data).hexdigest()):
            return {"as_of": as_of}, []
        return changes_since(lines, restored, Changes())
    return {}, []


def _records(data: bytes, path: Path, today: Today) -> Records | None:
    with suppress(UnreadableWorkbook):
        return read_contents(data, str(path), today).records
    return None
