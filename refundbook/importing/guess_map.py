"""A first map of a foreign table, guessed from the words of its headers and from its cells.

What is not certain is kept as a column of the workbook's own: a column that is placed wrongly is worse than one that is
not placed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from refundbook.base.schema import COMMUNICATIONS, RESOLUTIONS, Kind
from refundbook.base.text import is_blank
from refundbook.importing import column_cells
from refundbook.importing.column_cells import Cells, says_nothing
from refundbook.importing.column_map import (
    NUMBER,
    OPENED,
    OUTCOME,
    OWN_COLUMN,
    REPLY,
    STATUS,
    SUMMARY,
    TRACKER_CELLS,
    UNTRANSLATED,
    ImportMap,
    Places,
    Target,
    folded_value,
    tracker_map,
)
from refundbook.importing.header_words import (
    ASKED,
    CURRENCY,
    CUSTOMER,
    ENDED,
    REASON,
    REFUNDED,
    UPDATED,
    currency_in,
    folded_words,
    is_bare,
    is_of_the_continent,
    names_a_code,
    names_a_place,
    parts_of,
    says_something,
    targets_of,
)
from refundbook.importing.source_table import SourceTable
from refundbook.importing.status_words import PENDING, meaning_of
from refundbook.importing.written_forms import date_form, decimal_sign

_SURE = 0.35
"""How sure a header must be of its place where no cells tell."""
_PART_SURE = 0.5
_BARE_NAME = 0.5
"""How sure `Name` is of a customer: of numbers it is the name of something else."""
_FREE_TEXTS = {"notes", "summary", "outcome", "evidence", "promise"}
"""Columns whose texts have any signs in them, so that they cannot be split."""

Wish = tuple[float, int, Target]
"""How sure a column (by its place) is of a target."""


@dataclass
class _Guess:
    """The targets that columns have so far, by their places in the table."""

    table: SourceTable
    cells: Sequence[Cells]
    taken: dict[int, tuple[Target, ...]] = field(default_factory=dict)

    def take(self, column: int, *targets: Target) -> None:
        self.taken[column] = targets

    def has(self, target: Target) -> bool:
        return any(target in targets for targets in self.taken.values())

    def column_of(self, target: Target) -> int | None:
        return next((k for k, targets in self.taken.items() if target in targets), None)


def guess(table: SourceTable) -> ImportMap:
    """A first map of a table: each target is used once, for the column that is surest of it; the rest is `own`."""
    found = _Guess(table, [Cells.of([row[k] for row in table.rows]) for k in range(len(table.headers))])
    if (tracker := tracker_map(table)) is not None:
        for header, targets in tracker.places():
            found.take(table.headers.index(header), *targets)
    _by_headers(found)
    _by_cells(found)
    _end_by_update(found)
    _without_what_lacks(found)
    return _as_map(found)


# By the words of the headers


def _by_headers(found: _Guess) -> None:
    wishes: list[Wish] = []
    several: dict[int, tuple[Target, ...]] = {}
    for k, header in enumerate(found.table.headers):
        if not header or found.table.headers.index(header) != k:
            continue
        targets = _several(header, found.cells[k])
        # A column that holds nothing gives way to one that does.
        is_empty = bool(found.table.rows) and not found.cells[k]
        if len(targets) > 1:
            several[k] = targets
            wishes += [(1.0 - is_empty, k, targets[0])]
        elif not targets and not _is_of_address(found, k):
            wishes += [(rank - is_empty, k, target) for rank, target in _wishes(header, found.cells[k])]
    for _, k, target in sorted(wishes, key=lambda wish: (-wish[0], wish[1])):
        if k not in found.taken and target != UPDATED and not found.has(target):
            free = [one for one in several.get(k, (target,)) if one.is_own or not found.has(one)]
            found.take(k, *free)


def _is_of_address(found: _Guess, column: int) -> bool:
    """Whether a column State is of an address, by the headers beside it or its cells."""
    if folded_words(found.table.headers[column]) != ("state",):
        return False
    cells = found.cells[column]
    return not cells.status_share if cells else any(map(names_a_place, found.table.headers))


def _wishes(header: str, cells: Cells) -> Iterator[tuple[float, Target]]:
    """The places that a column can have, with how sure each is."""
    for rank, target in targets_of(header) or targets_of(parts_of(header)[0]):
        is_fit = target == UPDATED or target.is_tracker or column_cells.fit(target, cells)
        if target == CUSTOMER and rank <= _BARE_NAME:
            is_fit = is_fit and not cells.are_identifiers
        elif target == REASON and names_a_code(header):
            is_fit = not cells.are_dates
        if is_fit and (rank >= _SURE or cells):
            yield rank, target


def _several(header: str, cells: Cells) -> tuple[Target, ...]:
    """The places of a column whose cells hold several values, where its header says so and its cells can be split."""
    parts = [targets_of(part) for part in parts_of(header)]
    if len(parts) < 2 or (targets_of(header) and targets_of(header)[0][0] > 1):
        return ()
    best = [told[0][1] if told and told[0][0] >= _PART_SURE else None for told in parts]
    amounts = [t for t in best if t is not None and not t.is_tracker and t != UPDATED and t.column.kind is Kind.MONEY]
    if len(parts) == 2 and amounts and CURRENCY in best:
        return (amounts[0], Target(amounts[0].pillar, "currency")) if not cells or cells.are_amounts else ()
    known = list(dict.fromkeys(target for target in best if target is not None))
    if targets_of(header) and (len(known) < len(parts) or is_bare(parts_of(header)[0])):
        return ()
    if best[0] is None or any(t.is_tracker or t == UPDATED or t.name in _FREE_TEXTS for t in known):
        return ()
    places = tuple(OWN_COLUMN if target is None else target for target in best)
    if len(set(places)) < len(places):
        return ()
    if _can_split(places, cells):
        return places
    # Where some of the cells hold several values and some do not, none of the places is right for all.
    is_mixed = len(known) > 1 and any(column_cells.split(text, len(places)) for text in cells.texts)
    return (OWN_COLUMN,) if is_mixed else ()


def _can_split(places: Sequence[Target], cells: Cells) -> bool:
    if not cells:
        return OWN_COLUMN not in places
    pieces = [column_cells.split(text, len(places)) for text in cells.texts]
    if not all(pieces):
        return False
    by_place = zip(places, zip(*(piece for piece in pieces if piece), strict=True), strict=True)
    return all(place.is_own or column_cells.fit(place, Cells(texts)) for place, texts in by_place)


# By the cells, where the headers do not tell


def _by_cells(found: _Guess) -> None:
    """What every table of cases has, a number and a date for each, and its status and currency, where one column alone
    can be that.
    """
    looks: Sequence[tuple[Target, Sequence[int]]] = (
        (NUMBER, [k for k, c in _untold(found) if c.are_identifiers and c.are_unique]),
        (OPENED, [k for k, c in _untold(found) if c.are_dates]),
        (STATUS, [k for k, c in _untold(found) if c.are_few_words and c.status_share == 1 and len(c.filled) > 1]),
        (CURRENCY, [k for k, c in _untold(found) if c.are_currencies]),
    )
    for target, columns in looks:
        # Several columns of identifiers or dates: in a table of cases the first one is the case's.
        is_one = len(columns) == 1 or (target == NUMBER and columns[:1] == [0])
        if is_one and not found.has(target) and columns[0] not in found.taken:
            found.take(columns[0], target)


def _untold(found: _Guess) -> list[tuple[int, Cells]]:
    """The columns that are left, and whose headers say nothing: an Order Date is the date of no case."""
    return [(k, cells) for k, cells in _left(found) if not says_something(found.table.headers[k])]


def _left(found: _Guess) -> list[tuple[int, Cells]]:
    return [(k, cells) for k, cells in enumerate(found.cells) if cells and k not in found.taken]


def _end_by_update(found: _Guess) -> None:
    """Where nothing else dates the ends, the day of the last change does, where each case that ended has one; the
    column is kept as well, for the cases that are open.
    """
    status = found.column_of(STATUS)
    if status is None or found.has(ENDED):
        return
    for k, cells in _left(found):
        words = {target for _, target in targets_of(found.table.headers[k])}
        ends = [row[k] for row in found.table.rows if _is_end(row[status])]
        if UPDATED in words and cells.are_dates and ends and all(str(value).strip() for value in ends):
            found.take(k, ENDED, OWN_COLUMN)
            return


def _is_end(value: object) -> bool:
    text = str(value).strip()
    return bool(text) and meaning_of(text).status not in (PENDING, "Reopened")


# What cannot be alone


def _without_what_lacks(found: _Guess) -> None:
    """Take back what needs another column that is not there: nothing of an end without a status, nothing of messages
    without their text.
    """
    has_message = found.has(SUMMARY)
    has_status = found.has(STATUS) or found.has(Target(TRACKER_CELLS, OUTCOME))
    _settle_amounts(found, has_status=has_status)
    for k, targets in list(found.taken.items()):
        kept = [t for t in targets if _can_stand(t, has_message=has_message, has_status=has_status)]
        if not kept:
            del found.taken[k]
        elif len(kept) < len(targets):
            found.take(k, *kept)


def _can_stand(target: Target, *, has_message: bool, has_status: bool) -> bool:
    if target.pillar == COMMUNICATIONS.pillar or target == Target(TRACKER_CELLS, REPLY):
        return has_message
    return has_status or target.pillar not in (RESOLUTIONS.pillar, TRACKER_CELLS)


def _settle_amounts(found: _Guess, *, has_status: bool) -> None:
    """A Refund Amount that is the only amount of a table is the one that is asked for: of an open case, too."""
    k = found.column_of(REFUNDED)
    if k is None or found.has(ASKED):
        return
    means = {target for part in parts_of(found.table.headers[k]) for _, target in targets_of(part)}
    if ASKED in means or not has_status:
        currency = Target(RESOLUTIONS.pillar, "currency")
        swap = {REFUNDED: ASKED, currency: CURRENCY} if ASKED in means else {}
        found.take(k, *(swap.get(target, target) for target in found.taken[k]))


# The map


def _as_map(found: _Guess) -> ImportMap:
    table, columns = found.table, dict[str, Places]()
    told = {target.pillar for targets in found.taken.values() for target in targets if target.name != NUMBER.name}
    # A log of messages to cases that are there makes no cases, which its other columns could stand beside.
    own = Target(COMMUNICATIONS.pillar, OWN_COLUMN.name) if told == {COMMUNICATIONS.pillar} else OWN_COLUMN
    for k, header in enumerate(table.headers):
        if header and header not in columns:
            targets = found.taken.get(k, (own,))
            columns[header] = targets[0] if len(targets) == 1 else targets
    made = ImportMap(columns, _constants(found), sheet=table.sheet or None)
    dates = date_form(_texts(found, lambda t: t.column.is_date), is_day_first=is_of_the_continent(table.headers))
    return replace(
        made,
        values=translations(table, made),
        day_first=dates.day_first,
        date_format=dates.form,
        decimal=decimal_sign(_texts(found, lambda t: t.column.kind is Kind.MONEY)),
    )


def _texts(found: _Guess, is_such: Callable[[Target], bool]) -> list[str]:
    """The texts in the columns whose places are such."""
    columns = [
        k
        for k, targets in found.taken.items()
        if any(not t.is_tracker and not t.is_own and is_such(t) for t in targets)
    ]
    rows = found.table.rows
    return [
        v for k in columns for row in rows if isinstance(v := row[k], str) and not is_blank(v) and not says_nothing(v)
    ]


def _constants(found: _Guess) -> dict[Target, object]:
    constants: dict[Target, object] = {}
    with_ = Target(COMMUNICATIONS.pillar, "with_")
    if found.has(SUMMARY) and not found.has(with_) and not found.has(Target(TRACKER_CELLS, REPLY)):
        constants[with_] = with_.column.choices[0]
    for amount, currency in ((ASKED, CURRENCY), (REFUNDED, Target(RESOLUTIONS.pillar, "currency"))):
        k = found.column_of(amount)
        code = "" if k is None else currency_in(found.table.headers[k])
        if code and not found.has(currency):
            constants[currency] = code
    return constants


def translations(table: SourceTable, found: ImportMap) -> Mapping[Target, Mapping[str, str]]:
    """What the words of a table's statuses mean, as far as that is certain: `?` for the others."""
    header = next((header for header, targets in found.places() if STATUS in targets), None)
    if header is None:
        return {}
    at = table.headers.index(header)
    words = dict.fromkeys(text for row in table.rows if (text := " ".join(str(row[at]).split())))
    meant = {text: meaning_of(text).status or UNTRANSLATED for text in words}
    return {STATUS: {folded_value(text): status for text, status in meant.items()}} if meant else {}


def is_placed(found: ImportMap, header: str) -> bool:
    """Whether a column has a place among ours."""
    return any(not target.is_own for name, targets in found.places() for target in targets if name == header)
