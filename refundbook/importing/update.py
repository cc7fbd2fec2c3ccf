"""A report that comes again: what the workbook has is compared, not refused.

New cases and messages are entered, blank cells are filled, a changed status becomes a new resolution entry, and what
contradicts the workbook is a conflict that changes nothing. Compared is the last status that a report entered for the
case, by Source. (What trips others: threads on importing in hledger's and ledger's trackers.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from refundbook.base.amounts import read_amount
from refundbook.base.dates import day_of
from refundbook.base.errors import BadValue, EntryRefused, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, RESOLUTIONS
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.importing.log_cells import new_part
from refundbook.importing.plan import Plan, Planned, Progress, enter, enter_rest, source_of
from refundbook.importing.source_table import Problem
from refundbook.record.entries import Entry
from refundbook.record.records import Log, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from refundbook.record.entries import Appends

    class Amends(Appends, Protocol):
        """A book whose cells can be corrected, as `refundbook.Book`."""

        def amend_many(
            self, which: str | int, values: Mapping[str, object], *, pillar: str | None = None
        ) -> object: ...


_REOPENED = "Reopened"
_NOT_COMPARED = frozenset(("number", "source", "entry", "logged_at", "logged_by"))
_OF_AN_END = ("date", "amount", "currency", "method")


class Fill(NamedTuple):
    """Blank cells of a case, or of its newest resolution, to be filled from a row of the report."""

    pillar: str
    number: str
    values: Mapping[str, object]
    row: int


@dataclass(frozen=True)
class Update:
    """What a report comes to beside the workbook: `plan` are the entries that are new, `unchanged` says how many rows
    tell nothing new.
    """

    plan: Plan
    fills: tuple[Fill, ...]
    conflicts: tuple[Problem, ...]
    unchanged: int


class Updated(NamedTuple):
    """What was done: the entries, how many cells were filled, what contradicts the workbook or could not be filled, and
    the lines of the rows that were refused, with the reasons.
    """

    entries: list[Entry]
    filled: int
    conflicts: tuple[Problem, ...]
    refused: dict[int, list[str]]


def compare(plan: Plan, records: Records) -> Update:
    """A plan that was read as an update, against the workbook. Raises UsageError where that has no column Source, by
    which it is told what came in before.
    """
    for log in (records.communications, records.resolutions):
        if any(entry.pillar == log.sheet.pillar for entry in plan.entries) and (why := log.lacks("source")):
            raise UsageError(f"--update tells by the column Source what came in before, and {why}")
    return _Comparing(plan, records).compared()


def enter_update(
    book: Amends, update: Update, *, skip_refused: bool = False, progress: Progress | None = None
) -> Updated:
    """Enter what is new and fill what is blank: all or nothing, or with `skip_refused` all but the rows that something
    speaks against. Raises ImportRefused.
    """
    table = update.plan.table
    if skip_refused:
        entries, refused = enter_rest(book, update.plan, progress)
    else:
        entries, refused = enter(book, update.plan, progress), {}
    filled, conflicts = 0, list(update.conflicts)
    for fill in update.fills:
        if table.lines[fill.row] in refused:
            continue
        try:
            book.amend_many(fill.number, fill.values, pillar=fill.pillar)
            filled += len(fill.values)
        except (EntryRefused, BadValue) as wrong:
            conflicts.append(table.problem(fill.row, 0, str(wrong), fill.number))
    return Updated(entries, filled, tuple(conflicts), refused)


class _Comparing:
    def __init__(self, plan: Plan, records: Records) -> None:
        self.plan = plan
        self.records = records
        self.entries: list[Planned] = []
        self.fills: list[Fill] = []
        self.conflicts: list[Problem] = []
        self.known_messages = {value for value in records.communications["source"] if value is not None}
        self.taken: dict[tuple[object, ...], int] = {}

    def compared(self) -> Update:
        for entry in self.plan.entries:
            key = self.records.key_of(str(entry.fields["number"]))
            case = self.records.case(key)
            if entry.pillar == CASES.pillar and case is not None:
                self.fill(entry, self.records.cases, case)
            elif entry.pillar == COMMUNICATIONS.pillar and case is not None:
                self.entries += self.message(entry, key)
            elif entry.pillar == RESOLUTIONS.pillar and case is not None:
                self.entries += self.resolution(entry, key)
            else:
                self.entries.append(entry)
        told = {*(entry.row for entry in self.entries), *(fill.row for fill in self.fills)}
        lines = {problem.line for problem in (*self.conflicts, *self.plan.listed)}
        rows = {entry.row for entry in self.plan.entries} - told
        unchanged = sum(self.plan.table.lines[row] not in lines for row in rows)
        plan = replace(self.plan, entries=tuple(self.entries), new_columns=self.plan.new_columns if told else {})
        return Update(plan, tuple(self.fills), tuple(self.conflicts), unchanged)

    def conflict(self, entry: Planned, name: str, message: str) -> None:
        column = entry.columns.get(name, entry.columns["number"])
        self.conflicts.append(self.plan.table.problem(entry.row, column, message))

    # Facts

    def fill(self, entry: Planned, log: Log, at: int, names: Sequence[str] | None = None) -> None:
        """Fill the blank cells of an entry of ours; what differs is a conflict."""
        missing = {}
        for name, theirs in entry.fields.items():
            if name in _NOT_COMPARED or theirs is None or (names is not None and name not in names):
                continue
            ours = _ours(log, name, at)
            if ours is None:
                missing[name] = theirs
            elif not _is_same(ours, theirs) and _is_stated(entry, name):
                self.differs(entry, log, at, name, theirs)
        if missing:
            number = to_text(log["number"][at])
            self.fills.append(Fill(log.sheet.pillar, number, missing, entry.row))

    def differs(self, entry: Planned, log: Log, at: int, name: str, theirs: object) -> None:
        header = log.sheet[name].header if name in log.columns else name
        what = f"{header} is {quoted(to_text(theirs))} in the report"
        ours, where = _ours(log, name, at), f"{log.sheet.name}!{log.address(at, name)}"
        self.conflict(entry, name, f"{what}, and {quoted(to_text(ours))} in {where}. It was left as it is.")

    # Messages

    def message(self, entry: Planned, key: str) -> Iterator[Planned]:
        """The entry for a message that is new, or for what is new in a cell that holds a case's whole log."""
        log = self.records.communications
        at = log.by_case.get(key, ())
        if self.is_known_message(entry, key):
            self.compare_day(entry, log, at)
            return
        if self.plan.found.per_message:
            yield entry
            return
        begin = source_of(self.plan.found, "")
        sources = [str(log["source"][i]) for i in at]
        known = {source.removeprefix(begin) for source in sources if source.startswith(begin)}
        said = [to_text(log["summary"][i]) for i in at]
        text = new_part(to_text(entry.fields.get("summary")), str(entry.fields["number"]), known, said)
        if text:
            yield entry._replace(fields={**entry.fields, "summary": text})

    def compare_day(self, entry: Planned, log: Log, at: Sequence[int]) -> None:
        """A log that says the same as before, by a day on which nothing is in the workbook, is a conflict."""
        of_it = [i for i in at if log["source"][i] == entry.fields.get("source")]
        theirs = entry.fields.get("date")
        if of_it and _is_stated(entry, "date") and _day(theirs) not in {_day(log["date"][i]) for i in at}:
            self.differs(entry, log, of_it[0], "date", theirs)

    def is_known_message(self, entry: Planned, key: str) -> bool:
        """Whether a message came in before, or stands in the case already: as often as the report has it."""
        if entry.fields.get("source") in self.known_messages:
            return True
        log = self.records.communications
        said = (key, _day(entry.fields.get("date")), _folded(entry.fields.get("summary")))
        there = sum(
            log["source"][at] is None and (_day(log["date"][at]), _folded(log["summary"][at])) == said[1:]
            for at in log.by_case.get(key, ())
        )
        self.taken[said] = self.taken.get(said, 0) + 1
        return self.taken[said] <= there

    # How a case stands

    def resolution(self, entry: Planned, key: str) -> Iterator[Planned]:
        """The entry for a status that changed since the last report."""
        log, status = self.records.resolutions, str(entry.fields["status"])
        history = self.records.resolution_history(key)
        newest = history[-1] if history else None
        if newest is None:
            yield entry
            return
        last = next((log["source"][at] for at in reversed(history) if self.is_of_report(log["source"][at])), None)
        ours = str(log["status"][newest])
        is_end = status in FINAL_STATUSES
        if last is not None and _folded(last) == _folded(entry.fields.get("source")):
            if ours == status:
                self.fill(entry, log, newest, _OF_AN_END)
            return
        if ours in FINAL_STATUSES:
            yield from self.after_end(entry, log, newest, is_end=is_end)
        elif last is not None or is_end or not self.says_the_same(entry, log, newest):
            yield entry

    def after_end(self, entry: Planned, log: Log, newest: int, *, is_end: bool) -> Iterator[Planned]:
        ours, status = str(log["status"][newest]), str(entry.fields["status"])
        if is_end and ours == status:
            self.fill(entry, log, newest, _OF_AN_END)
        elif not is_end and self.is_of_report(log["source"][newest]):
            fields = {name: value for name, value in entry.fields.items() if name not in _OF_AN_END}
            yield entry._replace(fields={**fields, "status": _REOPENED})
        else:
            where = f"{log.sheet.name}!{log.address(newest, 'status')}"
            said = _word(entry)
            message = f"The report says {quoted(said)} ({status}), and {where} says {ours}. Nothing was entered."
            self.conflict(entry, "status", message)

    def is_of_report(self, source: object) -> bool:
        """Whether a resolution was entered from a report: these have a word of its status as Source."""
        return isinstance(source, str) and ": " in source

    def says_the_same(self, entry: Planned, log: Log, at: int) -> bool:
        """Whether an entry that was made by hand, or before there was a Source, says what the report does."""
        word = _folded(_word(entry))
        same_status = log["status"][at] == entry.fields["status"]
        return same_status and (word == _folded(log["status"][at]) or word in _folded(log["outcome"][at]))


def _word(entry: Planned) -> str:
    return str(entry.fields.get("source") or entry.fields["status"]).partition(": ")[2] or str(entry.fields["status"])


def _ours(log: Log, name: str, at: int) -> object:
    values = log.columns.get(name) or log.extra.get(name)
    return None if values is None else values[at]


def _is_stated(entry: Planned, name: str) -> bool:
    """Whether a value stands in the row: a constant does not, nor the day of the report for an end without a date."""
    return name in entry.columns and not (name == "date" and entry.columns[name] == entry.columns.get("status"))


def _is_same(ours: object, theirs: object) -> bool:
    if isinstance(ours, Decimal):
        return _figure(theirs) == ours
    if isinstance(ours, date) and isinstance(theirs, date):
        return ours == theirs or day_of(ours) == day_of(theirs)
    if isinstance(ours, float):
        return _figure(theirs) == Decimal(repr(ours))
    return _folded(ours) == _folded(theirs)


def _figure(value: object) -> Decimal | None:
    try:
        return read_amount("", value).figure
    except BadValue:
        return None


def _folded(value: object) -> str:
    return " ".join(to_text(value).split()).casefold()


def _day(value: object) -> object:
    return day_of(value) if isinstance(value, date) else _folded(value)
