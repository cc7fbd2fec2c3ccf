"""The history in words: what was done, when, by whom, and the changes one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

from refundbook.base.amounts import amount_text
from refundbook.base.currencies import code_of
from refundbook.base.dates import moment_text
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, SHEETS, Column, Kind, Sheet
from refundbook.base.text import counted
from refundbook.base.values import to_text
from refundbook.record.history.cells import Plain, Row, formula_text, is_formula, number_of, value_of
from refundbook.record.history.chain import Change, Line
from refundbook.record.history.columns import told_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_LONGEST = 160
"""Characters of a value that are told of it."""
BY_HAND = ("hand", "outside", "older", "other")
"""The kinds of lines of what was done without a command, or without its line."""


_UNKNOWN: Mapping[str, str] = MappingProxyType({})


class Event(NamedTuple):
    """What a line of the history tells. `since` is the time of the line before, `at` that of this one; `did_not_happen`
    where the command was stopped before its file was in place. `changes` are those that were asked for, `currencies`
    those of the cases, by number. `others` are sentences on the histories of other workbooks.
    """

    line: int
    kind: str
    command: str
    by: str
    since: datetime | None
    at: datetime
    changes: tuple[Change, ...]
    erased: int
    did_not_happen: bool
    as_of: int | None
    others: tuple[str, ...] = ()
    currencies: Mapping[str, str] = _UNKNOWN

    @property
    def title(self) -> str:
        """When it was, and what."""
        return _title(self)

    @property
    def told(self) -> tuple[str, ...]:
        """Each change, as a line of text."""
        said = [change_text(change, self.currencies) for change in self.changes]
        return (*self.others, *said, *([f"{counted(self.erased, 'change')} erased on request."] if self.erased else []))

    @property
    def says_something(self) -> bool:
        """Whether there is more to tell than that it was."""
        return bool(self.changes or self.erased or self.others)

    def to_record(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        plain = self._asdict()
        del plain["currencies"]
        return {**plain, "changes": [change_data(change) for change in self.changes]}


def events(
    lines: Sequence[Line],
    is_meant: Callable[[Change], bool] | None = None,
    *,
    since: datetime | None = None,
    currencies: Mapping[str, str] | None = None,
) -> list[Event]:
    """What the lines tell, in their order; with `is_meant`, those lines only that have such changes, with these. Where
    they are the last ones only, `since` is the time of the line before them, and `currencies` are those of the cases.
    """
    void = {line.number - 1 for line in lines if line.header["kind"] == "void"}
    found = []
    currencies = _currencies(lines) if currencies is None else currencies
    for line in lines:
        at = time_of(line.header)
        changes = [change for change in line.changes if change is not None and (is_meant is None or is_meant(change))]
        if is_meant is None or changes:
            event = _event(line, since, at, changes, did_not_happen=line.number in void)
            found.append(event._replace(currencies=currencies))
        since = at
    return found


def _event(line: Line, since: datetime | None, at: datetime, changes: Sequence[Change], did_not_happen: bool) -> Event:
    header = line.header
    return Event(
        line.number,
        str(header["kind"]),
        str(header.get("command", "")),
        str(header.get("by", "")),
        since,
        at,
        tuple(changes),
        line.changes.count(None),
        did_not_happen,
        header.get("as_of"),
        tuple(_others(header)),
    )


def _currencies(lines: Iterable[Line]) -> dict[str, str]:
    """The currency of each case, by its numbers: an amount in another log may stand without one of its own."""
    rows = (
        row
        for line in lines
        for change in line.changes
        if change is not None and change.pillar == CASES.pillar
        for row in (change.before, change.after)
        if row is not None
    )
    return {number_of(CASES.pillar, row): currency for row in rows if (currency := _currency(row))}


def _currency(row: Row) -> str:
    currency = row.get(CASES["currency"].header)
    return code_of(currency if isinstance(currency, str) else None)


def _others(header: Mapping[str, Any]) -> Iterator[str]:
    if "from" in header:
        yield f"It was called {header['from']} before."
    for copy in header.get("copy_of", ()):
        yield f"It is a copy of {copy['name']} as that was at line {copy['line']} of its history ({copy['hash']})."
    if other := header.get("other"):
        yield f"The history {other['name']} tells of it, up to its line {other['line']} ({other['hash']})."
    yield from told_names(header.get("columns", {}))
    for name in header.get("beside", ()):
        yield f"Beside it lies the history of {name}, which is not there: perhaps this is that workbook, renamed."


def time_of(header: Mapping[str, Any]) -> datetime:
    """When a line was written."""
    try:
        return datetime.fromisoformat(str(header.get("at"))).replace(tzinfo=None)
    except ValueError:
        return datetime.min


def _title(event: Event) -> str:
    at = moment_text(event.at)
    if event.kind in BY_HAND:
        between = f"between {moment_text(event.since or event.at)} and {at}"
        return f"{between}, {_WITHOUT_COMMAND[event.kind].format(event.as_of)}"
    if event.kind == "command":
        said = f"{at}, {event.by or 'somebody'}: {event.command or 'a Python program'}"
        return f"{said} (stopped before it was done: nothing of it came to be)" if event.did_not_happen else said
    return f"{at}, {_OTHERS.get(event.kind, event.kind).format(event.as_of)}"


_WITHOUT_COMMAND = {
    "hand": "outside refundbook",
    "outside": "outside the history: by a command that wrote no line, perhaps also by hand",
    "other": "on another computer: its workbook took the place of this one",
    "older": "outside refundbook: the workbook was put back to what it was at line {}",
}
_OTHERS = {
    "begin": "the history begins with what was there",
    "void": "the command before was stopped: the workbook is as it was at line {}",
    "renamed": "the workbook was renamed, and took its history along",
    "forget": "the changes of a case were erased on request",
}


def change_text(change: Change, currencies: Mapping[str, str] = _UNKNOWN) -> str:
    """A change on one line, such as `GTB-789012, Amount Requested 49.90 → 499.00`. `currencies` are those of cases, by
    number.
    """
    sheet = BY_PILLAR[change.pillar]
    cells = list(_told_cells(change, currencies))
    name = _name(change)
    if change.before is None or change.after is None:
        what = "new" if change.before is None else "removed"
        said = "; ".join(f"{header} {after if change.before is None else before}" for header, before, after in cells)
        return f"{name}: {what} {sheet.pillar}" + (f": {said}" if said else "")
    return f"{name}, " + "; ".join(
        f"{header} {before or 'blank'} → {after or 'blank'}" for header, before, after in cells
    )


def _name(change: Change) -> str:
    """What a row is called: as it was called before, where that was changed."""
    row = change.before if change.before is not None else change.after or {}
    number = number_of(change.pillar, row) or "a row without a case number"
    entry = row.get(COMMUNICATIONS["entry"].header) if change.pillar == COMMUNICATIONS.pillar else None
    if change.pillar == COMMUNICATIONS.pillar:
        return f"{number}, entry {entry}" if isinstance(entry, int) else f"{number}, a message"
    return number if change.pillar == SHEETS[0].pillar else f"{number}, {change.pillar}"


def _told_cells(change: Change, currencies: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    sheet = BY_PILLAR[change.pillar]
    named = {sheet["number"].header, *([COMMUNICATIONS["entry"].header] if sheet is COMMUNICATIONS else [])}
    is_edit = change.before is not None and change.after is not None
    for header, before, after in change.cells():
        if is_edit or header not in named:
            old, new = (
                cell_text(
                    sheet,
                    header,
                    value,
                    _currency(row or {}) or currencies.get(number_of(change.pillar, row or {}), ""),
                )
                for value, row in ((before, change.before), (after, change.after))
            )
            # What differs only in what it is, as the text 5 from the number 5, is told with that.
            yield (header, _with_kind(before, old), _with_kind(after, new)) if old == new else (header, old, new)


def _with_kind(value: Plain, text: str) -> str:
    kind = "date" if isinstance(value, Mapping) else "text" if isinstance(value, str) else "number"
    return f"{text} (a {kind})" if text else text


def cell_text(sheet: Sheet, header: str, value: Plain, currency: str) -> str:
    """The value of a cell as people read it, an amount as of its currency; `""` for a blank one."""
    if value is None:
        return ""
    if is_formula(value):
        text = formula_text(value)
        return f"the formula {_short(f'={text}')}" if text else "a formula"
    if isinstance(value, Mapping) and "error" in value:
        return str(value["error"])
    found = value_of(_column(sheet, header), value)
    if isinstance(found, Decimal):
        return amount_text(found, currency)
    return _short(to_text(found))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _column(sheet: Sheet, header: str) -> Column:
    return next((c for c in sheet.columns if c.header == header), Column(header, header, Kind.TEXT, "", 0))


def change_data(change: Change) -> dict[str, Any]:
    """A change as plain data: which row, what became of it, and the cells, dates in ISO 8601."""
    what = "added" if change.before is None else "removed" if change.after is None else "changed"
    return {
        "pillar": change.pillar,
        "case": number_of(change.pillar, change.before or change.after or {}),
        "entry": change.entry,
        "what": what,
        "cells": [
            {"column": header, "before": _data(before), "after": _data(after)}
            for header, before, after in change.cells()
        ],
    }


def _data(value: Plain) -> object:
    if not isinstance(value, Mapping):
        return value
    if text := formula_text(value):
        return f"={text}"
    return "a formula" if is_formula(value) else next(iter(value.values()), None)


def about_case(lines: Iterable[Line], key: str, key_of: Callable[[str], str]) -> Callable[[Change], bool]:
    """Whether a change is one of the case with this key, also under the numbers that it had before, or got later."""
    return about_names(names_of_case(lines, key, key_of), key_of)


def about_names(keys: Set[str], key_of: Callable[[str], str]) -> Callable[[Change], bool]:
    """Whether a change is one of a case with these keys."""
    return lambda change: not keys.isdisjoint(_keys(change, key_of))


def names_of_case(lines: Iterable[Line], key: str, key_of: Callable[[str], str]) -> set[str]:
    """The keys of all numbers that a case had."""
    keys = {key}
    pairs = [_keys(change, key_of) for line in lines for change in line.changes if change is not None]
    renamed = [pair for pair in pairs if len(pair) > 1]
    while more := {other for pair in renamed if pair & keys for other in pair} - keys:
        keys |= more
    return keys


def about_entry(entry: int) -> Callable[[Change], bool]:
    """Whether a change is one of the message that has, or had, this entry number."""
    header = COMMUNICATIONS["entry"].header
    return lambda change: (
        change.pillar == COMMUNICATIONS.pillar
        and any(row is not None and row.get(header) == entry for row in (change.before, change.after))
    )


def _keys(change: Change, key_of: Callable[[str], str]) -> set[str]:
    rows = (change.before, change.after)
    return {key_of(number) for row in rows if row is not None and (number := number_of(change.pillar, row))}


def since(found: Sequence[Event], day: date) -> list[Event]:
    """Those on a day or later."""
    return [event for event in found if event.at.date() >= day]
