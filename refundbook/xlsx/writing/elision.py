"""A large sheet part, cut so that rows can be put below its last ones without a look at the others.

The rows between the headers and the last two rows of data are left out. What is left is a sheet part of its own, in
which rows are put, ranges grow and formulas are filled down as in a whole one. The part that is written is the one with
the rows put back: as the deflated bytes that they are, where these are a segment of their own (`deflate`), which they
are in what is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.xlsx.package import deflate
from refundbook.xlsx.package.archive import Archive, Packed
from refundbook.xlsx.package.xml_splice import may_hide_markup
from refundbook.xlsx.writing import hidden_rows
from refundbook.xlsx.writing.formula_refs import is_settled
from refundbook.xlsx.writing.hidden_rows import Run, Stored
from refundbook.xlsx.writing.row_index import RowIndex
from refundbook.xlsx.writing.sheet_part import SheetPart

LARGEST = 1 << 20
"""What is left of a part that was cut is no larger than this, in bytes."""
_ROW = re.compile(rb'<row r="([0-9]+)"')
_OF_ONE_CELL = rb'(?:a?ca="[01]"|t="array"|ref="[A-Z]{1,3}[0-9]{1,7}")'
"""What a formula may say of itself that is no other cell's."""
_MOST_FORMULAS = 1_000
"""Different formulas among the rows left out that are looked at."""


class ElidedPart(NamedTuple):
    """A part without the rows after `header_row` and before `first_kept`. `xml` is what is left of it.

    `size` and `crc` are those of the rows left out. `packed` is where they begin and end in the member's deflated data,
    None where they are no segments of their own; then there are no `runs`.
    """

    part: str
    xml: bytes
    header_row: int
    first_kept: int
    size: int
    crc: int
    packed: tuple[int, int] | None = None
    runs: tuple[Run, ...] = ()

    @property
    def hidden(self) -> range:
        """The numbers of the rows that are left out."""
        return range(self.header_row + 1, self.first_kept)


class OpenedPart:
    """An elided part with those of the rows left out among the others, in `xml`, that are to be changed: `shown`, by
    their numbers. `taken` is the XML of the runs that they are of, by their place among the `stored` ones.

    `name` is its member in the `archive` that it was cut from.
    """

    def __init__(self, elided: ElidedPart, archive: Archive, name: str, shown: tuple[int, ...] = ()) -> None:
        self.elided, self.shown, self.xml = elided, shown, elided.xml
        self.taken: dict[int, bytes] = {}
        self._archive, self._name = archive, name
        self._show()

    @cached_property
    def stored(self) -> list[Stored]:
        """The runs of the rows left out. To make them takes as long as to expand the part, where it was never
        written here, so it is not done for a part that is only looked at. Raises UnreadableWorkbook where they are not
        what they were.
        """
        return _stored(self.elided, self._archive, self._name)

    def _show(self) -> None:
        if not self.shown:
            return
        index, found = RowIndex(self.xml, self.elided.part), []
        for row in self.shown:
            at = hidden_rows.run_of(row, self.stored)
            if at not in self.taken:
                self.taken[at] = hidden_rows.expanded(self.stored[at], self.elided.part)
            begin, end = hidden_rows.row_span(self.taken[at], index.prefix, row, self.elided.part)
            found.append(self.taken[at][begin:end])
        place = index.place(self.elided.first_kept)
        self.xml = b"".join((self.xml[:place], *found, self.xml[place:]))


class Rewritten(NamedTuple):
    """A part that was written with the rows put back: for the archive, and cut anew for the next time, unless its shape
    does not allow that any more.
    """

    member: Packed
    elided: ElidedPart
    may_be_cut: bool = True


def cut(xml: bytes, part: str, header_row: int, last_used: int, largest: int = LARGEST) -> ElidedPart | None:
    """A part cut between its header row and the last but one of its data rows; None where it has a shape in which that
    is not safe.

    It is not, where a formula among the rows left out could change when the data grow, or is part of another cell's,
    nor where a row is known by those before it only.
    """
    if may_hide_markup(xml):
        return None
    rows = RowIndex(xml, part)
    first_kept = max(last_used - 1, header_row + 1)
    begin, end = rows.place(header_row + 1), rows.place(first_kept)
    hidden = xml[begin:end]
    if len(xml) - len(hidden) > largest or not (rows.are_numbered and _are_plain(hidden, rows.prefix, first_kept)):
        return None
    return ElidedPart(part, xml[:begin] + xml[end:], header_row, first_kept, len(hidden), deflate.crc32(hidden))


def cut_plain(
    pieces: Iterable[bytes], length: int, part: str, header_row: int, last_used: int, largest: int = LARGEST
) -> ElidedPart | None:
    """What `cut` gives, of a part of `length` bytes that is too large to hold and known to be plain
    (`AppendTarget.is_plain`).
    """
    kept = [b'<row r="%d"' % row for row in (max(last_used - 1, header_row + 1), last_used)]
    overlap = len(kept[-1])
    left = iter(pieces)
    pending = next(left, b"")
    begin = _end_of_row(pending, header_row)
    if begin is None:
        return None
    head, pending = pending[:begin], pending[begin:]
    # Where one of them came sooner, too much would be left; to look for them takes as long as to expand the part.
    not_before = length - largest
    size = crc = 0
    while (at := _first_of(kept, pending) if size + len(pending) > not_before else -1) < 0:
        done = pending[:-overlap]
        size, crc, pending = size + len(done), deflate.crc32(done, crc), pending[-overlap:]
        if (piece := next(left, None)) is None:
            return None
        pending += piece
    hidden = pending[:at]
    first_kept = last_used if pending.startswith(kept[-1], at) else last_used - 1
    xml = b"".join((head, pending[at:], *left))
    if len(xml) > largest:
        return None
    return ElidedPart(part, xml, header_row, first_kept, size + len(hidden), deflate.crc32(hidden, crc))


def _first_of(tags: Iterable[bytes], xml: bytes) -> int:
    """Where the first of the tags that is there begins; -1 where none is."""
    return next((at for tag in tags if (at := xml.find(tag)) >= 0), -1)


def _end_of_row(xml: bytes, row: int) -> int | None:
    """Where the last row up to `row` ends, in the beginning of a part; None where that is not in it."""
    for match in _ROW.finditer(xml):
        if int(match[1]) > row:
            return xml.rindex(b">", 0, match.start()) + 1
    return None


def _are_plain(rows: bytes, prefix: bytes, first_kept: int) -> bool:
    """Whether the rows hold no formula that may have to change when the data grow from row `first_kept` on, nor one
    that serves other cells too.
    """
    start = b"<" + prefix + b"f"
    if start not in rows:
        return True
    name = re.escape(prefix)
    plain = re.findall(rb"<%bf(?: %b)*>([^<]*)</%bf>" % (name, _OF_ONE_CELL, name), rows)
    different = set(plain)
    return (
        len(plain) == rows.count(start)
        and len(different) <= _MOST_FORMULAS
        and all(b"&#" not in text and is_settled(text.decode("utf-8", "replace"), first_kept) for text in different)
    )


def fits(elided: ElidedPart, archive: Archive, name: str) -> bool:
    """Whether an elided part that was kept is that of a member: whether with it the sizes and check sums of the member
    come out.
    """
    member = archive.members[name]
    try:
        place = RowIndex(elided.xml, elided.part).place(elided.first_kept)
    except UnreadableWorkbook:
        return False
    head, rest = elided.xml[:place], elided.xml[place:]
    both = deflate.crc_of_both(deflate.crc32(head), elided.crc, elided.size)
    if (len(elided.xml) + elided.size, deflate.crc32(rest, both)) != (member.size, member.crc):
        return False
    if elided.packed is None:
        return True
    data, (begin, end) = archive.span(name), elided.packed
    packed = sum(run.packed for run in elided.runs), sum(run.size for run in elided.runs)
    if packed != (end - begin, elided.size) or min((run.packed for run in elided.runs), default=0) < 0:
        return False
    if not 0 <= begin <= end <= len(data) or begin + len(data) - end > 2 * LARGEST:
        return False
    ends = (archive.data[data.start : data.start + begin], archive.data[data.start + end : data.end])
    seam = archive.data[max(data.start, data.start + end - 4) : data.start + end]
    if not (deflate.ends_segment(ends[0]) and deflate.ends_segment(seam)):
        return False
    try:
        return [deflate.inflated(packed, LARGEST, name) for packed in ends] == [head, rest]
    except UnreadableWorkbook:
        return False


def opened(elided: ElidedPart, rows: Iterable[int], archive: Archive, name: str) -> OpenedPart:
    """An elided part with some rows among the others, as far as they are left out; `name` is its member in the
    `archive` that it was cut from.

    Raises UnreadableWorkbook where the rows that are left out are not what they were.
    """
    return OpenedPart(elided, archive, name, tuple(sorted({row for row in rows if row in elided.hidden})))


def rewritten(opened: OpenedPart, sheet: SheetPart, keep_from: int) -> Rewritten:
    """The part of which `opened.xml` became `sheet`, with the rows left out put back, as they are there where they were
    `shown`.

    The next one begins with row `keep_from`. Raises UnreadableWorkbook where what is written is not what was meant.
    """
    elided, xml, rows = opened.elided, sheet.xml, sheet.rows
    stored = _changed(opened, sheet, keep_from)
    begin, end = rows.place(elided.header_row + 1), rows.place(keep_from)
    head, moved, rest = xml[:begin], xml[rows.place(elided.first_kept) : end], xml[end:]
    if moved:
        more = hidden_rows.packed(moved, elided.first_kept)
        _refuse_difference(elided.part, hidden_rows.data_of(more), moved)
        stored = hidden_rows.with_more(stored, more, moved)
    first, last = deflate.small_segment(head, is_last=False), deflate.small_segment(rest, is_last=True)
    _refuse_difference(elided.part, first + last, head + rest)
    between = hidden_rows.joined(stored)
    runs = tuple(one.run for one in stored)
    size = sum(run.size for run in runs)
    crc = hidden_rows.crc_of(runs) if opened.taken else deflate.crc32(moved, elided.crc)
    whole = deflate.crc32(rest, deflate.crc_of_both(deflate.crc32(head), crc, size))
    place = len(first), len(first) + sum(run.packed for run in runs)
    member = Packed((first, *between, last), whole, len(head) + size + len(rest))
    kept = ElidedPart(elided.part, head + rest, elided.header_row, keep_from, size, crc, place, runs)
    return Rewritten(member, kept, _are_plain(moved, rows.prefix, keep_from))


def _changed(opened: OpenedPart, sheet: SheetPart, keep_from: int) -> list[Stored]:
    """The runs with the rows that were shown as they are in `sheet`, and without those that are not to be left out any
    more.
    """
    elided, stored = opened.elided, list(opened.stored)
    if opened.taken and hidden_rows.crc_of(one.run for one in stored) != elided.crc:
        raise DamagedWorkbook(f"It is damaged: rows of the part {quoted(elided.part)} fail their check sum.")
    for at, before in opened.taken.items():
        xml, prefix = before, sheet.rows.prefix
        own = [row for row in opened.shown if hidden_rows.run_of(row, opened.stored) == at]
        kept = next((row for row in own if row >= keep_from), None)
        if kept is not None:
            xml = xml[: hidden_rows.row_span(xml, prefix, kept, elided.part)[0]]
        changed = {row: sheet.xml[slice(*span)] for row in own if row < keep_from and (span := sheet.rows.span(row))}
        if changed:
            xml = hidden_rows.with_rows(xml, prefix, changed, elided.part)
        stored[at] = hidden_rows.packed(xml, stored[at].run.first)
        _refuse_difference(elided.part, hidden_rows.data_of(stored[at]), xml)
    return [one for one in stored if one.run.size]


def _stored(elided: ElidedPart, archive: Archive, name: str) -> list[Stored]:
    if elided.packed is not None:
        return hidden_rows.stored_runs(elided.runs, archive.data, archive.span(name).start + elided.packed[0])
    prefix = RowIndex(elided.xml, elided.part).prefix
    return hidden_rows.packed_runs(_hidden_rows(elided, archive, name), elided.header_row + 1, prefix)


def _hidden_rows(elided: ElidedPart, archive: Archive, name: str) -> Iterator[bytes]:
    """The XML of the rows left out, piece by piece."""
    head = RowIndex(elided.xml, elided.part).place(elided.first_kept)
    at = crc = 0
    for chunk in archive.expanded(name):
        piece = chunk[max(0, head - at) : max(0, head + elided.size - at)]
        at += len(chunk)
        crc = deflate.crc32(piece, crc)
        yield piece
    if crc != elided.crc:
        raise DamagedWorkbook(f"It is damaged: the part {quoted(name)} fails its check sum.")


def _refuse_difference(part: str, packed: bytes, content: bytes) -> None:
    if deflate.inflated(packed, len(content) + 1, part) != content:
        raise UnreadableWorkbook(f"The part {quoted(part)} does not expand to what it was made of. Please report this.")
