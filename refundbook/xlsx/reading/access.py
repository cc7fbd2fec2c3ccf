"""What speaks against writing to a sheet: a query or an XML file that fills it anew, or a password (ECMA-376 Part 1,
18.5.1.2, 18.12, 18.3.1.85, 18.2.12).
"""

from __future__ import annotations

import re

from refundbook.base.a1 import Range
from refundbook.base.access import QUERY, SHEET, WORKBOOK, XML, Access
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout, SheetEntry, Table

_PROTECTION = rb"""<(?:[^<>\s/:"'!?]+:)?sheetProtection\s[^<>]*?\bsheet\s*=\s*["'](?:1|true|on)["']"""
_PASSWORD = ("reservationPassword", "hashValue", "readOnlyRecommended")


def access_of(
    package: Package, layout: Layout, sheet: SheetEntry, table: Table | None, data: Range, *, is_protected: bool
) -> Access:
    """What speaks against writing to a sheet, whose data stand in a Table or else in the columns and rows `data`."""
    filled_by = _filled_by(package, table) if table else QUERY if _is_queried(package, layout, sheet, data) else ""
    return Access(filled_by, SHEET if is_protected else WORKBOOK if _asks_for_password(layout) else "")


def is_protected(xml: bytes) -> bool:
    """Whether a sheet part says that its sheet is protected, which is said below its cells."""
    return re.search(_PROTECTION, xml[max(0, xml.rfind(b"sheetData")) :]) is not None


def _filled_by(package: Package, table: Table) -> str:
    if table.kind == "queryTable" or package.there(table.part, "queryTable"):
        return QUERY
    return XML if table.kind == "xml" else ""


def _is_queried(package: Package, layout: Layout, sheet: SheetEntry, data: Range) -> bool:
    """Whether a query fills cells among these: of one without a Table a name says which cells it fills (18.12.10)."""
    names = {
        package.root(part).attributes.get("name", "").casefold() for part in package.there(sheet.part, "queryTable")
    }
    defined = layout.root.descendants("definedName") if names else ()
    return any(
        _overlaps(name.text, sheet.name, data)
        for name in defined
        if name.attributes.get("name", "").casefold() in names
    )


def _overlaps(reference: str, sheet: str, data: Range) -> bool:
    name, _, cells = reference.rpartition("!")
    try:
        return name.strip("'").replace("''", "'").casefold() == sheet.casefold() and Range.parse(cells).overlaps(data)
    except ValueError:
        return False


def _asks_for_password(layout: Layout) -> bool:
    """Whether the workbook wants a password before it is changed, or recommends to open it for reading only."""
    sharing = layout.root.child("fileSharing")
    if sharing is None:
        return False
    said = (sharing.attributes.get(name, "") for name in _PASSWORD)
    return any(text and text not in ("0", "0000", "false", "off") for text in said)
