"""What the rows of a workbook were at a line of its history, and which changes lead from there to the rows of today.

A row is followed by what it is (its case number, its entry number), and where that was changed too, by what else it
still says; where it stands on its sheet does not matter.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from refundbook.base.schema import COMMUNICATIONS, SHEETS
from refundbook.record.history.cells import FORMULA, Plain, Row, canonical, formula_text, is_formula, is_own, number_of
from refundbook.record.history.chain import Change, Line
from refundbook.record.history.formulas import is_same_formula

Rows = Mapping[str, Sequence[Row]]
"""The rows of the logs, by pillar."""

_Paired = tuple[list[tuple[Row, Row]], list[Row], list[Row]]
"""Pairs of an old row and a new one, and the old and the new rows that are left."""

_COMMON = 50
"""A value that stands in more rows than this tells none from another."""


def effective(lines: Sequence[Line], number: int) -> list[Line]:
    """Those of the lines up to a number that lead to the state after it, in order: where the workbook went back to what
    it was at an earlier line, what came between is no part of it.
    """
    found = []
    while number > 0:
        line = lines[number - 1]
        found.append(line)
        number = int(line.header.get("as_of", number - 1))
    return found[::-1]


def line_with(lines: Sequence[Line], digest: str) -> int:
    """The newest line after which the workbook had this digest; 0 where it never had."""
    void = {line.number - 1 for line in lines if line.header["kind"] == "void"}
    return max((n.number for n in lines if n.header["workbook"] == digest and n.number not in void), default=0)


def leading_back(lines: Iterable[Line]) -> Iterator[Line]:
    """The same of all lines, which come with the newest first, in that order, as far as they are asked for."""
    wanted = None
    for line in lines:
        if wanted is None or line.number == wanted:
            yield line
            wanted = int(line.header.get("as_of", line.number - 1))


def rows_after(
    lines: Iterable[Line], columns: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> dict[str, list[Row]]:
    """The rows that `effective` lines add up to; some `columns` with the headers that they have now."""
    state = _State()
    for line in lines:
        state.rename(line.header.get("columns", {}))
        for change in line.changes:
            if change is not None:
                state.apply(change)
    state.rename(columns)
    return {sheet.pillar: state.rows(sheet.pillar) for sheet in SHEETS}


class _State:
    def __init__(self) -> None:
        self._rows: dict[str, dict[Hashable, list[Row]]] = {sheet.pillar: {} for sheet in SHEETS}

    def rows(self, pillar: str) -> list[Row]:
        return [row for rows in self._rows[pillar].values() for row in rows]

    def rename(self, columns: Mapping[str, Mapping[str, str]]) -> None:
        """Give columns other headers, by pillar."""
        for pillar, names in columns.items():
            self._rows[pillar] = {
                key: [{names.get(header, header): cell for header, cell in row.items()} for row in rows]
                for key, rows in self._rows[pillar].items()
            }

    def apply(self, change: Change) -> None:
        kept: dict[str, Plain] = {}
        known: dict[str, Plain] = {}
        if change.before is not None:
            # A command that knows only the case it is about knows nothing of people's own columns.
            taken = self._take(change.pillar, change.before)
            kept = {h: v for h, v in taken.items() if h not in change.before and is_own(change.pillar, h)}
            known = {h: v for h, v in taken.items() if formula_text(v)}
        if change.after is not None:
            row = {**kept, **change.after}
            # Nor of the text of a formula that it left as it was.
            row.update((h, v) for h, v in known.items() if row.get(h) == FORMULA)
            self._rows[change.pillar].setdefault(row_key(change.pillar, row), []).append(row)

    def _take(self, pillar: str, row: Row) -> Row:
        rows = self._rows[pillar].get(row_key(pillar, row), [])
        if not rows:
            return {}
        best = max(range(len(rows)), key=lambda at: (_equal_cells(row, rows[at]), -len(rows[at])))
        return rows.pop(best)


def row_key(pillar: str, row: Row) -> Hashable:
    """What a row is: its entry number where it has one, else its case number."""
    entry = row.get(COMMUNICATIONS["entry"].header) if pillar == COMMUNICATIONS.pillar else None
    return entry if isinstance(entry, (int, str)) else number_of(pillar, row)


def changes_between(before: Rows, after: Rows) -> list[Change]:
    """The changes that lead from the ones rows to the others; none where they only stand in another order."""
    return [change for sheet in SHEETS for change in _changes(sheet.pillar, before[sheet.pillar], after[sheet.pillar])]


def _changes(pillar: str, before: Sequence[Row], after: Sequence[Row]) -> Iterator[Change]:
    old, new = _without_equal(pillar, *_without_same(pillar, before, after))
    by_key, old, new = _paired_byrow_key(pillar, old, new)
    alike, old, new = _paired_alike(old, new)
    for was, row in (*by_key, *alike):
        is_now = _without_idle_formulas(pillar, row, was)
        if is_now != was:
            yield Change(pillar, was, is_now)
    for row in new:
        yield Change(pillar, None, _without_idle_formulas(pillar, row, {}))
    for row in old:
        yield Change(pillar, row, None)


def _without_idle_formulas(pillar: str, row: Row, before: Row) -> Row:
    """A row in which a formula counts for what was there, where nobody typed it: in a column of people's own where that
    is nothing (a Table fills formulas down by itself) or another formula; in one of ours where that is the same one, or
    one whose text is not known.
    """
    if not any(map(is_formula, row.values())):
        return row
    cells = {
        header: before.get(header) if _is_idle(pillar, header, value, before.get(header)) else value
        for header, value in row.items()
    }
    return {header: value for header, value in cells.items() if value is not None}


def _is_idle(pillar: str, header: str, value: Plain, before: Plain) -> bool:
    if not is_formula(value):
        return False
    if is_own(pillar, header):
        return before is None or is_formula(before)
    now, then = formula_text(value), formula_text(before)
    return is_formula(before) and not (now and then and not is_same_formula(now, then))


def _without_same(pillar: str, before: Sequence[Row], after: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of each that have none among the others that is the same as it stands, but for those of a key that many
    have: of a workbook with one edit, this leaves one row to be looked at more closely.
    """
    left = _byrow_key(pillar, before)
    new = []
    for row in after:
        rows = left.get(row_key(pillar, row), [])
        if len(rows) <= _COMMON and row in rows:
            rows.remove(row)
        else:
            new.append(row)
    return [row for rows in left.values() for row in rows], new


def _byrow_key(pillar: str, rows: Sequence[Row]) -> dict[Hashable, list[Row]]:
    found: dict[Hashable, list[Row]] = {}
    for row in rows:
        found.setdefault(row_key(pillar, row), []).append(row)
    return found


def _without_equal(pillar: str, before: Sequence[Row], after: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of each that have no equal among the others."""
    left: dict[str, list[Row]] = {}
    for row in before:
        left.setdefault(canonical(_without_idle_formulas(pillar, row, {})), []).append(row)
    new = []
    for row in after:
        equal = left.get(canonical(_without_idle_formulas(pillar, row, {})))
        if equal:
            equal.pop()
        else:
            new.append(row)
    return [row for rows in left.values() for row in rows], new


def _paired_byrow_key(pillar: str, old: Sequence[Row], new: Sequence[Row]) -> _Paired:
    known = _byrow_key(pillar, old)
    pairs, left = [], []
    for row in new:
        same = known.get(row_key(pillar, row))
        if same:
            best = max(range(len(same)), key=lambda at: _equal_cells(same[at], row))
            pairs.append((same.pop(best), row))
        else:
            left.append(row)
    return pairs, [row for rows in known.values() for row in rows], left


def _paired_alike(old: Sequence[Row], new: Sequence[Row]) -> _Paired:
    """Rows of which at least half says the same, in something that few rows share; the most alike first."""
    where: dict[tuple[str, str], list[int]] = {}
    for at, row in enumerate(old):
        for cell in _cells(row):
            where.setdefault(cell, []).append(at)
    found = []
    for n, row in enumerate(new):
        telling = [places for cell in _cells(row) if len(places := where.get(cell, [])) <= _COMMON]
        for o in {at for places in telling for at in places}:
            equal = _equal_cells(old[o], row)
            if 2 * equal >= max(len(old[o]), len(row)):
                found.append((-equal, o, n))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, o, n in sorted(found):
        if o not in partner and n not in taken:
            partner[o] = n
            taken.add(n)
    pairs = [(old[o], new[n]) for o, n in partner.items()]
    return (
        pairs,
        [row for o, row in enumerate(old) if o not in partner],
        [row for n, row in enumerate(new) if n not in taken],
    )


def _cells(row: Row) -> Iterator[tuple[str, str]]:
    return ((header, canonical(value)) for header, value in row.items())


def _equal_cells(one: Row, other: Row) -> int:
    return sum(other.get(header) == value for header, value in one.items())
