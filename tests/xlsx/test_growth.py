"""What a person's formulas, charts and names refer to grows with the Table, as it does in Excel."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from lxml import etree
from openpyxl.workbook.defined_name import DefinedName

import refundbook
from refundbook.base.schema import CASES
from refundbook.xlsx.writing.range_growth import may_point_to
from tests.support import drawn, grafts, packages
from tests.support.appended import TODAY, appended
from tests.support.office import converted, recalculated, sheet_values
from tests.support.pillars import HEADERS, Arrangement, Draft, Feature, Frame, build
from tests.support.rich import CALCULATED, FEES
from tests.support.validators import new_findings
from tests.support.zips import MAIN, Parcel

pytestmark = pytest.mark.slow

CASES_PART = "xl/worksheets/sheet1.xml"
DASHBOARD = "xl/worksheets/sheet4.xml"
AMOUNT = CASES["amount"].header

Graft = Callable[[Parcel, Mapping[str, Frame]], None]


def formulas(path: Path, part: str) -> dict[str, str]:
    """The formulas of a sheet by address, as they stand in the file."""
    root = etree.fromstring(packages.parts(path)[part])
    return {cell.get("r", ""): cell.findtext(f"{MAIN}f") or "" for cell in root.iter(f"{MAIN}c") if cell.find(f"{MAIN}f") is not None}  # fmt: skip


def with_formulas(sheet: str, written: Mapping[str, str]) -> Feature:
    """A feature that writes formulas, by address, into a sheet."""

    def draw(draft: Draft) -> None:
        for address, formula in written.items():
            draft.sheet(sheet).write_formula(address, formula, None, 1)

    return Feature(draw)


def put_cells(sheet: str, cells: Mapping[str, str]) -> Feature:
    """A feature that puts cells (address to the XML within the cell element, and its attributes before a `|`) into a
    sheet by hand.
    """

    def graft(parcel: Parcel, _frames: Mapping[str, Frame]) -> None:
        for address, content in cells.items():
            attributes, _, inner = content.rpartition("|")
            made = f'<c r="{address}" {attributes}>{inner}</c>'
            old = re.compile(rf'<c r="{address}"(?: [^>]*)?(?:/>|>.*?</c>)')
            row = re.compile(rf'(<row r="{re.sub("[A-Z]", "", address)}"[^>]*>.*?)(</row>)')
            text = parcel.parts[parcel.sheet(sheet)].decode()
            text, replaced = old.subn(made, text)
            if not replaced:
                text, replaced = row.subn(lambda match, made=made: match[1] + made + match[2], text)  # type: ignore[misc]
            assert replaced == 1
            parcel.parts[parcel.sheet(sheet)] = text.encode()

    return Feature(graft=graft)


def grown(tmp_path: Path, *features: Feature, count: int = 1, arrangement: Arrangement | None = None) -> Path:
    """What an append makes of a workbook with these features; the six cases stand in rows 2 to 7."""
    before = build(tmp_path / "before.xlsx", *features, arrangement=arrangement)
    after = appended(before, tmp_path / "after.xlsx", count)
    assert new_findings(before, after) == []
    return after


ON_ANOTHER_SHEET = {
    "=SUM(Cases!$J$2:$J$7)": "SUM(Cases!$J$2:$J$9)",
    "=SUM(Cases!J2:J7)": "SUM(Cases!J2:J9)",
    "=SUM('Cases'!$J$1:$J$7)/COUNT(cases!J$2:J$7)": "SUM('Cases'!$J$1:$J$9)/COUNT(cases!J$2:J$9)",
    '=COUNTIF(Cases!$I$2:$I$7,"Cases!$I$2:$I$7 & <more>")': 'COUNTIF(Cases!$I$2:$I$9,"Cases!$I$2:$I$7 & <more>")',
    "=SUM(Cases!$J:$J)+SUM(Cases!$J$2:$J$100)": "SUM(Cases!$J:$J)+SUM(Cases!$J$2:$J$100)",
    "=SUM(Cases!$J$4:$J$7)": "SUM(Cases!$J$4:$J$7)",
    "=SUM(Cases!$J$2:$J7)": "SUM(Cases!$J$2:$J7)",
    "=Cases!$J$7": "Cases!$J$7",
    "=SUM(J2:J7)": "SUM(J2:J7)",
    "=SUM(Cases!$Q$2:$Q$7)": "SUM(Cases!$Q$2:$Q$7)",
}


def test_a_formula_over_a_whole_column_of_the_table_grows(tmp_path: Path) -> None:
    """Not one over a part of it, one that was filled down, one that says more rows itself, or a text that only looks
    like a reference.
    """
    written = {f"A{row}": formula for row, formula in enumerate(ON_ANOTHER_SHEET, 1)}
    after = grown(tmp_path, with_formulas("Dashboard", written), count=2)
    assert list(formulas(after, DASHBOARD).values()) == list(ON_ANOTHER_SHEET.values())


def test_a_sheet_is_found_to_refer_to_a_pillar_in_upper_or_lower_case(tmp_path: Path) -> None:
    after = grown(tmp_path, with_formulas("Dashboard", {"A1": "=SUM(CASES!$J$2:$J$7)"}))
    assert formulas(after, DASHBOARD) == {"A1": "SUM(CASES!$J$2:$J$8)"}


def test_a_sheet_that_refers_to_none_of_the_pillars_stays_as_it_is(tmp_path: Path) -> None:
    before = build(
        tmp_path / "before.xlsx", with_formulas("Dashboard", {"A1": "=SUM(B2:B7)", "A2": "=SUM(Other!B2:B7)"})
    )
    after = appended(before, tmp_path / "after.xlsx")
    assert DASHBOARD not in packages.changed_parts(before, after)


def test_a_formula_that_is_not_in_the_encoding_of_its_part_is_said_to_be_damaged(tmp_path: Path) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx", with_formulas("Dashboard", {"A1": "=SUM(Cases!$J$2:$J$7)"})))
    parcel.parts[DASHBOARD] = parcel.parts[DASHBOARD].replace(b"SUM(", b"SUM(\xa4")
    before = parcel.save(tmp_path / "before.xlsx").read_bytes()
    with pytest.raises(refundbook.UnreadableWorkbook, match="not in UTF-8"):
        appended(tmp_path / "before.xlsx", tmp_path / "after.xlsx")
    assert (tmp_path / "before.xlsx").read_bytes() == before


def test_on_the_pillars_own_sheet_a_formula_beside_the_table_grows_and_a_running_total_does_not(tmp_path: Path) -> None:
    written = {
        "R1": "=SUM(J2:J7)",
        "R2": "=MAX($J$2:$J$7)",
        "S7": "=SUM(J$2:J7)",
        "S9": "=SUM(J2:J7)",
        "T7": "=SUM(J2:J7)",
    }
    found = formulas(grown(tmp_path, with_formulas("Cases", written)), CASES_PART)
    assert found == {
        "R1": "SUM(J2:J8)",
        "R2": "MAX($J$2:$J$8)",
        "S7": "SUM(J$2:J7)",
        "S9": "SUM(J2:J8)",
        "T7": "SUM(J2:J8)",
    }


def _calculated(formula: str) -> Arrangement:
    return Arrangement(headers=CALCULATED, formulas={"With Fee": formula})


@pytest.mark.parametrize(
    ("formula", "in_row_7", "in_row_8", "in_row_9"),
    [
        ("=[@[Amount Requested]]*1.1", *["Cases[[#This Row],[Amount Requested]]*1.1"] * 3),
        ("=[@[Amount Requested]]/SUM($J$2:$J$7)", *["Cases[[#This Row],[Amount Requested]]/SUM($J$2:$J$9)"] * 3),
        ("=SUM(Cases!J$2:J$7)", *["SUM(Cases!J$2:J$9)"] * 3),
    ],
)
def test_a_calculated_column_goes_on_and_its_ranges_grow_in_every_row(
    tmp_path: Path, formula: str, in_row_7: str, in_row_8: str, in_row_9: str
) -> None:
    after = grown(tmp_path, count=2, arrangement=_calculated(formula.replace("[@[", "Cases[@[")))
    found = formulas(after, CASES_PART)
    assert [found[f"P{row}"] for row in (2, 7, 8, 9)] == [in_row_7, in_row_7, in_row_8, in_row_9]
    table = packages.parts(after)["xl/tables/table1.xml"].decode()
    assert f"<calculatedColumnFormula>{in_row_9}</calculatedColumnFormula>" in table


def _column_p(*texts: str) -> Feature:
    """Formulas in the cells of the calculated column, in rows 2 to 7."""
    return put_cells("Cases", {f"P{row}": f"|<f>{text}</f><v>1</v>" for row, text in enumerate(texts, 2)})


def test_a_calculated_column_of_plain_references_goes_on_as_when_it_is_filled_down(tmp_path: Path) -> None:
    doubled = _column_p(*(f"J{row}*2+$R$1" for row in range(2, 8)))
    found = formulas(grown(tmp_path, doubled, count=2, arrangement=_calculated("=J2*2+$R$1")), CASES_PART)
    assert [found[f"P{row}"] for row in (7, 8, 9)] == ["J7*2+$R$1", "J8*2+$R$1", "J9*2+$R$1"]


def test_a_running_total_in_the_table_goes_on_and_the_old_ones_stay(tmp_path: Path) -> None:
    totals = _column_p(*(f"SUM(J$2:J{row})" for row in range(2, 8)))
    found = formulas(grown(tmp_path, totals, count=2, arrangement=_calculated("=SUM(J$2:J2)")), CASES_PART)
    assert [found[f"P{row}"] for row in (2, 7, 8, 9)] == [f"SUM(J$2:J{row})" for row in (2, 7, 8, 9)]


def test_a_shared_formula_of_a_calculated_column_goes_on_written_out(tmp_path: Path) -> None:
    cells = {"P2": '|<f t="shared" ref="P2:P7" si="0">J2*2</f><v>1</v>'}
    cells |= {f"P{row}": '|<f t="shared" si="0"/><v>1</v>' for row in range(3, 8)}
    after = grown(tmp_path, put_cells("Cases", cells), arrangement=_calculated("=J2*2"))
    found = formulas(after, CASES_PART)
    assert (found["P2"], found["P7"], found["P8"]) == ("J2*2", "", "J8*2")


@pytest.mark.parametrize("tables", [True, False])
def test_a_column_of_formulas_that_was_not_declared_as_one_goes_on_where_its_last_two_rows_agree(
    tmp_path: Path, tables: bool
) -> None:
    """LibreOffice and openpyxl write no calculated columns."""
    headers = {"Cases": (*HEADERS["Cases"], "Double", "Odd", "Note")}
    cells = {f"P{row}": f"|<f>J{row}*2</f><v>1</v>" for row in range(2, 8)}
    cells |= {"Q6": "|<f>J6*2</f><v>1</v>", "Q7": "|<f>J7*3</f><v>1</v>", "R7": "|<f>J7</f><v>1</v>"}
    arrangement = Arrangement(headers=headers, tables=tables)
    found = formulas(grown(tmp_path, put_cells("Cases", cells), count=2, arrangement=arrangement), CASES_PART)
    assert {address: text for address, text in found.items() if address[1:] in ("8", "9")} == {
        "P8": "J8*2",
        "P9": "J9*2",
    }


def test_a_shared_formula_on_another_sheet_grows_in_the_cell_that_holds_its_text(tmp_path: Path) -> None:
    cells = {
        "B2": '|<f t="shared" ref="B2:C2" si="0">SUM(Cases!J2:J7)</f><v>1</v>',
        "C2": '|<f t="shared" si="0"/><v>1</v>',
        "B3": '|<f t="shared" ref="B3:B4" si="1">A3*SUM(Cases!J$2:J$7)</f><v>1</v>',
        "B4": '|<f t="shared" si="1"/><v>1</v>',
        "D3": '|<f t="shared" ref="D3:D4" si="2">SUM(Cases!J2:J7)</f><v>1</v>',
        "D4": '|<f t="shared" si="2"/><v>1</v>',
    }
    labels = Feature(lambda draft: draft.sheet("Dashboard").write_column(0, 0, ["a", "b", "c", "d"]))
    found = formulas(grown(tmp_path, labels, put_cells("Dashboard", cells)), DASHBOARD)
    assert found == {
        "B2": "SUM(Cases!J2:J8)",
        "C2": "",
        "B3": "A3*SUM(Cases!J$2:J$8)",
        "B4": "",
        "D3": "SUM(Cases!J2:J7)",
        "D4": "",
    }


def test_an_array_formula_grows_and_keeps_its_cells(tmp_path: Path) -> None:
    def draw(draft: Draft) -> None:
        draft.sheet("Dashboard").write_array_formula("A1:A2", "{=LARGE(Cases!$J$2:$J$7,{1;2})}", None, 1)

    after = grown(tmp_path, Feature(draw))
    assert formulas(after, DASHBOARD) == {"A1": "LARGE(Cases!$J$2:$J$8,{1;2})"}
    assert b'ref="A1:A2"' in packages.parts(after)[DASHBOARD]


TOTALS = Arrangement(totals=True)


def test_what_refers_to_the_totals_row_moves_down_with_it(tmp_path: Path) -> None:
    def names(draft: Draft) -> None:
        draft.book.define_name("Requested", "=Cases!$J$8")
        draft.sheet("Cases").conditional_format("J8", {"type": "cell", "criteria": ">", "value": "=$J$8/2"})
        draft.sheet("Cases").print_area("A1:O8")

    written = with_formulas(
        "Dashboard", {"A1": "=Cases!J8", "A2": "=SUM(Cases!$J$2:$J$7)/Cases!$J$8", "A3": "=Cases!$R$8"}
    )
    after = grown(tmp_path, Feature(names), written, count=2, arrangement=TOTALS)
    assert formulas(after, DASHBOARD) == {
        "A1": "Cases!J10",
        "A2": "SUM(Cases!$J$2:$J$9)/Cases!$J$10",
        "A3": "Cases!$R$8",
    }
    workbook = packages.parts(after)["xl/workbook.xml"].decode()
    assert ">Cases!$J$10</definedName>" in workbook
    assert ">Cases!$A$1:$O$10</definedName>" in workbook
    assert 'sqref="J10"' in packages.parts(after)[CASES_PART].decode()


def test_the_totals_row_keeps_its_label_and_its_sums_take_in_the_new_rows(tmp_path: Path) -> None:
    plain_sum = put_cells(
        "Cases", {"K8": "|<f>SUM(J2:J7)</f><v>1</v>", "L8": '|<f t="array" ref="L8">SUM(J2:J7*1)</f><v>1</v>'}
    )
    after = grown(tmp_path, plain_sum, count=2, arrangement=TOTALS)
    found = formulas(after, CASES_PART)
    assert found["J10"] == "SUBTOTAL(109,[Amount Requested])"
    assert (found["K10"], found["L10"]) == ("SUM(J2:J9)", "SUM(J2:J9*1)")
    assert sheet_values(after, "Cases")[9][0] == "Total"
    assert b'ref="L10"' in packages.parts(after)[CASES_PART]


def test_a_comment_on_the_totals_row_stays_with_its_cell(tmp_path: Path) -> None:
    """The comment and the box that it is shown in; one on an entry stays where it is."""

    def draw(draft: Draft) -> None:
        for address in ("J8", "J7", "R8"):
            draft.sheet("Cases").write_comment(address, f"About {address}", {"author": "Ana"})

    before = build(tmp_path / "before.xlsx", Feature(draw), arrangement=TOTALS)
    after = appended(before, tmp_path / "after.xlsx", 2)
    assert {
        cell.coordinate: cell.comment.text
        for row in openpyxl.load_workbook(after)["Cases"]
        for cell in row
        if cell.comment
    } == {"J7": "About J7", "J10": "About J8", "R8": "About R8"}
    boxes = packages.parts(after)["xl/drawings/vmlDrawing1.vml"].decode()
    assert re.findall(r"<x:Row>(\d+)</x:Row>\s*<x:Column>(\d+)</x:Column>", boxes) == [
        ("6", "9"),
        ("9", "9"),
        ("7", "17"),
    ]
    old, new = (
        re.findall(r"<x:Anchor>(.*?)</x:Anchor>", packages.parts(path)["xl/drawings/vmlDrawing1.vml"].decode())
        for path in (before, after)
    )
    moved = [int(a) - int(b) for a, b in zip(new[1].split(","), old[1].split(","), strict=True)]
    assert (moved, new[0], new[2]) == ([0, 0, 2, 0, 0, 0, 2, 0], old[0], old[2])
    assert new_findings(before, after) == []


def test_a_thread_of_comments_on_the_totals_row_stays_with_its_cell(tmp_path: Path) -> None:
    before = build(tmp_path / "before.xlsx", Feature(grafts.draw_thread_stub, grafts.thread), arrangement=TOTALS)
    parcel = Parcel(before)
    for part in ("xl/threadedComments/threadedComment1.xml", "xl/comments1.xml"):
        parcel.rewrite(part, lambda text: text.replace('ref="H12"', 'ref="H13"'))
    after = appended(parcel.save(before), tmp_path / "after.xlsx")
    for part in ("xl/threadedComments/threadedComment1.xml", "xl/comments1.xml"):
        assert set(re.findall(r' ref="(\w+)"', packages.parts(after)[part].decode())) == {"H14"}


def test_a_range_of_headers_does_not_grow_with_the_first_entry(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = openpyxl.load_workbook(build(path, arrangement=Arrangement(tables=False)))
    for sheet in book:
        sheet.delete_rows(2, 20)
    book.defined_names["Headers"] = DefinedName("Headers", attr_text="Cases!$A$1:$O$1")
    book.save(path)
    appended(path, tmp_path / "after.xlsx")
    assert b">Cases!$A$1:$O$1</definedName>" in packages.parts(tmp_path / "after.xlsx")["xl/workbook.xml"]


def test_a_shared_formula_in_the_totals_row_moves_written_out(tmp_path: Path) -> None:
    cells = {"J8": '|<f t="shared" ref="J8:K8" si="0">SUM(J2:J7)</f><v>1</v>', "K8": '|<f t="shared" si="0"/><v>1</v>'}
    found = formulas(grown(tmp_path, put_cells("Cases", cells), arrangement=TOTALS), CASES_PART)
    assert found == {"J9": "SUM(J2:J8)", "K9": "SUM(K2:K8)"}


def test_a_shared_formula_whose_text_is_written_over_lives_on_in_the_other_cells(tmp_path: Path) -> None:
    cells = {"B2": '|<f t="shared" ref="B2:B7" si="0">"GT"&amp;R2</f><v>1</v>'}
    cells |= {f"B{row}": '|<f t="shared" si="0"/><v>1</v>' for row in range(3, 8)}
    path = build(tmp_path / "book.xlsx", put_cells("Cases", cells))
    with refundbook.load(path, today=TODAY) as book:
        book.amend("GTB-789012", "Issuer", "GTBuy")
    found = formulas(path, CASES_PART)
    assert found == {f"B{row}": f'"GT"&R{row}' for row in range(3, 8)}


def test_a_cell_among_those_of_an_array_formula_is_not_written_over(tmp_path: Path) -> None:
    cells = {"H2": '|<f t="array" ref="H2:H4">R2:R4</f><v>1</v>', "H3": "|<v>1</v>", "H4": "|<v>1</v>"}
    path = build(tmp_path / "book.xlsx", put_cells("Cases", cells))
    before = path.read_bytes()
    book = refundbook.load(path, today=TODAY)
    book.amend("GTB-789045", "Item", "Lamp")
    with pytest.raises(refundbook.UnsupportedEdit, match="H3 is one of H2:H4, which a single array formula fills"):
        book.save()
    assert path.read_bytes() == before


def test_the_list_of_a_form_control_grows(tmp_path: Path) -> None:
    control = (
        '<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="Drop" '
        'fmlaLink="$R$1" fmlaRange="Cases!$A$2:$A$7" sel="1" val="0"/>'
    )

    def graft(parcel: Parcel, _frames: Mapping[str, Frame]) -> None:
        parcel.add("xl/ctrlProps/ctrlProp9.xml", control, "application/vnd.ms-excel.controlproperties+xml")

    before = build(tmp_path / "before.xlsx", Feature(graft=graft))
    after = appended(before, tmp_path / "after.xlsx")
    assert b'fmlaRange="Cases!$A$2:$A$8"' in packages.parts(after)["xl/ctrlProps/ctrlProp9.xml"]


def test_a_calculated_column_of_another_table_grows(tmp_path: Path) -> None:
    def draw(draft: Draft) -> None:
        columns = [{"header": "Reason"}, {"header": "Share", "formula": "=1/COUNTA(Cases!$I$2:$I$7)"}]
        draft.sheet("Mine").add_table("A1:B3", {"name": "Shares", "columns": columns})

    after = grown(tmp_path, Feature(draw))
    table = next(
        xml for name, xml in packages.parts(after).items() if name.startswith("xl/tables/") and b"Shares" in xml
    )
    assert b"<calculatedColumnFormula>1/COUNTA(Cases!$I$2:$I$8)</calculatedColumnFormula>" in table


def test_formulas_that_stand_in_a_blank_row_of_the_table_stay_and_none_are_put_there(tmp_path: Path) -> None:
    """Rows 8 and 9 of the Table are blank but for formulas; the third entry goes below them."""
    headers = {"Cases": (*HEADERS["Cases"], "Mine", "With Fee")}
    path = build(tmp_path / "before.xlsx", arrangement=Arrangement(headers=headers, formulas=FEES))
    parcel = Parcel(path)
    rows = "".join(f'<row r="{row}"><c r="P{row}"><f>R{row}+1</f><v>0</v></c></row>' for row in (8, 9))
    parcel.rewrite(
        CASES_PART, lambda text: text.replace("</sheetData>", rows + "</sheetData>").replace("A1:Q7", "A1:Q9")
    )
    parcel.rewrite("xl/tables/table1.xml", lambda text: text.replace("A1:Q7", "A1:Q9"))
    after = appended(parcel.save(path), tmp_path / "after.xlsx", 3)
    below = {address: text for address, text in formulas(after, CASES_PART).items() if int(address[1:]) > 7}
    fee = "Cases[[#This Row],[Amount Requested]]*1.1"
    assert below == {"P8": "R8+1", "P9": "R9+1", "P10": "R10+1", "Q10": fee}
    assert new_findings(path, after) == []


def test_a_calculation_chain_that_names_a_cell_whose_formula_moved_is_left_out(tmp_path: Path) -> None:
    """Excel takes a chain (ECMA-376 Part 1, 18.6) that names a cell without a formula for damage, and makes one where
    there is none.
    """

    def graft(parcel: Parcel, _frames: Mapping[str, Frame]) -> None:
        chain = (
            '<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="J8" i="1"/></calcChain>'
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
        parcel.relate("xl/workbook.xml", "calcChain", parcel.add("xl/calcChain.xml", chain, kind))

    before = build(tmp_path / "before.xlsx", Feature(graft=graft), arrangement=TOTALS)
    after = appended(before, tmp_path / "after.xlsx")
    assert packages.parts(before).keys() - packages.parts(after).keys() == {"xl/calcChain.xml"}
    assert new_findings(before, after) == []
    kept = appended(build(tmp_path / "plain.xlsx", Feature(graft=graft)), tmp_path / "kept.xlsx")
    assert "xl/calcChain.xml" in packages.parts(kept)


def test_an_empty_table_does_not_keep_its_insert_row(tmp_path: Path) -> None:
    """Excel marks the one row of an empty Table as no data, and would write over what stands there."""
    path = build(tmp_path / "book.xlsx")
    parcel = Parcel(path)
    part = parcel.table("Resolutions")
    rows = "".join(f'<c r="{letter}2"/>' for letter in "ABCDEFGHI")
    parcel.rewrite(
        part, lambda text: text.replace('ref="A1:I5"', 'ref="A1:I2"').replace("<table ", '<table insertRow="1" ', 1)
    )
    parcel.rewrite(
        parcel.sheet("Resolutions"), lambda text: re.sub(r'<row r="2".*</row>', f'<row r="2">{rows}</row>', text)
    )
    before = parcel.save(tmp_path / "before.xlsx")
    after = appended(before, tmp_path / "after.xlsx")
    assert b'insertRow="0"' in packages.parts(after)[part]
    assert sheet_values(after, "Resolutions")[1][:2] == ["GTB-791000", "Pending"]


def test_what_a_corrected_sheet_says_of_another_grows_after_an_earlier_save_too(tmp_path: Path) -> None:
    def draw(draft: Draft) -> None:
        source = f"={draft.frames['Communications'].formula('Entry')}"
        draft.sheet("Cases").data_validation("R2", {"validate": "list", "source": source})

    path = build(tmp_path / "book.xlsx", Feature(draw))
    with refundbook.load(path, today=TODAY) as book:
        book.append_case("GTB-791000", opened="2024-03-05")
        book.save()
        book.amend("GTB-789045", "Item", "Lamp")
        book.append_communication("GTB-791000", date="2024-03-06", with_="Support", summary="Hello")
    assert b"Communications!$A$2:$A$13</formula1>" in packages.parts(path)[CASES_PART]


@pytest.mark.libreoffice
def test_libreoffice_computes_with_the_new_rows(tmp_path: Path) -> None:
    written = {"A1": "=SUM(Cases!$J$2:$J$7)", "A2": "=COUNTA(Cases!A2:A7)"}
    before = build(tmp_path / "before.xlsx", with_formulas("Dashboard", written))
    after = appended(before, tmp_path / "after.xlsx", 2)
    assert sheet_values(recalculated(before, tmp_path / "out"), "Dashboard")[:2] == [[482.65], [6.0]]
    assert sheet_values(recalculated(after, tmp_path / "out"), "Dashboard")[:2] == [[493.65], [8.0]]


@pytest.mark.libreoffice
def test_a_chart_plots_the_new_row(tmp_path: Path) -> None:
    """The series say so, and LibreOffice, which plots what they say, writes that many points."""
    before = build(tmp_path / "before.xlsx", Feature(drawn.charts))
    after = appended(before, tmp_path / "after.xlsx")
    saved = converted([before, after], tmp_path / "out")
    for path, resaved, last in ((before, saved[0], 7), (after, saved[1], 8)):
        ours = [xml.decode() for xml in chart_parts(path)]
        assert [re.findall(r"<c:f>(.*?)</c:f>", xml) for xml in ours] == [
            [f"Cases!$C$2:$C${last}", f"Cases!$J$2:$J${last}"]
        ] * 2
        plotted = [re.findall(r'<c:ptCount val="(\d+)"/>', xml.decode()) for xml in chart_parts(resaved)]
        assert [set(counts) - {"1"} for counts in plotted] == [{str(last - 1)}] * 2


def chart_parts(path: Path) -> list[bytes]:
    return [xml for name, xml in packages.parts(path).items() if name.startswith("xl/charts/chart")]


@pytest.mark.parametrize(
    ("xml", "may"),
    [
        (b"<f>SUM(Cases!A2:A9)</f>", True),
        (b"<f>SUM(cASES!A2:A9)</f>", True),
        (b"<f>SUM('Cases'!A2:A9)</f>", True),
        (b"<f>SUM(&apos;Cases&apos;!A2:A9)</f>", True),
        (b"<f>SUM(&#39;Cases&#39;!A2:A9)</f>", True),
        (b"<f>SUM(Cases:Insights!A2)</f>", True),
        (b"<f>SUM('Cases:Read Me'!A2)</f>", True),
        (b"<f>SUM(Tracker:Cases!A2)</f>", True),
        (b"<f>ROWS(Cases[Case Number])</f><c><v>Well!</v></c>", False),
        (b"<f>Insights!A2</f><f>Cases</f>", False),
    ],
)
def test_a_formula_points_to_a_sheet_where_its_name_stands_before_a_cell(xml: bytes, may: bool) -> None:
    assert may_point_to(xml, ["Cases"]) == may
    assert may_point_to(xml, ["Resolutions", "Cases"]) == may
    assert not may_point_to(xml, ["Resolutions"])


@pytest.mark.parametrize(
    ("cell", "may"),
    [("A9", True), ("$A$9", True), ("AA9:BB9", True), ("9:9", True), ("$9:$9", True), ("A:A", False), ('A"&B1', False)],
)
def test_only_what_has_a_row_can_grow(cell: str, may: bool) -> None:
    assert may_point_to(f"<f>SUM(Cases!{cell})</f>".encode(), ["Cases"]) == may


def test_where_a_sheet_is_full_of_marks_nothing_is_sure_nor_does_it_take_long() -> None:
    assert may_point_to(b"!" * 50_000_000, ["Cases"])
    assert not may_point_to(b"!" * 9_999, ["Cases"])
    assert not may_point_to(b"!", [])


def test_of_an_unusual_name_nothing_is_sure() -> None:
    assert may_point_to(b"<f>1</f>", ["Fälle & mehr"])
