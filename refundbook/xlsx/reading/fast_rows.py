"""Reads the rows of an ordinary shape in a sheet part, each by one pattern (`row_pattern`), and leaves the rest of the
part to other readers.

Most rows of a sheet are alike, and are read by the pattern of what is usual in it; what that leaves, if it is more than
a few rows, is read by the pattern of what is left. A row that one of them matches is a whole element that holds nothing
but values in cells at their own addresses: it is well-formed, has no error value, and reaches no further than the
columns that the pattern knows. So what must be looked for in a part of unknown shape need only be looked for in
`FastRows.rest`, the part without such rows. Nearly all rows of nearly all workbooks are of such a shape, and reading
them so takes a quarter of the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from operator import lt

from refundbook.base.a1 import MAX_ROW, Range, column_number
from refundbook.base.named_tuple import NamedTuple
from refundbook.system.forked import forked
from refundbook.xlsx.reading.cell_decoder import COMPUTED, CellDecoder
from refundbook.xlsx.reading.row_pattern import Row, RowPattern


class Tuning(NamedTuple):
    """How a sheet is best read, in bytes of its part.

    In pieces of `piece`; by patterns from `worth_patterns` on, shared strings counted in (making them takes as long as
    having so much read by calamine, which reads the shared strings with each sheet), and of a row `usual_row` at most:
    a few rows of long formulas are not worth one; by a second processor too from `worth_another` on. What stands before
    the rows, and one row, may not be longer than `longest_row`. What the pattern of the usual rows leaves of a piece is
    worth one of its own where it is more than `few_rows`.
    """

    piece: int = 1 << 19
    worth_patterns: int = 1 << 18
    usual_row: int = 1 << 10
    worth_another: int = 1 << 20
    longest_row: int = 8 << 20
    few_rows: int = 100


TUNING = Tuning()
_WIDEST = 64
_SAMPLE = 100_000
"""The shape of rows is taken from so many bytes of them."""

_FIRST = 1 << 16
"""So many bytes of a part tell how long its rows are."""

_MOST_SHAPES = 16
"""For so many shapes of rows a pattern is made, at most, by whoever reads a part: making one takes as long as reading
some megabytes by it.
"""

_BEGIN, _END, _END_OF_ROW = b"<sheetData>", b"</sheetData>", b"</row>"
_DIMENSION = rb'<dimension ref="([A-Z0-9:]+)"'
_CELL = rb'<c r="([A-Z]{1,3})[0-9]+"'
_ODD_ROW = re.compile(r'(?s)<row r="([1-9][0-9]{0,6})"[\s>].*</row>')


class FastPathMiss(Exception):
    """The part holds what this module does not follow: it has to be read otherwise, the whole of it."""


class FastRows:
    """The rows of an ordinary shape: their `numbers`, ascending, and from column A on the `columns` of their values,
    `""` for a blank cell.

    `formulas` are the cells, as (row, column), that hold one, and `shared` the characters of all shared strings that
    cells refer to. `filled` is the last row, and `width` the last column, in which one of these rows holds something.
    The other rows are `kept` as they stand, and `odd` are their numbers.
    """

    def __init__(self, head: bytes = b"") -> None:
        self.numbers: list[int] = []
        self.columns: list[list[object]] = []
        self.formulas: set[tuple[int, int]] = set()
        self.shared = self.filled = self.width = 0
        self.head = head
        self.kept: list[str] = []
        self.odd: list[int] = []
        self.tail = b""

    @property
    def rest(self) -> bytes:
        """The part without the rows of an ordinary shape."""
        return b"".join((self.head, *map(str.encode, self.kept), self.tail))

    @property
    def last(self) -> int:
        """The number of the last row, of whatever shape."""
        return max(self.numbers[-1] if self.numbers else 0, self.odd[-1] if self.odd else 0)

    def add(self, more: FastRows) -> None:
        """Take in the rows that follow. Raises FastPathMiss where they are out of order."""
        first = min(rows[0] for rows in (more.numbers, more.odd, [MAX_ROW + 1]) if rows)
        if self.last >= first:
            raise FastPathMiss
        self.numbers += more.numbers
        for column, values in zip(self.columns, more.columns, strict=True):
            column += values
        self.formulas |= more.formulas
        self.shared += more.shared
        self.filled = max(self.filled, more.filled)
        self.width = max(self.width, more.width)
        self.kept += more.kept
        self.odd += more.odd
        self.tail = more.tail


def size_of_rows(pieces: Callable[[int], Iterable[bytes]], size: int, tuning: Tuning = TUNING) -> float:
    """The size that a sheet part of this size, read in pieces of a given one, would have if no row were longer than a
    usual one. It is judged by the first rows.
    """
    if size < tuning.worth_patterns:
        return size
    _, _, rows = next(iter(pieces(_FIRST)), b"").partition(_BEGIN)
    count = rows.count(_END_OF_ROW)
    return size * min(1, tuning.usual_row * count / len(rows)) if count else size


def read_plain(
    pieces: Callable[[], Iterable[bytes]], size: int, meaning: CellDecoder, tuning: Tuning = TUNING
) -> FastRows:
    """Read a sheet part of about this size, which `pieces` begins to read.

    Raises FastPathMiss, and UnreadableWorkbook where a cell cannot be read or the pieces cannot.
    """
    if size < tuning.worth_another:
        return _read(pieces(), meaning, tuning)
    with forked(lambda: _read(pieces(), meaning, tuning, begin=size // 2)) as second_half:
        found = _read(pieces(), meaning, tuning, end=size // 2)
        found.add(second_half())
    return found


def _read(
    pieces: Iterable[bytes], meaning: CellDecoder, tuning: Tuning, *, begin: int = 0, end: float = inf
) -> FastRows:
    """Read the rows in those blocks that start from `begin` on and before `end`, in bytes from the first row on; from
    there on the part is not looked at.

    Raises FastPathMiss also where most rows of the first block are of another shape: nearly all would be read twice.
    """
    blocks = _blocks(iter(pieces), tuning.longest_row)
    found = FastRows(next(blocks))
    already = meaning.shared
    reading: _Reading | None = None
    at = 0
    for body in blocks:
        if body.startswith(_END):
            found.tail = body
            break
        if at >= end:
            break
        reading = reading or _Reading(found, _width(found.head, body), meaning, tuning.few_rows)
        if at >= begin:
            reading.take(body)
            if not at and len(found.odd) > len(found.numbers):
                raise FastPathMiss
        at += len(body)
    found.shared = meaning.shared - already
    return found


def _blocks(pieces: Iterator[bytes], longest: int) -> Iterator[bytes]:
    """The part in blocks: what is before the rows, whole rows, and what is after them."""
    pending = b""
    while (at := pending.find(_BEGIN)) < 0:
        pending += _next(pieces, pending, longest)
    at += len(_BEGIN)
    yield pending[:at]
    pending = pending[at:]
    while (end := pending.find(_END)) < 0:
        if cut := pending.rfind(_END_OF_ROW) + 1:
            cut += len(_END_OF_ROW) - 1
            yield pending[:cut]
            pending = pending[cut:]
        pending += _next(pieces, pending, longest)
    if end:
        yield pending[:end]
    yield b"".join((pending[end:], *pieces))


def _next(pieces: Iterator[bytes], pending: bytes, longest: int) -> bytes:
    piece = next(pieces, None)
    if piece is None or len(pending) > longest:
        raise FastPathMiss
    return piece


def _width(head: bytes, body: bytes) -> int:
    """How many columns the rows seem to have."""
    width = max((column_number(letters.decode()) for letters in set(re.findall(_CELL, body[:_SAMPLE]))), default=1)
    if stated := re.search(_DIMENSION, head):
        try:
            width = max(width, Range.parse(stated[1].decode()).right)
        except ValueError:
            raise FastPathMiss from None
    return min(width, _WIDEST)


class _Reading:
    """Takes blocks of rows into `rows`."""

    def __init__(self, rows: FastRows, width: int, meaning: CellDecoder, few: int) -> None:
        self._rows = rows
        self._rows.columns = [[] for _ in range(width)]
        self._meaning = meaning
        self._usual = self._unusual = RowPattern((), ())
        self._left = _MOST_SHAPES
        self._few = few

    def take(self, block: bytes) -> None:
        """Take in the rows that a block is made of. Raises FastPathMiss where it holds something else."""
        xml = _decoded(block)
        found = self._usual_rows(xml)
        numbers = [int(row[0]) if row[0] else _number_of(row[-1]) for row in found]
        self._ascend(numbers)
        others = {number: row[-1] for number, row in zip(numbers, found, strict=True) if row[-1]}
        if not others:
            self._add([(self._usual, numbers, found)])
            return
        odd, more = others, []
        if len(others) > self._few or self._unusual.columns:
            more = self._unusual_rows("".join(others.values()))
            if len(more) != len(others):
                # An end of a row stands where none begins.
                raise FastPathMiss
            odd = {number: row[-1] for number, row in zip(others, more, strict=True) if row[-1]}
        self._rows.odd += odd
        self._rows.kept += odd.values()
        usual = [number for number in numbers if number not in others]
        rest = [number for number in others if number not in odd]
        self._add([(self._usual, usual, _matched(found)), (self._unusual, rest, _matched(more))])

    def _usual_rows(self, xml: str) -> list[Row]:
        """What the pattern of the rows that are usual finds in a block, which most rows shall match."""
        found = self._usual.rows(xml) if self._usual.columns else []
        # What the headers stand in, which are in the first row, is unlike all that follows.
        _, _, sample = xml[:_SAMPLE].partition(_END_OF_ROW.decode())
        for any_style in (False, True):
            if found and (4 * len(_matched(found)) >= 3 * len(found) or self._left < 1):
                break
            shape = RowPattern.seen_in(sample or xml, len(self._rows.columns), any_style=any_style)
            if shape != self._usual or not found:
                self._left -= 1
                self._usual, found = shape, shape.rows(xml)
        return found

    def _unusual_rows(self, xml: str) -> list[Row]:
        """What the pattern of all rows that were not usual finds in more of them."""
        shape = self._unusual.widened(RowPattern.seen_in(xml, len(self._rows.columns), any_style=True))
        if shape != self._unusual and self._left > 0:
            self._left -= 1
            self._unusual = shape
        return self._unusual.rows(xml)

    def _ascend(self, numbers: list[int]) -> None:
        if not (self._rows.last < numbers[0] and numbers[-1] <= MAX_ROW and all(map(lt, numbers, numbers[1:]))):
            raise FastPathMiss

    def _add(self, parts: Sequence[tuple[RowPattern, list[int], Sequence[Row]]]) -> None:
        """Take in rows of ordinary shapes, those of each for themselves: their shape, their numbers, and what was
        found.
        """
        numbers: list[int] = []
        columns: list[list[object]] = [[] for _ in self._rows.columns]
        for shape, own, rows in (part for part in parts if part[1]):
            numbers += own
            for column, values in self._columns(shape, own, rows):
                columns[column - 1] += values
            for values in columns:
                values += [""] * (len(numbers) - len(values))
        if len(parts) > 1:
            order = sorted(range(len(numbers)), key=numbers.__getitem__)
            numbers = [numbers[at] for at in order]
            columns = [[values[at] for at in order] for values in columns]
        self._rows.numbers += numbers
        for values, more in zip(self._rows.columns, columns, strict=True):
            values += more

    def _columns(
        self, shape: RowPattern, numbers: Sequence[int], rows: Sequence[Row]
    ) -> Iterator[tuple[int, list[object]]]:
        """The columns in which rows of one shape hold something, by number, and their values."""
        for column, styles, held in shape.cells(rows):
            for kind, texts in held.items():
                self._rows.filled = max(self._rows.filled, numbers[_last_filled(texts)])
                if kind in COMPUTED:
                    self._rows.formulas.update((n, column) for n, text in zip(numbers, texts, strict=True) if text)
            if held:
                self._rows.width = max(self._rows.width, column)
                yield column, self._meaning.of(styles, held)


def _decoded(block: bytes) -> str:
    # What could hide a tag, or is not a character of XML. Each sign is looked for first because that takes no time.
    if b"\r" in block or any(mark[-1:] in block and mark in block for mark in (b"<!", b"<?")) or b"]]>" in block:
        raise FastPathMiss
    try:
        return block.decode()
    except UnicodeDecodeError:
        raise FastPathMiss from None


def _matched(found: Sequence[Row]) -> list[Row]:
    return [row for row in found if not row[-1]]


def _number_of(row: str) -> int:
    """The number of a row of another shape. Raises FastPathMiss where it is not one whole row."""
    match = _ODD_ROW.fullmatch(row)
    if match is None or row.count("<row") > 1:
        raise FastPathMiss
    return int(match[1])


def _last_filled(texts: Sequence[str]) -> int:
    return next(at for at in range(len(texts) - 1, -1, -1) if texts[at])
