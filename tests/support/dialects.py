"""The plain workbook of the three pillars as other writers would have written it: the same content, serialised another
way.
"""

from __future__ import annotations

import io
import posixpath
import re
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from lxml import etree

from tests.support.office import recalculated
from tests.support.own_sheets import cell_place
from tests.support.pillars import build
from tests.support.zips import CONTENT_TYPES, EPOCH, MAIN, MAIN_NS, WORKBOOK, Parcel, xml_bytes

Rewrite = Callable[[Parcel], None]

X14AC_NS = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"
REVISION_NS = "http://schemas.microsoft.com/office/spreadsheetml/2014/revision"
MC_NS = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def rewritten(rewrite: Rewrite) -> Callable[[Path], Path]:
    """A builder of the plain workbook with its parts rewritten."""

    def builder(path: Path) -> Path:
        parcel = Parcel(build(path))
        rewrite(parcel)
        return parcel.save(path)

    return builder


def _grids(parcel: Parcel) -> list[str]:
    return [name for name in parcel.parts if name.startswith("xl/worksheets/sheet")]


def _drawings(parcel: Parcel) -> list[str]:
    return [name for name in parcel.parts if name.startswith("xl/drawings/drawing")]


def _tables(parcel: Parcel) -> list[str]:
    return [name for name in parcel.parts if name.startswith("xl/tables/")]


def _xml(parcel: Parcel) -> list[str]:
    return [name for name in parcel.parts if name.endswith((".xml", ".rels"))]


def prefixed(parcel: Parcel) -> None:
    """Every element with a prefix, as the Open XML SDK, and so ClosedXML, writes them: `<x:row>`."""
    for part in _xml(parcel):
        if f'xmlns="{MAIN_NS}"'.encode() in parcel.parts[part]:
            parcel.rewrite(part, lambda text: re.sub(r"<(/?)(?=\w)(?!\w+:)", r"<\1x:", text).replace(f'xmlns="{MAIN_NS}"', f'xmlns:x="{MAIN_NS}"'))  # fmt: skip


def unaddressed(parcel: Parcel) -> None:
    """Rows and cells that do not say where they are: each stands after the one before (ECMA-376 Part 1, 18.3.1.4 and
    18.3.1.73).
    """
    for part in _grids(parcel):
        with parcel.edit(part) as root:
            for row in root.iter(f"{MAIN}row"):
                cells = {cell_place(cell.get("r", ""))[0]: cell for cell in row}
                row[:] = [cells.get(column, etree.Element(f"{MAIN}c")) for column in range(1, max(cells) + 1)]
                for element in [row, *row]:
                    element.attrib.pop("r", "")
                row.attrib.pop("spans", "")


def no_dimension(parcel: Parcel) -> None:
    for part in _grids(parcel):
        parcel.rewrite(part, lambda text: re.sub(r"<dimension [^>]*/>", "", text))


def absolute_targets(parcel: Parcel) -> None:
    """Relationship targets from the package's root: `/xl/worksheets/sheet1.xml`."""
    for part in [name for name in parcel.parts if name.endswith(".rels")]:
        folder = part.partition("_rels/")[0]
        with parcel.edit(part) as root:
            for relationship in root:
                target = posixpath.join("/", folder, relationship.get("Target", ""))
                relationship.set("Target", posixpath.normpath(target))


def relative_targets(path: Path) -> Path:
    """A workbook that openpyxl wrote with the relationship targets that Excel writes, which ExcelJS needs."""
    parcel = Parcel(path)
    for part in [name for name in parcel.parts if name.endswith(".rels")]:
        folder = part.partition("_rels/")[0]
        with parcel.edit(part) as root:
            for relationship in root:
                if (target := relationship.get("Target", "")).startswith("/"):
                    relationship.set("Target", posixpath.relpath(target, f"/{folder}"))
    return parcel.save(path)


def as_exceljs_needs_it(path: Path) -> Path:
    """A workbook with what keeps ExcelJS from reading the template: `relative_targets`, drawings with the prefix that
    Excel gives them, by which ExcelJS knows their elements, and validations that end early: it makes an entry of each
    cell of theirs, and V8 never comes to an end with more than 8,388,607 of them on a sheet (exceljs#1842).
    """
    parcel = Parcel(relative_targets(path))
    for part in _drawings(parcel):
        parcel.rewrite(
            part, lambda text: re.sub(r"<(/?)(?=\w)(?!\w+:)", r"<\1xdr:", text).replace("xmlns=", "xmlns:xdr=")
        )
    for part in _grids(parcel):
        parcel.parts[part] = re.sub(rb'(<dataValidation [^>]*:[A-Z]+)1048576"', rb'\g<1>500"', parcel.parts[part])
    return parcel.save(path)


def _replace_shared_strings(parcel: Parcel, put: Callable[[etree._Element, str], None]) -> None:
    """Each text into its cell, and the shared strings out of the package."""
    texts = [si.findtext(f"{MAIN}t") or "" for si in etree.fromstring(parcel.parts.pop("xl/sharedStrings.xml"))]
    parcel.rewrite(CONTENT_TYPES, lambda text: re.sub(r'<Override PartName="/xl/sharedStrings.xml"[^>]*/>', "", text))
    parcel.rewrite(
        "xl/_rels/workbook.xml.rels", lambda text: re.sub(r'<Relationship [^>]*sharedStrings.xml"/>', "", text)
    )
    for part in _grids(parcel):
        with parcel.edit(part) as root:
            for cell in root.iter(f"{MAIN}c"):
                if cell.get("t") == "s":
                    text = texts[int(cell.findtext(f"{MAIN}v") or "")]
                    cell.remove(cell[0])
                    put(cell, text)


def _put_inline(cell: etree._Element, text: str) -> None:
    cell.set("t", "inlineStr")
    item = etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t")
    item.text = text
    if text != text.strip():
        item.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _put_as_result(cell: etree._Element, text: str) -> None:
    cell.set("t", "str")
    etree.SubElement(cell, f"{MAIN}v").text = text


def inline_strings(parcel: Parcel) -> None:
    _replace_shared_strings(parcel, _put_inline)


def result_strings(parcel: Parcel) -> None:
    """Texts as if they were results of formulas, `t="str"`."""
    _replace_shared_strings(parcel, _put_as_result)


def excel_365(parcel: Parcel) -> None:
    """What Excel of today adds: ignorable namespaces, revision ids, `dyDescent`, the path it was saved at, an extension
    list.
    """
    ignorable = f'xmlns:mc="{MC_NS}" mc:Ignorable="x14ac xr" xmlns:x14ac="{X14AC_NS}" xmlns:xr="{REVISION_NS}"'
    for number, part in enumerate(_grids(parcel), 1):
        uid = f'{ignorable} xr:uid="{{00000000-0001-0000-{number:04}-000000000000}}"'
        parcel.rewrite(part, lambda text, uid=uid: text.replace("<worksheet ", f"<worksheet {uid} ", 1))  # type: ignore[misc]
        parcel.rewrite(part, lambda text: re.sub(r"<row ([^>]*[^/])>", r'<row \1 x14ac:dyDescent="0.25">', text))
    for number, part in enumerate(_tables(parcel), 1):
        uid = f'{ignorable} xr:uid="{{00000000-000C-0000-FFFF-{number:012}}}"'
        parcel.rewrite(part, lambda text, uid=uid: text.replace("<table ", f"<table {uid} ", 1))  # type: ignore[misc]
    path = (
        f'<mc:AlternateContent xmlns:mc="{MC_NS}"><mc:Choice Requires="x15"><x15ac:absPath url="C:\\Refunds\\" '
        'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice></mc:AlternateContent>'
    )
    extension = (
        '<extLst><ext uri="{B58B0392-4F1F-4190-BB64-5DF3571DCE5F}" '
        'xmlns:xcalcf="http://schemas.microsoft.com/office/spreadsheetml/2018/calcfeatures">'
        '<xcalcf:calcFeatures><xcalcf:feature name="microsoft.com:RD"/></xcalcf:calcFeatures></ext></extLst>'
    )
    x15 = 'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"'
    parcel.rewrite(WORKBOOK, lambda text: text.replace("<workbook ", f"<workbook {x15} ", 1))
    parcel.rewrite(WORKBOOK, lambda text: text.replace("<bookViews>", path + "<bookViews>"))
    parcel.rewrite(WORKBOOK, lambda text: text.replace("</workbook>", extension + "</workbook>"))


def commented(parcel: Parcel) -> None:
    """Comments, processing instructions, CDATA and character references, which mean nothing and may stand anywhere."""
    for part in _grids(parcel):
        parcel.rewrite(
            part,
            lambda text: text.replace(
                "<sheetData>", '<!-- <row r="1"> --><sheetData><?mark row?><!-- </sheetData> -->'
            ),
        )
        parcel.rewrite(part, lambda text: re.sub(r'(<row r="3".*?)</row>', r"\1<!-- end of 3 --></row>", text))
    for part in _tables(parcel):
        parcel.rewrite(part, lambda text: text.replace("<tableColumns", "<!-- ref='A1:B2' --><tableColumns"))
    parcel.rewrite(
        "xl/sharedStrings.xml",
        lambda text: text.replace("<t>Kettle &amp; cups &lt;red&gt;</t>", "<t><![CDATA[Kettle & cups <red>]]></t>"),
    )
    parcel.rewrite("xl/sharedStrings.xml", lambda text: text.replace("Zoë", "Zo&#235;").replace("Ana<", "&#x41;na<"))


def single_quoted(parcel: Parcel) -> None:
    def requote(tag: re.Match[str]) -> str:
        return re.sub(r'="([^"\']*)"', r"='\1'", tag[0])

    for part in _xml(parcel):
        parcel.rewrite(part, lambda text: re.sub(r"<[^>]*>", requote, text))


def spaced_tags(parcel: Parcel) -> None:
    """White space where XML allows it: before `>` and `/>`, around `=`, line breaks between attributes."""

    def space(tag: re.Match[str]) -> str:
        loose = re.sub(r' ([\w:]+)="', '\n  \\1 = "', tag[0])
        return re.sub(r"(/?)>$", r" \1>", loose)

    for part in [*_grids(parcel), *_tables(parcel), WORKBOOK]:
        parcel.rewrite(part, lambda text: re.sub(r"<\w[^>]*>", space, text))


def utf_16(parcel: Parcel) -> None:
    for part in [*_grids(parcel), *_tables(parcel)]:
        text = parcel.parts[part].decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
        parcel.parts[part] = text.encode("utf-16")


def byte_order_mark(parcel: Parcel) -> None:
    for part in _xml(parcel):
        parcel.parts[part] = b"\xef\xbb\xbf" + parcel.parts[part]


def indented(parcel: Parcel) -> None:
    for part in _xml(parcel):
        root = etree.fromstring(parcel.parts[part])
        etree.indent(root, "    ")
        parcel.parts[part] = xml_bytes(root)


def character_references(parcel: Parcel) -> None:
    """Every character beyond ASCII as a character reference."""
    for part in _xml(parcel):
        parcel.parts[part] = parcel.parts[part].decode().encode("ascii", "xmlcharrefreplace")


def openpyxl_written(path: Path) -> Path:
    openpyxl.load_workbook(build(path)).save(path)
    return path


def libreoffice_written(path: Path) -> Path:
    with tempfile.TemporaryDirectory(prefix="refundbook-dialect-") as folder:
        made = recalculated(build(Path(folder, path.name)), Path(folder, "out"))
        path.write_bytes(made.read_bytes())
    return path


def stored(path: Path) -> Path:
    return Parcel(build(path)).save(path, zipfile.ZIP_STORED)


class _Stream(io.BytesIO):
    """A target that a zip writer cannot go back in, so that sizes come after the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise OSError("not seekable")

    def tell(self) -> int:
        raise OSError("not seekable")


def data_descriptors(path: Path) -> Path:
    """Sizes after the data (APPNOTE.TXT 4.3.9), extra fields (4.5.7, a time stamp) and a comment, as streaming writers
    leave them.
    """
    parcel = Parcel(build(path))
    target = _Stream()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = b"made by a streaming writer"
        for name, content in parcel.parts.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.extra = bytes.fromhex("555405000100000000")
            file.writestr(info, content)
    path.write_bytes(target.getvalue())
    return path


def zipped_by_hand(path: Path) -> Path:
    """Unpacked and zipped again: entries for the folders, the content types last."""
    parcel = Parcel(build(path))
    names = sorted(parcel.parts, key=lambda name: (name == CONTENT_TYPES, name))
    folders = sorted({parent.as_posix() + "/" for name in names for parent in Path(name).parents if parent != Path()})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in [*folders, *names]:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
            file.writestr(info, parcel.parts.get(name, b""))
    return path
