"""What refers to another workbook stays as it is when a Table of this one grows, also where a sheet there has the same
name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from tests.support import drawn, pivots
from tests.support.appended import appended
from tests.support.grafts import SPREADSHEET_TYPE, X14_NS, XM_NS, put_x14_validation
from tests.support.packages import parts
from tests.support.pillars import Draft, Feature, build
from tests.support.zips import (
    MAIN,
    MAIN_NS,
    OFFICE_NS,
    RELATIONSHIP_ID,
    WORKBOOK,
    WORKBOOK_ORDER,
    WORKSHEET_ORDER,
    Parcel,
    ensure_child,
    put_child,
    put_extension,
)

pytestmark = pytest.mark.slow

CASES, MINE = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet4.xml"
INSIDE = "Cases!$A$2:$A$7"

OUTSIDE = (
    "[1]Cases!$A$2:$A$7",
    "'[1]Cases'!$A$2:$A$7",
    "[Other.xlsx]Cases!$A$2:$A$7",
    r"'C:\My files\[Other.xlsx]Cases'!$A$2:$A$7",
    "'[1]Jan:Cases'!$A$2:$A$7",
    "[1]!Cases",
    "'[1]From A2:A7'!Total",
    "'[1]Cases!A2:A7'!$B$7",
    "[1]!'!Cases!$A$2:$A$7'",
)
"""References into other workbooks as files hold them: by their number, by name, with a path, over several sheets, by a
name, through DDE (MS-XLSX 2.2.2).
"""

Put = Callable[[Parcel, str], str]
"""Puts a reference somewhere; gives the part."""


def cell(sheet: str) -> Put:
    def put(parcel: Parcel, ref: str) -> str:
        part = parcel.sheet(sheet)
        parcel.rewrite(
            part,
            lambda text: text.replace(
                "</sheetData>", f'<row r="90"><c r="Z90"><f>COUNTA({escape(ref)})</f><v>1</v></c></row></sheetData>'
            ),
        )
        return part

    return put


def name(parcel: Parcel, ref: str) -> str:
    with parcel.edit(WORKBOOK) as root:
        names = ensure_child(root, "definedNames", WORKBOOK_ORDER)
        etree.SubElement(names, f"{MAIN}definedName", name="Theirs").text = ref
    return WORKBOOK


def validation(parcel: Parcel, ref: str) -> str:
    with parcel.edit(MINE) as root:
        found = ensure_child(root, "dataValidations", WORKSHEET_ORDER)
        one = etree.SubElement(found, f"{MAIN}dataValidation", type="list", sqref="Z2")
        etree.SubElement(one, f"{MAIN}formula1").text = ref
    return MINE


def conditional_format(parcel: Parcel, ref: str) -> str:
    with parcel.edit(CASES) as root:
        found = put_child(root, etree.Element(f"{MAIN}conditionalFormatting", sqref="Z2"), WORKSHEET_ORDER)
        rule = etree.SubElement(found, f"{MAIN}cfRule", type="expression", priority="9")
        etree.SubElement(rule, f"{MAIN}formula").text = f"COUNTA({ref})>1"
    return CASES


def x14_validation(parcel: Parcel, ref: str) -> str:
    with parcel.edit(CASES) as root:
        put_x14_validation(root, ref, "Z2")
    return CASES


def sparkline(parcel: Parcel, ref: str) -> str:
    with parcel.edit(MINE) as root:
        put_extension(
            root,
            WORKSHEET_ORDER,
            f'<ext xmlns="{MAIN_NS}" xmlns:x14="{X14_NS}" xmlns:xm="{XM_NS}" uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}">'
            f"<x14:sparklineGroups><x14:sparklineGroup><x14:sparklines><x14:sparkline><xm:f>{escape(ref)}</xm:f><xm:sqref>Z3</xm:sqref>"
            "</x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext>",
        )
    return MINE


def chart_series(parcel: Parcel, ref: str) -> str:
    part = "xl/charts/chart1.xml"
    parcel.rewrite(part, lambda text: text.replace("Cases!$J$2:$J$7", escape(ref)))
    return part


def form_control(parcel: Parcel, ref: str) -> str:
    quoted = escape(ref, {'"': "&quot;"})
    control = (
        '<formControlPr xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" objectType="Drop" '
        f'fmlaRange="{quoted}"/>'
    )
    return parcel.add("xl/ctrlProps/ctrlProp9.xml", control, "application/vnd.ms-excel.controlproperties+xml")


def table_column(kind: str) -> Put:
    def put(parcel: Parcel, ref: str) -> str:
        part = parcel.table("Shares")
        with parcel.edit(part) as root:
            etree.SubElement(
                root.findall(f"{MAIN}tableColumns/{MAIN}tableColumn")[-1], f"{MAIN}{kind}"
            ).text = f"COUNTA({ref})"
        return part

    return put


PLACES: dict[str, Put] = {
    "a cell": cell("Dashboard"),
    "a cell beside the Table": cell("Cases"),
    "a name": name,
    "a validation": validation,
    "a conditional format": conditional_format,
    "a drop-down of Excel 2010's": x14_validation,
    "a sparkline": sparkline,
    "a chart's series": chart_series,
    "a form control": form_control,
    "a calculated column": table_column("calculatedColumnFormula"),
    "a totals row": table_column("totalsRowFormula"),
}


def shares(draft: Draft) -> None:
    draft.sheet("Mine").add_table("A1:B3", {"name": "Shares", "columns": [{"header": "Reason"}, {"header": "Share"}]})


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    features = Feature(drawn.own_sheet), Feature(drawn.charts), Feature(shares)
    return build(tmp_path_factory.mktemp("outside") / "book.xlsx", *features).read_bytes()


def parcel_of(path: Path, content: bytes) -> Parcel:
    path.write_bytes(content)
    return Parcel(path)


@pytest.mark.parametrize("place", PLACES)
def test_a_reference_to_another_workbook_stays_and_one_to_this_grows(
    tmp_path: Path, content: bytes, place: str
) -> None:
    path = tmp_path / "before.xlsx"
    for number, ref in enumerate((*OUTSIDE, INSIDE)):
        parcel = parcel_of(path, content)
        part = PLACES[place](parcel, ref)
        after = parts(appended(parcel.save(path), tmp_path / f"{number}.xlsx"))[part].decode()
        assert escape(ref if ref != INSIDE else "Cases!$A$2:$A$8") in after


# What is related to another workbook


def outside(parcel: Parcel, owner: str) -> str:
    """A relationship to another workbook; gives its id."""
    key = parcel.relate(owner, "externalLinkPath", "theirs.xlsx")
    with parcel.edit(f"{owner.rpartition('/')[0]}/_rels/{owner.rpartition('/')[2]}.rels") as root:
        element = next(e for e in root if e.get("Id") == key)
        element.set("TargetMode", "External")
        element.set("Target", "file:///C:/theirs.xlsx")
    return key


PIVOT_CACHE = "xl/pivotCache/pivotCacheDefinition1.xml"


@pytest.mark.parametrize("is_outside", [True, False])
@pytest.mark.parametrize("kind", ["worksheetSource", "rangeSet"])
def test_the_source_of_a_pivot_table_grows_unless_it_is_in_another_workbook(
    tmp_path: Path, kind: str, *, is_outside: bool
) -> None:
    """Whose sheet has the same name."""
    path = build(tmp_path / "before.xlsx", Feature(pivots.draw_pivot_cells, pivots.pivot))
    parcel = Parcel(path)
    key = outside(parcel, PIVOT_CACHE)
    with parcel.edit(PIVOT_CACHE) as root:
        (source,) = root.iter(f"{MAIN}worksheetSource")
        if kind == "rangeSet":
            source.tag = f"{MAIN}rangeSet"
        if is_outside:
            source.set(RELATIONSHIP_ID, key)
    after = parts(appended(parcel.save(path), tmp_path / "after.xlsx"))[PIVOT_CACHE]
    assert (b'ref="A1:O7"' in after, b'ref="A1:O8"' in after) == (is_outside, not is_outside)


def external_link(parcel: Parcel) -> str:
    """What Excel keeps of a workbook that formulas refer to (ECMA-376 Part 1, 18.14)."""
    part = parcel.add(
        "xl/externalLinks/externalLink1.xml",
        f'<externalLink xmlns="{MAIN_NS}" xmlns:r="{OFFICE_NS}"><externalBook r:id="rId1"><sheetNames><sheetName '
        'val="Cases"/></sheetNames><definedNames><definedName name="All" '
        'refersTo="=\'Cases\'!$A$2:$A$7"/></definedNames><sheetDataSet><sheetData sheetId="0"><row r="7"><cell '
        'r="A7"><v>1</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>',
        f"{SPREADSHEET_TYPE}.externalLink+xml",
    )
    outside(parcel, part)
    key = parcel.relate(WORKBOOK, "externalLink", part)
    with parcel.edit(WORKBOOK) as root:
        etree.SubElement(
            ensure_child(root, "externalReferences", WORKBOOK_ORDER), f"{MAIN}externalReference", {RELATIONSHIP_ID: key}
        )
    return part


def connection(parcel: Parcel) -> str:
    part = parcel.add(
        "xl/connections.xml",
        f'<connections xmlns="{MAIN_NS}"><connection id="1" name="Theirs" type="5" refreshedVersion="6"><dbPr '
        'connection="Provider=ACE;Data Source=C:\\theirs.xlsx" command="SELECT * FROM [Cases$A1:O7]"/><rangePr '
        'sourceName="Cases!$A$2:$A$7"/></connection></connections>',
        f"{SPREADSHEET_TYPE}.connections+xml",
    )
    parcel.relate(WORKBOOK, "connections", part)
    return part


def hyperlink(parcel: Parcel) -> str:
    """To a place in a file of the same layout (ECMA-376 Part 1, 18.3.1.47)."""
    key = outside(parcel, MINE)
    with parcel.edit(MINE) as root:
        links = ensure_child(root, "hyperlinks", WORKSHEET_ORDER)
        etree.SubElement(links, f"{MAIN}hyperlink", {"ref": "Z5", RELATIONSHIP_ID: key, "location": "Cases!A2:A7"})
    return MINE


def consolidation(parcel: Parcel) -> str:
    """The ranges that Data > Consolidate remembers (ECMA-376 Part 1, 18.3.1.29)."""
    key = outside(parcel, MINE)
    with parcel.edit(MINE) as root:
        found = put_child(root, etree.Element(f"{MAIN}dataConsolidate"), WORKSHEET_ORDER)
        refs = etree.SubElement(found, f"{MAIN}dataRefs", count="1")
        etree.SubElement(refs, f"{MAIN}dataRef", {"ref": "A2:A7", "sheet": "Cases", RELATIONSHIP_ID: key})
    return MINE


def linked_object(parcel: Parcel) -> str:
    with parcel.edit(MINE) as root:
        found = put_child(root, etree.Element(f"{MAIN}oleObjects"), WORKSHEET_ORDER)
        etree.SubElement(
            found,
            f"{MAIN}oleObject",
            {
                "progId": "Excel.Sheet.12",
                "link": "[1]!'!Cases!R2C1:R7C1'",
                "oleUpdate": "OLEUPDATE_ALWAYS",
                "shapeId": "1",
            },
        )
    return MINE


def linked_chart(parcel: Parcel) -> str:
    """A chart that was pasted with its link: its series name the sheets of the other workbook (ECMA-376 Part 1,
    21.2.2.63).
    """
    part = "xl/charts/chart1.xml"
    key = outside(parcel, part)
    parcel.rewrite(
        part,
        lambda text: text.replace(
            "</c:chartSpace>", f'<c:externalData xmlns:r="{OFFICE_NS}" r:id="{key}"/></c:chartSpace>'
        ),
    )
    return part


LINKED = {
    "what is kept of another workbook": external_link,
    "a connection": connection,
    "a hyperlink": hyperlink,
    "a consolidation": consolidation,
    "a linked object": linked_object,
    "a linked chart": linked_chart,
}


@pytest.mark.parametrize("kind", LINKED)
def test_what_is_linked_to_another_workbook_stays(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "before.xlsx"
    parcel = parcel_of(path, content)
    part = LINKED[kind](parcel)
    before = parcel.parts[part]
    after = parts(appended(parcel.save(path), tmp_path / "after.xlsx"))[part]
    assert _tail(after) == _tail(before)


def _tail(sheet: bytes) -> bytes:
    """What stands below the cells of a worksheet, whose formulas over this workbook's Cases have grown; all of another
    part.
    """
    return sheet.partition(b"</sheetData>")[2] if b"<worksheet" in sheet else sheet
