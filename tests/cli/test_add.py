"""`refundbook add`, and the questions of other commands, driven at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from refundbook.base.schema import CASES
from tests.support.command import run
from tests.support.own_made import AT, own_book
from tests.support.samples import load, sample_at
from tests.support.terminal import at_terminal, columns_of

pytestmark = pytest.mark.slow


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "t.xlsx")


MESSAGE = [
    ("What [message]:", ""),
    ("Case Number:", "GTB-1"),
    ("Case Number:", "9045"),
    ("Date [now]:", "Oct 45"),
    ("Date [now]:", "friday 14:30"),
    ("Friday, 3 November 2023, 14:30? [Y/n]:", "n"),
    ("Date [now]:", "yesterday"),
    ("With [Support]:", "3"),
    ("With [Support]:", "1"),
    ("Direction [Received]:", ""),
    ("Summary:", ""),
    ("Summary:", "=They wait"),
    ("More, by number (Enter to leave it blank):", "9"),
    ("More, by number (Enter to leave it blank):", "1, 2, 4"),
    ("Channel (Enter to leave it blank):", "2"),
    ("Agent [David]:", ""),
    ("Due (Enter to leave it blank):", "monday"),
    ("Monday, 6 November 2023? [Y/n]:", ""),
    ("Enter this? [Y/n]:", ""),
]


def test_a_message_by_question_and_answer(book: Path) -> None:
    code, shown = at_terminal("-b", book, "add", answers=MESSAGE)
    assert code == 0, shown
    assert "There is no case GTB-1." in shown
    assert 'Date "Oct 45" is not a whole date' in shown
    assert 'With "3" is not one of: Support, Buyer.' in shown
    assert "Summary cannot be blank." in shown
    assert '"9" is no number of the list' in shown
    assert shown.endswith("Entered GTB-789045 in Communications, row 9.\n")
    log = load(book).records.communications
    names = ("number", "date", "with_", "channel", "agent", "summary", "due")
    assert [str(log[name][-1]) for name in names] == [
        "GTB-789045", "2023-11-04", "Support", "E-mail", "David", "=They wait", "2023-11-06",
    ]  # fmt: skip


def test_a_case_with_a_column_of_ones_own(tmp_path: Path) -> None:
    path = own_book(tmp_path / "own.xlsx")
    listed = "More, by number (Enter to leave it blank):"
    answers = [
        ("Case Number:", "gtb-789012"),
        ("Case Number:", "GTB-789100"),
        ("Date Opened [today]:", "Oct 26"),
        ("Thursday, 26 October 2023? [Y/n]:", "y"),
        ("Reason (Enter to leave it blank):", "1"),
        ("Amount Requested (Enter to leave it blank):", "1,234"),
        ("Amount Requested (Enter to leave it blank):", "49,90"),
        ("Currency (Enter to leave it blank):", "usd"),
    ]
    needed = ("number", "opened", "reason", "amount", "currency")
    ours = [column for column in CASES.columns if column.asked and not column.optional and column.name not in needed]
    at = str(len(ours) + 1 + list(AT).index("Warehouse"))
    more = [
        (listed, at),
        ("Warehouse (Enter to leave it blank):", "East"),
        ("Warehouse (Enter to leave it blank):", "2"),
        ("Enter this? [Y/n]:", ""),
    ]
    code, shown = at_terminal("-b", path, "add", "case", answers=[*answers, *more])
    assert code == 0, shown
    cases = load(path).records.cases
    assert [str(cases[name][-1]) for name in ("number", "opened", "amount", "Warehouse")] == [
        "GTB-789100", "2023-10-26", "49.9", "South",
    ]  # fmt: skip


def test_what_the_rules_refuse_is_asked_again_and_the_rest_stays(book: Path) -> None:
    answers = [
        ("Case Number:", "789045"),
        ("Status:", "2"),
        ("Resolution Date [today]:", "2023-10-01"),
        ("Amount (Enter to leave it blank):", "5"),
        ("Method (Enter to leave it blank):", ""),
        ("Outcome (Enter to leave it blank):", "Paid."),
        ("More, by number (Enter to leave it blank):", ""),
        ("Resolution Date [2023-10-01]:", "today"),
        ("Enter this? [Y/n]:", ""),
    ]
    code, shown = at_terminal("-b", book, "add", "resolution", answers=answers)
    assert code == 0, shown
    assert "is before the case's Date Opened" in shown
    log = load(book).records.resolutions
    assert [str(log[name][-1]) for name in ("status", "date", "outcome")] == ["Full Refund", "2023-11-05", "Paid."]


def test_who_says_no_enters_nothing(book: Path) -> None:
    before = book.read_bytes()
    code, shown = at_terminal("-b", book, "add", answers=[*MESSAGE[:-1], ("Enter this? [Y/n]:", "n")])
    assert (code, "Nothing was written" in shown) == (130, True)
    assert book.read_bytes() == before


def test_without_a_terminal_it_names_the_other_ways(book: Path) -> None:
    ran = run("add", book=book)
    assert (ran.code, "use append, or log for a message" in ran.err) == (2, True)


def test_on_a_narrow_terminal_lists_fit_and_no_colour_is_used(book: Path) -> None:
    code, shown = at_terminal("-b", book, "add", answers=MESSAGE, COLUMNS="40", NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in shown
    lists = [line for line in shown.splitlines() if line.startswith("  ") and "?" not in line and ": " not in line]
    assert max(map(columns_of, lists)) <= 40


def test_prompts_of_append_ask_again_and_keep_what_was_typed(book: Path) -> None:
    answers = [
        ("Case Number:", "1.2E+11"),
        ("Case Number:", "GTB-789100"),
        ("Date Opened [today]:", "soon"),
        ("Date Opened [today]:", "friday"),
        ("Friday, 3 November 2023? [Y/n]:", ""),
    ]
    code, shown = at_terminal("-b", book, "append", "case", answers=answers)
    assert code == 0, shown
    assert "Entered GTB-789100" in shown
    assert str(load(book).records.cases["opened"][-1]) == "2023-11-03"
    assert run("append", "case", "GTB-2", "--opened", "friday", book=book).code == 1
