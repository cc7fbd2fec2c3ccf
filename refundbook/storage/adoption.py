"""Rows that people typed right below a Table which did not grow: which of them are meant as entries, and which of these
can be.

LibreOffice lets no Table grow. What can be an entry counts as one from then on, and is taken into the Table at the next
save; what is meant as one and cannot be is left out, and nothing is saved until that is corrected. Every other row is
none of ours, and ends what is looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence

from refundbook.base.findings import Finding
from refundbook.base.identifiers import issuer_of, normal
from refundbook.base.schema import Sheet
from refundbook.base.settings import Issuer
from refundbook.base.text import shows_nothing
from refundbook.base.values import to_text
from refundbook.record import rules
from refundbook.record.admission import errors_of
from refundbook.record.records import LeftOut, Log, Records
from refundbook.xlsx.reading.data_range import DataRange

LeftOuts = Mapping[str, Mapping[int, LeftOut]]
"""What is left out: sheet name to row to why."""

_ROUNDS = 10
"""What is left out can leave others without their case, and these others again: after so many rounds all that is left
of it goes.
"""


def with_meant(sheet: Sheet, grid: DataRange, issuers: tuple[Issuer, ...]) -> DataRange:
    """The grid with those rows right below its Table among its data that are meant as entries, down to the first that
    is not.
    """
    if not grid.below:
        return grid
    numbers = grid.below[grid.headers.index(sheet["number"].header)]
    required = [column for column in sheet.columns if column.required and column.name != "number"]
    others = [grid.below[grid.headers.index(column.header)] for column in required]
    column = grid.first_column + grid.headers.index(sheet["number"].header)
    count = 0
    for k, number in enumerate(numbers):
        is_counted = isinstance(number, (int, float)) and (grid.last_row + 1 + k, column) in grid.formulas
        is_alone = all(shows_nothing(values[k]) for values in others)
        if is_counted or not _is_meant(number, is_alone, issuers):
            break
        count += 1
    return grid.with_joined(count) if count else grid


def _is_meant(number: object, is_alone: bool, issuers: tuple[Issuer, ...]) -> bool:
    """Whether what stands in the Case Number column is meant as one: a label such as `Total` has no digit, or where it
    `is_alone` several words.
    """
    text = normal(to_text(number))
    if not re.search(r"\d", text):
        return False
    return not is_alone or " " not in text or issuer_of(text.replace(" ", ""), issuers) is not None


def settled(make: Callable[[LeftOuts], Records]) -> Records:
    """The records that `make` gives, without those rows below the Tables that break a rule or make another row break
    one.
    """
    records = make({})
    if not any(log.joined for log in records.logs):
        return records
    without = make(
        {log.sheet.name: {log.rows[at]: _left_out(log, at) for at in log.joined_positions} for log in records.logs}
    )
    keys = {log.keys[at] for log in records.logs for at in log.joined_positions}
    known = frozenset(rules.check(without, without.about(keys), rules.ERRORS))
    left: dict[str, dict[int, LeftOut]] = {log.sheet.name: {} for log in records.logs}
    for attempt in range(_ROUNDS + 1):
        below = {log.sheet.name: log.joined_positions for log in records.logs}
        found = [finding for finding in errors_of(records, below) if finding not in known]
        if not found:
            break
        for log, at, finding in _culprits(records, found, all_of_them=attempt == _ROUNDS):
            left[log.sheet.name].setdefault(log.rows[at], _left_out(log, at, finding))
        records = make(left)
    return records


def _culprits(records: Records, found: Sequence[Finding], *, all_of_them: bool) -> Iterator[tuple[Log, int, Finding]]:
    """The entries below the Tables that are at fault, and for what: those in which something is found, else all of the
    case in which it is.
    """
    by_row = {(finding.sheet, finding.row): finding for finding in reversed(found)}
    below = [(log, at) for log in records.logs for at in log.joined_positions]
    hit = [(log, at, f) for log, at in below if (f := by_row.get((log.sheet.name, log.rows[at]))) is not None]
    if hit and not all_of_them:
        yield from hit
        return
    cases = {
        log.keys[bisect_left(log.rows, f.row)]: f for f in found for log in records.logs if log.sheet.name == f.sheet
    }
    yield from (
        (log, at, cases.get(log.keys[at], found[0])) for log, at in below if all_of_them or log.keys[at] in cases
    )


def _left_out(log: Log, at: int, finding: Finding | None = None) -> LeftOut:
    number = to_text(log["number"][at])
    if finding is None:
        return LeftOut(number, "", "")
    is_own = (finding.sheet, finding.row) == (log.sheet.name, log.rows[at])
    why = finding.message if is_own else f"with it, {finding.where} breaks a rule: {finding.message}"
    return LeftOut(number, why, finding.hint)
