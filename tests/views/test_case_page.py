"""A case file for people: on a terminal, as Markdown and as a page of HTML; and as data for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from refundbook.base.schema import RESOLUTIONS
from refundbook.base.text import named
from refundbook.base.tone import Tone
from refundbook.record.casefile import TONES, CaseFile, case_html, status_tone
from refundbook.record.promises import Promise, State
from refundbook.render.text import to_json
from refundbook.views.case_page import (
    case_file_data,
    case_file_html,
    case_file_markdown,
    case_file_text,
)
from tests.support.browser import printed, requests_of, text_of, width_of
from tests.support.terminal import columns_of

pytestmark = pytest.mark.slow

RED, OVERRIDE = "\x1b[31m", "\u202e"
HOSTILE = (
    '<script>alert(1)</script><img src="http://evil.example/x.png" onerror=alert(1)> & "quoted" \' </title></style>'
)

MESSAGE = {
    "Entry": 3,
    "Case Number": "GTB-1",
    "Date": datetime(2023, 10, 28, 14, 30),
    "With": "Support",
    "Direction": "Received",
    "Channel": "Chat",
    "Agent": "Maya",
    "Summary": "48 hrs requested.",
    "Promise": "Investigate",
    "Due": date(2023, 10, 30),
    "Evidence": "screenshots/chat.png",
    "Logged By": "ana",
    "Mood": "calm",
}
PROMISE = Promise(
    entry=3,
    number="GTB-1",
    by_you=False,
    party="Support (Maya)",
    what="Investigate",
    made=datetime(2023, 10, 28, 14, 30),
    due=date(2023, 10, 30),
    kept_on=None,
    state=State.NOT_KEPT,
    says="not kept when the case ended on 2023-10-30",
)
CASE = {
    "Case Number": "GTB-1",
    "Date Opened": date(2023, 10, 26),
    "Related Case": "PP-R-1",
    "Amount Requested": Decimal("49.9"),
    "Currency": "USD",
    "Colour": "red",
}
REFUND = {
    "Case Number": "GTB-1",
    "Status": "Partial Refund",
    "Resolution Date": date(2023, 10, 30),
    "Amount": Decimal("20"),
    "Currency": "USD",
    "Outcome": "Half of it.",
    "Logged By": "ana",
}
FILE = CaseFile(
    number="GTB-1",
    status="Partial Refund",
    is_open=False,
    days_open=4,
    related=("PP-R-1", "GTB-9"),
    case=CASE,
    messages=(MESSAGE,),
    resolutions=(REFUND,),
    same_order=("GTB-7",),
    same_payment=(),
    promises=(PROMISE,),
    asked={"USD": Decimal("49.9")},
    paid={"USD": Decimal("20"), "EUR": Decimal("1.5")},
    as_of=date(2023, 11, 5),
)
OPEN = replace(
    FILE, status="Pending", is_open=True, days_open=1, related=(), case={"Case Number": "GTB-1", "Colour": "red"}, messages=(),
    resolutions=(), same_order=(), promises=(), asked={}, paid={},
)  # fmt: skip


def with_message(**fields: object) -> CaseFile:
    message = {"Case Number": "GTB-1", "Date": date(2023, 10, 28), "With": "Support", "Summary": "Hello", **fields}
    return replace(FILE, messages=(message,), promises=(None,))


def hostile() -> CaseFile:
    """A case file with something wicked in every place that a person can type into."""
    fields = dict.fromkeys((*MESSAGE, HOSTILE), HOSTILE)
    return replace(
        FILE,
        number=f"GTB-1{HOSTILE}",
        status=HOSTILE,
        related=(HOSTILE,),
        same_order=(HOSTILE,),
        case={**CASE, "Notes": HOSTILE, HOSTILE: HOSTILE},
        messages=({**fields, "Date": date(2023, 10, 28)},),
        resolutions=({"Status": HOSTILE, "Outcome": HOSTILE, HOSTILE: HOSTILE},),
        promises=(replace(PROMISE, what=HOSTILE, party=HOSTILE),),
        paid={HOSTILE: Decimal(1)},
    )


# For a terminal


def test_a_case_file_says_all_that_is_known() -> None:
    assert case_file_text(FILE, 100) == (
        "GTB-1: Partial Refund, closed after 4 days\n"
        "  Amount Requested: 49.90 USD, Paid: 20.00 USD, 1.50 EUR\n"
        "  Date Opened: 2023-10-26\n"
        "  Colour: red\n"
        "  Related cases: PP-R-1, GTB-9\n"
        "  Same order: GTB-7\n"
        "\n"
        "Communications\n"
        "  2023-10-28 14:30 Received Support Maya Chat: 48 hrs requested.\n"
        "      Promise: Investigate, due 2023-10-30 (not kept when the case ended on 2023-10-30)\n"
        "      Entry: 3; Evidence: screenshots/chat.png; Logged By: ana; Mood: calm\n"
        "\n"
        "Resolutions\n"
        "  2023-10-30, Partial Refund, 20.00 USD, Half of it.\n"
        "      Logged By: ana\n"
    )


def test_a_case_file_of_an_open_case_without_anything_else() -> None:
    assert case_file_text(OPEN, 100) == (
        "GTB-1: Pending, open for 1 day\n  Colour: red\n\nNo communications yet.\n\nNo resolution yet.\n"
    )


def test_what_is_not_known_is_not_told() -> None:
    assert case_file_text(replace(OPEN, days_open=None), 100).startswith("GTB-1: Pending\n")
    assert "Amount Requested: 49.90 USD, Paid: nothing\n" in case_file_text(replace(FILE, paid={}), 100)
    assert "Amount Requested: no amount, Paid: 20.00 USD\n" in case_file_text(
        replace(FILE, asked={}, case={}, paid={"USD": Decimal(20)}), 100
    )


def test_a_due_date_without_a_promise_is_told_with_the_rest() -> None:
    assert "\n      Due: 2023-11-01\n" in case_file_text(with_message(Due=date(2023, 11, 1)), 100)


def test_amounts_of_two_currencies_are_not_added() -> None:
    for shown in (case_file_text(FILE, 100), case_file_markdown(FILE), case_file_html(FILE)):
        assert "20.00 USD, 1.50 EUR" in shown
        assert "21.5" not in shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("49.9", "49.90 USD"), ("120", "120.00 USD"), ("0.125", "0.125 USD"), ("1E+3", "1000 JPY"), ("5", "5.000 KWD")],
)
def test_an_amount_has_the_decimals_of_its_currency(amount: str, shown: str) -> None:
    paid = {shown[-3:]: Decimal(amount)}
    assert f"Paid: {shown}\n" in case_file_text(replace(FILE, paid=paid), 100)


def test_a_refund_without_a_currency_has_the_decimals_of_its_cases() -> None:
    refund = {"Status": "Full Refund", "Amount": Decimal(5000)}
    file = replace(FILE, case={**CASE, "Currency": "JPY"}, resolutions=(refund,))
    assert "Full Refund, 5000\n" in case_file_text(file, 100)
    assert "<td" in case_file_html(file)
    assert "5000.00" not in case_file_text(file, 100) + case_file_markdown(file) + case_file_html(file)


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_case_file_fits_the_width_and_steers_nothing(width: int) -> None:
    fields = {**CASE, f"Mine{RED}": "山田" * 40, "Notes": f"first\nsecond {'word ' * 30}{RED}{OVERRIDE}"}
    text = case_file_text(replace(FILE, case=fields), width)
    assert max(columns_of(line) for line in text.splitlines()) <= width
    assert all(c == "\n" or c.isprintable() for c in text)


def test_colours_change_no_letter_and_stand_for_words() -> None:
    def paint(text: str, tone: Tone) -> str:
        return f"<{tone}>{text}</>" if tone is not Tone.PLAIN else text

    painted = case_file_text(FILE, 100, paint)
    assert re.sub(r"</?\w*>", "", painted) == case_file_text(FILE, 100)
    assert painted.startswith("<title>GTB-1: Partial Refund, closed after 4 days</>\n")
    assert "<bad>Promise: Investigate, due 2023-10-30 (not kept when" in painted
    assert "<good>2023-10-30, Partial Refund, 20.00 USD, Half of it.</>" in painted


def test_every_state_and_every_status_has_a_tone() -> None:
    assert set(TONES) == set(State)
    tones = {status: status_tone(status) for status in RESOLUTIONS["status"].choices}
    assert tones == {
        "Pending": Tone.SOON,
        "Full Refund": Tone.GOOD,
        "Partial Refund": Tone.GOOD,
        "Replacement": Tone.GOOD,
        "Store Credit": Tone.GOOD,
        "Denied": Tone.BAD,
        "Withdrawn": Tone.PLAIN,
        "Reopened": Tone.SOON,
    }


# As data


def test_a_case_file_as_data() -> None:
    data = case_file_data(FILE)
    assert json.loads(to_json(data)) == {
        "number": "GTB-1",
        "as_of": "2023-11-05",
        "status": "Partial Refund",
        "open": False,
        "days_open": 4,
        "asked": {"USD": 49.9},
        "paid": {"USD": 20, "EUR": 1.5},
        "related": ["PP-R-1", "GTB-9"],
        "same_order": ["GTB-7"],
        "same_payment": [],
        "case": {"Case Number": "GTB-1", "Date Opened": "2023-10-26", "Related Case": "PP-R-1", "Amount Requested": 49.9, "Currency": "USD", "Colour": "red"},
        "communications": [{**MESSAGE, "Date": "2023-10-28T14:30:00", "Due": "2023-10-30"}],
        "promises": [{
            "entry": 3, "number": "GTB-1", "by_you": False, "party": "Support (Maya)", "what": "Investigate", "made": "2023-10-28T14:30:00",
            "due": "2023-10-30", "kept_on": None, "state": "not kept", "says": "not kept when the case ended on 2023-10-30",
        }],
        "resolutions": [{**REFUND, "Resolution Date": "2023-10-30", "Amount": 20}],
    }  # fmt: skip


# Markdown


def test_a_case_file_in_markdown() -> None:
    assert case_file_markdown(FILE) == (
        "# GTB-1\n"
        "\n"
        "As of 2023-11-05.\n"
        "\n"
        "|  |  |\n"
        "| --- | --- |\n"
        "| Status | Partial Refund, closed after 4 days |\n"
        "| Amount Requested | 49.90 USD |\n"
        "| Paid | 20.00 USD, 1.50 EUR |\n"
        "| Date Opened | 2023-10-26 |\n"
        "| Colour | red |\n"
        "| Related cases | PP-R-1, GTB-9 |\n"
        "| Same order | GTB-7 |\n"
        "\n"
        "## Communications\n"
        "\n"
        "| Date | With | Summary | Promise | More |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| 2023-10-28 14:30 | Received from Support (Maya), Chat | 48 hrs requested. "
        "| Investigate, due 2023-10-30 (not kept when the case ended on 2023-10-30) "
        "| Entry: 3; Evidence: screenshots/chat.png; Logged By: ana; Mood: calm |\n"
        "\n"
        "## Resolutions\n"
        "\n"
        "| Resolution Date | Status | Amount | Method | Outcome | More |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| 2023-10-30 | Partial Refund | 20.00 USD |  | Half of it. | Logged By: ana |\n"
    )


def test_markdown_of_a_case_without_anything_else() -> None:
    shown = case_file_markdown(OPEN)
    assert shown.endswith("## Communications\n\nNo communications yet.\n\n## Resolutions\n\nNo resolution yet.\n")


def test_markdown_shows_what_stands_there() -> None:
    shown = case_file_markdown(hostile())
    assert "<script" not in shown
    assert "<img" not in shown
    assert len([line for line in shown.splitlines() if line.startswith("#")]) == 3


# HTML


class Tags(HTMLParser):
    """Every tag of a page with its attributes, its text, and whether each tag that was opened was closed."""

    VOID = ("meta", "br", "link", "img")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += f"{data} "


def places(page: Tags) -> Iterator[str]:
    """Every attribute that could make a browser fetch or run something."""
    for tag, attributes in page.tags:
        yield from (f"{tag} {name}={value}" for name, value in attributes.items() if name.startswith("on") or name in ("src", "href", "action", "style", "srcset"))  # fmt: skip


@pytest.mark.parametrize("file", [FILE, OPEN, hostile(), with_message(Direction="Sent")], ids=["full", "bare", "hostile", "sent"])  # fmt: skip
def test_a_page_is_whole_and_has_nothing_to_fetch_or_run(file: CaseFile) -> None:
    page = Tags(case_file_html(file))
    assert page.open == []
    assert list(places(page)) == []
    used = {tag for tag, _ in page.tags}
    assert used <= {"html", "head", "meta", "title", "style", "body", "header", "main", "h1", "h2", "p", "span", "strong", "div", "dl", "dt", "dd", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
    policies = [attributes["content"] or "" for tag, attributes in page.tags if attributes.get("http-equiv")]
    assert policies[0].startswith("default-src 'none'")


@pytest.mark.parametrize("file", [FILE, OPEN, hostile(), with_message(Direction="Sent")], ids=["full", "bare", "hostile", "sent"])  # fmt: skip
def test_a_page_and_a_notebook_show_the_same(file: CaseFile) -> None:
    shown = case_html(file)
    assert shown.encode("ascii", "xmlcharrefreplace").decode() in case_file_html(file)
    assert file._repr_html_().endswith(f"</style>{shown}</div>")


def test_a_notebook_keeps_its_own_look() -> None:
    """What the style sheet says holds for what refundbook shows, and for nothing around it."""
    style = re.findall(r"<style>(.*?)</style>", FILE._repr_html_(), re.DOTALL)[0]
    for selectors in re.findall(r"([^{}]+){", style):
        assert all(selector.strip().startswith(".refundbook") for selector in selectors.split(",")), selectors


def test_a_page_says_what_the_text_says() -> None:
    said = " ".join(Tags(case_file_html(FILE)).text.split())
    for part in (
        "GTB-1 Partial Refund closed after 4 days (as of 2023-11-05)",
        "Amount Requested 49.90 USD",
        "Paid 20.00 USD, 1.50 EUR",
        "Colour red",
        "Related cases PP-R-1, GTB-9",
        "Same order GTB-7",
        "2023-10-28 14:30 Received from Support (Maya), Chat 48 hrs requested.",
        "Promise: Investigate, due 2023-10-30 not kept when the case ended on 2023-10-30",
        "Entry: 3; Evidence: screenshots/chat.png; Logged By: ana; Mood: calm",
        "2023-10-30 Partial Refund 20.00 USD Half of it. Logged By: ana",
    ):
        assert part in said


def test_a_page_shows_hostile_text_as_text() -> None:
    page = Tags(case_file_html(hostile()))
    assert page.text.count(HOSTILE) > 15
    shown = named(OVERRIDE).encode("ascii", "xmlcharrefreplace").decode()
    assert case_file_html(replace(FILE, number=f"a{OVERRIDE}b")).count(f"a{shown}b") == 2


def test_a_page_is_ascii_so_that_any_redirection_writes_it_right() -> None:
    page = case_file_html(replace(FILE, number="山田-1 é"))
    assert page.isascii()
    assert "山田-1 é" in Tags(page).text


# In a browser


@pytest.fixture
def page(tmp_path: Path) -> Path:
    fields = {**CASE, "Notes": "word " * 60, "Payment Reference": "X" * 200}
    messages = ({**MESSAGE, "Summary": f"{HOSTILE} {'Y' * 300}"},)
    path = tmp_path / "case.html"
    path.write_text(case_file_html(replace(hostile(), case=fields, messages=messages)), encoding="ascii")
    return path


@pytest.mark.chromium
@pytest.mark.parametrize("screen", [320, 390, 1200])
def test_a_page_fits_a_phone_without_scrolling_sideways(page: Path, screen: int) -> None:
    assert width_of(page, screen) <= screen


@pytest.mark.chromium
def test_a_browser_shows_hostile_text_and_asks_the_network_for_nothing(page: Path, tmp_path: Path) -> None:
    assert "<script>alert(1)</script>" in text_of(page)
    assert requests_of(page) == set()
    careless = tmp_path / "careless.html"
    careless.write_text('<p><img src="http://evil.example/x.png"></p>', encoding="ascii")
    assert requests_of(careless) == {"http://evil.example/x.png"}, "this test would not see a request"


@pytest.mark.chromium
def test_a_page_prints(page: Path, tmp_path: Path) -> None:
    pdf = printed(page, tmp_path / "case.pdf")
    assert pdf.startswith(b"%PDF")
    assert re.findall(rb"/MediaBox ?\[ ?0 0 (59[45])[.\d]* (84[12])", pdf), "not A4"
