"""The inbox: entries that were made while the workbook could not be written, kept beside it until they can be entered,
each exactly once.

It is a JSON Lines file, `.refundbook/NAME.inbox.jsonl`, one entry a line with an id of its own, and is only ever
replaced whole, so that the rows of one command are kept all or none. Before entries go into the workbook, a first line
notes their ids and the name of the new workbook file that holds them, which exists by then. The rename that puts this
file in the workbook's place takes the name away. So whether the entries are in the workbook can be told after a crash
at any moment, and also when the workbook has been changed since: the name is gone, or it is not.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from refundbook.base import names
from refundbook.base.debug import debug
from refundbook.base.errors import (
    CannotWrite,
    EntryRefused,
    UnknownEntry,
    UnreadableWorkbook,
    UnsupportedEdit,
    UsageError,
)
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.own_columns import header_of
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, SHEETS, Column, Kind
from refundbook.record.column_names import are_ours, column_named
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import atomic_file, bounds
from refundbook.system.nofollow import Unfit, delete, read_file
from refundbook.system.refusals import reason
from refundbook.system.room import LEFTOVER, is_waiting, leftovers, remove

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from refundbook.record.entries import Appends, Entry

COMMAND = "inbox enter"
"""What the history calls what was entered from the inbox."""
MAX_INBOX = 64 << 20
"""Bytes of an inbox."""
_TOKEN = r"\.[0-9a-f]{16}"
"""In the name of the room of a new workbook that holds entries of the inbox (`WorkbookFile.replace`)."""
_VALUES = (str, int, float, bool, type(None))
"""What JSON holds that a cell can."""
_UNREADABLE = {"code": "", "message": "This line of the inbox cannot be read.", "hint": "Correct it there, or drop it."}


if TYPE_CHECKING:

    class OpenBook(Appends, Protocol):
        """A workbook that entries go into and that is saved, as `refundbook.Book` is."""

        @property
        def path(self) -> Path: ...
        def save(self, *, record: Callable[[Path], None] | None = None, command: str = "") -> None: ...


class Waiting(NamedTuple):
    """One entry of the inbox: its pillar and its values by header, as JSON holds them (dates in ISO 8601, amounts as
    text).

    `refused` says why the rules did not take it at the last try: dicts of `code`, `message` and `hint`. `line` is how
    it stands in the file.
    """

    id: str
    pillar: str
    fields: dict[str, object]
    refused: tuple[dict[str, str], ...] = ()
    line: str = ""

    def __str__(self) -> str:
        return f"{self.pillar} {self.fields.get(CASES['number'].header, '')}" if self.pillar else self.line


class Taken(NamedTuple):
    """What `Inbox.enter` did: the entries that are in the workbook now, and those that the rules refuse."""

    entered: list[Entry]
    refused: list[Waiting]


class _Mark(NamedTuple):
    """Which entries are about to go into the workbook, the name of the file that holds them, and the digest of the one
    it replaces.
    """

    entering: tuple[str, ...]
    new_file: str
    old_digest: str


class Inbox:
    """The inbox of the workbook at `path`. Raises CannotWrite where it cannot be written, Busy where another process
    holds it for long.
    """

    def __init__(self, path: Path) -> None:
        self._at = WorkbookFile(path)
        self.file = self._at.home / f"{self._at.path.name}{names.INBOX}"

    def entries(self) -> list[Waiting]:
        """What waits, in the order in which it was made. Nothing is written."""
        mark, waiting = self._read()
        return self._without_entered(mark, waiting)

    def add(self, entries: Sequence[Entry], given: Sequence[Mapping[str, object]]) -> None:
        """Keep entries that a workbook took in memory, all or none. `given` are the fields that each was made of."""
        new = [_waiting(entry, fields) for entry, fields in zip(entries, given, strict=True)]
        with self._locked():
            mark, waiting = self._read()
            self._write(mark, [*waiting, *new])

    def rehearse(self, book: OpenBook) -> None:
        """Append in memory what waits, as far as the rules take it, so that what comes after is checked as
        it will be.
        """
        for waiting in self.entries():
            with suppress(EntryRefused, UnsupportedEdit, UsageError):
                _append(book, waiting)

    def enter(self, book: OpenBook) -> Taken:
        """Append what waits to a workbook without unsaved changes, in order, and save it; what the rules refuse, or the
        sheet has no room for, stays with the reason.

        The workbook's lock must have been held since it was loaded, as `refundbook.edit` does. Raises what `Book.save`
        raises; then the entries are still here, and `book` must not be saved.
        """
        if not self._is_there():
            return Taken([], [])
        with self._locked():
            before = self._settle()
            entered: list[Entry] = []
            ids: list[str] = []
            left: list[Waiting] = []
            for waiting in before:
                try:
                    entered.append(_append(book, waiting))
                    ids.append(waiting.id)
                except EntryRefused as refused:
                    found = ({"code": f.code, "message": f.message, "hint": f.hint} for f in refused.findings)
                    left.append(waiting._replace(refused=tuple(found)))
                except (UnsupportedEdit, UsageError) as error:
                    left.append(waiting._replace(refused=({"code": "", "message": str(error), "hint": ""},)))
            if entered:
                mark = _Mark(tuple(ids), "", self._at.digest())
                book.save(record=lambda new: self._write(mark._replace(new_file=new.name), before), command=COMMAND)
            if left != before:
                self._write(None, left)
            return Taken(entered, left)

    def drop(self, number: int, waiting: Callable[[str], None] | None = None) -> Waiting:
        """Take the entry with this number in the list (from 1) out, for good. `waiting` is as for `refundbook.edit`.
        Raises UnknownEntry.
        """
        with self._at.locked(waiting):
            if not self._is_there():
                raise UnknownEntry("The inbox is empty.")
            with self._locked():
                left = self._settle()
                if not 1 <= number <= len(left):
                    raise UnknownEntry(
                        f"There is no entry {number} in the inbox: it holds {len(left)}. `refundbook inbox` lists them."
                    )
                dropped = left.pop(number - 1)
                self._write(None, left)
                return dropped

    def settle(self) -> None:
        """Find out what a command that was killed had entered, and note it. The workbook's lock must be held."""
        if self._is_there():
            with self._locked():
                self._settle()

    def _is_there(self) -> bool:
        # In a folder that this user may not look into there is none.
        return os.path.lexists(self.file)

    def _settle(self) -> list[Waiting]:
        mark, waiting = self._read()
        left = self._without_entered(mark, waiting)
        if mark:
            self._write(None, left)
        # Only now: the file that never took the workbook's place is the proof that it did not.
        for leftover in leftovers(self._at.path, _TOKEN):
            remove(leftover)
        return left

    def _without_entered(self, mark: _Mark | None, waiting: list[Waiting]) -> list[Waiting]:
        if mark is None or not self._was_swapped(mark):
            return waiting
        return [entry for entry in waiting if entry.id not in mark.entering]

    def _was_swapped(self, mark: _Mark) -> bool:
        if is_waiting(self._at.path.parent / mark.new_file):
            return False
        try:
            # Somebody may have deleted the new file; the workbook is then as it was.
            return self._at.digest() != mark.old_digest
        except UnreadableWorkbook:
            return True

    def _is_new_workbook(self, name: str) -> bool:
        return re.fullmatch(rf"\.{re.escape(self._at.path.name)}{_TOKEN}{re.escape(LEFTOVER)}", name) is not None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            folder = self._at.make_home()
        except OSError as error:
            raise self._cannot_write(error) from error
        with self._at.locked(by=folder / f"{self._at.path.name}.inbox.lock"):
            yield

    def _read(self) -> tuple[_Mark | None, list[Waiting]]:
        try:
            # An editor that somebody corrected a line in may have put a byte order mark in front.
            text = read_file(self.file, MAX_INBOX).decode(errors="surrogateescape").removeprefix("\ufeff")
        except (FileNotFoundError, NotADirectoryError):
            return None, []
        except Unfit as error:
            if error.filename == str(self.file):
                raise CannotWrite(f"The inbox {self.file} is not a file: move it away.") from error
            raise CannotWrite(f"The inbox {self.file} cannot be read: {reason(error)}.") from error
        except bounds.TooLarge as error:
            raise CannotWrite(f"The inbox {self.file} cannot be read: {reason(error)}. Move it away.") from error
        except OSError as error:
            raise CannotWrite(f"The inbox {self.file} cannot be read: {reason(error)}.") from error
        mark: _Mark | None = None
        waiting = []
        for line in filter(str.strip, re.split("\r?\n", text)):
            data = _object(line)
            found = self._mark(data)
            if found is None:
                waiting.append(_from_line(line, data))
            else:
                mark = found
        return mark, waiting

    def _mark(self, data: dict[str, Any]) -> _Mark | None:
        entering, name, digest = (data.get(key) for key in _Mark._fields)
        if not (isinstance(entering, list) and isinstance(name, str) and isinstance(digest, str)):
            return None
        # It is a name that gets deleted: one that refundbook did not give is none.
        if not self._is_new_workbook(name) or Path(name).name != name:
            return None
        return _Mark(tuple(map(str, entering)), name, digest)

    def _write(self, mark: _Mark | None, waiting: Sequence[Waiting]) -> None:
        lines = [_json(mark._asdict())] if mark else []
        lines += [_to_line(entry) for entry in waiting]
        try:
            if lines:
                data = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
                if len(data) > MAX_INBOX:
                    raise CannotWrite(
                        f"The inbox {self.file} would be larger than {MAX_INBOX:,} bytes. Nothing was kept there: "
                        "close the workbook, and enter what waits with `refundbook inbox enter`."
                    )
                atomic_file.write_over(self.file, data, like=self.file if self._is_there() else self._at.path)
                debug("wrote the inbox %s: %d bytes", self.file, len(data))
            else:
                delete(self.file)
                atomic_file.sync_folder(self.file.parent)
        except OSError as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: OSError) -> CannotWrite:
        return CannotWrite(f"The inbox {self.file} cannot be written: {reason(error)}. Nothing was kept there.")


def put(book: OpenBook, entries: Iterable[tuple[str, Mapping[str, object]]]) -> list[Entry]:
    """Check (pillar, fields) pairs against a workbook that cannot be written now, with what waits already, and keep
    them, all or none.

    `book` may have been loaded with `strict=False`, and must not be saved afterwards. Raises what `Book.append_many`
    raises, CannotWrite.
    """
    inbox = Inbox(book.path)
    inbox.rehearse(book)
    given: list[Mapping[str, object]] = []

    def noted() -> Iterator[tuple[str, Mapping[str, object]]]:
        for pillar, fields in entries:
            given.append(fields)
            yield pillar, fields

    taken = book.append_many(noted())
    inbox.add(taken, given)
    return taken


def _append(book: OpenBook, waiting: Waiting) -> Entry:
    sheet = BY_PILLAR.get(waiting.pillar)
    if sheet is None:
        raise UsageError(_UNREADABLE["message"])
    columns = {column.header: column for column in sheet.columns}
    fields = {
        header: _value(columns[header], value) if header in columns else value  # people's own read it by themselves
        for header, value in waiting.fields.items()
    }
    return book.append(waiting.pillar, fields)


def _waiting(entry: Entry, given: Mapping[str, object]) -> Waiting:
    """What is kept of an entry: its values as they were read, so that `today` stays the day on which it was typed."""
    sheet = next(sheet for sheet in SHEETS if sheet.name == entry.sheet)
    values = {name: value for name, value in entry.values.items() if value is not None}
    if sheet is COMMUNICATIONS and "entry" not in {
        column_named(sheet, name).name for name in given if are_ours(sheet, [name])
    }:
        # Its number is given when it is entered: until then others may take the next ones.
        values.pop("entry", None)
    return Waiting(
        os.urandom(8).hex(), sheet.pillar, {header_of(sheet, name): _plain(value) for name, value in values.items()}
    )


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _value(column: Column, value: object) -> object:
    """What `_plain` made plain; a text that somebody put there instead is left for the rules to refuse."""
    if not isinstance(value, str):
        return value
    try:
        if column.is_date:
            return date.fromisoformat(value) if len(value) == len("2023-10-26") else datetime.fromisoformat(value)
        return Decimal(value) if column.kind is Kind.MONEY else value
    except (ValueError, InvalidOperation):
        return value


def _object(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _from_line(line: str, data: dict[str, Any]) -> Waiting:
    """The entry of a line; one without a pillar where anything in it is of another kind than `_to_line` writes."""
    name, pillar, fields, refused = (data.get(key) for key in ("id", "pillar", "fields", "refused"))
    if (
        isinstance(name, str)
        and isinstance(pillar, str)
        and pillar in BY_PILLAR
        and isinstance(fields, dict)
        and all(isinstance(value, _VALUES) for value in fields.values())
        and (refused is None or _are_findings(refused))
    ):
        return Waiting(name, pillar, fields, tuple(refused or ()), line)
    return Waiting("", "", {}, (_UNREADABLE,), line)


def _are_findings(refused: object) -> bool:
    """What `Waiting.refused` holds."""
    return isinstance(refused, list) and all(
        isinstance(finding, dict) and all(isinstance(said, str) for said in finding.values()) for finding in refused
    )


def _to_line(waiting: Waiting) -> str:
    if not waiting.pillar:
        return waiting.line
    refused = {"refused": list(waiting.refused)} if waiting.refused else {}
    return _json({"id": waiting.id, "pillar": waiting.pillar, "fields": waiting.fields, **refused})


def _json(value: object) -> str:
    """One line of JSON. Half a character, and a byte that is no text, have no UTF-8 and are written as escapes."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)
