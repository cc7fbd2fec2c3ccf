"""Warnings about single cells: what is allowed, and yet is seldom what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from refundbook.base.cards import find_card_number, may_hold_card_number
from refundbook.base.identifiers import are_normal, matcher, normal, unusual_in
from refundbook.base.mangled import advice_on, is_mangled, what_became_of, what_it_stands_as
from refundbook.base.schema import Kind
from refundbook.base.text import quoted
from refundbook.record.records import Positions, Records
from refundbook.record.rules.declare import Hit, Scope, warning
from refundbook.record.rules.hints import explained
from refundbook.record.rules.scan import Cell, each_cell, each_marked, marked, of_kind, rows, suspects, texts_in
from refundbook.record.rules.wording import may_name_a_card, shown


@warning("RB151", scope=Scope.ROW)
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
            message = (
                f"{shown(cases, i, 'number')} does not look like a number of {issuer.name}, such as "
                f"{' or '.join(issuer.patterns)}."
            )
            hint = "Compare it with the issuer's message, or add its pattern on the Settings sheet."
            yield Hit(cases, i, "number", message, hint)


@warning("RB152", scope=Scope.CELL)
def numeric_case_number(records: Records, at: Positions) -> Iterator[Hit]:
    """A case number stands as a number.

    A number has no leading zeros and keeps only 15 digits: where Excel took a case number for a number, some of it may
    be gone. Give the cell the text format, then type the case number again as its issuer wrote it.

        RB152 Cases!A2: case number=number:123456 opened=2023-12-31
        Okay: case number=0123456 opened=2023-12-31
    """
    for log in records.logs:
        for i in (i for i in rows(log, at) if i in log.numeric) if log.numeric else ():
            message = f"{shown(log, i, 'number')} stands as a number: leading zeros may be lost."
            hint = "Give the cell the text format and type the case number again as its issuer wrote it."
            yield Hit(log, i, "number", message, hint)


@warning("RB163", scope=Scope.CELL)
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
    for log in records.logs:
        turned = [cell for cell in marked(records, log, at, log.turned) if _is_number(log.turned[cell.at])]
        for column in filter(of_kind(Kind.IDENTIFIER), log.sheet.columns):
            for i in suspects(log, at, column.name, is_mangled):
                if wrong := what_became_of(str(log[column.name][i])):
                    yield Hit(log, i, column.name, f"{shown(log, i, column.name)} {wrong[0]}.", wrong[1])
            yield from (_turned(cell) for cell in turned if cell.column is column)


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _turned(cell: Cell) -> Hit:
    value = cell.log.turned[cell.at]
    return cell.hit(f"{cell} stands as {what_it_stands_as(value)}.", advice_on(value))


@warning("RB164", scope=Scope.CELL)
@each_marked(lambda log: log.turned)
def turned_into_another_kind(cell: Cell) -> Hit | None:
    """A number that was turned into a date.

    Excel takes 3-12 or 12/2023 for a date, 10:30 for a time and TRUE for a truth value, and keeps only what it took them
    for. Give the cell the text format, then type the number again as its issuer wrote it.

        RB164 Cases!A2: case number=date:2024-02-03 opened=2023-12-31
        RB164 Cases!D2: case number=GTB-123456 opened=2023-12-31 order=time:10:30
        Okay: case number=2024-02-03 opened=2023-12-31
    """
    return None if _is_number(cell.log.turned[cell.at]) else _turned(cell)


_FIRST_DAY = date(2000, 1, 1).toordinal()


def _is_before_2000(value: object) -> bool:
    return isinstance(value, date) and value.toordinal() < _FIRST_DAY


@warning("RB153", scope=Scope.CELL)
@each_cell(of_kind(Kind.DATE, Kind.MOMENT), suspect=_is_before_2000)
def before_2000(cell: Cell) -> Hit:
    """A date before 2000.

    No case here is that old. Such a date comes of a year typed with two digits, of a number that was given a date
    format, or of a blank cell that an import turned into 1900-01-00. Correct the year.

        RB153 Cases!L2: case number=GTB-123456 opened=2023-12-31 respond_by=1924-01-05 ; communication number=GTB-123456 date=2023-12-31 with=Support summary=Hello
        RB153 Cases!C2, RB353 Cases!C2: case number=GTB-123456 opened=1923-12-30
        Okay: case number=GTB-123456 opened=2000-01-01 ; resolution number=GTB-123456 status=Denied date=2000-01-01
    """
    hint = explained(cell.records, cell.log, cell.position, cell.column.name, "Correct the year.")
    return cell.hit(f"{cell} is before 2000.", hint)


@warning("RB154", scope=Scope.CELL)
@each_marked(lambda log: log.formulas)
def formula(cell: Cell) -> Hit:
    """A formula where a value belongs.

    What is logged must not change by itself: a formula gives another value once the cells that it reads change, or
    (`TODAY()`) day by day. Copy the cell and paste it as a value, or move the formula to a column of your own.

        RB154 Cases!C2: case number=GTB-123456 opened=formula:DATE(2023,12,31)|2023-12-31
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    return cell.hit(
        f"{cell} is a formula, not a value: it can change by itself.",
        "Copy the cell and paste it as a value, or move the formula to a column of your own.",
    )


@warning("RB155", scope=Scope.CELL)
@each_marked(lambda log: log.errors)
def error_value(cell: Cell) -> Hit:
    """An error value.

    `#REF!`, `#N/A` and the like are what is left of a formula whose cells are gone. The cell counts as blank. Type the
    value that belongs there, or clear the cell.

        RB155 Cases!F2: case number=GTB-123456 opened=2023-12-31 related=error:#N/A
        Okay: case number=GTB-123456 opened=2023-12-31
    """
    broken = cell.log.errors[cell.at]
    return cell.hit(f"{cell.header} holds the error {broken}.", "Type the value, or clear the cell.", broken)


_SHORTEST_CARD_NUMBER = 13


def _holds_card_number(value: object) -> bool:
    return isinstance(value, str) and len(value) >= _SHORTEST_CARD_NUMBER and find_card_number(value) is not None


def _hold_no_card_number(values: Sequence[object]) -> bool:
    return not may_hold_card_number("\n".join(texts_in(values)))


@warning("RB156", scope=Scope.CELL)
@each_cell(may_name_a_card, suspect=_holds_card_number, unless=_hold_no_card_number)
def card_number(cell: Cell) -> Hit:
    """What looks like a full payment card number.

    Whoever gets the workbook gets the card: PCI DSS allows a card number to be shown with its first six and last four
    digits at most. Leave only the last four. Free text and Payment Reference are searched; the numbers of cases and
    orders are long by nature and are not. Messages show the number masked.

        RB156 Cases!M2: case number=GTB-123456 opened=2023-12-31 notes="paid with 4111 1111 1111 1111"
        Okay: case number=GTB-123456 opened=2023-12-31 notes="paid with the card ending in 1111"
    """
    masked = find_card_number(str(cell.value))
    message = f"{cell.header} holds what looks like a full payment card number, {masked}."
    return cell.hit(message, "Leave only its last four digits.", masked)


@warning("RB159", scope=Scope.CELL)
@each_marked(lambda log: log.merged)
def merged_cells(cell: Cell) -> Hit:
    """Merged cells among the entries.

    Of merged cells only the first one shows. What stands in the others is hidden and yet counts, a row whose cells are
    merged with those of the row above has none of its own, and rows that are merged cannot be sorted. Unmerge them, then
    look at what each cell holds.

        RB159 Cases!G2: case number=GTB-123456 opened=2023-12-31 customer=Ana ; merge Cases!G2:H2
        Okay: case number=GTB-123456 opened=2023-12-31 customer=Ana ; merge Cases!R2:S2
    """
    cells = cell.log.merged[cell.at]
    message = f"The cells {cells} are merged: only the first of them shows."
    return cell.hit(message, "Unmerge them, then look at what each of them holds.", cells)


def _is_unusual(value: object) -> bool:
    return isinstance(value, str) and normal(value) != value


def _are_usual(values: Sequence[object]) -> bool:
    return are_normal(texts_in(values))


@warning("RB166", scope=Scope.CELL)
@each_cell(lambda column: column.names_case, suspect=_is_unusual, unless=_are_usual)
def unusual_spelling(cell: Cell) -> Hit:
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
    number = str(cell.value)
    how = ", ".join(unusual_in(number))
    message = (
        f"{cell.header} {quoted(normal(number))} is written with {how}: Excel's formulas take it for another number."
    )
    hint = "The next save that refundbook makes writes it plainly."
    if cell.at in cell.log.formulas:
        hint = "Let the formula give the number plainly, or put the number in its place."
    return cell.hit(message, hint, normal(number))
