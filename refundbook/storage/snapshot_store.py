"""The cases that a command is about, of a workbook that refundbook wrote itself: from the snapshot that the cache
holds, without reading the workbook.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain

from refundbook.base.clock import Today
from refundbook.base.errors import UnreadableWorkbook
from refundbook.base.findings import Finding
from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES, Kind, Sheet
from refundbook.record.entries import Given, keys_named
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules import ABOUT_ALL_ROWS
from refundbook.storage import commit, tracker_sheet
from refundbook.storage.cache_file import Cache, CacheMiss
from refundbook.storage.changes import Added, Changes
from refundbook.storage.commit import BaseFile
from refundbook.storage.not_enough import NotEnough
from refundbook.storage.snapshot import Snapshot, remember
from refundbook.storage.snapshot_index import Encoded
from refundbook.storage.store import Store, Written
from refundbook.storage.tracker_sheet import AllCases, Refreshed
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import pieces
from refundbook.system.forked import forked
from refundbook.xlsx.writing.writer import Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Self

    from refundbook.record.mending import Mending

_FEW = 20
"""To look up the cases of so many entries, or of a tenth as many as there are cases, one by one takes less than to
read all of a workbook.
"""


class SnapshotStore(Store):
    """Raises NotEnough for whatever needs more than a few cases."""

    def __init__(self, snapshot: Snapshot, base: BaseFile, next_entry: int) -> None:
        self._snapshot = snapshot
        self.base = base
        self.next_entry = next_entry

    @classmethod
    def open(cls, at: WorkbookFile, cache: Cache, today: Today) -> Self:
        """Raises CacheMiss where nothing is known of the file's very bytes, and what `WorkbookFile.open` raises."""
        digest = cache.digest()
        source = at.open(digest, cache.stamp)
        try:
            if digest != at.digest_read:
                raise CacheMiss("the file has other bytes than the one that the cache is of")
            snapshot = Snapshot(cache, source, today)
        except CacheMiss:
            pieces.close(source)
            raise
        return cls(snapshot, snapshot.base, snapshot.next_entry)

    @property
    def records(self) -> Records:
        return self._snapshot.records

    def expect(self, entries: int | None) -> None:
        if entries is None or entries > max(_FEW, self._snapshot.count // 10):
            raise NotEnough("for so many entries it is quicker to read all of the workbook")

    def fetch(self, sheet: Sheet, given: Given) -> None:
        self._snapshot.fetch(keys_named(self.records, sheet, given))

    def _kinds_of_own(self, log: Log) -> Mapping[str, Kind | None]:
        return self._snapshot.kinds_of_own[log.sheet.name]

    def require(self, values: dict[str, object]) -> None:
        number = values.get("number")
        key = canonical(number, self.records.settings.issuers) if isinstance(number, str) else ""
        if not self._snapshot.has(key) or values.get("entry") is not None:
            raise NotEnough("the entry may concern other cases than the one that it names")

    def keys_ending(self, end: str) -> Sequence[str]:
        return self._snapshot.keys_ending(end)

    def fetch_entry(self, number: int) -> None:
        if number not in self.records.communications["entry"]:
            self._snapshot.fetch_entry(number)

    def fetch_around(self, number: str) -> None:
        self._snapshot.fetch_around(number)
        if self.records.case(self.records.key_of(number)) is None:
            raise NotEnough("what is meant instead of this case may be any other")

    def refuse_unsure(self, found: Sequence[Finding]) -> None:
        for finding in found:
            if finding.code in ABOUT_ALL_ROWS:
                raise NotEnough(f"{finding.code} may be about other cases too")

    def concerned(self, keys: Iterable[str]) -> Positions:
        return self.records.about(keys)

    def all_records(self) -> NoReturn:
        raise NotEnough("all records are asked for")

    def findings(self, changes: Changes) -> NoReturn:
        raise NotEnough("all that the rules find is asked for")

    def take_back(self, entries: Sequence[Added], error: BaseException) -> NoReturn:
        # What is refused, is refused by all of the workbook: only so the reason given is the whole one.
        raise NotEnough(f"an entry is not taken ({type(error).__name__})") from error

    def to_mend(self, user: str) -> list[Mending]:
        """Nothing: refundbook wrote the workbook itself."""
        return []

    def begin(self, changes: Changes) -> Writer:
        changes.ends = self._snapshot.ends_without(changes.removed)
        if not commit.are_elided(self.base, changes):
            raise NotEnough("a sheet no longer has the shape in which its rows can be left out")
        self._snapshot.refuse_others(changes)
        try:
            return commit.begin(self.base, self.records, changes)
        except UnreadableWorkbook as error:
            raise NotEnough("rows are not what they were") from error

    def refresh(self, writer: Writer, changes: Changes) -> Refreshed:
        tracker = self._snapshot.tracker
        if tracker is None:
            return Refreshed(None)
        cases = self.records.cases
        new = [cases.rows[at] for at in reversed(changes.added[CASES.name])]
        changed = commit.keys_of(self.records, changes)
        gone = {removed.row for removed in changes.removed if removed.sheet is CASES}
        latest = chain(new, (row for row in self._snapshot.latest_rows() if row not in gone))
        now = AllCases(self._sizes(), self._snapshot.count + len(new) - len(gone), latest, gone)
        load = self._snapshot.fetch_rows
        return Refreshed(tracker_sheet.update(tracker, writer, self.records, changed, now, load))

    def said_ahead(self, changes: Changes) -> NoReturn:
        raise NotEnough("what the next save will say is asked for")

    def on(self, base: BaseFile) -> Store:
        return SnapshotStore(self._snapshot, base, self.next_entry)

    def indexing(self, changes: Changes) -> AbstractContextManager[Callable[[], Encoded]]:
        return forked(lambda: self._snapshot.index_with(changes), worth=False)

    def remember(self, cache: Cache, at: WorkbookFile, written: Written) -> None:
        self._snapshot.tracker = written.tracker
        self.note_formulas(written.changes)
        try:
            if self.base.has_reached_more(written.changes):
                raise CacheMiss("rows that a Table reached are to be read and judged")
            index = written.indexed()
        except CacheMiss:
            # The file itself is as it must be.
            cache.forget()
            return
        about = self.records, self.base, written.tracker, self.next_entry, self._snapshot.kinds_of_own
        remember(cache, at.digest_read, at.stamp, index, *about, anew=False)
