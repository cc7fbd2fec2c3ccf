"""How things show themselves in a notebook, and the example notebook, run from a clean kernel."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib as mpl
import nbformat
import pytest
from matplotlib import pyplot
from nbclient import NotebookClient

import refundbook
from refundbook.base.errors import UsageError
from refundbook.base.html import ROWS
from refundbook.insights.insights import BY
from refundbook.insights.measures import TooFew
from refundbook.insights.tables import Days, Table
from tests.support.books import Row, filled
from tests.support.samples import load, sample_at
from tests.support.shop import EXAMPLES, shop

pytestmark = pytest.mark.slow

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
NOTEBOOK = EXAMPLES / "refund_review.ipynb"


def html_of(value: object) -> str:
    """What a notebook shows of a value, without its style sheet."""
    shown = value._repr_html_()  # type: ignore[attr-defined]
    assert isinstance(shown, str)
    return re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL)


def texts(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup))


def hostile(path: Path) -> refundbook.Book:
    cases: list[Row] = [{"number": "GTB-000001", "opened": date(2023, 10, 1), "reason": HOSTILE, "notes": HOSTILE, HOSTILE: HOSTILE}]  # fmt: skip
    messages: list[Row] = [
        {"entry": 1, "number": "GTB-000001", "date": date(2023, 10, 1), "with_": "Buyer", "summary": HOSTILE, "promise": HOSTILE},
        {"entry": 2, "number": HOSTILE, "date": date(2023, 10, 1), "with_": "Buyer", "summary": "x"},
    ]  # fmt: skip
    return load(filled(path, cases, messages, []), strict=False)


# Rich display


def test_a_book_shows_what_it_holds_and_its_tracker(tmp_path: Path) -> None:
    shown = texts(html_of(load(sample_at(tmp_path / "t.xlsx"))))
    assert "t.xlsx 2 cases, 7 communications, 2 resolutions; 0 errors, " in shown
    assert "GTB-789012 2023-10-26 Customer reported non-delivery. Provided tracking proof." in shown
    assert "Pending - Awaiting return shipment scan." in shown
    assert "more not shown" not in shown


def test_a_large_book_shows_its_first_cases_and_counts_the_others() -> None:
    shown = html_of(shop())
    assert shown.count("<tr>") == 1 + ROWS
    assert f"{200 - ROWS} more not shown." in shown


def test_a_book_that_cannot_be_read_shows_what_is_wrong(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    import openpyxl

    broken = openpyxl.load_workbook(path)
    del broken["Resolutions"]
    broken.save(path)
    shown = texts(html_of(load(path, strict=False)))
    assert "1 error" in shown
    assert "Resolutions" in shown


def test_a_report_shows_errors_before_warnings(tmp_path: Path) -> None:
    report = hostile(tmp_path / "t.xlsx").check()
    assert report.errors
    shown = html_of(report)
    first = re.findall(r"<td[^>]*>(error|warning) RB\d{3}</td>", shown)
    assert first == sorted(first)
    assert len(first) == len(report)
    assert texts(shown).lstrip().startswith(report.summary())


def test_a_report_without_findings_has_no_table() -> None:
    shown = html_of(refundbook.Report("t.xlsx"))
    assert "t.xlsx: no errors, no warnings." in shown
    assert "<table" not in shown


def test_a_case_file_shows_all_of_the_case(tmp_path: Path) -> None:
    shown = texts(html_of(load(sample_at(tmp_path / "t.xlsx")).case_file("gtb-789012")))
    for said in (
        "GTB-789012 Full Refund closed after 4 days (as of 2023-11-05)",
        "Customer reported non-delivery.",
        "Promise: Investigate, due 2023-10-30 kept on time, on 2023-10-30",
        "2023-10-30 Full Refund 49.90 USD Card Full refund issued to card.",
        "49.90 USD",
    ):
        assert said in shown
    assert shown.index("Customer reported") < shown.index("Provided tracking") < shown.index("Support requested")


def test_a_case_without_entries_says_so(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [{"number": "GTB-000001", "opened": date(2023, 10, 1)}], [], [])
    shown = texts(html_of(load(path).case_file("GTB-000001")))
    assert "Pending open for 35 days" in shown
    assert "Communications No communications yet. Resolutions No resolution yet." in shown


def test_nothing_that_is_shown_can_run(tmp_path: Path) -> None:
    book = hostile(tmp_path / "t.xlsx")
    for value in (book, book.check(), book.case_file("GTB-000001"), book.insights.outcomes("reason")):
        shown = html_of(value)
        assert "&lt;script&gt;" in shown
        assert "<script" not in shown
        assert "<img" not in shown


def test_a_table_of_figures_says_what_it_counts_and_why_a_figure_is_missing() -> None:
    shown = html_of(shop().insights.outcomes("reason"))
    assert '<span title="2 closed cases: too few to say">n/a (2)</span>' in shown
    assert "The shares are of the closed cases." in shown
    assert repr(shop().insights.ageing()) == "<Table 'Age of open cases': 6 rows>"


# Plots


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    mpl.use("agg")
    yield
    pyplot.close("all")


def widths(axis: Any, label: str) -> Sequence[float]:
    (bars,) = (found for found in axis.containers if found.get_label() == label)
    return [patch.get_width() for patch in bars]


@pytest.mark.parametrize("by", BY)
def test_every_table_draws_its_figures(by: str) -> None:
    for table in shop().insights.tables(by):
        axes = table.plot()
        drawn = {bar: [width for axis in axes for width in widths(axis, bar)] for bar in table.bars}
        for bar in table.bars:
            figures = [float(cell) for cell in table.column(bar) if not isinstance(cell, (TooFew, str))]
            assert sorted(width for width in drawn[bar] if width) == sorted(figure for figure in figures if figure)


def test_stacked_bars_begin_where_the_one_before_ends() -> None:
    axis: Any = shop().insights.outcomes("reason").plot()[0]
    ends = [0.0] * 7
    for bars in axis.containers:
        patches = bars.patches
        assert [patch.get_x() for patch in patches] == ends
        ends = [patch.get_x() + patch.get_width() for patch in patches]
    assert ends == shop().insights.outcomes("reason").column("Cases")


def test_money_has_axes_for_each_currency() -> None:
    axes = shop().insights.money("reason").plot()
    assert [axis.get_title(loc="left") for axis in axes] == [
        f"Money by reason, {name}" for name in ("USD", "EUR", "CNY")
    ]
    with pytest.raises(UsageError, match="has 3 currencies, which need a chart each"):
        shop().insights.money("reason").plot(axes[0])


def test_a_plot_goes_into_given_axes_and_says_where_there_are_too_few() -> None:
    _, ax = pyplot.subplots()
    table = Table("t", "T", "", ("Reason", "Resolution: Median"), (("a", Days(3)), ("b", TooFew(2, "case"))), ("Resolution: Median",))  # fmt: skip
    assert table.plot(ax, color="black") == [ax]
    assert ax.get_xlabel() == "n/a: too few to say"
    assert [text.get_text() for text in ax.texts] == ["3.0", "n/a (2)"]
    assert ax.patches[0].get_facecolor() == (0, 0, 0, 1)


def test_there_is_nothing_to_draw_in_an_empty_table(tmp_path: Path) -> None:
    found = load(filled(tmp_path / "t.xlsx", [], [], [])).insights
    with pytest.raises(UsageError, match='There is nothing to draw in "Outcomes by reason"'):
        found.outcomes("reason").plot()
    with pytest.raises(UsageError, match='There is nothing to draw in "At a glance"'):
        shop().insights.overview().plot()


def test_without_matplotlib_a_plot_says_what_to_install() -> None:
    with (
        patch.dict(sys.modules, {"matplotlib": None}),
        pytest.raises(UsageError, match=r'pip install "refundbook\[plot\]"'),
    ):
        shop().insights.ageing().plot()


# The example notebook


@cache
def stored() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]


def run_again(name: str, folder: Path) -> Any:
    """A notebook of the examples, run from a clean kernel."""
    for file in ("make_shop.py", name):
        shutil.copyfile(EXAMPLES / file, folder / file)
    fresh = nbformat.read(folder / name, as_version=4)  # type: ignore[no-untyped-call]
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    environment = {"PYTHONPATH": str(EXAMPLES.parent), "TMPDIR": str(folder), "PYTHONWARNINGS": "ignore"}
    with patch.dict(os.environ, environment):
        NotebookClient(
            fresh, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        ).execute()
    return fresh


def test_the_notebook_runs_from_a_clean_kernel_and_says_what_its_text_says(tmp_path: Path) -> None:
    for notebook in (run_again(NOTEBOOK.name, tmp_path), stored()):
        unfounded = list(figures_not_in_outputs(notebook))
        assert not unfounded


def test_the_notebook_on_many_shops_runs_and_shows_what_it_showed(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    kept = nbformat.read(EXAMPLES / "many_shops.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    fresh = run_again("many_shops.ipynb", tmp_path)
    assert [printed(cell) for cell in fresh.cells] == [printed(cell) for cell in kept.cells]
    assert any("vienna.xlsx" in text for cell in fresh.cells for text in printed(cell))


def printed(cell: Any) -> list[str]:
    """What a cell printed, and the text of what it gave."""
    outputs = cell.get("outputs", [])
    return [output["text"] if "text" in output else output["data"]["text/plain"] for output in outputs]


def figures_not_in_outputs(notebook: Any) -> Iterator[str]:
    """The bold figures of the text that stand in no output above it."""
    seen = ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            seen += " ".join(map(output_text, cell.outputs))
            continue
        for figure in re.findall(r"\*\*([\d.,]+%?)\*\*", cell.source):
            if not re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d%]|[.,]\d)", seen):
                yield figure


def output_text(output: Any) -> str:
    data = output.get("data", {})
    return f" {output.get('text', '')} {data.get('text/plain', '')} {texts(data.get('text/html', ''))} "


def test_the_text_has_figures_to_hold_it_to() -> None:
    prose = "".join(cell.source for cell in stored().cells if cell.cell_type == "markdown")
    assert len(re.findall(r"\*\*[\d.,]+%?\*\*", prose)) > 30
    doctored = nbformat.from_dict(stored())  # type: ignore[no-untyped-call]
    added = nbformat.from_dict({"cell_type": "markdown", "source": "**123.45**"})  # type: ignore[no-untyped-call]
    doctored.cells = [*stored().cells, added]
    assert list(figures_not_in_outputs(doctored)) == ["123.45"]


def test_the_notebook_is_stored_as_it_ran_once_from_the_top() -> None:
    code = [cell for cell in stored().cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 3
