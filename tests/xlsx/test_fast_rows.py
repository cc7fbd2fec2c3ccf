"""Rows of an ordinary shape, read by a pattern: the same values, formulas and errors as the reader of every shape
finds, in every workbook.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from refundbook.base.errors import UnreadableWorkbook
from refundbook.base.schema import SHEETS
from refundbook.xlsx.reading import fast_rows, row_pattern
from refundbook.xlsx.reading.fast_rows import FastRows, Tuning
from refundbook.xlsx.reading.reader import Reader
from tests.support.processes import second_process
from tests.support.rich import EVERYTHING
from tests.support.zips import MAIN_NS, OFFICE_NS

pytestmark = pytest.mark.slow

HEADERS = {column.header for sheet in SHEETS for column in sheet.columns}
SHEET = "xl/worksheets/sheet1.xml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


IN_TWO = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


BY_PATTERN, BY_CALAMINE = Tuning(worth_patterns=0, few_rows=0), Tuning(worth_patterns=1 << 40)
FEW_LEFT = BY_PATTERN._replace(few_rows=100)


def everything(data: bytes, tuning: Tuning) -> list[object]:
    """All that is read of a workbook's sheets."""
    reader = Reader(data, tuning)
    found: list[object] = []
    for sheet in reader.layout.sheets:
        if sheet.is_grid:
            grid = reader.grid(sheet, HEADERS)
            found += [
                grid._replace(formulas=frozenset(), errors={}, is_ordered=False),
                sorted(grid.formulas),
                sorted(grid.errors.items()),
                reader.values(sheet),
            ]
    return found


def read(data: bytes, tuning: Tuning) -> object:
    """All that is read, or why it is refused."""
    try:
        return repr(everything(data, tuning))
    except UnreadableWorkbook:
        return "refused"


def plain_rows(data: bytes, tuning: Tuning = BY_PATTERN) -> list[int]:
    """The numbers of the rows of the first sheet that the pattern reads."""
    reader = Reader(data, tuning)
    return reader.cells(reader.layout.sheets[0]).plain.numbers


def workbook(rows: str, *, strings: str = "", head: str = "", tail: str = "", date_1904: bool = False) -> bytes:
    """A workbook of one sheet, whose styles 0 to 5 are general, a date, a date and time, a length of time, an amount
    and text.
    """
    kinds = {"worksheet": SHEET, "styles": "xl/styles.xml", "sharedStrings": "xl/sharedStrings.xml"}
    related = "".join(
        f'<Relationship Id="{kind}" Type="{OFFICE_NS}/{kind}" Target="/{part}"/>' for kind, part in kinds.items()
    )
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 165, 164, 2, 49))
    own = (
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="[h]:mm"/><numFmt numFmtId="165" '
        'formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts>'
    )
    properties = '<workbookPr date1904="1"/>' if date_1904 else ""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{SPREADSHEET}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="w" Type="{OFFICE_NS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN_NS}" xmlns:r="{OFFICE_NS}">{properties}<sheets><sheet name="Cases" sheetId="1" '
        'r:id="worksheet"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN_NS}">{own}<cellXfs>{formats}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN_NS}">{strings}</sst>',
        SHEET: f'<worksheet xmlns="{MAIN_NS}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text.encode("utf-8", "surrogatepass"))
    return out.getvalue()


PIECES = st.sampled_from(
    [" ", "\t", "\n", "a", "Zoë", "👍", "&amp;", "&lt;", "&#65;", "&#32;", "&#10;", "_x000D_", "_x005F_x0041_", "_x00", "_", "-", "1",
     "\xa0", "\u2003", "\ufeff", "]]", ">", '"', "'"]
)  # fmt: skip
RARE = st.sampled_from(["\r", "\x01", "\ufffe", "&nope;", "]]>", "<!-- -->", "<![CDATA[x]]>", "&#1;", "\ud800"])
TEXT = st.lists(PIECES, max_size=5).map("".join)
NUMBER = (
    st.floats().map(repr)
    | st.integers(-10, 3_000_000).map(str)
    | st.floats(0, 3_000_000).map(lambda number: f"{number:.15g}")
    | st.integers(0, 60_000 * 86_400_000).map(lambda ms: f"{ms / 86_400_000:.15g}")
    | st.sampled_from(
        ["", " 5", "007", "1.", ".5", "+5", "1e", "1E5", "1e400", "nan", "abc", "1_0", "--1", "59", "60", "61"]
    )
)
STYLE = st.sampled_from(["", *(f' s="{n}"' for n in range(6)), ' s="99"'])
SHARED = st.integers(0, 6).map(str) | st.sampled_from(["00", "9", "-1", "1.5", "x"])
FORMULA = st.sampled_from(
    ["", "<f>A1+1</f>", "<f>A1&amp;&quot;x&quot;</f>", '<f t="shared" si="0"/>', "<f/>", '<f t="array" ref="A1">1</f>']
)
VALUE = st.one_of(
    TEXT.map(lambda text: f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'),
    TEXT.map(lambda text: f' t="inlineStr"><is><t>{text}</t></is>'),
    st.builds("><v>{}</v>".format, NUMBER),
    st.builds(' t="n">{}<v>{}</v>'.format, FORMULA, NUMBER),
    st.builds(">{}<v>{}</v>".format, FORMULA, NUMBER),
    st.builds(' t="str">{}<v>{}</v>'.format, FORMULA, TEXT),
    st.builds(' t="s"><v>{}</v>'.format, SHARED),
    st.sampled_from(
        [">", ' t="n">', ' t="b"><v>1</v>', ' t="b"><v>0</v>', ' t="e"><v>#REF!</v>', ' t="e"><f>1/0</f><v>#DIV/0!</v>', "><v></v>",
         ' t="inlineStr"><is><t/></is>', ' t="inlineStr"><is><r><t>rich</t></r><r><t> text</t></r></is>', ' t="d"><v>2023-10-26</v>', ' t="inlineStr">']
    ),
)  # fmt: skip


@st.composite
def cells(draw: st.DrawFn, column: str, row: int) -> str:
    """One cell, nearly always as programs write it, or none."""
    shape = draw(st.integers(0, 60))
    if shape < 3:
        return ""
    address = f' r="{column}{row}"'
    if shape == 3:
        address = draw(
            st.sampled_from(["", f' r="{column}{row + 1}"', f' r="{column.lower()}{row}"', f" r='{column}{row}'"])
        )
    style = draw(STYLE)
    if shape < 12:
        return f"<c{address}{style}/>"
    value = draw(VALUE)
    if shape == 4:
        value = value.replace("a", draw(RARE), 1)
    return f"<c{address}{style}{value}</c>" if shape != 5 else f"<c{style}{address}{value}</c>"


ROW_ATTRIBUTES = st.sampled_from(
    ["", ' spans="1:3"', ' ht="32" customHeight="1"', ' s="1" customFormat="1" hidden="1"', ' spans="1:3" x14ac:dyDescent="0.25"', ' customHeight="1" ht="5"']
)  # fmt: skip


@st.composite
def sheets(draw: st.DrawFn) -> dict[str, Any]:
    """What `workbook` makes one of."""
    number, rows = 0, []
    for _ in range(draw(st.integers(0, 6))):
        number = max(1, number + draw(st.sampled_from([1, 1, 1, 1, 1, 2, 7, 0])))
        found = "".join(draw(cells(column, number)) for column in "ABC")
        attributes = draw(ROW_ATTRIBUTES)
        rows.append(
            draw(
                st.sampled_from(
                    [f'<row r="{number}"{attributes}>{found}</row>'] * 9
                    + [f"<row>{found}</row>", f'<row r="{number}"/>']
                )
            )
        )
    own = [
        draw(
            st.one_of(
                TEXT.map(lambda text: f"<si><t>{text}</t></si>"),
                TEXT.map(lambda text: f'<si><t xml:space="preserve">{text}</t></si>'),
                st.sampled_from(["<si><t/></si>", "<si/>", "<si></si>", "<si><r><t>ri</t></r><r><rPr><b/></rPr><t>ch</t></r></si>",
                                 '<si><t>base</t><rPh sb="0" eb="1"><t>ka</t></rPh></si>', "<!-- --><si><t>x</t></si>"]),
            )
        )
        for _ in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    return {
        "rows": "".join(rows),
        "strings": "".join(own),
        "head": draw(
            st.sampled_from(
                ["", '<dimension ref="A1:C9"/>', '<dimension ref="A1"/>', "<cols><col min='1' max='2'/></cols>"]
            )
        ),
        "tail": draw(st.sampled_from(["", '<mergeCells count="1"><mergeCell ref="A2:B2"/></mergeCells>', "<x"])),
        "date_1904": draw(st.booleans()),
    }


@settings(max_examples=300, deadline=None)
@given(sheets())
@example({"rows": '<row r="1"><c r="C1" t="n"><v>1e</v></c></row>'})
@example({"rows": '<row r="1"><c r="C1"><v>1e</v></c></row>'})
@example({"rows": '<row r="1"><c r="C1" s="1" t="n"><v>1e400</v></c></row>'})
def test_what_the_pattern_reads_is_what_calamine_reads(made: dict[str, Any]) -> None:
    data = workbook(**made)
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE)
    assert read(data, FEW_LEFT) == read(data, BY_CALAMINE)


@settings(max_examples=100, deadline=None)
@given(sheets(), st.integers(1, 200))
def test_the_pieces_of_a_part_may_end_anywhere(made: dict[str, Any], size: int) -> None:
    data = workbook(**made)
    found = read(data, BY_PATTERN._replace(piece=size))
    assert found == read(data, BY_CALAMINE)


PLAIN_ROW = (
    '<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" s="1"><v>4{n}</v></c><c '
    'r="C{n}"><f>A{n}</f><v>{n}</v></c></row>'
)
ODD_ROW = '<row r="{n}"><c r="A{n}" t="e"><v>#REF!</v></c></row>'
MIXED: dict[str, Any] = {
    "rows": "".join((ODD_ROW if n % 7 == 0 else PLAIN_ROW).replace("{n}", str(n)) for n in range(1, 400)),
    "strings": "<si><t>GTB-1</t></si>",
}
"""Rows with formulas and shared strings, and rows of another shape, in either half."""


@IN_TWO
@settings(max_examples=100, deadline=None)
@given(sheets(), st.integers(1, 200))
@example(MIXED, 1000)
def test_it_is_the_same_when_another_process_reads_the_second_half(made: dict[str, Any], size: int) -> None:
    data = workbook(**made)
    with second_process():
        found = read(data, BY_PATTERN._replace(piece=size, worth_another=0))
    assert found == read(data, BY_CALAMINE)


def halves(data: bytes) -> tuple[FastRows, FastRows]:
    """The rows of the first sheet, read by one process and by two."""
    read_by = []
    for worth in (1 << 40, 0):
        reader = Reader(data, BY_PATTERN._replace(piece=1000, worth_another=worth))
        with second_process():
            read_by.append(reader.cells(reader.layout.sheets[0]).plain)
    return read_by[0], read_by[1]


@IN_TWO
def test_each_row_of_both_halves_is_read_once() -> None:
    one, two = halves(workbook(**MIXED))
    assert vars(one) == vars(two)
    assert (len(two.numbers), len(two.odd), two.shared, len(two.formulas)) == (342, 57, 342 * len("GTB-1"), 342)


@IN_TWO
def test_rows_that_are_out_of_order_between_the_halves_are_left_to_calamine() -> None:
    """Wherever they are: some of these stand where the halves meet, row by row."""
    tuning = BY_PATTERN._replace(piece=1, worth_another=0)
    row = '<row r="{n}"><c r="A{n}"><v>1</v></c></row>'
    for first in range(1, 20):
        numbers = (*range(100 + first, 120), *range(100, 100 + first))
        reader = Reader(workbook("".join(row.replace("{n}", str(n)) for n in numbers)), tuning)
        with second_process():
            assert reader.cells(reader.layout.sheets[0]).plain.numbers == []


@pytest.mark.parametrize("builder", [pytest.param(b, id=name) for name, b in EVERYTHING.items()])
def test_every_feature_and_dialect_is_read_the_same_both_ways(builder: Any, tmp_path: Path) -> None:
    data = builder(tmp_path / "book.xlsx").read_bytes()
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE) != "refused"


ORDINARY = {
    "refundbook":
        '<row r="{n}"><c r="A{n}" s="5" t="inlineStr"><is><t xml:space="preserve"> GTB-1 </t></is></c><c r="B{n}" '
        's="1"><v>45225</v></c><c r="C{n}" s="2"/></row>',
    "openpyxl":
        '<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>GTB-1</t></is></c><c r="B{n}" s="1" t="n"><v>45225</v></c><c '
        'r="C{n}" s="2" t="n"></c></row>',
    "Excel":
        '<row r="{n}" spans="1:3" ht="15" customHeight="1" x14ac:dyDescent="0.25"><c r="A{n}" s="5" '
        't="s"><v>0</v></c><c r="B{n}" s="1"><v>45225.5</v></c></row>',
    "LibreOffice":
        '<row r="{n}" customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" '
        'collapsed="false"><c r="A{n}" s="5" t="s"><v>0</v></c><c r="B{n}" s="1" t="n"><v>45225</v></c></row>',
    "a calculated column":
        '<row r="{n}"><c r="A{n}" t="s"><v>0</v></c><c r="B{n}" s="1"><f>TODAY()</f><v>45225</v></c><c r="C{n}" '
        't="str"><f>A{n}&amp;"x"</f><v>GTB-1x</v></c></row>',
    "escapes and far dates":
        '<row r="{n}"><c r="A{n}" t="inlineStr"><is><t xml:space="preserve">a &amp; b_x000D_</t></is></c><c r="B{n}" '
        's="1"><v>1</v></c><c r="C{n}" s="3"><v>0.5</v></c></row>',
}  # fmt: skip


@pytest.mark.parametrize("row", ORDINARY.values(), ids=ORDINARY)
def test_the_pattern_reads_every_row_that_programs_write(row: str) -> None:
    data = workbook("".join(row.replace("{n}", str(n)) for n in range(1, 60)), strings="<si><t>GTB-1</t></si>")
    assert plain_rows(data) == list(range(1, 60))
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE)


def test_only_the_rows_of_another_shape_are_left_to_calamine() -> None:
    ordinary = '<row r="{}"><c r="A{}"><v>1</v></c></row>'
    rows = [ordinary.replace("{}", str(n)) for n in range(1, 10)]
    rows[4] = '<row r="5"><c r="A5" t="e"><v>#REF!</v></c></row>'
    data = workbook("".join(rows))
    assert plain_rows(data) == [1, 2, 3, 4, 6, 7, 8, 9]
    reader = Reader(data)
    grid = reader.grid(reader.layout.sheets[0], ())
    assert grid.errors == {(5, 1): "#REF!"}


VARIED = {
    "usual":
        '<row r="{n}" spans="1:3"><c r="A{n}" s="5" t="s"><v>0</v></c><c r="B{n}" s="1"><v>45{n}</v></c><c r="C{n}" '
        's="5"/></row>',
    "coloured":
        '<row r="{n}" spans="1:3"><c r="A{n}" s="3" t="s"><v>1</v></c><c r="B{n}" s="2"><v>45{n}.25</v></c><c '
        'r="C{n}" s="4"/></row>',
    "of other kinds":
        '<row r="{n}" ht="30"><c r="A{n}"><v>7{n}</v></c><c r="C{n}" s="5" '
        't="str"><f>B{n}&amp;"x"</f><v>x{n}</v></c></row>',
    "by another program":
        '<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>GTB-{n}</t></is></c><c r="B{n}" s="1" '
        't="n"><v>46{n}</v></c></row>',
    "blank": '<row r="{n}"/>',
    "blank of its own height": '<row r="{n}" ht="30" customHeight="1"/>',
    "of its own height": '<row r="{n}" ht="45" customHeight="1"><c r="A{n}" s="5" t="s"><v>0</v></c></row>',
}  # fmt: skip
"""Rows that only patterns of their own match, or one for all of them."""


def varied(shapes: list[str]) -> bytes:
    rows = "".join(VARIED[shape].replace("{n}", str(100 + n)) for n, shape in enumerate(shapes))
    return workbook(rows, strings="<si><t>GTB-1</t></si><si><t>GTB-2</t></si>", head='<dimension ref="A1:C9"/>')


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([*VARIED, "usual", "usual"]), min_size=1, max_size=60), st.sampled_from([1, 500, 1 << 20])
)
@example(["usual"] * 20 + ["coloured"] * 20 + ["of other kinds"] * 20, 1000)
@example(["coloured", "usual"] * 20, 1 << 20)
def test_the_pattern_follows_rows_of_whatever_ordinary_shape(shapes: list[str], size: int) -> None:
    data = varied(shapes)
    tuning = BY_PATTERN._replace(piece=size)
    assert plain_rows(data, tuning) == list(range(100, 100 + len(shapes)))
    assert read(data, tuning) == read(data, BY_CALAMINE)


@pytest.mark.parametrize(("length", "rows", "is_read"), [(4, 4000, True), (1000, 200, False), (1000, 1000, True)])
@pytest.mark.parametrize(
    "head", ["", "<cols>" + '<col min="9" max="9" width="9"/>' * 1000 + "</cols>"], ids=["", "a long head"]
)
def test_for_a_few_rows_of_long_formulas_no_pattern_is_made(length: int, rows: int, is_read: bool, head: str) -> None:
    def cell(row: int) -> str:
        return f'<c r="A{row}"><f>{"+".join(str(row * k % 9973) for k in range(length))}</f><v>7</v></c>'

    data = workbook("".join(f'<row r="{row}">{cell(row)}</row>' for row in range(1, rows + 1)), head=head)
    assert bool(plain_rows(data, Tuning())) is is_read
    assert everything(data, Tuning()) == everything(data, BY_CALAMINE)


def test_however_rows_vary_no_more_than_a_few_patterns_are_made() -> None:
    """Making one takes as long as reading some megabytes by it."""
    styles = [(n * n) % 6 for n in range(600)]
    kinds = [
        "><v>{n}</v></c>",
        ' t="s"><v>0</v></c>',
        ' t="inlineStr"><is><t>a</t></is></c>',
        "><f>1</f><v>1</v></c>",
        "/>",
    ]
    rows = "".join(
        f'<row r="{n}" ht="{n}">'
        + "".join(f'<c r="{letter}{n}" s="{styles[n - 1]}"' + kinds[(n * (at + 3)) % 5].replace("{n}", str(n)) for at, letter in enumerate("ABCDEFGHIJ"))
        + "</row>"
        for n in range(1, 600)
    )  # fmt: skip
    data = workbook(rows, strings="<si><t>GTB-1</t></si>")
    before = row_pattern._pattern.cache_info().misses
    tuning = BY_PATTERN._replace(piece=1000)
    plain_rows(data, tuning)
    made = row_pattern._pattern.cache_info().misses - before
    assert read(data, tuning) == read(data, BY_CALAMINE)
    assert 2 < made <= fast_rows._MOST_SHAPES + 1


@pytest.mark.parametrize("share", [2, 3, 4])
def test_rows_of_a_few_formats_are_read_by_one_pattern(share: int) -> None:
    """As where every second row has a colour, or each status its own."""
    row = '<row r="{n}"><c r="A{n}" s="{s}" t="s"><v>0</v></c><c r="B{n}" s="1"><v>45{n}</v></c></row>'
    rows = "".join(row.replace("{n}", str(n)).replace("{s}", str(n % share)) for n in range(1, 400))
    before = row_pattern._pattern.cache_info().misses
    data = workbook(rows, strings="<si><t>GTB-1</t></si>")
    assert plain_rows(data, BY_PATTERN._replace(piece=1000)) == list(range(1, 400))
    assert row_pattern._pattern.cache_info().misses - before <= 1


def test_an_end_of_a_row_where_none_begins_is_left_to_calamine() -> None:
    rows = [f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 2000)]
    rows[1500] = '<row r="1501" ht="30"/></row>'
    data = workbook("".join(rows))
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE) == "refused"


@pytest.mark.parametrize("formula", ["A1&1", "A1&nope;1", "A1\x01", "A1\ufffe", "A1&amp;1", "A1&lt;&gt;&quot;&apos;1"])
def test_a_formula_is_read_by_the_pattern_where_it_is_well_formed(formula: str) -> None:
    data = workbook(f'<row r="1"><c r="A1"><f>{formula}</f><v>1</v></c></row>')
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE)


@pytest.mark.parametrize("other", ["coloured", "blank"])
def test_rows_of_different_shapes_that_are_out_of_order_are_left_to_calamine(other: str) -> None:
    rows = [VARIED["usual"].replace("{n}", str(n)) for n in range(101, 109)]
    for at, number in ((4, 103), (4, 107), (7, 101), (0, 109)):
        changed = [*rows[:at], VARIED[other].replace("{n}", str(number)), *rows[at + 1 :]]
        assert plain_rows(workbook("".join(changed), strings="<si><t>a</t></si><si><t>b</t></si>")) == []


def test_two_rows_that_are_not_told_apart_are_left_to_calamine() -> None:
    """A row with an attribute of its own, which ends in its tag, is taken with the one after it: how many rows there
    are would be wrong.
    """
    rows = [f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, 10)]
    data = workbook("".join(['<row r="1" x="1"/><row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>', *rows]))
    assert plain_rows(data) == []
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE)


def test_a_sheet_of_rows_of_another_shape_is_left_to_calamine_whole() -> None:
    """As the Tracker is, whose rows are array formulas: reading it twice would take twice the time."""
    odd = '<row r="{n}"><c r="A{n}"><f t="array" ref="A{n}">1</f><v>1</v></c></row>'
    ordinary = '<row r="{n}"><c r="A{n}"><v>1</v></c></row>'

    def read_by_pattern(shapes: list[str]) -> int:
        return len(plain_rows(workbook("".join(row.replace("{n}", str(n)) for n, row in enumerate(shapes, 1)))))

    assert read_by_pattern([odd] * 11 + [ordinary] * 9) == 0
    assert read_by_pattern([odd] * 10 + [ordinary] * 10) == 10
    assert (
        read_by_pattern([f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 30_000}</t></is></c></row>', ordinary]) == 2
    )


def test_a_row_within_a_comment_is_none() -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row><!-- <row r="2"><c r="A2"><v>2</v></c></row><row r="3"><c '
        'r="A3"><v>2</v></c></row> -->'
    )
    data = workbook(rows)
    assert plain_rows(data) == []
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="XFD1048576"><v>1</v></c></row>',
    ],
)
def test_a_sheet_that_reaches_too_far_is_refused_also_by_ordinary_rows(rows: str) -> None:
    data = workbook(rows)
    assert read(data, BY_PATTERN) == read(data, BY_CALAMINE) == "refused"


@pytest.mark.parametrize("cell", ['<c r="A{n}" t="s"><v>0</v></c>', '<c r="A{n}" t="s"><v >0</v ></c>'])
def test_long_shared_texts_are_bounded_also_in_ordinary_rows(cell: str) -> None:
    rows = "".join(f'<row r="{n}">{cell.replace("{n}", str(n))}</row>' for n in range(1, 20_000))
    data = workbook(rows, strings=f"<si><t>{'x' * 30_000}</t></si>")
    with pytest.raises(UnreadableWorkbook, match="repeats long texts"):
        everything(data, Tuning())


@pytest.mark.parametrize(
    "strings",
    [
        "<si><t>a</t><!-- </si><si><t>b</t></si><si> --></si><si><t>c</t></si>",
        "<si><t>a</t><?x </si><si><t>b</t></si><si> ?></si><si><t>c</t></si>",
        "<si><t>a\r\nb</t></si><si><t>c</t></si>",
        "<si><t>a]]>b</t></si><si><t>c</t></si>",
    ],
)
def test_shared_strings_among_which_something_is_hidden_are_left_to_calamine(strings: str) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in (1, 2))
    data = workbook(rows, strings=strings)
    found = read(data, BY_PATTERN)
    assert found == read(data, BY_CALAMINE)
    assert (found == "refused") is ("]]>" in strings)


def test_a_part_without_end_of_row_is_not_gathered_for_ever() -> None:
    data = workbook(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 5000}</t></is></c></row>')
    tuning = BY_PATTERN._replace(longest_row=1000)
    assert plain_rows(data, tuning._replace(piece=100)) == []
    assert read(data, tuning) == read(data, BY_CALAMINE)


@pytest.mark.parametrize(
    "number", ["1e9", "-107000000000", "-1E+15", "4111111111111111", "-1e308", "1e400", "-inf", "-Infinity"]
)
@pytest.mark.parametrize("style", [1, 2, 3])
@pytest.mark.parametrize("tuning", [BY_PATTERN, BY_CALAMINE])
def test_a_number_that_can_be_no_date_is_a_number_in_every_format(
    number: str, style: int, tuning: Tuning, capfd: pytest.CaptureFixture[str]
) -> None:
    """calamine panics at some of them, and calls a workbook with others damaged."""
    shapes = [
        "<c r='A1'\ts='{}'><v>{}</v></c>",
        '<c r="A1" s="{}"> <f t="shared" si="0"/> <v>{}</v></c>',
        '<c s="{}" r="A1"><f>B1</f><v>{}</v></c>',
    ]
    for shape in ['<c r="A1" s="{}"><v>{}</v></c>', *shapes]:
        data = workbook(f'<row r="1">{shape.format(style, number)}</row>')
        assert read(data, tuning) == read(workbook(f'<row r="1">{shape.format(0, number)}</row>'), BY_CALAMINE)
    assert capfd.readouterr().err == ""


def test_what_looks_like_a_far_number_in_a_text_stays(capfd: pytest.CaptureFixture[str]) -> None:
    text = '<c r="A1" s="1"><v>1e999</v></c>'
    data = workbook(f'<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[{text}]]></t></is></c></row>')
    reader = Reader(data)
    assert reader.values(reader.layout.sheets[0]) == [[text]]
