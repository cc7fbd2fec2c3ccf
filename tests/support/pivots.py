"""A pivot table over the Cases, put in by hand: the cache's definition, its records, and the table (ECMA-376 Part 1,
18.10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from xml.sax.saxutils import quoteattr

from lxml import etree

from tests.support.drawn import AMOUNT, REASON
from tests.support.pillars import Draft, Frame
from tests.support.zips import MAIN, MAIN_NS, OFFICE_NS, RELATIONSHIP_ID, WORKBOOK, WORKBOOK_ORDER, Parcel, ensure_child

PIVOT = "Pivot"
SPREADSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def draw_pivot_cells(draft: Draft) -> None:
    """What the pivot table shows, in the cells that it stands in."""
    totals = _totals(draft.cases)
    rows = [("Reason", "Sum of Amount Requested"), *totals.items(), ("Grand Total", sum(totals.values()))]
    page = draft.sheet(PIVOT)
    for number, row in enumerate(rows, 2):
        page.write_row(number, 0, row)


def pivot(parcel: Parcel, frames: Mapping[str, Frame]) -> None:
    """The sum of the amounts by reason, over a range that ends at the Table's last row."""
    cases = frames["Cases"]
    definition = parcel.add(
        "xl/pivotCache/pivotCacheDefinition1.xml", _definition(cases), f"{SPREADSHEET_TYPE}.pivotCacheDefinition+xml"
    )
    records = parcel.add(
        "xl/pivotCache/pivotCacheRecords1.xml", _records(cases), f"{SPREADSHEET_TYPE}.pivotCacheRecords+xml"
    )
    table = parcel.add("xl/pivotTables/pivotTable1.xml", _table(cases), f"{SPREADSHEET_TYPE}.pivotTable+xml")
    key = parcel.relate(definition, "pivotCacheRecords", records)
    with parcel.edit(definition) as root:
        root.set(RELATIONSHIP_ID, key)
    parcel.relate(table, "pivotCacheDefinition", definition)
    parcel.relate(parcel.sheet(PIVOT), "pivotTable", table)
    key = parcel.relate(WORKBOOK, "pivotCacheDefinition", definition)
    with parcel.edit(WORKBOOK) as root:
        caches = ensure_child(root, "pivotCaches", WORKBOOK_ORDER)
        etree.SubElement(caches, f"{MAIN}pivotCache", {"cacheId": "7", RELATIONSHIP_ID: key})


def _totals(cases: Frame) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in cases.rows:
        totals[str(row["reason"])] = totals.get(str(row["reason"]), 0.0) + float(str(row["amount"]))
    return dict(sorted(totals.items()))


def _reasons(cases: Frame) -> list[str]:
    return list(dict.fromkeys(str(row["reason"]) for row in cases.rows))


def _definition(cases: Frame) -> str:
    fields = "".join(
        f'<cacheField name={quoteattr(header)} numFmtId="0">{_shared(cases, header)}</cacheField>'
        for header in cases.headers
    )
    return (
        f'<pivotCacheDefinition xmlns="{MAIN_NS}" xmlns:r="{OFFICE_NS}" refreshOnLoad="1" refreshedBy="Ana" refreshedDate="45232.4" '
        f'createdVersion="6" refreshedVersion="6" minRefreshableVersion="3" recordCount="{len(cases.rows)}"><cacheSource type="worksheet">'
        f'<worksheetSource ref="{cases.ref}" sheet="Cases"/></cacheSource><cacheFields count="{len(cases.headers)}">{fields}</cacheFields>'
        "</pivotCacheDefinition>"
    )


def _shared(cases: Frame, header: str) -> str:
    """What kinds of values the field has; for the reasons, which the pivot table groups by, the values themselves."""
    if header == REASON:
        reasons = _reasons(cases)
        return (
            f'<sharedItems count="{len(reasons)}">'
            + "".join(f"<s v={quoteattr(reason)}/>" for reason in reasons)
            + "</sharedItems>"
        )
    values = [cases.value(row, header) for row in cases.rows]
    kept = [value for value in values if value is not None]
    blank = ' containsBlank="1"' if len(kept) < len(values) else ""
    if not kept:
        return '<sharedItems containsNonDate="0" containsString="0" containsBlank="1"/>'
    if all(isinstance(value, date) for value in kept):
        return (
            f'<sharedItems containsSemiMixedTypes="0" containsNonDate="0" containsDate="1" containsString="0"{blank}/>'
        )
    if all(isinstance(value, (int, float)) for value in kept):
        return f'<sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1"{blank}/>'
    return f"<sharedItems{blank}/>"


def _records(cases: Frame) -> str:
    reasons = _reasons(cases)
    records = "".join(
        "<r>" + "".join(_item(cases, row, header, reasons) for header in cases.headers) + "</r>" for row in cases.rows
    )
    return f'<pivotCacheRecords xmlns="{MAIN_NS}" count="{len(cases.rows)}">{records}</pivotCacheRecords>'


def _item(cases: Frame, row: Mapping[str, object], header: str, reasons: Sequence[str]) -> str:
    value = cases.value(row, header)
    if header == REASON:
        return f'<x v="{reasons.index(str(value))}"/>'
    if value is None:
        return "<m/>"
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return f'<d v="{moment.isoformat()}"/>'
    return f'<n v="{value}"/>' if isinstance(value, (int, float)) else f"<s v={quoteattr(str(value))}/>"


def _table(cases: Frame) -> str:
    reasons = _reasons(cases)
    order = sorted(range(len(reasons)), key=lambda at: reasons[at])
    axis = "".join(f'<item x="{at}"/>' for at in order) + '<item t="default"/>'
    fields = []
    for header in cases.headers:
        if header == REASON:
            fields.append(
                f'<pivotField axis="axisRow" showAll="0"><items count="{len(reasons) + 1}">{axis}</items></pivotField>'
            )
        else:
            data = ' dataField="1"' if header == AMOUNT else ""
            fields.append(f'<pivotField{data} showAll="0"/>')
    lines = "<i><x/></i>" + "".join(f'<i><x v="{at}"/></i>' for at in range(1, len(reasons))) + '<i t="grand"><x/></i>'
    return (
        f'<pivotTableDefinition xmlns="{MAIN_NS}" name="ByReason" cacheId="7" applyNumberFormats="0" '
        'applyBorderFormats="0" applyFontFormats="0" applyPatternFormats="0" applyAlignmentFormats="0" '
        'applyWidthHeightFormats="1" dataCaption="Values" updatedVersion="6" minRefreshableVersion="3" '
        'useAutoFormatting="1" itemPrintTitles="1" createdVersion="6" indent="0" outline="1" outlineData="1">'
        f'<location ref="A3:B{4 + len(reasons)}" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/><pivotFields '
        f'count="{len(fields)}">{"".join(fields)}</pivotFields><rowFields count="1"><field '
        f'x="{cases.headers.index(REASON)}"/></rowFields><rowItems '
        f'count="{len(reasons) + 1}">{lines}</rowItems><colItems count="1"><i/></colItems><dataFields '
        f'count="1"><dataField name={quoteattr(f"Sum of {AMOUNT}")} fld="{cases.headers.index(AMOUNT)}" baseField="0" '
        'baseItem="0"/></dataFields><pivotTableStyleInfo name="PivotStyleLight16" showRowHeaders="1" '
        'showColHeaders="1"/></pivotTableDefinition>'
    )
