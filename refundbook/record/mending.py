"""What a save of the whole workbook mends, and says: entries right below a Table, and case numbers in characters that
look like others.

Each mending is plain data: where, in words what was mended, and the cells that are corrected for it, in the way in
which `amend` corrects one.
"""

from __future__ import annotations

from collections.abc import Iterator

from refundbook.base.access import QUERY
from refundbook.base.identifiers import are_normal, normal, unusual_in
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.entries import Draft, fill
from refundbook.record.records import Log, Records


class Correction(NamedTuple):
    """A cell and the value that it is given: the sheet, the position in its log, and the column's name."""

    sheet: str
    position: int
    name: str
    value: object


class Mended(NamedTuple):
    """What was mended, at `cell` of a sheet, and the sentence that says so."""

    sheet: str
    cell: str
    message: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}: {self.message}"


class Mending(NamedTuple):
    """Something to mend: what is to be said of it, and the cells to correct."""

    said: Mended
    corrections: tuple[Correction, ...]


def mendings(records: Records, user: str, next_entry: int) -> list[Mending]:
    """All that is to be mended in a workbook. `user` and `next_entry` are for the cells that refundbook fills in."""
    # What a query fills, its next refresh writes as it was again.
    logs = [log for log in records.logs if log.access.filled_by != QUERY]
    found = [mending for log in logs for mending in _plainly_written(log)]
    for log in logs:
        for at in log.joined_positions:
            mending = _taken_in(records, log, at, user, next_entry)
            next_entry += any(correction.name == "entry" for correction in mending.corrections)
            found.append(mending)
    return found


def _plainly_written(log: Log) -> Iterator[Mending]:
    for column in log.sheet.columns:
        values = log[column.name] if column.names_case else []
        if are_normal([value for value in values if isinstance(value, str)]):
            continue
        for at, value in enumerate(values):
            if not isinstance(value, str) or (plain := normal(value)) == value or (at, column.name) in log.formulas:
                continue
            message = (
                f"{column.header} {quoted(plain)} was written with {', '.join(unusual_in(value))}, "
                "and is written plainly now."
            )
            said = Mended(log.sheet.name, log.address(at, column.name), message)
            yield Mending(said, (Correction(log.sheet.name, at, column.name, plain or None),))


def _taken_in(records: Records, log: Log, at: int, user: str, next_entry: int) -> Mending:
    values = {name: column[at] for name, column in log.columns.items()}
    entry = Draft(log.sheet, values.copy(), {}, {})
    fill(records, entry, user, next_entry)
    filled = [
        name
        for name, value in entry.values.items()
        if value != values[name] and (at, name) not in log.errors and (at, name) not in log.formulas
    ]
    number = quoted(normal(to_text(values["number"])))
    headers = ", ".join(log.sheet[name].header for name in filled)
    message = f"{log.sheet.pillar} {number} stood right below the table and is in it now" + (
        f"; filled in: {headers}." if headers else "."
    )
    corrections = tuple(Correction(log.sheet.name, at, name, entry.values[name]) for name in filled)
    return Mending(Mended(log.sheet.name, log.address(at, "number"), message), corrections)
