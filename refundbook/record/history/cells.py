"""Rows of a log as the history holds them: a dict from header to value, the blank cells left out.

A value is as JSON has it: text, a number, true or false; a date is `{"date": "2023-10-26"}`, a formula, whose results
come and go without anybody's doing, `{"formula": "J2*2"}`, and `{"formula": true}` where its text is not known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from refundbook.base.own_columns import own_name
from refundbook.base.schema import BY_PILLAR, Column, Kind
from refundbook.record.records import Log, Original

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Form = TypeVar("Form")

Plain = str | int | float | bool | Mapping[str, object] | None
Row = Mapping[str, Plain]
"""The cells of a row that are not blank, by header: ours, and people's own."""

_Originals = Mapping[tuple[int, str], Original]

_OURS = {pillar: frozenset(column.header for column in sheet.columns) for pillar, sheet in BY_PILLAR.items()}
FORMULA: Mapping[str, Any] = {"formula": True}

canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""The one form in which JSON is hashed: one encoder for all, which `json.dumps` would make anew for each value."""
_AT_ONCE = 8192
"""Rows that are put into words at once."""
_quoted = json.encoder.encode_basestring_ascii
"""What `canonical` gives of a text, without its asking what that is."""


def plain_value(value: object) -> Plain:
    """A value of a cell as JSON has it. Lines of a text end with a line feed, as all that LibreOffice saves."""
    if isinstance(value, str):
        return (value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value) or None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, datetime):
        value = value.replace(microsecond=0)
        return {"date": value.isoformat() if value.time() != value.min.time() else value.date().isoformat()}
    return {"date": value.isoformat()} if isinstance(value, date) else {"other": str(value)}


def _number(value: float | Decimal) -> int | float:
    """To the fifteen digits that a cell holds."""
    if isinstance(value, int):
        return value
    shortest = float(f"{value:.15g}")
    return int(shortest) if shortest.is_integer() and abs(shortest) < 1e15 else shortest


def is_formula(value: Plain) -> bool:
    """Whether a cell holds a formula."""
    return isinstance(value, Mapping) and "formula" in value


def formula_text(value: Plain) -> str:
    """The text of a formula, without the `=`; `""` where it is not known, or there is none."""
    found = value.get("formula") if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def value_of(column: Column, plain: Plain) -> object:
    """What `plain_value` made plain, as a value of the column: None, a str, a Decimal, an int, a date or a datetime.
    A formula, whose text the history does not hold, is None.
    """
    if isinstance(plain, Mapping):
        text = str(plain.get("date", plain.get("other", "")))
        if "date" in plain:
            return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        return text or None
    if isinstance(plain, (int, float)) and not isinstance(plain, bool):
        return Decimal(str(plain)) if column.kind is Kind.MONEY else plain
    return plain


def row_at(log: Log, position: int) -> dict[str, Plain]:
    """The row of an entry as it is in memory."""
    return _rows(log, [position], {})[0]


def row_before(log: Log, position: int) -> dict[str, Plain]:
    """The row of an entry as it was before it was corrected in memory."""
    return _rows(log, [position], log.originals)[0]


def rows_before(log: Log, added: Sequence[int]) -> list[dict[str, Plain]]:
    """All rows of a log as they stand in the file: without those that were `added` in memory, and as they were before
    they were corrected.
    """
    return _rows(log, _without(log, added), log.originals)


def texts_before(log: Log, added: Sequence[int]) -> Iterator[str]:
    """What `rows_before` gives, each row in canonical JSON: in a third of the time."""
    return _texts(log, _without(log, added), log.originals, ())


def texts_at(log: Log, positions: Sequence[int], filled: Collection[str] = ()) -> Iterator[str]:
    """What `row_at` gives of each entry, in canonical JSON. In columns that are `filled` down, by header, what is blank
    is a formula.
    """
    return _texts(log, positions, {}, filled)


def _texts(log: Log, positions: Sequence[int], originals: _Originals, filled: Collection[str]) -> Iterator[str]:
    for begin in range(0, len(positions), _AT_ONCE):
        some = positions[begin : begin + _AT_ONCE]
        columns = _columns(log, some, originals, _as_text)
        for header in filled:
            formula = _as_text(header)(FORMULA)
            columns[header] = [cell or formula for cell in columns[header]]
        # Most columns of most logs are blank in every row.
        held = [columns[header] for header in sorted(columns) if any(columns[header])]
        rows = zip(*held, strict=True) if held else [()] * len(some)
        yield from [f"{{{','.join(filter(None, cells))}}}" for cells in rows]


def _as_text(header: str) -> Callable[[Plain], str | None]:
    key = f"{canonical(header)}:"

    def text(cell: Plain) -> str | None:
        if type(cell) is str:
            return key + _quoted(cell)
        if type(cell) is int:  # such as each entry number: the encoder takes ten times as long
            return f"{key}{cell}"
        return None if cell is None else key + canonical(cell)

    return text


def _as_it_is(_: str) -> Callable[[Plain], Plain]:
    return lambda cell: cell


def _without(log: Log, added: Sequence[int]) -> Sequence[int]:
    first = min(added, default=len(log))
    if len(added) == len(log) - first:
        return range(first)
    new = frozenset(added)
    return [at for at in range(len(log)) if at not in new]


def _rows(log: Log, positions: Sequence[int], originals: _Originals) -> list[dict[str, Plain]]:
    columns = _columns(log, positions, originals, _as_it_is)
    return [
        {header: cell for header, cell in zip(columns, cells, strict=True) if cell is not None}
        for cells in zip(*columns.values(), strict=True)
    ]


def _columns(
    log: Log, positions: Sequence[int], originals: _Originals, form_of: Callable[[str], Callable[[Plain], Form]]
) -> dict[str, list[Form]]:
    """The cells at some positions by header, in the form that `form_of` gives for it: made once of what stands in many
    rows.
    """
    names = {column.header: column.name for column in log.sheet.columns}
    names.update((header, own_name(log.sheet, header)) for header in log.extra)
    found = {}
    run = slice(positions.start, positions.stop) if isinstance(positions, range) else None
    for header, name in names.items():
        column = log[name]
        values = [column[at] for at in positions] if run is None else column[run]
        found[header] = cells = _formed(values, form := form_of(header))
        for n, cell in _special(log, positions, name, originals):
            cells[n] = form(cell)
    return found


def _formed(values: Sequence[object], form: Callable[[Plain], Form]) -> list[Form]:
    distinct = set(values)
    # True is 1, as a key; whatever else is equal is told in the same way.
    if (True in distinct or False in distinct) and bool in map(type, values):
        return [form(plain_value(value)) for value in values]
    formed = {value: form(plain_value(value)) for value in distinct}
    return list(map(formed.__getitem__, values))


def _special(log: Log, positions: Sequence[int], name: str, originals: _Originals) -> Iterator[tuple[int, Plain]]:
    """Those cells of a column, by their place among the positions, that are not what the log holds there: formulas,
    errors, and what was corrected in memory.
    """
    is_own = name not in log.columns
    formulas, header = (log.own_formulas, name.rstrip(" ")) if is_own else (log.formulas, name)
    if not (formulas or log.errors or originals):
        return
    for n, at in enumerate(positions):
        if kept := originals.get((at, name)):
            yield n, _original(kept, log.formula_texts.get((at, name)))
        elif (at, header) in formulas:
            yield n, FORMULA if is_own else _formula(log.formula_texts.get((at, name)))
        elif (at, name) in log.errors:
            yield n, {"error": log.errors[at, name]}


def _formula(text: str | None) -> Plain:
    return {"formula": text} if text else FORMULA


def _original(kept: Original, text: str | None) -> Plain:
    if kept.is_formula:
        return _formula(text)
    return plain_value(kept.value) if kept.error is None else {"error": kept.error}


def number_of(pillar: str, row: Row) -> str:
    """The case number in a row; `""` for none."""
    value = row.get(BY_PILLAR[pillar]["number"].header)
    return str(value) if isinstance(value, (str, int, float)) else ""


def is_own(pillar: str, header: str) -> bool:
    """Whether a column is none of refundbook's."""
    return header not in _OURS[pillar]
