"""`refundbook upgrade`: what came of the template since a workbook was made is put into it. What a person changed is
left and named, and every other byte is as it was.
"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from refundbook.base.live_bounds import CALCULATION
from refundbook.base.schema import INSIGHTS, READ_ME, SETTINGS, SHEETS, TRACKER, TRACKER_HEADERS
from refundbook.base.settings import SETTING_LINES
from refundbook.record.tracker import NOT_LIVE
from refundbook.storage import renew, renewal
from refundbook.storage import upgrade as upgrading
from refundbook.storage.template_file import released, template_bytes
from refundbook.storage.upgrade import Upgraded
from refundbook.template import build, calculation
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.writing.graft_drawing import references
from refundbook.xlsx.writing.sheet_content import Address, Book
from refundbook.xlsx.writing.sheet_rules import conditions, validations
from tests.support import packages
from tests.support.appended import UNSHARED
from tests.support.command import run
from tests.support.computed import by_libreoffice, by_refundbook, differences
from tests.support.office import recalculated, sheet_values
from tests.support.samples import TODAY, load, sample_at
from tests.support.validators import audit_findings, new_findings, own_findings, sdk_findings
from tests.support.zips import MAIN_NS, Parcel

pytestmark = pytest.mark.slow

LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))
DATA = Path(__file__).parent / "data"
FEW, MANY = DATA / "tracker-0.1.0.xlsx", DATA / "tracker-0.1.0-many.xlsx"
"""What `append` of 0.1.0 made of its template: with two cases, and with 201, for which its Tracker holds values."""
SIZES = ["old", *(["whole"] if LONG else [])]
"""With few formulas, and with all."""
OWN = (READ_ME, TRACKER, INSIGHTS, CALCULATION)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return Path(shutil.copyfile(FEW, tmp_path / "tracker.xlsx"))


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The workbook of 0.1.0, its template and today's with a Tracker of ten rows and a hidden sheet of twenty: the same
    formulas, in a tenth of the time.
    """
    folder = tmp_path_factory.mktemp("templates")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calculation, "ROWS", {"Cases": 21, "Communications": 21, "Resolutions": 21})
        made = {"old": FEW.read_bytes(), "released": released()[0], "new": build()}
    return {name: with_few_rows(data, folder / "few.xlsx") for name, data in made.items()}


def with_few_rows(data: bytes, path: Path) -> bytes:
    path.write_bytes(data)
    parcel = Parcel(path)
    parcel.rewrite(parcel.sheet(TRACKER), lambda xml: re.sub(r'<row r="12".*(?=<row r="202")', "", xml))
    return parcel.save(path).read_bytes()


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, templates: dict[str, bytes]) -> Path:
    monkeypatch.setattr(renewal, "released", lambda: [templates["released"]])
    monkeypatch.setattr(renewal, "template_bytes", lambda: templates["new"])
    (tmp_path / "tracker.xlsx").write_bytes(templates["old"])
    return tmp_path / "tracker.xlsx"


def upgraded(path: Path, *, audit: bool = LONG) -> Upgraded:
    """Upgrade a workbook; what comes of it is sound, and the second time there is nothing to do."""
    before = path.with_name("before.xlsx")
    shutil.copyfile(path, before)
    records = load(path).records
    done = upgrading.upgrade(path, today=TODAY)
    assert [log.columns for log in load(path).records.logs] == [log.columns for log in records.logs]
    found = new_findings(before, path, (own_findings, audit_findings) if audit else (own_findings,))
    assert [finding for finding in found if UNSHARED not in finding] == []
    data = path.read_bytes()
    again = upgrading.upgrade(path, today=TODAY)
    assert (again.added, again.renewed, again.left) == ((), (), done.left)
    assert path.read_bytes() == data
    return done


def sheets_of(data: bytes, *names: str) -> dict[str, tuple[dict[Address, object], set[object]]]:
    """What the sheets hold and how they look, results aside."""
    book = Book(Package(data))
    found = {}
    for name in names:
        sheet = book.sheet(name)
        assert sheet is not None, name
        cells: dict[Address, object] = {at: (cell.held, sheet.look(at)) for at, cell in sheet.cells.items()}
        rules: set[object] = {
            rule.means() for rule in (*conditions(sheet.frame, book.formats), *validations(sheet.frame))
        }
        found[name] = (cells, rules)
    return found


def renewed(done: Upgraded) -> list[str]:
    return [one.sheet for one in done.renewed]


@pytest.mark.parametrize("size", SIZES)
def test_what_0_1_0_made_becomes_what_the_template_is_today(request: pytest.FixtureRequest, size: str) -> None:
    """The hidden sheet, its names and formulas, the looks and checks: the same as in a new workbook."""
    old: Path = request.getfixturevalue(size)
    done = upgraded(old)
    template = request.getfixturevalue("templates")["new"] if size == "old" else template_bytes()
    assert done.left == ()
    assert sorted(renewed(done)) == sorted((*OWN, *(sheet.name for sheet in SHEETS), SETTINGS))
    assert sheets_of(old.read_bytes(), *OWN) == sheets_of(template, *OWN)
    book, new = openpyxl.load_workbook(old), openpyxl.load_workbook(io.BytesIO(template))
    assert {name: there.value for name, there in book.defined_names.items()} == {
        name: there.value for name, there in new.defined_names.items()
    }
    assert book[CALCULATION].sheet_state == "hidden"
    for log in SHEETS:
        assert rules_by_header(book[log.name]) == rules_by_header(new[log.name])
        assert [book[log.name].cell(1, column).fill.start_color.rgb for column in (1, 2)] == [
            new[log.name].cell(1, column).fill.start_color.rgb for column in (1, 2)
        ]
    lines = [book[SETTINGS].cell(5 + at, 1).value for at in range(len(SETTING_LINES))]
    assert lines == [line.label for line in SETTING_LINES]
    assert load(old).settings == load(sample_at(old.with_name("new.xlsx"))).settings


def rules_by_header(sheet: Worksheet) -> set[tuple[object, ...]]:
    """The conditional formats and validations of a log, with the headers of the columns that they are for."""
    header = {get_column_letter(column): cell.value for column, cell in enumerate(sheet[1], 1)}
    letters = re.compile(r"\$?\b([A-Z]{1,2})(?=\$?\d)")

    def told(formula: str | None) -> str:
        return letters.sub(lambda match: f"[{header.get(match[1], match[1])}]", formula or "")

    found: set[tuple[object, ...]] = set()
    for cells in sheet.conditional_formatting:
        for rule in cells.rules:
            found.add((told(str(cells.sqref)), told(rule.formula[0]), rule.dxf.numFmt.formatCode))
    for check in sheet.data_validations.dataValidation:
        found.add((told(str(check.sqref)), check.type, told(check.formula1), told(check.formula2), check.prompt))
    return found


@pytest.mark.sdk
def test_microsofts_validator_finds_nothing_in_it(whole: Path) -> None:
    assert run("upgrade", book=whole).code == 0
    assert sdk_findings(whole) == []


@pytest.mark.libreoffice
@pytest.mark.parametrize("size", SIZES)
def test_tracker_and_insights_then_compute_what_the_command_answers(
    request: pytest.FixtureRequest, tmp_path: Path, size: str
) -> None:
    path: Path = request.getfixturevalue(size)
    assert run("upgrade", book=path).code == 0
    (shown,) = by_libreoffice([path], tmp_path / "computed")
    assert differences(shown, by_refundbook(path)) == []


def test_restore_brings_the_workbook_back_as_it_was(old: Path) -> None:
    data = old.read_bytes()
    assert run("upgrade", book=old).code == 0
    assert old.read_bytes() != data
    assert run("restore", "1", book=old).code == 0
    assert old.read_bytes() == data


def test_every_part_that_is_not_renewed_is_as_it_was(old: Path) -> None:
    before = Path(shutil.copyfile(old, old.with_name("before.xlsx")))
    upgraded(old)
    assert packages.recompressed_members(before, old) == set()
    kept = packages.parts(before).keys() - packages.changed_parts(before, old)
    assert {"xl/theme/theme1.xml", "docProps/core.xml", "xl/sharedStrings.xml"} <= kept


def test_a_dry_run_tells_all_of_it_and_writes_nothing(old: Path) -> None:
    data = old.read_bytes()
    ran = run("upgrade", "--dry-run", book=old)
    assert "Would renew Tracker: its texts, formulas and formats." in ran.out
    assert (
        "Would renew Settings: the lines Keep a history, Your e-mail addresses, Support's e-mail addresses." in ran.out
    )
    assert old.read_bytes() == data
    did = run("upgrade", "--json", book=old).json
    told = [f"Would renew {one['sheet']}: {one['what']}." for one in did["renewed"]]
    assert [line for line in ran.out.splitlines() if line.startswith("Would renew")] == told


@pytest.mark.parametrize("form", ["of today", *(["of 0.1.0"] if LONG else [])])
def test_a_tracker_that_holds_values_is_live_afterwards(tmp_path: Path, form: str) -> None:
    """As 0.1.0 left it, with a word below its rows; and as a later refundbook did, with a row above its headers."""
    path = Path(shutil.copyfile(MANY, tmp_path / "tracker.xlsx"))
    if form == "of today":
        with load(path) as book:
            book.append_resolution("GTB-780002", status="Pending")
        assert str(sheet_values(path, TRACKER)[0][0]).startswith(NOT_LIVE)
    done = upgraded(path)
    assert TRACKER in renewed(done)
    assert (done.left, done.said) == ((), "")
    held = sheets_of(path.read_bytes(), TRACKER)[TRACKER]
    assert held == sheets_of(template_bytes(), TRACKER)[TRACKER]
    shown = [str(row[0]) for row in sheet_values(path, TRACKER)]
    # The open ones first, the latest of them on top.
    assert shown[:2] == [TRACKER_HEADERS[0], "GTB-780201"]
    if form == "of today":
        assert run("append", "case", "GTB-780300", "--opened", "2023-11-01", book=path).code == 0
        assert upgrading.upgrade(path, today=TODAY) == ((), (), (), None, "")


def test_a_tracker_that_was_left_shows_no_window_that_its_formulas_do_not_know(whole: Path) -> None:
    """Beside it stand the names of today's, by which others tell which cases they show."""
    parcel = Parcel(whole)
    parcel.rewrite(
        parcel.sheet(TRACKER),
        lambda xml: re.sub(r'<c r="C3".*?</c>', '<c r="C3" t="inlineStr"><is><t>mine</t></is></c>', xml),
    )
    parcel.save(whole)
    assert [left.cells for left in upgrading.upgrade(whole, today=TODAY).left] == ["C3"]
    with load(whole) as book:
        book.append_many([("case", {"number": f"GTB-{800000 + k}", "opened": "2023-11-01"}) for k in range(199)])
    assert str(sheet_values(whole, TRACKER)[0][0]).startswith(NOT_LIVE)


def test_one_whose_columns_were_added_already_gets_the_rest(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the first upgrades of 0.2.0 did it."""
    with monkeypatch.context() as only:
        only.setattr(upgrading, "renew", lambda *_: renew.Renewal(None, (), ()))
        assert upgrading.upgrade(old, today=TODAY).added != ()
    done = upgraded(old)
    assert done.added == ()
    assert {*OWN, SETTINGS, "Cases"} <= {*renewed(done)}
    assert done.left == ()


def test_a_new_workbook_has_nothing_to_be_renewed_whatever_its_people_did(
    old: Path, templates: dict[str, bytes]
) -> None:
    path = old
    path.write_bytes(templates["new"])
    book = openpyxl.load_workbook(path)
    book[TRACKER]["C3"] = "mine"
    book[INSIGHTS]["B2"] = "Our shop"
    book[READ_ME]["B30"] = "Ask Ana."
    book.save(path)
    assert upgraded(path) == ((), (), (), None, "")


def test_a_new_workbook_whose_tracker_holds_values_has_nothing_to_be_renewed(
    old: Path, templates: dict[str, bytes]
) -> None:
    """It holds no formula to tell it by."""
    old.write_bytes(templates["new"])
    with load(old) as book:
        book.append_many([("case", {"number": f"GTB-{800000 + k}", "opened": "2023-11-01"}) for k in range(21)])
    assert str(sheet_values(old, TRACKER)[0][0]).startswith(NOT_LIVE)
    assert upgraded(old) == ((), (), (), None, "")


def test_an_order_of_calculation_that_names_cells_without_a_formula_goes(old: Path) -> None:
    """Excel takes one for damage, and makes a new one where there is none."""
    parcel = Parcel(old)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    chain = f'<calcChain xmlns="{MAIN_NS}"><c r="A2" i="2"/></calcChain>'
    parcel.relate("xl/workbook.xml", "calcChain", parcel.add("xl/calcChain.xml", chain, kind))
    parcel.save(old)
    upgraded(old)
    parts = packages.parts(old)
    assert "xl/calcChain.xml" not in parts
    assert b"calcChain" not in parts["[Content_Types].xml"] + parts["xl/_rels/workbook.xml.rels"]


# What people did


def edited(path: Path, change: Callable[[openpyxl.Workbook], None]) -> Path:
    """The workbook after somebody worked on it with another program."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


RED = PatternFill("solid", start_color="FFCC0000")


def own_rule(value: str) -> Rule:
    return Rule(type="cellIs", operator="equal", formula=[value], dxf=DifferentialStyle(fill=RED))


def colour_and_extend(book: openpyxl.Workbook) -> None:
    tracker, cases = book[TRACKER], book["Cases"]
    for row in (2, 3):
        tracker.cell(row, 3).fill = RED
        tracker.cell(row, 3).font = Font(name="Arial", size=14)
    tracker["M2"], tracker["M3"] = "call her", "=LEN(C3)"
    tracker.column_dimensions["C"].width = 120
    tracker.row_dimensions[3].height = 90
    tracker.sheet_properties.tabColor = "00FF00"
    tracker.conditional_formatting.add("B2:B9", own_rule("1"))
    book[READ_ME]["B40"] = "Ask Ana first."
    book[INSIGHTS]["K9"] = "=SUM(D5:E5)"
    cases.conditional_formatting.add("G2:G99", own_rule('"Zoë"'))
    first, second = ([cell.value for cell in cases[row]] for row in (2, 3))
    for column, values in enumerate(zip(second, first, strict=True), 1):
        cases.cell(2, column).value, cases.cell(3, column).value = values
    cases["P2"], cases["P3"] = "North", "South"
    cases["A2"].fill = RED
    book.create_sheet("Mine")["A1"] = "=Tracker!C2&Cases!A2"
    book[SETTINGS]["B5"] = "Europe/Berlin"


def test_what_people_coloured_sorted_and_added_is_there_afterwards(old: Path) -> None:
    choice = ("add-column", "Warehouse", "--on", "cases", "--kind", "choice", "--values", "North,South")
    assert run(*choice, book=old).code == 0
    done = upgraded(edited(old, colour_and_extend), audit=True)
    assert done.left == ()
    assert load(old).cases.index.tolist() == ["PP-R-ABC-1", "GTB-789012"]
    assert load(old).cases["Warehouse"].tolist() == ["North", "South"]
    own = [check for check in openpyxl.load_workbook(old)["Cases"].data_validations.dataValidation if check.formula1 == '"North,South"']  # fmt: skip
    assert [str(check.sqref)[0] for check in own] == ["P"]
    assert {*OWN, SETTINGS} <= {*renewed(done)}
    book = openpyxl.load_workbook(old)
    tracker = book[TRACKER]
    assert "TrackerCase" in str(tracker["C2"].value.text)
    assert [tracker.cell(row, 3).fill.start_color.rgb for row in (2, 3, 4)] == ["FFCC0000", "FFCC0000", "00000000"]
    assert (tracker["C2"].font.size, tracker["C3"].font.size, tracker["C4"].font.size) == (14, 14, 10)
    assert (tracker["M2"].value, tracker["M3"].value) == ("call her", "=LEN(C3)")
    assert (tracker.column_dimensions["C"].width, tracker.row_dimensions[3].height) == (120, 90)
    assert tracker.sheet_properties.tabColor is not None
    assert tracker.sheet_properties.tabColor.rgb == "0000FF00"
    assert "B2:B9" in {str(cells.sqref) for cells in tracker.conditional_formatting}
    assert (book[READ_ME]["B40"].value, book[INSIGHTS]["K9"].value) == ("Ask Ana first.", "=SUM(D5:E5)")
    assert "G2:G99" in {str(cells.sqref) for cells in book["Cases"].conditional_formatting}
    assert book["Cases"]["A2"].fill.start_color.rgb == "FFCC0000"
    assert book["Mine"]["A1"].value == "=Tracker!C2&Cases!A2"
    assert load(old).settings.time_zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("colour", "says"),
    [("", '"duplicate "@'), ("00FFCC00", '@" – duplicate"')],
    ids=["as made", "coloured by a person"],
)
def test_a_format_that_has_other_words_takes_the_place_of_the_one_before(old: Path, colour: str, says: str) -> None:
    """In the look of the one before, words and all, where a person gave it one."""

    def change(book: openpyxl.Workbook) -> None:
        for _, look in _formats_of_number(book):
            look.fill = PatternFill(bgColor=colour)

    done = upgraded(edited(old, change) if colour else old)
    ((formula, look),) = _formats_of_number(openpyxl.load_workbook(old))
    assert look.numFmt is not None
    assert look.numFmt.formatCode == says
    assert "CaseTimes" in formula
    assert done.left == ()


def _formats_of_number(book: openpyxl.Workbook) -> list[tuple[str, DifferentialStyle]]:
    found = book["Cases"].conditional_formatting
    rules = [rule for cells in found if str(cells.sqref).startswith("A") for rule in cells.rules]
    return [(rule.formula[0], rule.dxf) for rule in rules if rule.dxf is not None]


def test_a_sheet_with_a_cell_that_somebody_changed_is_left_and_named(old: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book[TRACKER]["C3"] = "Waits for the parcel"
        book[READ_ME]["C10"] = "Where every case stands: look here first!"
        book[READ_ME]["B18"] = "Dark headings: fill in!"

    edited(old, change)
    before = sheets_of(old.read_bytes(), TRACKER, READ_ME)
    done = upgraded(old)
    assert [(left.sheet, left.cells) for left in done.left] == [(READ_ME, "C10"), (TRACKER, "C3")]
    assert sheets_of(old.read_bytes(), TRACKER, READ_ME) == before
    assert {INSIGHTS, CALCULATION, "Cases"} <= {*renewed(done)}
    said = run("upgrade", "--dry-run", book=old).out
    assert "Left as it is: Tracker C3: changed by hand; `refundbook upgrade --renew Tracker` makes it today's" in said


@pytest.mark.parametrize("taken_away", [True, False])
def test_a_sheet_that_is_wanted_becomes_todays_all_the_same(
    old: Path, templates: dict[str, bytes], *, taken_away: bool
) -> None:
    """What a person wrote where no version has anything stays."""

    def change(book: openpyxl.Workbook) -> None:
        if taken_away:
            book.remove(book[TRACKER])
        else:
            book[TRACKER]["C3"], book[TRACKER]["Z3"] = "Waits for the parcel", "call her"

    edited(old, change)
    assert run("upgrade", "--renew", TRACKER, book=old).code == 0
    now, new = (sheets_of(data, TRACKER)[TRACKER] for data in (old.read_bytes(), templates["new"]))
    assert new[1] == now[1]
    assert {at: held for at, held in now[0].items() if at != (3, 26)} == new[0]
    book = openpyxl.load_workbook(old)
    assert book[TRACKER]["Z3"].value == (None if taken_away else "call her")
    # Of two sheets that are selected, Excel changes both at once.
    assert [sheet.title for sheet in book.worksheets if sheet.sheet_view.tabSelected] == [TRACKER][taken_away:]
    assert own_findings(old) == []


def test_a_sheet_that_is_none_of_refundbooks_own_is_refused(old: Path) -> None:
    ran = run("upgrade", "--renew", "Cases", book=old)
    assert (ran.code, "Read Me, Tracker, Insights" in ran.err) == (2, True)


def with_part(data: bytes, path: Path, sheet: str, kind: str, change: Callable[[str], str]) -> bytes:
    """A workbook with another text in a sheet, or in the first chart of it."""
    path.write_bytes(data)
    parcel = Parcel(path)
    part = parcel.sheet(sheet)
    if kind == "chart":
        part = parcel.related(parcel.related(part, "drawing")[0], "chart")[0]
    parcel.rewrite(part, change)
    return parcel.save(path).read_bytes()


def moved(xml: str) -> str:
    return xml.replace("$B$69:$B$80", "$B$70:$B$80")


@pytest.mark.parametrize("changed", ["", "its look", "its cells"])
def test_charts_that_are_made_otherwise_come_too_unless_somebody_changed_them(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, templates: dict[str, bytes], changed: str
) -> None:
    newer = with_part(templates["new"], tmp_path / "newer.xlsx", INSIGHTS, "chart", moved)
    monkeypatch.setattr(renewal, "template_bytes", lambda: newer)
    own = {"its look": ("Cases opened per month", "Ours"), "its cells": ("$C$69:$C$80", "$C$69:$C$75")}.get(changed)
    if own:
        old.write_bytes(with_part(old.read_bytes(), old, INSIGHTS, "chart", lambda xml: xml.replace(*own)))
    parcel = Parcel(old)
    chart = parcel.related(parcel.related(parcel.sheet(INSIGHTS), "drawing")[0], "chart")[0]
    colours = parcel.add("xl/charts/colors1.xml", "<colors/>", "application/vnd.ms-office.chartcolorstyle+xml")
    parcel.relate(chart, "chartColorStyle", colours)
    parcel.save(old)
    done = upgraded(old, audit=not changed)
    # What only an old chart leads to goes with it.
    assert (colours in packages.parts(old)) == bool(changed)
    assert [left.sheet for left in done.left] == ([INSIGHTS] if changed else [])
    (sheet,) = [book.sheet(INSIGHTS) for book in [Book(Package(old.read_bytes()))]]
    assert sheet is not None
    shown = references(sheet)
    assert len(shown) == 7
    assert ("$B$70:$B$80" in str(shown)) == (not changed)


def test_how_a_log_is_printed_becomes_todays_where_nobody_set_it_up(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, templates: dict[str, bytes]
) -> None:
    def wider(xml: str) -> str:
        return re.sub(r'<pageMargins left="[^"]*"', '<pageMargins left="0.31"', xml)

    newer = with_part(templates["new"], tmp_path / "newer.xlsx", "Cases", "sheet", wider)
    monkeypatch.setattr(renewal, "template_bytes", lambda: newer)

    def change(book: openpyxl.Workbook) -> None:
        book["Cases"].page_margins.top = 2

    upgraded(edited(old, change))
    margins = openpyxl.load_workbook(old)["Cases"].page_margins
    assert (margins.left, margins.top) == (0.31, 2)


def test_a_workbook_without_formats_gets_columns_only(tmp_path: Path) -> None:
    """One without cases: without a format no number is a date."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(released()[0])
    parcel = Parcel(path)
    del parcel.parts["xl/styles.xml"]
    for part in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        parcel.rewrite(part, lambda xml: re.sub(r"<(Relationship|Override) [^>]*styles[^>]*/>", "", xml))
    parcel.save(path)
    done = upgrading.upgrade(path, today=TODAY)
    assert (len(done.added), done.renewed, len(done.left)) == (3, (), 1)


def test_a_sheet_that_was_taken_away_is_not_brought_back(old: Path) -> None:
    done = upgraded(edited(old, lambda book: book.remove(book[TRACKER])))
    assert [left.sheet for left in done.left] == [TRACKER]
    assert {INSIGHTS, CALCULATION, "Cases"} <= {*renewed(done)}
    assert TRACKER not in openpyxl.load_workbook(old).sheetnames


def test_checks_and_formats_of_ones_own_stay_and_are_named(old: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        cases = book["Cases"]
        at = {str(check.sqref): check for check in cases.data_validations.dataValidation}
        at["A2:A1048576"].formula1 = "LEN(A2)>3"
        at["F2:F1048576"].sqref = "F2:F50 F52:F90"
        for cells in cases.conditional_formatting:
            for rule in cells.rules:
                if "no reply" in str(rule.dxf.numFmt and rule.dxf.numFmt.formatCode):
                    rule.dxf.font = Font(color="00123456")
                if "duplicate" in str(rule.dxf.numFmt and rule.dxf.numFmt.formatCode):
                    rule.formula = ["LEN($A2)<3"]

    done = upgraded(edited(old, change))
    assert [(left.sheet, left.cells, left.why) for left in done.left] == [
        ("Cases", "A2:A1048576", "the conditional format of Case Number was changed by hand"),
        ("Cases", "A2:A1048576", "the validation of Case Number was changed by hand"),
    ]
    cases = openpyxl.load_workbook(old)["Cases"]
    checks = {str(check.sqref): check.formula1 for check in cases.data_validations.dataValidation}
    assert checks["A2:A1048576"] == "LEN(A2)>3"
    assert "EXACT" in str(checks["F2:F50 F52:F90"])
    looks = {rule.formula[0]: rule.dxf for cells in cases.conditional_formatting for rule in cells.rules}
    assert "LEN($A2)<3" in looks
    (waits,) = [look for formula, look in looks.items() if "CaseUnanswered" in formula]
    assert waits.font.color.rgb == "00123456"


def test_columns_of_ones_own_and_in_another_order_are_no_hindrance(old: Path) -> None:
    """Formulas of checks and formats name the columns where they stand."""
    parcel = Parcel(old)
    sheet, table = parcel.sheet("Cases"), parcel.table("Cases")
    swap = {"B": "C", "C": "B"}
    parcel.rewrite(sheet, lambda xml: re.sub(r'(?<=[" (,$:])([BC])(?=\$?\d)', lambda match: swap[match[1]], xml))
    parcel.rewrite(sheet, in_order_of_columns)
    parcel.rewrite(table, lambda xml: xml.replace('"Issuer"', '"?"').replace('"Date Opened"', '"Issuer"').replace('"?"', '"Date Opened"'))  # fmt: skip
    parcel.save(old)
    assert upgraded(old).left == ()
    book = openpyxl.load_workbook(old)["Cases"]
    assert [book.cell(1, column).value for column in (1, 2, 3)] == ["Case Number", "Date Opened", "Issuer"]
    opened = {str(cells.sqref): cells.rules for cells in book.conditional_formatting}
    assert {"$B2" in rule.formula[0] for rule in opened["B2:B1048576"]} == {True}
    assert formula_of(book, "Answered On") == "MAX(DATE(2000,1,1),INT(N(B2)))"


def formula_of(sheet: Worksheet, header: str) -> str:
    """The first formula of the validation of a column."""
    (letter,) = [get_column_letter(column) for column, cell in enumerate(sheet[1], 1) if cell.value == header]
    checks: dict[str, str] = {str(check.sqref): check.formula1 for check in sheet.data_validations.dataValidation}
    return checks[f"{letter}2:{letter}1048576"]


def in_order_of_columns(xml: str) -> str:
    """Cells B and C of each row in order again, after they changed places."""
    return re.sub(r'(<c r="C\d+"(?:(?!</c>).)*</c>)(<c r="B\d+"(?:(?!</c>).)*</c>)', r"\2\1", xml)


def test_a_name_that_means_something_else_today_and_is_still_used_keeps_new_formulas_out(old: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.create_sheet("Mine")["A1"] = "=COUNTA(MessageCases)"

    done = upgraded(edited(old, change))
    (left,) = done.left
    assert (left.sheet, "the name MessageCases" in left.why) == ("Mine", True)
    assert {*renewed(done)} & {TRACKER, INSIGHTS, CALCULATION} == set()
    assert {READ_ME, SETTINGS} <= {*renewed(done)}
    assert openpyxl.load_workbook(old).defined_names["MessageCases"].value == "Communications[Case Number]"


@pytest.mark.parametrize("taken", ["name", "sheet", "table"])
def test_what_stands_where_the_hidden_sheet_goes_keeps_it_out(old: Path, taken: str) -> None:
    def change(book: openpyxl.Workbook) -> None:
        if taken == "name":
            book.defined_names["CurrentDay"] = DefinedName("CurrentDay", attr_text="7")
        elif taken == "sheet":
            book.create_sheet(CALCULATION)["A1"] = 7

    edited(old, change)
    if taken == "table":
        parcel = Parcel(old)
        parcel.rewrite(parcel.table("Issuers"), lambda xml: xml.replace('"Issuers"', '"Who"'))
        parcel.save(old)
    done = upgraded(old)
    assert len(done.left) == 1
    assert {*renewed(done)} & {TRACKER, INSIGHTS, CALCULATION} == set()
    assert {READ_ME, SETTINGS} <= {*renewed(done)}


def with_formula(book: openpyxl.Workbook) -> None:
    book[SETTINGS]["A30"] = "=1+1"


def named_elsewhere(book: openpyxl.Workbook) -> None:
    book.create_sheet("Mine")["A1"] = "=Settings!A12"


def without_heading(book: openpyxl.Workbook) -> None:
    book[SETTINGS]["A4"] = "What"


@pytest.mark.parametrize("change", [with_formula, named_elsewhere])
def test_settings_that_cannot_take_lines_are_left_and_named(
    old: Path, change: Callable[[openpyxl.Workbook], None]
) -> None:
    done = upgraded(edited(old, change))
    assert [left.sheet for left in done.left] == [SETTINGS]
    assert SETTINGS not in renewed(done)


def test_settings_keep_what_people_put_into_them(old: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book[SETTINGS]
        sheet["B7"], sheet["E20"], sheet["A16"] = 24, "Lost", "Our bank"
        sheet["A25"] = "A note"
        sheet.tables["Reasons"].ref = "E11:E20"

    edited(old, change)
    upgraded(old)
    settings = load(old).settings
    assert settings.response_target == 24
    assert settings.lists["Reasons"][-1] == "Lost"
    assert [issuer.name for issuer in settings.issuers][-1] == "Our bank"
    book = openpyxl.load_workbook(old)
    assert book[SETTINGS]["A28"].value == "A note"
    assert book[SETTINGS].tables["Reasons"].ref == "E14:E23"
    checks = {check.promptTitle: str(check.sqref) for check in book[SETTINGS].data_validations.dataValidation}
    assert checks["Keep a history"] == "B9"


@pytest.mark.libreoffice
def test_one_that_libreoffice_saved_is_known_all_the_same(old: Path, tmp_path: Path) -> None:
    """It spells formulas, formats and array formulas in its own way."""
    saved = recalculated(old, tmp_path / "saved", drop_cached=False)
    done = upgraded(saved)
    assert done.left == ()
    assert {*OWN, SETTINGS, "Cases"} <= {*renewed(done)}
    if LONG:
        (shown,) = by_libreoffice([saved], tmp_path / "computed")
        assert differences(shown, by_refundbook(saved)) == []


def test_the_templates_of_releases_are_as_they_were_released() -> None:
    """Nobody makes them anew: what a person changed is told by them."""
    parts = Package(released()[0]).parts
    assert "xl/worksheets/sheet7.xml" in parts
    assert "xl/worksheets/sheet8.xml" not in parts


def test_each_rule_of_the_template_is_known_by_its_column_and_what_it_says() -> None:
    """So that a workbook's can be told from those of its people."""
    book = Book(Package(template_bytes()))
    for log in SHEETS:
        sheet = book.sheet(log.name)
        assert sheet is not None
        formats = [(rule.sqref, rule.look[0]) for rule in conditions(sheet.frame, book.formats)]
        checks = [rule.sqref for rule in validations(sheet.frame)]
        assert len(formats) == len({*formats})
        assert len(checks) == len({*checks}) == len(log.columns)
