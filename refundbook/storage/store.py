"""What a session stands on: one interface, with the whole workbook (`whole_store`) and the snapshot in the cache
(`snapshot_store`) behind it.

A store holds records: all of a workbook, or those of the cases that it was asked for. Where these are not enough, it
raises NotEnough, and the same is done on the whole workbook instead. (After dulwich's `object_store`, which has loose
and packed objects behind one interface.)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from refundbook.base.a1 import column_number
from refundbook.base.findings import Finding
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import Kind, Sheet
from refundbook.record.entries import Given
from refundbook.record.records import Log, Positions, Records
from refundbook.storage import commit
from refundbook.storage.changes import Added, Changes
from refundbook.storage.commit import BaseFile
from refundbook.storage.tracker_sheet import Refreshed
from refundbook.storage.tracker_state import TrackerState
from refundbook.system import pieces
from refundbook.xlsx.writing.writer import Built, Writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.mending import Mending
    from refundbook.storage.cache_file import Cache
    from refundbook.storage.snapshot_index import Encoded
    from refundbook.storage.workbook_file import WorkbookFile


class Written(NamedTuple):
    """What is to be known of a file that was written: what was changed in it, the index of its records, its `mentions`
    (see `Writer`), and its Tracker.
    """

    changes: Changes
    indexed: Callable[[], Encoded]
    mentions: frozenset[str]
    tracker: TrackerState | None


class Store(ABC):
    """Records of a workbook, the file that they stand in (`base`), and the number for the next entry. `known_errors`
    are those that it was loaded with.
    """

    base: BaseFile
    next_entry: int = 1
    known_errors: frozenset[Finding] = frozenset()

    # What is in `records`

    @property
    @abstractmethod
    def records(self) -> Records:
        """Raises InvalidWorkbook where the workbook's structure does not allow to read any."""

    @abstractmethod
    def expect(self, entries: int | None) -> None:
        """See that this is the quicker way to make so many entries (None: who knows how many). Raises NotEnough."""

    @abstractmethod
    def fetch(self, sheet: Sheet, given: Given) -> None:
        """Have all rows in `records` of the cases that this names which was given for an entry. Raises NotEnough."""

    def know_own(self, log: Log) -> None:
        """Have in `Log.own` how people's own columns are filled in."""
        if not log.own:
            from refundbook.storage.own_columns import own_columns

            log.own = own_columns(self.base, log, self._kinds_of_own(log))

    @abstractmethod
    def _kinds_of_own(self, log: Log) -> Mapping[str, Kind | None]:
        """What the cells of people's own columns hold, by header (`kind_of_values`)."""

    @abstractmethod
    def require(self, values: dict[str, object]) -> None:
        """See that `records` hold all that an entry with these values is judged by. Raises NotEnough."""

    @abstractmethod
    def keys_ending(self, end: str) -> Sequence[str]:
        """The keys of the cases that end so: in four characters or more, case-folded. Raises NotEnough."""

    @abstractmethod
    def fetch_entry(self, number: int) -> None:
        """Have all rows in `records` of the case that the message with this entry number is of. Raises NotEnough."""

    @abstractmethod
    def fetch_around(self, number: str) -> None:
        """Have in `records` all that is said of the case with this number, also in other cases. Raises NotEnough, also
        where there is no such case.
        """

    @abstractmethod
    def all_records(self) -> Records:
        """`records`, where that is all of them. Raises NotEnough, InvalidWorkbook."""

    @abstractmethod
    def refuse_unsure(self, found: Sequence[Finding]) -> None:
        """See that what the rules find among `records` is what they find among all. Raises NotEnough."""

    @abstractmethod
    def concerned(self, keys: Iterable[str]) -> Positions | None:
        """The rows that the rules are to look at where cases with these keys are changed; None for all."""

    @abstractmethod
    def findings(self, changes: Changes) -> Sequence[Finding]:
        """All that the rules find in the workbook, with what was changed. Raises NotEnough."""

    def add(self, entry: Added) -> int:
        """Take a new entry into `records`; gives its position in its log."""
        number = entry.values.get("entry")
        if isinstance(number, int):
            self.next_entry = max(self.next_entry, number + 1)
        return self.records.log(entry.sheet).add(entry.values, entry.row)

    @abstractmethod
    def take_back(self, entries: Sequence[Added], error: BaseException) -> None:
        """Take the newest entries, newest first, out of `records`: because of this error they are not made. Raises
        NotEnough.
        """

    # Saving

    @abstractmethod
    def to_mend(self, user: str) -> list[Mending]:
        """What the next save mends of itself."""

    @abstractmethod
    def begin(self, changes: Changes) -> Writer:
        """A writer of the next file, with what was changed. Raises NotEnough, UnsupportedEdit."""

    @abstractmethod
    def refresh(self, writer: Writer, changes: Changes) -> Refreshed:
        """Bring the Tracker up to date. Raises NotEnough."""

    def _sizes(self) -> list[int]:
        """How many rows the Tables of the logs have once all in `records` is written."""
        targets = ((log, self.base.targets[log.sheet.name]) for log in self.records.logs)
        return [max(target.data_end, *log.rows, target.header_row) - target.header_row for log, target in targets]

    @abstractmethod
    def said_ahead(self, changes: Changes) -> str:
        """What the next save will have to say of the Tracker; `""` for nothing. Raises NotEnough."""

    def read_back(self, built: Built, changes: Changes) -> Store:
        """See that what was built reads back as what was meant; gives what to stand on once that is in its place.

        Raises UnreadableWorkbook.
        """
        return self.on(commit.read_back(self.base, built, self.records, changes))

    @abstractmethod
    def on(self, base: BaseFile) -> Store:
        """The same with its records standing in another file."""

    @abstractmethod
    def indexing(self, changes: Changes) -> AbstractContextManager[Callable[[], Encoded]]:
        """Makes the index of all records, with what was changed, beside what else is done. What it gives raises
        CacheMiss.
        """

    @abstractmethod
    def remember(self, cache: Cache, at: WorkbookFile, written: Written) -> None:
        """Take note of what was just written, and keep in the cache what is to be known of it."""

    def note_formulas(self, changes: Changes) -> None:
        """A column may be one that Excel calculates: then its formula was filled down into the new rows."""
        for log in self.records.logs:
            target, new = self.base.targets[log.sheet.name], changes.added[log.sheet.name]
            columns = {column for row, column in target.formulas if row == target.last_used} if new else ()
            for name, letters in log.letters.items() if columns else ():
                if column_number(letters) in columns:
                    log.formulas.update((at, name) for at in new if log[name][at] is None)
            for header, letters in log.own_letters.items() if columns else ():
                if column_number(letters) in columns:
                    log.own_formulas.update((at, header) for at in new if log.extra[header][at] is None)

    def close(self) -> None:
        """Let go of the file. Nothing can be saved any more."""
        pieces.close(self.base.package.archive.data)
