"""A workbook's parts in memory, to put into them by hand what no library writes."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from refundbook.system.pieces import chunks
from refundbook.xlsx.package.archive import Archive, Packed

MAIN_NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE_NS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES_NS = "http://schemas.openxmlformats.org/package/2006/content-types"
MAIN = f"{{{MAIN_NS}}}"
RELATIONSHIP_ID = f"{{{OFFICE_NS}}}id"
CONTENT_TYPES = "[Content_Types].xml"
WORKBOOK = "xl/workbook.xml"
EPOCH = (2023, 11, 2, 9, 30, 0)
"""The time that every member bears."""

WORKSHEET_ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting "
    "dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties "
    "cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst"
)
"""The children of a worksheet in the order that the schema demands (ECMA-376 Part 1, 18.3.1.99)."""

WORKBOOK_ORDER = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing "
    "fileRecoveryPr webPublishObjects extLst"
)
"""The children of a workbook in the order that the schema demands (ECMA-376 Part 1, 18.2.27)."""


def rebuilt(archive: Archive, changes: Mapping[str, bytes | Packed | None]) -> bytes:
    """What `Archive.pieces` gives, as one run of bytes."""
    return b"".join(chunks(archive.pieces(changes)))


class Parcel:
    """The parts of a workbook: name to bytes, in the order of the file."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as file:
            self.parts = {info.filename: file.read(info) for info in file.infolist()}

    def save(self, path: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
        with zipfile.ZipFile(path, "w") as file:
            for name, content in self.parts.items():
                info = zipfile.ZipInfo(name, EPOCH)
                info.compress_type = method
                file.writestr(info, content)
        return path

    @contextmanager
    def edit(self, part: str) -> Iterator[etree._Element]:
        """The root of an XML part, written back at the end."""
        root = etree.fromstring(self.parts[part])
        yield root
        self.parts[part] = xml_bytes(root)

    def add(self, part: str, content: str | bytes, content_type: str) -> str:
        """A new part with its content type; gives back its name."""
        assert part not in self.parts, f"{part} is there already"
        self.parts[part] = content if isinstance(content, bytes) else declared(content)
        with self.edit(CONTENT_TYPES) as root:
            etree.SubElement(root, f"{{{TYPES_NS}}}Override", PartName=f"/{part}", ContentType=content_type)
        return part

    def default_type(self, extension: str, content_type: str) -> None:
        with self.edit(CONTENT_TYPES) as root:
            if not any(element.get("Extension") == extension for element in root):
                root.insert(0, etree.Element(f"{{{TYPES_NS}}}Default", Extension=extension, ContentType=content_type))

    def relate(self, owner: str, kind: str, part: str) -> str:
        """A relationship from `owner` (`""` is the package) to a part; gives back its id. `kind` is the whole type, or
        its last segment.
        """
        rels = _rels_of(owner)
        self.parts.setdefault(rels, declared(f'<Relationships xmlns="{PACKAGE_NS}"/>'))
        with self.edit(rels) as root:
            key = next(f"rId{n}" for n in range(1, 1000) if not any(e.get("Id") == f"rId{n}" for e in root))
            target = posixpath.relpath(part, posixpath.dirname(owner) or ".")
            kind = kind if ":" in kind else f"{OFFICE_NS}/{kind}"
            etree.SubElement(root, f"{{{PACKAGE_NS}}}Relationship", Id=key, Type=kind, Target=target)
        return key

    def related(self, owner: str, kind: str) -> list[str]:
        """The parts that a part has relationships of one kind (the last segment of the type) to."""
        rels = self.parts.get(_rels_of(owner))
        elements = etree.fromstring(rels) if rels else ()
        targets = [e.get("Target", "") for e in elements if e.get("Type", "").endswith("/" + kind)]
        return [posixpath.normpath(posixpath.join("/", posixpath.dirname(owner), t)).lstrip("/") for t in targets]

    def sheet(self, name: str) -> str:
        """The part of the sheet of this name."""
        ids = {
            e.get("name"): e.get(RELATIONSHIP_ID) for e in etree.fromstring(self.parts[WORKBOOK]).iter(f"{MAIN}sheet")
        }
        rels = etree.fromstring(self.parts[_rels_of(WORKBOOK)])
        target = next(e.get("Target", "") for e in rels if e.get("Id") == ids[name])
        return posixpath.join("/xl", target).lstrip("/")

    def table(self, name: str) -> str:
        """The part of the Table of this name."""
        tables = [part for part in self.parts if part.startswith("xl/tables/")]
        return next(part for part in tables if etree.fromstring(self.parts[part]).get("displayName") == name)

    def rewrite(self, part: str, change: Callable[[str], str]) -> None:
        """Change the text of an XML part. Raises AssertionError where nothing changed: the test would test nothing."""
        old = self.parts[part].decode()
        new = change(old)
        assert new != old, f"{part} stayed as it was"
        self.parts[part] = new.encode()


def put_child(root: etree._Element, child: etree._Element, order: str) -> etree._Element:
    """Put a child where the schema wants it."""
    names = order.split()
    rank = names.index(etree.QName(child).localname)
    at = sum(1 for other in root if names.index(etree.QName(other).localname) <= rank)
    root.insert(at, child)
    return child


def ensure_child(root: etree._Element, name: str, order: str) -> etree._Element:
    """The child of this name, made where there is none."""
    child = root.find(MAIN + name)
    return put_child(root, etree.Element(MAIN + name), order) if child is None else child


def put_extension(root: etree._Element, order: str, extension: str) -> None:
    """Put an `<ext>` into a worksheet's or workbook's extension list, or its items into the one of the same uri that is
    there.
    """
    new = etree.fromstring(extension)
    extensions = ensure_child(root, "extLst", order)
    for old in extensions:
        if old.get("uri") == new.get("uri"):
            old[0].extend(list(new[0]))
            if "count" in old[0].attrib:
                old[0].set("count", str(len(old[0])))
            return
    extensions.append(new)


def declared(text: str) -> bytes:
    return ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text).encode()


def xml_bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _rels_of(owner: str) -> str:
    folder, name = posixpath.split(owner)
    return posixpath.join(folder, "_rels", f"{name}.rels")
