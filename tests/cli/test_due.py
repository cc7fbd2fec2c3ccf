"""`refundbook due` and `refundbook keep`: what they print, write and end with."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
import vobject

from refundbook.base import schema
from tests.support import places
from tests.support.books import Row, filled
from tests.support.command import run
from tests.support.samples import load, sample_at
from tests.support.terminal import at_terminal

pytestmark = pytest.mark.slow

LATE = "GTB-789012"


def november(day: int, hour: int | None = None) -> date:
    return date(2023, 11, day) if hour is None else datetime(2023, 11, day, hour)


CASES: tuple[Row, ...] = (
    {"number": LATE, "issuer": "GTBuy", "opened": november(1)},
    {"number": "PP-R-1", "issuer": "PayPal", "opened": november(4), "respond_by": november(10)},
    {"number": "GTB-789045", "issuer": "GTBuy", "opened": november(1)},
)
MESSAGES: tuple[Row, ...] = (
    {"entry": 1, "number": LATE, "date": november(1), "with_": "Support", "direction": "Received", "agent": "Maya", "summary": "x", "promise": "Investigate", "due": november(3)},
    {"entry": 2, "number": LATE, "date": november(2), "with_": "Buyer", "direction": "Sent", "summary": "y", "promise": "Tell the buyer", "due": november(7, 14)},
)  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return filled(tmp_path / "t.xlsx", CASES, MESSAGES, [])


def test_due_prints_four_kinds_of_deadlines_the_oldest_first(book: Path) -> None:
    ran = run("due", book=book)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "Due               When         Case Number  Entry  Who             What\n"
        "────────────────  ───────────  ───────────  ─────  ──────────────  ─────────────────────────\n"
        "2023-11-03        2 days late  GTB-789012   1      Support (Maya)  Investigate\n"
        "2023-11-03        2 days late  GTB-789045          Support         No reply since 2023-11-01\n"
        "2023-11-07 14:00  in 38 hours  GTB-789012   2      You to Buyer    Tell the buyer\n"
        "2023-11-10        in 5 days    PP-R-1              You to PayPal   Answer the gateway\n"
    )


@pytest.mark.parametrize(
    ("within", "numbers"),
    [
        ("today", [LATE, "GTB-789045"]),
        ("2d", [LATE, "GTB-789045", LATE]),
        ("1 week", [LATE, "GTB-789045", LATE, "PP-R-1"]),
    ],
)
def test_due_looks_as_far_ahead_as_it_is_told(book: Path, within: str, numbers: list[str]) -> None:
    assert [d["number"] for d in run("due", "--within", within, "--json", book=book).json] == numbers


def test_due_for_programs(book: Path) -> None:
    data = run("due", "--json", book=book).json
    assert data == run("due", "--format", "json", book=book).json
    assert data[0] == {
        "whose": "their promise", "number": LATE, "entry": 1, "by": "2023-11-03", "made": "2023-11-01", "who": "Support (Maya)", "what": "Investigate",
        "overdue": True, "when": "2 days late",
    }  # fmt: skip
    assert [d["whose"] for d in data] == ["their promise", "no reply", "your promise", "gateway deadline"]
    rows = list(csv.reader(io.StringIO(run("due", "--format", "csv", book=book).out)))
    assert rows[0] == ["Due", "When", "Case Number", "Entry", "Who", "What"]
    assert rows[1] == ["2023-11-03", "2 days late", LATE, "1", "Support (Maya)", "Investigate"]
    assert "| 2023-11-03 | 2 days late | GTB-789012 | 1 |" in run("due", "--format", "markdown", book=book).out


def test_nothing_due_is_said_to_people_and_empty_for_programs(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [{"number": "A-1", "opened": november(5)}], [], [])
    assert run("due", book=path).out == "Nothing is late, and nothing is due soon.\n"
    assert run("due", "--json", book=path).json == []
    assert run("due", "--format", "csv", book=path).out == "Due,When,Case Number,Entry,Who,What\n"


@pytest.mark.parametrize(("today", "code"), [("2023-11-05", 1), ("2023-11-03", 0)])
def test_cron_can_be_told_by_the_exit_code_that_something_is_late(tmp_path: Path, today: str, code: int) -> None:
    book = filled(tmp_path / "t.xlsx", CASES[:1], MESSAGES[:1], [])
    assert run("due", "--fail-if-overdue", book=book, today=today).code == code
    assert run("due", book=book, today=today).code == 0


def test_a_message_to_support_hides_no_deadline_of_a_gateway_from_cron_nor_from_the_calendar(tmp_path: Path) -> None:
    sent = {
        "entry": 1,
        "number": "PP-R-1",
        "date": november(9),
        "with_": "Support",
        "direction": "Sent",
        "summary": "x",
    }
    book, calendar = filled(tmp_path / "t.xlsx", CASES[1:2], [sent], []), tmp_path / "refunds.ics"
    ran = run("due", "--fail-if-overdue", "--ics", calendar, "--json", book=book, today="2023-11-11")
    assert (ran.code, [(d["number"], d["overdue"]) for d in ran.json if d["whose"] == "gateway deadline"]) == (
        1,
        [("PP-R-1", True)],
    )
    events = vobject.readOne(calendar.read_text(encoding="utf-8")).contents["vevent"]
    assert ("PP-R-1 You to PayPal: Answer the gateway (you last wrote on 2023-11-09)", november(10)) in [
        (event.summary.value, event.dtstart.value) for event in events
    ]
    run("append", "resolution", "PP-R-1", "--status", "denied", "--date", "2023-11-11", book=book, today="2023-11-11")
    assert run("due", "--fail-if-overdue", book=book, today="2023-11-11").code == 0


def test_a_window_that_is_none_is_wrong_usage_and_says_what_is_accepted(book: Path) -> None:
    ran = run("due", "--within", "soon", book=book)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(
        'refundbook: --within "soon" is neither a date nor a span of time: write it as 2023-10-26'
    )


# The calendar


def test_due_writes_a_calendar_beside_the_list(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "refunds.ics"
    ran = run("due", "--within", "today", "--ics", path, book=book)
    assert ran.out == run("due", "--within", "today", book=book).out
    assert ran.err == f"refundbook: Wrote 4 events to {path}.\n"
    read = vobject.readOne(path.read_text(encoding="utf-8"))
    assert read.contents["x-wr-calname"][0].value == "Refunds: t"
    assert len(read.contents["vevent"]) == 4


def test_a_calendar_never_takes_the_place_of_the_workbook(book: Path) -> None:
    before = book.read_bytes()
    ran = run("due", "--ics", book, book=book)
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err == f"refundbook: {book} is no calendar and is left as it is. Name another file, such as refunds.ics.\n"
    )
    assert book.read_bytes() == before


# keep


def test_keep_marks_a_promise_as_kept_today(book: Path) -> None:
    ran = run("keep", "1", book=book)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Marked as kept on 2023-11-05: entry 1 of GTB-789012, Investigate\n"
    assert load(book).records.communications["kept_on"] == [november(5), None]
    assert [d["entry"] for d in run("due", "--json", book=book).json] == [None, 2, None]


def test_keep_takes_the_day(book: Path) -> None:
    ran = run("keep", "1", "--on", "2023-11-03", "--json", book=book)
    assert ran.json["kept"]["Kept On"] == "2023-11-03"
    assert ran.json["kept"]["Promise"] == "Investigate"
    assert load(book).records.communications["kept_on"] == [november(3), None]


def test_keep_can_be_tried(book: Path) -> None:
    before = book.read_bytes()
    ran = run("keep", "1", "--dry-run", book=book)
    assert ran.out == f"Would mark as kept on 2023-11-05: entry 1 of GTB-789012, Investigate\n{book} was not changed.\n"
    assert "would_keep" in run("keep", "1", "--dry-run", "--json", book=book).json
    assert book.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["9"], 1, "There is no entry 9 in Communications."),
        (["7"], 1, "Entry 7 holds no promise (Communications!I8 is empty)."),
        (["3"], 1, "The promise in entry 3 (GTB-789012: Investigate) was kept on 2023-10-30 already."),
        (["three"], 2, "'three' is not a valid integer"),
        (["0"], 2, "0 is not in the range x>=1"),
        ([], 2, "Missing argument 'ENTRY'"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(tmp_path: Path, args: list[str], code: int, message: str) -> None:  # fmt: skip
    path = sample_at(tmp_path / "t.xlsx")
    before = path.read_bytes()
    ran = run("keep", *args, book=path)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert path.read_bytes() == before


@pytest.mark.parametrize(("on", "message"), [("2023-11-06", "is in the future"), ("2023-10-31", "is before the message's")])  # fmt: skip
def test_a_day_that_cannot_be_is_refused_by_the_rules(book: Path, on: str, message: str) -> None:
    ran = run("keep", "1", "--on", on, book=book)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err


# keep --answered


def test_an_answer_to_the_gateway_ends_its_deadline(book: Path) -> None:
    ran = run("keep", "--answered", "pp-r-1", book=book)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "Marked as answered on 2023-11-05: PP-R-1, Respond By 2023-11-10\n"
    assert load(book).records.cases["answered_on"] == [None, november(5), None]
    assert "PP-R-1" not in run("due", book=book).out
    assert run("due", "--ics", book.with_name("a.ics"), book=book).code == 0
    written = book.with_name("a.ics").read_text(encoding="utf-8").split("BEGIN:VEVENT")
    assert ["Done: " in event for event in written if "Answer the gateway" in event] == [True]


def test_it_takes_the_day_and_answers_in_json(book: Path) -> None:
    before = book.read_bytes()
    tried = run("keep", "--answered", "PP-R-1", "--on", "2023-11-04", "--dry-run", "--json", book=book)
    assert tried.json["would_answer"]["Answered On"] == "2023-11-04"
    said = run("keep", "--answered", "PP-R-1", "--dry-run", book=book).out
    assert said == f"Would mark as answered on 2023-11-05: PP-R-1, Respond By 2023-11-10\n{book} was not changed.\n"
    assert book.read_bytes() == before
    ran = run("keep", "--answered", "PP-R-1", "--on", "2023-11-04", "--json", book=book)
    assert ran.json["answered"]["Answered On"] == "2023-11-04"
    assert load(book).records.cases["answered_on"][1] == november(4)


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--answered", "PP-R-9"], 1, "There is no case PP-R-9 in t.xlsx."),
        (["--answered", LATE], 1, f"Case {LATE} has no deadline of a gateway's (Cases!L2, Respond By, is empty)."),
        (["--answered", "PP-R-1", "--on", "2023-11-06"], 1, "is in the future"),
        (["--answered", "PP-R-1", "--on", "2023-11-03"], 1, "Answered On 2023-11-03 is before Date Opened 2023-11-04."),
        (["1", "--answered", "PP-R-1"], 2, "Give an ENTRY or --answered NUMBER, not both."),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_sentence(book: Path, args: list[str], code: int, message: str) -> None:  # fmt: skip
    before = book.read_bytes()
    ran = run("keep", *args, book=book)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert book.read_bytes() == before


def test_a_second_answer_says_when_the_first_was(book: Path) -> None:
    with load(book) as opened:
        opened.answered("PP-R-1", on=november(4))
    ran = run("keep", "--answered", "PP-R-1", book=book)
    cell = places.where(schema.CASES, "answered_on", 3)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"refundbook: Case PP-R-1 was answered on 2023-11-04 already. If that day is wrong, correct it ({cell}; `refundbook amend PP-R-1 \"Answered On=…\"`), or take it back with --undo.\n"  # fmt: skip


def test_a_workbook_without_the_column_says_what_adds_it(tmp_path: Path) -> None:
    old = Path(__file__).parents[1] / "storage" / "data" / "tracker-0.1.0.xlsx"
    path = Path(shutil.copyfile(old, tmp_path / "t.xlsx"))
    ran = run("keep", "--answered", "PP-R-ABC-1", book=path)
    assert (ran.code, ran.err) == (2, "refundbook: Cases has no column Answered On: `refundbook upgrade` adds it.\n")
    assert run("upgrade", book=path).code == 0
    assert run("keep", "--answered", "PP-R-ABC-1", book=path).code == 0
    assert "gateway deadline" not in {deadline["whose"] for deadline in run("due", "--json", book=path).json}


# Colour


def test_late_ones_are_red_at_a_terminal_and_nowhere_else(book: Path) -> None:
    plain = run("due", book=book).out
    assert "\x1b" not in plain
    code, shown = at_terminal("-b", book, "due", TERM="xterm")
    assert code == 0
    assert "\x1b[31m\x1b[1m2 days late\x1b[0m" in shown
    assert "\x1b[33min 5 days\x1b[0m" in shown
