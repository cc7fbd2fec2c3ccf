"""`refundbook append`: every option, what is refused and in which words, files of entries, and questions at
a terminal.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock

from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Sheet
from refundbook.cli import append_cmd
from refundbook.importing.entry_file import Line
from tests.support.books import SAMPLE, filled
from tests.support.command import Ran, environment, run
from tests.support.samples import load, sample_at
from tests.support.terminal import ROOT, at_terminal, process

pytestmark = pytest.mark.slow

EVERYTHING: Mapping[str, Mapping[str, tuple[str, object]]] = {
    "case": {
        "--issuer": ("Bank", "Bank"),
        "--opened": ("26 Oct 2023", date(2023, 10, 26)),
        "--order": ("0012", "0012"),
        "--payment": ("1E10", "1E10"),
        "--related": ("gtb-789045", "GTB-789045"),
        "--customer": ("山田 Zoë", "山田 Zoë"),
        "--item": ("=1+1", "=1+1"),
        "--reason": ("Late", "Late"),
        "--amount": ("1234.50", Decimal("1234.5")),
        "--currency": ("eur", "EUR"),
        "--respond-by": ("2023-12-01 17:00", datetime(2023, 12, 1, 17)),
        "--answered-on": ("yesterday", date(2023, 11, 4)),
        "--notes": ("two\nlines ", "two\nlines "),
    },
    "communication": {
        "--date": ("yesterday", date(2023, 11, 4)),
        "--with": ("SUPPORT", "Support"),
        "--direction": ("sent", "Sent"),
        "--channel": ("Chat", "Chat"),
        "--agent": ("Maya", "Maya"),
        "--summary": ("-1 & <b>", "-1 & <b>"),
        "--promise": ("@Investigate", "@Investigate"),
        "--due": ("1 week", date(2023, 11, 11)),
        "--kept-on": ("today", date(2023, 11, 5)),
        "--evidence": ("screenshots/chat.png", "screenshots/chat.png"),
        "--source": ("=mail", "=mail"),
    },
    "resolution": {
        "--status": ("partial-refund", "Partial Refund"),
        "--date": ("2023-11-04", date(2023, 11, 4)),
        "--amount": ("10", Decimal(10)),
        "--currency": ("USD", "USD"),
        "--method": ("Card", "Card"),
        "--outcome": ("+ Half of it.", "+ Half of it."),
        "--source": ("bank statement", "bank statement"),
    },
}

CASE = ("append", "case", "GTB-789100", "--opened", "2023-11-01")
MESSAGE = ("append", "communication", "GTB-789045", "--date", "2023-11-03", "--with", "support", "--summary", "Hello")
END = ("append", "resolution", "GTB-789045", "--status", "denied", "--date", "2023-11-03")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "tracker.xlsx")


def newest(path: Path, pillar: str) -> dict[str, object]:
    """The last row of a pillar, by column name."""
    log = load(path).records.log(BY_PILLAR[pillar])
    return {name: values[-1] for name, values in log.columns.items()}


# One entry


@pytest.mark.parametrize("pillar", EVERYTHING)
def test_every_option_is_written_where_it_belongs(sample: Path, pillar: str) -> None:
    given = EVERYTHING[pillar]
    asked = {column.option for column in BY_PILLAR[pillar].columns if column.asked and column.name != "number"}
    assert set(given) == asked
    number = "GTB-789100" if pillar == "case" else "gtb-789045"
    ran = run("append", pillar, number, *(word for o, (text, _) in given.items() for word in (o, text)), book=sample)
    assert (ran.code, ran.err) == (0, "")
    row = newest(sample, pillar)
    for column in BY_PILLAR[pillar].columns:
        if column.option in given:
            assert row[column.name] == given[column.option][1], column.header
    assert row["number"] == number.upper()
    assert (row["logged_at"], row["logged_by"]) == (datetime(2023, 11, 5, 23, 59, 59), "ana")


def test_an_entry_says_where_it_went(sample: Path) -> None:
    assert run(*CASE, book=sample).out == "Entered GTB-789100 in Cases, row 4.\n"
    assert run(*MESSAGE, book=sample).out == "Entered GTB-789045 in Communications, row 9.\n"
    assert run(*END, book=sample).out == "Entered GTB-789045 in Resolutions, row 4.\n"


def test_a_warning_is_said_with_its_place_and_stops_nothing(sample: Path) -> None:
    ran = run("append", "resolution", "GTB-789045", "--status", "full refund", "--date", "2023-11-03", book=sample)
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "refundbook: Resolutions!D4: warning RB252: Amount is empty for a Full Refund. "
        "Enter it from the statement of the card or account.",
        "refundbook: Resolutions!F4: warning RB252: Method is empty for a Full Refund. "
        "Enter it from the statement of the card or account.",
    ]


def test_an_entry_in_json(sample: Path) -> None:
    ran = run("append", "case", "GTB-78910", "--opened", "2023-11-01", "--issuer", "GTBuy", "--amount", "49.90", "--json", book=sample)  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    (entry,) = ran.json["entered"]
    assert (entry["sheet"], entry["row"]) == ("Cases", 4)
    assert entry["values"] == {
        "Case Number": "GTB-78910",
        "Issuer": "GTBuy",
        "Date Opened": "2023-11-01",
        "Amount Requested": 49.9,
        "Logged At": "2023-11-05T23:59:59",
        "Logged By": "ana",
    }
    assert [warning["code"] for warning in entry["warnings"]] == ["RB151"]
    assert set(entry["warnings"][0]) == {"code", "message", "hint"}


@pytest.mark.parametrize("args", [CASE, MESSAGE, END])
def test_a_dry_run_says_what_would_happen_and_writes_nothing(sample: Path, args: Sequence[str]) -> None:
    before = sample.read_bytes()
    ran = run(*args, "--dry-run", book=sample)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"Would enter {args[2]} in {BY_PILLAR[args[1]].name}, row {9 if args is MESSAGE else 4}.\n{sample} was not changed.\n"  # fmt: skip
    data = run(*args, "--dry-run", "--json", book=sample).json
    assert data["entered"] == []
    assert data["would_enter"][0]["values"]["Case Number"] == args[2]
    assert sample.read_bytes() == before
    assert [path.name for path in sample.parent.iterdir()] == ["tracker.xlsx"]


def test_a_dry_run_refuses_what_an_append_refuses(sample: Path) -> None:
    args = ("append", "case", "GTB-789012", "--opened", "2023-11-01")
    assert run(*args, "--dry-run", book=sample) == run(*args, book=sample)


# What is refused, and in which words

NOT_ENTERED = "refundbook: {} was not entered: "
REFUSED = {
    "a duplicate": (
        ("case", "gtb-789012", "--opened", "2023-11-01"),
        "Case gtb-789012",
        'Case Number gtb-789012 is already in row 2 of Cases (Date Opened 2023-10-26, spelled "GTB-789012"). News of that case is logged elsewhere: '
        "a message with `refundbook append communication GTB-789012 …` (sheet Communications), its outcome with "
        "`refundbook append resolution GTB-789012 …` (sheet Resolutions). Another case has another number.",
    ),
    "a date that does not exist": (
        ("case", "X-1", "--opened", "2023-02-29"),
        "Case X-1",
        'Date Opened "2023-02-29" does not exist, February 2023 has 28 days: correct the day.',
    ),
    "a date that is none": (
        ("case", "X-1", "--opened", "someday"),
        "Case X-1",
        'Date Opened "someday" is not a date: write it as 2023-10-26 or 26 Oct 2023, or today or yesterday.',
    ),
    "a date with two readings": (
        ("case", "X-1", "--opened", "03/04/2023"),
        "Case X-1",
        'Date Opened "03/04/2023" can mean 3 April 2023 or 4 March 2023: write 2023-04-03 or 2023-03-04, or set '
        '"03/04/2023 means" on the Settings sheet.',
    ),
    "a date in the future": (
        ("communication", "GTB-789045", "--date", "2032-11-03", "--with", "support", "--summary", "x"),
        "The communication for case GTB-789045",
        "Date 2032-11-03 is in the future (today is 2023-11-05). ",
    ),
    "an unknown status": (
        ("resolution", "GTB-789045", "--status", "Refunded"),
        "The resolution for case GTB-789045",
        'Status "Refunded" is not one of: Pending, Full Refund, Partial Refund, Replacement, Store Credit, Denied, '
        'Withdrawn, Reopened. Did you mean "Full Refund"?',
    ),
    "a due date that is none": (
        (*MESSAGE[1:], "--due", "someday"),
        "The communication for case GTB-789045",
        'Due "someday" is neither a date nor a span of time: write it as 2023-10-26, 2023-10-26 14:30 or 26 Oct 2023, or today, yesterday or now, '
        "or a span such as 48 hrs, 3 days, 2 business days, 1 week or 1 month.",
    ),
    "an amount with a comma": (
        (*CASE[1:], "--amount", "1,250"),
        "Case GTB-789100",
        'Amount Requested "1,250" can mean 1250.00 or 1.25: write 1250.00, '
        'or 1.250 with a currency that has so many decimals.',
    ),
    "an amount that is no number": (
        (*CASE[1:], "--amount", "NaN"),
        "Case GTB-789100",
        'Amount Requested "NaN" is not an amount: write its digits, with a point before decimals, '
        'and at most a currency beside them.',
    ),
    "a negative amount": (
        (*CASE[1:], "--amount", "-5"),
        "Case GTB-789100",
        'Amount Requested "-5" is negative: amounts count up from 0, write it without the minus.',
    ),
    "a number of blanks": (
        ("case", "  ", "--opened", "2023-11-01"),
        "Case without a number",
        "Case Number is empty; it is required. Fill it in. The number that GTBuy or the payment processor gave the "
        "case. Each number stands here once.",
    ),
    "an unknown case": (
        ("resolution", "GTB-789054", "--status", "pending"),
        "The resolution for case GTB-789054",
        "Case Number GTB-789054 is not on the Cases sheet. Did you mean GTB-789045 (Cases!A3)? If not, enter the "
        "case first: `refundbook append case GTB-789054 --opened …`.",
    ),
    "a control character": (
        (*CASE[1:], "--notes", "a\x07b"),
        "Case GTB-789100",
        'Notes "a\u2039control character U+0007\u203ab" has a character that no workbook can hold (U+0007, at '
        'position 2): take it out.',
    ),
    "text that is too long": (
        (*MESSAGE[1:-1], "x" * 32_768),
        "The communication for case GTB-789045",
        "Summary is 32,768 characters long, and a cell holds 32,767: shorten it, or split it over two entries.",
    ),
    "emoji that are too long": (
        (*CASE[1:], "--item", "👍" * 16_384),
        "Case GTB-789100",
        "Item is 32,768 characters long, and a cell holds 32,767: shorten it, or split it over two entries.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_entry_is_answered_with_one_sentence_and_writes_nothing(sample: Path, name: str) -> None:
    args, what, sentence = REFUSED[name]
    before = sample.read_bytes()
    ran = run("append", *args, book=sample)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    expected = NOT_ENTERED.format(what) + sentence
    assert ran.err.startswith(expected)
    assert ran.err == expected + "\n" or sentence.endswith(" ")
    assert sample.read_bytes() == before


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.pillar)
@pytest.mark.parametrize("value", ["a\x07b", "a\ud800b", "a\uffffb"])
def test_every_text_option_names_its_column_when_it_refuses_a_character(sample: Path, sheet: Sheet, value: str) -> None:
    needed = {"case": CASE, "communication": MESSAGE, "resolution": END}[sheet.pillar]
    for column in sheet.columns:
        if column.is_text and column.asked and not column.choices and column.name != "number":
            ran = run(*needed, column.option, value, book=sample)
            assert ran.code == 1
            assert f": {column.header} " in ran.err
            assert "has a character that no workbook can hold" in ran.err


def test_a_refusal_in_json(sample: Path) -> None:
    ran = run("append", "case", "GTB-789012", "--opened", "2024-01-01", "--json", book=sample)
    assert ran.code == 1
    assert ran.json["entered"] == []
    (refused,) = ran.json["refused"]
    assert [finding["code"] for finding in refused["findings"]] == ["RB201", "RB203"]
    assert ran.err.startswith("refundbook: Case GTB-789012 was not entered: ")


@pytest.mark.parametrize(
    ("args", "missing"),
    [
        (["case"], "NUMBER, --opened"),
        (["case", "X-1"], "--opened"),
        (["communication"], "NUMBER, --date, --with, --summary"),
        (["communication", "X-1", "--summary", "x"], "--date, --with"),
        (["resolution", "X-1"], "--status"),
    ],
)
def test_without_a_terminal_what_is_missing_is_wrong_usage(sample: Path, args: list[str], missing: str) -> None:
    ran = run("append", *args, book=sample)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith(f"Error: Missing: {missing}.\n")
    assert f"Usage: refundbook append {args[0]} [OPTIONS] NUMBER" in ran.err


# Workbooks that were changed


def renamed(path: Path, sheet: str, cell: str, name: str) -> Path:
    """The sample with a sheet renamed (no `cell`), or a header."""
    book = openpyxl.load_workbook(path)
    if cell:
        page = book[sheet]
        old, page[cell] = page[cell].value, name
        next(column for column in page.tables[sheet].tableColumns if column.name == old).name = name
    else:
        book[sheet].title = name
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheet", "cell", "name", "message"),
    [
        ("Resolutions", "", "Resolution",
            'Resolutions: error RB001: The sheet Resolutions is missing (the nearest name found is "Resolution"). If '
            '"Resolution" is that sheet, rename it to Resolutions.'),
        ("Cases", "C1", "Opened",
            'Cases!C1: error RB002: The column Date Opened is missing (the nearest header found is "Opened"). If '
            '"Opened" is that column, correct its header to Date Opened.'),
    ],
)  # fmt: skip
def test_a_renamed_sheet_or_header_is_said_with_the_nearest_name(
    sample: Path, sheet: str, cell: str, name: str, message: str
) -> None:
    renamed(sample, sheet, cell, name)
    before = sample.read_bytes()
    ran = run(*CASE, book=sample)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"refundbook: {sample}: {message}\n"
    assert sample.read_bytes() == before


def test_a_case_typed_in_by_hand_can_be_added_to(sample: Path) -> None:
    book = openpyxl.load_workbook(sample)
    page = book["Cases"]
    page["A4"], page["C4"] = "GTB-789100", date(2023, 11, 1)
    page.tables["Cases"].ref = page.tables["Cases"].ref[:-1] + "4"
    book.save(sample)
    assert run(*MESSAGE[:2], "GTB-789100", *MESSAGE[3:], book=sample).code == 0
    assert run("show", "GTB-789100", book=sample).out.startswith("GTB-789100: Pending, open for 4 days\n")
    assert run("tracker", "--json", book=sample).json[2]["Communication Log Summary"] == "Hello"
    assert run(*CASE, book=sample).code == 1


# Many entries from a file

ROWS: Sequence[Mapping[str, str]] = (
    {"pillar": "case", "Case Number": "GTB-789100", "Date Opened": "2023-11-01", "Amount Requested": "49.90", "Notes": "two\nlines"},
    {"pillar": "communication", "Case Number": "gtb-789100", "Date": "2023-11-02", "With": "support", "Summary": "Hello", "Due": "48 hrs"},
    {"pillar": "resolution", "Case Number": "GTB-789100", "Status": "Denied", "Resolution Date": "2023-11-03"},
)  # fmt: skip
BAD_ROWS: Sequence[Mapping[str, str]] = (
    *ROWS,
    {"pillar": "case", "Case Number": "GTB-789012", "Date Opened": "2023-11-01"},
    {"pillar": "case", "Case Number": "GTB-789101", "Date Opened": "someday"},
)


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(params=["entries.csv", "entries.jsonl"])
def write(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Writes rows to a file of either kind."""
    kind = write_csv if request.param.endswith("csv") else write_json
    return lambda rows: kind(tmp_path / request.param, rows)


def test_entries_are_read_from_a_file(sample: Path, write) -> None:  # type: ignore[no-untyped-def]
    ran = run("append", "--from", write(ROWS), book=sample)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "Entered GTB-789100 in Cases, row 4.\n"
        "Entered GTB-789100 in Communications, row 9.\n"
        "Entered GTB-789100 in Resolutions, row 4.\n"
    )
    assert newest(sample, "case")["notes"] == "two\nlines"
    assert newest(sample, "communication")["due"] == date(2023, 11, 4)
    assert newest(sample, "resolution")["status"] == "Denied"


def test_all_rows_are_entered_or_none_and_every_refused_one_is_listed_with_its_line(sample: Path, write) -> None:  # type: ignore[no-untyped-def]
    path = write(BAD_ROWS)
    first, second = (6, 7) if path.suffix == ".csv" else (4, 5)  # a text of two lines stands in the CSV file
    before = sample.read_bytes()
    ran = run("append", "--from", path, book=sample)
    assert (ran.code, ran.out) == (1, "")
    assert sample.read_bytes() == before
    lines = ran.err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(
        f"refundbook: {path}, line {first}: Case GTB-789012 was not entered: Case Number GTB-789012 is already in row 2"
    )
    assert lines[1].startswith(
        f'refundbook: {path}, line {second}: Case GTB-789101 was not entered: Date Opened "someday" is not a date'
    )
    assert lines[2] == "refundbook: Nothing was entered: 2 of 5 rows are refused. Correct them and run it again."
    data = run("append", "--from", path, "--json", book=sample).json
    assert data["entered"] == []
    assert [(row["line"], row["findings"][0]["code"]) for row in data["refused"]] == [
        (first, "RB201"),
        (second, "RB102"),
    ]


def test_one_refused_row_is_one_row(sample: Path, write) -> None:  # type: ignore[no-untyped-def]
    ran = run("append", "--from", write([*ROWS, BAD_ROWS[3]]), book=sample)
    assert ran.err.endswith("Nothing was entered: 1 of 4 rows is refused. Correct it and run it again.\n")


def test_a_dry_run_of_a_file_writes_nothing(sample: Path, write) -> None:  # type: ignore[no-untyped-def]
    before = sample.read_bytes()
    ran = run("append", "--from", write(ROWS), "--dry-run", book=sample)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == "Would enter GTB-789100 in Cases, row 4."
    assert ran.out.splitlines()[-1] == f"{sample} was not changed."
    data = run("append", "--from", write(ROWS), "--dry-run", "--json", book=sample).json
    assert (len(data["entered"]), len(data["would_enter"])) == (0, 3)
    assert run("append", "--from", write(BAD_ROWS), "--dry-run", book=sample).code == 1
    assert sample.read_bytes() == before


def test_entries_are_read_from_standard_input(sample: Path, tmp_path: Path) -> None:
    for kind in (write_csv, write_json):
        sample_at(sample)
        data = kind(tmp_path / "rows", ROWS).read_bytes()
        ran = process("-b", sample, "append", "--from", "-", stdin=data)
        assert (ran.code, ran.err) == (0, "")
        assert len(load(sample).cases) == 3
    ran = process("-b", sample, "append", "--from", "-", stdin=b"pillar,Case Number\nrefund,1\n")
    assert ran.err.startswith('refundbook: standard input, line 2: it has the pillar "refund"')
    assert ran.code == 2


def test_the_workbook_is_not_locked_while_standard_input_is_being_read(sample: Path) -> None:
    """Whoever feeds it may well enter something else with refundbook meanwhile."""
    command = [sys.executable, "-m", "refundbook", "-b", str(sample), "append", "--from", "-"]
    env = {**os.environ, **environment(), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    ) as running:
        assert running.stdin is not None
        running.stdin.write(b"pillar,Case Number,Date Opened\n")
        running.stdin.flush()
        assert process("-b", sample, *CASE).code == 0
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.5)
        with FileLock(sample.with_name(".tracker.xlsx.lock")).acquire(timeout=0):
            pass
        out, err = running.communicate(b"case,GTB-789101,2023-11-01\n")
    assert (out.splitlines(), err) == ([b"Entered GTB-789101 in Cases, row 5."], b"")


def test_a_column_that_does_not_exist_is_named_with_its_line(sample: Path, write) -> None:  # type: ignore[no-untyped-def]
    path = write([*ROWS, {"pillar": "case", "Case Number": "X-1", "Date Opend": "today"}])
    ran = run("append", "--from", path, book=sample)
    assert ran.code == 2
    line = 6 if path.suffix == ".csv" else 4
    assert ran.err.startswith(
        f'refundbook: {path}, line {line}: Cases has no column "Date Opend". Did you mean "Date Opened"? '
    )


def test_a_file_without_entries_is_said_to_be_so(sample: Path, tmp_path: Path) -> None:
    before = sample.read_bytes()
    path = tmp_path / "empty.csv"
    path.write_text("pillar,Case Number\n", encoding="utf-8")
    ran = run("append", "--from", path, book=sample)
    assert (ran.code, ran.out, ran.err) == (0, f"{path} holds no entries.\n", "")
    assert run("append", "--from", path, "--json", book=sample).json == {"entered": []}
    assert sample.read_bytes() == before


def test_a_file_that_cannot_be_read_is_wrong_usage(sample: Path, tmp_path: Path) -> None:
    ran = run("append", "--from", tmp_path / "none.csv", book=sample)
    assert (ran.code, ran.err) == (
        2,
        f"refundbook: {tmp_path / 'none.csv'} cannot be read: there is no such file.\n",
    )
    assert run("append", "--from", tmp_path, book=sample).code == 2
    ran = run("append", "--from", sample, book=sample)
    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_more_than_ten_entries_are_summed_up(sample: Path, tmp_path: Path) -> None:
    rows = [{"pillar": "case", "Case Number": f"GTB-8000{k:02}", "Date Opened": "2023-11-01"} for k in range(12)]
    lines = run("append", "--from", write_csv(tmp_path / "t.csv", rows), book=sample).out.splitlines()
    assert len(lines) == 11
    assert lines[9] == "Entered GTB-800009 in Cases, row 13."
    assert lines[10] == "… 12 entries in all."


# At a terminal


def test_what_is_required_is_asked_for(sample: Path) -> None:
    answers = [("Case Number:", "GTB-789100"), ("Date Opened [today]:", "2023-11-01")]
    code, shown = at_terminal("-b", sample, "append", "case", answers=answers)
    assert code == 0, shown
    assert shown.endswith("Entered GTB-789100 in Cases, row 4.\n")
    answers = [("Date [today]:", "yesterday"), ("With (Support, Buyer):", "buyer"), ("Summary:", "Hello = you")]
    code, shown = at_terminal("-b", sample, "append", "communication", "GTB-789100", answers=answers)
    assert code == 0, shown
    assert newest(sample, "communication")["summary"] == "Hello = you"


def test_an_answer_that_is_not_in_the_list_is_asked_for_again(sample: Path) -> None:
    answers = [("With (Support, Buyer):", "Agent"), ("With (Support, Buyer):", "support")]
    code, shown = at_terminal("-b", sample, "append", "communication", "GTB-789045", "--date", "today", "--summary", "x", answers=answers)  # fmt: skip
    assert code == 0, shown
    assert "Error: 'Agent' is not one of" in shown


@pytest.mark.parametrize("status", ["Full Refund", "partial-refund", " partial_refund "])
def test_the_date_amount_and_method_of_a_refund_are_asked_for(sample: Path, status: str) -> None:
    answers = [
        ("Resolution Date:", "2023-11-03"),
        ("Amount (Enter to leave it blank):", "20.50"),
        ("Method (Enter to leave it blank):", ""),
    ]
    code, shown = at_terminal("-b", sample, "append", "resolution", "GTB-789045", "--status", status, answers=answers)
    assert code == 0, shown
    row = newest(sample, "resolution")
    assert (row["date"], row["amount"], row["method"]) == (date(2023, 11, 3), Decimal("20.5"), None)
    assert "warning RB252: Method is empty" in shown


def test_the_date_of_any_other_end_is_asked_for_and_nothing_of_a_pending_case(sample: Path) -> None:
    answers = [("Reopened):", "denied"), ("Resolution Date:", "2023-11-03")]
    code, shown = at_terminal("-b", sample, "append", "resolution", "GTB-789045", answers=answers)
    assert code == 0, shown
    assert (newest(sample, "resolution")["status"], newest(sample, "resolution")["date"]) == (
        "Denied",
        date(2023, 11, 3),
    )
    code, shown = at_terminal("-b", sample, "append", "resolution", "GTB-789012", "--status", "reopened")
    assert (code, shown) == (0, "Entered GTB-789012 in Resolutions, row 5.\n")


def test_what_was_given_is_not_asked_for(sample: Path) -> None:
    args = ("--status", "Full Refund", "--date", "today", "--amount", "5", "--method", "Card")
    code, shown = at_terminal("-b", sample, "append", "resolution", "GTB-789045", *args)
    assert (code, shown) == (0, "Entered GTB-789045 in Resolutions, row 4.\n")


def test_stopping_at_a_question_writes_nothing(sample: Path) -> None:
    before = sample.read_bytes()
    code, shown = at_terminal("-b", sample, "append", "case", answers=[("Case Number:", "\x04")])
    assert code == 130
    assert shown.endswith("refundbook: Stopped. Nothing was written.\n")
    assert "Traceback" not in shown
    assert sample.read_bytes() == before


def test_without_a_terminal_nothing_is_asked(sample: Path) -> None:
    ran = process("-b", sample, "append", "case", stdin=b"GTB-789100\n2023-11-01\n")
    assert (ran.code, ran.out) == (2, "")


def rows_for_progress(tmp_path: Path, count: int) -> Path:
    """Messages: of so many new cases it would be said that the Tracker is not live any more."""
    message = {"pillar": "communication", "Case Number": "GTB-789045", "Date": "2023-11-03", "With": "Support"}
    return write_csv(tmp_path / f"{count}.csv", [{**message, "Summary": f"Message {k}."} for k in range(count)])


def test_a_long_file_shows_its_progress_at_a_terminal_and_only_there(sample: Path, tmp_path: Path) -> None:
    path = rows_for_progress(tmp_path, 250)
    code, shown = at_terminal("-b", sample, "append", "--from", path, "--dry-run")
    assert code == 0
    assert "Entering" in shown
    assert "100%" in shown
    ran: Ran = process("-b", sample, "append", "--from", path, "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert "100%" not in ran.out


def test_a_short_file_shows_no_progress(sample: Path, tmp_path: Path) -> None:
    code, shown = at_terminal("-b", sample, "append", "--from", rows_for_progress(tmp_path, 20), "--dry-run")
    assert code == 0
    assert "100%" not in shown


def test_peoples_own_columns_stay_blank_in_a_new_row_and_as_they_were_in_the_others(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "Mine": "x"}, SAMPLE.cases[1]])
    assert run(*CASE, book=path).code == 0
    assert load(path).records.cases.extra["Mine"] == ["x", None, None]


def test_the_pillars_of_the_command_are_those_of_the_schema() -> None:
    assert [sheet.pillar for sheet in (CASES, COMMUNICATIONS, RESOLUTIONS)] == list(EVERYTHING)


def test_many_entries_can_be_taken_again_after_the_bar_has_shown_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the workbook turns out to be open only when it is to be written, what was shown must still be kept."""
    lines = [Line(n, "case", {"Case Number": f"N-{n}"}) for n in range(300)]
    expected = [(line.pillar, line.fields) for line in lines]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with append_cmd._progress(lines) as entries:
        assert list(entries()) == expected
        assert list(entries()) == expected
