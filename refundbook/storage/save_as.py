"""A workbook saved under another name: the file that was read stays as it is."""

from __future__ import annotations

from pathlib import Path

from refundbook.base.errors import UnreadableWorkbook
from refundbook.storage.cache_file import Cache
from refundbook.storage.history_keeper import HistoryKeeper
from refundbook.storage.session import Session
from refundbook.storage.snapshot import VERSION
from refundbook.storage.workbook_file import WorkbookFile, create
from refundbook.system.nofollow import delete
from refundbook.system.refusals import NO_FILE, reason


def save_as(session: Session, path: Path, user: str, command: str) -> None:
    """Make the file `path` of what was read and what was entered since, and stand for it from then on.

    Raises FileExistsError where there is something already, Conflict where the file that was read is another by now,
    and what `Session.save` raises; then nothing is there.
    """
    session.refuse_invalid()
    try:
        data = session.at.read_again()
    except OSError as error:
        raise UnreadableWorkbook(f"{session.name} cannot be read: {reason(error, NO_FILE)}.") from error
    at = WorkbookFile(path)
    at.refuse_if_too_long()
    create(path, data)
    before = _stand_for(session, at)
    try:
        at.read()
        if session.is_changed:
            session.save(None, user, command)
    except BaseException:
        _stand_for(session, before)
        delete(at.path)
        raise


def _stand_for(session: Session, at: WorkbookFile) -> WorkbookFile:
    """Have it be saved to another file with the same bytes; gives the one before."""
    before, session.at = session.at, at
    session._cache, session._history = Cache(at.path, VERSION), HistoryKeeper(at)
    return before
