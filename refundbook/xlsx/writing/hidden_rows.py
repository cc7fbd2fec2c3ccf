"""The rows that an elided part leaves out, as they are deflated: runs of whole rows, each a segment of its own
(`deflate`), so that a row is changed without a look at those of other runs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from refundbook.base.errors import DamagedWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.system.pieces import Piece, Span, chunks
from refundbook.xlsx.package import deflate
from refundbook.xlsx.package.xml_splice import TAG
from refundbook.xlsx.writing.row_index import stated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.system.pieces import Source


LONGEST = 1 << 20
"""A run ends with the row in which it gets as long, in bytes."""


class Run(NamedTuple):
    """The rows from number `first` on, up to the first of the next run: the bytes of their deflated data, and size and
    check sum of their XML.
    """

    first: int
    packed: int
    size: int
    crc: int


class Stored(NamedTuple):
    """A run with its deflated data."""

    run: Run
    data: tuple[Piece, ...]


def packed(xml: bytes, first: int) -> Stored:
    """A run of these rows."""
    data = deflate.segment([xml], is_last=False)
    return Stored(Run(first, len(data), len(xml), deflate.crc32(xml)), (data,))


def packed_runs(pieces: Iterable[bytes], first: int, prefix: bytes, longest: int = LONGEST) -> list[Stored]:
    """Runs of rows whose XML comes in pieces; the first one has the number `first`, or a higher one."""
    found: list[Stored] = []
    rows = b""
    for piece in pieces:
        rows += piece
        if len(rows) >= longest and (last := _last_row(rows, prefix)) is not None:
            at, number = last
            found.append(packed(rows[:at], first))
            first, rows = number, rows[at:]
    return [*found, packed(rows, first)] if rows else found


def _last_row(rows: bytes, prefix: bytes) -> tuple[int, int] | None:
    """Where the last row whose tag is whole begins, if it is not the first, and its number."""
    tag = re.compile(b"<" + re.escape(prefix + b"row") + rb"(?=[\s/>])" + TAG)
    at = len(rows)
    while (at := rows.rfind(b"<" + prefix + b"row", 0, at)) > 0:
        if (match := tag.match(rows, at)) is not None and (number := stated(match[0])) is not None:
            return at, int(number)
    return None


def stored_runs(runs: Sequence[Run], data: Source, start: int) -> list[Stored]:
    """Runs that stand one after the other in `data`, from `start` on."""
    found = []
    for run in runs:
        found.append(Stored(run, (Span(data, start, start + run.packed),)))
        start += run.packed
    return found


def run_of(row: int, stored: Sequence[Stored]) -> int:
    """Which of the runs a row belongs to."""
    return bisect_right([one.run.first for one in stored], row) - 1


def data_of(stored: Stored) -> bytes:
    """The deflated data of a run."""
    return b"".join(chunks(stored.data))


def expanded(stored: Stored, part: str) -> bytes:
    """The XML of a run. Raises UnreadableWorkbook, naming `part`, where it is not what it was."""
    run = stored.run
    xml = deflate.inflated(data_of(stored), run.size + 1, part)
    if (len(xml), deflate.crc32(xml)) != (run.size, run.crc):
        raise DamagedWorkbook(f"It is damaged: rows of the part {quoted(part)} fail their check sum.")
    return xml


def row_span(xml: bytes, prefix: bytes, row: int, part: str) -> tuple[int, int]:
    """Where a row begins and ends in the XML of its run. Raises UnreadableWorkbook, naming `part`, where there is no
    such row.
    """
    name = prefix + b"row"
    # Its usual form is found at once; to look at the tag of every row takes as long as all else.
    usual = xml.find(b'<%b r="%d"' % (name, row))
    tags = re.compile(b"<" + re.escape(name) + rb"(?=[\s/>])" + TAG)
    found = (tag for tag in tags.finditer(xml, max(usual, 0)) if stated(tag[0]) == b"%d" % row)
    tag = next(found, None)
    if tag is None:
        raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} has no row {row} where it should.")
    following = tags.search(xml, tag.end())
    close = xml.rfind(b"</" + name, tag.end(), following.start() if following else len(xml))
    return tag.start(), xml.index(b">", close) + 1 if close >= 0 else tag.end()


def with_rows(xml: bytes, prefix: bytes, rows: Mapping[int, bytes], part: str) -> bytes:
    """The XML of a run with other ones in the place of some rows, by number."""
    spans = sorted((*row_span(xml, prefix, row, part), new) for row, new in rows.items())
    between = [xml[end:begin] for (_, end, _), (begin, _, _) in pairwise(spans)]
    pieces = [xml[: spans[0][0]]]
    for (_, end, new), after in zip(spans, [*between, None], strict=True):
        pieces += (new, xml[end:] if after is None else after)
    return b"".join(pieces)


def with_more(stored: Sequence[Stored], more: Stored, xml: bytes, longest: int = LONGEST) -> list[Stored]:
    """Runs with one more behind them, whose XML this is: as a part of the last one, unless that is long enough."""
    if not stored or stored[-1].run.size >= longest:
        return [*stored, more]
    last, added = stored[-1].run, more.run
    run = Run(last.first, last.packed + added.packed, last.size + added.size, deflate.crc32(xml, last.crc))
    return [*stored[:-1], Stored(run, (*stored[-1].data, *more.data))]


def joined(stored: Iterable[Stored]) -> list[Piece]:
    """The deflated data of runs one after the other, in as few pieces as may be."""
    found: list[Piece] = []
    for piece in (piece for one in stored for piece in one.data):
        last = found[-1] if found else b""
        if (
            isinstance(piece, Span)
            and isinstance(last, Span)
            and (last.source, last.end) == (piece.source, piece.start)
        ):
            found[-1] = Span(last.source, last.start, piece.end)
        else:
            found.append(piece)
    return found


def crc_of(runs: Iterable[Run]) -> int:
    """The check sum of the XML of runs one after the other."""
    crc = 0
    for run in runs:
        crc = deflate.crc_of_both(crc, run.crc, run.size)
    return crc
