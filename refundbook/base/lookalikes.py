"""Which case numbers look like one number in several spellings: with and without dashes, with leading zeros, with
letters that look alike.

Two numbers that look alike stay two numbers: this is for what is pointed out, never for what is taken for one case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

__all__ = ["how_they_differ", "look_alike"]

# Letters of other scripts that look like a Latin letter or a digit, in lower case, each after what it looks like. From
# Unicode's confusables.txt (UTS 39, Unicode Security Mechanisms): Cyrillic and Greek letters of which the capital, or
# the small one, has a Latin prototype.
_CONFUSABLE = (
    "aаα bвьβ cс dԁ eеε fϝ gԍ hһнη iіιı jјϳ kкκ lӏ mмμ nν oоο pрρ qԛ sѕ tтτ vѵ wԝ xхχ yуүυ zζ 3зӡ"
)  # fmt: skip
_LATIN = {ord(other): group[0] for group in _CONFUSABLE.split() for other in group[1:]}
_DIGIT_FOR = str.maketrans("oil", "011")
_LEADING_ZEROS = re.compile("(?<![0-9])0+(?=[0-9])")
_SIGNS = str.maketrans("", "", "".join(c for c in map(chr, range(128)) if not c.isalnum() and c != "\n"))


def look_alike(key: str) -> str:
    """What a canonical number looks like at a glance: numbers of which it is equal may be spellings of one.

    Upper and lower case are one, and so are O and 0, or I, l and 1, letters of other scripts and the Latin ones that
    they look like, and the digits of all scripts. Blanks, dashes and other signs do not count, nor do zeros before a
    digit that no digit stands before. Several numbers, one a line, give one line each.
    """
    for _, step in _STEPS:
        key = step(key)
    return key


def how_they_differ(one: str, other: str) -> str:
    """By what two numbers that look alike differ, in words, such as `blanks, dashes or other signs`."""
    causes = [name for name, step in _STEPS if _without(step, one) != _without(step, other)]
    named = " and ".join(causes or ["characters that look alike"])
    foreign = ", ".join(dict.fromkeys(_foreign_letters(one + other)))
    return f"{named} ({foreign})" if foreign else named


def _without(left_out: Callable[[str], str], number: str) -> str:
    for _, step in _STEPS:
        number = number if step is left_out else step(number)
    return number


def _foreign_letters(text: str) -> Iterator[str]:
    for c in text:
        if c not in "ıI" and ord(c.lower()[0]) in _LATIN:
            yield f"{c} is {unicodedata.name(c).split()[0].title()}"


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else text.casefold()


def _latin(text: str) -> str:
    if not text.isascii():
        text = "".join(str(d) if (d := unicodedata.decimal(c, None)) is not None else c for c in text.translate(_LATIN))
    return text.translate(_DIGIT_FOR)


def _unsigned(text: str) -> str:
    text = text.translate(_SIGNS)
    return text if text.isascii() else "".join(c for c in text if c.isalnum() or c == "\n")


def _unpadded(text: str) -> str:
    return _LEADING_ZEROS.sub("", text)


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("upper and lower case", _folded),
    ("characters that look alike", _latin),
    ("blanks, dashes or other signs", _unsigned),
    ("leading zeros", _unpadded),
)
"""What is done to a number, in this order, and by what numbers differ that only this makes equal."""
