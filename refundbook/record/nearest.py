"""Which case was meant by a number that no case has: a guess, made only where one case alone is near, and the slip is
one that people make.

The numbers of an issuer follow each other, so that the one before and the one after are other customers' cases: a digit
that differs at the end of a number, or that does not lie beside the right one on the keys, is no slip.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from refundbook.base.lookalikes import look_alike
from refundbook.record.records import Log, Records

FEWEST_DIGITS = 4
"""Of a number in which a digit was left out, doubled or mistyped: with fewer, many numbers are one slip away from
another.
"""

_LONGEST_NUMBER = 40
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"

# Digits beside each other on the number pad (789, 456, 123, 0 below 1 and 2) or in the row of digits above the letters.
_PAD = ("14", "47", "25", "58", "36", "69", "12", "23", "45", "56", "78", "89", "01", "02")
_ROW = ("12", "23", "34", "45", "56", "67", "78", "89", "90")
_BESIDE = {pair for keys in (*_PAD, *_ROW) for pair in (keys, keys[::-1])}


def nearest_case(records: Records, key: str) -> int | None:
    """The position of the only case whose number `key` looks like, or that it is one likely slip away from; None for
    none or several.

    Looks slips up among the cases instead of comparing with every case, as difflib would: that takes seconds at 100,000
    cases.
    """
    cases = records.cases
    if len(key) > _LONGEST_NUMBER:
        return None
    found = _cases_at(cases, cases.lookup(look_of).get(look_alike(key), ()))
    if not found:
        found = _cases_at(cases, cases.lookup(digits_of).get(_only_digits(key), ()))
        if not any(other in cases.by_case for other in _before_and_after(key)):
            found.update(other for other in _one_slip_away(key) if other in cases.by_case)
    return cases.by_case[found.pop()][0] if len(found) == 1 else None


def _cases_at(cases: Log, positions: Iterable[int]) -> set[str]:
    return {cases.keys[i] for i in positions}


def look_of(log: Log, position: int) -> str | None:
    """What a row's case number looks like: a feature for `Log.lookup`."""
    key = log.keys[position]
    return look_alike(key) if key else None


def digits_of(log: Log, position: int) -> str | None:
    """The digits of a row's case number, where there are some: a feature for `Log.lookup`."""
    found = re.sub("[^0-9]", "", log.keys[position])
    return found if len(found) >= FEWEST_DIGITS else None


def _only_digits(key: str) -> str:
    """The digits of a number that was typed without its letters, as `#789012` for `GTB-789012`; `""` for any other."""
    found = "".join(filter(str.isalnum, key))
    return found if found.isdecimal() and len(found) >= FEWEST_DIGITS else ""


def _before_and_after(key: str) -> Iterator[str]:
    """The numbers before and after this one, if it is of a series; with one of them here, it is a number of its own."""
    match = re.fullmatch("(.*?)([0-9]+)[^0-9]*", key)
    if match:
        end = key[match.end(2) :]
        for n in (int(match[2]) - 1, int(match[2]) + 1):
            yield from (f"{match[1]}{n:0{len(match[2])}}{end}", f"{match[1]}{n}{end}")


def _one_slip_away(key: str) -> Iterator[str]:
    """Every number of which `key` can be a slip: two neighbours swapped, a character left out or doubled, a letter
    mistyped, a digit hit beside.
    """
    signs = [i for i, c in enumerate(key) if c.isalnum()]
    if len(signs) <= FEWEST_DIGITS:
        return
    letters = "-_" + (_LETTERS if key == key.lower() else _LETTERS + _LETTERS.upper())
    has_digits = sum(map(str.isdecimal, key)) >= FEWEST_DIGITS
    for i, c in enumerate(key):
        if has_digits or not c.isdecimal():
            before, after = key[:i], key[i + 1 :]
            yield from (before + other for other in _instead(c, before, after))
            if i != signs[-1]:  # by which numbers that follow each other differ
                yield from (before + other + after for other in (_keys_beside(c) if c.isdecimal() else letters))
    more = letters + _DIGITS if has_digits else letters
    yield from (key[:i] + c + key[i:] for i in range(len(key) + 1) for c in more)


def _instead(c: str, before: str, after: str) -> Iterator[str]:
    """What may stand from a character on where it was swapped with the next one, or is one too many."""
    if after:
        yield after[0] + c + after[1:]
    if not c.isdecimal() or c in (before[-1:], after[:1]):
        yield after


def _keys_beside(digit: str) -> str:
    return "".join(other for other in _DIGITS if digit + other in _BESIDE)
