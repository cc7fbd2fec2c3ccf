"""Errors of single cells: what is blank, and what is not the kind of value that its column holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from refundbook.base.a1 import MAX_TEXT
from refundbook.base.amounts import Around, amount_text, read_amount
from refundbook.base.errors import BadValue
from refundbook.base.schema import Column, Kind
from refundbook.base.text import quoted
from refundbook.base.values import nearest_choice
from refundbook.record.records import Positions, Records
from refundbook.record.rules.declare import Hit, Scope, error
from refundbook.record.rules.hints import what_date_it_may_be
from refundbook.record.rules.scan import Cell, each_cell, kinds_of, of_kind, suspects, texts_in
from refundbook.record.rules.wording import shown, text_of


def _is_nothing(value: object) -> bool:
    return value is None


def _are_filled(values: Sequence[object]) -> bool:
    return None not in values


@error("RB101", scope=Scope.CELL)
@each_cell(lambda column: column.required, suspect=_is_nothing, unless=_are_filled)
def required_cell_empty(cell: Cell) -> Hit:
    """A required cell is empty.

    Without a case number a row belongs to no case, and without its date, its status or its summary it says nothing that
    could be used in a dispute. Fill the cell in; where the row is a leftover, delete the whole row.

        RB101 Cases!C2: case number=GTB-123456
        RB101 Communications!H2: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Support summary="  "
        RB101 Cases!C2, RB155 Cases!C2: case number=GTB-123456 opened=error:#REF!
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    broken = cell.log.errors.get(cell.at)
    what = f"holds the error {broken} instead of a value" if broken else "is empty"
    return cell.hit(f"{cell.header} {what}; it is required.", f"Fill it in. {cell.column.help}")


def _is_no_date(value: object) -> bool:
    return value is not None and not isinstance(value, date)


def _are_dates(values: Sequence[object]) -> bool:
    return kinds_of(values) <= {date, datetime}


@error("RB102", scope=Scope.CELL)
@each_cell(of_kind(Kind.DATE, Kind.MOMENT), suspect=_is_no_date, unless=_are_dates)
def not_a_date(cell: Cell) -> Hit:
    """Not a date.

    A date that stands as text or as a bare number cannot be sorted, compared or counted with, though it may look like a
    date. It comes of an import, of a cell with text format, or of a date that does not exist (30 February). Give the
    cell a date format and type the date again; in Excel a real date stands at the right of its cell.

        RB102 Cases!C2: case number=GTB-123456 opened=text:2023-12-31
        RB102 Cases!C2: case number=GTB-123456 opened=number:45291
        RB102 Cases!C2: case number=GTB-123456 opened=time:10:30
        RB102 Communications!J2: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello due=someday
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    hint = what_date_it_may_be(cell.records, cell.log, cell.position, cell.column.name)
    return cell.hit(f"{cell} is {_kind_of(cell.value)}, not a date.", hint)


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return "text"
    if isinstance(value, time):
        return "a time of day"
    return "a length of time" if isinstance(value, timedelta) else "a number"


def _is_no_number(value: object) -> bool:
    return value is not None and not (isinstance(value, Decimal) and value.is_finite())


@error("RB103", scope=Scope.CELL)
@each_cell(of_kind(Kind.MONEY), suspect=_is_no_number)
def not_an_amount(cell: Cell) -> Hit:
    """An amount is not a number.

    Amounts are summed, so the cell holds a number and nothing else: the currency has its own column, and how many
    decimals are shown is a matter of the cell's format.

        RB103 Cases!J2: case number=GTB-123456 opened=2023-12-31 amount="text:49.90 USD"
        Okay: case number=GTB-123456 opened=2023-12-31 amount=49.90 currency=USD
    """
    return cell.hit(f"{cell} is not a number.", _what_amount_it_may_be(cell))


def _what_amount_it_may_be(cell: Cell) -> str:
    """What to do about something in an amount's column that is no number."""
    value = cell.value
    bare = "Type the bare number, and put the currency into its own column."
    if not isinstance(value, str) or not re.search(r"\d", value):
        return bare
    currency = cell.records.currency(cell.log, cell.position)
    try:
        meant = read_amount(cell.header, value, Around(of_case=currency))
    except BadValue as reason:
        return f"{reason} {bare}"
    return f"It reads as {amount_text(meant.figure, meant.currency or currency)}: type that as a number" + (
        f", and {meant.currency} into Currency." if meant.currency and meant.currency != currency else "."
    )


def _is_negative(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value < 0


@error("RB104", scope=Scope.CELL)
@each_cell(of_kind(Kind.MONEY), suspect=_is_negative)
def negative_amount(cell: Cell) -> Hit:
    """An amount is negative.

    Amounts are what was asked for and what came back; both are counted up from zero. Take the minus away. Money that
    went the other way (a refund that was clawed back) is not a refund: record it as a communication, and reopen the
    case.

        RB104 Cases!J2: case number=GTB-123456 opened=2023-12-31 amount=-49.90
        Okay: case number=GTB-123456 opened=2023-12-31 amount=0
    """
    return cell.hit(f"{cell} is negative.", "Enter the amount without the minus.")


@error("RB105", scope=Scope.CELL)
def not_in_list(records: Records, at: Positions) -> Iterator[Hit]:
    """A value is not in its closed list.

    With, Direction and Status decide what counts as a reply and whether a case is open, so they hold one of a few
    words, spelled exactly so. (Reasons, channels, methods and currencies are yours: their lists on the Settings sheet
    only suggest.)

        RB105 Resolutions!B2: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Refunded
        RB105 Communications!D2: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=support summary=Hello
        Okay: case number=GTB-123456 opened=2023-12-31 ; resolution number=GTB-123456 status=Pending
    """
    for log in records.logs:
        for column in log.sheet.columns:
            for i in suspects(log, at, column.name, _is_none_of(column.choices)) if column.choices else ():
                message = f"{shown(log, i, column.name)} is not one of the accepted values."
                yield Hit(log, i, column.name, message, _accepted(column, log[column.name][i]))


def _is_none_of(choices: Sequence[str]) -> Callable[[object], bool]:
    allowed = frozenset((*choices, None))
    return lambda value: value not in allowed


def _accepted(column: Column, value: object) -> str:
    near = nearest_choice(column, str(value))
    all_of_them = f"Accepted: {', '.join(column.choices)}."
    return f"Did you mean {near}? {all_of_them}" if near else all_of_them


HIGHEST_ENTRY = 999_999_999
"""Far below the numbers that a spreadsheet no longer tells apart from the next one."""


def _is_no_entry_number(value: object) -> bool:
    return value is not None and not (type(value) is int and 0 < value <= HIGHEST_ENTRY)


@error("RB106", scope=Scope.CELL)
@each_cell(of_kind(Kind.WHOLE), suspect=_is_no_entry_number)
def bad_entry_number(cell: Cell) -> Hit:
    """An entry number is not a whole number above 0, or has ten digits or more.

    The number names one entry of the log, for `amend` and for you. Give the entry the next free number, or leave the
    cell blank.

        RB106 Communications!A2: case number=GTB-123456 opened=2023-12-31 ; communication entry=1.5 number=GTB-123456 date=2023-12-31 with=Support summary=Hello
        RB106 Communications!A2: case number=GTB-123456 opened=2023-12-31 ; communication entry=0 number=GTB-123456 date=2023-12-31 with=Support summary=Hello
        RB106 Communications!A2: case number=GTB-123456 opened=2023-12-31 ; communication entry=9007199254740992 number=GTB-123456 date=2023-12-31 with=Support summary=Hello
        Okay: case number=GTB-123456 opened=2023-12-31 ; communication entry=1 number=GTB-123456 date=2023-12-31 with=Support summary=Hello
    """
    message = f"{cell} is not a whole number from 1 to {HIGHEST_ENTRY:,}."
    return cell.hit(message, "Give the entry the next free number.")


_UNSTORABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
"""Not characters of XML 1.0 (W3C, section 2.2, Char)."""


def _may_be_unstorable(value: object) -> bool:
    # An emoji is one character and two units. Nearly all text passes here, and this rule sees all text there is.
    return isinstance(value, str) and not (value.isprintable() and len(value) * 2 <= MAX_TEXT)


def _are_storable(values: Sequence[object]) -> bool:
    texts = texts_in(values)
    return "".join(texts).isprintable() and max(map(len, texts), default=0) * 2 <= MAX_TEXT


@error("RB107", scope=Scope.CELL)
@each_cell(of_kind(Kind.IDENTIFIER, Kind.TEXT, Kind.LONG_TEXT), suspect=_may_be_unstorable, unless=_are_storable)
def unstorable_text(cell: Cell) -> Hit | None:
    """Text that cannot be stored.

    A workbook holds no control characters (they come along when text is copied out of a terminal or a PDF) and at most
    32,767 characters a cell. Excel offers to repair a file that breaks this, and the repair throws cells away. Take the
    characters out, or shorten the text and keep the whole of it in a file that Evidence names.

        RB107 Cases!M2: case number=GTB-123456 opened=2023-12-31 notes=text:beep_x0007_
        Okay: case number=GTB-123456 opened=2023-12-31 notes="Käufer 👍"
    """
    value = str(cell.value)
    if bad := re.search(_UNSTORABLE, value):
        where = f"U+{ord(bad[0]):04X}, at character {bad.start() + 1}"
        message = f"{cell.header} has a character that no workbook can hold ({where})."
        hint = "Take it out, or type the text again."
    elif (units := len(value.encode("utf-16-le")) // 2) > MAX_TEXT:
        message = f"{cell.header} is {units:,} characters long; a cell holds {MAX_TEXT:,}."
        hint = "Shorten it, and keep the whole text in a file that is named here."
    else:
        return None
    return cell.hit(message, hint, quoted(text_of(cell.log, *cell.at)))
