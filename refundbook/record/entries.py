"""From what the shell, a file or Python hands over to the values of a new entry: names, values, and what refundbook
fills in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from refundbook.base.amounts import Around, allowed_decimals, amount_text, has_too_many_decimals, read_amount
from refundbook.base.clock import Clock
from refundbook.base.currencies import code_of
from refundbook.base.errors import BadValue, UsageError
from refundbook.base.findings import Finding, Severity
from refundbook.base.identifiers import canonical, issuer_of, normal
from refundbook.base.mangled import is_mangled, unwrapped
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.scalars import plain
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Column, Kind, Sheet
from refundbook.base.text import is_blank, quoted
from refundbook.base.values import Read, read, reader, to_text
from refundbook.record.column_names import column_named
from refundbook.record.records import Log, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol


_REFERENCES = (CASES["related"], COMMUNICATIONS["number"], RESOLUTIONS["number"])
"""The columns that name a case which stands elsewhere."""

UNSURE_CURRENCY = "RB162"
MISSING_COLUMN = "RB002"
_FILL_IN = "Fill in its three letters."
_CODES = {Kind.DATE: "RB102", Kind.MOMENT: "RB102", Kind.MONEY: "RB103", Kind.WHOLE: "RB106"}


Given = Mapping[str, object]


class Entry(NamedTuple):
    """An entry that was appended: the sheet and row that it goes into, its values by column name, and what the rules
    warn of.
    """

    sheet: str
    row: int
    values: dict[str, object]
    warnings: tuple[Finding, ...]


class Draft(NamedTuple):
    """A new entry before the rules have seen it: its values by column name, and a sentence for each that could not be
    read, or is not sure.
    """

    sheet: Sheet
    values: dict[str, object]
    unreadable: dict[str, str]
    unsure: dict[str, str]


class _Field(NamedTuple):
    """A column of an entry, how it is read, and whether it holds the number of a case that is entered."""

    column: Column
    read: Read
    is_reference: bool


@lru_cache(maxsize=256)
def _field(column: Column, clock: Clock) -> _Field:
    return _Field(column, reader(column, clock), column in _REFERENCES)


@lru_cache(maxsize=64)
def _given(sheet: Sheet, names: tuple[str, ...], own: tuple[Column, ...], clock: Clock) -> list[tuple[str, _Field]]:
    """The columns that names stand for, those first that others count from: the message's date for a due date such as
    "48 hrs", the currency for an amount. `own` are people's own.
    """
    found: dict[str, tuple[str, _Field]] = {}
    for name in names:
        column = column_named(sheet, name, own)
        if column.name in found:
            raise UsageError(f"{sheet.name}: {quoted(column.header)} is given twice.")
        found[column.name] = name, _field(column, clock)
    in_order = [found[column.name] for column in (*sheet.columns, *own) if column.name in found]
    return sorted(in_order, key=lambda given: bool(given[1].column.counts_from) or given[1].column.kind is Kind.MONEY)


@cache
def _blank(sheet: Sheet) -> dict[str, object]:
    return dict.fromkeys(column.name for column in sheet.columns)


@cache
def _filled(sheet: Sheet) -> list[str]:
    return [column.name for column in sheet.columns if column.filled]


def draft(records: Records, sheet: Sheet, given: Mapping[str, object]) -> Draft:
    """Read what was given for a new entry of `sheet` (by header, parameter or option name), people's own columns among
    it, of which `Log.own` must say how they are filled in.

    Something for an optional column that the workbook lacks counts as unreadable. Raises UsageError for a name that is
    no column, or that is given twice.
    """
    given = dict(given.items())  # a row of a DataFrame gives its values where it is gone through
    values, log = _blank(sheet).copy(), records.log(sheet)
    unreadable: dict[str, str] = {}
    unsure: dict[str, str] = {}
    for name, field in _given(sheet, tuple(given), log.own_columns, records.clock):
        column, value = field.column, given[name]
        if column.counts_from in unreadable:
            continue
        try:
            if column.kind is Kind.MONEY:
                unsure.update(_put_amount(records, column, value, values))
            else:
                values[column.name] = _read(records, field, value, values)
        except BadValue as error:
            unreadable[column.name] = str(error)
            values[column.name] = None
        if column.optional and values[column.name] is not None and (why := log.lacks(column.name)):
            unreadable[column.name], values[column.name] = why, None
    return Draft(sheet, values, unreadable, unsure)


def _put_amount(records: Records, column: Column, value: object, values: dict[str, object]) -> dict[str, str]:
    """Read an amount into the values of an entry, and into its blank currency what a sign beside the amount means; a
    sentence where that is not sure.
    """
    value = plain(value)
    if value is None or is_blank(value):
        return {}
    amount = read_amount(column.header, value, _around(records, values))
    values[column.name] = amount.figure
    if amount.currency and values["currency"] is None:
        values["currency"] = amount.currency
    return {"currency": amount.unsure} if amount.unsure else {}


def _around(records: Records, others: Mapping[str, object]) -> Around:
    """What is known of the currency of an amount in an entry: what is given with it, and its case's."""
    number = others.get("number")
    case = records.case(records.key_of(number)) if isinstance(number, str) else None
    of_case = "" if case is None else records.cases.currency(case)
    return Around(code_of(others.get("currency")), of_case, _listed(records.settings.lists["Currencies"]))


@lru_cache(maxsize=16)
def _listed(currencies: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(code_of, currencies))


def keys_named(records: Records, sheet: Sheet, given: Given) -> set[str]:
    """The cases that are named by what was given for an entry, as far as it is text."""
    naming, own = (sheet["number"], *_REFERENCES), records.log(sheet).own_columns
    return {
        canonical(text, records.settings.issuers)
        for name, value in given.items()
        if isinstance(value, str) and column_named(sheet, name, own) in naming
        for text in (value, unwrapped(value))
    }


def read_value(records: Records, column: Column, value: object, others: Mapping[str, object]) -> object:
    """One value for `column` of an entry whose `others` are known. Raises BadValue."""
    value = plain(value)
    if column.kind is Kind.MONEY and value is not None and not is_blank(value):
        return _amount_alone(column, value, _around(records, others))
    found = _read(records, _field(column, records.clock), value, others)
    amount = others.get("amount")
    if column.name == "currency" and isinstance(found, str) and isinstance(amount, Decimal):
        _refuse_currency(column, found, amount)
    return found


def _amount_alone(column: Column, value: object, around: Around) -> object:
    """An amount that is entered without its currency. Raises BadValue where it names one that would be lost."""
    amount = read_amount(column.header, value, around)
    if amount.unsure or (amount.currency and amount.currency not in (around.given, around.of_case)):
        raise BadValue(
            f"{column.header} {quoted(value)} names a currency, and Currency is blank: fill in Currency first, "
            "or write the figure alone."
        )
    return amount.figure


def _refuse_currency(column: Column, currency: str, amount: Decimal) -> None:
    if amount.is_finite() and has_too_many_decimals(amount, currency):
        raise BadValue(
            f"{column.header} {quoted(currency)} does not fit the amount {amount_text(amount)}: "
            f"{allowed_decimals(currency)} decimals. Correct the amount first."
        )


def _read(records: Records, field: _Field, value: object, others: Mapping[str, object]) -> object:
    if field.is_reference and (known := known_case(records, value)) is not None:
        return known
    start = others.get(field.column.counts_from)
    found = field.read(value, start if isinstance(start, date) else None)
    return _as_on_cases(records, found) if field.is_reference and isinstance(found, str) else found


def known_case(records: Records, number: object) -> str | None:
    """The number of a case as it stands on the Cases sheet, for whatever is typed for it; None where there is no such
    case.

    What a spreadsheet made of a number is refused for a new case. Where it is a case's number all the same, news of
    that case can be entered.
    """
    case = records.case(records.key_of(number)) if isinstance(number, str) and is_mangled(number) else None
    return None if case is None else normal(to_text(records.cases["number"][case]))


def _as_on_cases(records: Records, number: str) -> str:
    """Excel's formulas compare case numbers as they are written, so a number is written as it stands on the Cases sheet
    once that is saved.
    """
    case = records.case(records.key_of(number))
    return number if case is None else normal(to_text(records.cases["number"][case]))


def fill(records: Records, entry: Draft, user: str, entry_number: int) -> None:
    """Put in what refundbook knows itself, where nothing was given."""
    for name in _filled(entry.sheet):
        if entry.values.get(name) is None and name not in entry.unreadable and name in records.log(entry.sheet).letters:
            entry.values[name] = _filled_in(name, records, entry, user, entry_number)


def _filled_in(name: str, records: Records, entry: Draft, user: str, entry_number: int) -> object:
    match name:
        case "entry":
            return entry_number
        case "direction":
            return "Received"
        case "issuer":
            number = entry.values.get("number")
            return issuer_of(number, records.settings.issuers) if isinstance(number, str) else None
        case "logged_at":
            return _logged_at(records.clock)
        case "logged_by":
            return user if user.strip() else None
    raise KeyError(name)


@lru_cache(maxsize=1)
def _logged_at(clock: Clock) -> object:
    return read(COMMUNICATIONS["logged_at"], clock.now, clock)


def next_entry(log: Log) -> int:
    """The number after the greatest entry number in use."""
    return max((entry for entry in log["entry"] if type(entry) is int), default=0) + 1


def unreadable_findings(log: Log, position: int, entry: Draft) -> list[Finding]:
    """The values that could not be read, as findings at the cells that they were meant for."""
    return [unreadable_finding(log, position, name, message) for name, message in entry.unreadable.items()]


def unsure_findings(log: Log, position: int, entry: Draft) -> list[Finding]:
    """What of an entry is not sure, as warnings at the cells."""
    return [
        Finding(UNSURE_CURRENCY, Severity.WARNING, log.sheet.name, log.address(position, name), "", message, _FILL_IN)
        for name, message in entry.unsure.items()
    ]


def unreadable_finding(log: Log, position: int, name: str, message: str) -> Finding:
    """A value that could not be read, as a finding at the cell that it was meant for."""
    if not log.letters_of(name):
        return Finding(MISSING_COLUMN, Severity.ERROR, log.sheet.name, "", "", message)
    code = _code(log.column(name))
    return Finding(code, Severity.ERROR, log.sheet.name, log.address(position, name), "", message)


def _code(column: Column) -> str:
    return "RB105" if column.choices else _CODES.get(column.kind, "RB107")


if TYPE_CHECKING:

    class Appends(Protocol):
        """What takes entries, all or none, as `refundbook.Book` does."""

        @property
        def records(self) -> Records: ...
        def append(self, pillar: str, fields: Given) -> Entry: ...
        def append_many(self, entries: Iterable[tuple[str, Given]]) -> list[Entry]: ...
        def add_columns(self, pillar: str, columns: Mapping[str, str]) -> None: ...
