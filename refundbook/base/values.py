"""Values: from what the shell, a CSV file or Python hands over to what a column holds, and back to text that people
read.

What is read here is stricter than a spreadsheet: whatever has two meanings is refused, with a sentence that says what
is accepted. Dates are read in `date_reader`, amounts in `amounts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from numbers import Integral

from refundbook.base.a1 import MAX_TEXT
from refundbook.base.amounts import MAX_DIGITS, amount_text, read_amount, read_number
from refundbook.base.clock import Clock
from refundbook.base.currencies import code_of, is_code
from refundbook.base.date_reader import read_date
from refundbook.base.dates import moment_text
from refundbook.base.errors import BadValue
from refundbook.base.identifiers import _cleaned, normal
from refundbook.base.mangled import unwrapped, what_became_of
from refundbook.base.scalars import plain
from refundbook.base.schema import Column, Kind
from refundbook.base.text import is_blank, is_invisible, quoted, shows_nothing

Value = str | Decimal | int | float | date | datetime | None

MAX_IDENTIFIER = 255
"""The longest text, in UTF-16 code units, that Excel's MATCH looks up; a longer case number could not be found by its
formulas.
"""

_LONGEST_DAY = len("2023-10-26")
"""Longer texts may name an offset from UTC; what they mean depends on the computer's zone too, where the workbook has
none.
"""

# Not a Char of XML 1.0 (section 2.2), so no sheet part can hold it.
_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_LINE_OR_TAB = "[\t\n\x0b\x0c\r\x85\u2028\u2029]"


Read = Callable[[object, date | None], Value]
"""Reads a value of one column, as `read` does; the second argument is `start`."""


def read(column: Column, value: object, clock: Clock, *, start: date | None = None) -> Value:
    """The value of `column` that `value` means; None for None, an empty text, a text of blanks, and pandas' NaN, NaT
    and NA.

    Gives a str, a Decimal (amounts), an int (whole numbers), a float (numbers of any kind), a date, or a datetime
    without time zone in the workbook's zone, in whole seconds and never at midnight. `start` is what a span of time
    such as `48 hrs` counts from: the date of the message, for a due date. Raises BadValue, whose message begins with
    the column's header, where `value` is not certain to be right.
    """
    return reader(column, clock)(value, start)


@lru_cache(maxsize=256)
def reader(column: Column, clock: Clock) -> Read:
    """`read` of many values of one column: a function of the value and `start`. It remembers what many entries have in
    common, as the day.
    """
    of_filled = _reader_of_filled(column, clock)
    # What is required must be seen; what is not may be any text.
    is_nothing = shows_nothing if column.required else is_blank

    def read_one(value: object, start: date | None) -> Value:
        value = plain(value)
        return None if value is None or is_nothing(value) else of_filled(value, start)

    if not (column.choices or column.suggestions or column.is_date):
        return read_one
    longest = _LONGEST_DAY if column.is_date else MAX_TEXT
    remembered = lru_cache(maxsize=1024)(lambda text: read_one(text, None))

    def read_or_remember(value: object, start: date | None) -> Value:
        if start is None and isinstance(value, str) and len(value) <= longest:
            return remembered(value)
        return read_one(value, start)

    return read_or_remember


def _reader_of_filled(column: Column, clock: Clock) -> Read:
    if column.is_date:
        return lambda value, start: read_date(column, value, clock, start)
    if column.kind in _READERS:
        read_kind = _READERS[column.kind]
        return lambda value, _: read_kind(column, value)
    if column.choices:
        return lambda value, _: _choice(column, _text(column, value))
    if column.suggestions == "Currencies":
        return lambda value, _: _currency(column, _text(column, value))
    return lambda value, _: _text(column, value)


def to_text(value: object) -> str:
    """How a value is shown to people: 2023-10-28, 2023-10-28 14:30, 49.90, `""` for None. (An amount whose currency is
    known: `amount_text`.)
    """
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, date):
        return moment_text(value)
    if isinstance(value, Decimal):
        return amount_text(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**MAX_DIGITS:
        return str(int(value))
    return str(value)


# Numbers


def _amount(column: Column, value: object) -> Decimal:
    return read_amount(column.header, value).figure


def _whole(column: Column, value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = _digits(value) if _is_int(value) else value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(rf"0*[1-9][0-9]{{0,{MAX_DIGITS - 1}}}", text):
        raise BadValue(f"{column.header} {quoted(value)} is not a whole number above 0: write digits only, such as 12.")
    return int(text)


def _is_int(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _number(column: Column, value: object) -> float:
    if column.choices and isinstance(value, str):
        value = _choice(column, value)
    number = read_number(column.header, value)
    if column.choices and number not in [read_number(column.header, choice) for choice in column.choices]:
        _choice(column, to_text(number))
    return number


def _formula(column: Column, value: object) -> str:
    raise BadValue(
        f"{column.header} is calculated by a formula in the workbook, which goes on by itself: leave it out."
    )


def _digits(value: object) -> str:
    """The digits of an int, also of numpy's; `""` for one so long that Python does not spell it out."""
    try:
        return str(value)
    except ValueError:
        return ""


# Text


def _text(column: Column, value: object) -> str:
    text = value if isinstance(value, str) else _digits(value) if _is_int(value) else ""
    if not text:
        raise BadValue(
            f"{column.header} {quoted(value)} is not text: give it as text, in quotation marks, "
            "so that no zero is lost."
        )
    if not text.isprintable() and (bad := re.search(_NOT_XML, text)):
        raise BadValue(
            f"{column.header} {quoted(text)} has a character that no workbook can hold "
            f"(U+{ord(bad[0]):04X}, at position {bad.start() + 1}): take it out."
        )
    if 2 * len(text) > MAX_TEXT and (length := _utf16_length(text)) > MAX_TEXT:
        raise BadValue(
            f"{column.header} is {length:,} characters long, and a cell holds {MAX_TEXT:,}: shorten it, "
            "or split it over two entries."
        )
    return text


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(c > "\uffff" for c in text)


def _identifier(column: Column, value: object) -> str | None:
    """A number such as `007`, as text. Invisible characters around it go too: Excel's formulas would not find it with
    them.
    """
    text = unwrapped(_text(column, value))
    while (trimmed := _without_invisible_ends(text).strip()) != text:
        text = trimmed
    if wrong := what_became_of(text):
        raise BadValue(f"{column.header} {quoted(text)} {wrong[0]}. {wrong[1]}")
    if not text.isprintable() and (bad := re.search(_LINE_OR_TAB, text)):
        what = "tab" if bad[0] == "\t" else "line break"
        raise BadValue(f"{column.header} {quoted(text)} has a {what} in it: write the number on one line.")
    if column.names_case:
        text = normal(text)
    if 2 * len(text) > MAX_IDENTIFIER and (length := _utf16_length(text)) > MAX_IDENTIFIER:
        raise BadValue(
            f"{column.header} {quoted(text)} is {length:,} characters long, and Excel looks up {MAX_IDENTIFIER} at "
            "most: write the number alone, and anything else in the notes."
        )
    return text or None


def _without_invisible_ends(text: str) -> str:
    if text.isascii():
        return text
    first, last = 0, len(text)
    while first < last and is_invisible(text[first]):
        first += 1
    while first < last and is_invisible(text[last - 1]):
        last -= 1
    return text[first:last]


def _choice(column: Column, text: str) -> str:
    if choice := choice_of(column, text):
        return choice
    near = nearest_choice(column, text)
    likely = f' Did you mean "{near}"?' if near else ""
    raise BadValue(f"{column.header} {quoted(text)} is not one of: {', '.join(column.choices)}.{likely}")


def choice_of(column: Column, text: str) -> str | None:
    """The one of a closed list that a text is, whatever its case, width and blanks; None where it is none."""
    return _by_folded(column.choices).get(_folded(text))


def nearest_choice(column: Column, text: str) -> str | None:
    """The one of a closed list that a text most likely is meant to be; None where none is near."""
    import difflib

    folded = _by_folded(column.choices)
    near = difflib.get_close_matches(_folded(text), folded, n=1)
    return folded[near[0]] if near else None


@cache
def _by_folded(choices: tuple[str, ...]) -> dict[str, str]:
    return {_folded(choice): choice for choice in choices}


@lru_cache(maxsize=1024)
def _folded(text: str) -> str:
    return " ".join(filter(None, re.split(r"[\s_-]+", _cleaned(text)))).casefold()


def _currency(column: Column, text: str) -> str:
    code = code_of(text)
    if not is_code(code):
        raise BadValue(f"{column.header} {quoted(text)} is not a currency code: write its three letters, such as USD.")
    return code


_READERS: dict[Kind, Callable[[Column, object], Value]] = {
    Kind.MONEY: _amount,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.FORMULA: _formula,
    Kind.IDENTIFIER: _identifier,
}
