"""Reads the rows of an ordinary shape in a sheet part, by one pattern for a whole row, and leaves the rest of the part to other readers.

A row that the pattern matches is a whole element that holds nothing but values in cells at their own addresses: it is well-formed, has no error
value, and reaches no further than the columns that the pattern knows. So what must be looked for in a part of unknown shape need only be looked
for in `PlainRows.rest`, the part without such rows. Nearly all rows of nearly all workbooks are of this shape, and reading them so takes a
fifth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from operator import lt

from refundbook.workbook.meaning import KINDS, SHARED, Meaning
from refundbook.workbook.parallel import Parallel
from refundbook.workbook.ranges import MAX_ROW, Range, column_letters, column_number

PIECE = 1 << 19
"""A part is best read in pieces of this many bytes."""
WORTH_ANOTHER = 2 << 20
"""From so many bytes on a second processor pays."""
_LONGEST = 8 << 20
"""What stands before the rows, and one row, may not be longer than this."""
_WIDEST = 64
_SAMPLE = 20_000

_BEGIN, _END, _END_OF_ROW = b"<sheetData>", b"</sheetData>", b"</row>"
_DIMENSION = rb'<dimension ref="([A-Z0-9:]+)"'
_SEEN = rb'<c r="([A-Z]{1,3})[0-9]+"[^<>]*>(<f>)?'
# In the order of the schema (ECMA-376 Part 1, 18.3.1.73), in which programs write them. An alternative with nothing in it is several times as fast as `?`.
_ROW = r'<row r="([1-9][0-9]{0,6})"' + "".join(
    rf'(?: {name}="[\w.:, -]*"|)'
    for name in (
        "spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed", "thickTop", "thickBot", "x14ac:dyDescent",
    )
)  # fmt: skip
# A text that does not keep the white space around it is read here only where it has none, and nothing that could stand for some.
_INLINE = r' t="inlineStr"><is>(?:<t xml:space="preserve">|<t>(?![ \t\n])(?=[^<&_]*+(?<![ \t\n])<))([^<]+)</t></is></c>'
_ODD_ROW = r'(?s)<row r="([1-9][0-9]{0,6})"[\s>].*</row>'


class NotPlain(Exception):
    """The part holds what this module does not follow: it has to be read otherwise, the whole of it."""


class PlainRows:
    """The rows of an ordinary shape: their `numbers`, ascending, and from column A on the `columns` of their values, `""` for a blank cell.

    `formulas` are the cells, as (row, column), that hold one, and so many cells are `shared` that refer to a shared string. `filled` is the last row,
    and `width` the last column, in which one of these rows holds something. The other rows are `kept` as they stand, and `odd` are their numbers.
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

    def add(self, more: PlainRows) -> None:
        """Take in the rows that follow. Raises NotPlain where they are out of order."""
        first = min(rows[0] for rows in (more.numbers, more.odd, [MAX_ROW + 1]) if rows)
        if self.last >= first:
            raise NotPlain
        self.numbers += more.numbers
        for column, values in zip(self.columns, more.columns, strict=True):
            column += values
        self.formulas |= more.formulas
        self.shared += more.shared
        self.filled = max(self.filled, more.filled)
        self.width = max(self.width, more.width)
        self.kept += more.kept
        self.odd += more.odd


def read_plain(pieces: Callable[[], Iterable[bytes]], size: int, meaning: Meaning) -> PlainRows:
    """Read a sheet part of about this size, which `pieces` begins to read.

    Raises NotPlain, and UnreadableWorkbook where a cell cannot be read or the pieces cannot.
    """
    if size < WORTH_ANOTHER:
        return _read(pieces(), meaning)
    with Parallel(lambda: _read(pieces(), meaning, begin=size // 2)) as second_half:
        found = _read(pieces(), meaning, end=size // 2)
        found.add(second_half.result())
    return found


def _read(pieces: Iterable[bytes], meaning: Meaning, *, begin: int = 0, end: float = inf) -> PlainRows:
    """Read the rows in those blocks that start from `begin` on and before `end`, in bytes from the first row on."""
    blocks = _blocks(iter(pieces))
    found = PlainRows(next(blocks))
    reading: _Reading | None = None
    at = 0
    for body in blocks:
        if body.startswith(_END):
            found.tail = body
            continue
        reading = reading or _reading_for(found, body, meaning)
        if begin <= at < end:
            reading.take(body)
        at += len(body)
    return found


def _reading_for(found: PlainRows, body: bytes, meaning: Meaning) -> _Reading:
    """What reads rows like those that `body` begins with. Raises NotPlain where most of them are of another shape: all would be read twice."""
    reading = _Reading(found, *_columns(found.head, body), meaning)
    rows_before, end, _ = body[:_SAMPLE].rpartition(_END_OF_ROW)
    if not reading.suits(rows_before + end):
        raise NotPlain
    return reading


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The part in blocks: what is before the rows, whole rows, and what is after them."""
    pending = b""
    while (at := pending.find(_BEGIN)) < 0:
        pending += _next(pieces, pending)
    at += len(_BEGIN)
    yield pending[:at]
    pending = pending[at:]
    while (end := pending.find(_END)) < 0:
        if cut := pending.rfind(_END_OF_ROW) + 1:
            cut += len(_END_OF_ROW) - 1
            yield pending[:cut]
            pending = pending[cut:]
        pending += _next(pieces, pending)
    if end:
        yield pending[:end]
    yield b"".join((pending[end:], *pieces))


def _next(pieces: Iterator[bytes], pending: bytes) -> bytes:
    piece = next(pieces, None)
    if piece is None or len(pending) > _LONGEST:
        raise NotPlain
    return piece


def _columns(head: bytes, body: bytes) -> tuple[int, frozenset[int]]:
    """How many columns the rows seem to have, and in which of them formulas stand."""
    seen = [(column_number(letters.decode()), mark) for letters, mark in re.findall(_SEEN, body[:_SAMPLE])]
    width = max((column for column, _ in seen), default=1)
    if stated := re.search(_DIMENSION, head):
        try:
            width = max(width, Range.parse(stated[1].decode()).right)
        except ValueError:
            raise NotPlain from None
    return min(width, _WIDEST), frozenset(column for column, mark in seen if mark)


def _cell(letters: str, has_formulas: bool) -> str:
    """The pattern of a cell, or of none. Its groups are those that `Meaning.of` takes; where there can be a formula, two marks of one come last."""
    shapes = ["/>", _INLINE, '(?:><v>| t="n"><v>)([-+.0-9eE]+)</v></c>', ' t="s"><v>([0-9]{1,8})</v></c>']
    if has_formulas:
        shapes += [">(<f>)[^<]*</f><v>([-+.0-9eE]+)</v></c>", ' t="str">(<f>)[^<]*</f><v>([^<]+)</v></c>']
    shapes += ["></c>", ' t="n"></c>']
    return rf'(?:<c r="{letters}\1"(?: s="([0-9]{{1,6}})"|)(?:{"|".join(shapes)})|)'


class _Reading:
    """Takes blocks of rows into `rows`."""

    def __init__(self, rows: PlainRows, width: int, with_formulas: frozenset[int], meaning: Meaning) -> None:
        self.rows = rows
        self.rows.columns = [[] for _ in range(width)]
        self._meaning = meaning
        self._formulas = with_formulas
        cells = "".join(_cell(column_letters(n), n in with_formulas) for n in range(1, width + 1))
        self._pattern = re.compile(rf"{_ROW}(?:/>|>{cells}</row>)|((?s:.+?</row>|.+))", re.ASCII)

    def suits(self, sample: bytes) -> bool:
        """Whether at least half of the rows of a sample are of an ordinary shape."""
        found = self._pattern.findall(sample.decode(errors="replace"))
        return 2 * sum(bool(row[-1]) for row in found) <= len(found)

    def take(self, block: bytes) -> None:
        # What could hide a tag, or is not a character of XML. Each sign is looked for first because that takes no time.
        if b"\r" in block or any(mark[-1:] in block and mark in block for mark in (b"<!", b"<?")) or b"]]>" in block:
            raise NotPlain
        try:
            text = block.decode()
        except UnicodeDecodeError:
            raise NotPlain from None
        found: Sequence[tuple[str, ...]] = self._pattern.findall(text)
        groups = list(zip(*found, strict=True))
        if any(groups[-1]):
            self._keep_odd(groups[0], groups[-1])
            groups = list(zip(*(row for row in found if not row[-1]), strict=True))
        else:
            self._ascend(list(map(int, groups[0])))
        if groups:
            numbers = list(map(int, groups[0]))
            self.rows.numbers += numbers
            self._take_columns(groups, numbers)

    def _keep_odd(self, numbers: Sequence[str], odd: Sequence[str]) -> None:
        order: list[int] = []
        kept: list[tuple[int, str]] = []
        for number, row in zip(numbers, odd, strict=True):
            if row:
                match = re.fullmatch(_ODD_ROW, row)
                if match is None or row.count("<row") > 1:
                    raise NotPlain
                kept.append((int(match[1]), row))
            order.append(kept[-1][0] if row else int(number))
        self._ascend(order)
        self.rows.odd += [number for number, _ in kept]
        self.rows.kept += [row for _, row in kept]

    def _ascend(self, numbers: list[int]) -> None:
        if not (self.rows.last < numbers[0] and numbers[-1] <= MAX_ROW and all(map(lt, numbers, numbers[1:]))):
            raise NotPlain

    def _take_columns(self, groups: list[tuple[str, ...]], numbers: list[int]) -> None:
        at = 1
        last = -1
        for column, values in enumerate(self.rows.columns, 1):
            has_formulas = column in self._formulas
            size = 8 if has_formulas else 4
            styles, *cells = groups[at : at + size]
            at += size
            if has_formulas:
                self._note_formulas(column, numbers, cells[3], cells[5])
                del cells[3], cells[4]
            filled = {kind: texts for kind, texts in zip(KINDS, cells, strict=False) if any(texts)}
            if not filled:
                values += [""] * len(numbers)
                continue
            self.rows.width = max(self.rows.width, column)
            self.rows.shared += len(numbers) if SHARED in filled else 0
            last = max(last, *map(_last_filled, filled.values()))
            values += self._meaning.of(styles, filled)
        if last >= 0:
            self.rows.filled = numbers[last]

    def _note_formulas(self, column: int, numbers: list[int], *marks: Sequence[str]) -> None:
        for own in marks:
            self.rows.formulas.update((n, column) for n, mark in zip(numbers, own, strict=True) if mark)


def _last_filled(texts: Sequence[str]) -> int:
    return next(at for at in range(len(texts) - 1, -1, -1) if texts[at])
