"""Where the rows of a sheet part stand (ECMA-376 Part 1, 18.3.1.73 and 18.3.1.80), found by looking through
its bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from itertools import pairwise

from refundbook.base.errors import DamagedWorkbook
from refundbook.base.text import quoted
from refundbook.xlsx.package.xml_splice import TAG, without_comments

_SHEET_DATA = re.compile(rb"""<([^<>\s/:"'!?]+:)?sheetData(?=[\s/>])""" + TAG)
_NUMBER = re.compile(rb"""\sr\s*=\s*["']\s*([0-9]+)""")


class RowIndex:
    """The `sheetData` of a sheet part: it begins at `start`; its rows lie from `body` to `body_end`, its end tag ends
    at `end`.

    `prefix` is that of its elements, with the colon. `markup` is the part with blanks in place of comments and CDATA
    sections, in which may stand what looks like a tag. Raises UnreadableWorkbook where there is no `sheetData`, or a
    row stands twice or out of order.
    """

    def __init__(self, xml: bytes, part: str) -> None:
        self._part = part
        self._ends: dict[int, int] = {}
        self.markup = without_comments(xml)
        found = _SHEET_DATA.search(self.markup)
        if found is None:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} holds no cells at all.")
        self.prefix: bytes = found.group(1) or b""
        self.start, self.body = found.span()
        self.body_end = self.end = self.body
        if not found.group().endswith(b"/>"):
            self.body_end = self.markup.rfind(b"</" + self.prefix + b"sheetData", self.body)
            if self.body_end < 0:
                raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} is cut short.")
            self.end = self.markup.index(b">", self.body_end) + 1

    @cached_property
    def _found(self) -> tuple[list[int], list[int], bool]:
        """The numbers of the rows, where each begins, and whether each states its number. One without a number follows
        the one before it.
        """
        are_stated = True
        numbers: list[int] = []
        starts: list[int] = []
        number = 0
        # Its usual first attribute is in the pattern because looking for it in every row takes as long again; `find`
        # gets to the next row several times as fast as a pattern does.
        name = b"<" + self.prefix + b"row"
        tag = re.compile(re.escape(name) + rb'(?: r="([0-9]+)")?(?=[\s/>])' + TAG)
        at = self.markup.find(name, self.body, self.body_end)
        while at >= 0:
            if match := tag.match(self.markup, at, self.body_end):
                said = match[1] or stated(match[0])
                are_stated = are_stated and said is not None
                number = int(said) if said else number + 1
                numbers.append(number)
                starts.append(at)
            at = self.markup.find(name, match.end() if match else at + 1, self.body_end)
        for before, after in pairwise(numbers):
            if after <= before:
                raise DamagedWorkbook(
                    f"It is damaged: row {after} stands twice, or out of order, in {quoted(self._part)}."
                )
        return numbers, starts, are_stated

    @property
    def are_numbered(self) -> bool:
        """Whether each row states its number, so that it is the same one without those before it."""
        return self._found[2]

    @cached_property
    def columns_stated(self) -> frozenset[bytes] | None:
        """The letters, as capitals, of the columns that cells say they stand in; None where one does not say it."""
        body = self.markup[self.body : self.body_end]
        if re.search(rb"<" + re.escape(self.prefix + b"c") + rb"(?=[\s/>])(?![^>]*\sr\s*=)", body):
            return None
        return frozenset(map(bytes.upper, set(re.findall(rb"""\sr\s*=\s*["']\s*([A-Za-z]{1,3})[0-9]""", body))))

    def span(self, row: int) -> tuple[int, int] | None:
        """Where a row begins and ends; None where there is no such row."""
        numbers, starts, _ = self._found
        at = bisect_left(numbers, row)
        return (starts[at], self._end(at)) if at < len(numbers) and numbers[at] == row else None

    def among(self, rows: range) -> list[int]:
        """Those of some row numbers of which there is a row."""
        numbers = self._found[0]
        return numbers[bisect_left(numbers, rows.start) : bisect_left(numbers, rows.stop)]

    def place(self, row: int) -> int:
        """Where a row that is not there must be put in."""
        at = bisect_left(self._found[0], row)
        return self._end(at - 1) if at else self.body

    def _end(self, at: int) -> int:
        """Where the row that stands at `at` among the rows ends."""
        if at in self._ends:
            return self._ends[at]
        starts = self._found[1]
        beyond = starts[at + 1] if at + 1 < len(starts) else self.body_end
        close = self.markup.rfind(b"</" + self.prefix + b"row", starts[at], beyond)
        end = self._ends[at] = self.markup.index(b">", close if close >= 0 else starts[at]) + 1
        return end


def stated(tag: bytes) -> bytes | None:
    """The number that the tag of a row says it has."""
    found = _NUMBER.search(tag)
    return found[1] if found else None
