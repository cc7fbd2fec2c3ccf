"""Checks of a workbook file that neither the Open XML SDK nor openxml-audit makes, and that Excel answers with its
repair dialogue.

Independent of refundbook on purpose: it must not share a mistake with what it checks.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from tests.support.own_sheets import SheetPart, table_findings

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONSHIP_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CONTENT_TYPES = "[Content_Types].xml"


def own_findings(path: Path) -> list[str]:
    """Faults of the zip file, the package, the workbook, its sheets and Tables, as text; each begins with the part it
    is in.
    """
    faults = list(_zip_findings(path))
    if faults:
        return faults
    package = _Package(path)
    return [
        *package.malformed,
        *_content_type_findings(package),
        *_relationship_findings(package),
        *_workbook_findings(package),
        *_sheet_findings(package),
    ]


def _zip_findings(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as file:
        names = Counter(info.filename.lower() for info in file.infolist())
        yield from (f"{name}: twice in the zip file" for name, count in names.items() if count > 1)
        broken = file.testzip()
        if broken is not None:
            yield f"{broken}: its CRC does not match its content"


class _Package:
    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as file:
            self.content = {info.filename: file.read(info) for info in file.infolist() if not info.is_dir()}
        self.roots: dict[str, etree._Element] = {}
        self.malformed: list[str] = []
        for name, data in self.content.items():
            if name.endswith((".xml", ".rels", ".vml")):
                try:
                    self.roots[name] = etree.fromstring(data)
                except etree.XMLSyntaxError as error:
                    self.malformed.append(f"{name}: {error}")

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """The internal relationships of a part: id, last segment of the type, target."""
        folder, name = posixpath.split(part)
        root = self.roots.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = []
        for element in root if root is not None else ():
            if isinstance(element.tag, str) and element.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, unquote(element.get("Target", ""))))
                found.append((element.get("Id", ""), element.get("Type", "").rsplit("/", 1)[-1], target.lstrip("/")))
        return found

    def first(self, part: str, kind: str) -> str:
        return next((target for _, k, target in self.related(part) if k == kind), "")

    @cached_property
    def workbook(self) -> str:
        return self.first("", "officeDocument")

    @cached_property
    def sheets(self) -> list[tuple[str, str]]:
        """Name and part of each worksheet, in the order of the workbook."""
        targets = {key: target for key, kind, target in self.related(self.workbook) if kind == "worksheet"}
        root = self.roots.get(self.workbook)
        entries = root.iter(f"{MAIN}sheet") if root is not None else iter(())
        return [
            (e.get("name", ""), targets[e.get(RELATIONSHIP_ID, "")])
            for e in entries
            if e.get(RELATIONSHIP_ID) in targets
        ]

    @cached_property
    def shared_strings(self) -> list[str]:
        root = self.roots.get(self.first(self.workbook, "sharedStrings"))
        items = root.iterfind(f"{MAIN}si") if root is not None else iter(())
        return [shown_text(item) for item in items]

    @cached_property
    def style_count(self) -> int:
        root = self.roots.get(self.first(self.workbook, "styles"))
        return len(root.findall(f"{MAIN}cellXfs/{MAIN}xf")) if root is not None else 1


def shown_text(item: etree._Element) -> str:
    """The text of a string item: its `t`, or those of its runs, without phonetic hints (ECMA-376 Part 1, 18.4.8)."""
    runs = [*item.iterfind(f"{MAIN}t"), *item.iterfind(f"{MAIN}r/{MAIN}t")]
    return "".join(run.text or "" for run in runs)


def _content_type_findings(package: _Package) -> Iterator[str]:
    root = package.roots.get(CONTENT_TYPES)
    if root is None:
        yield f"{CONTENT_TYPES}: missing"
        return
    overrides = Counter(e.get("PartName", "").lower() for e in root if e.tag.endswith("}Override"))
    defaults = Counter(e.get("Extension", "").lower() for e in root if e.tag.endswith("}Default"))
    for name, count in (overrides + defaults).items():
        if count > 1:
            yield f"{CONTENT_TYPES}: {name} has its content type twice"
    there = {"/" + name.lower() for name in package.content}
    yield from (f"{CONTENT_TYPES}: {name} is not in the file" for name in overrides if name not in there)
    for name in package.content:
        typed = "/" + name.lower() in overrides or name.rpartition(".")[2].lower() in defaults
        if name != CONTENT_TYPES and not typed:
            yield f"{CONTENT_TYPES}: {name} has no content type"


def _relationship_findings(package: _Package) -> Iterator[str]:
    there = {name.lower() for name in package.content}
    for name, root in package.roots.items():
        if not name.endswith(".rels"):
            continue
        folder, file = posixpath.split(name)
        owner = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
        if owner and owner.lower() not in there:
            yield f"{name}: belongs to no part"
        ids = Counter(element.get("Id", "") for element in root)
        yield from (f"{name}: the id {key} is there twice" for key, count in ids.items() if count > 1)
        for key, _, target in package.related(owner):
            if target.lower() not in there:
                yield f"{name}: {key} leads to {target}, which is not in the file"
        if owner in package.roots:
            used = {str(v) for e in package.roots[owner].iter() for k, v in e.attrib.items() if k == RELATIONSHIP_ID}
            yield from (
                f"{owner}: uses the relationship {key}, which it does not have" for key in sorted(used - set(ids))
            )


def _workbook_findings(package: _Package) -> Iterator[str]:
    root = package.roots.get(package.workbook)
    if root is None:
        yield f"{package.workbook or '/'}: no workbook part"
        return
    yield from _repeated(package.workbook, "sheet name", (e.get("name", "") for e in root.iter(f"{MAIN}sheet")))
    names = ((e.get("name", ""), e.get("localSheetId", "")) for e in root.iter(f"{MAIN}definedName"))
    yield from _repeated(package.workbook, "defined name", (f"{name} {sheet}".rstrip() for name, sheet in names))
    for text in package.shared_strings:
        if len(text.encode("utf-16-le")) // 2 > 32_767:
            yield (
                f"{package.first(package.workbook, 'sharedStrings')}: a string is longer than 32,767 characters: "
                f"{text[:20]}…"
            )


def _repeated(part: str, what: str, names: Iterable[str]) -> Iterator[str]:
    counts = Counter(name.casefold() for name in names)
    yield from (f"{part}: the {what} {name} is there twice" for name, count in counts.items() if count > 1)


def _sheet_findings(package: _Package) -> Iterator[str]:
    tables: list[tuple[str, etree._Element]] = []
    formulas: set[tuple[int, str]] = set()
    ids = _sheet_ids(package)
    for name, part in package.sheets:
        root = package.roots.get(part)
        if root is None:
            continue
        sheet = SheetPart(part, root, package.shared_strings, package.style_count)
        yield from sheet.findings()
        formulas |= {(ids.get(name, 0), address) for address in sheet.formula_addresses}
        own = [(t, package.roots[t]) for _, kind, t in package.related(part) if kind == "table" and t in package.roots]
        yield from table_findings(sheet, own)
        tables += own
    if tables:
        yield from _repeated(package.workbook, "Table name", (root.get("displayName", "") for _, root in tables))
        yield from _repeated(package.workbook, "Table id", (root.get("id", "") for _, root in tables))
    yield from _calculation_chain_findings(package, formulas)


def _sheet_ids(package: _Package) -> dict[str, int]:
    root = package.roots.get(package.workbook)
    return {
        e.get("name", ""): int(e.get("sheetId", "0")) for e in (root.iter(f"{MAIN}sheet") if root is not None else ())
    }


def _calculation_chain_findings(package: _Package, formulas: set[tuple[int, str]]) -> Iterator[str]:
    """Every cell of the calculation chain must hold a formula (ECMA-376 Part 1, 18.6.1). A missing `i` repeats the one
    before.
    """
    part = package.first(package.workbook, "calcChain")
    sheet = 0
    for element in package.roots.get(part, ()):
        sheet = int(element.get("i", sheet))
        if (sheet, element.get("r", "")) not in formulas:
            yield f"{part}: {element.get('r')} of sheet {sheet} holds no formula"
