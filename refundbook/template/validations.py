"""Drop-downs, input messages and stopping errors of the pillar sheets (ECMA-376 Part 1, 18.3.1.32), each for its whole
column.

A formula may hold 255 characters, an input message or error 255, their titles 32. Formulas are written for row 2; a
spreadsheet shifts them down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Column, Kind, Sheet
from refundbook.template import names
from refundbook.template.style import LAST_ROW

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

EARLIEST = "DATE(2000,1,1)"
LATEST = "DATE(2100,1,1)"


@dataclass(frozen=True, slots=True)
class Check:
    """What a column accepts: the attributes of a `dataValidation` that decide, and the error that stops
    anything else.
    """

    type: Literal["custom", "date", "decimal", "list"]
    formula1: str
    error: str
    formula2: str | None = None
    operator: Literal["between", "greaterThanOrEqual"] | None = None
    stops: bool = True
    blank: bool = True


def letters(sheet: Sheet) -> dict[str, str]:
    """The letter of each column in the template, by the column's name."""
    return {column.name: get_column_letter(index) for index, column in enumerate(sheet.columns, start=1)}


def whole_column(letter: str) -> str:
    """Every row of a column below the header, such as `A2:A1048576`."""
    return f"{letter}2:{letter}{LAST_ROW}"


def literal(text: str) -> str:
    """A formula for the text in which `MATCH` takes `~`, `*` and `?` for themselves and not for wildcards."""
    return f'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(TRIM({text}),"~","~~"),"*","~*"),"?","~?")'


def once(letter: str, sought: str) -> str:
    """True where `sought` stands neither above nor below row 2 of the column. `MATCH` compares text as text, and so
    keeps 5.1 and 5.10 apart.
    """
    above, below = f"{letter}$1:{letter}1", f"{letter}3:{letter}${LAST_ROW}"
    return f"ISNA(MATCH({sought},{above},0)),ISNA(MATCH({sought},{below},0))"


def letters_matter(number: str) -> str:
    """True for a number in which upper and lower case differ: `MATCH` and `=` do not see it, so that the duplicate is
    only pointed out.
    """
    return f"SUMPRODUCT(--EXACT(LEFT({number},LEN(Cased)),Cased))"


def _is_another(related: str, number: str) -> str:
    return f"IF({letters_matter(related)},NOT(EXACT(TRIM({related}),TRIM({number}))),TRIM({related})<>TRIM({number}))"


def add_validations(worksheet: Worksheet, sheet: Sheet) -> None:
    """Give every column of a pillar its input message and, where it has one, its check."""
    at = letters(sheet)
    special = _special_checks(sheet, at)
    for column in sheet.columns:
        check = special.get(column.name) or _general_check(column)
        worksheet.data_validations.append(_validation(column, check, whole_column(at[column.name])))


def _validation(column: Column, check: Check | None, cells: str) -> DataValidation:
    validation = DataValidation(
        sqref=cells,
        allow_blank=True,
        showInputMessage=True,
        promptTitle=column.header[:32],
        prompt=_prompt(column),
    )
    if check is not None:
        validation.type = check.type
        validation.operator = check.operator
        validation.formula1 = check.formula1
        validation.formula2 = check.formula2
        validation.allow_blank = check.blank
        if check.stops:
            validation.showErrorMessage = True
            validation.errorStyle = "stop"
            validation.errorTitle = column.header[:32]
            validation.error = check.error
    return validation


def _prompt(column: Column) -> str:
    start = "Required. " if column.required else ""
    end = " Choose from the list, or type another." if column.suggestions else ""
    return f"{start}{column.help}{end}"


def _general_check(column: Column) -> Check | None:
    if column.choices:
        accepted = ", ".join(column.choices)
        return Check("list", f'"{",".join(column.choices)}"', f"{column.header} is one of: {accepted}.")
    if column.suggestions:
        return Check("list", names.list_name(column.suggestions), "", stops=False)
    if column.kind is Kind.MONEY:
        message = f"{column.header} is a number, 0 or more, without a currency sign. The currency has its own column."
        return Check("decimal", "0", message, operator="greaterThanOrEqual")
    if column.is_date:
        return _date_check(column.header, EARLIEST, LATEST, "Type a date from 2000 on, such as 2023-10-26.")
    return None


def _date_check(header: str, first: str, last: str, advice: str) -> Check:
    return Check("date", first, f"This is not a date that {header} can have. {advice}", last, "between")


_PAST = "Type a real date that is not in the future, such as 2023-10-26."


def _special_checks(sheet: Sheet, at: dict[str, str]) -> dict[str, Check]:
    if sheet is CASES:
        return _checks_of_cases(at)
    if sheet is COMMUNICATIONS:
        return _checks_of_messages(at)
    return {
        "number": _known_case(),
        "date": _date_check(RESOLUTIONS["date"].header, EARLIEST, "TODAY()", _PAST),
        "logged_at": _date_check("Logged At", EARLIEST, "NOW()+1", _PAST),
    }


def _checks_of_cases(at: dict[str, str]) -> dict[str, Check]:
    number, related = f"{at['number']}2", f"{at['related']}2"
    duplicate = (
        "This number is already in the list, and each case stands here once. Find it with Ctrl+F; "
        "log news about it on Communications."
    )
    itself = "A case cannot be related to itself. Type the number of the other case."
    return {
        "number": Check(
            "custom", f"OR({letters_matter(number)},AND({once(at['number'], literal(number))}))", duplicate
        ),
        "related": Check("custom", _is_another(related, number), itself),
        "opened": _date_check("Date Opened", EARLIEST, "TODAY()", _PAST),
        "answered_on": _date_check(
            CASES["answered_on"].header,
            f"MAX({EARLIEST},INT(N({at['opened']}2)))",
            "TODAY()",
            "It lies between the day the case was opened and today. Blank: not answered yet.",
        ),
        "logged_at": _date_check("Logged At", EARLIEST, "NOW()+1", _PAST),
    }


def _checks_of_messages(at: dict[str, str]) -> dict[str, Check]:
    entry, date = f"{at['entry']}2", f"{at['date']}2"
    since = f"MAX({EARLIEST},INT(N({date})))"
    number = "Entry is a whole number above 0 that no other row has. Leave it blank, and refundbook fills it in."
    return {
        "entry": Check(
            "custom", f"AND(ISNUMBER({entry}),{entry}>0,{entry}=INT({entry}),{once(at['entry'], entry)})", number
        ),
        "number": _known_case(),
        "date": _date_check("Date", EARLIEST, "NOW()", _PAST),
        "due": _date_check("Due", since, LATEST, "It is due on the day of the message or later."),
        "kept_on": _date_check(
            "Kept On", since, "TODAY()", "It lies between the day of the message and today. Blank: not kept yet."
        ),
        "logged_at": _date_check("Logged At", EARLIEST, "NOW()+1", _PAST),
    }


def _known_case() -> Check:
    # With blanks allowed Excel accepts anything as soon as the list itself holds a blank cell, as the Cases of a new
    # workbook do.
    message = (
        "There is no such case on the Cases sheet. Choose one from the list, "
        "or enter the case on the Cases sheet first."
    )
    return Check("list", names.CASE_NUMBERS, message, blank=False)
