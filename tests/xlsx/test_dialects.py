"""Workbooks as other programs and other people leave them: read for what they are, appended to, or refused for the true
reason.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

import refundbook
from refundbook.base.a1 import MAX_ROW, Range
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout, Table
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.reading.reader import Reader
from refundbook.xlsx.writing.append_target import target_of
from refundbook.xlsx.writing.writer import Writer
from tests.support import packages
from tests.support.appended import TODAY, appended, changes, entries
from tests.support.office import sheet_values
from tests.support.pillars import Draft, Feature, build
from tests.support.rich import DIALECTS, FEATURES
from tests.support.validators import new_findings, own_findings
from tests.support.zips import EPOCH, Parcel

pytestmark = pytest.mark.slow

CASES = "xl/worksheets/sheet1.xml"
LAST = "GTB-790001"
"""The case in the last row, 7."""


def rewritten(path: Path, *changes: tuple[str, str], part: str = CASES) -> Path:
    """The plain workbook with a part's text changed: (pattern, replacement) pairs."""
    parcel = Parcel(build(path))
    for pattern, replacement in changes:
        parcel.rewrite(part, lambda text, p=pattern, r=replacement: re.sub(p, r, text, count=1, flags=re.DOTALL))  # type: ignore[misc]
    return parcel.save(path)


def cell(address: str, made: str) -> tuple[str, str]:
    """The change of one cell of a sheet to `made`."""
    return rf'<c r="{address}"[^>]*?(?:/>|>.*?</c>)', made


def refused(path: Path, reason: str, count: int = 1) -> None:
    """An append is refused for this reason, and the file stays as it was."""
    before = path.read_bytes()
    with pytest.raises(refundbook.UnsupportedEdit, match=reason), refundbook.load(path, today=TODAY) as book:
        book.append_many(entries(count))
    assert path.read_bytes() == before


# Encodings, names, archives


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_every_part_may_be_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    for part, xml in parcel.parts.items():
        text = xml.decode().replace(
            'encoding="UTF-8"', f'encoding="{encoding.upper()[:6] if "16" in encoding else encoding}"'
        )
        parcel.parts[part] = text.encode(encoding, "xmlcharrefreplace")
    before = parcel.save(tmp_path / "before.xlsx")
    after = appended(before, tmp_path / "after.xlsx")
    book = refundbook.load(after, today=TODAY)
    assert book.records.cases["customer"][2] == "Zoë Müller"
    assert book.records.cases["number"][-1] == "GTB-791000"
    changed = packages.changed_parts(before, after)
    assert changed == {f"xl/{kind}{n}.xml" for kind in ("worksheets/sheet", "tables/table") for n in (1, 2, 3)}


def test_strict_open_xml_is_refused_with_what_to_do(tmp_path: Path) -> None:
    parcel = Parcel(build(tmp_path / "book.xlsx"))
    for part, xml in parcel.parts.items():
        text = xml.decode()
        for family in ("spreadsheetml", "officeDocument", "drawingml"):
            text = text.replace(
                f"http://schemas.openxmlformats.org/{family}/2006/", f"http://purl.oclc.org/ooxml/{family}/"
            )
        parcel.parts[part] = text.encode()
    path = parcel.save(tmp_path / "book.xlsx")
    with pytest.raises(refundbook.UnreadableWorkbook, match="Strict Open XML format: open it in Excel and save it as"):
        refundbook.load(path)


def test_part_names_may_differ_in_upper_and_lower_case(tmp_path: Path) -> None:
    """Names of parts are compared without it (ECMA-376 Part 2, 6.2.2.3)."""
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    parcel.parts = {
        name.replace("worksheets/sheet1.xml", "Worksheets/Sheet1.XML"): xml for name, xml in parcel.parts.items()
    }
    before = parcel.save(tmp_path / "before.xlsx")
    after = appended(before, tmp_path / "after.xlsx")
    assert refundbook.load(after, today=TODAY).records.cases["number"][-1] == "GTB-791000"
    assert packages.recompressed_members(before, after) == set()


def test_zip64_members_are_read_and_copied(tmp_path: Path) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    before = tmp_path / "before.xlsx"
    with zipfile.ZipFile(before, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parcel.parts.items():
            with file.open(zipfile.ZipInfo(name, EPOCH), "w", force_zip64=True) as member:
                member.write(content)
    after = appended(before, tmp_path / "after.xlsx")
    assert packages.recompressed_members(before, after) == set()
    assert new_findings(before, after) == []


# Markup that other programs write


def test_comments_instructions_and_cdata_are_not_taken_for_rows_or_for_the_end(tmp_path: Path) -> None:
    before = rewritten(
        tmp_path / "before.xlsx",
        ("<sheetData>", '<!-- <sheetData><row r="99"> --><sheetData>'),
        ("</sheetData>", '<?mark end?><!-- <row r="8"/> --></sheetData><!-- </sheetData> -->'),
        cell("G7", '<c r="G7" t="str"><v><![CDATA[</row><row r="8">]]></v></c>'),
        ('<row r="7" spans="1:15">', '<row\\tspans = "1:15"\\n customFormat=\'0\' r = "7" >'),
    )
    after = appended(before, tmp_path / "after.xlsx", 2)
    assert new_findings(before, after, [own_findings]) == []
    assert refundbook.load(after, today=TODAY).records.cases["number"][-2:] == ["GTB-791000", "GTB-791001"]


def test_alternate_content_and_extensions_after_the_tables_stay(tmp_path: Path) -> None:
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    control = (
        f'<mc:AlternateContent xmlns:mc="{mc}"><mc:Choice Requires="x14"><mc:AlternateContent><mc:Choice Requires="y"/>'
        "<mc:Fallback/></mc:AlternateContent></mc:Choice></mc:AlternateContent>"
    )
    extension = (
        '</tableParts><extLst><ext uri="{00000000-0000-0000-0000-000000000001}"><y:mine xmlns:y="urn:y" '
        'at="A1"/></ext></extLst>'
    )
    before = rewritten(
        tmp_path / "before.xlsx", ("<tableParts ", control + "<tableParts "), ("</tableParts>", extension)
    )
    xml = packages.parts(appended(before, tmp_path / "after.xlsx"))[CASES].decode()
    assert control in xml
    assert extension in xml


def test_rows_that_stand_empty_below_the_table_are_filled(tmp_path: Path) -> None:
    """Google's export holds a row for each of the first thousand."""
    empty = "".join(f'<row r="{row}" ht="15.75" customHeight="1"/>' for row in range(8, 12))
    before = rewritten(
        tmp_path / "before.xlsx", ("</sheetData>", empty + '<row r="12"><c r="A12" s="1"/></row></sheetData>')
    )
    after = appended(before, tmp_path / "after.xlsx", 5)
    xml = packages.parts(after)[CASES].decode()
    assert re.findall(r'<row r="(\d+)"', xml) == [str(row) for row in range(1, 13)]
    assert '<row r="8" ht="15.75" customHeight="1"><c r="A8" ' in xml
    assert new_findings(before, after) == []


def test_dates_as_iso_texts_and_texts_in_runs_are_read(tmp_path: Path) -> None:
    runs = (
        '<is><r><t>An</t></r><r><rPr><b/></rPr><t xml:space="preserve">a B</t></r><rPh sb="0" '
        'eb="1"><t>ヤ</t></rPh></is>'
    )
    before = rewritten(
        tmp_path / "before.xlsx",
        cell("C7", '<c r="C7" t="d"><v>2024-03-01</v></c>'),
        cell("L7", '<c r="L7" t="d"><v>2024-03-20T17:00:00</v></c>'),
        cell("G7", f'<c r="G7" t="inlineStr">{runs}</c>'),
    )
    cases = refundbook.load(appended(before, tmp_path / "after.xlsx"), today=TODAY).records.cases
    assert (cases["opened"][5], cases["respond_by"][5], cases["customer"][5]) == (
        date(2024, 3, 1),
        datetime(2024, 3, 20, 17),
        "Ana B",
    )


def test_a_header_with_a_line_break_is_a_column_like_any_other(tmp_path: Path) -> None:
    path = FEATURES["own_columns"](tmp_path / "before.xlsx")
    parcel = Parcel(path)
    parcel.rewrite("xl/sharedStrings.xml", lambda text: text.replace("<t>Shop</t>", "<t>Shop\nname</t>"))
    parcel.rewrite("xl/tables/table1.xml", lambda text: text.replace('name="Shop"', 'name="Shop_x000a_name"'))
    before = parcel.save(path)
    after = appended(before, tmp_path / "after.xlsx")
    assert set(refundbook.load(after, today=TODAY).records.cases.extra) == {"Shop\nname", "Tags"}
    assert b'name="Shop_x000a_name"' in packages.parts(after)["xl/tables/table1.xml"]


def test_a_cell_that_is_written_over_loses_its_metadata_and_its_neighbour_keeps_it(tmp_path: Path) -> None:
    """`cm` and `vm` belong to the old value: a dynamic array, a stock, a picture in the cell (ECMA-376 Part 1,
    18.3.1.4).
    """
    path = rewritten(
        tmp_path / "book.xlsx", (r'<c r="G7" ', '<c cm="1" r="G7" vm="2" '), (r'<c r="K7" ', '<c vm="3" r="K7" ')
    )
    with refundbook.load(path, today=TODAY) as book:
        book.amend(LAST, "Customer", "Ana Lee")
    xml = packages.parts(path)[CASES].decode()
    assert re.findall(r'<c [^>]*r="G7"[^>]*>', xml) == ['<c r="G7" t="inlineStr">']
    assert '<c vm="3" r="K7" t="s">' in xml


# What stands around the Table


def test_notes_below_the_table_are_never_written_over(tmp_path: Path) -> None:
    """One row is free between the Table and the notes; a second entry has no room."""
    path = FEATURES["notes_below"](tmp_path / "book.xlsx")
    refused(
        path,
        r"Cases: row 9, below the Table, is not empty, and a new row would overwrite it\. Move what stands there",
        2,
    )
    appended(path, tmp_path / "after.xlsx", 1)
    assert sheet_values(tmp_path / "after.xlsx", "Cases")[8][0] == "Amounts include shipping."
    refused(tmp_path / "after.xlsx", "row 9")


@pytest.mark.parametrize(
    "made", ['<c r="C8" t="str"><f>IF(1,"","x")</f><v></v></c>', '<c r="C8" t="e"><v>#REF!</v></c>']
)
def test_a_blank_result_or_an_error_below_the_table_is_something(tmp_path: Path, made: str) -> None:
    refused(
        rewritten(tmp_path / "book.xlsx", ("</sheetData>", f'<row r="8">{made}</row></sheetData>')),
        "row 8, below the Table",
    )


def test_notes_beside_the_table_are_in_nobodys_way(tmp_path: Path) -> None:
    path = rewritten(tmp_path / "before.xlsx", ("</sheetData>", '<row r="8"><c r="R8"><v>5</v></c></row></sheetData>'))
    after = appended(path, tmp_path / "after.xlsx")
    assert '<c r="R8"><v>5</v></c></row>' in packages.parts(after)[CASES].decode()


def test_another_table_in_the_way_is_named(tmp_path: Path) -> None:
    def draw(draft: Draft) -> None:
        draft.sheet("Cases").add_table("A9:B10", {"name": "Carriers", "header_row": False, "columns": [{}, {}]})

    path = build(tmp_path / "book.xlsx", Feature(draw))
    appended(path, tmp_path / "after.xlsx", 1)
    refused(path, 'the Table "Carriers" stands in row 9, where the next row would go', 2)


def test_a_table_whose_header_row_was_turned_off_is_named(tmp_path: Path) -> None:
    """Excel then empties row 1. With the headers typed in again, the Table is still one without, and an entry below it
    would not be in it.
    """
    parcel = Parcel(build(tmp_path / "book.xlsx"))
    table = "xl/tables/table1.xml"
    parcel.rewrite(table, lambda text: re.sub("<autoFilter [^>]*/>", "", text).replace('ref="A1:O7"', 'ref="A2:O7" headerRowCount="0"'))  # fmt: skip
    path = parcel.save(tmp_path / "book.xlsx")
    refused(path, 'the Table "Cases" has no header row, .* tick Table Design > Header Row')


@pytest.mark.parametrize("cells", ["A1:XFE7", "ZZZ9:A1", "A1:O1048577", "A0:O7"])
def test_a_table_that_no_sheet_has_room_for_is_refused(tmp_path: Path, cells: str) -> None:
    """An entry would fill its rows to their end, where no program reads them."""
    parcel = Parcel(build(tmp_path / "book.xlsx"))
    parcel.rewrite("xl/tables/table1.xml", lambda text: text.replace('ref="A1:O7"', f'ref="{cells}"', 1))
    path = parcel.save(tmp_path / "book.xlsx")
    with pytest.raises(refundbook.UnreadableWorkbook, match=r"It is damaged: the Table in .* has no proper range"):
        refundbook.load(path, today=TODAY)


def test_an_entry_never_goes_into_merged_cells(tmp_path: Path) -> None:
    merged = ("<pageMargins", '<mergeCells count="1"><mergeCell ref="B8:D9"/></mergeCells><pageMargins')
    refused(rewritten(tmp_path / "book.xlsx", merged), r"the cells B8:D9, where the next row goes, are merged")
    beside = (merged[0], merged[1].replace("B8:D9", "Q8:R9"))
    appended(rewritten(tmp_path / "beside.xlsx", beside), tmp_path / "after.xlsx")


def test_data_in_merged_cells_are_pointed_out(tmp_path: Path) -> None:
    merged = (
        "<pageMargins",
        '<mergeCells count="2"><mergeCell ref="G3:H5"/><mergeCell ref="R3:S5"/></mergeCells><pageMargins',
    )
    book = refundbook.load(rewritten(tmp_path / "book.xlsx", merged), today=TODAY)
    found = [(f.code, f.cell, f.message) for f in book.check() if f.code == "RB159"]
    assert found == [("RB159", "G3", "The cells G3:H5 are merged: only the first of them shows.")]


PASSWORD = (
    'algorithmName="SHA-512" '
    'hashValue="9oAL4vKAbfXnZBUxcjPPR5ZQXXHdWkwYXPWdvm4PnQaLZjBCXN9eNxvrXFXOLlUP1Yz3kKNTZZCFxKyLTVCOFg==" '
    'saltValue="nA3Yj5GQYl4bQ5kGfXgkNw==" spinCount="100000" '
)


@pytest.mark.parametrize("password", ["", PASSWORD, 'password="83AF" '])
def test_a_protected_sheet_is_appended_to_and_stays_protected(tmp_path: Path, password: str) -> None:
    """Protection keeps hands in Excel from slipping; it is no encryption, and who may write the file may
    write the log.
    """
    before = FEATURES["protected_sheet"](tmp_path / "before.xlsx")
    parcel = Parcel(before)
    if password:
        parcel.rewrite(CASES, lambda text: text.replace("<sheetProtection ", f"<sheetProtection {password}"))
        before = parcel.save(before)
    tag = re.findall("<sheetProtection [^>]*>", parcel.parts[CASES].decode())
    after = appended(before, tmp_path / "after.xlsx")
    assert re.findall("<sheetProtection [^>]*>", packages.parts(after)[CASES].decode()) == tag != []
    assert refundbook.load(after, today=TODAY).records.cases["number"][-1] == "GTB-791000"


def test_a_new_row_of_a_filtered_table_can_be_seen(tmp_path: Path) -> None:
    xml = packages.parts(appended(FEATURES["filtered"](tmp_path / "b.xlsx"), tmp_path / "after.xlsx"))[CASES].decode()
    assert 'hidden="1"' in xml
    assert '<row r="8"><c ' in xml


# The end of the sheet


def grid_to(last_row: int, *, totals: int = 0) -> DataRange:
    table = Table("xl/tables/table1.xml", "Cases", Range(1, 1, 15, last_row + totals), 1, totals, ())
    return DataRange("Cases", 1, 1, ("Case Number",), [[]], last_row, table)


def test_a_full_sheet_is_said_to_be_full() -> None:
    assert [target_of(grid_to(MAX_ROW - 2)).next_row(n) for n in (0, 1)] == [MAX_ROW - 1, MAX_ROW]
    for grid, already in ((grid_to(MAX_ROW), 0), (grid_to(MAX_ROW - 1), 1), (grid_to(MAX_ROW - 1, totals=1), 0)):
        with pytest.raises(refundbook.UnsupportedEdit, match=r'"Cases" is full: no row is left below row 1048\d{3}'):
            target_of(grid).next_row(already)
    without_table = grid_to(MAX_ROW)._replace(table=None)
    with pytest.raises(refundbook.UnsupportedEdit, match="is full"):
        target_of(without_table).next_row(0)


def test_the_last_row_of_a_sheet_is_filled_and_then_there_is_none(tmp_path: Path) -> None:
    down = MAX_ROW - 8

    def lower(text: str) -> str:
        """The Resolutions, whose five rows stand at the top, at the end of the sheet."""
        return re.sub(
            r'((?:r|ref)="[A-Z]*)(\d+)((?::[A-Z]+)?)(\d*)"',
            lambda m: f'{m[1]}{int(m[2]) + down}{m[3]}{int(m[4]) + down if m[4] else ""}"',
            text,
        )

    path = build(tmp_path / "book.xlsx")
    parcel = Parcel(path)
    for part in ("xl/worksheets/sheet3.xml", "xl/tables/table3.xml"):
        parcel.rewrite(part, lower)
    parcel.save(path)
    with refundbook.load(path, today=TODAY, user="Ana") as book:
        for day in (6, 7, 8):
            entry = book.append_resolution("GTB-789045", status="Pending", outcome=f"Day {day}")
    assert entry.row == MAX_ROW
    refused_entry(path, "is full")


def refused_entry(path: Path, reason: str) -> None:
    with refundbook.load(path, today=TODAY) as book, pytest.raises(refundbook.UnsupportedEdit, match=reason):
        book.append_resolution("GTB-789045", status="Pending")


@pytest.mark.parametrize("builder", [FEATURES["plain"], DIALECTS["prefixed"], DIALECTS["inline_strings"]])
def test_two_appends_give_what_one_of_both_gives(tmp_path: Path, builder: Callable[[Path], Path]) -> None:
    before = builder(tmp_path / "before.xlsx")
    at_once = appended(before, tmp_path / "at_once.xlsx", 2)
    one_by_one = tmp_path / "one_by_one.xlsx"
    one_by_one.write_bytes(before.read_bytes())
    for pillar, fields in entries(2):
        with refundbook.load(one_by_one, today=TODAY, user="Ana") as book:
            book.append(pillar, fields)
    assert changes(at_once, one_by_one) == {}


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_rows_that_do_not_say_where_they_are_are_appended_to_again_and_again(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "book.xlsx"
    parcel = Parcel(build(path))
    for part, last in ((parcel.sheet("Resolutions"), 1 + rows), (parcel.table("Resolutions"), 1 + rows)):
        parcel.rewrite(part, lambda text, last=last: re.sub(r'ref="A1:I\d+"', f'ref="A1:I{last}"', text))  # type: ignore[misc]
    below = re.compile(r'<row r="(\d+)".*?</row>')
    parcel.rewrite(
        parcel.sheet("Resolutions"), lambda text: below.sub(lambda m: m[0] if int(m[1]) <= 1 + rows else "", text)
    )
    parcel.rewrite(parcel.sheet("Resolutions"), lambda text: re.sub(r' r="[A-Z]*\d+"', "", text))
    parcel.save(path)
    for day in range(4, 9):
        with refundbook.edit(path, today=TODAY, user="Ana") as book:
            row = book.append_resolution("GTB-789101", status="Pending", outcome=f"Day {day}").row
        assert row == rows - 2 + day
    assert own_findings(path) == []


def test_a_signed_workbook_is_not_changed(tmp_path: Path) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    related = f'<Relationship Id="sig" Type="{kind}" Target="_xmlsignatures/origin.sigs"/></Relationships>'
    parcel.rewrite("_rels/.rels", lambda text: text.replace("</Relationships>", related))
    parcel.parts["_xmlsignatures/origin.sigs"] = b""
    refused(
        parcel.save(tmp_path / "before.xlsx"),
        "digitally signed, and any change breaks the signature. Remove it in Excel",
    )


# What was not read


def test_an_entry_never_takes_the_place_of_what_stands_there(tmp_path: Path) -> None:
    """Whatever a reader may have missed: the writer looks at the cells itself."""
    package = Package(build(tmp_path / "before.xlsx").read_bytes())
    layout, names = Layout(package), ("Cases", "Communications", "Resolutions")
    grid = Reader(package.archive.data).grid(next(s for s in layout.sheets if s.name == "Cases"), {"Case Number"})
    missed = target_of(grid)._replace(last_used=grid.last_used - 1)
    for column in range(1, 16):
        writer = Writer(package, layout, grown=names)
        filled = grid.columns[column - 1][grid.last_used - grid.top] != ""
        if filled:
            with pytest.raises(refundbook.UnsupportedEdit, match=r"Cases: the cell [A-Z]7, where the next row goes"):
                writer.append(missed, range(7, 8), {column: ["GTB-1"]})


def test_a_totals_row_never_takes_the_place_of_what_stands_below_it(tmp_path: Path) -> None:
    """Whatever a reader may have missed."""
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    parcel.rewrite(
        "xl/tables/table1.xml",
        lambda text: text.replace(' totalsRowShown="0"', "").replace(
            'ref="A1:O7"', 'ref="A1:O7" totalsRowCount="1"', 1
        ),
    )
    below = '<row r="8"><c r="B8"><v>1</v></c></row></sheetData>'
    parcel.rewrite(CASES, lambda text: text.replace("</sheetData>", below))
    package = Package(parcel.save(tmp_path / "totals.xlsx").read_bytes())
    layout, names = Layout(package), ("Cases", "Communications", "Resolutions")
    target = target_of(Reader(package.archive.data).grid(layout.sheets[0], {"Case Number"}))
    assert (target.table and target.table.totals_rows, target.uncovered) == (1, (8,))
    writer = Writer(package, layout, grown=names)
    with pytest.raises(refundbook.UnsupportedEdit, match=r"Cases: the cell B8, where the totals row goes, holds"):
        writer.append(target._replace(uncovered=()), range(7, 8), {1: ["GTB-1"]})


@pytest.mark.parametrize(
    "blank", ['t="s"><v>{blank}</v></c>', 't="inlineStr"><is><t></t></is></c>', 't="str"><v></v></c>', "/>"]
)
def test_what_only_seems_to_stand_in_a_blank_row_of_the_table_gives_way(tmp_path: Path, blank: str) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    strings = "xl/sharedStrings.xml"
    number = parcel.parts[strings].count(b"<si>")
    parcel.rewrite(strings, lambda text: text.replace("</sst>", "<si><t></t></si></sst>"))
    row = (
        f'<row r="8"><c r="A8" {blank.format(blank=number)}</row></sheetData>'
        if blank != "/>"
        else '<row r="8"><c r="A8"/></row></sheetData>'
    )
    parcel.rewrite(CASES, lambda text: text.replace("</sheetData>", row).replace("A1:O7", "A1:O8"))
    parcel.rewrite("xl/tables/table1.xml", lambda text: text.replace("A1:O7", "A1:O8"))
    after = appended(parcel.save(tmp_path / "before.xlsx"), tmp_path / "after.xlsx")
    assert refundbook.load(after, today=TODAY).records.cases.rows[-1] == 8


@pytest.mark.parametrize("pillar", ["case", "communication", "resolution"])
def test_what_stands_below_an_empty_table_stops_no_entry_elsewhere(tmp_path: Path, pillar: str) -> None:
    """A warning never stops anything."""
    path = refundbook.create(tmp_path / "t.xlsx").path
    with refundbook.load(path, today=TODAY) as book:
        book.append_case("GTB-555555", opened="2023-10-01")
    parcel, below = Parcel(path), '<row r="9"><c r="A9" t="inlineStr"><is><t>mine</t></is></c></row></sheetData>'
    noted = "xl/worksheets/sheet4.xml" if pillar == "resolution" else "xl/worksheets/sheet5.xml"
    parcel.rewrite(noted, lambda text: text.replace("</sheetData>", below))
    parcel.save(path)
    made: dict[str, dict[str, object]] = {
        "case": {"number": "GTB-666666", "opened": "2023-10-01"},
        "communication": {"number": "GTB-555555", "date": "2023-10-02", "with": "Support", "summary": "Hello"},
        "resolution": {"number": "GTB-555555", "status": "Pending"},
    }
    with refundbook.load(path, today=TODAY) as book:
        assert "RB256" in [finding.code for finding in book.check().warnings]
        assert book.append(pillar, made[pillar]).warnings == ()
