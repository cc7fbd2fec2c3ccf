"""Takes over another tracker: reads its rows into entries, and lists what cannot be read, with its cell. Nothing is guessed.

`read` gives a plan and writes nothing; `enter` appends all of a plan's entries, or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from refundbook.base.amounts import Around, read_amount
from refundbook.base.clock import Clock
from refundbook.base.currencies import code_of
from refundbook.base.dates import day_of
from refundbook.base.errors import BadValue, EntriesRefused, UsageError
from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, OPEN_STATUSES, RESOLUTIONS, Kind, Sheet
from refundbook.base.text import quoted
from refundbook.base.values import read as read_value
from refundbook.base.values import to_text
from refundbook.importing.column_map import (
    REPLY,
    UNTRANSLATED,
    ImportMap,
    Target,
    folded,
    folded_value,
    is_tracker_header,
    pillars,
    refuse_lacking,
    tracker_map,
)
from refundbook.importing.foreign_cells import cell_value
from refundbook.importing.guess_map import is_known
from refundbook.importing.source_table import ImportRefused, IsHeader, Problem, SourceTable, read_table
from refundbook.record.entries import Appends, Entry, known_case
from refundbook.record.records import Records
from refundbook.record.tracker import is_mark

Fields = dict[str, object]
Place = tuple[object, int, int]
"""A value with the row and the column that it was read from."""

_REPLY = re.compile(r"(?s)(?P<date>.+?)\s*\(\s*Agent\s*:\s?(?P<agent>.*)\)\s*", re.IGNORECASE)
_OUTCOME = re.compile(r"(?s)(?P<when>.+?) [-\u2013\u2014] (?P<outcome>.*)")
_OPEN = {status.casefold(): status for status in OPEN_STATUSES}
# Words beside which a status does not say how a case ended, as in "Full refund not issued" or "Replacement promised".
_DOUBT = re.compile(
    r"(?i)\b(?:not|no|never|nor|neither|without|cannot|unable|fail(?:s|ed)?|instead|unless|if|until|await\w*|pending|request\w*|ask\w*|"
    r"promis\w*|offer\w*|propos\w*|expect\w*|will|should|may|might|refus\w*|declin\w*|reject\w*|cancel\w*|revers\w*|revok\w*|appeal\w*|\w+n['’]t)\b"
)

_ISSUER = Target(CASES.pillar, "issuer")


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry to append. `row` and `columns` (schema column to its place in the table) say where it was read."""

    pillar: str
    fields: Mapping[str, object]
    row: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Plan:
    """What a foreign table comes to. `untaken` are headers of columns that hold something and go nowhere."""

    table: SourceTable
    entries: tuple[Planned, ...]
    problems: tuple[Problem, ...]
    untaken: tuple[str, ...]


@dataclass
class _Group:
    """What the rows of one case come to: its fields by pillar, and its messages with their rows."""

    row: int
    fields: dict[str, dict[str, Place]] = field(default_factory=dict)
    messages: list[tuple[int, dict[str, Place]]] = field(default_factory=list)


def open_table(
    data: bytes, source: str, found: ImportMap | None = None, sheet: str | None = None
) -> tuple[SourceTable, ImportMap]:
    """The table in a file, and its map: `found`, or that of the five-column layout.

    Raises UsageError where it has neither that layout nor the headers of `found`, and what `read_table` raises.
    """
    if found is None:
        table = read_table(data, source, is_tracker_header, sheet)
        tracker = tracker_map(table)
        if tracker is None:
            raise UsageError(
                f"{source} does not have the Tracker's five columns. Have a first map of its columns written with "
                "--write-map map.toml, correct it, and import with --map map.toml."
            )
        return _without_marks(
            table, next(h for h, target in tracker.columns.items() if target.name == "number")
        ), tracker
    wanted = {folded(header) for header in found.columns}
    table = read_table(data, source, _is_in(wanted), sheet or found.sheet if _is_workbook(data) else sheet)
    here = {folded(header): header for header in table.headers}
    missing = [header for header in found.columns if folded(header) not in here]
    twice = [header for header in found.columns if sum(folded(h) == folded(header) for h in table.headers) > 1]
    if missing or twice:
        what = f"has no column {quoted(missing[0])}" if missing else f"has the column {quoted(twice[0])} twice"
        raise UsageError(
            f"{source} {what}, which the map names. Its columns are: {', '.join(filter(None, table.headers))}."
        )
    return table, replace(found, columns={here[folded(header)]: target for header, target in found.columns.items()})


def _without_marks(table: SourceTable, number: str) -> SourceTable:
    """A Tracker without the rows in which refundbook says that it does not show all cases."""
    at = table.headers.index(number)
    kept = [k for k, row in enumerate(table.rows) if not is_mark(row[at])]
    if len(kept) == len(table.rows):
        return table
    remark = (
        f"{table.source}: this Tracker may not show all cases of its workbook, only the open and the latest. To take over all of them, import what "
        "`refundbook tracker --format csv` prints of it."
    )
    return replace(
        table,
        rows=tuple(table.rows[k] for k in kept),
        lines=tuple(table.lines[k] for k in kept),
        remarks=(*table.remarks, remark),
    )


def open_unmapped(data: bytes, source: str, sheet: str | None = None) -> SourceTable:
    """The table in a file of which nothing is known: the one with most headers that could be guessed. Raises as `read_table` does."""
    return read_table(data, source, lambda text: is_tracker_header(text) or is_known(text), sheet)


def _is_in(wanted: set[str]) -> IsHeader:
    return lambda text: folded(text) in wanted


def _is_workbook(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def enter(book: Appends, plan: Plan) -> list[Entry]:
    """Append all entries of a plan; where there is a problem, or the rules refuse one, none. Raises ImportRefused with every problem."""
    if plan.problems:
        raise ImportRefused(plan.table.source, plan.problems)
    try:
        return book.append_many((entry.pillar, entry.fields) for entry in plan.entries)
    except EntriesRefused as refused:
        raise ImportRefused(plan.table.source, tuple(_refusals(book.records, plan, refused))) from refused


def _refusals(records: Records, plan: Plan, refused: EntriesRefused) -> Iterator[Problem]:
    """What the rules refuse, at the cells of the foreign table."""
    for refusal in refused.entries:
        entry = plan.entries[refusal.index]
        logs = {log.sheet.name: log for log in records.logs}
        for finding in refusal.findings:
            letters = {letter: name for name, letter in logs[finding.sheet].letters.items()}
            name = letters.get(finding.cell.rstrip("0123456789"), "number")
            where = plan.table.where(entry.row, entry.columns.get(name, entry.columns["number"]))
            yield Problem(where, to_text(entry.fields.get(name)), f"{finding.message} {finding.hint}".strip())


def read(table: SourceTable, found: ImportMap, records: Records) -> Plan:
    """The entries in a table, as its map says, and all that cannot be read. Raises UsageError where the map names a column that the workbook lacks."""
    refuse_lacking(found, records)
    reading = _Reading(table, found, records)
    groups = list(reading.groups())
    entries = tuple(entry for group in groups for entry in reading.entries(group))
    untaken = tuple(
        header
        for k, header in enumerate(table.headers)
        if header not in found.columns and any(to_text(row[k]).strip() for row in table.rows)
    )
    return Plan(table, entries, (*table.problems, *reading.problems), untaken)


class _Reading:
    def __init__(self, table: SourceTable, found: ImportMap, records: Records) -> None:
        self.table = table
        self.found = found
        self.records = records
        self.currencies = tuple(map(code_of, records.settings.lists["Currencies"]))
        clock = records.clock
        self.clock = clock if found.day_first is None else Clock(clock.now, clock.zone, found.day_first)
        self.problems: list[Problem] = []
        self.places = [(table.headers.index(header), target) for header, target in found.columns.items()]
        self.number_at = next(k for k, target in self.places if target.name == "number")
        self.pillars = pillars(found)
        self.issuer_at = next((place for place in self.places if place[1] == _ISSUER), None)

    def problem(self, row: int, column: int, message: str) -> None:
        value = to_text(self.table.rows[row][column])
        self.problems.append(Problem(self.table.where(row, column), value, message))

    # Rows

    def groups(self) -> Iterator[_Group]:
        """The rows by case, in the order of the table."""
        found: list[_Group] = []
        by_case: dict[str, _Group] = {}
        for row in range(len(self.table.rows)):
            number = self.number(row)
            if number is None:
                continue
            key = self.records.case_keys.of_case(number, self.issuer(row))
            known = by_case.get(key)
            if known and CASES in self.pillars and not self.found.per_message:
                where = self.table.where(known.row, self.number_at)
                self.problem(
                    row,
                    self.number_at,
                    f"Case Number {number} stands at {where} already: a case has one row. Put the rows together.",
                )
                continue
            group = known if known and self.found.per_message else _Group(row)
            if group is not known:
                found.append(group)
                by_case.setdefault(key, group)
            self.take(row, group)
        yield from found

    def number(self, row: int) -> str | None:
        column = CASES["number"]
        raw = self.table.rows[row][self.number_at]
        if CASES not in self.pillars and (known := known_case(self.records, raw)) is not None:
            return known
        try:
            number = read_value(column, cell_value(column, raw), self.clock)
        except BadValue as error:
            self.problem(row, self.number_at, str(error))
            return None
        if number is None:
            self.problem(row, self.number_at, "The row has no case number. Write it down, or take the row out.")
        return number if isinstance(number, str) else None

    def issuer(self, row: int) -> object:
        """Who gave the case of a row its number, as far as the table or the map says."""
        if self.issuer_at is None:
            return self.found.constants.get(_ISSUER)
        column, target = self.issuer_at
        try:
            return self.read(target, self.table.rows[row][column])
        except BadValue:
            return None  # which is said where the row's values are taken

    def take(self, row: int, group: _Group) -> None:
        """Put the values of one row into its case."""
        values: dict[str, dict[str, Place]] = {sheet.pillar: {} for sheet in self.pillars}
        # Dates and currencies go first: a span of time such as "48 hrs" counts from its message's date, an amount is in its currency.
        for column, target in sorted(self.places, key=lambda place: _needs_another(place[1])):
            if not target.is_tracker and target.name != "number":
                self.take_cell(row, column, target, values)
        for column, target in self.places:
            if target.is_tracker:
                self.take_tracker_cell(row, column, target, values)
        message = values.pop(COMMUNICATIONS.pillar, {})
        if message:
            group.messages.append((row, message))
        for pillar, found in values.items():
            known = group.fields.setdefault(pillar, {})
            for name, (value, _, column) in found.items():
                first = known.setdefault(name, (value, row, column))
                if first[0] != value:
                    where = self.table.where(first[1], first[2])
                    self.problem(
                        row,
                        column,
                        f"It differs from {where}, which is about the same case. Correct the one or the other.",
                    )

    def take_cell(self, row: int, column: int, target: Target, values: dict[str, dict[str, Place]]) -> None:
        """Put the value of one cell into its entry."""
        known = values[target.pillar]
        if target.column.kind is Kind.MONEY:
            self.take_amount(row, column, target, values)
            return
        start = known.get(target.column.counts_from, (None,))[0]
        value = self.value(row, column, target, start if isinstance(start, date) else None)
        if value is not None:
            known[target.name] = (value, row, column)

    def take_amount(self, row: int, column: int, target: Target, values: dict[str, dict[str, Place]]) -> None:
        """Put an amount into its entry, and into the entry's blank currency what a sign beside the amount means."""
        known, of_case = values[target.pillar], values.get(CASES.pillar, {}).get("currency", (None,))[0]
        raw = cell_value(target.column, self.translated(target, self.table.rows[row][column]))
        if _is_blank(raw):
            return
        constant = self.found.constants.get(Target(target.pillar, "currency"))
        given = known["currency"][0] if "currency" in known else constant
        around = Around(code_of(given), code_of(of_case), self.currencies)
        try:
            amount = read_amount(target.column.header, raw, around, decimal=self.found.decimal or "")
        except BadValue as error:
            self.problem(row, column, str(error))
            return
        # A sign that does not tell the currency stays with the figure, so that it is warned of when the entry is made.
        figure = f"{amount.figure:f} {amount.mark}" if amount.unsure else amount.figure
        known[target.name] = (figure, row, column)
        if amount.currency and not given:
            known["currency"] = (amount.currency, row, column)

    def value(self, row: int, column: int, target: Target, start: date | None) -> object:
        raw = self.table.rows[row][column]
        try:
            return self.read(target, raw, start)
        except BadValue as error:
            hint = ""
            if target.column.choices:
                hint = f' Or say in the map what it means: [values."{target}"] {quoted(to_text(raw))} = "…".'
            self.problem(row, column, f"{error}{hint}")
            return None

    def read(self, target: Target, raw: object, start: date | None = None) -> object:
        """A value for a column of the schema. Raises BadValue."""
        column = target.column
        raw = self.translated(target, raw)
        if column.is_date and isinstance(raw, str) and raw.strip() and self.found.date_format:
            raw = _by_format(column.header, raw, self.found.date_format)
        if column.kind is not Kind.DATE:
            return read_value(column, cell_value(column, raw, date_1904=self.table.date_1904), self.clock, start=start)
        # A time of day is certain to lie on its day, and other trackers often have one.
        raw = cell_value(column, raw, date_1904=self.table.date_1904)
        moment = read_value(column._replace(kind=Kind.MOMENT), raw, self.clock, start=start)
        return day_of(moment) if isinstance(moment, date) else moment

    def translated(self, target: Target, raw: object) -> object:
        """A value as the map translates it, or as it is."""
        found = self.found.values.get(target, {}).get(folded_value(to_text(raw)), UNTRANSLATED)
        return raw if found == UNTRANSLATED else found

    # The Tracker's cells that hold several values

    def take_tracker_cell(self, row: int, column: int, target: Target, values: dict[str, dict[str, Place]]) -> None:
        try:
            if target.name == REPLY:
                pillar, fields = COMMUNICATIONS.pillar, self.reply(row, column, values)
            else:
                pillar, fields = RESOLUTIONS.pillar, self.outcome(row, column, values[RESOLUTIONS.pillar])
        except BadValue as error:
            self.problem(row, column, str(error))
            return
        for name, value in fields.items():
            if value is not None:
                values[pillar].setdefault(name, (value, row, column))

    def reply(self, row: int, column: int, values: Mapping[str, Mapping[str, Place]]) -> Fields:
        """Date and agent of the last reply, such as `2023-10-28 (Agent: Maya)`.

        Without a reply the messages are dated on the day that the case was opened, and count as sent: nothing says that support ever answered.
        """
        raw = self.table.rows[row][column]
        message = values[COMMUNICATIONS.pillar]
        support = COMMUNICATIONS["with_"].choices[0]
        if _is_blank(raw):
            opened = values.get(CASES.pillar, {}).get("opened", (None,))[0]
            return {"date": opened, "with_": support, "direction": "Sent"} if message else {}
        match = _REPLY.fullmatch(raw) if isinstance(raw, str) else None
        day = self.read(Target(COMMUNICATIONS.pillar, "date"), match["date"] if match else raw)
        if "summary" not in message:
            raise BadValue("There is a reply, but no summary of what was said. Write one in a few words.")
        return {"date": day, "with_": support, "direction": "Received", "agent": match["agent"] if match else None}

    def outcome(self, row: int, column: int, known: Mapping[str, Place]) -> Fields:
        """Status, date and outcome, such as `2023-10-30 - Full refund issued to card.`, `Pending - Awaiting return shipment scan.` or `Reopened`."""
        raw = self.table.rows[row][column]
        if _is_blank(raw):
            return {}
        match = _OUTCOME.fullmatch(raw) if isinstance(raw, str) else None
        when = match["when"] if match else raw
        outcome = match["outcome"] if match else None
        if isinstance(when, str) and (is_open := _OPEN.get(when.strip().casefold())):
            return {"status": is_open, "outcome": outcome}
        day = self.read(Target(RESOLUTIONS.pillar, "date"), when)
        status = known["status"][0] if "status" in known else status_in_words(outcome or "")
        if status is None:
            raise BadValue(
                f"It does not say for certain how the case ended: begin what follows the date with one of {', '.join(FINAL_STATUSES)}, "
                f"as in {day} - {FINAL_STATUSES[-2]}: … If it is still open, write {' or '.join(OPEN_STATUSES)} in place of the date."
            )
        return {"status": status, "date": day, "outcome": outcome}

    # Entries

    def entries(self, group: _Group) -> Iterator[Planned]:
        for sheet in self.pillars:
            if sheet is COMMUNICATIONS:
                for row, message in group.messages:
                    yield self.planned(sheet, row, message)
            elif group.fields.get(sheet.pillar) or sheet is CASES:
                yield self.planned(sheet, group.row, group.fields.get(sheet.pillar, {}))

    def planned(self, sheet: Sheet, row: int, values: Mapping[str, Place]) -> Planned:
        number = self.number(row)
        fields: Fields = {"number": number}
        fields |= {t.name: value for t, value in self.found.constants.items() if t.pillar == sheet.pillar}
        fields |= {name: value for name, (value, _, _) in values.items()}
        columns = {name: column for name, (_, _, column) in values.items()}
        return Planned(sheet.pillar, fields, row, {**columns, "number": self.number_at})


def status_in_words(text: str) -> str | None:
    """The final status that a text names, where it names one and no other, and no word in it casts doubt on that; else None."""
    named = [status for status in FINAL_STATUSES if re.search(rf"(?i)\b{status.replace(' ', r'[ -]')}\b", text)]
    return named[0] if len(named) == 1 and not _DOUBT.search(text) else None


def _needs_another(target: Target) -> bool:
    """Whether what a column holds is read by what another one does."""
    return not target.is_tracker and (bool(target.column.counts_from) or target.column.kind is Kind.MONEY)


def _is_blank(raw: object) -> bool:
    return isinstance(raw, str) and not raw.strip()


def _by_format(header: str, text: str, form: str) -> object:
    try:
        return datetime.strptime(text.strip(), form)
    except ValueError:
        raise BadValue(f"{header} {quoted(text)} is not a date of the form {form} that the map gives.") from None
