"""What the texts in a sheet's cells mean, as python-calamine has it.

Plain texts, plain numbers and dates of our times are read here. Whatever is not plain (escapes, far dates, times,
styles not seen before), calamine is asked, by a sheet made of nothing but such cells: so there is no second opinion on
what an escape or a number format means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import isfinite
from typing import cast

Ask = Callable[[Iterable[str]], list[object]]
"""Gives the values of cells: of their XML from after the address on, such as ` t="s"><v>0</v></c>`."""

KINDS = TEXT, NUMBER, SHARED, COMPUTED_NUMBER, COMPUTED_TEXT = (
    "text",
    "number",
    "shared",
    "computed number",
    "computed text",
)
"""What a cell can hold: a text of its own, a number, the index of a shared string, or the result of a formula."""
COMPUTED = frozenset((COMPUTED_NUMBER, COMPUTED_TEXT))

_MARKUP = {TEXT: ' t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>', COMPUTED_TEXT: ' t="str"><v>%s</v></c>'}
# Texts, which `re` compiles at their first use and keeps, do not slow the start of every command.
_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_FIRST, _LAST = 61, 2_957_003
"""Serial numbers that are dates in either date system, after the day in 1900 that never was (ECMA-376 part 1,
18.17.4.1).
"""
_FAR = 999_999_999
"""The length of time, in days, that Python's `timedelta` ends at; its dates end long before."""
_PROBE = 45_000
_MOST_KNOWN = 20_000
_DAY = 86_400_000


class NotMeant(Exception):
    """A text that XML cannot hold, what is no number, or the number of a shared string that is not there."""


class CellDecoder:
    """Turns the texts of cells into values. `strings` gives the shared strings when they are first needed.

    `shared` counts the characters of the shared strings that were given, each as often as it was.
    """

    def __init__(self, ask: Ask, strings: Callable[[], Sequence[str]], *, date_1904: bool) -> None:
        self._ask = ask
        self._strings = strings
        self._epoch = _EPOCH_1904 if date_1904 else _EPOCH
        self.shared = 0
        self._shows_date: dict[str, bool | None] = {}
        self._known: dict[str, dict[str, object]] = {}

    def of(self, styles: Sequence[str], cells: Mapping[str, Sequence[str]]) -> list[object]:
        """The values of a column's cells. Each has what it holds in one of the sequences, which are keyed by kind, or
        nothing. Raises NotMeant.
        """
        found = [self._of_kind(kind, styles, texts) for kind, texts in cells.items()]
        values = found[0]
        for more in found[1:]:
            values = [b if a == "" else a for a, b in zip(values, more, strict=True)]
        return values

    def _of_kind(self, kind: str, styles: Sequence[str], texts: Sequence[str]) -> list[object]:
        if kind in (TEXT, COMPUTED_TEXT):
            return self._of_texts(texts, _MARKUP[kind])
        return self._of_shared(texts) if kind == SHARED else self._of_numbers(styles, texts)

    def _of_texts(self, texts: Sequence[str], markup: str) -> list[object]:
        known = self._known_of(markup)
        new = set(texts).difference(known)
        if not all(map(str.isprintable, new)) and any(re.search(_NOT_XML, text) for text in new):
            raise NotMeant
        known.update(zip(new, new, strict=True))
        odd = [text for text in new if "&" in text or "_x" in text]
        if odd:
            known.update(zip(odd, self._ask(markup % text for text in odd), strict=True))
        # Equal texts become one object, which spares memory, and time wherever they are compared.
        return list(map(known.__getitem__, texts))

    def _of_shared(self, indexes: Sequence[str]) -> list[object]:
        known = self._known_of(SHARED)
        new = set(indexes).difference(known)
        if new:
            strings = self._strings()
            try:
                known.update((index, strings[int(index)]) for index in new)
            except IndexError:
                raise NotMeant from None
        found = list(map(known.__getitem__, indexes))
        self.shared += sum(map(len, cast("list[str]", found)))
        return found

    def _of_numbers(self, styles: Sequence[str], numbers: Sequence[str]) -> list[object]:
        own = set(styles)
        if len(own) > 1:
            own = {style for style, number in zip(styles, numbers, strict=True) if number}
        if len(own) == 1:
            known = self._learned(own.pop(), set(numbers))
            return list(map(known.__getitem__, numbers))
        by_style = {
            style: self._learned(style, {n for s, n in zip(styles, numbers, strict=True) if s == style})
            for style in own
        }
        return [by_style[style][number] if number else "" for style, number in zip(styles, numbers, strict=True)]

    def _known_of(self, kind: str) -> dict[str, object]:
        """What is known of texts of one kind; not more than a bounded number of them."""
        known = self._known.get(kind)
        if known is None or len(known) > _MOST_KNOWN:
            known = self._known[kind] = {"": ""}
        return known

    def _learned(self, style: str, numbers: set[str]) -> dict[str, object]:
        """The values of numbers in cells of a style."""
        known = self._known_of(style)
        new = numbers.difference(known)
        shows_date = self._format(style) if new else None
        odd = []
        for text in new:
            try:
                number = float(text)
            except ValueError:
                raise NotMeant from None
            if not isfinite(number):
                raise NotMeant
            if shows_date is False or is_too_far(number):
                known[text] = number
            elif shows_date and _FIRST <= number < _LAST:
                known[text] = self._moment(number)
            else:
                odd.append(text)
        if odd:
            known.update(zip(odd, self._ask(_as_cell(style, text) for text in odd), strict=True))
        return known

    def _format(self, style: str) -> bool | None:
        """Whether a style shows numbers as dates; None where it shows them as something else."""
        if style not in self._shows_date:
            (shown,) = self._ask([_as_cell(style, _PROBE)])
            self._shows_date[style] = {date: True, float: False}.get(type(shown))
        return self._shows_date[style]

    def _moment(self, number: float) -> date:
        day = int(number)
        if number == day:
            return (self._epoch + timedelta(day)).date()
        # To the millisecond, half of one away from zero; `round` would take it to the even one.
        exact = number * _DAY
        whole = int(exact)
        return self._epoch + timedelta(milliseconds=whole + (exact - whole >= 0.5))


def is_too_far(number: float) -> bool:
    """Whether a number cannot be a date, a time or a length of time in days, whatever its cell's format."""
    return not abs(number) < _FAR


def _as_cell(style: str, number: object) -> str:
    return f' s="{style}"><v>{number}</v></c>' if style else f"><v>{number}</v></c>"
