"""The last touch on the saved workbook: what openpyxl cannot write, and what would differ from one run to the next."""

from __future__ import annotations

import re
from io import BytesIO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from refundbook.template import style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MADE = "2024-01-01T00:00:00Z"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip entry can carry (APPNOTE 4.4.6)."""


FONT_ORDER = ("b", "i", "strike", "u", "vertAlign", "sz", "color", "name", "family", "charset", "scheme")
"""The order of a font's properties (ECMA-376 Part 1, 18.8.22, as Microsoft's validator demands it); openpyxl begins
with the name.
"""

FIRST_PARTS = ("[Content_Types].xml", "_rels/.rels")
APPLICATION = (
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>refundbook</Application></Properties>"
)

GROWING_ROW = f'ht="{style.THREE_LINES}" customHeight="1"'.encode()


def finish(saved: bytes, descriptions: Mapping[str, Sequence[str]]) -> bytes:
    """Return the workbook with its parts corrected, dates fixed, and a description on every chart.

    `descriptions` gives, for each drawing part, the charts' descriptions in their order.
    """
    with ZipFile(BytesIO(saved)) as source:
        parts = {name: _corrected(name, source.read(name)) for name in source.namelist()}
    for name, texts in descriptions.items():
        parts[name] = _described(parts[name], texts)
    _share_strings(parts)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as target:
        for name in sorted(parts, key=lambda name: name not in FIRST_PARTS):
            entry = ZipInfo(name, ZIP_DATE)
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, parts[name])
    return out.getvalue()


def _share_strings(parts: dict[str, bytes]) -> None:
    """Move the cells' texts into a shared string table (18.4.9), where Excel would move them on its first save."""
    shared: dict[bytes, int] = {}
    uses = 0

    def share(match: re.Match[bytes]) -> bytes:
        nonlocal uses
        uses += 1
        return b't="s"><v>%d</v></c>' % shared.setdefault(match[1], len(shared))

    for name in parts:
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(rb't="inlineStr"><is>(.*?)</is></c>', share, parts[name], flags=re.DOTALL)
    table = b"".join(b"<si>%s</si>" % text for text in shared)
    parts["xl/sharedStrings.xml"] = b'<sst xmlns="%s" count="%d" uniqueCount="%d">%s</sst>' % (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        uses,
        len(shared),
        table,
    )
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"'
        b' Target="sharedStrings.xml" Id="rIdStrings"/></Relationships>',
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml"'
        b' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    )


def _corrected(name: str, data: bytes) -> bytes:
    if name == "docProps/app.xml":
        return APPLICATION
    if name == "docProps/core.xml":
        return _fixed_dates(data)
    if name == "xl/styles.xml":
        return re.sub(rb"(<font>)(.*?)(</font>)", _ordered_font, data)
    if name == "xl/workbook.xml":
        return data.replace(b"<workbookProtection/>", b"")
    if name.startswith("xl/charts/"):
        return re.sub(rb'(<numFmt formatCode="[^"]*")/>', rb'\1 sourceLinked="0"/>', data)
    if name.startswith("xl/worksheets/sheet"):
        # Without customHeight the rows keep their height and still grow when Excel or LibreOffice fits them to their
        # text.
        return data.replace(b"<v></v>", b"").replace(GROWING_ROW, GROWING_ROW.removesuffix(b' customHeight="1"'))
    return data


def _ordered_font(match: re.Match[bytes]) -> bytes:
    properties = re.findall(rb"<(\w+)[^>]*/>", match[2]), re.findall(rb"<\w+[^>]*/>", match[2])
    ordered = sorted(zip(*properties, strict=True), key=lambda pair: FONT_ORDER.index(pair[0].decode()))
    return match[1] + b"".join(element for _, element in ordered) + match[3]


def _fixed_dates(core: bytes) -> bytes:
    return re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + MADE.encode(), core)


def _described(drawing: bytes, descriptions: Sequence[str]) -> bytes:
    """Put `descr` on each chart's frame (ECMA-376 Part 1, 20.5.2.8), the alternative text that a screen reader says."""
    texts = iter(descriptions)
    return re.sub(
        r"<(xdr:)?cNvPr id",
        lambda match: f"{match[0][:-2]}descr={quoteattr(next(texts))} id",
        drawing.decode(),
    ).encode()
