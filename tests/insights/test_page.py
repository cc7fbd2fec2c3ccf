"""The Insights page: every figure with its chart, in one file that asks the network for nothing and fits a phone."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from refundbook.base.errors import CannotWrite, UsageError
from refundbook.insights import page as insights_html
from refundbook.insights import svg_charts
from refundbook.insights.insights import BY, Insights
from refundbook.insights.tables import COLOURS, Table
from tests.support.books import Row, filled
from tests.support.browser import printed, requests_of, text_of, width_of
from tests.support.command import run
from tests.support.samples import load, sample_at
from tests.support.shop import shop

pytestmark = pytest.mark.slow

HOSTILE = "<script>document.title='x'</script><img src=http://evil.example/x.png onerror=alert(1)>\"'&"


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@cache
def shop_page() -> str:
    return shop().insights.html()


def hostile(path: Path) -> Insights:
    """Texts that would run, load or hide something, wherever a person can type one that the page shows."""
    long = "W" * 120
    cases: list[Row] = [
        {"number": f"GTB-{n:06d}", "issuer": issuer, "opened": date(2023, 10, 1), "reason": reason, "amount": 5, "currency": currency}
        for n, (issuer, reason, currency) in enumerate([(HOSTILE, HOSTILE, "<b>"), (long, long, "USD"), ("a\u202eb", "c", None)], 1)
    ]  # fmt: skip
    messages: list[Row] = [
        {"entry": n, "number": "GTB-000001", "date": date(2023, 10, 2), "with_": "Support", "agent": HOSTILE, "summary": HOSTILE,
         "promise": HOSTILE, "due": date(2023, 10, 3)}
        for n in range(1, 7)
    ]  # fmt: skip
    return load(filled(path, cases, messages, [])).insights


def test_every_table_and_its_figures_are_on_the_page() -> None:
    text = " ".join(Elements(shop_page()).text.split())
    found = shop().insights
    tables = [*found.tables(), *(table for by in BY for table in found.tables(by)), found.resolution_times()]
    # By agent, issuer and month, money would be a table too long to read; the command has it.
    left_out = {"money_by_month", "money_by_issuer", "money_by_agent"}
    for table in tables:
        if table.name in left_out | {"overview"}:
            continue
        for row in table.to_text_rows():
            assert " ".join(row) in re.sub(r"\s+", " ", _cells(shop_page())), (table.name, row)
        assert table.title in text
    for label, value, _ in found.overview().to_text_rows():
        assert f"{label}{value}" in text


def _cells(page: str) -> str:
    """The page's cells, a space between two."""
    return Elements(re.sub(r"</t[hd]>", " ", page)).text


def test_the_summary_says_the_main_figures_in_sentences() -> None:
    assert " ".join(insights_html.summary(shop().insights)) == (
        "200 cases, of which 41 are open. Of the 159 closed, 109 (69%) were refunded and 35 (22%) denied. "
        "Half of them took 19 days or less, nine in ten within 31. Support kept 69% of its promises on time."
    )


def test_the_summary_keeps_silent_where_there_are_too_few(tmp_path: Path) -> None:
    found = load(sample_at(tmp_path / "t.xlsx")).insights
    assert insights_html.summary(found) == ["2 cases, of which 1 is open."]
    text = Elements(found.html()).text
    assert "n/a (1 closed case: too few to say)" in text
    assert "Shares and medians are given from 5 on" in text


def test_a_workbook_without_cases_gives_a_page_that_says_so(tmp_path: Path) -> None:
    page = load(filled(tmp_path / "t.xlsx", [], [], [])).insights.html()
    assert "No cases are logged yet" in page
    assert "<svg" not in page


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    page = Elements(shop_page())
    policy = next(meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not {name for name, _ in page.found} & {"script", "link", "iframe", "img", "object", "form", "a"}
    attributes = {name for _, found in page.found for name in found}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {"src", "href", "style"}


def test_hostile_text_is_shown_as_text(tmp_path: Path) -> None:
    found = hostile(tmp_path / "t.xlsx").html()
    page = Elements(found)
    assert not page.of("script") + page.of("img") + page.of("b")
    assert page.text.count(HOSTILE) >= 4
    assert "\u202e" not in found
    assert found.isascii()


def test_every_chart_has_words_for_those_who_do_not_see_it() -> None:
    labels = [svg["aria-label"] or "" for svg in Elements(shop_page()).of("svg")]
    assert len(labels) == len(set(labels)) >= 14
    assert all(svg["role"] == "img" for svg in Elements(shop_page()).of("svg"))
    assert "Money by reason, EUR: Requested, Refunded. The table has the figures." in labels


def test_the_same_workbook_gives_the_same_page() -> None:
    assert shop().insights.html() == shop_page()


# The charts


def bars(markup: str) -> list[tuple[str, float, float]]:
    """Class, width in per cent and height in pixels of each bar."""
    found = re.findall(r'<rect x="[\d.]+%" y="[\d.]+" width="([\d.]+)%" height="([\d.]+)" class="([\w-]+)"/>', markup)
    return [(name, float(width), float(height)) for width, height, name in found]


def test_the_lengths_of_bars_are_in_proportion() -> None:
    stacked = Table(
        "t", "T", "", ("Reason", "Refunded", "Open"), (("a", 6, 2), ("b", 2, 0)), ("Refunded", "Open"), True
    )
    assert [(name, width) for name, width, _ in bars(svg_charts.chart(stacked))] == [
        ("c-refunded", 75.0),
        ("c-open", 25.0),
        ("c-refunded", 25.0),
    ]
    columns = Table("t", "T", "", ("Days", "Cases"), (("1", 3), ("2", 6)), ("Cases",), in_order=True)
    (_, _, low), (_, _, high) = bars(svg_charts.chart(columns))
    assert high == 2 * low > 0


def test_each_currency_has_a_chart_and_a_scale_of_its_own() -> None:
    table = shop().insights.money()
    drawn = svg_charts.chart(table)
    assert re.findall(r"<figcaption>(\w+)</figcaption>", drawn) == ["USD", "EUR", "CNY"]
    assert [width for name, width, _ in bars(drawn) if name == "c-requested"] == [68.0] * 3


def test_a_table_without_any_figure_has_no_chart() -> None:
    empty = Table("t", "T", "", ("Days", "Cases"), (("1", 0),), ("Cases",))
    assert svg_charts.chart(empty) == ""


def test_many_reasons_are_drawn_in_part_and_the_page_says_so() -> None:
    rows = tuple((f"Reason {n}", 1) for n in range(20))
    drawn = svg_charts.chart(Table("t", "T", "", ("Reason", "Cases"), rows, ("Cases",)))
    assert len(bars(drawn)) == svg_charts.MOST
    assert "8 more in the table." in drawn
    months = tuple((f"{2020 + n // 12}-{n % 12 + 1:02d}", 1) for n in range(20))
    drawn = svg_charts.chart(Table("t", "T", "", ("Month", "Cases"), months, ("Cases",), in_order=True))
    assert "5 earlier in the table." in drawn
    assert "Aug</text>" in drawn
    assert len(bars(drawn)) == 15


def test_a_chart_shortens_a_long_name_and_the_table_has_it_whole() -> None:
    drawn = svg_charts.chart(Table("t", "T", "", ("Reason", "Cases"), (("x" * 33, 1), ("y" * 32, 1)), ("Cases",)))
    assert re.findall(r">([xy…]+)</text>", drawn) == ["x" * 31 + "…", "y" * 32]


def test_every_series_has_a_colour() -> None:
    found = shop().insights
    tables = [*found.tables(), *(table for by in BY for table in found.tables(by)), found.resolution_times()]
    assert {bar for table in tables for bar in table.bars} <= set(COLOURS)


# The file


def test_the_command_writes_the_page_and_writes_it_again(tmp_path: Path) -> None:
    book, page = sample_at(tmp_path / "t.xlsx"), tmp_path / "insights.html"
    first = run("insights", "--html", page, book=book)
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith(f"Made {page}: 2 cases.")
    before = page.read_bytes()
    assert run("insights", "--html", page, book=book).code == 0
    assert page.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["insights.html", "t.xlsx"]


def test_a_page_never_takes_the_place_of_the_workbook_or_of_another_file(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "t.xlsx")
    before = book.read_bytes()
    ran = run("insights", "--html", book, book=book)
    assert ran.code == 2
    assert "is no page of insights and is left as it is" in ran.err
    assert book.read_bytes() == before
    notes = tmp_path / "notes.html"
    notes.write_text("<title>Mine</title>")
    with pytest.raises(UsageError):
        load(book).insights.write_html(notes)
    assert notes.read_text() == "<title>Mine</title>"


def test_a_folder_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="the folder does not exist"):
        load(sample_at(tmp_path / "t.xlsx")).insights.write_html(tmp_path / "none" / "i.html")


# In a browser


@pytest.fixture(params=["shop", "hostile"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "insights.html"
    made = shop_page() if request.param == "shop" else hostile(tmp_path / "t.xlsx").html()
    path.write_text(made, encoding="ascii")
    return path


@pytest.mark.chromium
@pytest.mark.parametrize("screen", [320, 390, 1200])
def test_it_fits_a_phone_without_scrolling_sideways(page: Path, screen: int) -> None:
    assert width_of(page, screen) <= screen


@pytest.mark.chromium
def test_it_asks_the_network_for_nothing_and_shows_what_it_has(page: Path) -> None:
    assert requests_of(page) == set()
    assert ("Not as described" in text_of(page)) != (HOSTILE in text_of(page))


@pytest.mark.chromium
def test_it_prints(page: Path, tmp_path: Path) -> None:
    pdf = printed(page, tmp_path / "insights.pdf")
    assert pdf.startswith(b"%PDF")
    assert 3 <= len(re.findall(rb"/Type ?/Page\b", pdf)) <= 14
