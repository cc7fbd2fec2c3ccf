"""The blank workbook: a good Excel file in its own right, and the one that the code makes."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from refundbook.base.live_bounds import CALCULATION, more_cases
from refundbook.base.schema import (
    CASES,
    COMMUNICATIONS,
    INSIGHTS,
    READ_ME,
    RESOLUTIONS,
    SETTINGS,
    SHEETS,
    TRACKER,
    TRACKER_HEADERS,
    TRACKER_WORKING_HEADERS,
    Column,
    Kind,
    Sheet,
)
from refundbook.base.settings import ISSUER_HEADERS, LIST_HEADERS, SETTING_HEADERS, SETTING_LINES, Settings
from refundbook.template import build, style
from refundbook.template.charts import SERIES_COLOURS
from refundbook.template.tracker import FIRST_ROW, NOTE_ROW, TRACKER_LIVE_ROWS, tracker_formulas, working_formulas
from refundbook.xlsx.writing.row_height import lines
from tests.support.books import SAMPLE, SAMPLE_TRACKER, TEMPLATE, Row, blank, filled
from tests.support.office import error_cells, recalculated, sheet_values
from tests.support.validators import audit_findings, sdk_findings

pytestmark = pytest.mark.slow

LAST_ROW = 1_048_576
COLUMNS = [
    pytest.param(sheet, column, id=f"{sheet.name}-{column.name}") for sheet in SHEETS for column in sheet.columns
]


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    return _parts(TEMPLATE.read_bytes())


@pytest.fixture(scope="module")
def book() -> Workbook:
    return openpyxl.load_workbook(TEMPLATE)


def _letter(sheet: Sheet, column: Column) -> str:
    return openpyxl.utils.get_column_letter(sheet.columns.index(column) + 1)


def _validation(book: Workbook, sheet: Sheet, name: str) -> Any:
    cells = f"{_letter(sheet, sheet[name])}2:{_letter(sheet, sheet[name])}{LAST_ROW}"
    (found,) = [v for v in book[sheet.name].data_validations.dataValidation if str(v.sqref) == cells]
    return found


def _alerts(book: Workbook, sheet: Sheet, name: str) -> list[Any]:
    cells = f"{_letter(sheet, sheet[name])}2:{_letter(sheet, sheet[name])}{LAST_ROW}"
    return [
        rule
        for ranges in book[sheet.name].conditional_formatting
        if str(ranges.sqref) == cells
        for rule in ranges.rules
    ]


def _shown_as(book: Workbook, sheet: Sheet, name: str) -> list[str]:
    return [rule.dxf.numFmt.formatCode for rule in _alerts(book, sheet, name)]


def _formulas(parts: dict[str, bytes]) -> Iterator[str]:
    """Every formula: of cells, validations, conditional formats and names."""
    for name, data in parts.items():
        if name.startswith("xl/worksheets/sheet") or name == "xl/workbook.xml":
            yield from re.findall(r"<(?:f|formula\d?|definedName)\b[^>]*>([^<]*)</", data.decode())


# What the code makes


def test_the_file_in_the_repository_is_what_the_code_makes(parts: dict[str, bytes]) -> None:
    made = _parts(build())
    assert list(parts) == list(made), "Run: python -m refundbook.template templates/tracker.xlsx"
    for name in made:
        assert parts[name] == made[name], f"{name} differs. Run: python -m refundbook.template templates/tracker.xlsx"


def test_building_twice_gives_the_same_bytes() -> None:
    assert build() == build()


def test_another_process_builds_the_same_workbook(tmp_path: Path) -> None:
    target = tmp_path / "made.xlsx"
    subprocess.run(
        [sys.executable, "-m", "refundbook.template", str(target)],
        check=True,
        env={"PYTHONHASHSEED": "7", "PYTHONPATH": str(TEMPLATE.parents[1])},
    )
    assert target.read_bytes() == build()


def test_no_time_of_making_is_in_the_file() -> None:
    with zipfile.ZipFile(TEMPLATE) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", package.read("docProps/core.xml"))) == {
            b"2024-01-01T00:00:00Z"
        }


def test_openxml_audit_finds_nothing() -> None:
    assert audit_findings(TEMPLATE) == []


@pytest.mark.sdk
def test_the_open_xml_sdk_finds_nothing() -> None:
    assert sdk_findings(TEMPLATE) == []


# Sheets and tables


def test_the_sheets_stand_in_order_and_the_tracker_is_in_front(book: Workbook) -> None:
    seen = [READ_ME, TRACKER, "Cases", "Communications", "Resolutions", INSIGHTS, SETTINGS]
    assert book.sheetnames == [*seen, CALCULATION]
    assert [page.title for page in book.worksheets if page.sheet_state == "visible"] == seen
    assert book.active is not None
    assert book.active.title == TRACKER


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_pillar_is_one_table_with_a_header_and_one_blank_row(book: Workbook, sheet: Sheet) -> None:
    page = book[sheet.name]
    assert list(page.tables) == [sheet.name]
    table = page.tables[sheet.name]
    assert table.ref == f"A1:{_letter(sheet, sheet.columns[-1])}2"
    assert table.tableStyleInfo.name == style.TABLE_STYLE
    headers = [column.header for column in sheet.columns]
    assert [cell.value for cell in page[1]] == headers
    assert [column.name for column in table.tableColumns] == headers
    assert {cell.value for cell in page[2]} == {None}


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_a_column_has_its_width_and_format_for_rows_to_come(book: Workbook, sheet: Sheet, column: Column) -> None:
    page = book[sheet.name]
    whole, cell = page.column_dimensions[_letter(sheet, column)], page[f"{_letter(sheet, column)}2"]
    code = {
        Kind.IDENTIFIER: "@",
        Kind.DATE: "yyyy-mm-dd",
        Kind.MOMENT: "yyyy-mm-dd",
        Kind.MONEY: "#,##0.00",
        Kind.WHOLE: "0",
    }.get(column.kind, "General")
    assert whole.width == column.width
    for styled in (whole, cell):
        assert styled.number_format == code
        assert styled.alignment.vertical == "top"
        assert styled.font.name == style.FONT
    if column.kind is Kind.LONG_TEXT:
        assert whole.alignment.wrap_text
        assert cell.alignment.wrap_text


@pytest.mark.parametrize("sheet", [TRACKER, *(sheet.name for sheet in SHEETS)])
def test_the_header_stays_in_sight_and_heads_every_printed_page(book: Workbook, sheet: str) -> None:
    page = book[sheet]
    assert page.freeze_panes in ("B2", "C2")
    assert page.print_title_rows == "$1:$1"


def test_every_sheet_prints_landscape_on_one_page_s_width_with_page_numbers(book: Workbook) -> None:
    for page in book.worksheets:
        assert page.page_setup.orientation == "landscape"
        if page.title == INSIGHTS:
            assert (page.page_setup.scale, len(page.row_breaks.brk)) == (90, 2)
        else:
            assert page.sheet_properties.pageSetUpPr is not None
            assert page.sheet_properties.pageSetUpPr.fitToPage
            assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
        assert page.oddFooter is not None
        assert page.oddFooter.center.text == "Page &P of &N"


def test_one_font_throughout(parts: dict[str, bytes]) -> None:
    assert set(re.findall(rb'<name val="([^"]*)"', parts["xl/styles.xml"])) == {style.FONT.encode()}


def test_headings_and_captions_are_legible(book: Workbook) -> None:
    """A contrast of 4.5 : 1 at least (WCAG 2.1, 1.4.3)."""
    pairs = {style.ALARM, style.NOTICE}
    for page in book.worksheets:
        for row in page.iter_rows(max_row=120):
            for cell in row:
                if cell.value is not None and cell.font.color is not None:
                    ground = cell.fill.fgColor.rgb[2:] if cell.fill.fill_type == "solid" else style.WHITE
                    pairs.add((cell.font.color.rgb[2:], ground))
    assert len(pairs) > 5
    assert {pair: _contrast(*pair) for pair in pairs if _contrast(*pair) < 4.5} == {}


def test_the_bars_of_a_chart_differ_in_grey_print() -> None:
    for one, other in pairwise(map(_luminance, SERIES_COLOURS)):
        assert (other + 0.05) / (one + 0.05) >= 1.7


def _contrast(one: str, other: str) -> float:
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_cell_that_an_older_excel_cannot_compute_says_so_and_nothing_false(book: Workbook) -> None:
    """Excel before 2019 has no TEXTJOIN: it gives an error there, as a text that is too long does."""
    summary = tracker_formulas(FIRST_ROW)[2]
    assert 'IF(ISERROR(_xlfn.TEXTJOIN("",TRUE,"")),"Excel 2019 or later shows this: run refundbook show "' in summary
    assert any("Excel 2019 and later" in str(row[1].value) for row in book[READ_ME].iter_rows(max_col=3))


def test_settings_hold_the_defaults_in_a_table_each(book: Workbook) -> None:
    page, defaults = book[SETTINGS], Settings()

    def rows(name: str) -> list[tuple[object, ...]]:
        return [tuple(cell.value for cell in row) for row in page[page.tables[name].ref]]

    assert rows(SETTINGS) == [
        SETTING_HEADERS,
        *(
            (line.label, value, line.help)
            for line, value in zip(SETTING_LINES, (None, "Refuse", 48, "On", "On", None, None), strict=True)
        ),
    ]
    assert rows("Issuers") == [
        ISSUER_HEADERS,
        *((i.name, ", ".join(i.patterns) or None, "Yes" if i.case_sensitive else "No") for i in defaults.issuers),
    ]
    for key, heading in LIST_HEADERS.items():
        assert rows(key) == [(heading,), *((value,) for value in defaults.lists[key])]


def test_a_list_on_settings_can_grow_downwards(book: Workbook) -> None:
    page = book[SETTINGS]
    for name in ("Issuers", *LIST_HEADERS):
        first, last = page.tables[name].ref.split(":")
        below = page[first].row + len(page[page.tables[name].ref])
        columns = range(page[first].column, page[last].column + 1)
        assert all(page.cell(row, column).value is None for row in range(below, page.max_row + 1) for column in columns)


# Validations


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_every_column_says_what_belongs_in_it(book: Workbook, sheet: Sheet, column: Column) -> None:
    validation = _validation(book, sheet, column.name)
    assert validation.showInputMessage
    assert validation.promptTitle == column.header
    assert column.help in validation.prompt
    assert len(validation.promptTitle) <= 32
    assert len(validation.prompt) <= 255


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_an_error_stops_says_why_and_fits(book: Workbook, sheet: Sheet, column: Column) -> None:
    validation = _validation(book, sheet, column.name)
    checked = validation.type not in (None, "none")
    assert bool(validation.showErrorMessage) == (checked and not column.suggestions)
    if validation.showErrorMessage:
        assert validation.errorStyle in (None, "stop")
        assert 0 < len(validation.errorTitle) <= 32
        assert 0 < len(validation.error) <= 255
    for formula in (validation.formula1, validation.formula2):
        assert len(formula or "") <= 255


def test_a_closed_list_stops_and_an_open_one_only_offers(book: Workbook) -> None:
    status = _validation(book, RESOLUTIONS, "status")
    assert status.formula1 == f'"{",".join(RESOLUTIONS["status"].choices)}"'
    assert status.showErrorMessage
    reason = _validation(book, CASES, "reason")
    assert (reason.type, reason.formula1) == ("list", "ReasonsList")
    assert not reason.showErrorMessage
    assert book.defined_names["ReasonsList"].attr_text == "Reasons[Reason]"


@pytest.mark.parametrize(("sheet", "name"), [(COMMUNICATIONS, "number"), (RESOLUTIONS, "number")])
def test_only_a_known_case_is_accepted_even_while_the_list_holds_a_blank(
    book: Workbook, sheet: Sheet, name: str
) -> None:
    validation = _validation(book, sheet, name)
    assert (validation.type, validation.formula1) == ("list", "CaseNumbers")
    assert book.defined_names["CaseNumbers"].attr_text == "Cases[Case Number]"
    # With blanks allowed Excel accepts everything once the list has a blank cell.
    assert not validation.allowBlank


@pytest.mark.parametrize(
    ("sheet", "name", "latest"),
    [(CASES, "opened", "TODAY()"), (COMMUNICATIONS, "date", "NOW()"), (RESOLUTIONS, "date", "TODAY()")],
)
def test_a_date_lies_between_2000_and_today(book: Workbook, sheet: Sheet, name: str, latest: str) -> None:
    validation = _validation(book, sheet, name)
    assert (validation.type, validation.operator or "between") == ("date", "between")
    assert (validation.formula1, validation.formula2) == ("DATE(2000,1,1)", latest)


def test_amounts_are_numbers_from_0_up(book: Workbook) -> None:
    for sheet in (CASES, RESOLUTIONS):
        validation = _validation(book, sheet, "amount")
        assert (validation.type, validation.operator, validation.formula1) == ("decimal", "greaterThanOrEqual", "0")


def test_a_duplicate_is_found_by_match_above_and_below(book: Workbook, parts: dict[str, bytes]) -> None:
    for sheet, name in ((CASES, "number"), (COMMUNICATIONS, "entry")):
        for formula in (_validation(book, sheet, name).formula1, _alerts(book, sheet, name)[0].formula[0]):
            assert formula.count("ISNA(MATCH(") == 2
            assert "A$1:A1,0)" in formula
            assert f"A3:A${LAST_ROW},0)" in formula
    assert not [formula for formula in _formulas(parts) if "COUNTIF" in formula]


# Conditional formats


def test_a_conditional_format_covers_its_whole_column(book: Workbook) -> None:
    for sheet in SHEETS:
        for ranges in book[sheet.name].conditional_formatting:
            assert re.fullmatch(rf"([A-Z]+)2:(\1){LAST_ROW}", str(ranges.sqref))


def test_what_is_wrong_is_said_in_words(book: Workbook) -> None:
    assert _shown_as(book, CASES, "number") == ['"duplicate "@']
    assert _shown_as(book, CASES, "opened") == ['yyyy-mm-dd" future"', 'yyyy-mm-dd" no reply"']
    assert _shown_as(book, CASES, "respond_by")[:2] == ['yyyy-mm-dd" overdue"', '"today "hh:mm" overdue"']
    assert _shown_as(book, COMMUNICATIONS, "entry") == ['0" twice"']
    assert _shown_as(book, COMMUNICATIONS, "number") == ['"unknown "@']
    assert _shown_as(book, COMMUNICATIONS, "due")[:2] == ['yyyy-mm-dd" overdue"', '"today "hh:mm" overdue"']
    assert _shown_as(book, RESOLUTIONS, "date") == ['yyyy-mm-dd" future"']


def test_words_beside_a_case_number_stand_first_and_fit_into_one_line(book: Workbook) -> None:
    """No program makes a row higher for them."""
    for sheet in SHEETS:
        (code,) = _shown_as(book, sheet, "number")
        shown = code.replace('"', "").replace("@", "GTB-789012")
        assert shown.endswith(" GTB-789012")
        assert lines(shown, sheet["number"].width) == 1


def test_words_in_a_heading_of_the_tracker_fit_into_its_two_lines(book: Workbook) -> None:
    page = book[TRACKER]
    for ranges in page.conditional_formatting:
        cell = page[str(ranges.sqref).split(":")[0]]
        for rule in ranges.rules if cell.row == 1 else ():
            shown = f"{cell.value} {rule.dxf.numFmt.formatCode.replace('@', '')}".replace('"', "")
            assert lines(shown, page.column_dimensions[cell.column_letter].width) == 2


def test_the_button_of_a_filter_stands_beside_no_heading_of_one_line(book: Workbook) -> None:
    for name in (TRACKER, *(sheet.name for sheet in SHEETS)):
        for cell in book[name][1]:
            assert (cell.alignment.vertical, cell.alignment.wrap_text) == ("top", True)


@pytest.mark.parametrize(("sheet", "column"), [p for p in COLUMNS if p.values[1].kind is Kind.MOMENT])  # type: ignore[union-attr]
def test_a_time_of_day_is_shown_where_there_is_one(book: Workbook, sheet: Sheet, column: Column) -> None:
    last = _alerts(book, sheet, column.name)[-1]
    assert last.dxf.numFmt.formatCode == "yyyy-mm-dd hh:mm"
    assert f"MOD(${_letter(sheet, column)}2,1)>0" in last.formula[0]


# Formulas and charts


def test_no_formula_depends_on_the_language_of_excel(parts: dict[str, bytes]) -> None:
    formulas = list(_formulas(parts))
    assert len(formulas) > 5 * TRACKER_LIVE_ROWS
    assert not [formula for formula in formulas if re.search(r"\b(TEXT|DATEVALUE|VALUE|INDIRECT|CELL)\(", formula)]
    assert not [formula for formula in formulas if "@" in re.sub(r'"[^"]*"', "", formula)]


def test_formulas_are_balanced_and_within_excel_s_limit(parts: dict[str, bytes]) -> None:
    for formula in _formulas(parts):
        bare = re.sub(r'"[^"]*"', "", formula.replace("&quot;", '"'))
        assert bare.count("(") == bare.count(")")
        assert bare.count("[") == bare.count("]")
        assert len(formula) <= 8192


def test_the_tracker_s_rows_are_the_formulas_that_the_code_names(book: Workbook) -> None:
    page = book[TRACKER]
    assert tuple(cell.value for cell in page[1]) == (*TRACKER_HEADERS, *TRACKER_WORKING_HEADERS)
    assert page.auto_filter.ref == f"A1:K{NOTE_ROW - 1}"
    assert NOTE_ROW - FIRST_ROW == TRACKER_LIVE_ROWS
    for row in (FIRST_ROW, NOTE_ROW - 1):
        cells = [page.cell(row, column).value for column in range(1, 6)]
        assert all(isinstance(cell, ArrayFormula) for cell in cells)
        assert tuple(
            str(cell.text).removeprefix("=") for cell in cells if isinstance(cell, ArrayFormula)
        ) == tracker_formulas(row)
        beside = [page.cell(row, column).value for column in range(6, 12)]
        assert [str(getattr(cell, "text", cell)).removeprefix("=") for cell in beside] == [*working_formulas(row)]
    assert page.max_row == NOTE_ROW


def test_excel_computes_everything_when_it_opens_the_file(parts: dict[str, bytes]) -> None:
    assert b'fullCalcOnLoad="1"' in parts["xl/workbook.xml"]
    assert not [name for name, data in parts.items() if "worksheets/" in name and re.search(rb"</f><v>", data)]


def test_every_chart_has_a_description_a_title_and_an_axis(parts: dict[str, bytes]) -> None:
    charts = [data for name, data in parts.items() if name.startswith("xl/charts/chart")]
    frames = re.findall(rb"<cNvPr ([^>]*)/>", parts["xl/drawings/drawing1.xml"])
    assert len(charts) == len(frames) == 7
    descriptions = [re.search(rb'descr="([^"]{20,})"', frame) for frame in frames]
    assert all(descriptions)
    assert len({match[1] for match in descriptions if match}) == len(frames)
    for chart in charts:
        assert re.search(rb"<title>.*?<a:t>[^<]{5,}</a:t>", chart)
        assert re.search(rb"<catAx>.*?<delete val=\"0\"/>", chart)
        assert {text.decode() for text in re.findall(rb"<f>'([^']*)'!", chart)} == {INSIGHTS}


# What LibreOffice computes


def _tracker(path: Path, out: Path) -> list[list[object]]:
    rows = sheet_values(recalculated(path, out), TRACKER)[FIRST_ROW - 1 : NOTE_ROW]
    return [[cell.isoformat()[:10] if isinstance(cell, date) else cell for cell in row[:5]] for row in rows]


@pytest.mark.libreoffice
def test_the_sample_cases_entered_out_of_order_give_the_design_s_two_rows(tmp_path: Path) -> None:
    path = filled(tmp_path / "sample.xlsx", SAMPLE.cases, SAMPLE.communications[::-1], SAMPLE.resolutions)
    rows = _tracker(path, tmp_path / "out")
    assert [tuple(row) for row in rows[:2]] == list(SAMPLE_TRACKER[1:])
    assert {cell for row in rows[2:] for cell in row} == {""}


def _case(number: str, **more: object) -> Row:
    return {"number": number, "opened": date(2023, 10, 1), **more}


def _message(number: str, day: object, summary: object, with_: str = "Support", **more: object) -> Row:
    return {"number": number, "date": day, "with_": with_, "summary": summary, **more}


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[object]]:
    """The Tracker's row of each case of a workbook full of odd ones, by case number."""
    folder = tmp_path_factory.mktemp("odd")
    day, late = date(2023, 10, 5), datetime(2023, 10, 5, 23, 59, 59)
    cases = [
        _case(n)
        for n in (
            "silent",
            "buyer",
            "reopened",
            "bare",
            "5.1",
            "5.10",
            "SP-1",
            "tie",
            "sent",
            "odd",
            "a*b",
            "axb",
            "long",
            "logged",
            "status",
        )
    ]
    cases += [{}, {"number": "undated"}]
    communications = [
        _message("buyer", day, "Where is it?", "Buyer", agent="Nobody"),
        _message("5.1", day, "One."),
        _message("5.10", day, "Ten."),
        _message(" SP-1 ", day, "Blanks around the number."),
        {},
        _message("tie", day, "First.", agent="Ann"),
        _message("tie", day, "Second.", agent="Bob"),
        _message("tie", late, "Third.", agent="Cy", direction="Received"),
        _message("tie", date(2023, 10, 4), "Before."),
        _message("sent", day, "Asked.", direction="Sent", agent="Dee"),
        _message("sent", date(2023, 10, 3), "Answered.", agent="Eve"),
        _message("odd", date(2023, 10, 2), 42),
        _message("odd", date(2023, 10, 3), None),
        _message("odd", date(2023, 10, 4), "text"),
        _message("a*b", day, "Star."),
        _message("axb", day, "No star."),
        _message("long", day, "x" * 20_000),
        _message("long", day, "y" * 20_000),
    ]
    final = {"status": "Full Refund", "date": date(2023, 10, 9), "outcome": "Paid."}
    resolutions: list[Row] = [
        {"number": "reopened", **final},
        {"number": "reopened", "status": "Reopened"},
        {"number": "bare", "status": "Pending"},
        {},
        {
            "number": "logged",
            "status": "Denied",
            "date": date(2023, 10, 8),
            "outcome": "No.",
            "logged_at": datetime(2023, 10, 8, 9),
        },
        {"number": "logged", "status": "Pending", "outcome": "Asked.", "logged_at": datetime(2023, 10, 2, 9)},
        {"number": "status", "status": "Withdrawn", "date": date(2023, 10, 8)},
    ]
    path = filled(folder / "odd.xlsx", cases, communications, resolutions)
    return {str(row[0]): row[1:] for row in _tracker(path, folder / "out")}


@pytest.mark.libreoffice
@pytest.mark.parametrize(
    ("number", "summary", "reply", "resolution"),
    [
        pytest.param("silent", "", "", "Pending", id="no messages and no resolution"),
        pytest.param("buyer", "Where is it?", "", "Pending", id="a message of the buyer is no reply"),
        pytest.param("sent", "Answered. Asked.", "2023-10-03 (Agent: Eve)", "Pending", id="a message sent is no reply"),
        pytest.param("reopened", "", "", "Reopened", id="reopened after a final entry"),
        pytest.param("bare", "", "", "Pending", id="pending without an outcome"),
        pytest.param("status", "", "", "2023-10-08 - Withdrawn", id="a final status stands in for the outcome"),
        pytest.param("logged", "", "", "2023-10-08 - No.", id="the newest entry is the one logged last"),
        pytest.param("5.1", "One.", "2023-10-05", "Pending", id="5.1 is not 5.10"),
        pytest.param("5.10", "Ten.", "2023-10-05", "Pending", id="5.10 is not 5.1"),
        pytest.param("SP-1", "Blanks around the number.", "2023-10-05", "Pending", id="blanks around a number"),
        pytest.param(
            "tie", "Before. First. Second. Third.", "2023-10-05 (Agent: Cy)", "Pending", id="ties keep their order"
        ),
        pytest.param("odd", "42 text", "2023-10-04", "Pending", id="numbers and blanks as summaries"),
        pytest.param("a*b", "Star.", "2023-10-05", "Pending", id="a star is a star"),
        pytest.param("undated", "", "", "Pending", id="no date"),
    ],
)
def test_odd_cases_in_the_tracker(
    computed: dict[str, list[object]], number: str, summary: str, reply: str, resolution: str
) -> None:
    opened = "" if number == "undated" else "2023-10-01"
    assert computed[number] == [opened, summary, reply, resolution]


@pytest.mark.libreoffice
def test_a_summary_too_long_for_a_cell_says_what_to_do(computed: dict[str, list[object]]) -> None:
    summary = str(computed["long"][1])
    # LibreOffice holds longer texts than Excel, where the formula would give an error without its second branch.
    assert summary == "x" * 20_000 + " " + "y" * 20_000 or summary.endswith("run refundbook show long")


@pytest.mark.libreoffice
def test_with_more_cases_than_rows_the_tracker_shows_open_ones_first_and_says_how_many_are_not_shown(
    tmp_path: Path,
) -> None:
    """The latest first; of those that have ended, the latest in the rows that are left."""
    cases = [_case(f"C-{i}") for i in range(TRACKER_LIVE_ROWS + 3)]
    ended: list[Row] = [
        {"number": f"C-{i}", "status": "Denied", "date": date(2023, 10, 9)} for i in (0, 1, 2, 3, 4, 200)
    ]
    rows = _tracker(filled(tmp_path / "many.xlsx", cases, (), ended), tmp_path / "out")
    shown = [row[0] for row in rows]
    latest = [f"C-{i}" for i in range(TRACKER_LIVE_ROWS + 2, 4, -1) if i != 200]
    assert shown[-2 - TRACKER_LIVE_ROWS + 1 :] == [
        *latest,
        "C-200",
        "C-4",
        "C-3",
        more_cases(TRACKER_LIVE_ROWS, 203),
    ]


def _insights(path: Path, out: Path) -> dict[str, object]:
    """Each figure by the label at its left; the tiles' labels stand above. No cell of the workbook shows an error."""
    computed = recalculated(path, out)
    assert error_cells(computed) == []
    rows = sheet_values(computed, INSIGHTS)
    figures = {str(label): value for label, value in zip(rows[3], rows[4], strict=True) if label}
    for row in rows[6:]:
        for column in (1, 3, 5):
            figures.setdefault(str(row[column]), row[column + 1])
    return figures


@pytest.mark.libreoffice
def test_insights_of_an_empty_workbook_are_zeros_and_dashes(tmp_path: Path) -> None:
    figures = _insights(blank(tmp_path / "blank.xlsx"), tmp_path / "out")
    tiles = ("Cases", "Open", "Closed", "Promises overdue", "Oldest open case")
    assert [figures[name] for name in tiles] == [0] * len(tiles)
    assert figures["Days to resolution"] == "n/a"
    assert figures["Non-delivery"] == figures["Kept in time"] == 0
    assert "USD" not in figures


@pytest.mark.libreoffice
def test_insights_count_the_sample(tmp_path: Path) -> None:
    figures = _insights(filled(tmp_path / "sample.xlsx"), tmp_path / "out")
    assert [figures[name] for name in ("Cases", "Open", "Closed", "Days to resolution")] == [2, 1, 1, "n/a"]
    assert [figures[name] for name in ("Full Refund", "Kept in time", "Overdue", "2023-10", "2022-11")] == [
        1,
        1,
        0,
        2,
        0,
    ]
    assert (figures["USD"], figures["Defective"]) == (169.9, 1)


@pytest.mark.libreoffice
def test_insights_count_a_single_open_case_once_and_a_reopened_one_as_open(tmp_path: Path) -> None:
    final = {"number": "A", "status": "Denied", "date": date(2023, 10, 9)}
    cases = [_case("A", currency="XXX", amount=5)]
    promise = _message("A", date(2023, 10, 2), "We will.", promise="Call", due=date(2023, 10, 3))
    alone = _insights(filled(tmp_path / "one.xlsx", cases, [promise], ()), tmp_path / "out")
    assert [alone[name] for name in ("Open", "more than 60", "Overdue", "Promises overdue")] == [1, 0, 1, 1]
    assert alone["31 to 60 days"] == 0
    again = _insights(
        filled(tmp_path / "two.xlsx", cases, [promise], [final, {"number": "A", "status": "Reopened"}]),
        tmp_path / "out",
    )
    assert [again[name] for name in ("Open", "Closed", "Overdue", "Not kept, case closed")] == [1, 0, 1, 0]
    closed = _insights(filled(tmp_path / "three.xlsx", cases, [promise], [final]), tmp_path / "out")
    assert [closed[name] for name in ("Open", "Closed", "Overdue", "Not kept, case closed")] == [0, 1, 0, 1]


@pytest.mark.libreoffice
@pytest.mark.parametrize("order", ["as entered", "sorted", "not all logged"])
def test_insights_count_a_case_by_its_newest_resolution_wherever_it_stands(tmp_path: Path, order: str) -> None:
    """By hand: A was denied, reopened and refunded, all entered in one go; B was denied; C is reopened; X
    is no case.
    """
    logged = datetime(2023, 11, 9, 9)
    ends: list[Row] = [
        {"number": "A", "status": "Denied", "date": date(2023, 10, 5), "logged_at": datetime(2023, 10, 5, 9)},
        {"number": "C", "status": "Withdrawn", "date": date(2023, 10, 6), "logged_at": datetime(2023, 10, 6, 9)},
        {"number": "A", "status": "Reopened", "logged_at": logged},
        {"number": "A", "status": "Full Refund", "date": date(2023, 11, 9), "logged_at": logged},
        {"number": "B", "status": "Denied", "date": date(2023, 10, 3), "logged_at": logged},
        {"number": "C", "status": "Reopened", "logged_at": logged},
        {"number": "X", "status": "Denied", "date": date(2023, 10, 3), "logged_at": logged},
    ]
    if order == "sorted":
        # As a person sorts by date: what was logged at the same time stays in its order.
        ends = [ends[k] for k in (5, 2, 3, 6, 4, 1, 0)]
    elif order == "not all logged":
        # Of A and C, not of B: their entries count in the order of rows, whatever the others say.
        del ends[0]["logged_at"], ends[5]["logged_at"]
        ends[3] = {**ends[3], "logged_at": datetime(2023, 11, 9, 8)}
    cases = [_case("A"), _case("B"), _case("C")]
    figures = _insights(filled(tmp_path / "t.xlsx", cases, (), ends), tmp_path / "out")
    standing = ("Cases", "Open", "Closed", "Full Refund", "Denied", "Withdrawn")
    assert [figures[name] for name in standing] == [3, 1, 2, 1, 1, 0]
    assert [figures[name] for name in ("31 to 60 days", "2 days or less")] == [1, 1]
