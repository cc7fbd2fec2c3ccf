"""`refundbook show`, `list` and `find`: their forms, widths and colours."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from refundbook.views.case_page import case_file_html, case_file_markdown
from tests.support.books import SAMPLE, Row, filled
from tests.support.command import run
from tests.support.samples import load, sample_at
from tests.support.terminal import at_terminal, columns_of, process

pytestmark = pytest.mark.slow

NUMBER = "GTB-789012"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "t.xlsx")


# show


def test_show_prints_a_case_file(sample: Path) -> None:
    assert run("show", NUMBER, book=sample).out == (
        "GTB-789012: Full Refund, closed after 4 days\n"
        "  Amount Requested: 49.90 USD, Paid: 49.90 USD\n"
        "  Issuer: GTBuy\n"
        "  Date Opened: 2023-10-26\n"
        "  Reason: Non-delivery\n"
        "\n"
        "Communications\n"
        "  2023-10-26 Received Buyer: Customer reported non-delivery.\n"
        "      Entry: 1\n"
        "  2023-10-27 Sent Support: Provided tracking proof.\n"
        "      Entry: 2\n"
        "  2023-10-28 Received Support Maya Chat: Support requested 48 hrs for investigation.\n"
        "      Promise: Investigate, due 2023-10-30 (kept on time, on 2023-10-30)\n"
        "      Entry: 3\n"
        "\n"
        "Resolutions\n"
        "  2023-10-30, Full Refund, 49.90 USD, Card, Full refund issued to card.\n"
    )


def test_show_as_a_page_and_as_markdown(sample: Path) -> None:
    file = load(sample).case_file(NUMBER)
    assert run("show", NUMBER, "--format", "html", book=sample).out == case_file_html(file)
    assert run("show", NUMBER, "--format", "markdown", book=sample).out == case_file_markdown(file)


def test_a_page_in_a_file_is_right_whatever_the_computers_encoding(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "customer": "山田 Zoë"}], [], [])
    ran = process("-b", path, "show", NUMBER, "--format", "html", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ran.code == 0
    assert "&#23665;&#30000; Zo&#235;" in ran.out


# list

CASES: tuple[Row, ...] = (
    *SAMPLE.cases,
    {"number": "PP-R-ABC-DEF-123456", "issuer": "PayPal", "opened": date(2023, 11, 1), "reason": "Not as described", "item": "Kettle", "customer": "Zoë", "amount": 5000, "currency": "JPY"},
)  # fmt: skip


@pytest.fixture
def three(tmp_path: Path) -> Path:
    return filled(tmp_path / "t.xlsx", CASES)


def test_list_prints_a_line_a_case(three: Path) -> None:
    ran = run("list", book=three)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "Case Number          Date Opened  Days  Status       Reason            Asked       Paid\n"
        "───────────────────  ───────────  ────  ───────────  ────────────────  ──────────  ─────────\n"
        "GTB-789012           2023-10-26   4     Full Refund  Non-delivery      49.90 USD   49.90 USD\n"
        "GTB-789045           2023-10-28   8     Pending      Defective         120.00 USD\n"
        "PP-R-ABC-DEF-123456  2023-11-01   4     Pending      Not as described  5000 JPY\n"
    )


@pytest.mark.parametrize(
    ("args", "numbers"),
    [
        (["--open"], ["GTB-789045", "PP-R-ABC-DEF-123456"]),
        (["--closed"], ["GTB-789012"]),
        (["--status", "full refund"], ["GTB-789012"]),
        (["--reason", "defective", "--reason", "non-delivery"], ["GTB-789012", "GTB-789045"]),
        (["--issuer", "paypal"], ["PP-R-ABC-DEF-123456"]),
        (["--since", "2023-10-28"], ["GTB-789045", "PP-R-ABC-DEF-123456"]),
        (["--since", "28 Oct 2023", "--open", "--issuer", "GTBuy"], ["GTB-789045"]),
    ],
)
def test_list_takes_what_fits(three: Path, args: Sequence[str], numbers: list[str]) -> None:
    assert [line["number"] for line in run("list", *args, "--json", book=three).json] == numbers


def test_list_for_programs(three: Path) -> None:
    data = run("list", "--json", book=three).json
    assert data[0] == {
        "number": NUMBER, "status": "Full Refund", "is_open": False, "opened": "2023-10-26", "days_open": 4, "issuer": "GTBuy", "reason": "Non-delivery",
        "customer": "", "item": "", "asked": {"USD": 49.9}, "paid": {"USD": 49.9},
    }  # fmt: skip
    rows = list(csv.reader(io.StringIO(run("list", "--format", "csv", book=three).out)))
    assert rows[0] == ["Case Number", "Date Opened", "Days", "Status", "Reason", "Customer", "Item", "Issuer", "Asked", "Paid"]  # fmt: skip
    assert rows[3] == ["PP-R-ABC-DEF-123456", "2023-11-01", "4", "Pending", "Not as described", "Zoë", "Kettle", "PayPal", "5000 JPY", ""]  # fmt: skip


def test_no_case_that_fits_is_said_beside_the_answer(three: Path) -> None:
    ran = run("list", "--status", "Denied", "--json", book=three)
    assert (ran.code, ran.json, ran.err) == (0, [], "refundbook: No case fits.\n")


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--status", "refunded"], 2, 'Did you mean "Full Refund"?'),
        (["--since", "03/04/2023"], 2, "can mean 3 April 2023 or 4 March 2023"),
    ],
)
def test_list_says_what_it_does_not_understand(three: Path, args: list[str], code: int, message: str) -> None:
    ran = run("list", *args, book=three)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err


@pytest.mark.parametrize("width", [40, 60, 80, 100, 130, 160])
@pytest.mark.parametrize("args", [["list"], ["due"], ["insights"], ["insights", "--by", "agent"], ["find", "2023"], ["find", "return"], ["tracker"], ["show", "PP-R-ABC-DEF-123456"]])  # fmt: skip
def test_tables_fit_the_terminal_and_never_break_a_case_number(three: Path, args: list[str], width: int) -> None:
    ran = run(*args, book=three, COLUMNS=str(width))
    assert ran.code == 0
    assert max(columns_of(line) for line in ran.out.splitlines()) <= width
    if args[0] not in ("find", "insights"):
        assert "PP-R-ABC-DEF-123456" in ran.out


def test_a_wide_terminal_sees_customers_and_items(three: Path) -> None:
    assert "Kettle" in run("list", book=three, COLUMNS="130").out
    assert "Kettle" not in run("list", book=three, COLUMNS="100").out


# find


def test_find_says_case_place_and_the_text_around(sample: Path) -> None:
    ran = run("find", "RETURN", book=sample)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "Case Number  Where              Column   Text\n"
        "───────────  ─────────────────  ───────  ──────────────────────────────\n"
        "GTB-789045   Communications!H7  Summary  Support approved return.\n"
        "GTB-789045   Communications!H8  Summary  Return label provided.\n"
        "GTB-789045   Resolutions!G3     Outcome  Awaiting return shipment scan.\n"
    )


def test_find_for_programs(sample: Path) -> None:
    assert run("find", "label", "--json", book=sample).json == [
        {"number": "GTB-789045", "sheet": "Communications", "cell": "H8", "column": "Summary", "piece": "Return label provided.", "start": 7, "end": 12}
    ]  # fmt: skip
    assert run("find", "label", "--format", "csv", book=sample).out == (
        "Case Number,Where,Column,Text\nGTB-789045,Communications!H8,Summary,Return label provided.\n"
    )


def test_what_stands_nowhere_is_said_beside_the_answer(sample: Path) -> None:
    ran = run("find", "nowhere", "--json", book=sample)
    assert (ran.code, ran.json, ran.err) == (0, [], 'refundbook: "nowhere" stands nowhere in the three logs.\n')


def test_find_of_nothing_is_wrong_usage(sample: Path) -> None:
    ran = run("find", " ", book=sample)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "refundbook: Say what to find: a text of at least one letter or digit.\n"


# Colour

COLOUR = re.compile(r"\x1b\[\d+m")
COLOURFUL: tuple[list[str], ...] = (["list"], ["show", NUMBER], ["due"])
WITHOUT: tuple[list[str], ...] = (
    ["list", "--json"],
    ["list", "--format", "csv"],
    ["list", "--format", "markdown"],
    ["show", NUMBER, "--format", "html"],
    ["show", NUMBER, "--format", "markdown"],
    ["show", NUMBER, "--json"],
)


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """A case that was refunded, an open one, and a promise that is late."""
    promise = {**SAMPLE.communications[-1], "entry": 8, "promise": "Refund", "due": date(2023, 11, 4), "summary": "z"}
    return filled(tmp_path / "t.xlsx", communications=[*SAMPLE.communications, promise])


@pytest.mark.parametrize("args", COLOURFUL, ids=" ".join)
def test_a_terminal_sees_colours_and_the_same_words(coloured: Path, args: list[str]) -> None:
    shown = at_terminal("-b", coloured, *args, TERM="xterm", COLUMNS="100")[1]
    assert COLOUR.search(shown)
    assert COLOUR.sub("", shown) == process("-b", coloured, *args).out


@pytest.mark.parametrize("args", COLOURFUL, ids=" ".join)
@pytest.mark.parametrize(
    ("term", "no_color", "force_color"), [("xterm", "1", ""), ("dumb", "", ""), ("xterm", "1", "1")]
)
def test_a_terminal_that_wants_no_colours_gets_none(
    coloured: Path, args: list[str], term: str, no_color: str, force_color: str
) -> None:
    code, shown = at_terminal("-b", coloured, *args, TERM=term, NO_COLOR=no_color, FORCE_COLOR=force_color)
    assert code == 0
    assert "\x1b" not in shown


@pytest.mark.parametrize("args", COLOURFUL, ids=" ".join)
def test_a_pipe_gets_colours_only_when_they_are_forced(coloured: Path, args: list[str]) -> None:
    assert "\x1b" not in process("-b", coloured, *args, TERM="xterm").out
    assert "\x1b" not in process("-b", coloured, *args, TERM="xterm", FORCE_COLOR="0").out
    forced = process("-b", coloured, *args, FORCE_COLOR="1").out
    assert COLOUR.search(forced)


@pytest.mark.parametrize("args", WITHOUT, ids=" ".join)
def test_what_programs_read_has_no_colours_even_when_they_are_forced(coloured: Path, args: list[str]) -> None:
    assert "\x1b" not in process("-b", coloured, *args, FORCE_COLOR="1").out


def test_a_text_cannot_colour_itself(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [{**SAMPLE.cases[0], "reason": "\u009b31mred\u202e"}], [], [])
    for args in (["list"], ["show", NUMBER], ["find", "red"]):
        shown = at_terminal("-b", path, *args, TERM="xterm")[1]
        assert "red\u2039" in shown
        assert "override\u203a" in shown
        assert "\u009b" not in shown
