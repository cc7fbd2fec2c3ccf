"""Reads the rows of a foreign table as its map says, into what each case comes to. Nothing is guessed: what cannot be
read is a problem at its cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from refundbook.base.errors import BadValue
from refundbook.base.schema import CASES, COMMUNICATIONS, FINAL_STATUSES, OPEN_STATUSES, RESOLUTIONS, Kind
from refundbook.base.text import is_blank, one_line, quoted
from refundbook.base.values import read as read_value
from refundbook.base.values import to_text
from refundbook.importing.cell_reader import CellReader
from refundbook.importing.column_cells import says_nothing, split
from refundbook.importing.column_map import OWN, REPLY, STATUS, UNTRANSLATED, ImportMap, Target, folded_value, pillars
from refundbook.importing.foreign_cells import cell_value
from refundbook.importing.source_table import Problem, SourceTable
from refundbook.importing.status_words import meaning_of
from refundbook.record.entries import known_case
from refundbook.record.records import Records
from refundbook.xlsx.reading.shown_numbers import ShownNumber

Place = tuple[object, int, int]
"""A value with the row and the column that it was read from."""

Values = dict[str, dict[str, Place]]
"""What a row comes to: by pillar, the values of its entry by the names of their columns."""

_ISSUER = Target(CASES.pillar, "issuer")


@dataclass
class Group:
    """What the rows of one case come to: its fields by pillar, and its messages with their rows."""

    row: int
    fields: Values = field(default_factory=dict)
    messages: list[tuple[int, dict[str, Place]]] = field(default_factory=list)


class RowReader:
    """`as_of` is the day that dates an end without a date. Own columns are named in the values by their headers in the
    workbook (`own`: by their headers in the table).

    With `is_update` words of a status that the map does not name are read as in a first guess. What is then left open,
    and ends without a date, are `listed`, and the row's other values count.
    """

    def __init__(
        self,
        table: SourceTable,
        found: ImportMap,
        records: Records,
        own: Mapping[Target, Mapping[str, str]],
        as_of: date | None,
        *,
        is_update: bool = False,
    ) -> None:
        self.table = table
        self.found = found
        self.records = records
        self.own = own
        self.as_of = as_of
        self.is_update = is_update
        self.listed: list[Problem] = []
        self.cells = CellReader(found, records, date_1904=table.date_1904)
        self.problems: list[Problem] = []
        # By columns of dates, figures and numbers, the first cell of each that was read as blank, such as N/A.
        self.nothing: dict[int, str] = {}
        self.places = [(table.headers.index(header), targets) for header, targets in found.places()]
        self.columns = {target: k for k, targets in reversed(self.places) for target in targets}
        self.numbers: dict[int, str | None] = {}
        self.number_at, self.number_targets = next(
            place for place in self.places if any(t.name == "number" for t in place[1])
        )
        self.pillars = pillars(found)
        # Dates and currencies go first: a span of time such as "48 hrs" counts from its message's date, an amount is in
        # its currency, and a cell of a Tracker is read by all others.
        self.last = {t for _, targets in self.places for t in targets if t.is_tracker or _needs_another(t)}
        has_tracker_cells = any(target.is_tracker for target in self.last)
        self.blank_means_nothing = not has_tracker_cells and not any("" in said for said in found.values.values())
        self.issuer_at = next((k for k, targets in self.places if targets == (_ISSUER,)), None)

    def problem(self, row: int, column: int, message: str) -> None:
        self.problems.append(self.table.problem(row, column, message))

    def _leave_out(self, row: int, column: int, message: str) -> None:
        """Something that an update lists, and that keeps an import from being made."""
        (self.listed if self.is_update else self.problems).append(self.table.problem(row, column, message))

    def groups(self, rows: Iterable[int]) -> Iterator[Group]:
        """The rows by case, in the order of the table."""
        found: list[Group] = []
        by_case: dict[str, Group] = {}
        for row in rows:
            number = self.number(row)
            if number is None:
                continue
            key = self.records.case_keys.of_case(number, self.issuer(row))
            known = by_case.get(key)
            if known and self.is_repeated(row, known):
                continue
            if known and CASES in self.pillars and not self.found.per_message:
                where = self.table.where(known.row, self.number_at)
                self.problem(
                    row,
                    self.number_at,
                    f"Case Number {number} stands at {where} already: a case has one row. Put the rows together.",
                )
                continue
            group = known if known and self.found.per_message else Group(row)
            if group is not known:
                found.append(group)
                by_case.setdefault(key, group)
            self._take(row, group)
        yield from found

    def is_repeated(self, row: int, known: Group) -> bool:
        """Whether a report says the same of a case twice."""
        is_same = self.table.rows[known.row] == self.table.rows[row]
        return is_same and self.is_update and not self.found.per_message

    def number(self, row: int) -> str | None:
        """The number of a row's case; None, with a problem, where there is none."""
        if row not in self.numbers:
            self.numbers[row] = self._read_number(row)
        return self.numbers[row]

    def _read_number(self, row: int) -> str | None:
        column = CASES["number"]
        raw = self._number_cell(row)
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

    def _number_cell(self, row: int) -> object:
        """What stands for the number of a row's case: its part of a cell that holds several values."""
        raw, targets = self.table.rows[row][self.number_at], self.number_targets
        pieces = split(raw, len(targets)) if len(targets) > 1 and isinstance(raw, str) else None
        return pieces[[target.name for target in targets].index("number")] if pieces else raw

    def issuer(self, row: int) -> object:
        """Who gave the case of a row its number, as far as the table or the map says."""
        if self.issuer_at is None:
            return self.found.constants.get(_ISSUER)
        try:
            return self.cells.read(_ISSUER, self.table.rows[row][self.issuer_at])
        except BadValue:
            return None  # which is said where the row's values are taken

    # One row

    def _take(self, row: int, group: Group) -> None:
        """Put the values of one row into its case."""
        values = self._values(row)
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

    def _values(self, row: int) -> Values:
        values: Values = {sheet.pillar: {} for sheet in self.pillars}
        last: list[tuple[int, Target, object]] = []
        cells = self.table.rows[row]
        for column, targets in self.places:
            raw = cells[column]
            if (raw == "" or is_blank(raw)) and self.blank_means_nothing:
                continue
            for target, part in ((targets[0], raw),) if len(targets) == 1 else self._parts(row, column, targets):
                if target in self.last:
                    last.append((column, target, part))
                elif target.name == OWN:
                    self._take_own(row, column, target, part, values)
                elif target.name != "number":
                    self._take_cell(row, column, target, part, values)
        for column, target, raw in sorted(last, key=_is_tracker) if len(last) > 1 else last:
            if target.is_tracker:
                self._take_tracker_cell(row, column, target, raw, values)
            else:
                self._take_cell(row, column, target, raw, values)
        if RESOLUTIONS.pillar in values:
            self._settle_end(row, values[RESOLUTIONS.pillar])
        return values

    def _parts(self, row: int, column: int, targets: Sequence[Target]) -> Iterator[tuple[Target, object]]:
        """The places of a cell's several values, with what goes to each."""
        raw = self.table.rows[row][column]
        if not isinstance(raw, str) or is_blank(raw):
            yield from ((target, raw) for target in targets if not _fills_with_amount(target, targets))
            return
        wanted = [target for target in targets if not target.is_own and not _fills_with_amount(target, targets)]
        yield from ((target, raw) for target in targets if target.is_own)
        pieces = None if len(wanted) == 1 and not wanted[0].column.is_text else split(raw, len(targets))
        if pieces is not None and len(wanted) + sum(target.is_own for target in targets) == len(targets):
            yield from ((target, piece) for target, piece in zip(targets, pieces, strict=True) if target in wanted)
        elif len(wanted) == 1:
            yield wanted[0], raw
        elif wanted:
            self.problem(
                row,
                column,
                f"{quoted(raw)} is to be split over {' and '.join(map(str, targets))}, and has not so many parts: "
                "write them with / between, or give the column one place in the map.",
            )

    def _take_own(self, row: int, column: int, target: Target, raw: object, values: Values) -> None:
        header = self.own.get(target, {}).get(self.table.headers[column])
        if header and to_text(raw).strip() and target.pillar in values:
            values[target.pillar][header] = (_as_text(raw), row, column)

    def _take_cell(self, row: int, column: int, target: Target, raw: object, values: Values) -> None:
        """Put the value of one cell into its entry."""
        known = values[target.pillar]
        if _is_of_values(target) and says_nothing(raw):
            self.nothing.setdefault(column, to_text(raw).strip())
            return
        if target.column.kind is Kind.MONEY:
            self._take_amount(row, column, target, raw, values)
            return
        if target == STATUS:
            self._take_status(row, column, raw, known)
            return
        start = known.get(target.column.counts_from, (None,))[0]
        value = self._value(row, column, target, raw, start if isinstance(start, date) else None)
        if value is not None:
            known[target.name] = (value, row, column)

    def _take_status(self, row: int, column: int, raw: object, known: dict[str, Place]) -> None:
        """Put a status into its entry, with Source, by which the next report is compared. What the word means may
        depend on the outcome beside it.
        """
        word = " ".join(to_text(raw).split())
        outcome_at = self._column_of(Target(RESOLUTIONS.pillar, "outcome"))
        outcome = "" if outcome_at is None else " ".join(to_text(self.table.rows[row][outcome_at]).split())
        said = self.found.values.get(STATUS, {})
        if outcome and said.get(folded_value(f"{word}: {outcome}"), UNTRANSLATED) != UNTRANSLATED:
            word = f"{word}: {outcome}"
        value: object = said.get(folded_value(word), UNTRANSLATED)
        if value == UNTRANSLATED and self.is_update and word:
            value = meaning_of(word).status
            if not value:
                self._leave_out(row, column, f"{quoted(word)}: {meaning_of(word).question} {_say(word)}")
        elif value == UNTRANSLATED:
            value = self._value(row, column, STATUS, raw, None)
        if value:
            known["status"] = (value, row, column)
            if "source" in self.records.resolutions.letters:
                known["source"] = (f"{self.found.name}: {word}", row, column)

    def _take_amount(self, row: int, column: int, target: Target, raw: object, values: Values) -> None:
        """Put an amount into its entry, and into the entry's blank currency what a sign beside the amount means."""
        known, of_case = values[target.pillar], values.get(CASES.pillar, {}).get("currency", (None,))[0]
        constant = self.found.constants.get(Target(target.pillar, "currency"))
        given = known["currency"][0] if "currency" in known else constant
        try:
            amount = self.cells.amount(target, raw, given, of_case)
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

    def _value(self, row: int, column: int, target: Target, raw: object, start: date | None) -> object:
        try:
            return self.cells.read(target, raw, start)
        except BadValue as error:
            hint = ""
            if target.column.choices:
                hint = f' Or say in the map what it means: [values."{target}"] {quoted(to_text(raw))} = "…".'
                hint += f" {_say(to_text(raw))}" if target == STATUS else ""
            self.problem(row, column, f"{error}{hint}")
            return None

    def _take_tracker_cell(self, row: int, column: int, target: Target, raw: object, values: Values) -> None:
        """Put the values of one cell of a Tracker into their entries."""
        known = values[(COMMUNICATIONS if target.name == REPLY else RESOLUTIONS).pillar]
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

    # How a case stands

    def _settle_end(self, row: int, known: dict[str, Place]) -> None:
        """Keep the word of a status that was translated, and see that an end has its day, and what is open has none."""
        if (status_at := self._column_of(STATUS)) is None:
            return
        if "status" not in known:
            if self.is_update:
                known.clear()
            return
        status = known["status"][0]
        _keep_word(known, self.table.rows[row][status_at], status_at)
        date_at = self._column_of(Target(RESOLUTIONS.pillar, "date"))
        if status in OPEN_STATUSES and date_at is not None and len(dict(self.places)[date_at]) > 1:
            known.pop("date", None)  # it is kept as it was, in a column of its own
        if status in FINAL_STATUSES and "date" not in known and not self._has_constant_date:
            self._date_end(row, status_at, known)

    @property
    def _has_constant_date(self) -> bool:
        return Target(RESOLUTIONS.pillar, "date") in self.found.constants

    def _date_end(self, row: int, status_at: int, known: dict[str, Place]) -> None:
        status = known["status"][0]
        if self.as_of is None:
            what = f"The case ended ({status}), and nothing says when. Give its day"
            self._leave_out(row, status_at, f"{what}, or the day of the table for all such: --as-of 2024-01-31.")
            if self.is_update:
                known.clear()
            return
        known["date"] = (self.as_of, row, status_at)
        said = f"Ended by {self.as_of}, the day of {self.table.source}."
        outcome = known.get("outcome")
        known["outcome"] = (f"{outcome[0]} ({said})" if outcome else said, row, status_at)

    def _column_of(self, target: Target) -> int | None:
        return self.columns.get(target)


def _say(word: str) -> str:
    return f'(--set-status "{one_line(word)}=…" says it.)'


def _as_text(raw: object) -> str:
    """What goes into a column of the workbook's own, which reads it for what it is."""
    return raw.text if isinstance(raw, ShownNumber) else to_text(raw)


def _is_tracker(cell: tuple[int, Target, object]) -> bool:
    return cell[1].is_tracker


def _needs_another(target: Target) -> bool:
    """Whether what a column holds is read by what another one does."""
    return not target.is_own and (bool(target.column.counts_from) or target.column.kind is Kind.MONEY)


def _is_of_values(target: Target) -> bool:
    """Whether a column holds dates, figures, codes or numbers, so that a word such as N/A is none of them."""
    column = target.column
    return column.is_date or column.kind in (Kind.MONEY, Kind.IDENTIFIER) or column.name == "currency"


def _fills_with_amount(target: Target, targets: Sequence[Target]) -> bool:
    """Whether a place is filled by the sign that stands beside an amount of the same cell."""
    return target.name == "currency" and Target(target.pillar, "amount") in targets


def _keep_word(known: dict[str, Place], raw: object, column: int) -> None:
    """Have the word that a status was given by in the outcome, where it is another than the status."""
    word = " ".join(to_text(raw).split())
    if not word or word.casefold() == str(known["status"][0]).casefold():
        return
    row = known["status"][1]
    outcome = known.get("outcome")
    if outcome is None:
        known["outcome"] = (word, row, column)
    elif word.casefold() not in str(outcome[0]).casefold():
        known["outcome"] = (f"{word} - {outcome[0]}", outcome[1], outcome[2])
