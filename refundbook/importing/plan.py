"""Takes over another tracker: reads its rows into entries, and lists what cannot be read, with its cell. Nothing is
guessed.

`read` gives a plan and writes nothing; `enter` appends all of a plan's entries, or none, `enter_rest` those of the rows
that nothing speaks against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Protocol, TypeVar

from refundbook.base.errors import EntriesRefused
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.importing.cell_reader import Fields
from refundbook.importing.column_map import NUMBER, ImportMap, Target, refuse_lacking
from refundbook.importing.log_cells import digest_of
from refundbook.importing.own_columns import own_columns
from refundbook.importing.row_reader import Group, Place, RowReader
from refundbook.importing.source_table import ImportRefused, Problem, SourceTable
from refundbook.importing.totals import without_totals
from refundbook.record.entries import Entry
from refundbook.record.records import Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.entries import Appends


Item = TypeVar("Item")


class Progress(Protocol):
    """Goes through what is to be done, and shows how far it is."""

    def __call__(self, label: str, items: Sequence[Item], /) -> Iterable[Item]: ...


class Planned(NamedTuple):
    """One entry to append. `row` and `columns` (schema column to its place in the table) say where it was read."""

    pillar: str
    fields: Mapping[str, object]
    row: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Plan:
    """What a foreign table comes to by the map that was `found` for it. `untaken` are headers of columns that hold
    something and go nowhere; `new_columns` are those of the workbook's own that have to be made, by pillar, with
    their kinds; `listed` is what an update leaves out of rows whose other values count.
    """

    table: SourceTable
    found: ImportMap
    entries: tuple[Planned, ...]
    problems: tuple[Problem, ...]
    untaken: tuple[str, ...]
    new_columns: Mapping[Target, Mapping[str, str]] = field(default_factory=dict)
    listed: tuple[Problem, ...] = ()

    def without(self, lines: Mapping[int, Sequence[str]]) -> Plan:
        """The plan without the rows on these lines of the table, and their problems."""
        kept = tuple(entry for entry in self.entries if self.table.lines[entry.row] not in lines)
        return replace(self, entries=kept, problems=tuple(p for p in self.problems if p.line not in lines))


def enter(book: Appends, plan: Plan, progress: Progress | None = None) -> list[Entry]:
    """Append all entries of a plan; where there is a problem, or the rules refuse one, none. `progress` goes through
    them. Raises ImportRefused with every problem.
    """
    if plan.problems:
        raise ImportRefused(plan.table.source, plan.problems)
    for target, columns in plan.new_columns.items():
        known = book.records.log(BY_PILLAR[target.pillar]).own_letters
        if missing := {header: kind for header, kind in columns.items() if header not in known}:
            book.add_columns(target.pillar, missing)
    try:
        entries = [(entry.pillar, entry.fields) for entry in plan.entries]
        return book.append_many(progress("Entering", entries) if progress else entries)
    except EntriesRefused as refused:
        raise ImportRefused(plan.table.source, tuple(_refusals(book.records, plan, refused))) from refused


def enter_rest(book: Appends, plan: Plan, progress: Progress | None = None) -> tuple[list[Entry], dict[int, list[str]]]:
    """Append the entries of all rows that nothing speaks against; gives them, and the lines of the other rows, with
    what does. Raises ImportRefused where a problem is in no row.
    """
    refused: dict[int, list[str]] = {}
    rest = plan
    while True:
        try:
            return enter(book, rest, progress), refused
        except ImportRefused as error:
            if not all(problem.line in plan.table.lines for problem in error.problems):
                raise
            for problem in error.problems:
                refused.setdefault(problem.line, []).append(str(problem))
            rest = rest.without(refused)


def _refusals(records: Records, plan: Plan, refused: EntriesRefused) -> Iterator[Problem]:
    """What the rules refuse, at the cells of the foreign table."""
    for refusal in refused.entries:
        entry = plan.entries[refusal.index]
        logs = {log.sheet.name: log for log in records.logs}
        for finding in refusal.findings:
            log = logs[finding.sheet]
            letters = {letter: name for name, letter in (*log.letters.items(), *log.own_letters.items())}
            name = letters.get(finding.cell.rstrip("0123456789"), "number")
            column = entry.columns.get(name, entry.columns["number"])
            message = f"{finding.message} {finding.hint}".strip()
            yield plan.table.problem(entry.row, column, message, to_text(entry.fields.get(name)))


def read(
    table: SourceTable,
    found: ImportMap,
    records: Records,
    *,
    as_of: date | None = None,
    is_update: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """The entries in a table, as its map says, and all that cannot be read. `as_of` dates the ends that have no date.
    `is_update`: what of a status is left open is `listed` (see `RowReader`). Raises UsageError where the map names a
    column that the workbook lacks.
    """
    refuse_lacking(found, records)
    table = without_totals(table, found)
    rows = range(len(table.rows))
    own = own_columns(table, found, records)
    reader = RowReader(table, found, records, own.headers, as_of, is_update=is_update)
    groups = list(reader.groups(progress("Reading", rows) if progress else rows))
    entries = tuple(entry for group in groups for entry in _entries(reader, group))
    taken = {header for header, _ in found.places()}
    untaken = tuple(
        header
        for k, header in enumerate(table.headers)
        if header not in taken and any(to_text(row[k]).strip() for row in table.rows)
    )
    problems = (*table.problems, *reader.problems)
    blanks = (
        f"{quoted(text)} under {table.headers[k]} was read as blank." for k, text in sorted(reader.nothing.items())
    )
    table = replace(table, remarks=(*table.remarks, *blanks))
    entries = _with_sources(table, found, records, entries)
    return Plan(table, found, entries, problems, untaken, own.new, tuple(reader.listed))


def _entries(reader: RowReader, group: Group) -> Iterator[Planned]:
    for sheet in reader.pillars:
        if sheet is COMMUNICATIONS:
            for row, message in group.messages:
                yield _planned(reader, sheet.pillar, row, _dated(reader, message, group))
        elif sheet is CASES or group.fields.get(sheet.pillar):
            yield _planned(reader, sheet.pillar, group.row, group.fields.get(sheet.pillar, {}))


def _dated(reader: RowReader, message: Mapping[str, Place], group: Group) -> Mapping[str, Place]:
    """A message that nothing dates, on the day that its case was opened, and as sent: nothing says that support ever
    answered.
    """
    date_place = Target(COMMUNICATIONS.pillar, "date")
    opened = group.fields.get(CASES.pillar, {}).get("opened")
    if "date" in message or opened is None or date_place in reader.found.targets:
        return message
    return {"direction": ("Sent", *opened[1:]), **message, "date": opened}


def _planned(reader: RowReader, pillar: str, row: int, values: Mapping[str, Place]) -> Planned:
    fields: Fields = {"number": reader.number(row)}
    fields |= {t.name: value for t, value in reader.found.constants.items() if t.pillar == pillar}
    fields |= {name: value for name, (value, _, _) in values.items()}
    columns = {name: column for name, (_, _, column) in values.items()}
    return Planned(pillar, fields, row, {**columns, "number": reader.number_at})


def _with_sources(
    table: SourceTable, found: ImportMap, records: Records, entries: tuple[Planned, ...]
) -> tuple[Planned, ...]:
    """The entries, their messages with a Source by which they are known when they come again: what the cells of a row
    say that is one message, and which of those that say the same it is; of a case's row what its log says.
    """
    if "source" not in records.communications.letters:
        return entries
    digests = _digests_of_rows(table, found, entries) if found.per_message else _digests_of_logs(entries)
    return tuple(
        entry._replace(fields={"source": source_of(found, digest), **entry.fields}) if digest else entry
        for entry, digest in zip(entries, digests, strict=True)
    )


def source_of(found: ImportMap, digest: str) -> str:
    """What Source says of a message that a table had."""
    return f"{found.name}: row {digest}"


def _digests_of_logs(entries: Iterable[Planned]) -> Iterator[str]:
    for entry in entries:
        is_message = entry.pillar == COMMUNICATIONS.pillar
        yield digest_of(str(entry.fields["number"]), to_text(entry.fields.get("summary"))) if is_message else ""


def _digests_of_rows(table: SourceTable, found: ImportMap, entries: Iterable[Planned]) -> Iterator[str]:
    at = [
        table.headers.index(header)
        for header, targets in found.places()
        if any(target.pillar == COMMUNICATIONS.pillar or target.name == NUMBER.name for target in targets)
    ]
    at.sort(key=table.headers.__getitem__)
    seen: Counter[str] = Counter()
    for entry in entries:
        if entry.pillar != COMMUNICATIONS.pillar:
            yield ""
            continue
        cells = "\0".join(" ".join(to_text(table.rows[entry.row][k]).split()) for k in at)
        digest = sha256(cells.encode("utf-8", "replace")).hexdigest()[:12]
        seen[digest] += 1
        yield f"{digest}-{seen[digest]}" if seen[digest] > 1 else digest
