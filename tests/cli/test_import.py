"""`refundbook import`."""

from __future__ import annotations

from pathlib import Path

import pytest

import refundbook
from refundbook.render.text import to_csv
from tests.support.books import SAMPLE_TRACKER, blank
from tests.support.command import run
from tests.support.terminal import at_terminal

HEADER, *ROWS = SAMPLE_TRACKER
DESIGN = to_csv(HEADER, ROWS)
TICKETS = "Ticket,Opened,State,Owner\n1,2023-10-26,Open,ana\n"
MAP = '[columns]\nTicket = "case.number"\nOpened = "case.opened"\nState = "resolution.status"\n'
OPEN_IS_PENDING = '[values."resolution.status"]\nOpen = "Pending"\n'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return blank(tmp_path / "tracker.xlsx")


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8", newline="")
    return path


def test_the_tracker_of_the_design_is_printed_as_it_was_imported(book: Path, tmp_path: Path) -> None:
    ran = run("import", written(tmp_path / "old.csv", DESIGN), book=book)
    assert (ran.code, ran.out) == (0, "Entered from old.csv: 2 in Cases, 2 in Communications, 2 in Resolutions.\n")
    assert run("tracker", "--format", "csv", book=book).out == DESIGN
    assert run("check", book=book).code == 0


def test_warnings_are_said_once_for_each_rule(book: Path, tmp_path: Path) -> None:
    rows = [(f"GTB-00000{k}", "2023-10-26", "", "", "2023-10-30 - Full refund.") for k in range(3)]
    ran = run("import", written(tmp_path / "old.csv", to_csv(HEADER, rows)), book=book)
    assert ran.code == 0
    assert ran.err.count("warning RB252: Resolutions!") == 1
    assert "(6 like this)" in ran.err


def test_a_dry_run_writes_nothing(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    ran = run("import", written(tmp_path / "old.csv", DESIGN), "--dry-run", book=book)
    assert (ran.code, ran.out.splitlines()[0][:22]) == (0, "Would enter from old.c")
    assert book.read_bytes() == before


def test_importing_twice_is_refused_with_the_cells_and_writes_nothing(book: Path, tmp_path: Path) -> None:
    old = written(tmp_path / "old.csv", DESIGN)
    run("import", old, book=book)
    before = book.read_bytes()
    again = run("import", old, book=book)
    assert again.code == 1
    assert "old.csv, line 2, column 1 (GTBuy Case #): Case Number GTB-789012 is already in row 2 of Cases" in again.err
    assert "Nothing was imported from old.csv" in again.err
    assert book.read_bytes() == before


def test_a_map_is_guessed_corrected_and_used(book: Path, tmp_path: Path) -> None:
    old, target = written(tmp_path / "old.csv", TICKETS.replace("Open,", "Closed,")), tmp_path / "map.toml"
    made = run("import", old, "--write-map", target, book=tmp_path / "no workbook is needed.xlsx")
    assert made.code == 0
    assert made.out.startswith(f"Made {target}: 3 of 4 columns have a place, the others are kept")
    uncorrected = run("import", old, "--map", target, book=book)
    assert (
        uncorrected.code,
        'old.csv, line 2, column 3 (State): Status "Closed" is not one of' in uncorrected.err,
    ) == (
        1,
        True,
    )
    written(target, target.read_text("utf-8").replace('"Closed" = "?"', '"Closed" = "Pending"'))
    done = run("import", old, "--map", target, book=book)
    assert done.out.startswith("Entered from old.csv: 1 in Cases, 0 in Communications, 1 in Resolutions.\n")


# A report that comes every week

REPORT = (
    "PayPal case ID,Case status,Case filing date,Disputed amount,Currency,Response due date,Outcome\n"
    "PP-1,Waiting for seller response,2023-10-20,59.00,USD,2023-11-20,\n"
    "PP-2,Under review,2023-10-21,20.00,EUR,,\n"
)


def test_a_report_is_entered_once_and_then_only_what_is_new_of_it(book: Path, tmp_path: Path) -> None:
    report = written(tmp_path / "report.csv", REPORT)
    update = ("import", report, "--map", "paypal", "--update")
    assert run(*update, book=book).out.startswith("Entered from report.csv: 2 in Cases, 0 in Communications, 2 in Res")
    before = book.read_bytes()
    again = run(*update, book=book)
    assert (again.code, again.err, book.read_bytes() == before) == (0, "", True)
    assert again.out.splitlines()[1] == "Filled: 0 blank cells. Nothing new: 2 rows."
    ended = REPORT.replace("PP-2,Under review", "PP-2,Resolved").replace("EUR,,", "EUR,,Seller favor")
    written(report, ended.replace("59.00", "58.00"))
    listed = run(*update, book=book)
    assert "not entered: report.csv, line 3, column 2 (Case status): The case ended (Denied), and noth" in listed.err
    assert "conflict: report.csv, line 2, column 4 (Disputed amount): Amount Requested is" in listed.err
    done = run(*update, "--as-of", "2023-11-01", "--json", book=book)
    assert (done.code, done.json["entered"]["Resolutions"], len(done.json["conflicts"])) == (0, 1, 1)
    assert (
        run("tracker", "--format", "csv", book=book).out.splitlines()[2].startswith('PP-2,2023-10-21,,,"2023-11-01 - ')
    )


def test_the_history_tells_an_import_with_new_columns_as_one_and_nothing_by_hand_and_it_is_undone(
    book: Path, tmp_path: Path
) -> None:
    assert run("append", "case", "GTB-1", "--opened", "2023-10-20", book=book).code == 0
    columns = list(refundbook.load(book).cases.columns)
    report = written(
        tmp_path / "report.csv",
        REPORT.replace("Outcome", "Case type").replace("USD,2023-11-20,", "USD,2023-11-20,Claim"),
    )
    assert "columns of your own: Case type" in run("import", report, "--map", "paypal", "--update", book=book).out
    told = run("history", "--all", "--json", book=book).json
    assert [(line["kind"], line["command"]) for line in told] == [
        ("command", "import"),
        ("command", "append case"),
        ("begin", ""),
    ]
    cells = {(c["case"], cell["column"]): cell["after"] for c in told[0]["changes"] for cell in c["cells"]}
    assert (cells["PP-1", "Case type"], cells["PP-2", "Status"]) == ("Claim", "Pending")
    assert run("check", book=book).code == 0
    assert run("history", "--verify", book=book).code == 0
    undone = run("undo", "--yes", book=book)
    assert undone.code == 0, undone.err
    left = refundbook.load(book)
    assert (list(left.cases.index), len(left.resolutions)) == (["GTB-1"], 0)
    assert list(left.cases.columns) == [*columns, "Case type"]  # the column stays, and is empty
    again = run("history", "--all", "--json", book=book).json
    assert [(line["kind"], line["command"]) for line in again[:2]] == [("command", "undo"), ("command", "import")]
    assert run("import", report, "--map", "paypal", "--update", book=book).out.startswith(
        "Entered from report.csv: 2 in"
    )
    assert {line["kind"] for line in run("history", "--all", "--json", book=book).json} == {"begin", "command"}


def test_a_map_of_that_name_here_goes_before_the_one_that_comes_along(book: Path, tmp_path: Path) -> None:
    here = written(tmp_path / "paypal", MAP + OPEN_IS_PENDING)
    ran = run("import", written(tmp_path / "old.csv", TICKETS), "--map", here, book=book)
    assert (ran.code, ran.out.splitlines()[0][:28]) == (0, "Entered from old.csv: 1 in C")


def test_a_report_that_no_ready_map_is_for_is_refused(book: Path, tmp_path: Path) -> None:
    ran = run("import", written(tmp_path / "old.csv", TICKETS), "--map", "stripe", "--update", book=book)
    assert (ran.code, "is no report of stripe that is known" in ran.err) == (2, True)


@pytest.mark.slow
def test_of_a_big_file_a_bar_shows_at_a_terminal_how_far_it_is(book: Path, tmp_path: Path) -> None:
    rows = "".join(f"A-{k},2023-10-26,Open,ana\n" for k in range(2_100))
    old = written(tmp_path / "old.csv", f"Ticket,Opened,State,Owner\n{rows}")
    code, shown = at_terminal("-b", book, "import", old, "--yes")
    assert (code, "Reading" in shown, "100%" in shown, "Entering" in shown) == (0, True, True, True)
    small = written(tmp_path / "small.csv", "Ticket,Opened,State\nB-1,2023-10-26,Open\n")
    code, shown = at_terminal("-b", book, "import", small, "--yes")
    assert (code, "100%" in shown) == (0, False)


# Without a map


def test_a_guess_alone_enters_nothing(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    ran = run("import", written(tmp_path / "old.csv", TICKETS), book=book)
    assert (ran.code, "nothing is entered by a guess alone" in ran.err, "--yes" in ran.err) == (2, True, True)
    assert [line.split("  ")[0] for line in ran.out.splitlines()[2:]] == ["Ticket", "Opened", "State", "Owner"]
    assert "Case Number (Cases)" in ran.out
    assert book.read_bytes() == before


def test_yes_takes_a_guess_in_which_nothing_is_open(book: Path, tmp_path: Path) -> None:
    done = run("import", written(tmp_path / "old.csv", TICKETS), "--yes", book=book)
    assert done.code == 0
    assert run("tracker", "--format", "csv", book=book).out.splitlines()[1] == "1,2023-10-26,,,Pending - Open"


ENDED = "Ticket,Opened,State,Closed\n1,2023-10-26,Completed,2023-10-30\n2,2023-10-27,Rejected,2023-10-31\n"


def test_a_status_that_ends_a_case_is_asked_for_with_its_reason(book: Path, tmp_path: Path) -> None:
    old = written(tmp_path / "old.csv", ENDED)
    left = run("import", old, "--yes", "--set-status", "rejected=Denied", book=book)
    assert left.code == 2
    assert 'What does the status "Completed" mean (1 row)? Full Refund or Partial Refund?' in left.err
    assert "Rejected" not in left.err
    wrong = run("import", old, "--yes", "--set-status", "Completed=Paid", book=book)
    assert (wrong.code, 'to mean "Paid", which is none of: Pending' in wrong.err) == (2, True)
    answers = ("--set-status", "Completed=partial refund", "--set-status", "Rejected=Denied")
    assert run("import", old, "--yes", *answers, book=book).code == 0
    assert refundbook.load(book).records.resolutions["status"] == ["Partial Refund", "Denied"]


def test_an_end_without_a_date_gets_the_day_of_the_table_or_is_listed(book: Path, tmp_path: Path) -> None:
    old = written(tmp_path / "old.csv", "Ticket,Opened,State\n1,2023-10-26,Denied\n")
    listed = run("import", old, "--yes", book=book)
    assert (listed.code, "column 3 (State): The case ended (Denied), and nothing says when" in listed.err) == (1, True)
    assert run("import", old, "--yes", "--as-of", "2023-10-30", book=book).code == 0
    (_, line) = run("tracker", "--format", "csv", book=book).out.splitlines()
    assert line == '1,2023-10-26,,,"2023-10-30 - Ended by 2023-10-30, the day of old.csv."'


def test_what_is_refused_is_written_as_it_was_and_the_rest_is_entered(book: Path, tmp_path: Path) -> None:
    rows = TICKETS + "2,soon,Open,ben\n3,2023-10-27,Open,=cmd\n,2023-10-28,Open,ida\n1,2023-10-28,Open,zoe\n"
    old, rest = written(tmp_path / "old.csv", rows), tmp_path / "refused.csv"
    before = book.read_bytes()
    dry = run("import", old, "--yes", "--skip-refused", rest, "--dry-run", book=book)
    assert (dry.code, rest.exists(), book.read_bytes() == before) == (0, False, True)
    done = run("import", old, "--yes", "--skip-refused", rest, book=book)
    assert done.out.startswith("Entered from old.csv: 2 in Cases, 0 in Communications, 2 in Resolutions.\n")
    assert f"Refused: 3 rows, which are in {rest}." in done.out
    lines = rest.read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:4] for line in lines] == [
        ["Ticket", "Opened", "State", "Owner"],
        ["2", "soon", "Open", "ben"],
        ["", "2023-10-28", "Open", "ida"],
        ["1", "2023-10-28", "Open", "zoe"],
    ]
    assert 'Date Opened ""soon"" is' in lines[1]
    again = run("import", old, "--yes", "--skip-refused", rest, book=book)
    assert (again.code, "exists already" in again.err) == (2, True)


def test_the_refused_rows_are_not_written_where_nothing_is_entered(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise refundbook.CannotWrite("The disk is full.")

    old, rest = written(tmp_path / "old.csv", TICKETS + "2,soon,Open,ben\n"), tmp_path / "refused.csv"
    monkeypatch.setattr("refundbook.book.book.Book.save", full)
    ran = run("import", old, "--yes", "--skip-refused", rest, book=book)
    assert ("The disk is full." in ran.err, rest.exists()) == (True, False), ran.err


@pytest.mark.slow
def test_at_a_terminal_what_is_open_is_asked_for_and_the_map_can_be_kept(book: Path, tmp_path: Path) -> None:
    old, kept = written(tmp_path / "old.csv", ENDED + "3,2023-10-28,Denied,\n"), tmp_path / "my map.toml"
    answers = [
        ("Status:", "Full Refund"),
        ("Status [Denied]:", ""),
        ("by which they had ended:", "2023-11-01"),
        ("(Enter for not):", str(kept)),
        ("[Y/n]:", "y"),
    ]
    code, shown = at_terminal("-b", book, "import", old, answers=answers)
    assert (code, "Entered from old.csv: 3 in Cases" in shown) == (0, True), shown
    assert '"Completed" = "Full Refund"' in kept.read_text("utf-8")
    again = run("import", old, "--map", kept, "--as-of", "2023-11-01", book=blank(tmp_path / "other.xlsx"))
    assert again.code == 0


@pytest.mark.slow
def test_at_a_terminal_no_is_no(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    old = written(tmp_path / "old.csv", TICKETS)
    code, _ = at_terminal("-b", book, "import", old, answers=[("(Enter for not):", ""), ("[Y/n]:", "n")])
    assert (code != 0, book.read_bytes() == before) == (True, True)


def test_a_map_is_never_overwritten(book: Path, tmp_path: Path) -> None:
    old, target = written(tmp_path / "old.csv", TICKETS), written(tmp_path / "map.toml", MAP)
    ran = run("import", old, "--write-map", target, book=book)
    assert (ran.code, "exists already" in ran.err, target.read_text()) == (2, True, MAP)


def test_answers_in_json(book: Path, tmp_path: Path) -> None:
    old, target = written(tmp_path / "old.csv", TICKETS), written(tmp_path / "map.toml", MAP)
    refused = run("import", old, "--map", target, "--json", book=book)
    assert (refused.code, refused.json["entered"]) == (1, [])
    assert [(p["where"], p["value"]) for p in refused.json["problems"]] == [
        ("old.csv, line 2, column 3 (State)", "Open")
    ]
    written(target, MAP + OPEN_IS_PENDING)
    would = run("import", old, "--map", target, "--json", "--dry-run", book=book)
    assert would.json["would_enter"] == {"Cases": 1, "Communications": 0, "Resolutions": 1}
    done = run("import", old, "--map", target, "--json", book=book)
    assert (done.json["entered"], done.json["not_taken"]) == (
        {"Cases": 1, "Communications": 0, "Resolutions": 1},
        ["Owner"],
    )


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("missing.csv", None, 2, "missing.csv cannot be read: there is no such file"),
        ("old.xlsx", b"PK\x03\x04", 4, "old.xlsx cannot be read"),
        ("old.csv", b"\xe9,b", 2, "save it as .xlsx or as 'CSV UTF-8'"),
        (".", None, 2, "is a folder, and holds no mails"),
    ],
)
def test_a_file_that_cannot_be_read(
    book: Path, tmp_path: Path, name: str, content: bytes | None, code: int, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = run("import", tmp_path / name, book=book)
    assert (ran.code, said in ran.err) == (code, True), ran.err


@pytest.mark.parametrize(("content", "said"), [(b"[columns", "is not proper TOML"), (b"\xe9", "is not in UTF-8")])
def test_a_map_that_cannot_be_read(book: Path, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "map.toml").write_bytes(content)
    ran = run("import", written(tmp_path / "old.csv", TICKETS), "--map", tmp_path / "map.toml", book=book)
    assert (ran.code, said in ran.err) == (2, True)


def test_cells_that_steer_a_terminal_are_escaped(book: Path, tmp_path: Path) -> None:
    rows = [("GTB-1", "\u009bsoon", "", "", "")]
    ran = run("import", written(tmp_path / "old.csv", to_csv(HEADER, rows)), book=book)
    assert (ran.code, "\u009b" in ran.err) == (1, False)
