"""What spreadsheets and programs make of a case number that they take for something else: an exponent, a decimal, a
date.

Excel shows a number of twelve digits and more as 4.83711E+11 in a cell of the General format (ECMA-376 part 1,
18.8.30), and writes it so to CSV: the other digits are gone. pandas writes the whole numbers of a column with blanks in
it as 789012.0. Others write ="0012345" to CSV, so that Excel keeps the zeros.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from refundbook.base.amounts import MAX_DIGITS
from refundbook.base.text import in_plain_digits, quoted

# With a sign, as Excel and Python write it, or with a decimal, as Java does: 1E10 may be a number that somebody gave.
_EXPONENT = r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{1,3}|[0-9][.,][0-9]+[eE][0-9]{1,3}"
# Of three digits and more: 5.0 and 12.0 may be numbers that somebody gave, among 5.1 and 12.3.
_DECIMAL = r"([0-9]{3,})[.,]0+"
_TEXT_FORMULA = r'=\s*"([^"]*)"'
_FIRST = frozenset("=0123456789")
_ANY = rf"\s*(?:{_EXPONENT}|{_DECIMAL}|{_TEXT_FORMULA})\s*"


def is_mangled(text: object) -> bool:
    """Whether a text in the place of a case number is what a spreadsheet or a program made of one."""
    if not isinstance(text, str):
        return False
    plain = in_plain_digits(text)
    return _may_be(plain.lstrip()) and re.fullmatch(_ANY, plain) is not None


def _may_be(text: str) -> bool:
    """Whether a text begins as what was made of a number does; nearly no case number does, and no pattern is asked."""
    return text[:1] in _FIRST


def unwrapped(text: str) -> str:
    """The text in ="0012345"; any other text as it is."""
    plain = in_plain_digits(text)
    match = re.fullmatch(rf"\s*{_TEXT_FORMULA}\s*", plain) if plain.lstrip().startswith("=") else None
    return match[1] if match else text


def what_became_of(text: str) -> tuple[str, str] | None:
    """What is wrong with a text where a case number belongs, after its column and itself, and what to do; None for any
    other text.
    """
    text = in_plain_digits(text).strip()
    if not _may_be(text):
        return None
    if re.fullmatch(_EXPONENT, text):
        return (
            "is what a spreadsheet shows of a long number: its other digits are lost",
            "Type the number as its issuer wrote it; in Excel, give the cell the text format first.",
        )
    if match := re.fullmatch(_DECIMAL, text):
        return (
            f"is what a program makes of the number {match[1]}, and of zeros before it",
            f"Write {match[1]}, or with the zeros that its issuer gave it.",
        )
    if match := re.fullmatch(_TEXT_FORMULA, text):
        return f"is how a CSV file writes {quoted(match[1])}", f"Write {match[1]} alone."
    return None


def what_it_stands_as(value: object) -> str:
    """What a cell holds instead of a case number, as `a date`, which came of a number that a spreadsheet took for it;
    `""` for text and numbers.
    """
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, (date, datetime)):
        return "a date"
    if isinstance(value, (time, timedelta)):
        return "a time of day"
    if isinstance(value, (int, float)) and abs(value) >= 10**MAX_DIGITS:
        return f"a number of more than {MAX_DIGITS} digits"
    return ""


RETYPE = "Give the cell the text format and type the number again as its issuer wrote it."


def advice_on(value: object) -> str:
    """What happened to a case number that now stands as `what_it_stands_as` says, and what to do in the cell."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"Excel keeps {MAX_DIGITS} digits of a number, the others are lost. {RETYPE}"
    return f"A spreadsheet took the number for one. {RETYPE}"
