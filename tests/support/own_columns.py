"""A column of a person's own with formulas of every kind, put into the cells of a pillar by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from refundbook.xlsx.writing.formula_refs import shifted
from tests.support.pillars import Frame
from tests.support.zips import MAIN, MAIN_NS, WORKBOOK, Parcel

OWN = "Own"
KINDS = ("plain", "shared", "array", "dynamic", "several", "data table")
"""How the formulas from a row on are written: each for itself, by the first one's text, as arrays of one cell
(`dynamic`: as Excel 365 marks them), as one array over all of them.
"""
METADATA = (
    f'<metadata xmlns="{MAIN_NS}" xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray">'
    '<metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" '
    'splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/></metadataTypes>'
    '<futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">'
    '<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>'
    '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
)
_METADATA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"


class OwnColumn(NamedTuple):
    """The formula `text`, as it reads in row 2: in the rows before `first` each written for itself, unless
    `is_blank_above`, and as `kind` from there on.
    """

    text: str
    kind: str = "plain"
    first: int = 2
    is_declared: bool = True
    is_blank_above: bool = False


def put(parcel: Parcel, frame: Frame, column: OwnColumn) -> None:
    """Fill the column `Own` of a pillar, which is there and may hold anything."""
    name = frame.sheet.name
    if column.is_declared:
        with parcel.edit(parcel.table(name)) as root:
            element = root.findall(f"{MAIN}tableColumns/{MAIN}tableColumn")[-1]
            formula = etree.SubElement(element, f"{MAIN}calculatedColumnFormula")
            formula.text = column.text
            if column.kind in ("array", "dynamic"):
                formula.set("array", "1")
    with parcel.edit(parcel.sheet(name)) as root:
        cells = {cell.get("r"): cell for cell in root.iter(f"{MAIN}c")}
        for row in range(2, frame.last + 1):
            _fill(cells[frame.cell(OWN, row)], column, row, frame)
    if column.kind == "dynamic":
        part = parcel.add("xl/metadata.xml", METADATA, _METADATA_TYPE)
        parcel.relate(WORKBOOK, "sheetMetadata", part)


def _fill(cell: etree._Element, column: OwnColumn, row: int, frame: Frame) -> None:
    for child in list(cell):
        cell.remove(child)
    if "t" in cell.attrib:
        del cell.attrib["t"]
    if row < column.first and column.is_blank_above:
        return
    value = etree.SubElement(cell, f"{MAIN}v")
    value.text = "1"
    kind = column.kind if row >= column.first else "plain"
    is_first = row == column.first
    if kind in ("several", "data table") and not is_first:
        return
    formula = etree.Element(f"{MAIN}f")
    cell.insert(0, formula)
    attributes = _attributes(
        kind, frame.cell(OWN, row), f"{frame.cell(OWN, row)}:{frame.cell(OWN, frame.last)}", is_first=is_first
    )
    for name, text in attributes.items():
        formula.set(name, text)
    if kind != "data table" and (kind != "shared" or is_first):
        formula.text = shifted(column.text, row - 2)
    if kind == "dynamic":
        cell.set("cm", "1")


def _attributes(kind: str, cell: str, cells: str, *, is_first: bool) -> Mapping[str, str]:
    if kind == "shared":
        return {"t": "shared", "si": "0", **({"ref": cells} if is_first else {})}
    if kind == "data table":
        return {"t": "dataTable", "ref": cells, "dt2D": "0", "dtr": "0", "r1": "R1"}
    return {} if kind == "plain" else {"t": "array", "ref": cells if kind == "several" else cell}


def formulas(sheet: bytes, letter: str) -> dict[int, str]:
    """The formulas of a column of a sheet part, by row; `""` for one whose text stands in another cell."""
    root = etree.fromstring(sheet)
    return {
        int(re.sub("[A-Z]", "", cell.get("r", ""))): cell.findtext(f"{MAIN}f") or ""
        for cell in root.iter(f"{MAIN}c")
        if re.fullmatch(f"{letter}[0-9]+", cell.get("r", "")) and cell.find(f"{MAIN}f") is not None
    }
