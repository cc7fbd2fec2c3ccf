"""A workbook file at hand: its records, as far as they are needed, what was added and corrected and is not saved yet, and saving it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from refundbook.base.a1 import column_number
from refundbook.base.errors import CannotWrite, Conflict, InvalidWorkbook, UnreadableWorkbook
from refundbook.base.findings import Finding, Report, Severity
from refundbook.base.schema import CASES, SHEETS, Sheet
from refundbook.record import rules
from refundbook.record.entries import next_entry
from refundbook.record.mending import Mended, Mending, mendings
from refundbook.record.records import Log, Records
from refundbook.storage import tracker_sheet
from refundbook.storage.backups import keep_first_of_day
from refundbook.storage.cache_file import Cache, CacheMiss
from refundbook.storage.case_numbers import case_numbers_of
from refundbook.storage.commit import SHEET_NAMES, Amended, BaseFile, begin, ground_of, is_by_windows, read_back
from refundbook.storage.snapshot import VERSION, Snapshot, remember
from refundbook.storage.snapshot_index import Encoded, encoded
from refundbook.storage.tracker_sheet import Refreshed, TrackerState
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.forked import Forked
from refundbook.system.pieces import FileSource, Joined, Source, chunks, opened
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.writing.writer import Built, Writer

if TYPE_CHECKING:
    from refundbook.storage.load import LoadedWorkbook
    from refundbook.xlsx.reading.reader import Reader

_FEW = 20


class Session:
    """The file that a Book stands for. `at_hand` are the records in memory: all of them, or, with `known_is_enough`, the cases asked for by `fetch`.

    `ground` is what a new file is built on, `added` are the positions of new entries in the logs at hand, by sheet name, and `order` are
    these entries one by one, each with its values and its row. Raises MissingWorkbook, UnreadableWorkbook, and unless `strict` is false InvalidWorkbook.
    """

    ground: BaseFile
    at_hand: Records
    next_entry: int = 1

    def __init__(
        self, at: WorkbookFile, today: date | datetime | None, *, strict: bool = True, known_is_enough: bool = False
    ) -> None:
        self.at = at
        self.known_errors: frozenset[Finding] = frozenset()
        self.mended: list[Mended] = []
        self.notices: list[str] = []
        self._today = today
        self._is_to_save = known_is_enough
        self._cache = Cache(at.path, VERSION)
        self._source: Source | None = None
        self._known: Snapshot | None = None
        self._whole: LoadedWorkbook | None = None
        self._reader: Reader | None = None
        self._forget_changes()
        if not (known_is_enough and self._look_up()):
            self._read(strict=strict)

    @property
    def name(self) -> str:
        """What messages call the file."""
        return str(self.at.path)

    @property
    def is_partial(self) -> bool:
        """Whether only some cases are at hand."""
        return self._known is not None

    @property
    def is_changed(self) -> bool:
        return bool(self._amended) or any(self.added.values())

    def _forget_changes(self) -> None:
        self.added: dict[str, list[int]] = {name: [] for name in SHEET_NAMES}
        self._amended: set[Amended] = set()
        self.order: list[tuple[Sheet, dict[str, object], int]] = []

    def _look_up(self) -> bool:
        """Whether what is known of the file's very bytes is at hand now."""
        try:
            digest = self._cache.digest()
            self._source = self.at.open(digest, self._cache.stamp)
            self._known = Snapshot(self._cache, self._source, self.at.digest_read, self._today)
        except CacheMiss:
            self.close()
            return False
        self.ground, self.at_hand, self.next_entry = self._known.ground, self._known.records, self._known.next_entry
        return True

    def _read(self, *, strict: bool = True, added: Sequence[tuple[Sheet, dict[str, object], int]] = ()) -> None:
        from refundbook.storage.load import read_contents

        whole = read_contents(self.at.read(), self.name, self._today, added)
        ahead = self._is_to_save and whole.records is not None and whole.records.are_worth_another
        with Forked(lambda: _ground(whole).with_windows().windows, worth=ahead) as windows:
            # Who takes a workbook with its errors wants to be told of all there is to say.
            self.known_errors = whole.errors() if strict else frozenset(whole.report.errors)
            self._take(whole)
            if strict and self.known_errors:
                raise InvalidWorkbook(self.report())
            if ahead:
                self.ground = self.ground._replace(windows=windows.result())

    def _take(self, whole: LoadedWorkbook) -> None:
        """Go on with a workbook of which all is in memory."""
        self.close()
        self._forget_changes()
        # What the cells hold is in the records too; in a large workbook they need not be in memory twice.
        self._known, self._reader, self._whole = None, whole.reader, whole.without_cells()
        if whole.records is not None:
            self.at_hand, self.ground = whole.records, _ground(whole)
            self.next_entry = next_entry(whole.records.communications)

    def close(self) -> None:
        """Let go of the file. It cannot be saved any more."""
        _close(self._source)
        self._source = None

    def read_all(self, entries: int | None = None) -> None:
        """Have all records at hand, with the first `entries` of those that were added (all for None).

        Raises Conflict where the file is no longer what it was.
        """
        if self._known is None:
            return
        self._read_again(self.order[:entries])

    def _read_again(self, order: Sequence[tuple[Sheet, dict[str, object], int]], *, strict: bool = True) -> None:
        digest = self.at.digest_read
        self._read(strict=strict, added=order)
        if self.at.digest_read != digest:
            self._cache.forget()
            raise Conflict(f"{self.name} was changed by someone else since it was read. Load it again and repeat.")
        for sheet, values, row in order:
            self.add(sheet, values, row)

    def is_enough_for(self, entries: int) -> bool:
        """Whether what is known is the quicker way to enter so many: to look their cases up one by one, a tenth of all takes as long as to read all."""
        return self._known is not None and entries <= max(_FEW, self._known.count // 10)

    def fetch(self, keys: Collection[str]) -> None:
        """Have all rows of these cases at hand. Raises CacheMiss; then `read_all` has them."""
        if self._known is not None:
            self._known.fetch(keys)

    def has(self, key: str) -> bool:
        """Whether all rows of a case are at hand."""
        return self._known is None or self._known.has(key)

    @property
    def records(self) -> Records:
        """All records, with what was added. Raises InvalidWorkbook where the workbook's structure does not allow to read them."""
        self.read_all()
        assert self._whole is not None
        if self._whole.records is None:
            raise InvalidWorkbook(self._whole.report)
        return self.at_hand

    def report(self) -> Report:
        """All that the rules find in the workbook and beside it, with what was added."""
        self.read_all()
        assert self._whole is not None
        if self._whole.records is None or not self.is_changed:
            found = self._whole.report.findings
        else:
            found = (*self._whole.found_reading, *rules.check(self.at_hand))
        return Report.of(
            self.name,
            [*rules.conflict_copies(self.at.path, case_numbers_of), *rules.lost_inboxes(self.at.path), *found],
        )

    def next_row(self, sheet: Sheet) -> int:
        """The row that the next entry of a sheet goes into. Raises UnsupportedEdit."""
        return self.ground.regions[sheet.name].next_row(len(self.added[sheet.name]))

    def add(self, sheet: Sheet, values: dict[str, object], row: int) -> int:
        """Take a new entry into the records at hand; gives its position in its log."""
        position = self.at_hand.log(sheet).add(values, row)
        self.added[sheet.name].append(position)
        self.order.append((sheet, values, row))
        number = values.get("entry")
        if isinstance(number, int):
            self.next_entry = max(self.next_entry, number + 1)
        return position

    def take_back(self, count: int) -> None:
        """Undo the newest `count` calls of `add`. All records must be at hand."""
        for _ in range(count):
            sheet, _, _ = self.order.pop()
            self.at_hand.log(sheet).remove_last()
            self.added[sheet.name].pop()
        self.next_entry = next_entry(self.at_hand.communications)

    def amended(self, log: Log, position: int, name: str) -> None:
        """Take note of a cell that was corrected in the records."""
        self._amended.add((log.sheet.name, position, name))
        self.next_entry = next_entry(self.at_hand.communications)

    def refuse_invalid(self) -> None:
        """Raise InvalidWorkbook where a save is refused by what stands in the workbook."""
        if self.known_errors and self.report().errors:
            raise InvalidWorkbook(self.report())
        if self._leaves_out() and self.order and not self._amended:
            # With what was added it may be right: the case that a message lacked was entered. Without that it is an error by itself.
            self._read_again(self.order, strict=False)
            self.known_errors = frozenset()
        if self._leaves_out():
            # A warning to whoever reads, for which nothing can be written.
            found = (f for f in self.report() if f.code == rules.LEFT_OUT)
            raise InvalidWorkbook(Report.of(self.name, [f._replace(severity=Severity.ERROR) for f in found]))

    def _leaves_out(self) -> bool:
        return any(log.left_out for log in self.at_hand.logs)

    def save(self, record: Callable[[Path], None] | None, user: str) -> None:
        """Write what was added and corrected, all or nothing, and what is mended with it. Raises as `Book.save` does."""
        self.refuse_invalid()
        if any(new and self.ground.part(sheet) not in self.ground.windows for sheet, new in self.added.items()):
            self.read_all()
        with self.at.locked():
            try:
                self._save(record, user)
            except (CacheMiss, tracker_sheet.CannotUpdate):
                self.read_all()
                self._save(record, user)
            except Conflict:
                # Perhaps it only seemed to be the file that is known: the next time all of it is read.
                self._cache.forget()
                raise

    def to_mend(self, user: str) -> list[Mending]:
        """What the next save mends; what is known of a workbook that refundbook wrote itself needs nothing."""
        return [] if self._known is not None else mendings(self.at_hand, user, self.next_entry)

    @contextmanager
    def _mending(self, user: str) -> Iterator[None]:
        """Have what is to be mended so in the records for a save; as it was again, if that fails."""
        found = self.to_mend(user)
        before, amended = self.at_hand, set(self._amended)
        undo = []
        try:
            for correction in (c for mending in found for c in mending.corrections):
                sheet, position, name, value = correction
                undo.append(before.named(sheet).replace(position, name, value))
                self._amended.add((sheet, position, name))
            self._refuse_broken(found)
            yield
        except BaseException:
            for take_back in reversed(undo):
                take_back()
            self._amended = amended
            raise
        self.mended += [mending.said for mending in found]

    def _refuse_broken(self, found: Sequence[Mending]) -> None:
        """Raise InvalidWorkbook where what was mended breaks a rule."""
        at = {(c.sheet, c.position) for mending in found for c in mending.corrections}
        keys = {log.keys[position] for log in self.at_hand.logs for sheet, position in at if sheet == log.sheet.name}
        errors = rules.check(self.at_hand, self.at_hand.about(keys), rules.ERRORS) if keys else []
        if errors:
            raise InvalidWorkbook(Report.of(self.name, errors))

    def _save(self, record: Callable[[Path], None] | None, user: str) -> None:
        with self._mending(user):
            self._save_mended(record)
        self._forget_changes()

    def _save_mended(self, record: Callable[[Path], None] | None) -> None:
        keeps = self._known is None and self._cache.is_used
        logs = self.at_hand.logs
        # What is to be known of a large workbook is made ready beside the file.
        with Forked(lambda: encoded(logs), worth=keeps and self.at_hand.are_worth_another) as index:
            built, shown = self._write(record)
            if self._known is not None:
                self._note(self._known, shown)
            elif keeps:
                self._keep(built.mentions, shown, index.result())

    def notices_ahead(self) -> tuple[str, ...]:
        """What the next save will have to say."""
        self.read_all()
        ahead = self._refresh(begin(self.ground, self.at_hand, self.added, self._amended)) if self.is_changed else None
        return (ahead.said,) if ahead and ahead.said else ()

    def _write(self, record: Callable[[Path], None] | None) -> tuple[Built, TrackerState | None]:
        if self._known is None and not self._amended:
            self.ground = self.ground.with_windows()
        try:
            writer = begin(self.ground, self.at_hand, self.added, self._amended)
            tracked = self._refresh(writer)
            built = writer.build()
        except UnreadableWorkbook as error:
            raise UnreadableWorkbook(f"{self.name} cannot be changed. {error}") from error
        made = self._read_back(built)
        self.at.replace(built.pieces, keep=self._keep_backup if self.at_hand.settings.backups else None, record=record)
        self._go_on(built, made)
        self.notices += [tracked.said] if tracked.said else []
        return built, tracked.shown

    def _keep_backup(self) -> None:
        keep_first_of_day(self.at, self.at_hand.clock.now)

    def _refresh(self, writer: Writer) -> Refreshed:
        """Bring the Tracker up to date."""
        known = self._known
        if known is None:
            from refundbook.xlsx.reading.reader import Reader

            reader = self._reader or Reader(self.ground.package.archive.data)
            return tracker_sheet.refresh(reader, writer, self.at_hand, self.ground.regions[CASES.name].top)
        if known.shown is None:
            return Refreshed(None)
        new_cases = [self.at_hand.cases.rows[at] for at in reversed(self.added[CASES.name])]
        changed = {self.at_hand.log(sheet).keys[at] for sheet in SHEETS for at in self.added[sheet.name]}
        latest = chain(new_cases, known.latest_rows())
        count = known.count + len(new_cases)
        return Refreshed(
            tracker_sheet.update(known.shown, writer, self.at_hand, changed, count, latest, known.fetch_rows)
        )

    def _read_back(self, built: Built) -> BaseFile | LoadedWorkbook:
        """See that what was built reads back as what was meant, and give it, where it was read whole its contents. Raises CannotWrite."""
        if is_by_windows(self.ground, built, self.added, self._amended):
            try:
                return read_back(self.ground, built, self.at_hand, self.added)
            except UnreadableWorkbook as error:
                raise self._not_written() from error
        from refundbook.storage.load import read_contents

        fresh = read_contents(b"".join(chunks(built.pieces)), self.name, self._today)
        for log in self.at_hand.logs:
            read = fresh.records.log(log.sheet) if fresh.records else None
            if read is None or read.rows != log.rows or read.columns != log.columns:
                raise self._not_written()
        return fresh

    def _not_written(self) -> CannotWrite:
        return CannotWrite(
            f"{self.name} was not changed: the new file does not read back as what was entered. Open the workbook in Excel, save it, and "
            "enter it again; if that does not help, please report it, with the workbook's layout."
        )

    def _go_on(self, built: Built, made: BaseFile | LoadedWorkbook) -> None:
        """Go on with what was written: with what is in memory, and with what was `made` as it was read back."""
        self.known_errors = frozenset()  # with one of them left it would not have been saved
        if not isinstance(made, BaseFile):
            self._take(made)
            return
        self._reader = None
        if isinstance(self.ground.package.archive.data, Joined):
            # Another layer of pieces over those of the last save is too many.
            before, self._source = self._source, opened(self.at.path)
            _close(before)
            made = self.ground.grown(built, Package(self._source))
        self.ground = made
        if self._known is None:
            assert self._whole is not None
            self._note_formulas()
            self._whole = self._whole.unchecked()

    def _note_formulas(self) -> None:
        """A column of ours may be one that Excel calculates: then its formula was filled down into the new rows."""
        for log in self.at_hand.logs:
            name_of = {column_number(letters): name for name, letters in log.letters.items()}
            position = {log.rows[at]: at for at in self.added[log.sheet.name]}
            for row, column in self.ground.regions[log.sheet.name].formulas:
                if row in position and column in name_of:
                    log.formulas.add((position[row], name_of[column]))

    def _keep(self, mentions: frozenset[str], shown: TrackerState | None, index: Encoded) -> None:
        """Keep what is known of the whole workbook."""
        self.ground = self.ground.with_windows()._replace(mentions=mentions)
        about = self.at_hand, self.ground, shown, self.next_entry
        remember(self._cache, self.at.digest_read, self.at.stamp, index, *about)

    def _note(self, known: Snapshot, shown: TrackerState | None) -> None:
        """Keep what is new in what is known."""
        try:
            for sheet in SHEETS:
                known.added(self.at_hand.log(sheet), self.added[sheet.name])
            known.next_entry = self.next_entry
            known.saved(self.at.digest_read, self.at.stamp, self.ground, shown)
        except CacheMiss:
            # The file itself is as it must be.
            self._cache.forget()


def _ground(whole: LoadedWorkbook) -> BaseFile:
    return ground_of(whole.reader.package, whole.reader.layout, whole.grids)


def _close(source: Source | None) -> None:
    if isinstance(source, FileSource):
        source.close()
