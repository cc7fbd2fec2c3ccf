"""Case numbers: the form in which they are compared, what looks like another, and whose pattern they have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import cached_property, lru_cache

from refundbook.base.settings import Issuer
from refundbook.base.text import is_dash, is_invisible, with_plain_dashes


def normal(number: str) -> str:
    """The one way in which a case number is written: what can be typed in several ways that look alike or nearly so is
    typed in one.

    Trimmed, in NFKC (full-width letters and digits become ordinary ones), without invisible characters, every run of
    blanks one space, every dash `-`. Its letters stay as they are, upper and lower case too. The normal form of a
    normal form is itself.
    """
    text = _cleaned(number)
    # Again and again: an invisible character taken out can leave neighbours that NFKC joins.
    while not text.isascii() and (again := _cleaned(text)) != text:
        text = again
    return text


def are_normal(numbers: Collection[str]) -> bool:
    """Whether all are of plain letters, digits and signs, without a blank, and so in their normal form: quick to say of
    many.
    """
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
    if is_dash(character):
        return f"the dash {character}"
    if is_invisible(character):
        return "an invisible character"
    wide = unicodedata.normalize("NFKC", character)
    if wide == character:
        return ""
    return "full-width characters" if unicodedata.east_asian_width(character) == "F" else f"the character {character}"


def canonical(number: str, issuers: tuple[Issuer, ...]) -> str:
    """The form in which case numbers are compared: two numbers are one when it is equal.

    The `normal` form, case-folded unless the number has the pattern of an issuer whose numbers are case-sensitive. The
    canonical form of a canonical form is itself.
    """
    text = normal(number)
    sensitive = _known(issuers).sensitive
    if sensitive and sensitive.fullmatch(text):
        return text
    if text.isascii():
        return text.lower()
    # Once more: folding can undo NFKC.
    return normal(text.casefold())


def canonical_forms(numbers: Collection[str], issuers: tuple[Issuer, ...]) -> dict[str, str]:
    """`canonical` of many numbers. Where all are of plain letters, digits and signs, they are looked at together, in a
    tenth of the time.
    """
    if not (numbers and are_normal(numbers)):
        return {number: canonical(number, issuers) for number in numbers}
    together = "\n".join(numbers)
    forms = dict(zip(numbers, together.lower().split("\n"), strict=True))
    if sensitive := _known(issuers).sensitive:
        forms.update((number, number) for number in re.findall(f"(?m)^(?:{sensitive.pattern})$", together))
    return forms


def _cleaned(text: str) -> str:
    if text.isascii():
        return " ".join(text.split())
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if not is_invisible(c))
    return " ".join(with_plain_dashes(visible).split())


def matches(number: str, issuer: Issuer) -> bool:
    """Whether `number` has one of the patterns of `issuer`, or `issuer` has none."""
    return matcher(issuer)(number)


def matcher(issuer: Issuer) -> Callable[[str], bool]:
    """`matches` for many numbers of one issuer."""
    pattern = _pattern(issuer)
    return lambda number: pattern is None or pattern.fullmatch(_cleaned(number)) is not None


def issuer_of(number: str, issuers: tuple[Issuer, ...]) -> str | None:
    """The name of the first issuer whose patterns say that `number` is one of theirs; issuers without patterns are
    passed over.
    """
    text = _cleaned(number)
    return next((name for name, pattern in _known(issuers).patterns if pattern.fullmatch(text)), None)


_CLASSES = {"#": "[0-9]", "@": "[A-Za-z]", "?": "[A-Za-z0-9]"}


_ANY = "[A-Za-z0-9-]*"


@lru_cache(maxsize=256)
def _pattern(issuer: Issuer) -> re.Pattern[str] | None:
    alternatives = "|".join(_regex(_cleaned(pattern)) for pattern in issuer.patterns)
    flags = re.ASCII if issuer.case_sensitive else re.ASCII | re.IGNORECASE
    return re.compile(alternatives, flags) if alternatives else None


class _Known:
    """What is asked of the same issuers again and again."""

    def __init__(self, issuers: tuple[Issuer, ...]) -> None:
        self.issuers = issuers

    @cached_property
    def sensitive(self) -> re.Pattern[str] | None:
        """The pattern of what is case-sensitive by them."""
        alternatives = [_regex(_cleaned(p)) for one in self.issuers if one.case_sensitive for p in one.patterns]
        return re.compile("|".join(alternatives)) if alternatives else None

    @cached_property
    def patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """The names and patterns of those that have some."""
        return [(issuer.name, pattern) for issuer in self.issuers if (pattern := _pattern(issuer))]


_latest = _Known(())


def _known(issuers: tuple[Issuer, ...]) -> _Known:
    """The latest are kept by identity: hashing the issuers would take most of `canonical`'s time."""
    global _latest
    if _latest.issuers is not issuers:
        _latest = _Known(issuers)
    return _latest


def _regex(pattern: str) -> str:
    """`pattern` (see `Issuer`) as a regular expression that takes linear time.

    What follows a `*` is taken where it is first found, in an atomic group, as `fnmatch.translate` does: going back
    could find nothing more.
    """
    first, *rest = ("".join(_CLASSES.get(c) or re.escape(c) for c in part) for part in re.split(r"\*+", pattern))
    if not rest:
        return first
    *middle, last = rest
    return first + "".join(f"(?>{_ANY}?{part})" for part in middle) + _ANY + last
