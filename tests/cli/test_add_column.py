"""`refundbook add-column`: a column of one's own in the Table, lossless."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import refundbook
from tests.support import packages
from tests.support.command import run
from tests.support.own_checks import own_findings
from tests.support.samples import TODAY, sample_at
from tests.support.validators import new_findings

pytestmark = pytest.mark.slow


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    ("sheet", "kind", "good", "bad"),
    [
        ("cases", ["--kind", "text"], "007", None),
        ("Communications", ["--kind", "number"], "1.5", "x"),
        ("resolutions", ["--kind", "date"], "2023-10-30", "x"),
        ("cases", ["--values", 'North, "Far" & away,South'], "north", "East"),
        ("Communications", ["--values", 'North, "Far" & away,South'], "north", "East"),
    ],
    ids=["text", "number", "date", "choice", "choice of messages"],
)
def test_the_column_is_in_the_table_and_takes_what_it_is_for(
    book: Path, tmp_path: Path, sheet: str, kind: list[str], good: str, bad: str | None
) -> None:
    before = tmp_path / "before.xlsx"
    before.write_bytes(book.read_bytes())
    ran = run("add-column", "My Own", "--on", sheet, *kind, book=book)
    assert (ran.code, ran.err) == (0, "")
    assert own_findings(book) == []
    name = sheet.capitalize()
    table = openpyxl.load_workbook(book)[name].tables[name]
    assert table.column_names[-1] == "My Own"
    entry = {
        "Cases": ("case", {"number": "GTB-789100", "opened": "2023-11-01"}),
        "Communications": (
            "communication",
            {"number": "GTB-789045", "date": "2023-11-03", "with_": "Buyer", "summary": "x"},
        ),
        "Resolutions": ("resolution", {"number": "GTB-789045", "status": "Pending"}),
    }[name]
    with refundbook.load(book, today=TODAY) as opened:
        done = opened.append(entry[0], {**entry[1], "my own": good})
        assert done.values["My Own"] is not None
        if bad is not None:
            with pytest.raises(refundbook.EntryRefused):
                opened.append(entry[0], {**entry[1], "my own": bad})
    assert own_findings(book) == []
    assert new_findings(before, book) == []


def test_nothing_else_in_the_file_changes(book: Path) -> None:
    before = packages.parts(book)
    run("add-column", "Seller", "--on", "cases", "--values", "A,B", book=book)
    after = packages.parts(book)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed <= {"xl/worksheets/sheet1.xml", "xl/tables/table1.xml", "xl/styles.xml", "xl/workbook.xml"} | {
        name for name in after if "worksheets" in name or "tables" in name
    }
    assert len([name for name in changed if "worksheets/sheet" in name]) == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["date opened", "--on", "cases"], 'Cases has a column "Date Opened" already.'),
        (["", "--on", "cases"], "cannot be a header"),
        (["X", "--on", "cases", "--kind", "choice"], "needs --values"),
        (["X", "--on", "cases", "--kind", "text", "--values", "a"], "no other has them"),
        (["X", "--on", "cases", "--values", "a" * 300], "shorten them"),
    ],
)
def test_what_cannot_be_made_is_refused_and_the_file_stays(book: Path, args: list[str], says: str) -> None:
    before = book.read_bytes()
    ran = run("add-column", *args, book=book)
    assert ran.code == 2
    assert says in ran.err
    assert book.read_bytes() == before


def test_a_dry_run_says_where_and_writes_nothing(book: Path) -> None:
    before = book.read_bytes()
    ran = run("add-column", "Seller", "--on", "cases", "--dry-run", "--json", book=book)
    assert ran.json["would_add"]["header"] == "Seller"
    assert book.read_bytes() == before


def test_the_workbook_as_it_was_comes_back(book: Path) -> None:
    before = book.read_bytes()
    name = run("add-column", "Seller", "--on", "cases", "--json", book=book).json["backup"]
    assert run("restore", name, book=book).code == 0
    assert book.read_bytes() == before
