"""Keeps the history of a workbook: notes before a command what was changed without one, and the command itself right
before its file takes the workbook's place.

The line of a command is on the disk before the new file is in its place, and names the room that the file was made in.
So it can be told after a crash whether it came to that: the workbook has the digest that the line says, or the file is
still waiting in its room. The history never stands in the way: where it cannot be written that is a warning.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import repeat
from pathlib import Path
from types import MappingProxyType

from refundbook.base.a1 import column_number
from refundbook.base.errors import RulesRefuse
from refundbook.base.findings import Finding
from refundbook.base.user import login_name
from refundbook.base.version import __version__
from refundbook.record.entries import next_entry
from refundbook.record.history.cells import canonical, row_at, row_before, texts_at, texts_before
from refundbook.record.history.chain import Change, Head, Line, NewRow
from refundbook.record.records import Log, Records
from refundbook.storage.changes import Changes
from refundbook.storage.journal import BadJournal, Journal
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.lock import HeldElsewhere, Lock, lock_of
from refundbook.system.refusals import reason
from refundbook.system.room import is_waiting, remove

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


VARIABLE = "REFUNDBOOK_HISTORY"
"""The environment variable that says `off` where no history is to be kept."""

Formulas = Mapping[str, Collection[tuple[int, int]]]
"""By sheet name the (row, column) of formulas in its last rows."""


Enter = Callable[[str, str], None]
"""See `WorkbookFile.replace`."""
_NONE: Formulas = MappingProxyType({})


class HistoryKeeper:
    """The history of the workbook at `at`, as far as a session has to do with it. `notices` are sentences to be said.

    What it compares is `at.digest_read`, which is known without reading the file where nobody touched it.
    """

    def __init__(self, at: WorkbookFile) -> None:
        self.journal = Journal(at)
        self.notices: list[str] = []
        self._at = at
        self._is_off = os.environ.get(VARIABLE, "").casefold() == "off"
        self._head: Head | None = None
        if not self._is_off:
            with suppress(OSError, BadJournal):
                self._head = self.journal.head()

    @cached_property
    def _entry_elsewhere(self) -> int:
        """The highest entry number of another computer's history."""
        if self._is_off or not self.journal.names_beside():
            return 0
        # Imported only here: a plain append does without.
        from refundbook.storage.history_forks import highest_entry

        return highest_entry(self.journal)

    @property
    def has_begun(self) -> bool:
        """Whether there is a history, or something in its place."""
        return not self._is_off and os.path.lexists(self.journal.file)

    @property
    def next_entry(self) -> int:
        """The first entry number that was never given out, here or on another computer whose history lies here."""
        here = 0 if self._head is None else int(self._head.header.get("entry", 0))
        return max(here, self._entry_elsewhere) + 1

    def lines_back(self) -> Iterator[Line]:
        """All lines, the newest first, read as far as they are asked for. Raises RulesRefuse where there are none, or
        one cannot be read.
        """
        is_empty = True
        try:
            for line in () if self._is_off else self.journal.lines_back():
                is_empty = False
                yield line
        except (OSError, BadJournal) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise RulesRefuse(f"The history cannot be read: {why}. See `refundbook history --verify`.") from error
        if is_empty:
            raise RulesRefuse(f"{self._at.path.name} has no history, so that nothing can be undone by it.")

    def is_behind(self, records: Records) -> bool:
        """Whether something is to be noted before the next command, and can be."""
        return self._is_kept(records) and not self.is_current() and self._may_write()

    def _is_kept(self, records: Records) -> bool:
        return not self._is_off and records.settings.history

    def is_current(self) -> bool:
        """Whether the workbook that was read or written last is what the last line says."""
        return self._head is not None and self._head.header["workbook"] == self._at.digest_read

    def _may_write(self) -> bool:
        at = self.journal.file
        for path in (at, at.parent, at.parent.parent):
            if os.path.lexists(path):
                return os.access(path, os.W_OK)
        return False

    def findings(self, records: Callable[[], Records]) -> list[Finding]:
        """What the rules find in the history, and in the records by it."""
        if not self.has_begun:
            return []
        # Imported only here: a plain append does without.
        from refundbook.storage.history_reader import findings_of

        return findings_of(self._at, records)

    @contextmanager
    def warning_of_what_was_done(self) -> Iterator[None]:
        """Take back what is to be said where a save fails: then it is not true that the workbook is as it should be."""
        said = list(self.notices)
        try:
            yield
        except BaseException:
            self.notices[:] = said
            raise

    # What was changed without a command

    def settle(self) -> None:
        """Find out what a command that was killed came to, and note it. The lock must be held."""
        with self._warning():
            self._settle()

    def note_if_free(self, records: Records, *, may_begin: bool = False) -> None:
        """Note what was changed, unless another command has the workbook now. Where there is no history it is begun if
        it `may_begin`.
        """
        has_some = may_begin or self._head is not None or self._at.home.is_dir()
        if not (has_some and self.is_behind(records)):
            return
        lock = Lock(lock_of(self._at.path))
        try:
            lock.acquire(0, 0)
        except (HeldElsewhere, OSError, NotImplementedError):
            return
        try:
            # Whoever had the workbook meanwhile may have noted it.
            with self._warning():
                self._head = self.journal.head()
                if self._at.is_as_read():
                    self._note(records, Changes(), may_begin=may_begin)
        finally:
            lock.release()

    def note(self, records: Records, changes: Changes) -> None:
        """Begin the history with what is in the workbook, or note what was changed since its last line. The lock must
        be held. `changes` are in `records` and not in the file.
        """
        if not self._is_kept(records):
            return
        with self._warning():
            self._note(records, changes, may_begin=True)

    def _note(self, records: Records, changes: Changes, *, may_begin: bool) -> None:
        self._settle()
        if self._head is None:
            from refundbook.storage.history_found import about_beginning, adopted

            self._head = adopted(self.journal, self._at)
            if self._head is None and may_begin:
                about = about_beginning(self.journal, self._at)
                self.journal.begin()
                self._add(records, {"kind": "begin", **about}, _whole(records, changes))
        elif not self.is_current():
            # Imported only here: a plain append does without.
            from refundbook.storage.history_changes import unnoted

            about, found = unnoted(self.journal, self._at, records, changes)
            self._add(records, about, found)

    def _settle(self) -> None:
        """Note that a command was stopped whose line is there and whose file never came into its place."""
        head = self._head
        if head is None or self.is_current() or not (room := self._room_of(head)) or not is_waiting(room):
            return
        self._void(head, room)

    def _room_of(self, head: Head) -> Path | None:
        """The room that a line names: one of ours beside the workbook, whatever the line says."""
        return self._at.room_named(str(head.header.get("room", "")))

    def _void(self, head: Head, room: Path | None) -> None:
        number = int(head.header["line"])
        about = {key: head.header[key] for key in ("at", "entry", "version")}
        self._head = self.journal.add(
            {**about, "kind": "void", "as_of": number - 1, "by": "", "workbook": head.header["base"]}
        )
        # One with entries of the inbox is proof for that too, and goes with it.
        if room is not None and self._at.is_own_room(room):
            remove(room)

    # A command

    @contextmanager
    def entering(
        self, command: str, user: str, records: Records, changes: Changes | None = None, formulas: Formulas = _NONE
    ) -> Iterator[Enter | None]:
        """What is to be called with the name of the room and the digest of a command's file, before that takes the
        workbook's place within this context; None where no history is kept. `changes` are in `records`, `formulas`
        those of the new file.
        """
        found = (lambda: _entered(records, changes, formulas)) if changes else tuple
        with self._entering({"command": command, "by": user}, records, found) as enter:
            yield enter

    @contextmanager
    def entering_changes(
        self, command: str, user: str, records: Records, changes: Sequence[Change], **about: Any
    ) -> Iterator[Enter | None]:
        """The same for changes that are told; `about` goes into the line's header."""
        with self._entering({"command": command, "by": user, **about}, records, lambda: changes) as enter:
            yield enter

    @contextmanager
    def _entering(
        self, about: Mapping[str, Any], records: Records, changes: Callable[[], Iterable[Change | NewRow]]
    ) -> Iterator[Enter | None]:
        if not self._is_kept(records):
            yield None
            return
        about = {"kind": "command", "base": self._at.digest_read, **about}

        def enter(room: str, digest: str) -> None:
            with self._warning():
                self._add(records, {**about, "room": room, "workbook": digest}, changes())

        try:
            yield enter
        except BaseException:
            self._take_back()
            raise

    def _take_back(self) -> None:
        """Note that the file whose line was written last did not come into its place, if so. Never raises."""
        with suppress(Exception):
            head = self._head = self.journal.head()
            if head is not None and "base" in head.header and self._at.digest() == head.header["base"]:
                self._void(head, self._room_of(head))

    def _add(self, records: Records, about: Mapping[str, Any], changes: Iterable[Change | NewRow]) -> None:
        now = records.clock.now
        highest = max(next_entry(records.communications), self.next_entry) - 1
        common = {"at": now.isoformat(), "by": "", "entry": highest, "version": __version__}
        self._head = self.journal.add({**common, "workbook": self._at.digest_read, **about}, changes)

    @contextmanager
    def _warning(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._warn(reason(error))
        except BadJournal as error:
            self._warn(f"it is damaged; see `refundbook history --verify` ({error.why})")

    def _warn(self, why: str) -> None:
        said = (
            f"The history of {self._at.path.name} was not written: {why}. The workbook is as it should be; what this "
            "command did will be told as done outside the history."
        )
        if said not in self.notices:
            self.notices.append(said)


@contextmanager
def entering_alone(at: WorkbookFile, records: Records, command: str) -> Iterator[Enter | None]:
    """`HistoryKeeper.entering` for a command that writes the workbook which was just read without a session, and
    changes no entry. The lock must be held.
    """
    history = HistoryKeeper(at)
    history.note(records, Changes())
    with history.entering(command, login_name(), records) as enter:
        yield enter


def _whole(records: Records, changes: Changes) -> Iterator[NewRow]:
    """Everything that stands in the file, as new."""
    for log in records.logs:
        removed = map(canonical, changes.removed_from(log.sheet.name))
        for texts in (texts_before(log, changes.added[log.sheet.name]), removed):
            yield from map(NewRow, repeat(log.sheet.pillar), texts)


def _entered(records: Records, changes: Changes, formulas: Formulas) -> Iterator[Change | NewRow]:
    """What a command adds and corrects."""
    for log in records.logs:
        pillar, added = log.sheet.pillar, changes.added[log.sheet.name]
        filled = _filled_down(log, formulas.get(log.sheet.name, ())) if added else ()
        yield from map(NewRow, repeat(pillar), texts_at(log, added, filled))
        for row in changes.removed_from(log.sheet.name):
            yield Change(pillar, row, None)
        amended = {at for sheet, at, _ in changes.amended if sheet == log.sheet.name}
        for at in sorted(amended.difference(added)):
            yield Change(pillar, row_before(log, at), row_at(log, at))


def _filled_down(log: Log, formulas: Collection[tuple[int, int]]) -> list[str]:
    """The headers of our columns that Excel calculates: the last row has a formula there."""
    last = max((row for row, _ in formulas), default=0)
    columns = {column for row, column in formulas if row == last}
    return [log.sheet[name].header for name, letters in log.letters.items() if column_number(letters) in columns]
