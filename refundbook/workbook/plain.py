"""Reads the rows of an ordinary shape in a sheet part, by one pattern for a whole row, and leaves the rest of the part to other readers.

A row that the pattern matches is a whole element that holds nothing but values in cells at their own addresses: it is well-formed, has no error
value, and reaches no further than the columns that the pattern knows. So what must be looked for in a part of unknown shape need only be looked
for in `PlainRows.rest`, the part without such rows. Nearly all rows of nearly all workbooks are of this shape, and reading them so takes a
fifth of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import lt

from refundbook.workbook.meaning import KINDS, Meaning
from refundbook.workbook.ranges import MAX_ROW, Range, column_letters, column_number

PIECE = 1 << 19
"""A part is best read in pieces of this many bytes."""
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


@dataclass(slots=True)
class PlainRows:
    """The rows of an ordinary shape: their `numbers`, ascending, and from column A on the `columns` of their values, `""` for a blank cell.

    `formulas` are the cells, as (row, column), that hold one. `rest` is the part without these rows, `odd` are the numbers of the rows left in it.
    `filled` is the last row, and `width` the last column, in which one of these rows holds something.
    """

    numbers: list[int] = field(default_factory=list)
    columns: list[list[object]] = field(default_factory=list)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    rest: bytes = b""
    odd: list[int] = field(default_factory=list)
    filled: int = 0
    width: int = 0


def read_plain(pieces: Iterable[bytes], meaning: Meaning) -> PlainRows:
    """Read a sheet part. Raises NotPlain, and UnreadableWorkbook where a cell cannot be read or the pieces cannot."""
    blocks = _blocks(iter(pieces))
    head = next(blocks)
    reading: _Reading | None = None
    body = tail = b""
    for body in blocks:
        if body.startswith(_END):
            tail = body
            continue
        reading = reading or _Reading(*_columns(head, body), meaning)
        reading.take(body)
    found = reading.rows if reading else PlainRows()
    kept = "".join(reading.kept).encode() if reading else b""
    found.rest = b"".join((head, kept, tail))
    return found


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
    """Takes in blocks of rows. `kept` are the rows that are not of an ordinary shape, as they stand."""

    def __init__(self, width: int, with_formulas: frozenset[int], meaning: Meaning) -> None:
        self.rows = PlainRows(columns=[[] for _ in range(width)])
        self.kept: list[str] = []
        self._meaning = meaning
        self._formulas = with_formulas
        cells = "".join(_cell(column_letters(n), n in with_formulas) for n in range(1, width + 1))
        self._pattern = re.compile(rf"{_ROW}(?:/>|>{cells}</row>)|((?s:.+?</row>|.+))", re.ASCII)
        self._last = 0

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
        for number, row in zip(numbers, odd, strict=True):
            if row:
                match = re.fullmatch(_ODD_ROW, row)
                if match is None or row.count("<row") > 1:
                    raise NotPlain
                self.kept.append(row)
                self.rows.odd.append(int(match[1]))
            order.append(self.rows.odd[-1] if row else int(number))
        self._ascend(order)

    def _ascend(self, numbers: list[int]) -> None:
        if not (self._last < numbers[0] and numbers[-1] <= MAX_ROW and all(map(lt, numbers, numbers[1:]))):
            raise NotPlain
        self._last = numbers[-1]

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
            last = max(last, *map(_last_filled, filled.values()))
            values += self._meaning.of(styles, filled)
        if last >= 0:
            self.rows.filled = numbers[last]

    def _note_formulas(self, column: int, numbers: list[int], *marks: Sequence[str]) -> None:
        for own in marks:
            self.rows.formulas.update((n, column) for n, mark in zip(numbers, own, strict=True) if mark)


def _last_filled(texts: Sequence[str]) -> int:
    return next(at for at in range(len(texts) - 1, -1, -1) if texts[at])
