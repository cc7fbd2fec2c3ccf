"""The workbook part as it is written: its defined names, and the mark that has formulas computed (ECMA-376 Part 1,
18.2.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refundbook.xlsx.package.xml_splice import Edit, Element, set_attribute, splice

BEFORE_NAMES = (
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups"),
    "externalReferences",
)
"""What stands before the defined names (18.2.27)."""

_BEFORE_CALCULATION = (*BEFORE_NAMES, "definedNames")


def changed_workbook(xml: bytes, root: Element, names: Iterable[Edit]) -> bytes | None:
    """The workbook part with these changes of its names, and marked so that Excel computes every formula when it opens
    the file.

    None where it says so already and nothing else changes.
    """
    edits = list(names)
    calculation = root.child("calcPr")
    if calculation is None:
        before = [child for child in root.children if child.name in _BEFORE_CALCULATION]
        edits.append(Edit(before[-1].end, before[-1].end, b'<%scalcPr fullCalcOnLoad="1"/>' % root.prefix))
    elif calculation.attributes.get("fullCalcOnLoad") not in ("1", "true"):
        edits.append(set_attribute(xml, calculation, "fullCalcOnLoad", "1"))
    return splice(xml, edits) if edits else None


def names_of_sheet(root: Element, sheet: str) -> Iterator[Element]:
    """The defined names that hold for one sheet only (18.2.5)."""
    sheets = [element.attributes.get("name", "").casefold() for element in root.descendants("sheet")]
    for element in root.descendants("definedName"):
        at = element.attributes.get("localSheetId", "")
        if at.isdecimal() and int(at) < len(sheets) and sheets[int(at)] == sheet.casefold():
            yield element
