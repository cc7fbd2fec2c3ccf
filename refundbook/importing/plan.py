"""Takes over another tracker: reads its rows into entries, and lists what cannot be read, with its cell. Nothing is
guessed.

`read` gives a plan and writes nothing; `enter` appends all of a plan's entries, or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from refundbook.base.errors import BadValue, EntriesRefused
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Kind, Sheet
from refundbook.base.text import quoted
from refundbook.base.values import read as read_value
from refundbook.base.values import to_text
from refundbook.importing.cell_reader import CellReader, Fields
from refundbook.importing.column_map import REPLY, ImportMap, Target, pillars, refuse_lacking
from refundbook.importing.foreign_cells import cell_value
from refundbook.importing.source_table import ImportRefused, Problem, SourceTable
from refundbook.record.entries import Appends, Entry, known_case
from refundbook.record.records import Records

Place = tuple[object, int, int]
"""A value with the row and the column that it was read from."""

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


def enter(book: Appends, plan: Plan) -> list[Entry]:
    """Append all entries of a plan; where there is a problem, or the rules refuse one, none. Raises ImportRefused with
    every problem.
    """
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
    """The entries in a table, as its map says, and all that cannot be read. Raises UsageError where the map names a
    column that the workbook lacks.
    """
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
        self.cells = CellReader(found, records, date_1904=table.date_1904)
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
            number = read_value(column, cell_value(column, raw), self.cells.clock)
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
            return self.cells.read(target, self.table.rows[row][column])
        except BadValue:
            return None  # which is said where the row's values are taken

    def take(self, row: int, group: _Group) -> None:
        """Put the values of one row into its case."""
        values: dict[str, dict[str, Place]] = {sheet.pillar: {} for sheet in self.pillars}
        # Dates and currencies go first: a span of time such as "48 hrs" counts from its message's date, an amount is in
        # its currency.
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
        constant = self.found.constants.get(Target(target.pillar, "currency"))
        given = known["currency"][0] if "currency" in known else constant
        try:
            amount = self.cells.amount(target, self.table.rows[row][column], given, of_case)
        except BadValue as error:
            self.problem(row, column, str(error))
            return
        if amount is None:
            return
        # A sign that does not tell the currency stays with the figure, so that it is warned of when the entry is made.
        figure = f"{amount.figure:f} {amount.mark}" if amount.unsure else amount.figure
        known[target.name] = (figure, row, column)
        if amount.currency and not given:
            known["currency"] = (amount.currency, row, column)

    def value(self, row: int, column: int, target: Target, start: date | None) -> object:
        raw = self.table.rows[row][column]
        try:
            return self.cells.read(target, raw, start)
        except BadValue as error:
            hint = ""
            if target.column.choices:
                hint = f' Or say in the map what it means: [values."{target}"] {quoted(to_text(raw))} = "…".'
            self.problem(row, column, f"{error}{hint}")
            return None

    def take_tracker_cell(self, row: int, column: int, target: Target, values: dict[str, dict[str, Place]]) -> None:
        """Put the values of one cell of a Tracker into their entries."""
        pillar = (COMMUNICATIONS if target.name == REPLY else RESOLUTIONS).pillar
        raw, known = self.table.rows[row][column], values[pillar]
        try:
            if target.name == REPLY:
                opened = values.get(CASES.pillar, {}).get("opened", (None,))[0]
                fields = self.cells.reply(raw, opened, has_message=bool(known), has_summary="summary" in known)
            else:
                fields = self.cells.outcome(raw, known["status"][0] if "status" in known else None)
        except BadValue as error:
            self.problem(row, column, str(error))
            return
        for name, value in fields.items():
            if value is not None:
                known.setdefault(name, (value, row, column))

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


def _needs_another(target: Target) -> bool:
    """Whether what a column holds is read by what another one does."""
    return not target.is_tracker and (bool(target.column.counts_from) or target.column.kind is Kind.MONEY)
