"""A column of a person's own that names the Table's own cells: it is filled down as Excel fills it, and its ranges grow
with the Table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from lxml import etree

import refundbook
from refundbook.xlsx.writing.formula_refs import shifted
from tests.support import packages
from tests.support.appended import TODAY, entries
from tests.support.books import SAMPLE, filled
from tests.support.own_checks import own_findings
from tests.support.pillars import HEADERS, Arrangement, Draft, Feature, Frame, build
from tests.support.warm import at_once, by_all_of_it, one_by_one
from tests.support.zips import MAIN, Parcel

pytestmark = pytest.mark.slow

CASES, MESSAGES = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
OWN = Arrangement(headers={"Cases": (*HEADERS["Cases"], "Own"), "Communications": (*HEADERS["Communications"], "Own")})

GROWS = {
    "COUNTIF($A$2:$A$7,A2)": "COUNTIF($A$2:$A$9,A2)",
    "COUNTIF(A$2:A$7,A2)": "COUNTIF(A$2:A$9,A2)",
    "COUNTIF($A$1:$A$7,$A2)": "COUNTIF($A$1:$A$9,$A2)",
    "COUNTIF(Cases!$A$2:$A$7,Cases!A2)": "COUNTIF(Cases!$A$2:$A$9,Cases!A2)",
    "SUMIFS('Cases'!$J$2:$J$7,'Cases'!$I$2:$I$7,I2)": "SUMIFS('Cases'!$J$2:$J$9,'Cases'!$I$2:$I$9,I2)",
    "J2/SUM($J$2:$J$7)+COUNTIF($A$2:$A2,A2)": "J2/SUM($J$2:$J$9)+COUNTIF($A$2:$A2,A2)",
    "COUNTIF($A:$A,A2)": "COUNTIF($A:$A,A2)",
    "COUNTIF(A:A,A2)+ROWS($2:$7)": "COUNTIF(A:A,A2)+ROWS($2:$7)",
    "COUNTIF(Cases[Case Number],Cases[[#This Row],[Case Number]])": "COUNTIF(Cases[Case Number],Cases[[#This Row],[Case Number]])",
    "COUNTIF(Numbers,A2)": "COUNTIF(Numbers,A2)",
    "COUNTIF(OFFSET($A$2,0,0,ROWS($A$2:$A$7)),A2)": "COUNTIF(OFFSET($A$2,0,0,ROWS($A$2:$A$9)),A2)",
    'IF(A2="$A$2:$A$7",1,COUNTIF([1]Cases!$A$2:$A$7,A2))': 'IF(A2="$A$2:$A$7",1,COUNTIF([1]Cases!$A$2:$A$7,A2))',
    "COUNTIF($A$2:$A$6,A2)": "COUNTIF($A$2:$A$6,A2)",
}  # fmt: skip
"""The formula of a calculated column of six rows as it reads in row 2, before and after two entries."""


def named(draft: Draft) -> None:
    draft.book.define_name("Numbers", "=Cases!$A$2:$A$7")


def calculated(sheet: str, formula: str, *, shared: bool = False, declared: bool = True) -> Feature:
    """The last column of a pillar's Table calculated by a formula, as it reads in row 2."""

    def graft(parcel: Parcel, frames: Mapping[str, Frame]) -> None:
        frame = frames[sheet]
        with parcel.edit(parcel.table(sheet)) as root:
            column = root.findall(f"{MAIN}tableColumns/{MAIN}tableColumn")[-1]
            if declared:
                etree.SubElement(column, f"{MAIN}calculatedColumnFormula").text = formula
        with parcel.edit(parcel.sheet(sheet)) as root:
            cells = {cell.get("r"): cell for cell in root.iter(f"{MAIN}c")}
            for row in range(2, frame.last + 1):
                address = frame.cell("Own", row)
                cell = cells[address]
                if "t" in cell.attrib:
                    del cell.attrib["t"]
                for child in list(cell):
                    cell.remove(child)
                made = etree.SubElement(cell, f"{MAIN}f")
                if shared:
                    made.set("t", "shared")
                    made.set("si", "0")
                if not shared or row == 2:
                    made.text = shifted(formula, row - 2)
                if shared and row == 2:
                    made.set("ref", f"{address}:{frame.cell('Own', frame.last)}")
                etree.SubElement(cell, f"{MAIN}v").text = "1"

    return Feature(named, graft)


def formulas(path: Path, part: str = CASES) -> dict[int, str]:
    """The formulas of column P by row."""
    root = etree.fromstring(packages.parts(path)[part])
    return {
        int(cell.get("r", "")[1:]): cell.findtext(f"{MAIN}f") or ""
        for cell in root.iter(f"{MAIN}c")
        if cell.get("r", "").startswith("P") and cell.find(f"{MAIN}f") is not None
    }


def declared(path: Path, table: str = "table1") -> str:
    xml = packages.parts(path)[f"xl/tables/{table}.xml"].decode()
    found = re.search("<calculatedColumnFormula>(.*?)</calculatedColumnFormula>", xml)
    return found[1] if found else ""


def by_one_book(path: Path, count: int) -> None:
    with refundbook.load(path, today=TODAY, user="ana") as book:
        for entry in entries(count):
            book.append(*entry)
            book.save()


Way = Callable[[Path, int], None]
WAYS: list[Way] = [one_by_one, by_all_of_it, by_one_book, at_once]


@pytest.mark.parametrize("way", [one_by_one, at_once])
@pytest.mark.parametrize("formula", GROWS)
def test_it_goes_on_and_grows_in_every_row(tmp_path: Path, formula: str, way: Way) -> None:
    path = build(tmp_path / "book.xlsx", calculated("Cases", formula), arrangement=OWN)
    way(path, 2)
    grown = GROWS[formula]
    assert formulas(path) == {row: shifted(grown, row - 2) for row in range(2, 10)}
    if "'" not in formula and "&" not in formula:
        assert declared(path) == grown
    assert own_findings(path) == []


OF_TWO = {old.replace("$7", "$3"): new.replace("$9", "$5").replace("$7", "$3") for old, new in GROWS.items() if "[1]" not in old and "$6" not in old}  # fmt: skip
"""The same of a Table of two rows."""


@pytest.mark.parametrize("way", WAYS)
def test_so_it_does_in_a_table_of_two_rows(tmp_path: Path, way: Way) -> None:
    """Which are all at hand, so that none is left out. All columns at once."""
    rows = [
        {**row, **{f"Own {at}": f"={shifted(old, n)}" for at, old in enumerate(OF_TWO)}}
        for n, row in enumerate(SAMPLE.cases)
    ]
    parcel = Parcel(filled(tmp_path / "book.xlsx", rows))
    with parcel.edit(parcel.table("Cases")) as root:
        own = root.findall(f"{MAIN}tableColumns/{MAIN}tableColumn")[-len(OF_TWO) :]
        for column, old in zip(own, OF_TWO, strict=True):
            etree.SubElement(column, f"{MAIN}calculatedColumnFormula").text = old
    path = parcel.save(tmp_path / "book.xlsx")
    way(path, 2)
    root = etree.fromstring(packages.parts(path)["xl/worksheets/sheet3.xml"])
    found = [[c.findtext(f"{MAIN}f") for c in row if c.find(f"{MAIN}f") is not None] for row in root.iter(f"{MAIN}row")]
    assert found == [[], *([shifted(new, row) for new in OF_TWO.values()] for row in range(4))]
    table = etree.fromstring(packages.parts(path)[parcel.table("Cases")])
    assert [e.text for e in table.iter(f"{MAIN}calculatedColumnFormula")] == list(OF_TWO.values())
    assert own_findings(path) == []


@pytest.mark.parametrize("is_declared", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_so_does_one_that_is_shared(tmp_path: Path, way: Way, *, is_declared: bool) -> None:
    """The first cell has the text of all; the new cells have their own."""
    feature = calculated("Cases", "COUNTIF($A$2:$A$7,A2)", shared=True, declared=is_declared)
    path = build(tmp_path / "book.xlsx", feature, arrangement=OWN)
    way(path, 2)
    new = {row: f"COUNTIF($A$2:$A$9,A{row})" for row in (2, 8, 9)}
    assert formulas(path) == {**dict.fromkeys(range(3, 8), ""), **new}
    assert own_findings(path) == []


@pytest.mark.parametrize("way", WAYS)
def test_so_does_one_that_is_shared_by_cells_with_end_tags(tmp_path: Path, way: Way) -> None:
    """`<f t="shared" si="0"></f>` is what `<f t="shared" si="0"/>` is."""
    feature = calculated("Cases", "COUNTIF($A$2:$A$7,A2)", shared=True, declared=False)
    parcel = Parcel(build(tmp_path / "book.xlsx", feature, arrangement=OWN))
    parcel.rewrite(CASES, lambda text: re.sub('<f t="shared" si="0" ?/>', '<f t="shared" si="0"></f>', text))
    path = parcel.save(tmp_path / "book.xlsx")
    way(path, 2)
    found = formulas(path)
    assert (found[8], found[9]) == ("COUNTIF($A$2:$A$9,A8)", "COUNTIF($A$2:$A$9,A9)")
    assert own_findings(path) == []


@pytest.mark.parametrize("way", WAYS)
def test_so_does_one_on_another_pillar(tmp_path: Path, way: Way) -> None:
    """Its Table's part changes with entries on the one sheet, and with those on the other."""
    feature = calculated("Communications", "COUNTIF(Cases!$A$2:$A$7,B2)+COUNTIF($B$2:$B$12,B2)")
    headers = {**OWN.headers, "Communications": (*HEADERS["Communications"], "Own")}
    path = build(tmp_path / "book.xlsx", feature, arrangement=Arrangement(headers=headers))
    way(path, 2)
    column = {row: f"COUNTIF(Cases!$A$2:$A$9,B{row})+COUNTIF($B$2:$B$14,B{row})" for row in range(2, 15)}
    letter = "O" if len(HEADERS["Communications"]) == 14 else "P"
    root = etree.fromstring(packages.parts(path)[MESSAGES])
    found = {c.get("r"): c.findtext(f"{MAIN}f") for c in root.iter(f"{MAIN}c") if c.find(f"{MAIN}f") is not None}
    assert found == {f"{letter}{row}": text for row, text in column.items()}
    assert declared(path, "table2") == column[2]
    assert own_findings(path) == []
