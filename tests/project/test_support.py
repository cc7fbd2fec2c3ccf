"""The tests' own tools do what they say: validators find seeded faults, comparisons find seeded changes, the workbooks
are what they claim.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from refundbook.base.schema import SHEETS
from tests.support import books, grafts, packages
from tests.support.office import converted, recalculated, sheet_values, to_pdf
from tests.support.pillars import PILLARS, Draft, Feature, build
from tests.support.rich import (
    DIALECTS,
    EVERYTHING,
    FEATURES,
    NOT_FOR_CALAMINE,
    ODD,
    WITHOUT_TABLES,
    Builder,
    full,
    parameters,
)
from tests.support.validators import audit_findings, new_findings, own_findings, sdk_findings
from tests.support.zips import MAIN_NS, Parcel

pytestmark = pytest.mark.slow

ENTRIES = (PILLARS.cases, PILLARS.communications, PILLARS.resolutions)
TABLES = {"Cases", "Communications", "Resolutions"}
CASES = "xl/worksheets/sheet1.xml"
CASES_TABLE = "xl/tables/table1.xml"

Change = Callable[[Parcel], object]


def replaced(part: str, old: str, new: str) -> Change:
    return lambda parcel: parcel.rewrite(part, lambda text: text.replace(old, new, 1))


def substituted(part: str, pattern: str, new: str) -> Change:
    return lambda parcel: parcel.rewrite(part, lambda text: re.sub(pattern, new, text, count=1, flags=re.DOTALL))


def changed(path: Path, change: Change) -> Path:
    """A copy of the workbook with one change."""
    parcel = Parcel(path)
    change(parcel)
    return parcel.save(path.with_stem(path.stem + "-changed"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("plain") / "plain.xlsx")


def inline(text: str) -> str:
    return f'<c r="Q2" t="inlineStr"><is><t>{text}</t></is></c></row><row r="3"'


FAULTS: dict[str, tuple[Change, str]] = {
    "a row twice": (replaced(CASES, '<row r="4"', '<row r="3"'), "row 3 is there twice"),
    "rows out of order": (replaced(CASES, '<row r="4"', '<row r="2"'), "row 2 stands after row 3"),
    "a row beyond the sheet": (replaced(CASES, '<row r="7"', '<row r="1048577"'), "row 1048577 is beyond the sheet"),
    "cells out of order": (replaced(CASES, 'r="C3"', 'r="A3"'), "A3 stands after column 2"),
    "a cell in another's row": (replaced(CASES, 'r="C3"', 'r="C4"'), "C4 stands in row 3"),
    "a column beyond the sheet": (replaced(CASES, 'r="N3"', 'r="XFE3"'), "XFE3 is beyond the sheet"),
    "no cell address": (replaced(CASES, 'r="C3"', 'r="3C"'), "'3C' is no cell address"),
    "a text too long": (substituted(CASES, r'</row><row r="3"', inline("x" * 32_768)), "more than 32,767 characters"),
    "an astral text too long": (substituted(CASES, r'</row><row r="3"', inline("😀" * 16_384)), "more than 32,767 characters"),
    "a shared text too long": (replaced("xl/sharedStrings.xml", "<t>Lamp", "<t>" + "L" * 32_768), "longer than 32,767"),
    "white space that is lost": (substituted(CASES, r'</row><row r="3"', inline(" x")), "loses white space"),
    "no dimension's range": (replaced(CASES, 'dimension ref="A1:O7"', 'dimension ref="A1:7O"'), "dimension: '7O' is no cell address"),
    "no Table's range": (replaced(CASES_TABLE, 'ref="A1:O7"', 'ref="O7:A1"'), "O7:A1 is the wrong way round"),
    "columns counted wrong": (replaced(CASES_TABLE, 'count="15"', 'count="14"'), "says that it has 14 columns, and has 15"),
    "a shared string without number": (substituted(CASES, r"<v>0</v>", "<v>x</v>"), "names the shared string x, of"),
    "a formula too long": (
        substituted(CASES, r'</row><row r="3"', f'<c r="Q2"><f>{"1+" * 4_096}1</f></c></row><row r="3"'),
        "more than 8,192 characters",
    ),
    "no content types": (lambda parcel: parcel.parts.pop("[Content_Types].xml"), "[Content_Types].xml: missing"),
    "relationships of no part": (
        lambda parcel: parcel.parts.update({"xl/_rels/gone.xml.rels": parcel.parts["xl/_rels/workbook.xml.rels"]}),
        "xl/_rels/gone.xml.rels: belongs to no part",
    ),
    "a relationship id twice": (replaced("xl/_rels/workbook.xml.rels", 'Id="rId2"', 'Id="rId1"'), "the id rId1 is there twice"),
    "no workbook": (lambda parcel: parcel.parts.pop("xl/workbook.xml"), "xl/workbook.xml: no workbook part"),
    "a dimension too small": (replaced(CASES, 'dimension ref="A1:O7"', 'dimension ref="A1:O6"'), "the dimension A1:O6 leaves out"),
    "a style that is not there": (replaced(CASES, 's="1"', 's="99"'), "names the style 99"),
    "a shared string that is not there": (substituted(CASES, r"<v>0</v>", "<v>9999</v>"), "names the shared string 9999"),
    "an unbalanced formula": (substituted(CASES, r'</row><row r="3"', '<c r="Q2"><f>SUM((A1)</f></c></row><row r="3"'), "unbalanced formula"),
    "a formula with its equals sign": (substituted(CASES, r'</row><row r="3"', '<c r="Q2"><f>=A1</f></c></row><row r="3"'), "begins with an equals"),
    "a header unlike its column": (replaced(CASES_TABLE, 'name="Reason"', 'name="Cause"'), "calls a column 'Cause' where I1 says 'Reason'"),
    "a column twice": (replaced(CASES_TABLE, 'name="Reason"', 'name="Issuer"'), "two columns with the name 'issuer'"),
    "a Table too wide": (replaced(CASES_TABLE, 'ref="A1:O7"', 'ref="A1:P7"'), "has 15 columns in A1:P7"),
    "a Table without a row": (substituted(CASES_TABLE, 'ref="A1:O7"', 'ref="A1:O1"'), "has no row for data"),
    "a filter unlike its Table": (replaced(CASES_TABLE, '<autoFilter ref="A1:O7"', '<autoFilter ref="A1:O6"'), "is filtered over A1:O6"),
    "a Table name twice": (replaced("xl/tables/table2.xml", 'displayName="Communications"', 'displayName="Cases"'), "Table name cases"),
    "a sheet name twice": (replaced("xl/workbook.xml", 'name="Resolutions"', 'name="CASES"'), "sheet name cases"),
    "a part that is missing": (lambda parcel: parcel.parts.pop(CASES_TABLE), "tables/table1.xml, which is not in the file"),
    "an id that is missing": (replaced(CASES, 'tablePart r:id="rId1"', 'tablePart r:id="rId9"'), "uses the relationship rId9"),
    "a part without a type": (lambda parcel: parcel.parts.update({"xl/odd.odd": b""}), "xl/odd.odd has no content type"),
    "a type without a part": (lambda parcel: parcel.parts.pop("xl/theme/theme1.xml"), "theme1.xml is not in the file"),
    "a part's type twice": (
        substituted("[Content_Types].xml", '(<Override PartName="/xl/workbook.xml"[^>]*/>)', r"\1\1"),
        "/xl/workbook.xml has its content type twice",
    ),
    "XML that is not well-formed": (replaced(CASES, "</sheetData>", "</sheetdata>"), "sheet1.xml: Opening and ending tag"),
    "ranges that overlap": (
        replaced(CASES, "<pageMargins", '<mergeCells count="2"><mergeCell ref="R1:S2"/><mergeCell ref="S2:T3"/></mergeCells><pageMargins'),
        "the merged cells R1:S2 and S2:T3 overlap",
    ),
    "a rule beyond the sheet": (
        replaced(CASES, "<pageMargins", '<conditionalFormatting sqref="A2:A1048577"/><pageMargins'),
        "A1048577 is beyond the sheet",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), FAULTS.values(), ids=FAULTS)
def test_own_checks_find_a_seeded_fault(plain: Path, change: Change, expected: str) -> None:
    assert own_findings(plain) == []
    found = own_findings(changed(plain, change))
    assert any(expected in finding for finding in found), found


def test_own_checks_find_a_calculation_chain_that_names_a_cell_without_formula(tmp_path: Path) -> None:
    def add_chain(parcel: Parcel) -> None:
        chain = f'<calcChain xmlns="{MAIN_NS}"><c r="A2" i="1"/></calcChain>'
        part = parcel.add("xl/calcChain.xml", chain, f"{grafts.SPREADSHEET_TYPE}.calcChain+xml")
        parcel.relate("xl/workbook.xml", "calcChain", part)

    found = own_findings(changed(build(tmp_path / "book.xlsx"), add_chain))
    assert found == ["xl/calcChain.xml: A2 of sheet 1 holds no formula"]


def test_own_checks_find_tables_that_overlap(tmp_path: Path) -> None:
    book = FEATURES["second_table"](tmp_path / "book.xlsx")
    grow = substituted(CASES_TABLE, r'ref="A1:O7"(.*)ref="A1:O7"', r'ref="A1:W7"\1ref="A1:W7"')
    assert any("overlaps" in finding for finding in own_findings(changed(book, grow)))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_own_checks_find_a_member_twice_and_a_broken_one(tmp_path: Path, plain: Path) -> None:
    twice = tmp_path / "twice.xlsx"
    twice.write_bytes(plain.read_bytes())
    with zipfile.ZipFile(twice, "a") as file:
        file.writestr("xl/workbook.xml", b"<workbook/>")
    assert own_findings(twice) == ["xl/workbook.xml: twice in the zip file"]

    broken = tmp_path / "broken.xlsx"
    content = Parcel(plain)
    content.save(broken, zipfile.ZIP_STORED)
    broken.write_bytes(broken.read_bytes().replace(b"GTB-789012", b"GTB-789013"))
    assert own_findings(broken) == ["xl/sharedStrings.xml: its CRC does not match its content"]


def test_openxml_audit_finds_a_seeded_fault(plain: Path) -> None:
    assert audit_findings(plain) == []
    swapped = substituted(CASES, r"(<sheetData>.*</sheetData>)(<pageMargins[^>]*/>)", r"\2\1")
    assert audit_findings(changed(plain, swapped)) != []


@pytest.mark.sdk
def test_the_open_xml_sdk_finds_a_seeded_fault(plain: Path) -> None:
    assert sdk_findings(plain) == []
    swapped = substituted(CASES, r"(<sheetData>.*</sheetData>)(<pageMargins[^>]*/>)", r"\2\1")
    assert any("unexpected child" in finding for finding in sdk_findings(changed(plain, swapped)))


@pytest.mark.sdk
def test_the_open_xml_sdk_says_that_a_file_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "text.xlsx"
    path.write_text("hello")
    assert sdk_findings(path) != []


def test_a_finding_is_new_only_where_the_workbook_did_not_have_its_like(tmp_path: Path, plain: Path) -> None:
    one = changed(plain, replaced(CASES, 's="1"', 's="99"')).rename(tmp_path / "one.xlsx")
    two = changed(one, replaced(CASES, 'r="A3" s="1"', 'r="A3" s="99"'))
    assert len(own_findings(two)) == len(own_findings(one)) + 1
    assert new_findings(one, two, [own_findings]) == []
    other = changed(one, replaced(CASES, 'dimension ref="A1:O7"', 'dimension ref="A1:O6"'))
    assert len(new_findings(one, other, [own_findings])) == 1


def test_changed_parts_names_what_changed_was_added_and_removed(plain: Path) -> None:
    def change(parcel: Parcel) -> None:
        parcel.rewrite(CASES, lambda text: text.replace("A1:O7", "A1:O8"))
        parcel.parts["xl/new.xml"] = b"<new/>"
        del parcel.parts["docProps/app.xml"]

    assert packages.changed_parts(plain, changed(plain, change)) == {CASES, "xl/new.xml", "docProps/app.xml"}
    assert packages.changed_parts(plain, plain) == set()


def test_raw_members_tell_a_copy_from_a_recompression(tmp_path: Path, plain: Path) -> None:
    same = Parcel(plain).save(tmp_path / "same.xlsx")
    assert packages.recompressed_members(plain, same) == set()
    stored = Parcel(plain).save(tmp_path / "stored.xlsx", zipfile.ZIP_STORED)
    assert packages.changed_parts(plain, stored) == set()
    assert packages.recompressed_members(plain, stored) == set(packages.parts(plain))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ('<a><row r="1" k="2"/><row r="2">t</row></a>', ["changed /a/row[@r='1']/@k"]),
        ('<a><row r="1"/><row r="2">u</row></a>', ["changed /a/row[@r='2']/text()"]),
        ('<a><row r="1"/> <row r="2">t</row></a>', ["changed /a/row[@r='1']/text()"]),
        ('<a><row r="1"/><row r="2">t</row><row r="3"/></a>', ["added /a/row[@r='3']"]),
        ('<a><row r="2">t</row></a>', ["removed /a/row[@r='1']"]),
        ('<a><row r="1"/><row r="2">t<c><v/></c></row></a>', ["added /a/row[@r='2']/c"]),
        ('<a><row r="1"/><!--x--><row r="2">t</row></a>', ["added /a/comment()"]),
        ('<a><row r="2">t</row><row r="1"/></a>', ["removed /a/row[@r='2']", "added /a/row[@r='2']"]),
        ('<a xmlns:x="u"><x:row r="1"/><row r="2">t</row></a>', ["changed /a/row[@r='1']/name()"]),
        ('<b><row r="1"/><row r="2">t</row></b>', ["changed /a/name()"]),
    ],
)
def test_changed_elements_names_each_difference(after: str, expected: list[str]) -> None:
    before = b'<a><row r="1"/><row r="2">t</row></a>'
    assert sorted(packages.changed_elements(before, after.encode())) == sorted(expected)
    assert packages.changed_elements(before, before) == []


def test_changed_elements_names_the_order_of_attributes_and_the_one_inserted_among_equals() -> None:
    assert packages.changed_elements(b'<a k="1" l="2"/>', b'<a l="2" k="1"/>') == ["changed /a/@*"]
    assert packages.changed_elements(b"<a><c>1</c><c>3</c></a>", b"<a><c>1</c><c>2</c><c>3</c></a>") == [
        "added /a/c[2]"
    ]


def test_calamine_takes_a_sheet_in_utf_16_for_an_empty_one(tmp_path: Path) -> None:
    """Why `NOT_FOR_CALAMINE` is there: no error says that the rows were not read."""
    assert sheet_values(DIALECTS["utf_16"](tmp_path / "book.xlsx"), "Cases") == []


def without(builders: Mapping[str, Builder], names: Collection[str]) -> dict[str, Builder]:
    return {name: builder for name, builder in builders.items() if name not in names}


def rows_of(path: Path, sheet: str) -> list[dict[str, object]]:
    """The rows below the header row, wherever it is, by header."""
    values = sheet_values(path, sheet)
    top = next(number for number, row in enumerate(values) if "Case Number" in row)
    return [dict(zip(map(str, values[top]), row, strict=True)) for row in values[top + 1 :]]


@pytest.mark.parametrize("builder", parameters(without(EVERYTHING, NOT_FOR_CALAMINE)))
def test_each_workbook_opens_with_three_tables_and_every_entry(
    tmp_path: Path, builder: Builder, request: pytest.FixtureRequest
) -> None:
    path = builder(tmp_path / "book.xlsx")
    if not any(name in request.node.name for name in WITHOUT_TABLES):
        book = CalamineWorkbook.from_path(str(path), load_tables=True)
        assert set(book.table_names or ()) >= TABLES
    for sheet, entries in zip(SHEETS, ENTRIES, strict=True):
        found = rows_of(path, sheet.name)
        assert len(found) >= len(entries)
        for entry, row in zip(entries, found, strict=False):
            told = {name: row[sheet[name].header] for name in entry if name not in ("notes", "outcome")}
            assert told == {name: entry[name] for name in told}


@pytest.mark.parametrize("builder", parameters(EVERYTHING))
def test_each_workbook_is_faultless_but_for_the_odd_ones(
    tmp_path: Path, builder: Builder, request: pytest.FixtureRequest
) -> None:
    path = builder(tmp_path / "book.xlsx")
    assert own_findings(path) == []
    assert bool(audit_findings(path)) == any(f"[{name}]" in request.node.name for name in ODD)


@pytest.mark.sdk
@pytest.mark.parametrize("builder", parameters(without(EVERYTHING, ODD)))
def test_each_workbook_passes_the_open_xml_sdk(tmp_path: Path, builder: Builder) -> None:
    assert sdk_findings(builder(tmp_path / "book.xlsx")) == []


@pytest.mark.libreoffice
def test_libreoffice_opens_every_workbook_and_finds_the_same_entries(tmp_path: Path) -> None:
    built = [builder(tmp_path / f"{name}.xlsx") for name, builder in EVERYTHING.items()]
    for path in converted(built, tmp_path / "out"):
        for sheet, entries in zip(SHEETS, ENTRIES, strict=True):
            found = [row["Case Number"] for row in rows_of(path, sheet.name)]
            assert found[: len(entries)] == [entry["number"] for entry in entries], f"{path.name}, {sheet.name}"


def test_the_full_workbook_has_a_part_of_every_kind(tmp_path: Path) -> None:
    names = packages.parts(full(tmp_path / "full.xlsm"))
    kinds = (
        "charts/chart", "chartsheets/", "media/image", "comments", "threadedComments/", "persons/", "drawings/vmlDrawing", "slicers/",
        "slicerCaches/", "pivotTables/", "pivotCacheDefinition", "pivotCacheRecords", "vbaProject.bin", "customXml/", "printerSettings",
        "metadata.xml", "docProps/custom.xml", "tables/table4.xml",
    )  # fmt: skip
    assert [kind for kind in kinds if not any(kind in name for name in names)] == []
    sheets = b"".join(content for name, content in names.items() if "worksheets/sheet" in name)
    marks = (
        b"x14:sparklineGroup",
        b"x14:dataValidation ",
        b"x14:cfRule",
        b"x14:slicer ",
        b"hidden=",
        b"outlineLevel",
        b"<pane ",
    )
    assert [mark for mark in marks if mark not in sheets] == []


def test_a_feature_that_ends_with_the_table_names_its_last_row(tmp_path: Path) -> None:
    """What an append must grow is there to grow."""
    path = tmp_path / "full.xlsx"
    content = packages.parts(full(path))
    last = f"${1 + len(PILLARS.cases)}"
    for name in ("xl/workbook.xml", "xl/charts/chart1.xml", CASES):
        assert last in content[name].decode(), name


def test_features_are_told_where_the_pillars_lie(tmp_path: Path) -> None:
    seen: list[str] = []

    def look(draft: Draft) -> None:
        seen.extend(frame.ref for frame in draft.frames.values())

    build(tmp_path / "book.xlsx", Feature(look))
    assert seen == ["A1:O7", "A1:N12", "A1:I5"]


def test_a_filled_template_holds_what_was_typed(tmp_path: Path) -> None:
    cases = [*books.SAMPLE.cases, {"number": "007", "opened": books.SAMPLE.cases[0]["opened"], "Shop": "Ana's"}]
    path = books.filled(tmp_path / "book.xlsx", cases=cases)
    assert [row["Case Number"] for row in rows_of(path, "Cases")] == ["GTB-789012", "GTB-789045", "007"]
    assert rows_of(path, "Cases")[2]["Shop"] == "Ana's"
    table = CalamineWorkbook.from_path(str(path), load_tables=True).get_table_by_name("Cases")
    assert table.columns[-1] == "Shop"
    assert len(table.to_python()) == 3
    assert new_findings(books.filled(tmp_path / "empty.xlsx", [], [], []), path, [own_findings, audit_findings]) == []


@pytest.mark.libreoffice
def test_a_recalculated_sample_has_the_design_s_tracker(tmp_path: Path) -> None:
    path = books.filled(tmp_path / "book.xlsx")
    rows = sheet_values(recalculated(path, tmp_path / "out"), "Tracker")[:4]
    found = [tuple(str(value) for value in row[:5]) for row in rows if row[0]]
    assert tuple(found) == books.SAMPLE_TRACKER
    assert to_pdf(path, tmp_path / "out").read_bytes().startswith(b"%PDF")


@pytest.mark.libreoffice
def test_recalculation_computes_what_a_wrong_cached_value_says(tmp_path: Path) -> None:
    path = FEATURES["own_sheet"](tmp_path / "book.xlsx")
    lying = changed(path, substituted("xl/worksheets/sheet4.xml", "<v>482.65</v>", "<v>1</v>"))
    assert sheet_values(lying, "Dashboard")[1][1] == 1
    assert sheet_values(recalculated(lying, tmp_path / "out"), "Dashboard")[1][1] == pytest.approx(482.65)


@pytest.mark.libreoffice
def test_libreoffice_without_a_result_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(RuntimeError, match=r"LibreOffice did not make broken\.pdf"):
        to_pdf(path, tmp_path / "out")


@pytest.mark.libreoffice
def test_a_calculated_column_is_computed_in_every_row(tmp_path: Path) -> None:
    path = recalculated(FEATURES["calculated_column"](tmp_path / "book.xlsx"), tmp_path / "out")
    fees = [row["With Fee"] for row in rows_of(path, "Cases")]
    assert fees == pytest.approx([54.89, 132, 20.35, 253, 0, 70.675])
