"""Text as it is shown to people: what cannot be seen, and what could steer a terminal, is named in words, never as a
program's escape.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CONTROLS = {"\t": "tab", "\n": "line break", "\r": "line break", "\x85": "line break", "\x1b": "escape", "\0": "null"}
"""What people call characters that Unicode gives no name."""

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt, beyond the category Cf: joiners, fillers,
# variation selectors.
_IGNORABLE = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Characters that Python takes for printable and nobody sees. Variation selectors are left alone: they stand in every
other emoji.
"""

_LONGEST = 60


@lru_cache(maxsize=4096)
def is_invisible(character: str) -> bool:
    """Whether a character shows as nothing at all, not even as a blank."""
    return unicodedata.category(character) == "Cf" or re.match(_IGNORABLE, character) is not None


def is_blank(value: object) -> bool:
    """Whether a value is a text with nothing but blanks in it."""
    return isinstance(value, str) and not value.strip()


def shows_nothing(value: object) -> bool:
    """Whether nothing is to be seen of a value: it is a text of blanks and, unlike `is_blank`, of characters that take
    no room (category Cf).
    """
    return isinstance(value, str) and all(c.isspace() or unicodedata.category(c) == "Cf" for c in value)


def narrow(text: str) -> str:
    """`text` as it is meant where letters, digits and signs are: full-width ones narrow, every blank a space, invisible
    characters taken out.

    Less than NFKC, which also makes `5` of a raised 5, and `s` of a letter that is none of a currency's code.
    """
    return text if text.isascii() else "".join(map(_narrow, filter(lambda c: not is_invisible(c), text)))


def _narrow(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    form, _, plain = unicodedata.decomposition(character).partition(" ")
    return chr(int(plain, 16)) if form in ("<wide>", "<small>") else character


def in_plain_digits(text: str) -> str:
    """`narrow` text in which the digits of every script are 0 to 9."""
    if text.isascii():
        return text
    return "".join(c if (digit := unicodedata.decimal(c, None)) is None else str(digit) for c in narrow(text))


def is_dash(character: str) -> bool:
    """Whether a character is a dash of any length, or the minus sign, which is a symbol to Unicode."""
    return unicodedata.category(character) == "Pd" or character == "\u2212"


def with_plain_dashes(text: str) -> str:
    """`text` with `-` for every dash."""
    return "".join("-" if is_dash(c) else c for c in text)


def named(character: str) -> str:
    """A character in words, such as `‹no-break space›` or `‹control character U+0007›`."""
    name = _CONTROLS.get(character) or unicodedata.name(character, "").lower()
    if not name:
        kind = "control character" if unicodedata.category(character) == "Cc" else "character"
        name = f"{kind} U+{ord(character):04X}"
    return f"\u2039{name}\u203a"


def visible(text: str) -> str:
    """`text` on one line, with every character in it that cannot be seen named, and every run of spaces, which a
    sentence would show as one.
    """
    if "  " in text:
        text = re.sub("  +", lambda run: f"\u2039{len(run[0])} spaces\u203a", text)
    if text.isprintable() and _FILLERS.isdisjoint(text):
        return text
    return "".join(c if c.isprintable() and c not in _FILLERS else named(c) for c in text.replace("\r\n", "\n"))


def quoted(value: object) -> str:
    """`value` between quotation marks for a sentence: `visible`, and cut after 60 characters."""
    try:
        text = str(value)
    except ValueError:  # str() refuses an int of more than 4,300 digits
        return f'"{type(value).__name__} of thousands of digits"'
    return f'"{visible(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...")}"'


def counted(number: int, noun: str) -> str:
    """`1 case`, `1,200 cases`; of nouns that take an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


# Control characters reach for the terminal; bidirectional overrides and isolates show text in another order than it is
# stored (UAX #9).
UNSAFE = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"


def safe(text: str) -> str:
    """Text for a terminal: what could steer it, or hide or reorder what it shows, is named in words, such as
    `‹escape›`.
    """
    return text if text.isprintable() else re.sub(UNSAFE, lambda match: named(match[0]), text)


def one_line(text: str) -> str:
    """Safe text on one line."""
    return safe(" ".join(text.split()))
