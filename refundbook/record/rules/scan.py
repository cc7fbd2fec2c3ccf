"""How rules look at rows and columns: those that are to be looked at, case by case, and the cells of a column that are suspect.

A large workbook holds millions of cells, and hardly any breaks a rule: so each distinct value is looked at once, and a rule's `unless` may clear a
whole column at a glance.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import wraps

from refundbook.base.dates import moment_before
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import Column, Kind
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules.declare import Find, Hit
from refundbook.record.rules.wording import shown

# Rows


def rows(log: Log, at: Positions) -> Sequence[int]:
    """The positions in `log` that are to be looked at."""
    return at.get(log.sheet.name, ())


def is_whole(log: Log, at: Positions) -> bool:
    """Whether all rows are to be looked at, so that a look at whole columns pays."""
    return log.sheet.name in at and len(at[log.sheet.name]) == len(log)


def logs_in(records: Records, at: Positions) -> list[Log]:
    """The logs that are to be looked at."""
    return [log for log in records.logs if log.sheet.name in at]


def rows_by_case(log: Log, at: Positions) -> Iterator[tuple[str, Sequence[int]]]:
    """The positions in `log` that are to be looked at, case by case; rows without a case number are left out."""
    groups = log.by_case
    if not is_whole(log, at):
        groups = {}
        for i in rows(log, at):
            groups.setdefault(log.keys[i], []).append(i)
    return ((key, group) for key, group in groups.items() if key)


def comes_before(a: date, b: date) -> bool:
    """`moment_before`, quick to say no: of two million pairs in a large workbook hardly any is out of order, and this is three times as fast."""
    if type(a) is type(b):
        return a < b and moment_before(a, b)
    # One has no time of day.
    return a.toordinal() < b.toordinal()


# Cells


class Cell(NamedTuple):
    """One cell, for a rule that looks at cells one by one."""

    records: Records
    log: Log
    position: int
    column: Column

    @property
    def value(self) -> object:
        return self.log[self.column.name][self.position]

    @property
    def at(self) -> tuple[int, str]:
        """The position and the column's name, by which a log has its marks."""
        return self.position, self.column.name

    @property
    def header(self) -> str:
        return self.column.header

    def __str__(self) -> str:
        """The header and the value, as a message begins."""
        return shown(self.log, self.position, self.column.name)

    def hit(self, message: str, hint: str, value: str | None = None) -> Hit:
        return Hit(self.log, self.position, self.column.name, message, hint, value)


FindInCell = Callable[[Cell], Hit | None]
IsOne = Callable[[Column], bool]


def each_cell(
    columns: IsOne,
    suspect: Callable[[object], bool],
    unless: Callable[[Sequence[object]], bool] | None = None,
) -> Callable[[FindInCell], Find]:
    """Make a rule on records of one on cells: those of these columns whose value is suspect. `unless` clears all values of a column at once."""

    def declare(find: FindInCell) -> Find:
        @wraps(find)
        def find_all(records: Records, at: Positions) -> Iterator[Hit]:
            for log in logs_in(records, at):
                for column in filter(columns, log.sheet.columns):
                    if unless and not _are_few(log, at) and unless(_values(log, at, column.name)):
                        continue
                    for i in suspects(log, at, column.name, suspect):
                        if hit := find(Cell(records, log, i, column)):
                            yield hit

        return find_all

    return declare


def each_marked(
    marks_of: Callable[[Log], Collection[tuple[int, str]]],
) -> Callable[[FindInCell], Find]:
    """Make a rule on records of one on cells: those that have a mark, by position and column."""

    def declare(find: FindInCell) -> Find:
        @wraps(find)
        def find_all(records: Records, at: Positions) -> Iterator[Hit]:
            for log in records.logs:
                yield from (hit for cell in marked(records, log, at, marks_of(log)) if (hit := find(cell)))

        return find_all

    return declare


def marked(records: Records, log: Log, at: Positions, marks: Collection[tuple[int, str]]) -> Iterator[Cell]:
    """The cells that are to be looked at and have a mark, in order."""
    for i in rows(log, at) if marks else ():
        yield from (Cell(records, log, i, column) for column in log.sheet.columns if (i, column.name) in marks)


def of_kind(*kinds: Kind) -> IsOne:
    """Whether a column is of one of these kinds."""
    return lambda column: column.kind in kinds


def suspects(log: Log, at: Positions, name: str, is_suspect: Callable[[object], bool]) -> Iterator[int]:
    """The positions that are to be looked at whose value in a column is suspect, in order."""
    positions, values = rows(log, at), _values(log, at, name)
    if _are_few(log, at):
        yield from (i for i, value in zip(positions, values, strict=True) if is_suspect(value))
        return
    distinct = _distinct(values)
    if kinds_of(distinct) & _NUMBERS and len(kinds_of(values) & _NUMBERS) > 1:
        # Numbers of different types can be equal, and a truth value is equal to one of them.
        yield from (i for i, value in zip(positions, values, strict=True) if is_suspect(value))
    elif found := set(filter(is_suspect, distinct)):
        yield from (i for i, value in zip(positions, values, strict=True) if value in found)


def texts_in(values: Sequence[object]) -> list[str]:
    """The texts among the values of a column: one look at them together may show that there is nothing to be found."""
    return [value for value in _distinct(values) if isinstance(value, str)]


def _values(log: Log, at: Positions, name: str) -> Sequence[object]:
    """The values of a column that are to be looked at, in order."""
    column = log[name]
    return column if is_whole(log, at) else [column[i] for i in rows(log, at)]


def _distinct(values: Sequence[object]) -> Collection[object]:
    """The values of a column, each once, unless most stand once: in the order of the rows, in which they lie in memory, they are looked at faster."""
    distinct = set(values)
    return distinct if 2 * len(distinct) < len(values) else values


_FEW = 20


def _are_few(log: Log, at: Positions) -> bool:
    """Whether only a few rows of a log are to be looked at, whose values are looked at one by one faster than together."""
    return len(rows(log, at)) <= _FEW and not is_whole(log, at)


_NUMBERS = {bool, int, float, Decimal}


def kinds_of(values: Iterable[object]) -> set[type]:
    """The types of values, without that of a blank."""
    return set(map(type, values)) - {type(None)}
