"""Numbers that their cells show otherwise, or with more: 12345 in the format 000000000 is 000012345 to everybody who
looks at it, and 49.9 in `#,##0.00 "\u20ac"` is euros (ECMA-376 part 1, 18.8.30 and .31).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from refundbook.base.a1 import column_number
from refundbook.base.currencies import currencies_of
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.styles import Styles
from refundbook.xlsx.package.workbook_part import Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class _WithText(float):
    """A number with a `text` that its cell shows."""

    text: str

    def __new__(cls, number: float, text: str) -> Self:
        made = super().__new__(cls, number)
        made.text = text
        return made


class ShownNumber(_WithText):
    """A whole number with the text that its cell shows in its place."""


class SignedNumber(_WithText):
    """A number with the sign or code of the currency that its cell shows beside it."""


Shown = Callable[[float], float | None]
"""Makes of a cell's number one that knows what the cell shows of it; None where that is nothing else."""

_SECTION = re.compile(r'(?:"[^"]*"|\\.|[^;"\\])*', re.DOTALL)
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|([0#])|([-+() ])', re.DOTALL)
# A text, a currency or language in brackets, what is skipped or repeated to fill the cell, any other character.
_LITERAL = re.compile(r'"([^"]*)"|\[\$([^-\]]*)[^\]]*\]|\[[^\]]*\]|[_*].|\\(.)|(.)', re.DOTALL)
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_ADDRESS, _STYLE = re.compile(rb'\br=["\']([A-Z]+)([0-9]+)["\']'), re.compile(rb'\bs=["\']([0-9]+)["\']')
_MOST_DIGITS = 10**15


@cache
def as_shown(code: str) -> Callable[[float], str | None] | None:
    """What a number format makes of whole numbers, where it is of digits and signs only, so that this is certain; None
    for any other format.

    Such as `000000000`, `0000-0000` or `"GTB-"000000`. The function gives None for a number of which that is not
    certain.
    """
    section = _SECTION.match(code)
    tokens: list[tuple[bool, str]] = []
    at, text = 0, section[0] if section else ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return None
        is_digit = match[3] is not None
        tokens.append((is_digit, match[3] if is_digit else match[1] or match[2] or match[4] or ""))
        at = match.end()
    return (lambda number: _filled(tokens, number)) if any(is_digit for is_digit, _ in tokens) else None


def _filled(tokens: list[tuple[bool, str]], number: float) -> str | None:
    if not (0 <= number < _MOST_DIGITS and float(number).is_integer()):
        return None
    left, found = str(int(number)), ""
    first = next(i for i, (is_digit, _) in enumerate(tokens) if is_digit)
    for i in range(len(tokens) - 1, -1, -1):
        is_digit, sign = tokens[i]
        if not is_digit:
            found = sign + found
        elif i == first:
            found = (left or sign) + found
        elif left:
            left, found = left[:-1], left[-1] + found
        else:
            found = sign + found
    # A # that no digit is left for shows nothing, and the signs beside it are left standing.
    return None if "#" in found and any(is_digit and sign == "#" for is_digit, sign in tokens) else found


@cache
def currency_sign(code: str) -> str:
    """The one sign or code of a currency that a number format shows beside a number; `""` for none."""
    section = _SECTION.match(code)
    found = {sign for sign in map(_sign_in, _LITERAL.finditer(section[0] if section else "")) if sign}
    return found.pop() if len(found) == 1 else ""


def _sign_in(literal: re.Match[str]) -> str:
    bare = literal[4] or ""
    text = (
        literal[1] or literal[2] or literal[3] or (bare if unicodedata.category(bare or " ") == "Sc" else "")
    ).strip()
    return text if currencies_of(text.removesuffix(".")) else ""


def _shown(code: str) -> Shown | None:
    if (made := as_shown(code)) is not None:
        return lambda number: None if (text := made(number)) is None else ShownNumber(number, text)
    sign = currency_sign(code)
    return (lambda number: SignedNumber(number, sign)) if sign else None


def shown_otherwise(package: Package, layout: Layout, xml: bytes) -> Iterator[tuple[int, int, Shown]]:
    """The cells of a sheet (row and column) with such a format, and what it makes of the numbers in them."""
    parts = [part for part in package.related(layout.part, "styles") if part in package]
    if not parts:
        return
    styles = Styles(package.read(parts[0]), parts[0])
    shown = {b"%d" % n: made for n, code in enumerate(styles.codes()) if code and (made := _shown(code)) is not None}
    for match in _CELL.finditer(xml) if shown else ():
        style, address = _STYLE.search(match[1]), _ADDRESS.search(match[1])
        if style and address and style[1] in shown:
            yield int(address[2]), column_number(address[1].decode()), shown[style[1]]
