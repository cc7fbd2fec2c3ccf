"""All of a workbook, as it was read. Imports what reads whole sheets: only for who needs that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from refundbook.base.clock import Today
from refundbook.base.errors import InvalidWorkbook, UnreadableWorkbook
from refundbook.base.findings import Finding
from refundbook.base.own_columns import kind_of_values
from refundbook.base.schema import CASES, Kind, Sheet
from refundbook.record import rules
from refundbook.record.entries import Given, next_entry
from refundbook.record.mending import Mending, mendings
from refundbook.record.records import Log, Records
from refundbook.storage import commit, load, tracker_sheet
from refundbook.storage.cache_file import Cache
from refundbook.storage.changes import Added, Changes
from refundbook.storage.commit import BaseFile, base_of
from refundbook.storage.load import LoadedWorkbook
from refundbook.storage.snapshot import remember
from refundbook.storage.snapshot_index import Encoded, encoded
from refundbook.storage.store import Store, Written
from refundbook.storage.tracker_sheet import Refreshed
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.forked import forked
from refundbook.system.pieces import chunks
from refundbook.xlsx.reading.reader import Reader
from refundbook.xlsx.writing.writer import Built, Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class WholeStore(Store):
    """Never raises NotEnough."""

    def __init__(
        self,
        loaded: LoadedWorkbook,
        base: BaseFile,
        today: Today,
        *,
        known_errors: frozenset[Finding] = frozenset(),
        reader: Reader | None = None,
    ) -> None:
        self._loaded = loaded
        self._today = today
        self._reader = reader
        self.base = base
        self.known_errors = known_errors
        if loaded.records is not None:
            self.next_entry = next_entry(loaded.records.communications)

    @classmethod
    def read(
        cls,
        at: WorkbookFile,
        today: Today,
        added: Sequence[Added],
        *,
        strict: bool,
        is_to_save: bool,
    ) -> Self:
        """Read the file; `known_errors` are what refuses it, or, unless `strict`, all. Raises MissingWorkbook,
        UnreadableWorkbook.
        """
        loaded = load.read_contents(at.read(), str(at.path), today, added)
        base = _base(loaded)
        ahead = is_to_save and loaded.records is not None and loaded.records.are_worth_another
        with forked(lambda: base.with_elided().elided, worth=ahead) as elided:
            # Who takes a workbook with its errors wants to be told of all there is to say.
            errors = loaded.errors() if strict else frozenset(loaded.report.errors)
            if ahead and not (strict and errors):
                base = base._replace(elided=elided())
        # What the cells hold is in the records too; in a large workbook they need not be in memory twice.
        return cls(loaded.without_cells(), base, today, known_errors=errors, reader=loaded.reader)

    @classmethod
    def of(cls, content: bytes, name: str, today: Today) -> Self:
        """Stand on a workbook that is not in its place yet. Raises InvalidWorkbook, UnreadableWorkbook."""
        loaded = load.read_contents(content, name, today)
        if loaded.errors():
            raise InvalidWorkbook(loaded.report)
        return cls(loaded.without_cells(), _base(loaded), today, reader=loaded.reader)

    @property
    def has_records(self) -> bool:
        """Whether the workbook's structure allows to read any."""
        return self._loaded.records is not None

    @property
    def records(self) -> Records:
        if self._loaded.records is None:
            raise InvalidWorkbook(self._loaded.report)
        return self._loaded.records

    def expect(self, entries: int | None) -> None:
        """It is all there."""

    def fetch(self, sheet: Sheet, given: Given) -> None:
        """They are there."""

    def _kinds_of_own(self, log: Log) -> Mapping[str, Kind | None]:
        return {header: kind_of_values(values) for header, values in log.extra.items()}

    def require(self, values: dict[str, object]) -> None:
        """It is all there."""

    def keys_ending(self, end: str) -> Sequence[str]:
        return [key for key in self.records.cases.by_case if key.casefold().endswith(end)]

    def fetch_entry(self, number: int) -> None:
        """It is all there."""

    def fetch_around(self, number: str) -> None:
        """It is all there."""

    def refuse_unsure(self, found: Sequence[Finding]) -> None:
        """It is all there."""

    def concerned(self, keys: Iterable[str]) -> None:
        return None

    def all_records(self) -> Records:
        return self.records

    def findings(self, changes: Changes) -> Sequence[Finding]:
        if self._loaded.records is None or not changes:
            return self._loaded.report.findings
        return [*self._loaded.found_reading, *rules.check(self.records)]

    def take_back(self, entries: Sequence[Added], error: BaseException) -> None:
        for entry in entries:
            self.records.log(entry.sheet).remove_last()
        self.next_entry = next_entry(self.records.communications)

    def to_mend(self, user: str) -> list[Mending]:
        return mendings(self.records, user, self.next_entry)

    def begin(self, changes: Changes) -> Writer:
        if not changes.removed and commit.are_few(changes):
            self.base = self.base.with_elided()
        return commit.begin(self.base, self.records, changes)

    def refresh(self, writer: Writer, changes: Changes) -> Refreshed:
        reader = self._reader or Reader(self.base.package.archive.data)
        return tracker_sheet.refresh(reader, writer, self.records, self.base.targets[CASES.name].top, self._sizes())

    def said_ahead(self, changes: Changes) -> str:
        return self.refresh(commit.begin(self.base, self.records, changes), changes).said if changes else ""

    def read_back(self, built: Built, changes: Changes) -> Store:
        if commit.are_elided(self.base, changes):
            return super().read_back(built, changes)
        fresh = load.read_contents(b"".join(chunks(built.pieces)), self._loaded.name, self._today)
        for log in self.records.logs:
            read = fresh.records.log(log.sheet) if fresh.records else None
            if read is None or not _is_meant(log, read):
                raise UnreadableWorkbook(f"{log.sheet.name} does not read back as what was entered.")
        return WholeStore(fresh.without_cells(), _base(fresh), self._today, reader=fresh.reader)

    def on(self, base: BaseFile) -> Store:
        return WholeStore(self._loaded.unchecked(), base, self._today)

    def indexing(self, changes: Changes) -> AbstractContextManager[Callable[[], Encoded]]:
        logs = self.records.logs
        # Which cells formulas are filled down into is known when they are there.
        fills = any(self.base.targets[sheet].formulas for sheet, new in changes.added.items() if new)
        return forked(lambda: encoded(logs), worth=self.records.are_worth_another and not fills)

    def remember(self, cache: Cache, at: WorkbookFile, written: Written) -> None:
        self.note_formulas(written.changes)
        if cache.is_used and not self.base.has_reached_more(written.changes):
            self.base = self.base.with_elided()._replace(mentions=written.mentions)
            kinds = {log.sheet.name: self._kinds_of_own(log) for log in self.records.logs}
            about = self.records, self.base, written.tracker, self.next_entry, kinds
            remember(cache, at.digest_read, at.stamp, written.indexed(), *about, anew=True)


def _is_meant(log: Log, read: Log) -> bool:
    """Whether a log reads back as it was meant. Rows that its Table reached just now, past a blank one, are for the
    next save, as if they were typed there after it.
    """
    count = len(log.rows)
    if read.rows != log.rows and (read.rows[:count] != log.rows or not set(read.rows[count:]).issubset(read.joined)):
        return False
    columns = ((log.columns[name], values) for name, values in read.columns.items())
    return read.columns.keys() == log.columns.keys() and (
        all(meant == (found if len(found) == count else found[:count]) for meant, found in columns)
        and _are_own_meant(log, read)
    )


def _are_own_meant(log: Log, read: Log) -> bool:
    """Whether people's own columns that entries were made for read back as they were entered; blank cells may hold a
    formula that was filled down.
    """
    return all(
        value is None or value == found
        for header, column in log.own.items()
        if column.kind is not Kind.FORMULA
        for value, found in zip(log.extra[header], read.extra[header], strict=False)
    )


def _base(loaded: LoadedWorkbook) -> BaseFile:
    return base_of(loaded.reader.package, loaded.reader.layout, loaded.grids)
