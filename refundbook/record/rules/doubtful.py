"""Warnings about single cells: what is allowed, and yet is seldom what was meant."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date

from refundbook.base.cards import find_card_number, may_hold_card_number
from refundbook.base.findings import Severity
from refundbook.base.identifiers import are_normal, matcher, normal, unusual_in
from refundbook.base.mangled import advice_on, is_mangled, what_became_of, what_it_stands_as
from refundbook.base.schema import Column, Kind
from refundbook.base.text import quoted
from refundbook.record.records import Log, Positions, Records
from refundbook.record.rules.cells import columns
from refundbook.record.rules.engine import (
    UNUSABLE,
    Hit,
    may_name_a_card,
    register,
    rows,
    shown,
    suspects,
    texts_in,
    warning,
)
from refundbook.record.rules.hints import explained


@warning("RB151")
def unlike_its_issuer(records: Records, at: Positions) -> Iterator[Hit]:
    """A case number does not look like its issuer's.

    Each issuer's numbers follow patterns, and a number outside of them is often a slip, or belongs to another issuer.
    Compare it with the issuer's message. Where the number is right, add its pattern on the Settings sheet (`#` a digit,
    `@` a letter, `?` either, `*` any number of letters, digits and dashes). Numbers without an issuer are not looked
    at.

        RB151 Cases!A2: case number=GTB-12345 issuer=GTBuy opened=2023-12-31
        Okay: case number=GTB-123456 issuer=GTBuy opened=2023-12-31
        Okay: case number=ANY-1 issuer="Card issuer" opened=2023-12-31 ; case number=ANY-2 opened=2023-12-31
    """
    cases = records.cases
    issuers = {
        issuer.name.casefold(): (issuer, matcher(issuer)) for issuer in records.settings.issuers if issuer.patterns
    }
    numbers, named = cases["number"], cases["issuer"]
    for i in rows(cases, at):
        number, name = numbers[i], named[i]
        if not isinstance(number, str) or not isinstance(name, str):
            continue
        issuer, is_like = issuers.get(name.strip().casefold(), (None, None))
        if issuer and is_like and not is_like(number):
            message = f"{shown(cases, i, 'number')} does not look like a number of {issuer.name}, such as {' or '.join(issuer.patterns)}."
            hint = "Compare it with the issuer's message, or add its pattern on the Settings sheet."
            yield Hit(cases, i, "number", message, hint)


@warning("RB152")
def numeric_case_number(records: Records, at: Positions) -> Iterator[Hit]:
    """A case number stands as a number.

    A number has no leading zeros and keeps only 15 digits: where Excel took a case number for a number, some of it may
    be gone. Give the cell the text format, then type the case number again as its issuer wrote it.

        RB152 Cases!A2: case number=number:123456 opened=2023-12-31
        Okay: case number=0123456 opened=2023-12-31
    """
    for log in records.logs:
        for i in _marked(rows(log, at), log.numeric):
            message = f"{shown(log, i, 'number')} stands as a number: leading zeros may be lost."
            hint = "Give the cell the text format and type the case number again as its issuer wrote it."
            yield Hit(log, i, "number", message, hint)


def _marked(positions: Sequence[int], marks: Container[int]) -> Iterator[int]:
    return (i for i in positions if i in marks) if marks else iter(())


@warning("RB163")
def mangled_number(records: Records, at: Positions) -> Iterator[Hit]:
    """What a spreadsheet or a program made of a number.

    Excel shows a long number as 4.83711E+11, and writes it so to CSV: the other digits are gone. It keeps 15 digits of a
    number, and zeros for the others. Other programs make 789012.0 of 789012, or write ="0012345". Give the cell the text
    format, then type the number again as its issuer wrote it. (As a new entry, such a number is refused.)

        RB163 Cases!A2: case number=4.83711E+11 opened=2023-12-31
        RB163 Cases!D2: case number=GTB-123456 opened=2023-12-31 order=789012.0
        RB163 Cases!D2: case number=GTB-123456 opened=2023-12-31 order=number:7890450000000000
        Okay: case number=5.10 opened=2023-12-31 order=1E10
    """
    for log, column in columns(records, Kind.IDENTIFIER):
        for i in suspects(log, at, column.name, is_mangled):
            if wrong := what_became_of(str(log[column.name][i])):
                yield Hit(log, i, column.name, f"{shown(log, i, column.name)} {wrong[0]}.", wrong[1])
        yield from _turned(log, at, column, is_number=True)


@warning("RB164")
def turned_into_another_kind(records: Records, at: Positions) -> Iterator[Hit]:
    """A number that was turned into a date.

    Excel takes 3-12 or 12/2023 for a date, 10:30 for a time and TRUE for a truth value, and keeps only what it took them
    for. Give the cell the text format, then type the number again as its issuer wrote it.

        RB164 Cases!A2: case number=date:2024-02-03 opened=2023-12-31
        RB164 Cases!D2: case number=GTB-123456 opened=2023-12-31 order=time:10:30
        Okay: case number=2024-02-03 opened=2023-12-31
    """
    for log, column in columns(records, Kind.IDENTIFIER):
        yield from _turned(log, at, column, is_number=False)


def _turned(log: Log, at: Positions, column: Column, *, is_number: bool) -> Iterator[Hit]:
    for i in rows(log, at) if log.turned else ():
        value = log.turned.get((i, column.name))
        if value is not None and is_number == (type(value) in (int, float)):
            message = f"{shown(log, i, column.name)} stands as {what_it_stands_as(value)}."
            yield Hit(log, i, column.name, message, advice_on(value))


_FIRST_DAY = date(2000, 1, 1).toordinal()


@warning("RB153")
def before_2000(records: Records, at: Positions) -> Iterator[Hit]:
    """A date before 2000.

    No case here is that old. Such a date comes of a year typed with two digits, of a number that was given a date
    format, or of a blank cell that an import turned into 1900-01-00. Correct the year.

        RB153 Cases!L2: case number=GTB-123456 opened=2023-12-31 respond_by=1924-01-05 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello
        RB153 Cases!C2, RB353 Cases!C2: case number=GTB-123456 opened=1923-12-30
        Okay: case number=GTB-123456 opened=2000-01-01 ; resolution number=GTB-123456 status=Denied date=2000-01-01
    """
    for log, column in columns(records, Kind.DATE, Kind.MOMENT):
        for i in suspects(log, at, column.name, _is_before_2000):
            hint = explained(records, log, i, column.name, "Correct the year.")
            yield Hit(log, i, column.name, f"{shown(log, i, column.name)} is before 2000.", hint)


def _is_before_2000(value: object) -> bool:
    return isinstance(value, date) and value.toordinal() < _FIRST_DAY


@warning("RB154")
def formula(records: Records, at: Positions) -> Iterator[Hit]:
    """A formula where a value belongs.

    What is logged must not change by itself: a formula gives another value once the cells that it reads change, or
    (`TODAY()`) day by day. Copy the cell and paste it as a value, or move the formula to a column of your own.

        RB154 Cases!C2: case number=GTB-123456 opened=formula:DATE(2023,12,31)|2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    for log in records.logs:
        for i, column in _marked_cells(log, at, log.formulas):
            message = f"{shown(log, i, column.name)} is a formula, not a value: it can change by itself."
            hint = "Copy the cell and paste it as a value, or move the formula to a column of your own."
            yield Hit(log, i, column.name, message, hint)


@warning("RB155")
def error_value(records: Records, at: Positions) -> Iterator[Hit]:
    """An error value.

    `#REF!`, `#N/A` and the like are what is left of a formula whose cells are gone. The cell counts as blank. Type the
    value that belongs there, or clear the cell.

        RB155 Cases!F2: case number=GTB-123456 opened=2023-12-31 related=error:#N/A
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    for log in records.logs:
        for i, column in _marked_cells(log, at, log.errors):
            broken = log.errors[i, column.name]
            message = f"{column.header} holds the error {broken}."
            yield Hit(log, i, column.name, message, "Type the value, or clear the cell.", broken)


def _marked_cells(log: Log, at: Positions, marks: Container[tuple[int, str]]) -> Iterator[tuple[int, Column]]:
    if marks:
        yield from ((i, column) for i in rows(log, at) for column in log.sheet.columns if (i, column.name) in marks)


@warning("RB156")
def card_number(records: Records, at: Positions) -> Iterator[Hit]:
    """What looks like a full payment card number.

    Whoever gets the workbook gets the card: PCI DSS allows a card number to be shown with its first six and last four
    digits at most. Leave only the last four. Free text and Payment Reference are searched; the numbers of cases and
    orders are long by nature and are not. Messages show the number masked.

        RB156 Cases!M2: case number=GTB-123456 opened=2023-12-31 notes="paid with 4111 1111 1111 1111"
        Okay: case number=GTB-123456 opened=2023-12-31 notes="paid with the card ending in 1111"
    """
    for log, column in columns(records, Kind.TEXT, Kind.LONG_TEXT, Kind.IDENTIFIER):
        texts = texts_in(log, at, column.name) if may_name_a_card(column) else []
        if not may_hold_card_number("\n".join(texts)):
            continue
        for i in suspects(log, at, column.name, _holds_card_number):
            masked = find_card_number(str(log[column.name][i]))
            message = f"{column.header} holds what looks like a full payment card number, {masked}."
            yield Hit(log, i, column.name, message, "Leave only its last four digits.", masked)


_SHORTEST_CARD_NUMBER = 13


def _holds_card_number(value: object) -> bool:
    return isinstance(value, str) and len(value) >= _SHORTEST_CARD_NUMBER and find_card_number(value) is not None


register(
    UNUSABLE,
    Severity.WARNING,
    """A setting cannot be used.

    A line of the Settings sheet holds something that it does not accept, such as a time zone that does not exist. The
    default applies, which may be another one than you meant: correct the line. (Read with the settings, before there
    are records.)

        RB157 Settings!B2: setting "Time zone=Mars/Olympus" ; case number=GTB-123456 opened=2023-12-31
        Okay: setting "Time zone=Europe/Berlin" ; case number=GTB-123456 opened=2023-12-31
    """,
    None,
)


@warning("RB159")
def merged_cells(records: Records, at: Positions) -> Iterator[Hit]:
    """Merged cells among the entries.

    Of merged cells only the first one shows. What stands in the others is hidden and yet counts, a row whose cells are
    merged with those of the row above has none of its own, and rows that are merged cannot be sorted. Unmerge them, then
    look at what each cell holds.

        RB159 Cases!G2: case number=GTB-123456 opened=2023-12-31 customer=Ana ; merge Cases!G2:H2
        Okay: case number=GTB-123456 opened=2023-12-31 customer=Ana ; merge Cases!R2:S2
    """
    for log in records.logs:
        for i, column in _marked_cells(log, at, log.merged):
            cells = log.merged[i, column.name]
            message = f"The cells {cells} are merged: only the first of them shows."
            yield Hit(log, i, column.name, message, "Unmerge them, then look at what each of them holds.", cells)


@warning("RB166")
def unusual_spelling(records: Records, at: Positions) -> Iterator[Hit]:
    """A case number holds characters that look like others.

    A dash that is longer than the one on the keyboard, a no-break space, two blanks for one, full-width letters or
    characters that cannot be seen: they come along when a number is copied from a mail or a web page. The rules take
    the number for the same as without them; Excel's own formulas and filters do not, and miss the row. The next save that refundbook makes
    writes the plain characters instead, and says so; letters stay as they are, upper and lower case too. A formula is left alone.

        RB166 Cases!A2: case number=GTB–123456 opened=2023-12-31
        RB166 Resolutions!A2: case number=GTB-123456 opened=2023-12-31 ; resolution number="GTB-123456 " status=Pending
        RB166 Cases!F2: case number=GTB-123456 opened=2023-12-31 related=ＰＰ-1
        Okay: case number=GTB-123456 opened=2023-12-31 related="PP 1"
    """
    for log in records.logs:
        for column in log.sheet.columns:
            if not column.names_case or are_normal(texts_in(log, at, column.name)):
                continue
            for i in suspects(log, at, column.name, _is_unusual):
                number = str(log[column.name][i])
                message = f"{column.header} {quoted(normal(number))} is written with {', '.join(unusual_in(number))}: Excel's formulas take it for another number."
                hint = "The next save that refundbook makes writes it plainly."
                if (i, column.name) in log.formulas:
                    hint = "Let the formula give the number plainly, or put the number in its place."
                yield Hit(log, i, column.name, message, hint, normal(number))


def _is_unusual(value: object) -> bool:
    return isinstance(value, str) and normal(value) != value
