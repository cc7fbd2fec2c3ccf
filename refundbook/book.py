"""The public Book: a workbook that is checked when it is loaded, appended to by the rules, and saved all or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from refundbook.base.dates import day_of
from refundbook.base.errors import (
    BadValue,
    EntriesRefused,
    EntryRefused,
    InvalidWorkbook,
    RulesRefuse,
    UnknownEntry,
    UsageError,
)
from refundbook.base.findings import Finding, Report, Severity, report_html
from refundbook.base.html import ROWS, escape, fragment, more, table
from refundbook.base.identifiers import canonical
from refundbook.base.scalars import plain
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, RESOLUTIONS, TRACKER_HEADERS, Settings, Sheet
from refundbook.base.text import counted, quoted
from refundbook.base.values import to_text
from refundbook.record import rules
from refundbook.record.admission import judge
from refundbook.record.entries import (
    Draft,
    Entry,
    Given,
    column_named,
    draft,
    fill,
    keys_named,
    read_value,
    unreadable_finding,
)
from refundbook.record.mending import Mended
from refundbook.record.promises import promise_at
from refundbook.record.records import Log, Records
from refundbook.record.tracker import tracker_rows
from refundbook.storage import workbook_file
from refundbook.storage.session import Session
from refundbook.storage.template_file import template_bytes

if TYPE_CHECKING:
    import pandas as pd

    from refundbook.insights.insights import Insights
    from refundbook.record.casefile import CaseFile
    from refundbook.record.promises import Deadline

PathLike = str | os.PathLike[str]


def load(
    path: PathLike,
    *,
    strict: bool = True,
    today: date | datetime | None = None,
    user: str | None = None,
    ignore_open: bool = False,
) -> Book:
    """Read and check a workbook.

    `today` stands in for the real clock (a date means its last second), `user` for the log-in name in Logged By. With `ignore_open` it is
    saved although Excel or LibreOffice seems to have it open. Raises InvalidWorkbook where it breaks rules (not with `strict=False`),
    MissingWorkbook, UnreadableWorkbook.
    """
    return Book(Session(workbook_file.WorkbookFile(Path(path), ignore_open=ignore_open), today, strict=strict), user)


def create(path: PathLike, *, today: date | datetime | None = None, user: str | None = None) -> Book:
    """Make a workbook from the template. Raises FileExistsError where there is something already, CannotWrite where it cannot be made."""
    workbook_file.create(Path(path), template_bytes())
    return load(path, today=today, user=user)


@contextmanager
def edit(
    path: PathLike,
    *,
    today: date | datetime | None = None,
    user: str | None = None,
    waiting: Callable[[str], None] | None = None,
    ignore_open: bool = False,
) -> Iterator[Book]:
    """Load a workbook, and save it on leaving, with the lock held from before the one until after the other, so that no other process comes between.

    Of a workbook that refundbook wrote itself only the cases are read that entries are made for, until more is asked for.
    `waiting` is called with a sentence when the lock is not free at once. Raises what `load` and `Book.save` raise.
    """
    at = workbook_file.WorkbookFile(Path(path), ignore_open=ignore_open)
    at.refuse_if_missing()
    with at.locked(waiting):
        # Before anything is read and checked: whoever has it open may keep it so for hours.
        at.refuse_if_open()
        file = Session(at, today, known_is_enough=True)
        with closing(file), Book(file, user) as book:
            yield book


class Book:
    """A loaded workbook. Made by `load`, `create` and `edit`; as a context manager it saves on leaving, unless an exception passes through."""

    def __init__(self, file: Session, user: str | None) -> None:
        self._file = file
        self._user = _login_name() if user is None else user

    @property
    def path(self) -> Path:
        return self._file.at.path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.save()

    def __repr__(self) -> str:
        try:
            return f"<Book {str(self.path)!r}: {len(self.records.cases)} cases>"
        except InvalidWorkbook:
            return f"<Book {str(self.path)!r}: not valid>"

    def _repr_html_(self) -> str:

        return book_html(self)

    @property
    def records(self) -> Records:
        """The logs in memory, with what was appended. Raises InvalidWorkbook where the workbook's structure does not allow to read them."""
        return self._file.records

    @property
    def settings(self) -> Settings:
        return self.records.settings

    def check(self) -> Report:
        """All that the rules find in the workbook and beside it, with what was appended and not yet saved."""
        return self._file.report()

    def append_case(self, number: object, *, opened: object, **fields: object) -> Entry:
        """Enter a case. `fields` are the Cases sheet's other columns, by parameter name (`amount=`) or header.

        Raises EntryRefused with all that is wrong, UsageError for a field that does not exist.
        """
        return self.append(CASES.pillar, {"number": number, "opened": opened, **fields})

    def append_communication(
        self, number: object, *, date: object, with_: object, summary: object, **fields: object
    ) -> Entry:
        """Enter a message about a case. `due` may be a span from its date, such as `48 hrs`. Raises as `append_case` does."""
        return self.append(
            COMMUNICATIONS.pillar, {"number": number, "date": date, "with_": with_, "summary": summary, **fields}
        )

    def append_resolution(self, number: object, *, status: object, **fields: object) -> Entry:
        """Enter how a case stands or ended. Raises as `append_case` does."""
        return self.append(RESOLUTIONS.pillar, {"number": number, "status": status, **fields})

    def append(self, pillar: str, fields: Given) -> Entry:
        """Enter a `case`, `communication` or `resolution`. Raises as `append_case` does."""
        try:
            return self.append_many([(pillar, fields)])[0]
        except EntriesRefused as refused:
            raise refused.entries[0] from None

    def append_many(self, entries: Iterable[tuple[str, Given]]) -> list[Entry]:
        """Enter (pillar, fields) pairs, all or none. Later ones may build on earlier ones.

        Raises EntriesRefused, which lists every refused entry with its index, UsageError for a pillar or field that does not exist.
        """
        if isinstance(entries, Sequence) and self._file.is_enough_for(len(entries)):
            before = len(self._file.order)
            try:
                return self._append(entries)
            except BaseException as error:
                # What is refused, is refused by all of the workbook: only so the reason given is the whole one.
                self._file.read_all(before)
                if not isinstance(error, Exception):
                    raise
        self._file.read_all()
        return self._append(entries)

    def _append(self, entries: Iterable[tuple[str, Given]]) -> list[Entry]:
        drafts: list[tuple[Draft, int]] = []
        records = self._file.at_hand if self._file.is_partial else self.records
        try:
            for pillar, fields in entries:
                drafts.append(self._add(records, pillar, fields))
            warnings = judge(records, drafts, self._file.known_errors)
        except BaseException as error:
            if isinstance(error, UsageError):
                error.index = len(drafts)
            if not self._file.is_partial:
                self._file.take_back(len(drafts))
            raise
        return [
            Entry(entry.sheet.name, records.log(entry.sheet).rows[at], entry.values, tuple(warnings[k]))
            for k, (entry, at) in enumerate(drafts)
        ]

    def _add(self, records: Records, pillar: str, fields: Given) -> tuple[Draft, int]:
        sheet = _sheet_of(pillar)
        if self._file.is_partial:
            self._file.fetch(keys_named(records, sheet, fields))
        entry = draft(records, sheet, fields)
        self._refuse_unknown(entry)
        fill(records, entry, self._user, self._file.next_entry)
        return entry, self._file.add(sheet, entry.values, self._file.next_row(sheet))

    def _refuse_unknown(self, entry: Draft) -> None:
        """Raise LookupError where not all of the rows are at hand that an entry is judged by."""
        if not self._file.is_partial:
            return
        number = entry.values.get("number")
        key = canonical(number, self._file.at_hand.settings.issuers) if isinstance(number, str) else ""
        if not self._file.has(key) or entry.values.get("entry") is not None:
            raise LookupError(key)

    def amend(self, which: str | int, column: str, value: object, *, pillar: str | None = None) -> Entry:
        """Correct one cell of one entry, checked like an append.

        `which` is an entry number (Communications) or a case number (its row on Cases, or with `pillar="resolution"` its newest resolution).
        `column` is a header or parameter name; a `value` of None clears the cell. Raises UnknownEntry, UsageError, EntryRefused, UnsupportedEdit.
        """
        log, position = self._find(which, pillar)
        log.access.refuse_refreshed(log.sheet.name)
        target = column_named(log.sheet, column)
        what = f"{log.sheet.name}!{log.address(position, target.name)} was not changed"
        row = {name: values[position] for name, values in log.columns.items()}
        try:
            new = read_value(self.records, target, value, row)
        except BadValue as error:
            raise EntryRefused(what, (unreadable_finding(log, position, target.name, str(error)),)) from error
        return self._amend(log, position, target.name, new, what)

    def _amend(self, log: Log, position: int, name: str, value: object, what: str) -> Entry:
        records = self.records
        keys = {log.keys[position]}
        if name == "number" and isinstance(value, str):
            keys.add(records.key_of(value))

        def findings() -> list[Finding]:
            # An entry number is the one value that must not stand in another case's rows.
            return rules.check(records, None if name == "entry" else records.about(keys))

        before = set(findings())
        undo = log.replace(position, name, value)
        new = [finding for finding in findings() if finding not in before]
        errors = tuple(finding for finding in new if finding.severity is Severity.ERROR)
        if errors:
            undo()
            raise EntryRefused(what, errors)
        self._file.amended(log, position, name)
        new += rules.check(records, {log.sheet.name: [position]}, rules.ABOUT_THE_SHEET)
        values = {column: cells[position] for column, cells in log.columns.items()}
        return Entry(log.sheet.name, log.rows[position], values, tuple(new))

    def _find(self, which: str | int, pillar: str | None) -> tuple[Log, int]:
        records = self.records
        which = cast("str | int", plain(which))
        sheet = None if pillar is None else _sheet_of(pillar)
        if isinstance(which, int):
            if sheet not in (None, COMMUNICATIONS):
                raise UsageError(
                    f"An entry number belongs to {COMMUNICATIONS.name}; name a {pillar} by its case number."
                )
            entries = records.communications["entry"]
            if which not in entries:
                raise UnknownEntry(f"There is no entry {which} in {COMMUNICATIONS.name}.")
            return records.communications, entries.index(which)
        key = records.key_of(which)
        if sheet is COMMUNICATIONS:
            raise UsageError("A case may have many messages: name the one you mean by its entry number.")
        if sheet is RESOLUTIONS:
            newest = records.newest_resolution(key)
            if newest is None:
                raise UnknownEntry(f"Case {which} has no resolution.")
            return records.resolutions, newest
        case = records.case(key)
        if case is None:
            raise UnknownEntry(f"There is no case {which} in {self.path.name}.")
        return records.cases, case

    def save(self, *, record: Callable[[Path], None] | None = None) -> None:
        """Write what was appended and amended, all or nothing; without changes nothing is written.

        The first save of a day keeps the file as it was (`refundbook.storage.backups`), unless the workbook's settings say otherwise. `record` is
        for the inbox: see `WorkbookFile.replace`. What is mended by the way is said in `mended`. Raises InvalidWorkbook where the workbook has errors, Busy, Conflict, CannotWrite and UnsupportedEdit as the file demands.
        """
        if self._file.is_changed:
            self._file.save(record, self._user)

    def refuse_invalid(self) -> None:
        """Raise InvalidWorkbook where a save would be refused because of what stands in the workbook, for who does not save."""
        self._file.refuse_invalid()

    @property
    def mended(self) -> tuple[Mended, ...]:
        """What the saves of this book mended: entries right below a Table are in it now, case numbers are written in plain characters."""
        return tuple(self._file.mended)

    def notices(self, *, ahead: bool = False) -> tuple[str, ...]:
        """What whoever reads the workbook should know of its saves, or of the next one: in sentences, that the Tracker is not live any more."""
        return self._file.notices_ahead() if ahead else tuple(self._file.notices)

    @property
    def to_mend(self) -> tuple[Mended, ...]:
        """What the next save that has something to write mends of itself."""
        return tuple(mending.said for mending in self._file.to_mend(self._user))

    @property
    def cases(self) -> pd.DataFrame:
        """The Cases sheet as a DataFrame indexed by case number, with people's own columns. Amounts are Decimal, dates datetime64."""
        return self._frame(CASES)

    @property
    def communications(self) -> pd.DataFrame:
        """The Communications sheet as a DataFrame, in the order of its rows, indexed by case number."""
        return self._frame(COMMUNICATIONS)

    @property
    def resolutions(self) -> pd.DataFrame:
        """The Resolutions sheet as a DataFrame, in the order of its rows, indexed by case number."""
        return self._frame(RESOLUTIONS)

    @property
    def tracker(self) -> pd.DataFrame:
        """The Tracker as a DataFrame of its five columns, one row a case."""
        from refundbook.views import frames

        return frames.tracker_frame(self.records)

    def case_file(self, number: str) -> CaseFile:
        """All that the workbook holds about one case. Raises UnknownEntry, with the nearest number, where there is none."""
        from refundbook.record.case_lookup import case_file

        return case_file(self.records, number)

    def due(self, within: str | None = None) -> list[Deadline]:
        """What is late and what is due soon, the oldest first: up to a week from today, or `within` a span or date such as `3d`. Raises BadValue."""
        from refundbook.record import promises

        until = None if within is None else promises.read_horizon(self.records, within)
        return promises.due(self.records, until)

    def keep(self, entry: int, on: object = None) -> Entry:
        """Enter that the promise in message `entry` was kept, on a day or today. Raises UnknownEntry, RulesRefuse, EntryRefused."""

        return keep(self, entry, on)

    @property
    def insights(self) -> Insights:
        """What the log adds up to at this moment: tables of figures by reason, month, issuer and agent."""
        from refundbook.insights.insights import Insights

        return Insights(self.records, self.path.name)

    def _frame(self, sheet: Sheet) -> pd.DataFrame:
        from refundbook.views import frames

        return frames.log_frame(self.records.log(sheet))


def _sheet_of(pillar: str) -> Sheet:
    sheet = BY_PILLAR.get(pillar.strip().casefold())
    if sheet is None:
        raise UsageError(f"There is no {quoted(pillar)}: it must be one of {', '.join(BY_PILLAR)}.")
    return sheet


def _login_name() -> str:
    """The name of the user, or `""` where the system does not say."""
    import getpass

    try:
        return os.environ.get("REFUNDBOOK_USER") or getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def keep(book: Book, entry: int, on: object = None) -> Entry:
    """Enter that the promise in message `entry` was kept: on that day, or today. It is saved with the book.

    Raises UnknownEntry where there is no such entry or no promise in it, RulesRefuse where it is kept already, and what `Book.amend` raises.
    """
    entry, on = cast("int", plain(entry)), plain(on)
    log = book.records.communications
    at = log["entry"].index(entry) if entry in log["entry"] else None
    promise = None if at is None else promise_at(book.records, at)
    if at is not None and promise is None:
        raise UnknownEntry(
            f"Entry {entry} holds no promise ({COMMUNICATIONS.name}!{log.address(at, 'promise')} is empty). "
            "`refundbook due` lists the promises that are open, with their entries."
        )
    if promise and promise.kept_on is not None:
        raise RulesRefuse(
            f"The promise in entry {entry} ({promise.number}: {promise.what}) was kept on {day_of(promise.kept_on)} already. "
            f"If that day is wrong, correct {COMMUNICATIONS.name}!{log.address(at or 0, 'kept_on')} in Excel."
        )
    return book.amend(entry, "kept_on", book.records.clock.today if on is None else on)


def book_html(book: Book) -> str:
    """The workbook: what it holds, whether it is sound, and the first rows of its Tracker."""
    name = f"<p><strong>{escape(book.path.name)}</strong></p>"
    report = book.check()
    try:
        records = book.records
    except InvalidWorkbook:
        return fragment(name, report_html(report))
    held = ", ".join(counted(len(log), log.sheet.pillar) for log in records.logs)
    sound = f"{counted(len(report.errors), 'error')}, {counted(len(report.warnings), 'warning')}"
    rows = [[_cell(value) for value in row] for row in islice(tracker_rows(records), ROWS)]
    return fragment(name, f"<p>{held}; {sound}.</p>", table(TRACKER_HEADERS, rows), more(len(records.cases)))


def _cell(value: object) -> str:
    return escape(to_text(value))
