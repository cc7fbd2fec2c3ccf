"""Features of a workbook that no Python library writes, put into its parts by hand in the form that Excel
gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from lxml import etree

from tests.support.drawn import AMOUNT, CUSTOMER, DASHBOARD, DATE, NUMBER, OPENED, REASON, SUMMARY
from tests.support.pillars import Draft, Frame
from tests.support.zips import (
    MAIN,
    MAIN_NS,
    OFFICE_NS,
    RELATIONSHIP_ID,
    WORKBOOK,
    WORKBOOK_ORDER,
    WORKSHEET_ORDER,
    Parcel,
    declared,
    ensure_child,
    put_child,
    put_extension,
)

Frames = Mapping[str, Frame]

X14_NS = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
X15_NS = "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"
XM_NS = "http://schemas.microsoft.com/office/excel/2006/main"
MC_NS = "http://schemas.openxmlformats.org/markup-compatibility/2006"
XDR_NS = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
DRAWING_NS = "http://schemas.openxmlformats.org/drawingml/2006/main"
REVISION_NS = "http://schemas.microsoft.com/office/spreadsheetml/2014/revision"
THREADS_NS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
SPREADSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
THREAD = "{6F1D9B52-0C3C-4D6E-9C0B-5E0A6D1F2A01}"
REPLY = "{6F1D9B52-0C3C-4D6E-9C0B-5E0A6D1F2A02}"
PERSON = "{2B0D6A55-7F3E-4B57-8E0C-1D2C3B4A5F01}"


def put_x14_validation(root: etree._Element, formula: str, cells: str, attributes: str = "") -> None:
    """A drop-down on a sheet as Excel 2010 and later store one whose list stands on another (MS-XLSX 2.4.5)."""
    put_extension(
        root,
        WORKSHEET_ORDER,
        f'<ext xmlns="{MAIN_NS}" xmlns:x14="{X14_NS}" xmlns:xm="{XM_NS}" uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}">'
        f'<x14:dataValidations count="1"><x14:dataValidation type="list"{attributes}>'
        f"<x14:formula1><xm:f>{escape(formula)}</xm:f></x14:formula1><xm:sqref>{cells}</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations></ext>",
    )


def x14_validation(parcel: Parcel, frames: Frames) -> None:
    """A drop-down whose list stands on another sheet."""
    told = ' allowBlank="1" showInputMessage="1" showErrorMessage="1"'
    with parcel.edit(parcel.sheet("Cases")) as root:
        put_x14_validation(root, f"{DASHBOARD}!$I$2:$I$4", frames["Cases"].cells(REASON), told)


def x14_icons(parcel: Parcel, frames: Frames) -> None:
    """A conditional format of Excel 2010's (MS-XLSX 2.4.3), whose threshold looks at the pillar's rows."""
    cases = frames["Cases"]
    with parcel.edit(parcel.sheet("Cases")) as root:
        put_extension(
            root,
            WORKSHEET_ORDER,
            f'<ext xmlns="{MAIN_NS}" xmlns:x14="{X14_NS}" xmlns:xm="{XM_NS}" uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}">'
            '<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type="iconSet" priority="20" '
            'id="{DA7ABA51-AAAA-BBBB-0001-000000000009}"><x14:iconSet iconSet="3Stars"><x14:cfvo type="percent"><xm:f>0</xm:f></x14:cfvo>'
            f'<x14:cfvo type="formula"><xm:f>AVERAGE({cases.formula(AMOUNT)})</xm:f></x14:cfvo>'
            '<x14:cfvo type="percent"><xm:f>67</xm:f></x14:cfvo></x14:iconSet></x14:cfRule>'
            f"<xm:sqref>{cases.cells(AMOUNT)}</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext>",
        )


def slicer(parcel: Parcel, frames: Frames) -> None:
    """A slicer on the Table Cases (MS-XLSX 2.1.30 and 2.1.31): its part, its cache, its drawing and the lists that name
    them.
    """
    sheet, table = parcel.sheet("Cases"), etree.fromstring(parcel.parts[parcel.table("Cases")])
    column = table.findall(f"{MAIN}tableColumns/{MAIN}tableColumn")[frames["Cases"].headers.index(REASON)].get("id")
    part = parcel.add(
        "xl/slicers/slicer1.xml",
        f'<slicers xmlns="{X14_NS}"><slicer name="{REASON}" cache="Slicer_Reason" caption="{REASON}" '
        'rowHeight="241300"/></slicers>',
        "application/vnd.ms-excel.slicer+xml",
    )
    cache = parcel.add(
        "xl/slicerCaches/slicerCache1.xml",
        f'<slicerCacheDefinition xmlns="{X14_NS}" name="Slicer_Reason" sourceName="{REASON}"><extLst><x:ext '
        f'xmlns:x="{MAIN_NS}" xmlns:x15="{X15_NS}" uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}">'
        f'<x15:tableSlicerCache tableId="{table.get("id")}" '
        f'column="{column}"/></x:ext></extLst></slicerCacheDefinition>',
        "application/vnd.ms-excel.slicerCache+xml",
    )
    key = parcel.relate(sheet, "http://schemas.microsoft.com/office/2007/relationships/slicer", part)
    with parcel.edit(sheet) as root:
        put_extension(
            root,
            WORKSHEET_ORDER,
            f'<ext xmlns="{MAIN_NS}" xmlns:x14="{X14_NS}" xmlns:r="{OFFICE_NS}" '
            f'uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}"><x14:slicerList><x14:slicer '
            f'r:id="{key}"/></x14:slicerList></ext>',
        )
    key = parcel.relate(WORKBOOK, "http://schemas.microsoft.com/office/2007/relationships/slicerCache", cache)
    with parcel.edit(WORKBOOK) as root:
        names = ensure_child(root, "definedNames", WORKBOOK_ORDER)
        etree.SubElement(names, f"{MAIN}definedName", name="Slicer_Reason").text = "#N/A"
        put_extension(
            root,
            WORKBOOK_ORDER,
            f'<ext xmlns="{MAIN_NS}" xmlns:x14="{X14_NS}" xmlns:x15="{X15_NS}" xmlns:r="{OFFICE_NS}" '
            f'uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}"><x15:slicerCaches><x14:slicerCache '
            f'r:id="{key}"/></x15:slicerCaches></ext>',
        )
    _put_drawing(parcel, sheet, _slicer_anchor(frames["Cases"].right + 1))


def _slicer_anchor(column: int) -> str:
    frame = (
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="900" name="{REASON}"/><xdr:cNvGraphicFramePr/>'
        '</xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        '<a:graphicData uri="http://schemas.microsoft.com/office/drawing/2010/slicer">'
        f'<sle:slicer xmlns:sle="http://schemas.microsoft.com/office/drawing/2010/slicer" name="{REASON}"/>'
        "</a:graphicData></a:graphic></xdr:graphicFrame>"
    )
    fallback = (
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="0" name=""/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="1828800" cy="2381250"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
        "<xdr:txBody><a:bodyPr/><a:lstStyle/><a:p><a:r><a:rPr/><a:t>This shape represents a table slicer.</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    )
    return (
        f'<xdr:twoCellAnchor xmlns:xdr="{XDR_NS}" xmlns:a="{DRAWING_NS}" editAs="absolute">'
        f"<xdr:from><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>28</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f"<xdr:to><xdr:col>{column + 2}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>40</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
        f'<mc:AlternateContent xmlns:mc="{MC_NS}" xmlns:sle15="http://schemas.microsoft.com/office/drawing/2012/slicer">'
        f'<mc:Choice Requires="sle15">{frame}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>'
        "<xdr:clientData/></xdr:twoCellAnchor>"
    )


def _put_drawing(parcel: Parcel, sheet: str, anchor: str) -> None:
    """Put an anchor into a sheet's drawing, made where there is none."""
    drawings = parcel.related(sheet, "drawing")
    if not drawings:
        content = f'<xdr:wsDr xmlns:xdr="{XDR_NS}" xmlns:a="{DRAWING_NS}"/>'
        drawings = [
            parcel.add(
                "xl/drawings/drawing99.xml", content, "application/vnd.openxmlformats-officedocument.drawing+xml"
            )
        ]
        key = parcel.relate(sheet, "drawing", drawings[0])
        with parcel.edit(sheet) as root:
            put_child(root, etree.Element(f"{MAIN}drawing", {RELATIONSHIP_ID: key}), WORKSHEET_ORDER)
    with parcel.edit(drawings[0]) as root:
        root.append(etree.fromstring(anchor))


def draw_thread_stub(draft: Draft) -> None:
    """What Excel writes for programs that do not know threads: a comment whose author is the thread."""
    text = (
        "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment.\n\nComment:\n    Seen?"
    )
    frame = draft.frames["Communications"]
    draft.sheet("Communications").write_comment(frame.cell(SUMMARY, frame.last), text, {"author": f"tc={THREAD}"})


def thread(parcel: Parcel, frames: Frames) -> None:
    """A threaded comment with a reply (MS-XLSX 2.1.33), over the comment of `draw_thread_stub`."""
    sheet, frame = parcel.sheet("Communications"), frames["Communications"]
    cell = frame.cell(SUMMARY, frame.last)
    part = parcel.add(
        "xl/threadedComments/threadedComment1.xml",
        f'<ThreadedComments xmlns="{THREADS_NS}">'
        f'<threadedComment ref="{cell}" dT="2024-03-02T10:00:00.00" personId="{PERSON}" id="{THREAD}"><text>Seen?</text></threadedComment>'
        f'<threadedComment ref="{cell}" dT="2024-03-02T11:30:00.00" personId="{PERSON}" id="{REPLY}" parentId="{THREAD}">'
        "<text>Yes, on it.</text></threadedComment></ThreadedComments>",
        "application/vnd.ms-excel.threadedcomments+xml",
    )
    parcel.relate(sheet, "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment", part)
    persons = parcel.add(
        "xl/persons/person.xml",
        f'<personList xmlns="{THREADS_NS}"><person displayName="Ana" id="{PERSON}" userId="ana@example.com" '
        'providerId="None"/></personList>',
        "application/vnd.ms-excel.person+xml",
    )
    parcel.relate(WORKBOOK, "http://schemas.microsoft.com/office/2017/10/relationships/person", persons)
    (comments,) = parcel.related(sheet, "comments")
    ignorable = f'xmlns:mc="{MC_NS}" mc:Ignorable="xr" xmlns:xr="{REVISION_NS}"'
    parcel.rewrite(comments, lambda text: text.replace("<comments ", f"<comments {ignorable} ", 1))
    parcel.rewrite(comments, lambda text: text.replace(f'ref="{cell}"', f'ref="{cell}" xr:uid="{THREAD}"', 1))


def custom_xml(parcel: Parcel, frames: Frames) -> None:
    """A custom XML part (ECMA-376 Part 1, 22.5), as document management puts there."""
    parcel.default_type("xml", "application/xml")
    item = "customXml/item1.xml"
    parcel.parts[item] = declared('<labels xmlns="urn:example:labels"><label>Internal</label></labels>')
    properties = parcel.add(
        "customXml/itemProps1.xml",
        '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" '
        'ds:itemID="{9D2B3C4E-1A5F-4B6C-8D7E-0F1A2B3C4D5E}"><ds:schemaRefs/></ds:datastoreItem>',
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    )
    parcel.relate(WORKBOOK, "customXml", item)
    parcel.relate(item, "customXmlProps", properties)


def printer_settings(parcel: Parcel, frames: Frames) -> None:
    """A printer's own settings, a block of bytes that only its driver reads (ECMA-376 Part 1, 15.2.15)."""
    content = "Office printer".encode("utf-16-le").ljust(220, b"\0")
    part = parcel.add("xl/printerSettings/printerSettings1.bin", content, f"{SPREADSHEET_TYPE}.printerSettings")
    sheet = parcel.sheet("Resolutions")
    key = parcel.relate(sheet, "printerSettings", part)
    with parcel.edit(sheet) as root:
        ensure_child(root, "pageSetup", WORKSHEET_ORDER).set(RELATIONSHIP_ID, key)


def phonetic_text(parcel: Parcel, frames: Frames) -> None:
    """How a Japanese name is read, which is no part of its text (ECMA-376 Part 1, 18.4.6)."""
    reading = '<rPh sb="0" eb="2"><t>ヤマダ</t></rPh><rPh sb="2" eb="4"><t>タロウ</t></rPh><phoneticPr fontId="0"/>'
    parcel.rewrite("xl/sharedStrings.xml", lambda text: text.replace("<t>山田太郎</t>", f"<t>山田太郎</t>{reading}"))


def filtered(parcel: Parcel, frames: Frames) -> None:
    """The Table Cases filtered to one reason: the rows of the others are hidden."""
    cases = frames["Cases"]
    at = cases.headers.index(REASON)
    hidden = {
        cases.top + n for n, row in enumerate(cases.rows, 1) if row["reason"] not in ("Defective", "Non-delivery")
    }
    with parcel.edit(parcel.table("Cases")) as root:
        criterion = (
            f'<filterColumn xmlns="{MAIN_NS}" colId="{at}"><filters><filter val="Defective"/><filter '
            'val="Non-delivery"/></filters></filterColumn>'
        )
        root[0].append(etree.fromstring(criterion))
    with parcel.edit(parcel.sheet("Cases")) as root:
        for row in root.iter(f"{MAIN}row"):
            if int(row.get("r", "0")) in hidden:
                row.set("hidden", "1")


def sorted_table(parcel: Parcel, frames: Frames) -> None:
    """The Table Communications as sorted by date, newest last (ECMA-376 Part 1, 18.3.1.92)."""
    frame = frames["Communications"]
    rows = f"{frame.cell(frame.headers[0], frame.top + 1)}:{frame.ref.partition(':')[2]}"
    state = f'<sortState xmlns="{MAIN_NS}" ref="{rows}"><sortCondition ref="{frame.cells(DATE)}"/></sortState>'
    with parcel.edit(parcel.table("Communications")) as root:
        root.insert(1, etree.fromstring(state))


def sheet_filter(parcel: Parcel, frames: Frames) -> None:
    """Filter arrows on a plain range, with the hidden name that Excel keeps for it (ECMA-376 Part 1, 18.2.5)."""
    cases = frames["Cases"]
    with parcel.edit(parcel.sheet("Cases")) as root:
        put_child(root, etree.Element(f"{MAIN}autoFilter", ref=cases.ref), WORKSHEET_ORDER)
    first, _, last = cases.ref.partition(":")
    with parcel.edit(WORKBOOK) as root:
        name = etree.SubElement(ensure_child(root, "definedNames", WORKBOOK_ORDER), f"{MAIN}definedName")
        name.attrib.update({"name": "_xlnm._FilterDatabase", "localSheetId": "0", "hidden": "1"})
        name.text = f"Cases!${first[:1]}${first[1:]}:${last[:1]}${last[1:]}"


def ignored_errors(parcel: Parcel, frames: Frames) -> None:
    """'Ignore this error' of a number stored as text, over the column's cells (ECMA-376 Part 1, 18.3.1.51)."""
    cells = f"{frames['Cases'].cells(NUMBER)} {frames['Cases'].cells(OPENED)} {frames['Cases'].cells(CUSTOMER)}"
    with parcel.edit(parcel.sheet("Cases")) as root:
        errors = put_child(root, etree.Element(f"{MAIN}ignoredErrors"), WORKSHEET_ORDER)
        etree.SubElement(errors, f"{MAIN}ignoredError", sqref=cells, numberStoredAsText="1")
