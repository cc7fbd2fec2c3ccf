"""Values: from what the shell, a CSV file or Python hands over to what a column holds, and back to text that people read.

What is read here is stricter than a spreadsheet: whatever has two meanings is refused, with a sentence that says what is accepted. Dates are
read in `refundbook.dates`; case numbers are compared, and payment cards are found, here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from numbers import Integral

from refundbook.amounts import MAX_DIGITS, amount_text, read_amount
from refundbook.currencies import code_of, is_code
from refundbook.dates import Clock, date_or_none, day_of, moment_before, moment_text, read_date
from refundbook.errors import BadValue
from refundbook.mangled import unwrapped, what_became_of
from refundbook.scalars import plain
from refundbook.schema import Column, Issuer, Kind
from refundbook.text import is_invisible, quoted

__all__ = [
    "Clock",
    "are_normal",
    "canonical",
    "canonical_forms",
    "choice_of",
    "explain_date",
    "find_card_number",
    "is_blank",
    "issuer_of",
    "matcher",
    "matches",
    "may_hold_card_number",
    "moment_before",
    "nearest_choice",
    "normal",
    "read",
    "reader",
    "to_text",
    "unusual_in",
]

Value = str | Decimal | int | date | datetime | None

MAX_TEXT = 32_767
"""The most UTF-16 code units that a cell holds (Excel's specifications and limits)."""

MAX_IDENTIFIER = 255
"""The longest text, in UTF-16 code units, that Excel's MATCH looks up; a longer case number could not be found by its formulas."""

_LONGEST_DAY = len("2023-10-26")
"""Longer texts may name an offset from UTC; what they mean depends on the computer's zone too, where the workbook has none."""

# Not a Char of XML 1.0 (section 2.2), so no sheet part can hold it.
_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_LINE_OR_TAB = "[\t\n\x0b\x0c\r\x85\u2028\u2029]"


Read = Callable[[object, date | None], Value]
"""Reads a value of one column, as `read` does; the second argument is `start`."""


def read(column: Column, value: object, clock: Clock, *, start: date | None = None) -> Value:
    """The value of `column` that `value` means; None for None, an empty text, a text of blanks, and pandas' NaN, NaT and NA.

    Gives a str, a Decimal (amounts), an int (whole numbers), a date, or a datetime without time zone in the workbook's zone, in whole seconds
    and never at midnight. `start` is what a span of time such as `48 hrs` counts from: the date of the message, for a due date.
    Raises BadValue, whose message begins with the column's header, where `value` is not certain to be right.
    """
    return reader(column, clock)(value, start)


def is_blank(value: object) -> bool:
    """Whether a value is a text with nothing but blanks in it."""
    return isinstance(value, str) and not value.strip()


@lru_cache(maxsize=256)
def reader(column: Column, clock: Clock) -> Read:
    """`read` of many values of one column: a function of the value and `start`. It remembers what many entries have in common, as the day."""
    of_filled = _reader_of_filled(column, clock)

    def read_one(value: object, start: date | None) -> Value:
        value = plain(value)
        return None if value is None or is_blank(value) else of_filled(value, start)

    if not (column.choices or column.is_date):
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
    """How a value is shown to people: 2023-10-28, 2023-10-28 14:30, 49.90, `""` for None. (An amount whose currency is known: `amount_text`.)"""
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
            f"{column.header} {quoted(value)} is not text: give it as text, in quotation marks, so that no zero is lost."
        )
    if not text.isprintable() and (bad := re.search(_NOT_XML, text)):
        raise BadValue(
            f"{column.header} {quoted(text)} has a character that no workbook can hold "
            f"(U+{ord(bad[0]):04X}, at position {bad.start() + 1}): take it out."
        )
    if 2 * len(text) > MAX_TEXT and (length := _utf16_length(text)) > MAX_TEXT:
        raise BadValue(
            f"{column.header} is {length:,} characters long, and a cell holds {MAX_TEXT:,}: shorten it, or split it over two entries."
        )
    return text


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(c > "\uffff" for c in text)


def _identifier(column: Column, value: object) -> str | None:
    """A number such as `007`, as text. Invisible characters around it go too: Excel's formulas would not find it with them."""
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
            f"{column.header} {quoted(text)} is {length:,} characters long, and Excel looks up {MAX_IDENTIFIER} at most: "
            "write the number alone, and anything else in the notes."
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
    Kind.IDENTIFIER: _identifier,
}


# Case numbers

_MINUS = "\u2212"  # looks like a dash, and is a symbol to Unicode


def normal(number: str) -> str:
    """The one way in which a case number is written: what can be typed in several ways that look alike or nearly so is typed in one.

    Trimmed, in NFKC (full-width letters and digits become ordinary ones), without invisible characters, every run of blanks one space, every dash
    `-`. Its letters stay as they are, upper and lower case too. The normal form of a normal form is itself.
    """
    text = _cleaned(number)
    # Again and again: an invisible character taken out can leave neighbours that NFKC joins.
    while not text.isascii() and (again := _cleaned(text)) != text:
        text = again
    return text


def are_normal(numbers: Collection[str]) -> bool:
    """Whether all are of plain letters, digits and signs, without a blank, and so in their normal form: quick to say of many."""
    together = "\n".join(numbers)
    return together.isascii() and together.split() == list(numbers)


def unusual_in(number: str) -> list[str]:
    """In words, each kind of character in a case number that `normal` writes otherwise, such as `a no-break space`."""
    found = [_unusual(character) for character in number if not character.isascii() or character in "\t\n\r\v\f"]
    if number != number.strip(" ") or "  " in number:
        found.append("a blank too many")
    words = [word for word in dict.fromkeys(found) if word]
    return words if words or normal(number) == number else ["characters that are written in two ways"]


def _unusual(character: str) -> str:
    if character == "\u00a0":
        return "a no-break space"
    if character.isspace():
        return "an unusual blank"
    if _is_dash(character):
        return f"the dash {character}"
    if is_invisible(character):
        return "an invisible character"
    wide = unicodedata.normalize("NFKC", character)
    if wide == character:
        return ""
    return "full-width characters" if unicodedata.east_asian_width(character) == "F" else f"the character {character}"


def canonical(number: str, issuers: tuple[Issuer, ...]) -> str:
    """The form in which case numbers are compared: two numbers are one when it is equal.

    The `normal` form, case-folded unless the number has the pattern of an issuer whose numbers are case-sensitive. The canonical form of a
    canonical form is itself.
    """
    text = normal(number)
    sensitive = _case_sensitive(issuers)
    if sensitive and sensitive.fullmatch(text):
        return text
    if text.isascii():
        return text.lower()
    # Once more: folding can undo NFKC.
    return normal(text.casefold())


def canonical_forms(numbers: Collection[str], issuers: tuple[Issuer, ...]) -> dict[str, str]:
    """`canonical` of many numbers. Where all are of plain letters, digits and signs, they are looked at together, in a tenth of the time."""
    if not (numbers and are_normal(numbers)):
        return {number: canonical(number, issuers) for number in numbers}
    together = "\n".join(numbers)
    forms = dict(zip(numbers, together.lower().split("\n"), strict=True))
    if sensitive := _case_sensitive(issuers):
        forms.update((number, number) for number in re.findall(f"(?m)^(?:{sensitive.pattern})$", together))
    return forms


def _cleaned(text: str) -> str:
    if text.isascii():
        return " ".join(text.split())
    visible = (c for c in unicodedata.normalize("NFKC", text) if not is_invisible(c))
    return " ".join("".join("-" if _is_dash(c) else c for c in visible).split())


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character == _MINUS


def matches(number: str, issuer: Issuer) -> bool:
    """Whether `number` has one of the patterns of `issuer`, or `issuer` has none."""
    return matcher(issuer)(number)


def matcher(issuer: Issuer) -> Callable[[str], bool]:
    """`matches` for many numbers of one issuer."""
    pattern = _pattern(issuer)
    return lambda number: pattern is None or pattern.fullmatch(_cleaned(number)) is not None


def issuer_of(number: str, issuers: tuple[Issuer, ...]) -> str | None:
    """The name of the first issuer whose patterns say that `number` is one of theirs; issuers without patterns are passed over."""
    return next((issuer.name for issuer in issuers if issuer.patterns and matches(number, issuer)), None)


_CLASSES = {"#": "[0-9]", "@": "[A-Za-z]", "?": "[A-Za-z0-9]"}
_ANY = "[A-Za-z0-9-]*"


@lru_cache(maxsize=256)
def _pattern(issuer: Issuer) -> re.Pattern[str] | None:
    alternatives = "|".join(_regex(_cleaned(pattern)) for pattern in issuer.patterns)
    flags = re.ASCII if issuer.case_sensitive else re.ASCII | re.IGNORECASE
    return re.compile(alternatives, flags) if alternatives else None


_sensitive: tuple[tuple[Issuer, ...], re.Pattern[str] | None] = ((), None)


def _case_sensitive(issuers: tuple[Issuer, ...]) -> re.Pattern[str] | None:
    """The case-sensitive patterns of `issuers`. The latest are kept by identity: hashing the issuers would take most of `canonical`'s time."""
    global _sensitive
    known, pattern = _sensitive
    if known is not issuers:
        alternatives = [_regex(_cleaned(p)) for issuer in issuers if issuer.case_sensitive for p in issuer.patterns]
        pattern = re.compile("|".join(alternatives)) if alternatives else None
        _sensitive = issuers, pattern
    return pattern


def _regex(pattern: str) -> str:
    """`pattern` (see `Issuer`) as a regular expression that takes linear time.

    What follows a `*` is taken where it is first found, in an atomic group, as `fnmatch.translate` does: going back could find nothing more.
    """
    first, *rest = ("".join(_CLASSES.get(c) or re.escape(c) for c in part) for part in re.split(r"\*+", pattern))
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>{_ANY}?{part})" for part in middle) + _ANY + last


# Dates: what may have gone wrong

DATE_SYSTEM_GAP = timedelta(days=1462)
"""How far a date moves when a workbook of the 1904 date system is read as one of the 1900 system (ECMA-376 part 1, 18.17.4.1)."""


def explain_date(wrong: date, earliest: date | None, latest: date | None, *, by_date_system: bool = False) -> str:
    """A sentence on the slip that may have made `wrong` of a date from `earliest` to `latest` (by day; None: no bound), or `""`.

    Looked for, in this order: day and month swapped, the wrong century, a year too early or too late, the gap between Excel's two date systems;
    with `by_date_system` only that.
    """
    day = day_of(wrong)
    low, high = day_of(earliest or date.min), day_of(latest or date.max)
    if low <= day <= high:
        return ""
    for what, candidate in _other_date_system(day) if by_date_system else _slips(day):
        if candidate and low <= candidate <= high:
            return f"{what} it would be {candidate}, which fits."
    return ""


def _slips(day: date) -> Iterator[tuple[str, date | None]]:
    yield "With day and month swapped", date_or_none(day.year, day.day, day.month)
    for year in (2000 + day.year % 100, day.year + 1, day.year - 1):
        yield f"With the year {year}", date_or_none(year, day.month, day.day)
    yield from _other_date_system(day)


def _other_date_system(day: date) -> Iterator[tuple[str, date]]:
    for days in (DATE_SYSTEM_GAP.days, -DATE_SYSTEM_GAP.days):
        moved = day.toordinal() + days
        if 1 <= moved <= date.max.toordinal():
            yield (
                "Moved by 1,462 days, from one of Excel's date systems (1900 and 1904) to the other,",
                date.fromordinal(moved),
            )


# Payment cards

_MAYBE_CARD = re.compile(r"[0-9](?:[ \u00a0-]?[0-9]){12}")
_DIGIT_GROUPS = r"(?<!\w)(?<![0-9][.,])[0-9]+(?:[ \u00a0-][0-9]+)*(?!\w|\.[0-9])"
# First digits and lengths as the networks publish them (ISO/IEC 7812): Visa; Mastercard; American Express; Discover; JCB; Diners Club; UnionPay.
_CARD = (
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}"
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|3(?:0[0-5]\d|095|[689]\d\d)\d{10,15}"
    r"|62\d{14,17}"
)


def may_hold_card_number(text: str) -> bool:
    """Whether enough digits for a payment card number stand together in `text`: quick to say no, also to many lines at once."""
    return _MAYBE_CARD.search(text) is not None


def find_card_number(text: str) -> str | None:
    """The first 6 and last 4 digits of what looks like a full payment card number in `text`, the others as `*`; None where there is none.

    Such a number has 13 to 19 digits, singly separated by spaces or dashes if at all, a network's first digits and length, and the right check
    digit (Luhn; ISO/IEC 7812-1, annex B). It begins and ends where groups of digits do, so that no part of a longer number is taken for one.
    """
    if not may_hold_card_number(text):
        return None
    for run in re.finditer(_DIGIT_GROUPS, text):
        groups: list[str] = re.findall("[0-9]+", run[0])
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) > 19:
                    break
                if re.fullmatch(_CARD, digits) and _passes_luhn(digits):
                    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
    return None


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(int(d) for d in digits[-1::-2]) + sum(doubled)) % 10 == 0
