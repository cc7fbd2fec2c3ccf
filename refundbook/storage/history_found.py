"""Other histories in the same folder: one that is this workbook's, which was renamed, and those that the beginning of a
new one names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from refundbook.base.names import JOURNAL
from refundbook.record.history.chain import Head
from refundbook.storage.journal import BadJournal, Journal
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import atomic_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_AFTER_NAME = JOURNAL.removesuffix(".jsonl")
"""What comes after the workbook's name in that of its journal also where a sync client renamed that."""


def adopted(journal: Journal, at: WorkbookFile) -> Head | None:
    """Take the history whose last line is of this very workbook, and whose own workbook is not there, for that of this
    one, which was renamed, by somebody or by a sync client; gives its new head. None where there is none. Raises
    OSError.
    """
    for name, head in _others(journal, at):
        if head.header["workbook"] == at.digest_read and not _has_workbook(at, name):
            return _taken(journal, at, journal.beside(f"{name}{JOURNAL}"), name, head)
    for name in journal.names_beside():
        other = journal.beside(name)
        with suppress(BadJournal):
            head_there = other.head()
            if head_there is not None and head_there.header["workbook"] == at.digest_read:
                return _taken(journal, at, other, name.partition(_AFTER_NAME)[0], head_there)
    return None


def _taken(journal: Journal, at: WorkbookFile, other: Journal, name: str, head: Head) -> Head:
    """Give another journal, of the workbook that had this name, the place of this one, where nothing is."""
    other.file.rename(journal.file)
    atomic_file.sync_folder(journal.file.parent)
    kept = {key: head.header[key] for key in ("at", "entry", "version") if key in head.header}
    about = {**kept, "by": "", "kind": "renamed", "workbook": at.digest_read}
    return journal.add({**about, "from": name, "to": at.path.name})


def about_beginning(journal: Journal, at: WorkbookFile) -> dict[str, Any]:
    """What the first line of a new history says of others: whose copy the workbook is, with the head of that one's
    history, and which histories lie there whose workbooks do not, one of which may be this workbook's.
    """
    copies = []
    lost = []
    for name, head in _others(journal, at):
        if not _has_workbook(at, name):
            lost.append(name)
        elif head.header["workbook"] == at.digest_read:
            copies.append({"name": name, "line": head.header["line"], "hash": head.hash})
    return {**({"copy_of": copies} if copies else {}), **({"beside": lost} if lost else {})}


def _others(journal: Journal, at: WorkbookFile) -> Iterator[tuple[str, Head]]:
    """The names of the workbooks of other histories beside this one, and their heads."""
    names: list[str] = []
    with suppress(OSError):
        names = sorted(os.listdir(journal.file.parent))  # noqa: PTH208  (only names are needed)
    for name in names:
        owner = name.removesuffix(JOURNAL)
        if owner not in (name, at.path.name):
            with suppress(OSError, BadJournal):
                head = Journal(WorkbookFile(at.path.with_name(owner))).head()
                if head is not None:
                    yield owner, head


def _has_workbook(at: WorkbookFile, name: str) -> bool:
    return os.path.lexists(at.path.with_name(name))
