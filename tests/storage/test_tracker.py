"""The Tracker: what its five columns say of a case, in the command, as a DataFrame and on the sheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from refundbook.base.a1 import MAX_TEXT
from refundbook.base.live_bounds import BOUNDS, CALCULATION, TRACKER_PLACES, more_cases
from refundbook.base.schema import SHEETS, TRACKER, TRACKER_HEADERS, TRACKER_WORKING_HEADERS
from refundbook.base.values import to_text
from refundbook.record.tracker import NOT_LIVE, PLAIN_NOTICE, TrackerRow, tracker_rows
from refundbook.template.tracker import TRACKER_LIVE_ROWS
from tests.support.books import SAMPLE_TRACKER, Row, filled, with_bounds
from tests.support.command import run
from tests.support.office import recalculated, sheet_values
from tests.support.own_checks import own_findings
from tests.support.samples import load, sample_at
from tests.support.zips import Parcel

pytestmark = pytest.mark.slow

NUMBER = "GTB-789012"


def october(day: int, hour: int | None = None) -> date:
    return date(2023, 10, day) if hour is None else datetime(2023, 10, day, hour)


def message(day: date, summary: str, with_: str = "Support", **more: object) -> Row:
    return {"date": day, "summary": summary, "with_": with_, **more}


def status(name: str, day: date | None = None, **more: object) -> Row:
    return {"status": name, "date": day, **more}


def of_case(number: str, rows: Sequence[Row]) -> list[Row]:
    return [{"number": number, **row} for row in rows]


def on_sheet(path: Path) -> list[list[str]]:
    """The five columns of the Tracker sheet as text, from their header down."""
    rows = [row[: len(TRACKER_HEADERS)] for row in sheet_values(path, TRACKER)]
    return [[to_text(None if cell == "" else cell) for cell in row] for row in rows]


def printed(path: Path) -> list[list[str]]:
    """What `refundbook tracker` prints."""
    rows = run("tracker", "--json", book=path).json
    return [list(TRACKER_HEADERS), *([to_text(row[header]) for header in TRACKER_HEADERS] for row in rows)]


def change(path: Path, edit: Callable[[openpyxl.Workbook], None]) -> Path:
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


# What the columns say

SUMMARIES = {
    "in date order": ([(october(2), "b"), (october(1), "a"), (october(3), "c")], "a b c"),
    "same day": ([(october(2), "first row"), (october(2), "second row")], "first row second row"),
    "a day before its hours": ([(october(2, 8), "at eight"), (october(2), "that day"), (october(2, 7), "at seven")], "that day at seven at eight"),
    "as they are": ([(october(2), " spaced "), (october(3), "two\nlines")], " spaced  two\nlines"),
    "no message": ([], ""),
}  # fmt: skip

REPLIES = {
    "the newest": ([message(october(2), "a", agent="Maya"), message(october(4), "b", agent="David")], "2023-10-04 (Agent: David)"),
    "the newest, not the lowest": ([message(october(4), "b", agent="David"), message(october(2), "a", agent="Maya")], "2023-10-04 (Agent: David)"),
    "by the hour": ([message(october(2, 8), "a", agent="Maya"), message(october(2, 9), "b", agent="David")], "2023-10-02 (Agent: David)"),
    "the lower row of one day": ([message(october(2), "a", agent="Maya"), message(october(2), "b", agent="David")], "2023-10-02 (Agent: David)"),
    "no agent": ([message(october(2), "a")], "2023-10-02"),
    "said to be received": ([message(october(2), "a", direction="Received")], "2023-10-02"),
    "not what was sent": ([message(october(2), "a"), message(october(3), "b", direction="Sent")], "2023-10-02"),
    "not the buyer": ([message(october(2), "a"), message(october(3), "b", "Buyer", agent="Ana")], "2023-10-02"),
    "none yet": ([message(october(3), "b", direction="Sent")], ""),
}  # fmt: skip

ENDS = {
    "nothing": ([], "Pending"),
    "pending": ([status("Pending")], "Pending"),
    "awaited": ([status("Pending", outcome="Awaiting scan.")], "Pending - Awaiting scan."),
    "pending, in words": ([status("Pending", outcome="Pending")], "Pending - Pending"),
    "a status says it": ([status("Denied", october(5))], "2023-10-05 - Denied"),
    "an outcome says it": ([status("Denied", october(5), outcome="Too late.")], "2023-10-05 - Too late."),
    "the newest": ([status("Pending"), status("Full Refund", october(5), outcome="Paid.")], "2023-10-05 - Paid."),
    "reopened": ([status("Denied", october(5)), status("Reopened")], "Reopened"),
    "reopened on a day": ([status("Denied", october(5)), status("Reopened", october(6))], "Reopened"),
    "reopened, in words": ([status("Denied", october(5)), status("Reopened", outcome="Asked again.")], "Reopened - Asked again."),
    "reopened on a day, in words": ([status("Denied", october(5)), status("Reopened", october(6), outcome="Full Refund: it came back.")], "Reopened - Full Refund: it came back."),
    "reopened with nothing before": ([status("Reopened", october(6))], "Reopened"),
    "reopened and ended again": ([status("Denied", october(5)), status("Reopened", october(6)), status("Withdrawn", october(7))], "2023-10-07 - Withdrawn"),
    "pending with a date, which the rules refuse": ([status("Pending", october(5), outcome="Full Refund")], "Pending - Full Refund"),
    "no status that there is": ([status("Done", october(5), outcome="Paid.")], "Pending - Paid."),
    "logged last": ([status("Full Refund", october(5), logged_at=october(7)), status("Pending", logged_at=october(6))], "2023-10-05 - Full Refund"),
    "not all of them logged": ([status("Pending", logged_at=october(6)), status("Denied", october(5))], "2023-10-05 - Denied"),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TrackerRow]:
    """The Tracker's rows of a workbook with every case above, by case number."""
    names = [
        *SUMMARIES,
        *(f"reply: {name}" for name in REPLIES),
        *(f"end: {name}" for name in ENDS),
        "spelled otherwise",
    ]
    cases: list[Row] = [{"number": name, "opened": october(1)} for name in names]
    messages = of_case(" SPELLED  otherwise\u200b", [message(october(2), "Hello")])
    for name, (texts, _) in SUMMARIES.items():
        messages += of_case(name, [message(day, text) for day, text in texts])
    for name, (group, _) in REPLIES.items():
        messages += of_case(f"reply: {name}", group)
    ends = [row for name, (group, _) in ENDS.items() for row in of_case(f"end: {name}", group)]
    path = filled(tmp_path_factory.mktemp("rows") / "t.xlsx", cases, messages, ends)
    return {row[0]: row for row in tracker_rows(load(path, strict=False).records)}


def test_number_and_day_of_opening_stand_as_on_the_cases_sheet(rows: dict[str, TrackerRow]) -> None:
    assert rows["no message"] == ("no message", date(2023, 10, 1), "", "", "Pending")
    assert next(iter(rows)) == "in date order"


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_summary_is_the_messages_in_date_order(rows: dict[str, TrackerRow], name: str) -> None:
    assert rows[name][2] == SUMMARIES[name][1]


@pytest.mark.parametrize("name", REPLIES)
def test_the_reply_is_the_newest_message_received_from_support(rows: dict[str, TrackerRow], name: str) -> None:
    assert rows[f"reply: {name}"][3] == REPLIES[name][1]


@pytest.mark.parametrize("name", ENDS)
def test_the_last_column_is_the_newest_resolution(rows: dict[str, TrackerRow], name: str) -> None:
    assert rows[f"end: {name}"][4] == ENDS[name][1]


def test_a_case_that_is_open_never_reads_as_ended_anywhere(tmp_path: Path) -> None:
    """Whatever its last entry's date and words are: in a list, on a page, in figures and on the sheet."""
    ends = of_case(
        NUMBER,
        [
            status("Full Refund", october(10), amount=5, currency="USD", method="Card"),
            status("Reopened", october(20), outcome="Full Refund: it came back."),
        ],
    )
    path = filled(tmp_path / "t.xlsx", [{"number": NUMBER, "opened": october(1)}], [], ends)
    with load(path) as book:
        book.append_case("GTB-789045", opened="2023-10-02")
    assert on_sheet(path)[1][4] == "Reopened - Full Refund: it came back."
    (line, _) = run("list", "--open", "--json", book=path).json
    assert (line["status"], line["is_open"]) == ("Reopened", True)
    assert "Reopened, open for" in run("show", NUMBER, book=path).out
    assert "Reopened, open for" in run("show", NUMBER, "--format", "markdown", book=path).out
    assert 'class="badge soon">Reopened</span> open for' in run("show", NUMBER, "--format", "html", book=path).out
    assert NUMBER in load(path).insights.cases.query("standing == 'Open'").index


def test_numbers_that_are_spelled_otherwise_belong_to_the_same_case(rows: dict[str, TrackerRow]) -> None:
    assert rows["spelled otherwise"][2] == "Hello"


# The sheet


def test_an_append_brings_the_results_beside_the_formulas_up_to_date(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    with load(path) as book:
        book.append_communication(
            NUMBER, date="2023-11-03", with_="Support", agent="Lee", summary="<Closed> & done.", direction="Received"
        )
        book.append_case("GTB-789100", opened="2023-11-04")
    rows = on_sheet(path)
    assert rows[: 4 + 1] == [*printed(path), [""] * 5]
    assert rows[1][2].endswith("Support requested 48 hrs for investigation. <Closed> & done.")
    assert rows[1][3] == "2023-11-03 (Agent: Lee)"
    assert rows[3] == ["GTB-789100", "2023-11-04", "", "", "Pending"]
    assert sheet_values(path, TRACKER)[3][5:] == ["Pending", "", "", "", "", "row 4"]
    page = openpyxl.load_workbook(path)[TRACKER]
    assert all(page.cell(row, column).data_type == "f" for row in range(2, 5) for column in range(1, 6))


@pytest.mark.parametrize(("sheet", "part"), [("Insights", "sheet6"), (CALCULATION, "sheet8")])
def test_an_append_takes_off_the_stale_results_that_it_cannot_compute(tmp_path: Path, sheet: str, part: str) -> None:
    """LibreOffice goes on showing a result that stands beside a formula, and computes with it."""
    path = sample_at(tmp_path / "t.xlsx")
    parcel = Parcel(path)
    name = f"xl/worksheets/{part}.xml"
    stale = re.subn(rb"</f><v ?/>|</f><v></v>|</f>(?=</c>)", b"</f><v>987654</v>", parcel.parts[name])
    parcel.parts[name], count = stale
    assert count > 100, "the part of the sheet has moved"
    parcel.save(path)
    assert any(987654 in row for row in sheet_values(path, sheet))
    with load(path) as book:
        book.append_case("GTB-789100", opened="2023-11-04")
    assert not any(987654 in row for row in sheet_values(path, sheet))


@pytest.mark.parametrize(
    "wrong", ['t="e">{f}<v>#REF!</v>', 't="str">{f}<v>stale</v>', 't="b">{f}<v>1</v>', 't="n">{f}<v>7</v>']
)
@pytest.mark.parametrize("row", [2, 30])
def test_a_wrong_result_on_the_tracker_is_put_right_and_others_stay_as_they_are(
    tmp_path: Path, wrong: str, row: int
) -> None:
    """In a row with a case and in one without."""
    path = sample_at(tmp_path / "t.xlsx")
    with load(path) as book:
        book.append_case("GTB-789100", opened="2023-11-04")
    parcel, part = Parcel(path), "xl/worksheets/sheet2.xml"
    good = parcel.parts[part].decode()
    cell = re.search(rf'<c r="C{row}" s="(\d+)" t="str">(<f.*?</f>)<v>.*?</v></c>', good)
    assert cell
    parcel.parts[part] = good.replace(cell[0], f'<c r="C{row}" s="{cell[1]}" {wrong.format(f=cell[2])}</c>').encode()
    parcel.save(path)
    with load(path) as book:
        book.append_case("GTB-789200", opened="2023-11-04")
    assert on_sheet(path)[: len(printed(path))] == printed(path)
    after = Parcel(path).parts[part].decode()
    assert cell[0] in after
    now = rows_of(after)
    assert [number for number, xml in rows_of(good).items() if now[number] != xml] == ["5"]


def rows_of(xml: str) -> dict[str, str]:
    return {found[1]: found[0] for found in re.finditer(r'(?s)<row r="(\d+)".*?</row>', xml)}


def test_a_blank_row_among_the_cases_is_a_blank_row_of_the_tracker(tmp_path: Path) -> None:
    """The formulas go by the rows of the Cases table; so do their results."""
    path = filled(
        tmp_path / "t.xlsx",
        cases=[{"number": NUMBER, "opened": october(1)}, {}, {"number": "GTB-789045", "opened": october(1)}],
        communications=[],
        resolutions=[],
    )
    with load(path) as book:
        book.append_resolution("GTB-789045", status="Denied", date="2023-10-02")
    assert [row[0] for row in on_sheet(path)[1:5]] == [NUMBER, "", "GTB-789045", ""]


def test_cells_beside_and_below_the_tracker_are_left_alone(tmp_path: Path) -> None:
    def note(book: openpyxl.Workbook) -> None:
        page = book[TRACKER]
        page["F1"], page["F2"], page["G3"], page["A300"] = "Mine", "call back", "=LEN(C3)", "below"

    path = change(sample_at(tmp_path / "t.xlsx"), note)
    with load(path) as book:
        book.append_case("GTB-789100", opened="2023-11-04")
    page = openpyxl.load_workbook(path)[TRACKER]
    assert [page[cell].value for cell in ("F1", "F2", "G3", "A300")] == ["Mine", "call back", "=LEN(C3)", "below"]
    assert on_sheet(path)[3][:2] == ["GTB-789100", "2023-11-04"]


@pytest.mark.parametrize("typed_over", ["C3", "A3:E3"])
def test_a_row_of_the_tracker_that_somebody_typed_over_stands_in_no_ones_way(tmp_path: Path, typed_over: str) -> None:
    """One cell of it keeps what was typed, and all other rows stay live; of a whole row, the sheet is left alone."""

    def type_over(book: openpyxl.Workbook) -> None:
        for cells in book[TRACKER]["A3:E3"]:
            for cell in cells:
                if typed_over != "C3" or cell.coordinate == "C3":
                    cell.value = "mine"

    path = change(sample_at(tmp_path / "t.xlsx"), type_over)
    before = formulas_on_tracker(path)
    with load(path) as book:
        book.append_case("GTB-789100", opened="2023-11-04")
    assert formulas_on_tracker(path) == before
    assert on_sheet(path)[2][2] == "mine"
    assert ("GTB-789100" in [row[0] for row in on_sheet(path)]) == (typed_over == "C3")


@pytest.mark.parametrize("edit", ["no sheet", "other headers", "values"])
def test_a_tracker_sheet_that_is_not_the_templates_is_left_alone(tmp_path: Path, edit: str) -> None:
    def meddle(book: openpyxl.Workbook) -> None:
        if edit == "no sheet":
            book.remove(book[TRACKER])
        elif edit == "other headers":
            book[TRACKER]["A1"] = "Case"
        else:
            for cells in book[TRACKER]["A2:E205"]:
                for cell in cells:
                    cell.value = "mine"

    path = change(sample_at(tmp_path / "t.xlsx"), meddle)
    before = [] if edit == "no sheet" else sheet_values(path, TRACKER)
    with load(path) as book:
        book.append_case("GTB-789100", opened="2023-11-04")
    assert (sheet_values(path, TRACKER) if before else []) == before


def test_texts_too_long_for_a_cell_are_not_put_into_one(tmp_path: Path) -> None:
    """A longer one makes Excel offer to repair the workbook. The formula says the same."""
    path = sample_at(tmp_path / "t.xlsx")
    with load(path) as book:
        for letter in "ab":
            book.append_communication(NUMBER, date="2023-11-03", with_="Buyer", summary=letter * 20_000)
        book.append_resolution("GTB-789045", status="Denied", date="2023-11-03", outcome="👍" * (MAX_TEXT // 2))
    rows = on_sheet(path)
    assert rows[1][2] == f"Too long to show in one cell: run refundbook show {NUMBER}"
    assert rows[2][4] == "Too long to show in one cell: run refundbook show GTB-789045"
    assert len(printed(path)[1][2]) > 40_000


# More cases than live rows


def many(count: int, **more: object) -> list[Row]:
    return [{"number": f"GTB-{k:06}", "opened": date(2023, 10, 1), **more} for k in range(count)]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A workbook with a case for every live row, of which four have ended."""
    ended = [
        {"number": f"GTB-{k:06}", "status": "Denied", "date": october(5)} for k in (5, 6, 7, TRACKER_LIVE_ROWS - 1)
    ]
    path = tmp_path_factory.mktemp("full") / "full.xlsx"
    return filled(path, many(TRACKER_LIVE_ROWS), [], ended).read_bytes()


@pytest.fixture
def roomy(tmp_path: Path, full: bytes) -> Path:
    """Its formulas compute many more cases than the Tracker has rows."""
    path = tmp_path / "t.xlsx"
    path.write_bytes(full)
    return path


@pytest.fixture
def crowded(roomy: Path) -> Path:
    """Its formulas compute no more cases than the Tracker has rows."""
    return with_bounds(roomy, BOUNDS._replace(rows=(TRACKER_LIVE_ROWS + 1, *BOUNDS.rows[1:])))


def formulas_on_tracker(path: Path) -> int:
    page = openpyxl.load_workbook(path)[TRACKER]
    return sum(cell.data_type == "f" for row in page.iter_rows(max_col=5) for cell in row)


def test_as_many_cases_as_there_are_live_rows_stay_live(crowded: Path) -> None:
    before = formulas_on_tracker(crowded)
    with load(crowded) as book:
        book.append_communication("GTB-000199", date="2023-10-02", with_="Buyer", summary="Hello")
    assert formulas_on_tracker(crowded) == before
    assert on_sheet(crowded)[: TRACKER_LIVE_ROWS + 1] == printed(crowded)


def test_of_more_cases_the_live_rows_show_the_open_ones_first_and_say_so(roomy: Path) -> None:
    before = formulas_on_tracker(roomy)
    for k in range(4):
        number = f"GTB-90000{k}"
        assert run("append", "case", number, "--opened", "2023-11-01", book=roomy).err == ""
    assert run("append", "resolution", "GTB-000150", "--status", "Denied", "--date", "2023-11-02", book=roomy).err == ""
    rows = on_sheet(roomy)
    assert formulas_on_tracker(roomy) == before
    assert rows[0] == list(TRACKER_HEADERS)
    known = {row[0]: row for row in printed(roomy)[1:]}
    ended = [f"GTB-{k:06}" for k in (TRACKER_LIVE_ROWS - 1, 150, 7, 6, 5)]
    shown = [number for number in reversed(known) if number not in ended] + ended
    assert rows[1:201] == [known[number] for number in shown[:TRACKER_LIVE_ROWS]]
    assert rows[201][0] == more_cases(TRACKER_LIVE_ROWS, 204)
    other = filled(roomy.with_name("new.xlsx"), [], [], [])
    ran = run("import", roomy, "--sheet", "Tracker", book=other)
    assert (ran.code, "may not show all cases" in ran.err, len(printed(other))) == (0, True, TRACKER_LIVE_ROWS + 1)


def test_a_case_that_ends_gives_way_and_one_that_opens_again_comes_back(roomy: Path) -> None:
    with load(roomy) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    assert on_sheet(roomy)[200][0] == "GTB-000006", "the latest of the four that have ended, but for one"
    for number, *more in (["GTB-000003", "Denied", "--date", "2023-11-02"], ["GTB-000006", "Reopened"]):
        assert run("append", "resolution", number, "--status", *more, book=roomy).code == 0
    shown = [row[0] for row in on_sheet(roomy)[1:201]]
    assert shown.index("GTB-000006") < 197, "among the open ones"
    assert shown[197:] == ["GTB-000199", "GTB-000007", "GTB-000005"]


def test_libreoffice_computes_the_window_that_was_written(roomy: Path, tmp_path: Path) -> None:
    with load(roomy) as book:
        for k in range(5):
            book.append_case(f"GTB-90000{k}", opened="2023-11-01")
        book.append_communication("GTB-000100", date="2023-11-01", with_="Support", agent="Maya", summary="Hello")
    assert on_sheet(recalculated(roomy, tmp_path / "computed")) == on_sheet(roomy)


@pytest.mark.parametrize("log", [0, 1, 2], ids=[sheet.name for sheet in SHEETS])
def test_more_entries_than_are_computed_are_not_live(tmp_path: Path, log: int) -> None:
    said: list[Row] = [message(october(2), "a", number="GTB-000001")] * 3
    ends: list[Row] = [{"number": "GTB-000001", "status": "Pending"}] * 3
    path = filled(tmp_path / "t.xlsx", many(3), said, ends)
    with_bounds(path, BOUNDS._replace(rows=tuple(4 if k == log else rows for k, rows in enumerate(BOUNDS.rows))))
    with load(path) as book:
        book.append_resolution("GTB-000002", status="Pending") if log == 2 else None
        book.append_case("GTB-900000", opened="2023-11-01") if log == 0 else None
        book.append_communication("GTB-000002", date="2023-11-01", with_="Buyer", summary="b") if log == 1 else None
    assert formulas_on_tracker(path) == 0
    assert on_sheet(path)[0][0].startswith(NOT_LIVE)


def test_more_cases_than_are_computed_are_plain_values_of_the_open_and_the_latest(crowded: Path) -> None:
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
        book.append_case("GTB-900001", opened="2023-11-01")
    rows = on_sheet(crowded)
    assert formulas_on_tracker(crowded) == 0
    assert rows[0][0].startswith(NOT_LIVE)
    assert "Shown are 200 of 202 cases" in rows[0][0]
    assert "`refundbook tracker` prints all" in rows[0][0]
    assert rows[0][1:] == [""] * 4
    expected = printed(crowded)
    assert rows[1] == expected[0] == list(TRACKER_HEADERS)
    # Two too many: of the four that have ended, the two oldest give way.
    assert [row[0] for row in expected[6:8]] == ["GTB-000005", "GTB-000006"]
    assert rows[2:202] == expected[1:6] + expected[8:]
    assert [row[0] for row in rows[200:202]] == ["GTB-900000", "GTB-900001"]
    assert rows[202][0].startswith(PLAIN_NOTICE)
    assert rows[2][1] == "2023-10-01"


def look(cell: Cell | MergedCell) -> tuple[object, ...]:
    return repr(cell.font), repr(cell.fill), repr(cell.alignment), cell.number_format


def test_headers_and_rows_look_as_before_and_stay_in_sight(crowded: Path) -> None:
    before = openpyxl.load_workbook(crowded)[TRACKER]
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    page = openpyxl.load_workbook(crowded)[TRACKER]
    assert (before.freeze_panes, before.print_title_rows) == ("B2", "$1:$1")
    assert (page.freeze_panes, page.print_title_rows) == ("B3", "$1:$2")
    for column in range(1, 6):
        assert look(page.cell(2, column)) == look(before.cell(1, column))
        assert look(page.cell(202, column)) == look(page.cell(3, column)) == look(before.cell(3, column))
    assert not page["A1"].alignment.wrap_text, "it would be cut off in the height of one line"
    assert own_findings(crowded) == []


def test_the_command_that_made_it_so_says_so_once(crowded: Path) -> None:
    case = ("append", "case", "GTB-900000", "--opened", "2023-11-01")
    ahead = run(*case, "--dry-run", book=crowded)
    assert (ahead.code, ahead.err.count("is not live")) == (0, 1)
    assert formulas_on_tracker(crowded)
    ran = run(*case, book=crowded)
    assert ran.code == 0
    assert ran.err.startswith(
        "refundbook: warning: The sheet Tracker is not live: it holds plain values of up to 200 cases"
    )
    assert "the row above its headers, which stand one row lower now, says so" in ran.err
    assert run("append", "case", "GTB-900001", "--opened", "2023-11-01", book=crowded).err == ""
    assert run("append", "resolution", "GTB-900001", "--status", "Denied", "--date", "2023-11-01", "--dry-run", book=crowded).err == ""  # fmt: skip


def test_the_library_says_so_too(crowded: Path) -> None:
    book = load(crowded)
    said = [(book.notices(), book.notices(ahead=True))]
    book.append_case("GTB-900000", opened="2023-11-01")
    said.append((book.notices(), book.notices(ahead=True)))
    book.save()
    said.append((book.notices(), book.notices(ahead=True)))
    ahead = said[1][1]
    assert said == [((), ()), ((), ahead), (ahead, ())]
    assert len(ahead) == 1
    assert "not live" in ahead[0]


def test_a_tracker_of_plain_values_is_kept_up_to_date_and_stays_plain(crowded: Path) -> None:
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    with load(crowded) as book:
        book.append_resolution("GTB-000150", status="Denied", date="2023-11-02", outcome="No.")
        book.append_case("GTB-900001", opened="2023-11-02")
    rows = on_sheet(crowded)
    assert ["GTB-000150", "2023-10-01", "", "", "2023-11-02 - No."] in rows
    assert rows[201][0] == "GTB-900001"
    assert [row[0] for row in rows if row[0].startswith(PLAIN_NOTICE)] == [rows[202][0]]
    assert "Shown are 200 of 202" in rows[0][0]

    def delete_cases(book: openpyxl.Workbook) -> None:
        book["Cases"].delete_rows(10, 193)
        book["Cases"].tables["Cases"].ref = re.sub(r"\d+$", "10", book["Cases"].tables["Cases"].ref)
        book["Resolutions"].delete_rows(5, 2)

    change(crowded, delete_cases)
    with load(crowded, strict=False) as book:
        book.append_case("GTB-900002", opened="2023-11-02")
    rows = on_sheet(crowded)
    assert formulas_on_tracker(crowded) == 0
    assert [row[0] for row in rows[2:13]] == [*(f"GTB-{k:06}" for k in range(8)), "GTB-900001", "GTB-900002", ""]
    assert "Shown are 10 of 10" in rows[0][0]


def test_the_rows_of_the_cases_sheet_count_also_the_blank_ones(tmp_path: Path) -> None:
    """So do the formulas: with a blank one among them, as many cases as live rows are more than fit in their order."""
    cases = many(TRACKER_LIVE_ROWS - 1)
    path = filled(tmp_path / "t.xlsx", [*cases[:3], {}, *cases[3:]], [], [])
    with load(path) as book:
        assert book.append_case("GTB-900000", opened="2023-11-01").row == TRACKER_LIVE_ROWS + 2
    rows = on_sheet(path)
    assert [row[0] for row in rows[1:201]] == ["GTB-900000", *(str(case["number"]) for case in reversed(cases))]
    assert rows[201][0] == more_cases(200, 201)


BESIDE = ("F1", "F2", "G3", "F5", "H202", "F203", "A300")
ROOM = [("A202", "Total: 200", 198), ("A202", "=COUNTA(A2:A201)", 198), ("C202", "=1/0", 198), ("E203", "mine", 199), ("A203", "=A202", 199), ("B204", "mine", 200)]  # fmt: skip
"""A cell below the Tracker's rows that somebody has filled, and for how many cases there is room then: a row is taken
for what says so, and the mark.
"""


@pytest.mark.parametrize(("cell", "value", "room"), ROOM)
def test_no_cell_is_taken_that_a_person_has_filled(crowded: Path, cell: str, value: str, room: int) -> None:
    mine = {cell: value, **dict.fromkeys(BESIDE, "mine")}

    def fill(book: openpyxl.Workbook) -> None:
        for address, content in mine.items():
            book[TRACKER][address] = content

    change(crowded, fill)
    for k in range(2):
        with load(crowded) as book:
            book.append_case(f"GTB-90000{k}", opened="2023-11-01")
        page = openpyxl.load_workbook(crowded)[TRACKER]
        assert {address: page[address].value for address in mine} == mine
        rows = on_sheet(crowded)
        assert f"Shown are {room} of {201 + k}" in rows[0][0]
        assert rows[1][:5] == list(TRACKER_HEADERS)
        assert [row[0] for row in rows[2 : 2 + room]][-1] == f"GTB-90000{k}"
        assert rows[2 + room][0].startswith(PLAIN_NOTICE)


def with_table(book: openpyxl.Workbook) -> None:
    book[TRACKER].add_table(Table(displayName="Mine", ref="A1:E201"))


@pytest.mark.parametrize("need", ["a Table", "a pivot table"])
def test_headers_that_something_else_needs_stay_and_the_row_below_says_so(crowded: Path, need: str) -> None:
    if need == "a Table":
        change(crowded, with_table)
    else:
        parcel = Parcel(crowded)
        parcel.parts["xl/pivotCache/pivotCacheDefinition1.xml"] = (
            b'<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cacheSource '
            b'type="worksheet"><worksheetSource ref="A1:E201" sheet="tracker"/></cacheSource><cacheFields '
            b'count="0"/></pivotCacheDefinition>'
        )
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml"
        parcel.rewrite("[Content_Types].xml", lambda text: text.replace("</Types>", f'<Override PartName="/xl/pivotCache/pivotCacheDefinition1.xml" ContentType="{kind}"/></Types>'))  # fmt: skip
        parcel.save(crowded)
    for k in range(2):
        ran = run("append", "case", f"GTB-90000{k}", "--opened", "2023-11-01", book=crowded)
        assert ran.code == 0
        assert ("the row below its rows says so" in ran.err) == (k == 0)
        rows = on_sheet(crowded)
        assert [cell[:20] for cell in rows[0][:5]] == [header[:20] for header in TRACKER_HEADERS]
        assert [row[0] for row in rows[1:201]][-1] == f"GTB-90000{k}"
        assert rows[201][0].startswith(f"{PLAIN_NOTICE} this Tracker is not live. Shown are 200 of {201 + k} cases")
        assert openpyxl.load_workbook(crowded)[TRACKER].freeze_panes == "B2"


def test_a_filter_over_the_headers_goes_with_them_and_hides_none(crowded: Path) -> None:
    def add_filter(book: openpyxl.Workbook) -> None:
        page = book[TRACKER]
        page.auto_filter.ref = "A1:E201"
        page.auto_filter.add_filter_column(4, ["Pending"])
        page.auto_filter.add_sort_condition("E2:E201")
        page.row_dimensions[2].hidden = True

    change(crowded, add_filter)
    assert "$A$1:$E$201" in Parcel(crowded).parts["xl/workbook.xml"].decode()
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    page = openpyxl.load_workbook(crowded)[TRACKER]
    assert page.auto_filter.ref == "A2:E203"
    assert re.search(r'<sortCondition [^>]*ref="E3:E203"', Parcel(crowded).parts["xl/worksheets/sheet2.xml"].decode())
    assert not page.row_dimensions[2].hidden
    assert "$A$2:$E$203" in Parcel(crowded).parts["xl/workbook.xml"].decode()


def of_the_first_version(path: Path, values: Sequence[Sequence[object]]) -> Path:
    """As refundbook 0.1.0 left a Tracker of plain values: headers in row 1, and what says so below the rows."""

    def write(book: openpyxl.Workbook) -> None:
        page = book[TRACKER]
        for k, row in enumerate(page["A2:E202"]):
            for at, cell in enumerate(row):
                cell.value = values[k][at] if k < len(values) else None
        page["A202"] = (
            f"{PLAIN_NOTICE} for so many cases Excel would take too long to recalculate this sheet. Shown are 200 of "
            "201, the open and the latest. refundbook writes these rows whenever it saves; "
            "`refundbook tracker` prints all."
        )

    return change(path, write)


@pytest.fixture
def of_0_1_0(crowded: Path) -> Path:
    """A workbook of 201 cases whose Tracker is as refundbook 0.1.0 left it."""
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
        rows = [row for row in tracker_rows(book.records) if row[0] != "GTB-000005"]

    def back(book: openpyxl.Workbook) -> None:
        book[TRACKER].delete_rows(1)
        book[TRACKER].freeze_panes, book[TRACKER].print_title_rows = "B2", "1:1"

    return of_the_first_version(change(crowded, back), rows)


def test_a_tracker_of_plain_values_of_the_first_version_gets_the_new_form_and_that_is_said(of_0_1_0: Path) -> None:
    assert on_sheet(of_0_1_0)[0] == list(TRACKER_HEADERS)
    ran = run("append", "case", "GTB-900001", "--opened", "2023-11-01", book=of_0_1_0)
    assert (ran.code, ran.err.count("is not live")) == (0, 1)
    rows = on_sheet(of_0_1_0)
    assert rows[0][0].startswith(f"{NOT_LIVE}. Shown are 200 of 202")
    assert rows[1] == list(TRACKER_HEADERS)
    expected = printed(of_0_1_0)
    assert rows[2:202] == [*expected[1:6], *expected[8:]]
    assert [k for k, row in enumerate(rows) if row[0].startswith(PLAIN_NOTICE)] == [202]
    page = openpyxl.load_workbook(of_0_1_0)[TRACKER]
    assert (page.freeze_panes, page.print_title_rows) == ("B3", "$1:$2")
    assert run("append", "case", "GTB-900002", "--opened", "2023-11-01", book=of_0_1_0).err == ""


@pytest.mark.parametrize("layout", ["live", "above", "below"])
def test_the_five_columns_are_read_in_every_form(tmp_path: Path, crowded: Path, of_0_1_0: Path, layout: str) -> None:
    """By the command, the library, and `import` of the sheet, which does not take what refundbook says there for a
    case.
    """
    path = of_0_1_0
    if layout == "live":
        path = filled(tmp_path / "live.xlsx", many(3), [], [])
        with load(path) as book:
            book.append_case("GTB-900000", opened="2023-11-01")
    elif layout == "above":
        with load(path) as book:
            book.append_resolution("GTB-900000", status="Pending")
    shown = [row[:5] for row in on_sheet(path) if row[0].startswith("GTB-")]
    assert [row for row in printed(path) if row in shown] == shown
    assert list(load(path).tracker.reset_index().columns) == list(TRACKER_HEADERS)
    new = filled(tmp_path / "new.xlsx", [], [], [])
    ran = run("import", path, "--sheet", "Tracker", book=new)
    assert ran.code == 0
    assert ("may not show all cases" in ran.err) == (layout != "live")
    assert printed(new)[1:] == shown
    # What stands right of the five belongs to this workbook, and is no column of another's.
    assert not set(TRACKER_WORKING_HEADERS) & {*load(new).records.cases.own_letters}


def test_of_an_older_workbook_it_is_said_what_makes_it_live_again(of_0_1_0: Path) -> None:
    parcel = Parcel(of_0_1_0)
    parcel.rewrite("xl/workbook.xml", lambda text: text.replace(TRACKER_PLACES, "Other"))
    parcel.save(of_0_1_0)
    ran = run("append", "case", "GTB-900001", "--opened", "2023-11-01", book=of_0_1_0)
    assert ran.err.rstrip().endswith("`refundbook upgrade` makes it live again.")
    assert on_sheet(of_0_1_0)[0][0].endswith("`refundbook upgrade` makes it live again.")
    assert run("append", "case", "GTB-900002", "--opened", "2023-11-01", book=of_0_1_0).err == ""
    assert on_sheet(of_0_1_0)[0][0].endswith("`refundbook upgrade` makes it live again.")


def test_a_tracker_whose_mark_was_taken_away_keeps_its_rows(crowded: Path) -> None:
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")

    def take(book: openpyxl.Workbook) -> None:
        book[TRACKER]["A203"] = None
        book[TRACKER]["A210"] = "mine"

    change(crowded, take)
    with load(crowded) as book:
        book.append_case("GTB-900001", opened="2023-11-01")
        assert book.notices() == ()
    rows = on_sheet(crowded)
    assert "Shown are 200 of 202" in rows[0][0]
    assert (rows[201][0], rows[209][0]) == ("GTB-900001", "mine")


def test_a_title_above_the_headers_is_left_alone(crowded: Path) -> None:
    """A row that somebody put in above the headers: what says so goes between it and them."""

    def put(book: openpyxl.Workbook) -> None:
        page = book[TRACKER]
        page.move_range("A1:E202", rows=1)
        for k in range(2, 203):
            for cell in page[k + 1][:5]:
                if isinstance(cell.value, ArrayFormula):
                    cell.value.ref = cell.coordinate
        page["A1"] = "My cases"

    change(crowded, put)
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    rows = on_sheet(crowded)
    assert rows[0][0] == "My cases"
    assert rows[1][0].startswith(NOT_LIVE)
    assert rows[2] == list(TRACKER_HEADERS)
    assert rows[202][0] == "GTB-900000"


# Everywhere the same


def test_the_sample_cases_read_as_the_design_has_them(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    assert [tuple(row) for row in printed(path)] == list(SAMPLE_TRACKER)
    out = run("tracker", "--format", "csv", book=path).out
    assert [tuple(row) for row in csv.reader(io.StringIO(out))] == list(SAMPLE_TRACKER)
    frame = load(path).tracker.reset_index()
    assert tuple(frame.columns) == TRACKER_HEADERS
    assert [tuple(map(to_text, row)) for row in frame.itertuples(index=False)] == list(SAMPLE_TRACKER[1:])


@pytest.mark.libreoffice
def test_libreoffice_computes_from_nothing_what_the_command_prints(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", *tricky())
    with load(path) as book:
        book.append_communication(
            "T-09",
            date="2023-11-02 09:30",
            with_="support",  # type: ignore[arg-type]
            summary="Entered last.",
            agent="Lee",
        )
        book.append_case("T-11", opened="2023-11-02")
        book.append_resolution("T-11", status="Withdrawn", date="2023-11-03")
    expected = printed(path)
    assert len(expected) == 12
    computed = [row for row in on_sheet(recalculated(path, tmp_path / "out"))[:14] if row[0]]
    assert computed == expected
    assert [row for row in on_sheet(path)[:14] if row[0]] == expected


def tricky() -> tuple[list[Row], list[Row], list[Row]]:
    """Cases on which a formula and a program easily part ways, and a blank row among them."""
    cases: list[Row] = [{"number": f"T-{k:02}", "opened": date(2023, 10, k)} for k in range(1, 11)]
    cases.insert(4, {})
    rows = {
        "T-01": [message(october(5), "b", agent="Maya"), message(october(3), "a", agent="David")],
        "T-02": [message(october(5, 8), "at eight"), message(october(5), "that day"), message(october(5, 7), "at seven")],
        "T-03": [message(october(5), "first", agent="A"), message(october(5), "second", agent="B")],
        "T-04": [message(october(5), "sent", direction="Sent", agent="Me"), message(october(6), "buyer", "Buyer", agent="Zoë")],
        "T-05": [message(october(7), 'say "hi" & <go>\n=1+1'), message(datetime(2023, 10, 7, 23, 59, 59), "late", agent="Ö 👍")],
        "T-06": [message(october(7), " blanks around ", agent=" Lee ")],
    }  # fmt: skip
    ends = {
        "T-01": [status("Pending"), status("Full Refund", october(9), outcome="Paid.")],
        "T-02": [status("Full Refund", october(9), logged_at=october(11, 9)), status("Pending", logged_at=october(10, 9))],
        "T-03": [status("Denied", october(8)), status("Reopened")],
        "T-04": [status("Pending", outcome="Pending")],
        "T-05": [status("Denied", october(9), outcome="Pending - no")],
        "T-06": [status("Pending", outcome=" ")],
        "T-07": [status("Denied", october(9), logged_at=october(10)), status("Reopened"), status("Store Credit", october(12))],
        "T-08": [status("Full Refund", october(9)), status("Reopened", october(12), outcome="Paid back by mistake")],
        "T-09": [status("Reopened", october(12))],
    }  # fmt: skip
    return (
        cases,
        [row for number, group in rows.items() for row in of_case(number, group)],
        [row for number, group in ends.items() for row in of_case(number, group)],
    )


def print_area(path: Path) -> str:
    return str(openpyxl.load_workbook(path)[TRACKER].print_area).replace("'", "")


@pytest.mark.parametrize("is_known", [True, False])
def test_the_print_area_follows_the_cases(tmp_path: Path, is_known: bool) -> None:
    path = filled(tmp_path / "book.xlsx", many(13), [], [])
    assert print_area(path) == "Tracker!$A$1:$K$15"
    for number, end in (("GTB-900000", 15), ("GTB-900001", 16), ("GTB-900002", 17)):
        with load(path) as book:
            book.append_case(number, opened="2023-11-01")
        assert print_area(path) == f"Tracker!$A$1:$K${end}"
        if not is_known:
            path = path.replace(path.with_name(f"{number}.xlsx"))


def test_what_a_person_prints_of_the_tracker_stays(tmp_path: Path) -> None:
    def own(book: openpyxl.Workbook) -> None:
        book[TRACKER].print_area = "A1:E15"

    path = change(filled(tmp_path / "book.xlsx", many(20), [], []), own)
    with load(path) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    assert print_area(path) == "Tracker!$A$1:$E$15"


def test_a_window_of_cases_is_printed_with_what_it_says_of_itself(roomy: Path) -> None:
    with load(roomy) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    assert print_area(roomy) == f"Tracker!$A$1:$K${TRACKER_LIVE_ROWS + 2}"


def test_all_of_a_tracker_of_plain_values_is_printed(crowded: Path) -> None:
    with load(crowded) as book:
        book.append_case("GTB-900000", opened="2023-11-01")
    assert print_area(crowded) == f"Tracker!$A$1:$K${TRACKER_LIVE_ROWS + 2}"
