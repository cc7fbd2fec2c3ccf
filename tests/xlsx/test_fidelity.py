"""What the user put in stays in: after an append only what must change differs, in every kind of workbook.

Each workbook is compared with what an append made of it, part by part and element by element.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

import refundbook
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from tests.support import packages
from tests.support.appended import SHEETS, TODAY, UNSHARED, appended, changes, entries, pillar_parts, without_places
from tests.support.office import converted
from tests.support.own_checks import own_findings
from tests.support.rich import EVERYTHING, FEATURES, ODD, WITHOUT_TABLES, Builder, parameters
from tests.support.validators import audit_findings, new_findings, sdk_findings
from tests.support.warm import readings, without_cache

pytestmark = pytest.mark.slow

COUNTS = (1, 2, 5)

SHEET_CHANGES = {"changed /worksheet/dimension/@ref", "added /worksheet/sheetData/row[@r='#']"}
TABLE_CHANGES = {"changed /table/@ref", "changed /table/autoFilter/@ref"}

CHART = {f"changed /chartSpace/chart/plotArea/{{}}/ser/{data}/numRef/f/text()" for data in ("cat", "val")}
SPARKLINE = "changed /worksheet/extLst/ext/sparklineGroups/sparklineGroup/sparklines/sparkline/f/text()"
X14_FORMAT = "/worksheet/extLst/ext/conditionalFormattings/conditionalFormatting"
OWN_FORMULAS = "changed /worksheet/sheetData/row[@r='#']/c[@r='B#']/f/text()"
SORTED = {"changed /table/sortState/@ref", "changed /table/sortState/sortCondition/@ref"}


def names(*changed: str) -> set[str]:
    return {f"changed /workbook/definedNames/definedName[@name='{name}']/text()" for name in changed}


def chart(kind: str) -> set[str]:
    return {change.format(kind) for change in CHART}


ALSO: dict[str, dict[str, set[str]]] = {
    "chart": {"xl/charts/chart1.xml": chart("barChart"), "xl/charts/chart2.xml": chart("lineChart")},
    "chartsheet": {"xl/charts/chart1.xml": chart("barChart")},
    "own_sheet": {"xl/worksheets/sheet4.xml": {OWN_FORMULAS}},
    "dynamic_array": {"xl/worksheets/sheet4.xml": {OWN_FORMULAS.replace("B#", "K#")}},
    "sparklines": {"Cases": {SPARKLINE}, "xl/worksheets/sheet4.xml": {SPARKLINE}},
    "x14_validation": {
        "Cases": {"changed /worksheet/extLst/ext/dataValidations/dataValidation/sqref/text()"},
        "xl/worksheets/sheet4.xml": {OWN_FORMULAS},
    },
    "x14_data_bars": {
        "Cases": {"changed /worksheet/conditionalFormatting/@sqref", f"changed {X14_FORMAT}/sqref/text()"}
    },
    "x14_icons": {
        "Cases": {
            f"changed {X14_FORMAT}/cfRule[@id='{{DA7ABA51-AAAA-BBBB-0001-000000000009}}']/iconSet/cfvo/f/text()",
            f"changed {X14_FORMAT}/sqref/text()",
        }
    },
    "pivot_table": {
        "xl/pivotCache/pivotCacheDefinition1.xml": {"changed /pivotCacheDefinition/cacheSource/worksheetSource/@ref"}
    },
    "defined_names": {"xl/workbook.xml": names("LocalAmounts", "OldestCase", "OpenedDates")},
    "print_setup": {"xl/workbook.xml": names("_xlnm.Print_Area")},
    "sorted": {"Table Communications": SORTED},
    "formats_and_validations": {
        "Cases": {
            "changed /worksheet/conditionalFormatting/@sqref",
            "changed /worksheet/dataValidations/dataValidation/@sqref",
        }
    },
    "ignored_errors": {"Cases": {"changed /worksheet/ignoredErrors/ignoredError/@sqref"}},
    "filtered_range": {
        "Cases": {"changed /worksheet/autoFilter/@ref"},
        "xl/workbook.xml": names("_xlnm._FilterDatabase"),
    },
    "libreoffice_written": {"xl/workbook.xml": {"changed /workbook/calcPr/@fullCalcOnLoad"}},
    # The white space after what was the last row now stands after the new one.
    "indented": {name: {"changed /worksheet/sheetData/row[@r='#']/text()"} for name in SHEETS},
}
"""What else changes with an append, by workbook and part. The parts of the pillars go by their sheet's name."""

_IN_FULL = ("own_sheet", "dynamic_array", "sparklines", "x14_validation", "x14_data_bars", "x14_icons", "pivot_table", "defined_names", "print_setup", "sorted", "formats_and_validations", "ignored_errors")  # fmt: skip
ALSO["full"] = {
    f"xl/charts/chart{n}.xml": chart(kind) for n, kind in ((1, "barChart"), (2, "lineChart"), (3, "barChart"))
}
for _name in _IN_FULL:
    for _part, _changes in ALSO[_name].items():
        ALSO["full"][_part] = ALSO["full"].get(_part, set()) | _changes

TOTALS = ("totals_row", "totals_row_and_calculated_column")
MAY_STAY = {"no_dimension": SHEET_CHANGES - {"changed /worksheet/dimension/@ref"}}


def named(builders: Mapping[str, Builder], *, leave_out: tuple[str, ...] = ()) -> list[object]:
    marks = {p.id: p.marks for p in parameters(builders)}  # type: ignore[attr-defined]
    return [pytest.param(name, id=name, marks=marks[name]) for name in builders if name not in leave_out]


def expected(name: str, before: Path) -> dict[str, set[str]]:
    """The kinds of changes that an append makes, by part."""
    also = ALSO.get(name, {})
    found: dict[str, set[str]] = {}
    for part, role in pillar_parts(before).items():
        usual = TABLE_CHANGES if role.startswith("Table ") else MAY_STAY.get(name, SHEET_CHANGES)
        found[part] = usual | also.get(role, set())
    return {**found, **{part: changed for part, changed in also.items() if "/" in part}}


def last_rows(path: Path) -> dict[str, int]:
    """The last row of each pillar's data."""
    layout = Layout(Package(path.read_bytes()))
    found = {}
    for sheet in layout.sheets:
        for table in layout.tables(sheet):
            found[table.name] = table.last_row
    return found


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", named(EVERYTHING, leave_out=("notes_below",)))
def test_only_what_must_change_differs(tmp_path: Path, built: Callable[[str], Path], name: str, count: int) -> None:
    before = built(name)
    after = appended(before, tmp_path / before.name, count)
    found = changes(before, after)
    roles = pillar_parts(before)
    if name in TOTALS:
        # The totals move down; in their old row stands an entry now.
        gone = {part: last_rows(before)[role] + 1 for part, role in roles.items() if role in SHEETS}
        found = {part: [c for c in listed if f"row[@r='{gone.get(part)}']/" not in c] for part, listed in found.items()}
    assert {part: without_places(listed) for part, listed in found.items()} == expected(name, before)
    for part, role in roles.items():
        if role in SHEETS:
            assert sum(change.startswith("added /worksheet/sheetData/row[") for change in found[part]) == count
    assert packages.recompressed_members(before, after) == set()


READ_BACK: dict[str, dict[str, object]] = {
    "Cases": {"opened": date(2024, 3, 5), "reason": "Defective", "amount": Decimal("5.5"), "currency": "USD", "order": "007"},
    "Communications": {"date": datetime(2024, 3, 6, 9, 15), "with_": "Support", "direction": "Received", "summary": "Zoë <asks> & waits"},
    "Resolutions": {"status": "Pending", "logged_by": "Ana"},
}  # fmt: skip


@pytest.mark.parametrize("name", named(EVERYTHING, leave_out=("notes_below",)))
def test_what_was_appended_is_read_back_and_nothing_is_wrong_with_the_file(
    tmp_path: Path, built: Callable[[str], Path], name: str
) -> None:
    before = built(name)
    after = appended(before, tmp_path / before.name, 2)
    old, new = (refundbook.load(path, today=TODAY) for path in (before, after))
    for earlier, later in zip(old.records.logs, new.records.logs, strict=True):
        assert {header: values[:-2] for header, values in later.columns.items()} == earlier.columns
        assert later["number"][-2:] == [fields["number"] for _, fields in entries(2)[:2]]
        read = {name: values[-2:] for name, values in later.columns.items() if name in READ_BACK[later.sheet.name]}
        assert read == {name: [value] * 2 for name, value in READ_BACK[later.sheet.name].items()}
    if name not in WITHOUT_TABLES:
        assert last_rows(after) == {table: row + 2 * (table in SHEETS) for table, row in last_rows(before).items()}
    assert [finding for finding in new_findings(before, after) if UNSHARED not in finding] == []


def test_the_audit_has_its_one_objection_only_where_there_are_no_shared_strings(
    tmp_path: Path, built: Callable[[str], Path]
) -> None:
    found = [
        name
        for name in EVERYTHING
        if name not in ("notes_below", "libreoffice_written")
        and any(
            UNSHARED in f
            for f in new_findings(built(name), appended(built(name), tmp_path / built(name).name), [audit_findings])
        )
    ]
    assert found == ["result_strings"]


@pytest.mark.sdk
@pytest.mark.parametrize("name", named(EVERYTHING, leave_out=("notes_below",)))
def test_the_open_xml_sdk_finds_nothing_new(tmp_path: Path, built: Callable[[str], Path], name: str) -> None:
    before = built(name)
    after = appended(before, tmp_path / before.name, 2)
    assert (new_findings(before, after, [sdk_findings]) if name in ODD else sdk_findings(after)) == []


@pytest.mark.libreoffice
def test_libreoffice_finds_the_new_rows_inside_the_tables(tmp_path: Path, built: Callable[[str], Path]) -> None:
    with_tables = [name for name in EVERYTHING if name not in ("notes_below", *WITHOUT_TABLES)]
    saved = [appended(built(name), tmp_path / f"{name}{built(name).suffix}", 2) for name in with_tables]
    before = {ours: last_rows(built(name)) for name, ours in zip(with_tables, saved, strict=True)}
    for path, ours in zip(converted(saved, tmp_path / "out"), saved, strict=True):
        assert last_rows(path) == {table: row + 2 * (table in SHEETS) for table, row in before[ours].items()}, path.name
        read, written = (refundbook.load(at, today=TODAY).records.logs for at in (path, ours))
        for one, other in zip(read, written, strict=True):
            assert one.columns == other.columns, path.name


@pytest.mark.parametrize("suffix", ["xlsx", "xlsm"])
@pytest.mark.parametrize("rounds", [1, 5])
def test_everything_at_once_keeps_every_other_part(tmp_path: Path, suffix: str, rounds: int) -> None:
    before = FEATURES["full"](tmp_path / f"full.{suffix}")
    after = tmp_path / f"after.{suffix}"
    after.write_bytes(before.read_bytes())
    for pillar, fields in entries(rounds):
        with refundbook.load(after, today=TODAY, user="Ana") as book:
            book.append(pillar, fields)
    found = changes(before, after)
    assert {part: without_places(listed) for part, listed in found.items()} == expected("full", before)
    assert new_findings(before, after) == []


UNCUT = {"commented", "unaddressed"}
"""Workbooks with a shape in which all of them is read for every append."""


@pytest.mark.parametrize("name", named(EVERYTHING, leave_out=("notes_below",)))
def test_a_second_append_which_knows_the_workbook_changes_no_more(
    tmp_path: Path, built: Callable[[str], Path], name: str
) -> None:
    """And it leaves the file that it would leave if it read all of it."""
    both = {pillar: [e for e in entries(2) if e[0] == pillar] for pillar, _ in entries(1)}
    before, known, read = (tmp_path / f"{made}{built(name).suffix}" for made in ("before", "known", "read"))
    for path in (before, known, read):
        path.write_bytes(built(name).read_bytes())
        with refundbook.load(path, today=TODAY, user="Ana") as book:
            book.append_many(first for first, _ in both.values())
    for _, (pillar, fields) in both.values():
        with readings() as found, refundbook.edit(known, today=TODAY, user="Ana") as book:
            book.append(pillar, fields)
        assert (found.count == 0) == (name not in UNCUT)
        with without_cache(), refundbook.edit(read, today=TODAY, user="Ana") as book:
            book.append(pillar, fields)
    assert packages.parts(known) == packages.parts(read)
    assert own_findings(known) == own_findings(built(name))
    found_changes, roles = changes(before, known), pillar_parts(before)
    if name in TOTALS:
        gone = {part: last_rows(before)[role] + 1 for part, role in roles.items() if role in SHEETS}
        found_changes = {p: [c for c in of if f"row[@r='{gone.get(p)}']/" not in c] for p, of in found_changes.items()}
    again = expected(name, before)
    again.pop("xl/workbook.xml", None) if name == "libreoffice_written" else None
    assert {part: without_places(of) for part, of in found_changes.items()} == again
    assert packages.recompressed_members(before, known) == set()


def test_an_append_without_growth_changes_the_sheet_and_nothing_else(tmp_path: Path) -> None:
    """A blank, formatted row inside the Table is filled first."""
    before = tmp_path / "before.xlsx"
    book = openpyxl.load_workbook(FEATURES["plain"](before))
    book["Cases"].tables["Cases"].ref = book["Cases"].tables["Cases"].autoFilter.ref = "A1:O9"
    for row in (8, 9):
        for column in "ACJ":
            book["Cases"][f"{column}{row}"]._style = book["Cases"][f"{column}7"]._style
        book["Cases"][f"M{row}"].font = Font(italic=True)
    book.save(before)
    after = tmp_path / "after.xlsx"
    after.write_bytes(before.read_bytes())
    for pillar, fields in entries(3)[:2]:
        with refundbook.load(after, today=TODAY, user="Ana") as opened:
            opened.append(pillar, {**fields, "notes": "in italics"})
    assert list(changes(before, after)) == ["xl/worksheets/sheet1.xml"]
    cases = openpyxl.load_workbook(after)["Cases"]
    assert [cases[f"A{row}"].value for row in (8, 9)] == ["GTB-791000", "GTB-791001"]
    assert cases["M8"].font.italic
    assert cases["M8"].value == "in italics"


def test_an_amendment_changes_its_cell_alone(tmp_path: Path, built: Callable[[str], Path]) -> None:
    after = tmp_path / "after.xlsx"
    after.write_bytes(built("full").read_bytes())
    with refundbook.load(after, today=TODAY) as book:
        book.amend("GTB-789045", "Customer", "Zoë")
    (changed,) = changes(built("full"), after).values()
    assert {re.sub(r"(c\[@r='H3'\]).*", r"\1", change) for change in changed} == {
        "added /worksheet/sheetData/row[@r='3']/c[@r='H3']"
    }


def test_an_amended_cell_keeps_its_format(tmp_path: Path, built: Callable[[str], Path]) -> None:
    after = tmp_path / "after.xlsx"
    after.write_bytes(built("plain").read_bytes())
    with refundbook.load(after, today=TODAY) as book:
        book.amend("GTB-789045", "Amount Requested", "12.75")
        book.amend("GTB-789045", "Order Number", "007")
    before, amended = (openpyxl.load_workbook(path)["Cases"] for path in (built("plain"), after))
    assert (amended["J3"].value, amended["D3"].value) == (12.75, "007")
    for address in ("J3", "D3"):
        assert before[address].has_style
        assert amended[address].style_id == before[address].style_id
