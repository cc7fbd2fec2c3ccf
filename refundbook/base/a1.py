"""A1 addresses and ranges (ECMA-376 Part 1, 18.18.62 ST_Ref)."""

from __future__ import annotations

import re
from functools import cache

from refundbook.base.named_tuple import NamedTuple

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
MAX_TEXT = 32_767
"""The most UTF-16 code units that a cell holds (Excel's specifications and limits)."""


@cache
def column_letters(number: int) -> str:
    """1 is `A`, 27 is `AA`."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@cache
def column_number(letters: str) -> int:
    """`A` is 1, `AA` is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class Range(NamedTuple):
    """A rectangle of cells; rows and columns count from 1 and are inclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def parse(cls, text: str) -> Range:
        """Read `A1:C7` or `B2` (`$` signs are ignored). Raises ValueError for anything else."""
        match = _RANGE.fullmatch(text.replace("$", ""))
        if match is None:
            raise ValueError(f"not a range of cells: {text!r}")
        left, top, right, bottom = match.groups()
        first = column_number(left), int(top)
        last = (column_number(right), int(bottom)) if right else first
        return cls(min(first[0], last[0]), min(first[1], last[1]), max(first[0], last[0]), max(first[1], last[1]))

    @property
    def is_on_a_sheet(self) -> bool:
        """Whether a sheet can have all of its cells (Excel's specifications and limits)."""
        return self.left >= 1 and self.top >= 1 and self.right <= MAX_COLUMN and self.bottom <= MAX_ROW

    def overlaps(self, other: Range) -> bool:
        """Whether any cell is in both."""
        beside = self.right < other.left or other.right < self.left
        return not (beside or self.bottom < other.top or other.bottom < self.top)

    def __str__(self) -> str:
        first = f"{column_letters(self.left)}{self.top}"
        last = f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"


_RANGE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})(?::([A-Za-z]{1,3})([0-9]{1,7}))?")
