"""How things are shown: safe for a terminal, a spreadsheet and a web page, and no wider than the screen."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from decimal import Decimal
from unicodedata import combining, east_asian_width

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundbook.base.text import one_line, safe
from refundbook.base.tone import Tone
from refundbook.render.text import to_csv, to_json, to_markdown, to_table

RED, C1_RED = "\x1b[31m", "\x9b31m"
OVERRIDE, ISOLATE = "\u202e", "\u2067"
TRICKS = (RED, C1_RED, "\x07", "\x7f", "\r", "\x08", OVERRIDE, ISOLATE, "\u200b", "\ufeff", "\u2028", "\ud800")


# For a terminal


@pytest.mark.parametrize("trick", TRICKS)
def test_what_could_steer_or_deceive_a_terminal_is_written_out(trick: str) -> None:
    shown = safe(f"a{trick}b")
    assert trick[0] not in shown
    assert shown.startswith("a\u2039")
    assert shown.endswith("b")
    assert "\\" not in shown
    assert shown.isprintable()


@pytest.mark.parametrize("text", ["Zoë 山田 👍🏽 e\u0301 עברית", "a\tb\nc", "50 % & <b> \\x1b", "👨‍👩‍👧"])
def test_honest_text_is_left_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_one_line_has_one_line() -> None:
    assert one_line(" a\n\n b\tc\r\nd\x0b\u2028e ") == "a b c d e"


# CSV


@pytest.mark.parametrize("text", ["=1+1", "+49 170", "-1", "@SUM(A1)", '=HYPERLINK("x")'])
def test_a_text_that_excel_would_take_for_a_formula_gets_an_apostrophe(text: str) -> None:
    ((_, cell),) = csv.reader(io.StringIO(to_csv(["a", "b"], [["x", text]]).split("\n", 1)[1], newline=""))
    assert cell == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a = b", "a = b"),
        ("GTB-1", "GTB-1"),
        (Decimal("-49.90"), "-49.90"),
        (-5, "-5"),
        (date(2023, 10, 26), "2023-10-26"),
        (datetime(2023, 10, 26, 14, 30), "2023-10-26 14:30"),
        (None, ""),
        ("", ""),
    ],
)
def test_other_values_stand_as_they_are(value: object, text: str) -> None:
    assert to_csv(["a", "b"], [["x", value]]) == f"a,b\nx,{text}\n"


@settings(max_examples=50)
@given(st.lists(st.lists(st.text('a",\r\n; é'), min_size=2, max_size=2)))
def test_csv_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    shown = [[text.replace("\r\n", "\n").replace("\r", "\n") for text in row] for row in rows]
    assert list(csv.reader(io.StringIO(to_csv(["a", "b"], rows), newline=""))) == [["a", "b"], *shown]


# JSON


def test_json_has_amounts_as_numbers_and_dates_in_iso_8601() -> None:
    value = {
        "whole": Decimal("50"),
        "amount": Decimal("49.90"),
        "exact": Decimal("12345678901.25"),
        "day": date(2023, 10, 26),
        "moment": datetime(2023, 10, 26, 14, 30),
        "none": None,
        "text": "Zoë 👍",
    }
    shown = to_json(value)
    assert json.loads(shown) == {
        "whole": 50,
        "amount": 49.9,
        "exact": 12345678901.25,
        "day": "2023-10-26",
        "moment": "2023-10-26T14:30:00",
        "none": None,
        "text": "Zoë 👍",
    }
    assert "Zoë 👍" in shown


@pytest.mark.parametrize("trick", TRICKS)
def test_json_keeps_the_text_and_is_safe_for_a_terminal(trick: str) -> None:
    shown = to_json([f"a{trick}b"])
    assert json.loads(shown) == [f"a{trick}b"]
    assert all(c == "\n" or c.isprintable() for c in shown)


# Markdown


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a|b", "a\\|b"),
        ("a\\|b", "a\\\\\\|b"),
        ("a\nb", "a b"),
        ("*a* _b_ ~~c~~ `d`", "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\`d\\`"),
        ("[x](http://example.com) ![y](z)", "\\[x](http://example.com) !\\[y](z)"),
        ("<img src=x>", "&lt;img src=x>"),
        ("AT&T &copy; &#65;", "AT&T &amp;copy; &amp;#65;"),
        ("GTB-789012 (Agent: Maya) #1", "GTB-789012 (Agent: Maya) #1"),
        (RED, "\u2039escape\u203a\\[31m"),
    ],
)
def test_markdown_shows_what_stands_there(text: str, cell: str) -> None:
    assert to_markdown(["Case #", "Day & more"], [[text, date(2023, 10, 26)]]) == (
        f"| Case # | Day & more |\n| --- | --- |\n| {cell} | 2023-10-26 |\n"
    )


# Tables


def columns_of(line: str) -> int:
    """The columns of a terminal that a line takes up (UAX #11)."""
    return sum(2 if east_asian_width(c) in "WF" else 0 if combining(c) else 1 for c in line)


def test_a_table_that_fits_is_as_wide_as_its_cells() -> None:
    assert to_table(["Case", "Opened"], [["GTB-1", date(2023, 10, 26)], ["", "x"]], 80) == (
        "Case   Opened\n─────  ──────────\nGTB-1  2023-10-26\n       x\n"
    )


def test_the_longest_column_gives_way_first() -> None:
    text = "Customer reported non-delivery. Provided tracking proof."
    shown = to_table(["Case", "Summary"], [["GTB-789012", text]], 40)
    assert shown == (
        "Case        Summary\n"
        "──────────  ────────────────────────────\n"
        "GTB-789012  Customer reported\n"
        "            non-delivery. Provided\n"
        "            tracking proof.\n"
    )


def test_a_case_number_is_not_broken_at_its_dashes() -> None:
    shown = to_table(["Case", "Summary"], [["PP-R-ABC-123456789", "one two three four five six seven"]], 45)
    assert "PP-R-ABC-123456789" in shown


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(*[st.text("aB1- 山田é\u0301\x1b\n", max_size=90)] * 5), max_size=3),
    st.integers(60, 160),
)
def test_a_table_fits_the_width_and_loses_nothing(rows: list[tuple[str, ...]], width: int) -> None:
    shown = to_table(["One", "Two", "Three", "Four", "Five"], rows, width)
    assert max(columns_of(line) for line in shown.splitlines()) <= width
    letters = "".join(re.findall(r"\S", "".join(cell for row in rows for cell in map(one_line, row))))
    assert sorted(re.sub(r"[\s─]", "", shown)) == sorted(letters + "OneTwoThreeFourFive")


def test_a_text_as_long_as_a_cell_can_hold_is_wrapped_at_once() -> None:
    shown = to_table(["Case", "Summary"], [["GTB-1", "x" * 32_767], ["GTB-2", "山 " * 16_000]], 100)
    assert max(columns_of(line) for line in shown.splitlines()) <= 100


def test_a_table_too_narrow_to_be_read_has_a_paragraph_a_row() -> None:
    """On a phone, say; what is blank is left out, and what tells something at a glance still does."""
    header = ["Due", "Case", "Entry", "Who", "What"]
    rows: list[list[object]] = [
        [date(2023, 10, 30), "PP-R-ABC-123456789", 3, "Support (Maya)", "Investigate it with the warehouse"],
        [None, "GTB-1", None, "You", "Call"],
    ]
    shown = to_table(header, rows, 40, whole=(0, 1), tones=[{3: Tone.BAD}], paint=lambda text, tone: f"<{tone}>{text}")
    assert shown == (
        "<title>Due: 2023-10-30\n"
        "  <plain>Case: PP-R-ABC-123456789\n"
        "  <plain>Entry: 3\n"
        "  <bad>Who: Support (Maya)\n"
        "  <plain>What: Investigate it with the\n"
        "    <plain>warehouse\n"
        "\n"
        "<title>Due:\n"
        "  <plain>Case: GTB-1\n"
        "  <plain>Who: You\n"
        "  <plain>What: Call\n"
    )


def test_a_table_on_a_very_narrow_screen_stays_readable() -> None:
    shown = to_table(["Aaaaaaaa", "Bbbbbbbb"], [["one two three", "four"]], 5)
    assert "two three" in shown
