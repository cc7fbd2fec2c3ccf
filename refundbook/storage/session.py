"""A workbook file in hand: what it stands on (see `store`), what was added and corrected and is not saved yet, and
saving it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from refundbook.base.clock import Today
from refundbook.base.debug import debug, phase
from refundbook.base.errors import CannotWrite, Conflict, InvalidWorkbook, UnreadableWorkbook, with_advice
from refundbook.base.findings import Finding, Report, Severity
from refundbook.base.schema import CASES, Sheet
from refundbook.record import rules
from refundbook.record.column_names import are_ours
from refundbook.record.entries import Given, next_entry
from refundbook.record.records import Log, Positions, Records
from refundbook.storage.backups import keep_first_of_day
from refundbook.storage.cache_file import Cache
from refundbook.storage.changes import Added, Changes
from refundbook.storage.history_keeper import HistoryKeeper
from refundbook.storage.mended import mended
from refundbook.storage.not_enough import NotEnough
from refundbook.storage.snapshot import VERSION
from refundbook.storage.snapshot_store import SnapshotStore
from refundbook.storage.store import Store, Written
from refundbook.storage.tracker_sheet import Refreshed
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.xlsx.writing.writer import Built

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from refundbook.record.corrections import Wanted
    from refundbook.record.history.chain import Line
    from refundbook.record.mending import Mended, Mending

    Result = TypeVar("Result")


class Session:
    """The file that a Book stands for. It stands on the snapshot in the cache where `known_is_enough` and there is
    one, else on the whole workbook.

    Raises MissingWorkbook, UnreadableWorkbook, and unless `strict` is false InvalidWorkbook.
    """

    def __init__(
        self,
        at: WorkbookFile,
        today: Today,
        *,
        strict: bool = True,
        known_is_enough: bool = False,
        is_to_save: bool | None = None,
    ) -> None:
        self.at = at
        self.mended: list[Mended] = []
        self.notices: list[str] = []
        self.changes = Changes()
        self._today = today
        self._is_to_save = known_is_enough if is_to_save is None else is_to_save
        self._cache = Cache(at.path, VERSION)
        self._history = HistoryKeeper(at)
        self._store: Store
        try:
            if not known_is_enough:
                raise NotEnough("all of it is asked for")
            with phase("open the snapshot"):
                self._store = SnapshotStore.open(at, self._cache, today)
            debug("warm: what the cache holds is of this very file")
        except NotEnough as lacking:
            debug("cold: %s", lacking)
            self._read_whole([], strict=strict)
        if self._is_to_save:
            self._history.settle()

    @property
    def name(self) -> str:
        """What messages call the file."""
        return str(self.at.path)

    @property
    def is_changed(self) -> bool:
        return bool(self.changes)

    @property
    def records(self) -> Records:
        """The records in memory, not to be kept: of the cases that were fetched, until something needs all of them.
        Raises InvalidWorkbook.
        """
        return self._store.records

    @property
    def known_errors(self) -> frozenset[Finding]:
        """The errors that the workbook was loaded with."""
        return self._store.known_errors

    @property
    def next_entry(self) -> int:
        """The number for the next message: one that was never given out."""
        return max(self._store.next_entry, self._history.next_entry)

    def close(self) -> None:
        """Let go of the file. It cannot be saved any more."""
        self._cache.close()
        self._store.close()

    # The whole workbook, where the snapshot is not enough

    def on_enough(self, work: Callable[[], Result]) -> Result:
        """What `work` gives; where what is known of the workbook is not enough for it, it is done again on all of it,
        with what was added before.

        Raises Conflict where the file is no longer what it was.
        """
        before = self.changes.copy()
        try:
            return work()
        except NotEnough as lacking:
            debug("cold from here on: %s", lacking)
            self._read_again(before)
            stopped = lacking.__cause__
        if stopped is not None and not isinstance(stopped, Exception):
            raise stopped  # by the user, who wants it done no other way
        return work()

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Something that may be refused, and then leaves the records as they were. Raises NotEnough where only all of
        the workbook tells why.
        """
        try:
            yield
        except NotEnough:
            raise
        except BaseException as error:
            self._store.take_back((), error)
            raise

    def _read_again(self, changes: Changes, *, strict: bool = True) -> None:
        """Stand on all of the workbook, with these changes."""
        from refundbook.storage.changes_again import Done, done_again, done_in

        before, digest = self._store, self.at.digest_read
        done = done_in(changes, before.records) if changes else Done()
        self._read_whole(changes.entries, strict=strict)
        before.close()
        if self.at.digest_read != digest:
            self._cache.forget()
            raise Conflict(f"{self.name} was changed by someone else since it was read. Load it again and repeat.")
        done_again(self, done)

    def _read_whole(self, entries: Sequence[Added], *, strict: bool) -> None:
        """Stand on all of the workbook; what stands right below its Tables is judged as if these entries were made
        already.
        """
        from refundbook.storage.whole_store import WholeStore

        with phase("read and check the whole workbook"):
            store = WholeStore.read(self.at, self._today, entries, strict=strict, is_to_save=self._is_to_save)
        self._store, self.changes = store, Changes()
        if store.has_records:
            self._history.note_if_free(store.records)
        if strict and self.known_errors:
            raise InvalidWorkbook(self.report())

    def all_records(self) -> Records:
        """All records, with what was added. Raises InvalidWorkbook where the workbook's structure does not allow to
        read them.
        """
        return self.on_enough(lambda: self._store.all_records())

    def report(self) -> Report:
        """All that the rules find in the workbook and beside it, with what was added."""
        from refundbook.storage.case_numbers import case_numbers_of

        found = self.on_enough(lambda: self._store.findings(self.changes))
        path = self.at.path
        beside = [
            *rules.conflict_copies(path, case_numbers_of),
            *rules.lost_inboxes(path),
            *rules.other_histories(path),
        ]
        return Report.of(self.name, [*beside, *self._history.findings(lambda: self.records), *found])

    def begin_history(self) -> None:
        """Begin the workbook's history, where there is none and nobody else has the workbook now."""
        with suppress(InvalidWorkbook):
            self._history.note_if_free(self.records, may_begin=True)

    # Changes

    def expect(self, entries: int | None) -> None:
        """See that what is at hand is the quicker way to make so many entries (None: who knows how many). Raises
        NotEnough.
        """
        self._store.expect(entries)

    def add_columns(self, sheet: Sheet, columns: Mapping[str, str]) -> None:
        """Add columns of people's own, by header with their kind (one of `add_column.KINDS`), which are saved with what
        is entered. Raises UsageError for a header that none can have, UnsupportedEdit where there is no room.
        """
        from refundbook.storage.add_column import new_column, widened
        from refundbook.storage.whole_store import WholeStore

        self.all_records()
        content = widened(self._store.base, {sheet.name: [new_column(*column) for column in columns.items()]})
        entries, self.changes = self.changes.entries, Changes()
        self._store = WholeStore.of(content, self.name, self._today)
        for entry in entries:
            self.add(entry.sheet, entry.values, entry.row)

    def fetch(self, sheet: Sheet, given: Given) -> None:
        """Have all rows in `records` of the cases that this names which was given for an entry, and where it names
        people's own columns, how they are filled in. Raises NotEnough.
        """
        if not are_ours(sheet, dict(given.items())):
            self.know_own(sheet)
        self._store.fetch(sheet, given)

    def fetch_entry(self, number: int) -> None:
        """As `Store.fetch_entry` says."""
        self._store.fetch_entry(number)

    def refuse_unsure(self, found: Sequence[Finding]) -> None:
        """See that what the rules find among `records` is what they find among all. Raises NotEnough."""
        self._store.refuse_unsure(found)

    def know_own(self, sheet: Sheet) -> None:
        """Have in `Log.own` how people's own columns of a sheet are filled in."""
        self._store.know_own(self.records.log(sheet))

    def records_of(self, number: str) -> Records:
        """Records with all rows of a case. Raises NotEnough."""
        self._store.fetch(CASES, {"number": number})
        return self.records

    def records_around(self, number: str) -> Records:
        """Records with all that is said of a case. Raises NotEnough."""
        self._store.fetch_around(number)
        return self.records

    def number_meant(self, text: str) -> str:
        """As `Book.number_meant` says."""
        from refundbook.storage.number_meant import number_meant

        return self.on_enough(lambda: number_meant(self._store, text))

    def require(self, values: dict[str, object]) -> None:
        """See that `records` hold all that an entry with these values is judged by. Raises NotEnough."""
        self._store.require(values)

    def next_row(self, sheet: Sheet) -> int:
        """The row that the next entry of a sheet goes into. Raises UnsupportedEdit."""
        return self._store.base.targets[sheet.name].next_row(len(self.changes.added[sheet.name]))

    def add(self, sheet: Sheet, values: Mapping[str, object], row: int) -> int:
        """Take a new entry into the records; gives its position in its log."""
        entry = Added(sheet, values, row)
        position = self._store.add(entry)
        self.changes.add(entry, position)
        return position

    def take_back(self, count: int, error: BaseException) -> None:
        """Undo the newest `count` calls of `add`, because of an error. Raises NotEnough."""
        self._store.take_back(self.changes.take_back(count), error)

    def corrected(self, cell: Wanted) -> None:
        """Take note of a cell that was corrected in the records."""
        self.changes.amended.add((cell.log.sheet.name, cell.position, cell.name))
        if cell.name == "entry":
            self._store.next_entry = next_entry(self.records.communications)

    def remove(self, log: Log, position: int) -> None:
        """Take an entry out of the records, before anything else is changed in them."""
        from refundbook.storage.removal import taken_out

        self.changes.removed.append(taken_out(log, position))

    def forget_changes(self) -> None:
        """Stand on the file as it is, where it was changed in the records."""
        if self.changes:
            self._read_again(Changes())

    def note_history(self) -> None:
        """Have in the history what was changed without a command. The lock must be held. Raises NotEnough."""
        if not self._history.is_current():
            self._history.note(self._store.all_records(), self.changes)

    def history_back(self) -> Iterator[Line]:
        """The lines of the history, the newest first, with what was done by hand. Raises NotEnough, RulesRefuse."""
        if not self._history.is_current():
            self._store.all_records()
        return self._history.lines_back()

    def concerned(self, keys: Iterable[str]) -> Positions | None:
        """As `Store.concerned` says."""
        return self._store.concerned(keys)

    # Saving

    def refuse_invalid(self) -> None:
        """Raise InvalidWorkbook where a save is refused by what stands in the workbook."""
        if self.known_errors and self.report().errors:
            raise InvalidWorkbook(self.report())
        if self._leaves_out() and self.changes.entries and not self.changes.amended:
            # With what was added it may be right: the case that a message lacked was entered. Without that it is an
            # error by itself.
            self._read_again(self.changes, strict=False)
            self._store.known_errors = frozenset()
        if self._leaves_out():
            # A warning to whoever reads, for which nothing can be written.
            found = (f for f in self.report() if f.code == rules.LEFT_OUT)
            raise InvalidWorkbook(Report.of(self.name, [f._replace(severity=Severity.ERROR) for f in found]))

    def _leaves_out(self) -> bool:
        return any(log.left_out for log in self.records.logs)

    def notices_ahead(self) -> tuple[str, ...]:
        """What the next save will have to say."""
        said = self.on_enough(lambda: self._store.said_ahead(self.changes))
        return (said,) if said else ()

    def notices_of_saves(self) -> tuple[str, ...]:
        """What is to be said of the saves."""
        return (*self.notices, *self._history.notices)

    def to_mend(self, user: str) -> list[Mending]:
        """What the next save mends of itself."""
        self._store.next_entry = self.next_entry
        return self._store.to_mend(user)

    def save(self, record: Callable[[Path], None] | None, user: str, command: str = "") -> None:
        """Write what was added and corrected, all or nothing, and what is mended with it; the history says that
        `user` did so by `command`. Raises as `Book.save` does.
        """
        self.refuse_invalid()
        with self.at.locked():
            try:
                self.on_enough(lambda: self._save(record, user, command))
            except Conflict:
                # Perhaps it only seemed to be the file that is known: the next time all of it is read.
                self._cache.forget()
                raise

    def _save(self, record: Callable[[Path], None] | None, user: str, command: str) -> None:
        with self._history.warning_of_what_was_done():
            if self._history.is_behind(self.records):
                self._history.note(self._store.all_records(), self.changes)
            found = self.to_mend(user)
            with mended(self.records, self.changes, found, self.name):
                self._write(record, user, command)
            self.mended += [mending.said for mending in found]
        self.changes = Changes()
        for log in self.records.logs:
            log.originals.clear()

    def _write(self, record: Callable[[Path], None] | None, user: str, command: str) -> None:
        store = self._store
        # What is to be known of a large workbook is made ready beside the file.
        with store.indexing(self.changes) as index:
            built, refreshed = self._built()
            after = self._read_back(built)
            with phase("put the new file in its place"):
                keep = partial(keep_first_of_day, self.at, store.records.clock.now)
                formulas = {sheet: target.formulas for sheet, target in after.base.targets.items()}
                with self._history.entering(command, user, store.records, self.changes, formulas) as enter:
                    self.at.replace(
                        built.pieces, keep=keep if store.records.settings.backups else None, record=record, enter=enter
                    )
            after.base = after.base.reopened(self.at.path)
            self._store = after
            self.notices += [refreshed.said] if refreshed.said else []
            with phase("remember it"):
                after.remember(self._cache, self.at, Written(self.changes, index, built.mentions, refreshed.tracker))

    def _built(self) -> tuple[Built, Refreshed]:
        with phase("build the new file"):
            try:
                writer = self._store.begin(self.changes)
                refreshed = self._store.refresh(writer, self.changes)
                return writer.build(), refreshed
            except UnreadableWorkbook as error:
                raise type(error)(f"{self.name} cannot be changed. {with_advice(error)}") from error

    def _read_back(self, built: Built) -> Store:
        with phase("read it back"):
            try:
                return self._store.read_back(built, self.changes)
            except UnreadableWorkbook as error:
                raise CannotWrite(
                    f"{self.name} was not changed: the new file does not read back as what was entered. Open the "
                    "workbook in Excel, save it, and enter it again; if that does not help, please report it, with the "
                    "workbook's layout."
                ) from error
