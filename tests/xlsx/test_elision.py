"""A sheet part cut around the rows that stay as they are: where it is cut, when it is not, and that an elided part of
other bytes is never used.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refundbook.base.errors import UnreadableWorkbook
from refundbook.xlsx.package import deflate
from refundbook.xlsx.package.archive import Archive
from refundbook.xlsx.writing import elision
from refundbook.xlsx.writing.elision import ElidedPart, cut, cut_plain, fits, opened, rewritten
from refundbook.xlsx.writing.sheet_part import SheetPart
from tests.support.zips import rebuilt

NAME = "xl/worksheets/sheet1.xml"
HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension '
    b'ref="A1:B9"/><sheetData>'
)
TAIL = b'</sheetData><pageMargins left="0.7"/></worksheet>'


def row(number: int, inner: bytes = b"") -> bytes:
    return b'<row r="%d"><c r="A%d"><v>%d</v></c>%s</row>' % (number, number, number, inner)


def sheet(last: int, odd: dict[int, bytes] | None = None, *, without: tuple[int, ...] = ()) -> bytes:
    """A sheet with rows to `last`; `odd` ones hold something more."""
    rows = (row(n, (odd or {}).get(n, b"")) for n in range(1, last + 1) if n not in without)
    return b"".join((HEAD, *rows, TAIL))


def archive(xml: bytes) -> Archive:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(NAME, xml)
    return Archive(target.getvalue())


def written(at: Archive, found: elision.Rewritten) -> Archive:
    """The archive with the part that was rewritten, which every reader must be able to read."""
    data = rebuilt(at, {NAME: found.member})
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
    return Archive(data)


def cut_of(xml: bytes, header: int = 1, last: int = 8) -> ElidedPart:
    found = cut(xml, NAME, header, last)
    assert found is not None
    return found


def put_below(xml: bytes, last: int) -> SheetPart:
    """The part with one more row."""
    return SheetPart(xml.replace(TAIL, row(last + 1) + TAIL), NAME)


# Where it is cut


@pytest.mark.parametrize(("header", "last"), [(1, 8), (3, 8), (1, 2), (1, 1), (7, 8), (8, 8)])
def test_the_rows_between_the_headers_and_the_last_two_entries_are_left_out(header: int, last: int) -> None:
    found = cut_of(sheet(8), header, last)
    kept = [n for n in range(1, 9) if n <= header or n >= last - 1]
    assert found.xml == HEAD + b"".join(map(row, kept)) + TAIL
    left_out = b"".join(row(n) for n in range(1, 9) if n not in kept)
    assert (found.size, found.crc) == (len(left_out), deflate.crc32(left_out))
    assert list(found.hidden) == [n for n in range(1, 9) if n not in kept]


def test_rows_that_are_not_there_are_left_out_as_well() -> None:
    found = cut_of(sheet(9, without=(4, 8)), last=9)
    assert found.xml == HEAD + row(1) + row(9) + TAIL
    assert found.hidden == range(2, 8)


@given(st.integers(3, 200), st.sets(st.integers(2, 200)), st.integers(1, 97), st.sampled_from([-1, 0, 1, 50, 1 << 20]))
@example(200, set(), 97, 0)
def test_a_part_cut_piece_by_piece_is_cut_as_a_whole_one(last: int, missing: set[int], size: int, room: int) -> None:
    """Also where what is left is as large as may be, or larger."""
    xml = sheet(last, without=tuple(missing - {last - 1, last}))
    first = HEAD + row(1) + row(2) + row(3)
    begin = len(first)
    pieces = [xml[:begin], *(xml[n : n + size] for n in range(begin, len(xml), size))]
    largest = len(cut_of(xml, last=last).xml) + room
    assert cut_plain(pieces, len(xml), NAME, 1, last, largest) == cut(xml, NAME, 1, last, largest)


# When it is not


SHAPES = {
    "a comment": b"<!-- <row r='2'> -->",
    "a CDATA section": b"<c r='B3' t='inlineStr'><is><t><![CDATA[<row>]]></t></is></c>",
    "a reference to a row that is kept": b"<c r='B3'><f>A7*2</f></c>",
    "a reference to all rows": b"<c r='B3'><f>SUM(A$2:A$8)</f></c>",
    "a reference to rows that are to come": b"<c r='B3'><f>SUM(A3:A20)</f></c>",
    "a reference to a cell of another sheet": b"<c r='B3'><f>Cases!A3</f></c>",
    "a reference to columns of another sheet": b"<c r='B3'><f>SUM(Cases!A:A)</f></c>",
    "a reference in character references": b"<c r='B3'><f>&#65;3</f></c>",
    "a shared formula": b"<c r='B3'><f t='shared' si='0' ref='B3:B4'>Cases[Item]</f></c>",
    "part of a shared formula": b"<c r='B3'><f t='shared' si='0'/></c>",
    "an array formula of several cells": b'<c r="B3"><f t="array" ref="B3:B4">Cases[Item]</f></c>',
    "a data table": b'<c r="B3"><f t="dataTable" ref="B3" r1="A1"/></c>',
    "a formula without a text": b"<c r='B3'><f/></c>",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_part_is_not_cut_where_a_row_left_out_might_have_to_change(shape: str) -> None:
    assert cut(sheet(8, {3: SHAPES[shape]}), NAME, 1, 8) is None


PLAIN = {
    "a column of the row": b"<c r='B3'><f>Cases[[#This Row],[Amount]]*1.1</f><v>1</v></c>",
    "a whole column": b"<c r='B3'><f>SUM(Cases[Amount])</f></c>",
    "a cell of the row": b"<c r='B3'><f>A3*2+$A$1</f><v>1</v></c>",
    "a total so far": b"<c r='B3'><f>SUM(A$2:A3)</f><v>1</v></c>",
    "whole rows and columns": b"<c r='B3'><f>SUM(3:3)+SUM(A:A)</f></c>",
    "an array formula of one cell": b'<c r="B3" cm="1"><f t="array" aca="1" ref="B3" ca="1">SUM(Cases[Amount]*1)</f><v>1</v></c>',
    "a name and a text": b'<c r="B3"><f>IF(Rate&gt;1,"A1",TODAY())</f></c>',
}


@pytest.mark.parametrize("formula", PLAIN)
def test_formulas_that_no_growth_can_change_are_left_out_with_their_rows(formula: str) -> None:
    assert cut_of(sheet(8, {3: PLAIN[formula]})).xml == HEAD + row(1) + row(7) + row(8) + TAIL


def test_formulas_in_the_rows_that_are_kept_do_not_count() -> None:
    odd = dict.fromkeys((1, 7, 8, 9), SHAPES["a reference to all rows"])
    assert cut(sheet(9, odd), NAME, 1, 8) is not None


def test_a_part_is_not_cut_where_too_much_is_left_of_it() -> None:
    xml = sheet(8)
    largest = len(cut_of(xml).xml) - 1
    assert cut(xml, NAME, 1, 8, largest) is None
    assert cut_plain([xml], len(xml), NAME, 1, 8, largest) is None


@pytest.mark.parametrize("last", [2, 3, 8])
def test_a_part_is_not_cut_where_a_row_does_not_say_which_one_it_is(last: int) -> None:
    """Without those before it, it would be another one."""
    xml = sheet(last)
    for number in range(1, last + 1):
        assert cut(xml.replace(b'<row r="%d">' % number, b"<row>"), NAME, 1, last) is None


def test_a_part_with_rows_out_of_order_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="twice, or out of order"):
        cut(HEAD + row(1) + row(3) + row(2) + TAIL, NAME, 1, 3)


def test_a_part_whose_rows_end_before_the_last_entry_is_not_cut_piece_by_piece() -> None:
    for last in (0, 1, 3):
        assert cut_plain([sheet(last)], len(sheet(last)), NAME, 1, 8) is None


# Put back


@pytest.mark.parametrize("times", [1, 2, 5])
def test_what_is_written_is_the_part_with_the_rows_put_back(times: int) -> None:
    whole, last = sheet(8), 8
    at = archive(whole)
    kept = cut_of(whole)
    for _ in range(times):
        made = rewritten(opened(kept, (), at, NAME), put_below(kept.xml, last), last)
        whole, last = put_below(whole, last).xml, last + 1
        at, kept = written(at, made), made.elided
        assert at.read(NAME) == whole
        assert fits(kept, at, NAME)
        assert kept.packed is not None
        again = cut_of(whole, last=last)
        assert (kept.xml, kept.hidden, kept.size, kept.crc) == (again.xml, again.hidden, again.size, again.crc)


def test_many_rows_at_once_are_left_out_the_next_time() -> None:
    whole, last = sheet(8), 8
    kept = cut_of(whole)
    xml = kept.xml
    for _ in range(50):
        xml, whole, last = put_below(xml, last).xml, put_below(whole, last).xml, last + 1
    at = archive(sheet(8))
    made = rewritten(opened(kept, (), at, NAME), SheetPart(xml, NAME), last - 1)
    assert written(at, made).read(NAME) == whole
    assert made.elided.xml == cut_of(whole, last=last).xml


def test_the_rows_put_back_are_the_same_bytes_from_the_second_time_on() -> None:
    whole = sheet(5_000)
    at = archive(whole)
    made = rewritten(
        opened(cut_of(whole, last=5_000), (), at, NAME), put_below(cut_of(whole, last=5_000).xml, 5_000), 5_000
    )
    at = written(at, made)
    begin, end = made.elided.packed or (0, 0)
    span = at.span(NAME)
    old = at.data[span.start + begin : span.start + end]
    again = rewritten(opened(made.elided, (), at, NAME), put_below(made.elided.xml, 5_001), 5_001)
    assert old in rebuilt(at, {NAME: again.member})
    assert len(old) > 5_000


def test_rows_that_changed_meanwhile_are_not_put_back() -> None:
    """Where the part was never written here, the rows come out of it: their check sum tells."""
    kept = cut_of(sheet(8))
    other = archive(sheet(8).replace(b"<v>4</v>", b"<v>5</v>"))
    with pytest.raises(UnreadableWorkbook, match="fails its check sum"):
        rewritten(opened(kept, (), other, NAME), put_below(kept.xml, 8), 8)


# An elided part of other bytes


def packed_window() -> tuple[ElidedPart, Archive]:
    """An elided part whose rows are a segment of their own, and the archive that it is of."""
    at = archive(sheet(300))
    kept = cut_of(sheet(300), last=300)
    made = rewritten(opened(kept, (), at, NAME), put_below(kept.xml, 300), 300)
    return made.elided, written(at, made)


def moved(begin: int, end: int) -> Callable[[ElidedPart], ElidedPart]:
    def move(kept: ElidedPart) -> ElidedPart:
        assert kept.packed is not None
        return kept._replace(packed=(kept.packed[0] + begin, kept.packed[1] + end))

    return move


SPOILED: dict[str, Callable[[ElidedPart], ElidedPart]] = {
    "another head": lambda kept: kept._replace(xml=kept.xml.replace(b"A1:B9", b"A1:B8")),
    "another tail": lambda kept: kept._replace(xml=kept.xml.replace(b"0.7", b"0.8")),
    "another entry": lambda kept: kept._replace(xml=kept.xml.replace(b"<v>301</v>", b"<v>302</v>")),
    "no XML": lambda kept: kept._replace(xml=b"?"),
    "more rows": lambda kept: kept._replace(size=kept.size + 1),
    "other rows": lambda kept: kept._replace(crc=kept.crc ^ 1),
    "another place to put them": lambda kept: kept._replace(first_kept=kept.first_kept + 1),
    "bytes that begin too late": moved(1, 0),
    "bytes that begin too early": moved(-1, 0),
    "bytes that end too late": moved(0, 1),
    "bytes that end too early": moved(0, -1),
    "bytes that begin after they end": lambda kept: kept._replace(packed=(kept.packed or (0, 0))[::-1]),
    "bytes before the part": lambda kept: kept._replace(packed=(-1, (kept.packed or (0, 0))[1])),
    "bytes after the part": moved(0, 1 << 20),
    "no bytes at all": lambda kept: kept._replace(packed=(0, 0)),
}


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_window_that_is_not_the_parts_does_not_fit(spoil: str) -> None:
    kept, at = packed_window()
    assert fits(kept, at, NAME)
    assert not fits(SPOILED[spoil](kept), at, NAME)


def test_a_window_whose_bytes_end_or_begin_between_others_of_its_rows_does_not_fit() -> None:
    kept, at = packed_window()
    made = rewritten(opened(kept, (), at, NAME), put_below(kept.xml, 301), 301)
    later, data = written(at, made), made.elided
    assert fits(data, later, NAME)
    assert data.packed is not None
    begin, end = data.packed
    start = later.span(NAME).start
    rows = later.data[start + begin : start + end]
    seams = [begin + n for n in range(4, len(rows)) if deflate.ends_segment(rows[n - 4 : n])]
    assert seams
    for seam in seams:
        for place in ((begin, seam), (seam, end)):
            runs = (data.runs[0]._replace(packed=place[1] - place[0]),)
            assert not fits(data._replace(packed=place, runs=runs), later, NAME)


def test_a_window_of_another_version_of_the_part_does_not_fit() -> None:
    kept, at = packed_window()
    made = rewritten(opened(kept, (), at, NAME), put_below(kept.xml, 301), 301)
    later = written(at, made)
    assert fits(made.elided, later, NAME)
    assert not fits(kept, later, NAME)
    assert not fits(made.elided, at, NAME)


def test_a_window_without_its_place_in_the_bytes_is_read_out_of_the_part() -> None:
    kept, at = packed_window()
    found = kept._replace(packed=None)
    assert fits(found, at, NAME)
    made = rewritten(opened(found, (), at, NAME), put_below(found.xml, 301), 301)
    assert written(at, made).read(NAME) == sheet(302)


def test_a_part_that_is_only_looked_at_is_not_expanded() -> None:
    """An entry changes one sheet of three, and looks at the others."""
    kept = cut_of(sheet(8))
    other = archive(sheet(8).replace(b"<v>4</v>", b"<v>5</v>"))
    part = opened(kept, (), other, NAME)
    assert part.xml == kept.xml
    with pytest.raises(UnreadableWorkbook, match="fails its check sum"):
        _ = part.stored
