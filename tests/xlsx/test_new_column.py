"""A column that is added at the right end of a Table: only what must change differs, in every kind of workbook, and
other programs read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

import refundbook
from refundbook.base.errors import UnsupportedEdit
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.writing.new_column import NewColumn
from tests.support import elsewhere, packages
from tests.support.appended import SHEETS, TODAY, UNSHARED, changes, entries, pillar_parts
from tests.support.columns import with_columns
from tests.support.office import converted
from tests.support.own_checks import own_findings
from tests.support.pillars import build
from tests.support.rich import EVERYTHING, FEATURES, ODD, parameters
from tests.support.validators import new_findings, sdk_findings
from tests.support.zips import MAIN_NS, Parcel

pytestmark = pytest.mark.slow

DAY = NewColumn('Answered <On> & "by"', 18, "yyyy-mm-dd", {2: date(2024, 3, 6)})
TEXT = NewColumn("Own", 9.5)
NAMES = [pytest.param(p.id, id=p.id, marks=p.marks) for p in parameters(EVERYTHING)]  # type: ignore[attr-defined]
CASES, TABLE = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"


def kinds(before: Path, after: Path) -> dict[str, set[str]]:
    """The kinds of changes by part: whatever row, cell, column or name they are of."""
    roles, found = pillar_parts(before), dict[str, set[str]]()
    for part, listed in changes(before, after).items():
        role = roles.get(part, part).partition(" ")[0] if part in roles else part
        role = "sheet" if role in SHEETS else role
        found.setdefault(role, set()).update(re.sub(r"\[[^]]*\]", "", change) for change in listed)
    return found


REQUIRED = {
    "sheet": {"added /worksheet/cols/col", "added /worksheet/sheetData/row/c"},
    "Table": {"changed /table/@ref", "changed /table/autoFilter/@ref", "changed /table/tableColumns/@count", "added /table/tableColumns/tableColumn"},
}  # fmt: skip
MAY_CHANGE = {"changed /worksheet/dimension/@ref", "changed /worksheet/sheetData/row/@spans"}
FORMATS = {"added /styleSheet/cellXfs/xf", "changed /styleSheet/cellXfs/@count"}
SORTED = {"Table": {"changed /table/sortState/@ref"}}
ALSO: dict[str, dict[str, set[str]]] = {
    "sorted": SORTED,
    "full": SORTED,
    "starts_at_c4": {"sheet": {"added /worksheet/sheetData/row"}},
    "filtered_range": {
        "sheet": {"changed /worksheet/autoFilter/@ref"},
        "xl/workbook.xml": {"changed /workbook/definedNames/definedName/text()"},
    },
    # The white space before the end of the list now stands after the new one.
    "indented": {"sheet": {"changed /worksheet/cols/col/text()", "changed /worksheet/sheetData/row/c/text()"}},
    "single_quoted": {"xl/styles.xml": FORMATS},
    "openpyxl_written": {"xl/styles.xml": FORMATS},
    "libreoffice_written": {
        "xl/styles.xml": {*FORMATS, "added /styleSheet/numFmts/numFmt", "changed /styleSheet/numFmts/@count"},
        "xl/workbook.xml": {"changed /workbook/calcPr/@fullCalcOnLoad"},
    },
}  # fmt: skip
"""What else changes, by workbook: a number format that it did not have yet, and ranges that reached over
all columns.
"""


@pytest.mark.parametrize("name", NAMES)
def test_only_what_must_change_differs(tmp_path: Path, built: Callable[[str], Path], name: str) -> None:
    before = built(name)
    after = with_columns(before, tmp_path / before.name, [DAY, TEXT])
    found, also = kinds(before, after), ALSO.get(name, {})
    without_table = name in ("no_tables", "filtered_range")
    assert set(found) == {"sheet", *(() if without_table else ("Table",)), *also}
    for role, listed in found.items():
        least = REQUIRED.get(role, set()) | also.get(role, set())
        assert least <= listed <= least | (MAY_CHANGE if role == "sheet" else set()), role
    assert packages.recompressed_members(before, after) == set()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_back_and_entries_fill_it_and_nothing_is_wrong_with_the_file(
    tmp_path: Path, built: Callable[[str], Path], name: str
) -> None:
    before = built(name)
    after = with_columns(before, tmp_path / before.name, [DAY, TEXT])
    old, new = (refundbook.load(path, today=TODAY).records.logs for path in (before, after))
    for earlier, later in zip(old, new, strict=True):
        assert later.columns == earlier.columns
        assert list(later.extra) == [*earlier.extra, DAY.header, TEXT.header]
    with refundbook.load(after, today=TODAY, user="Ana") as book:
        book.append_many(entries(1))
    assert [finding for finding in new_findings(before, after) if UNSHARED not in finding] == []


def table_columns(path: Path) -> list[list[str]]:
    layout = Layout(Package(path.read_bytes()))
    return [[column.header for column in table.columns] for sheet in layout.sheets for table in layout.tables(sheet)]


def test_its_header_looks_like_the_one_before_and_its_cells_have_the_format(tmp_path: Path) -> None:
    before = build(tmp_path / "before.xlsx")
    after = with_columns(before, tmp_path / "after.xlsx", [DAY, TEXT], ["Cases"])
    page = openpyxl.load_workbook(after)["Cases"]
    assert (page["P1"].value, page["Q1"].value) == (DAY.header, TEXT.header)
    assert page["P1"]._style == page["O1"]._style
    assert (page["P2"].value.date(), page["P2"].number_format) == (date(2024, 3, 6), "yyyy-mm-dd")
    assert (page.column_dimensions["P"].width, page.column_dimensions["Q"].width) == (18, 9.5)
    assert page.tables["Cases"].ref == "A1:Q7"
    ids = [column.id for column in page.tables["Cases"].tableColumns]
    assert ids == list(range(1, 18))


def test_the_ids_of_columns_are_new_ones(tmp_path: Path) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    parcel.rewrite(TABLE, lambda text: text.replace('id="3" name', 'id="40" name'))
    after = with_columns(parcel.save(tmp_path / "b.xlsx"), tmp_path / "after.xlsx", [TEXT], ["Cases"])
    assert [c.id for c in openpyxl.load_workbook(after)["Cases"].tables["Cases"].tableColumns][-1] == 41
    assert own_findings(after) == []


COLS = {
    "none": ("", '<cols><col min="16" max="16" width="9.5" customWidth="1"/></cols>'),
    "one that spans it": (
        '<cols><col min="3" max="40" width="7" hidden="1"/></cols>',
        '<cols><col min="3" max="15" width="7" hidden="1"/><col min="16" max="16" width="9.5" customWidth="1"/><col '
        'min="17" max="40" width="7" hidden="1"/></cols>',
    ),
    "one that is it": (
        '<cols><col min="16" max="16" width="3"/><col min="18" max="18" width="4"/></cols>',
        '<cols><col min="16" max="16" width="9.5" customWidth="1"/><col min="18" max="18" width="4"/></cols>',
    ),
    "those around it": (
        '<cols><col min="15" max="15" width="3"/><col min="17" max="17" width="4"/></cols>',
        '<cols><col min="15" max="15" width="3"/><col min="16" max="16" width="9.5" customWidth="1"/><col min="17" '
        'max="17" width="4"/></cols>',
    ),
    "only later ones": (
        '<cols><col min="18" max="20" width="3"/></cols>',
        '<cols><col min="16" max="16" width="9.5" customWidth="1"/><col min="18" max="20" width="3"/></cols>',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COLS)
def test_each_column_has_one_width(tmp_path: Path, name: str) -> None:
    there, expected = COLS[name]
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    parcel.rewrite(CASES, lambda text: re.sub("<cols>.*</cols>", there, text))
    after = with_columns(parcel.save(tmp_path / "b.xlsx"), tmp_path / "after.xlsx", [TEXT], ["Cases"])
    assert re.findall("<cols>.*</cols>", packages.parts(after)[CASES].decode()) == [expected]
    assert own_findings(after) == []


NEXT_ROW, END, MARGINS = '</row><row r="3"', "</sheetData>", "<pageMargins"
IN_THE_WAY = {
    "a note beside the data": (NEXT_ROW, '<c r="P2" t="inlineStr"><is><t>x</t></is></c>', "P2 is not empty"),
    "a formula": (NEXT_ROW, '<c r="P2"><f>J2</f></c>', "P2 is not empty"),
    "a note far below": (END, '<row r="99"><c r="P99"><v>1</v></c></row>', "P99 is not empty"),
    "merged cells": (MARGINS, '<mergeCells count="1"><mergeCell ref="P4:Q5"/></mergeCells>', "P4:Q5 are merged"),
}


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_what_stands_right_of_the_table_is_never_taken(tmp_path: Path, name: str) -> None:
    before, put, said = IN_THE_WAY[name]
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    parcel.rewrite(CASES, lambda xml: xml.replace(before, put + before, 1))
    assert put in parcel.parts[CASES].decode()
    with pytest.raises(UnsupportedEdit, match=re.escape(said)):
        with_columns(parcel.save(tmp_path / "b.xlsx"), tmp_path / "after.xlsx", [TEXT], ["Cases"])


PIVOT = f'<pivotTableDefinition xmlns="{MAIN_NS}" name="p" cacheId="1"><location ref="P5:Q9"/></pivotTableDefinition>'


@pytest.mark.parametrize("is_there", [True, False])
def test_a_pivot_table_right_of_the_table_is_in_the_way_where_it_is_in_the_file(tmp_path: Path, is_there: bool) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    parcel.relate(CASES, "pivotTable", "xl/pivotTables/p.xml")
    if is_there:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotTable+xml"
        parcel.add("xl/pivotTables/p.xml", PIVOT, kind)
    before = parcel.save(tmp_path / "b.xlsx")
    if is_there:
        with pytest.raises(UnsupportedEdit, match="a pivot table stands in P5:Q9"):
            with_columns(before, tmp_path / "after.xlsx", [TEXT], ["Cases"])
    else:
        assert with_columns(before, tmp_path / "after.xlsx", [TEXT], ["Cases"]).exists()


def test_a_blank_cell_right_of_the_table_is_in_nobodys_way(tmp_path: Path) -> None:
    parcel = Parcel(build(tmp_path / "before.xlsx"))
    parcel.rewrite(CASES, lambda xml: xml.replace('</row><row r="3"', '<c r="P2" s="1"/></row><row r="3"', 1))
    after = with_columns(parcel.save(tmp_path / "b.xlsx"), tmp_path / "after.xlsx", [TEXT], ["Cases"])
    assert 's="1"/></row><row r="3"' in packages.parts(after)[CASES].decode()


@pytest.mark.parametrize("header", ["Notes", "NOTES"])
def test_a_header_that_is_there_is_refused_in_upper_or_lower_case(tmp_path: Path, header: str) -> None:
    with pytest.raises(UnsupportedEdit, match='Cases has a column "Notes" already'):
        with_columns(build(tmp_path / "before.xlsx"), tmp_path / "after.xlsx", [NewColumn(header, 9)])


def test_another_table_right_beside_is_refused(tmp_path: Path) -> None:
    before = FEATURES["second_table"](tmp_path / "before.xlsx")
    many = [NewColumn(f"Own {n}", 9) for n in range(9)]
    with pytest.raises(UnsupportedEdit, match=r"the Table .* stands in W1:.*right-click the letter W"):
        with_columns(before, tmp_path / "after.xlsx", many, ["Cases"])


@pytest.mark.sdk
def test_the_open_xml_sdk_finds_nothing(tmp_path: Path, built: Callable[[str], Path]) -> None:
    for name in ("full", "plain", "excel_365", "no_tables", "sorted", "filtered_range"):
        after = with_columns(built(name), tmp_path / built(name).name, [DAY, TEXT])
        assert name in ODD or sdk_findings(after) == []


@pytest.mark.libreoffice
def test_libreoffice_has_the_column_in_the_table(tmp_path: Path, built: Callable[[str], Path]) -> None:
    after = with_columns(built("full"), tmp_path / built("full").name, [DAY, TEXT])
    (path,) = converted([after], tmp_path / "out")
    assert sorted(table_columns(path)) == sorted(table_columns(after))
    ours, theirs = (refundbook.load(at, today=TODAY).records.logs for at in (after, path))
    assert [log.extra for log in ours] == [log.extra for log in theirs]


@pytest.mark.node
def test_sheetjs_and_exceljs_read_it(tmp_path: Path, built: Callable[[str], Path]) -> None:
    after = with_columns(built("plain"), tmp_path / "after.xlsx", [DAY, TEXT])
    for read in elsewhere.values([after])[after].values():
        assert read["Cases"][0][15:17] == [DAY.header, TEXT.header]
        assert read["Cases"][1][15] == (date(2024, 3, 6) - date(1899, 12, 30)).days
