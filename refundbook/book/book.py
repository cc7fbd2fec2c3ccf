"""The public Book: a workbook that is checked when it is loaded, appended to by the rules, and saved all or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from refundbook.base.errors import EntriesRefused, InvalidWorkbook
from refundbook.base.findings import Report
from refundbook.base.scalars import plain
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Column, Kind, Sheet
from refundbook.base.settings import Settings
from refundbook.base.user import login_name
from refundbook.book.appending import append_entries, sheet_of, with_pillars
from refundbook.book.naming import expanded
from refundbook.record.entries import Entry, Given
from refundbook.record.records import Records
from refundbook.storage.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self, Unpack

    import pandas as pd

    from refundbook.book.amending import Amended
    from refundbook.book.entry_fields import (
        CaseFields,
        CommunicationFields,
        Day,
        ResolutionFields,
        Status,
        Text,
        With,
    )
    from refundbook.book.exporting import ExportResult
    from refundbook.book.history import History
    from refundbook.insights.insights import Insights
    from refundbook.record.casefile import CaseFile
    from refundbook.record.corrections import Correction
    from refundbook.record.history.reversal import Reversal
    from refundbook.record.mending import Mended
    from refundbook.views.deadlines import Deadlines


class Book:
    """A loaded workbook. Made by `load`, `create` and `edit`; as a context manager it saves on leaving, unless an
    exception passes through.
    """

    def __init__(self, session: Session, user: str | None, command: str = "") -> None:
        self._session = session
        self._is_left = False
        self._command = command
        self._user = login_name() if user is None else user

    @property
    def path(self) -> Path:
        return self._session.at.path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_left = True
        if kind is None:
            self.save()

    def __del__(self) -> None:
        # Where loading failed there is no session.
        session = getattr(self, "_session", None)
        if session is not None and session.is_changed and not self._is_left:
            import warnings

            said = f"{self.path} was dropped with entries that were not saved"
            warnings.warn(said, ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        try:
            return f"<Book {str(self.path)!r}: {len(self.records.cases)} cases>"
        except InvalidWorkbook:
            return f"<Book {str(self.path)!r}: not valid>"

    def _repr_html_(self) -> str:
        from refundbook.book.html import book_html

        return book_html(self._session)

    @property
    def records(self) -> Records:
        """The logs in memory, with what was appended. Raises InvalidWorkbook where the workbook's structure does not
        allow to read them.
        """
        return self._session.all_records()

    @property
    def settings(self) -> Settings:
        return self.records.settings

    def check(self) -> Report:
        """All that the rules find in the workbook and beside it, with what was appended and not yet saved."""
        return self._session.report()

    def append_case(self, number: Text, *, opened: Day, **fields: Unpack[CaseFields]) -> Entry:
        """Enter a case. `fields` are the Cases sheet's other columns, by parameter name (`amount=`) or header.

        Raises EntryRefused with all that is wrong, UsageError for a field that does not exist.
        """
        return self.append(CASES.pillar, {"number": number, "opened": opened, **fields})

    def append_communication(
        self, number: Text, *, date: Day, with_: With, summary: Text, **fields: Unpack[CommunicationFields]
    ) -> Entry:
        """Enter a message about a case. `due` may be a span from its date, such as `48 hrs`. Raises as `append_case`
        does.
        """
        return self.append(
            COMMUNICATIONS.pillar, {"number": number, "date": date, "with_": with_, "summary": summary, **fields}
        )

    def append_resolution(self, number: Text, *, status: Status, **fields: Unpack[ResolutionFields]) -> Entry:
        """Enter how a case stands or ended. Raises as `append_case` does."""
        return self.append(RESOLUTIONS.pillar, {"number": number, "status": status, **fields})

    def append(self, pillar: str, fields: Given) -> Entry:
        """Enter a `case`, `communication` or `resolution`. Raises as `append_case` does."""
        try:
            return self.append_many([(pillar, fields)])[0]
        except EntriesRefused as refused:
            raise refused.entries[0] from None

    def append_many(self, entries: Iterable[tuple[str, Given] | Given], pillar: str | None = None) -> list[Entry]:
        """Enter (pillar, fields) pairs, or fields alone: of one `pillar`, or each with its own under the key `pillar`.
        All or none; later ones may build on earlier ones.

        Raises EntriesRefused, which lists every refused entry with its index, UsageError for a pillar or field that
        does not exist.
        """
        session, pairs = self._session, with_pillars(entries, pillar)
        return session.on_enough(lambda: append_entries(session, pairs, self._user))

    def append_frame(self, frame: pd.DataFrame, pillar: str) -> list[Entry]:
        """Enter the rows of a DataFrame, all or none: its columns, and its index where that has a name, are headers or
        parameter names, and a blank (NaN, NaT, NA, None) is nothing. Raises as `append_many` does.
        """
        named = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
        rows = ([plain(value) for value in row] for row in named.itertuples(index=False, name=None))
        columns = [str(column) for column in named.columns]
        return self.append_many(
            [{c: value for c, value in zip(columns, row, strict=True) if value is not None} for row in rows], pillar
        )

    def add_columns(self, pillar: str, columns: Mapping[str, str]) -> None:
        """Add columns of people's own to a pillar's sheet, by header with their kind (`text`, `number` or `date`). They
        are saved with what is entered next. Raises UsageError, UnsupportedEdit.
        """
        self._session.add_columns(sheet_of(pillar), columns)

    def amend(self, which: str | int, column: str, value: object, *, pillar: str | None = None) -> Entry:
        """Correct one cell of one entry, checked like an append.

        `which` is an entry number (Communications) or a case number (its row on Cases, or with `pillar="resolution"`
        its newest resolution). `column` is a header or parameter name; a `value` of None clears the cell. Raises
        UnknownEntry, UsageError, EntryRefused, UnsupportedEdit.
        """
        return self.amend_many(which, {column: value}, pillar=pillar).entry

    def amend_many(self, which: str | int, values: Mapping[str, object], *, pillar: str | None = None) -> Amended:
        """Correct several cells of one entry, all or none, as `amend` corrects one; `values` are by header.

        What is given has the entry and, as plain data, what stood in each cell before and stands there now. Raises as
        `amend` does.
        """
        from refundbook.book.amending import amend

        return amend(self._session, which, values, pillar)

    def own_columns(self, sheet: Sheet) -> list[Column]:
        """People's own columns of a sheet, as they are filled in; those that a formula calculates are left out."""
        self._session.know_own(sheet)
        return [column for column in self.records.log(sheet).own_columns if column.kind is not Kind.FORMULA]

    def places(self, which: str | int, names: Sequence[str], *, pillar: str | None = None) -> list[str]:
        """Where the cells of an entry stand, such as `Cases!G2`. Raises UnknownEntry, UsageError."""
        from refundbook.book.amending import places

        return places(self._session, which, names, pillar)

    def number_meant(self, text: str) -> str:
        """The number of the case that a person means at the shell: one that has exactly this number, else the only one
        whose number ends so, in four characters or more; else the text as it is.

        Raises UsageError where several do.
        """
        return self._session.number_meant(text)

    def last_agent(self, number: str) -> str:
        """Who signed the newest reply from support in a case; `""` where nobody did."""
        return self._session.on_enough(lambda: self._session.records_of(number).last_agent(number))

    def undoable(self) -> Reversal:
        """What `undo` would do: the newest line of the history that a command wrote, and its changes turned round.

        Raises RulesRefuse where there is none, or something stands against it.
        """
        from refundbook.book.undoing import undoable

        return undoable(self._session)

    def undo(self, line: int | None = None) -> Reversal:
        """Undo the newest line of the history that a command wrote, or that of this number, if it is the newest.

        The workbook's lock must be held, as `refundbook.edit` does. Raises RulesRefuse as `undoable` does, EntryRefused
        where the rules refuse what would come of it, UsageError where something is not saved yet.
        """
        from refundbook.book.undoing import undo

        return undo(self._session, line)

    def key_of(self, number: str) -> str:
        """The form in which a case's number is compared with others."""
        return self._session.records.key_of(number)

    def rename(self, old: str, new: str) -> tuple[Correction, ...]:
        """Give a case another number, in all three logs and where other cases name it as related, all or nothing.

        Raises UnknownEntry where there is no such case, RulesRefuse where there is one with the new number already,
        EntryRefused, UnsupportedEdit.
        """
        from refundbook.book.amending import rename

        return rename(self._session, old, new)

    def save(
        self,
        *,
        to: str | os.PathLike[str] | None = None,
        record: Callable[[Path], None] | None = None,
        command: str = "",
    ) -> None:
        """Write what was appended and amended, all or nothing; without changes nothing is written.

        With `to` a new file is made of it, which this Book stands for from then on, and the one that was read stays as
        it is (FileExistsError where there is something already).

        The first save of a day keeps the file as it was (`refundbook.storage.backups`), unless the workbook's settings
        say otherwise. `record` is for the inbox: see `WorkbookFile.replace`. What is mended by the way is said in
        `mended`. Raises InvalidWorkbook where the workbook has errors, Busy, Conflict, CannotWrite and UnsupportedEdit
        as the file demands.
        """
        if to is not None:
            from refundbook.storage.save_as import save_as

            save_as(self._session, expanded(to), self._user, command or self._command)
        elif self._session.is_changed:
            self._session.save(record, self._user, command or self._command)

    def refuse_invalid(self) -> None:
        """Raise InvalidWorkbook where a save would be refused because of what stands in the workbook, for who does not
        save.
        """
        self._session.refuse_invalid()

    @property
    def mended(self) -> tuple[Mended, ...]:
        """What the saves of this book mended: entries right below a Table are in it now, case numbers are written in
        plain characters.
        """
        return tuple(self._session.mended)

    def notices(self, *, ahead: bool = False) -> tuple[str, ...]:
        """What whoever reads the workbook should know of its saves, or of the next one: in sentences, that the Tracker
        is not live any more, that its history could not be written.
        """
        return self._session.notices_ahead() if ahead else self._session.notices_of_saves()

    @property
    def to_mend(self) -> tuple[Mended, ...]:
        """What the next save that has something to write mends of itself."""
        return tuple(mending.said for mending in self._session.to_mend(self._user))

    @property
    def cases(self) -> pd.DataFrame:
        """The Cases sheet as a DataFrame indexed by case number, with people's own columns. Amounts are Decimal, dates
        datetime64.
        """
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

    def frame(self, table: str, *, amounts: str = "decimal") -> pd.DataFrame:
        """`cases`, `communications`, `resolutions` or `joined`, with amounts as `decimal` (Decimal objects), `float` or
        `arrow` (`decimal128(19, 4)`, which pandas, Dask and polars sum exactly; needs pyarrow). Raises UsageError.
        """
        from refundbook.views import frames, joined_frames

        if table == "joined":
            return joined_frames.joined_frame(*(self.frame(sheet.name, amounts=amounts) for sheet in SHEETS))
        sheet = frames.sheet_named(table)
        return frames.with_amounts(self._frame(sheet), sheet, amounts)

    def joined(self) -> pd.DataFrame:
        """The three as one table: a row a message, with its case and the case's newest resolution. A header that two of
        them have says whose it is: `Currency (Cases)`.
        """
        return self.frame("joined")

    def export(self, target: str | os.PathLike[str]) -> ExportResult:
        """Write the tables into a folder, a file or a database, as `Books.export` does for many workbooks. Raises
        InvalidWorkbook where the workbook breaks rules.
        """
        from refundbook.book.exporting import export_one

        return export_one(target, self.path, self.records, self.check())

    def case_file(self, number: str) -> CaseFile:
        """All that the workbook holds about one case. Raises UnknownEntry, with the nearest number, where there is
        none.
        """
        from refundbook.record.case_lookup import case_file

        session = self._session
        return session.on_enough(lambda: case_file(session.records_around(number), number))

    def due(self, within: str | None = None) -> Deadlines:
        """What is late and what is due soon, the oldest first: up to a week from today, or `within` a span or date
        such as `3d`. A list, which
        `to_frame()` makes a DataFrame. Raises BadValue.
        """
        from refundbook.record import promises
        from refundbook.views.deadlines import Deadlines

        until = None if within is None else promises.read_horizon(self.records.clock, within)
        return Deadlines(promises.due(self.records, until))

    def keep(self, entry: int, on: object = None, *, undo: bool = False) -> Entry:
        """Enter that the promise in message `entry` was kept, on a day or today, or take that back. Raises
        UnknownEntry, RulesRefuse, EntryRefused.
        """
        from refundbook.book.keeping import keep_promise

        return keep_promise(self._session, entry, on, undo=undo)

    def answered(self, number: str, on: object = None, *, undo: bool = False) -> Entry:
        """Enter that the answer in a case went to its gateway, on a day or today, which ends Respond By, or take that
        back. Raises as `keep` does, and UsageError.
        """
        from refundbook.book.keeping import answered

        return answered(self._session, number, on, undo=undo)

    @property
    def history(self) -> History:
        """Who changed what and when, newest first: by commands, and by hand in between."""
        from refundbook.book.history import History

        return History(self.path)

    @property
    def insights(self) -> Insights:
        """What the log adds up to at this moment: tables of figures by reason, month, issuer and agent."""
        from refundbook.insights.insights import Insights

        return Insights(self.records, self.path.name)

    def _frame(self, sheet: Sheet) -> pd.DataFrame:
        from refundbook.views import frames

        return frames.log_frame(self.records.log(sheet))
