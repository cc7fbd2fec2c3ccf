"""How a table writes its dates and amounts, where its cells prove it: 5/14/2023 in a column shows that 5/1/2023 is in
May, and 1.234,50 that 1.234 is a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from refundbook.base.dates import MONTHS
from refundbook.base.named_tuple import NamedTuple

_ORDERED = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2(?:19|20)\d\d\b")
_SHORT = re.compile(
    r"(?i)\s*(?:\d{1,2}([-/.])\d{1,2}\1\d{2}|\d{1,2}([-/ ])[a-z]{3,9}\.?\2\d{2}|[a-z]{3,9}\.? \d{1,2}, \d{2})(?![\d])"
)
_TIME = re.compile(r"(?i)(,?[ T])(\d{1,2}:\d\d)(:\d\d)?( ?[ap]m)?\s*$")
_DAYS = ("%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d", "%d{0}%b{0}%y", "%d{0}%B{0}%y", "%b %d, %y", "%B %d, %y")
_AMOUNT = re.compile(r"\D*?(\d[\d.,]*\d|\d)\D*")

_ELSEWHERE = (
    "januar februar m\u00e4rz april mai juni juli august september oktober november dezember",
    "janvier f\u00e9vrier mars avril mai juin juillet ao\u00fbt septembre octobre novembre d\u00e9cembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
)
_MONTHS = {name: english for names in _ELSEWHERE for name, english in zip(names.split(), MONTHS, strict=True)}
_IN_WORDS = re.compile(rf"(?i)(\d)\.?\s+(?:de\s+)?({'|'.join(_MONTHS)})\s+(?:de\s+)?(?=\d)")
_CHINESE = re.compile(r"(\d{4})\s*\u5e74\s*(\d{1,2})\s*\u6708\s*(\d{1,2})\s*\u65e5")


class DateForm(NamedTuple):
    """`day_first` and `form` are as in an `ImportMap`; None where they are not proved, or nothing asks for them."""

    day_first: bool | None = None
    form: str | None = None


def date_form(texts: Sequence[str], *, is_day_first: bool) -> DateForm:
    """How dates are written in columns with these texts. `is_day_first`: the day comes first where the table's language
    is spoken.
    """
    if any(map(_SHORT.match, texts)):
        return DateForm(form=_short_form(texts, is_day_first=is_day_first))
    pairs = [(int(found[1]), int(found[3])) for text in texts if (found := _ORDERED.match(text))]
    shown = {first > 12 for first, second in pairs if (first > 12) != (second > 12)}
    is_open = any(first <= 12 and second <= 12 and first != second for first, second in pairs)
    if not is_open or len(shown) > 1:
        return DateForm()
    return DateForm(shown.pop() if shown else is_day_first or None)


def _short_form(texts: Sequence[str], *, is_day_first: bool) -> str | None:
    """The one form (in the terms of strptime) by which all texts are days, with years of two figures; None where
    several are left, or none is. A form by which the years lie further apart is not the one.
    """
    spans = {form: span for form in _forms(texts[0]) if (span := _years(texts, form)) is not None}
    left = [form for form, span in spans.items() if span == min(spans.values())]
    # Of names, %b and %B may both fit, as May does.
    if len(left) > 1 and is_day_first:
        left = [form for form in left if form.startswith("%d")]
    return left[0] if len({form.replace("%B", "%b") for form in left}) == 1 else None


def _forms(text: str) -> Iterator[str]:
    time = _TIME.search(text)
    clock = ""
    if time:
        hour = "%I" if time[4] else "%H"
        clock = f"{time[1]}{hour}:%M{':%S' if time[3] else ''}{' %p' if (time[4] or '').startswith(' ') else ''}"
        clock += "%p" if time[4] and not time[4].startswith(" ") else ""
    sign = next((c for c in text.strip().lstrip("0123456789") if c in "-/. "), "/")
    yield from dict.fromkeys(day.format(sign) + clock for day in _DAYS)


def _years(texts: Iterable[str], form: str) -> int | None:
    """How far the years of texts lie apart by a form; None where one is no day by it."""
    try:
        years = [datetime.strptime(text.strip(), form).year for text in texts]
    except ValueError:
        return None
    return max(years) - min(years)


def in_english(text: str) -> str:
    """A date with the month's name in English, or in figures where it has the signs of Chinese dates."""
    text = _CHINESE.sub(r"\1-\2-\3", text)
    return _IN_WORDS.sub(lambda found: f"{found[1]} {_MONTHS[found[2].casefold()]} ", text)


def decimal_sign(texts: Iterable[str]) -> str | None:
    """The decimal sign of amounts, where one cell needs it to be read and others prove it."""
    figures = [found[1] for text in texts if (found := _AMOUNT.fullmatch(text))]
    if not any(re.fullmatch(r"\d{1,3}[.,]\d{3}", figure) for figure in figures):
        return None
    signs = {figure[found.start()] for figure in figures if (found := re.search(r"[.,](?=\d{1,2}$)", figure))}
    return signs.pop() if len(signs) == 1 else None
