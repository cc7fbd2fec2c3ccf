"""Backups: the workbook as it was before the first save of a day, kept in `.refundbook/backups` beside it, and brought
back.

They are copies, never hard links: between the link and the swap a crash would leave the backup and the workbook one
file, and a program that writes in place would then change both.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from refundbook.base.clock import Clock, Today
from refundbook.base.debug import debug
from refundbook.base.errors import CannotWrite, UnknownEntry, UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import SETTINGS
from refundbook.base.settings import Settings
from refundbook.base.text import quoted
from refundbook.storage import workbook_file
from refundbook.storage.inbox import Inbox
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import atomic_file
from refundbook.system.nofollow import delete
from refundbook.system.refusals import does_not_answer, reason
from refundbook.xlsx.shared_file import cannot_read

KEPT = 10
"""How many backups of one workbook there are at most."""
FOLDER = "backups"
_STAMP = "%Y-%m-%dT%H-%M-%S"
_NAME = r"\.(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)(?:\.(\d{1,4}))?"


class Backup(NamedTuple):
    """The workbook as it was at `made`, in the workbook's time zone; `copy` counts those made in the same second, from
    0.
    """

    made: datetime
    copy: int
    path: Path

    @property
    def name(self) -> str:
        return self.path.name


def backups(path: Path) -> list[Backup]:
    """The backups of a workbook, newest first. Raises UnreadableWorkbook where their disk does not answer."""
    at = WorkbookFile(path)
    name = re.compile(re.escape(at.path.name) + _NAME + re.escape(at.path.suffix), re.ASCII)
    found = []
    try:
        for file in (at.home / FOLDER).iterdir():
            match = name.fullmatch(file.name)
            with suppress(ValueError):  # 2023-02-31
                # A link is none of them: it may lead to anything.
                if match and stat.S_ISREG(file.lstat().st_mode):
                    made = datetime(*map(int, re.split("[-T]", match[1])))  # type: ignore[arg-type]  # six numbers, as the pattern says
                    found.append(Backup(made, int(match[2] or 0), file))
    except OSError as error:
        if does_not_answer(error):
            raise cannot_read(at.path, error) from error
    return sorted(found, reverse=True)


def find(path: Path, which: str) -> Backup:
    """The backup that has this name, or this number in the list of `backups`, from 1. Raises UnknownEntry."""
    known = backups(path)
    if which.isdecimal() and 1 <= int(which) <= len(known):
        return known[int(which) - 1]
    for backup in known:
        if backup.name == which:
            return backup
    count = f"There are {len(known)}" if known else "There are none yet"
    raise UnknownEntry(f"There is no backup {quoted(which)} of {path.name}. {count}: `refundbook restore` lists them.")


def keep_first_of_day(at: WorkbookFile, now: datetime) -> None:
    """Keep the workbook as it is, unless that was done today already. Raises CannotWrite."""
    known = backups(at.path)
    if not any(backup.made.date() == now.date() for backup in known):
        try:
            back_up(at, now)
        except OSError as error:
            raise CannotWrite(
                f"{at.path} was not changed: its backup of the day cannot be made, {reason(error)} "
                f"({at.home / FOLDER}). Mend that, or turn Backups off on the Settings sheet."
            ) from error


def back_up(at: WorkbookFile, now: datetime) -> Backup:
    """Keep the workbook as it is, and of older backups the newest. The lock must be held. Raises OSError."""
    folder = at.make_home(FOLDER)
    older = backups(at.path)
    made = now.replace(microsecond=0)
    copy = max((backup.copy + 1 for backup in older if backup.made == made), default=0)
    stamp = f"{made:{_STAMP}}" + (f".{copy}" if copy else "")
    kept = Backup(made, copy, folder / f"{at.path.name}.{stamp}{at.path.suffix}")
    data = at.read_again()
    atomic_file.write_over(kept.path, data, like=at.path)
    debug("wrote the backup %s: %d bytes", kept.path, len(data))
    for backup in older[KEPT - 1 :]:
        with suppress(OSError):
            delete(backup.path)
    return kept


class Restored(NamedTuple):
    """What `restore` did. `replaced` is the backup of what was there, by which it is undone; None where there was
    nothing.
    """

    backup: Backup
    replaced: Backup | None


def restore(
    path: Path,
    which: str,
    *,
    today: Today = None,
    waiting: Callable[[str], None] | None = None,
    ignore_open: bool = False,
) -> Restored:
    """Put a backup (its name, or its number in the list of `backups`) in the workbook's place, and keep what was there
    as a backup too.

    `today` and `waiting` are as for `refundbook.edit`. Raises UnknownEntry, UnreadableWorkbook where the backup is
    damaged, Busy, Conflict, CannotWrite.
    """
    # Imported only here: a plain append makes backups, too.
    from refundbook.storage.history_restore import enter_created, entering_restored

    at = WorkbookFile(path, ignore_open=ignore_open)
    with at.locked(waiting):
        backup = find(path, which)
        data = WorkbookFile(backup.path).read()
        now = _clock(data, backup, today).now
        if not at.path.exists():
            Inbox(path).settle()
            workbook_file.create(at.path, data, like=backup.path)
            enter_created(at, backup.path, data, today)
            return Restored(backup, None)
        with entering_restored(at, backup.path, data, today) as enter:
            # While it can still be told which entries are in the workbook that is about to go.
            Inbox(path).settle()
            kept: list[Backup] = []
            at.replace(data, keep=lambda: kept.append(back_up(at, now)), enter=enter)
        return Restored(backup, kept[0])


def _clock(data: bytes, backup: Backup, today: Today) -> Clock:
    """The clock of the workbook in a backup: the one that it takes the place of may be past reading."""
    from refundbook.storage.settings_sheet import read_settings
    from refundbook.xlsx.reading.reader import Reader

    try:
        reader = Reader(data)
        sheet = reader.layout.sheet(SETTINGS)
        settings = read_settings(reader.values(sheet))[0] if sheet is not None else Settings()
    except UnreadableWorkbook as error:
        raise UnreadableWorkbook(f"{backup.path} cannot be brought back. {error}") from error
    return Clock.for_settings(settings, today)
