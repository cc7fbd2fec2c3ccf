"""Many workbooks as one: whatever is wrong with some, by whatever executor, the answer on the others is the same.

`REFUNDBOOK_LONG_TESTS=1` reads three hundred, and has a Dask cluster of two processes among the executors.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest

import refundbook
from refundbook import Book, Books, InvalidWorkbook, MissingWorkbook, UnreadableWorkbook, UsageError, load_all
from refundbook.book.many import answers
from refundbook.system import forked
from tests.support.books import filled
from tests.support.command import environment
from tests.support.gallery import build
from tests.support.many_books import EXECUTORS, OWNER_FILE, bound, digest, make, spoil
from tests.support.samples import TODAY, sample_at

ROOT = Path(__file__).parents[2]
LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with four sound workbooks in `shops`."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "shops"
    folder.mkdir()
    sample_at(folder / "a.xlsx")
    for name, number in (("b", "GTB-100001"), ("c", "GTB-100002")):
        build(folder / f"{name}.xlsx", f"case number={number} opened=2023-10-01 amount=0.10 currency=USD")
    refundbook.create(folder / "empty.xlsx")
    return folder


def read(given: object = "shops/*.xlsx", **options: object) -> Books:
    return load_all(given, today=TODAY, **options)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.posix("a FIFO, a link and lost permissions are among what is broken")
def test_ten_that_are_broken_in_ten_ways_cost_no_other_its_answer_by_any_executor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    count = 290 if LONG else 3
    make(tmp_path, count)
    alone = digest(read("*.xlsx"))
    broken = spoil(tmp_path)
    executors = [name for name in EXECUTORS if name != ("dask here" if LONG else "dask")]
    done = subprocess.run(
        bound([sys.executable, "-m", "tests.support.many_books", str(tmp_path), *executors]),
        capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment()}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert list(answers) == executors
    for name, answer in answers.items():
        assert answer == answers["none"], name
    here = answers["none"]
    assert (here["books"], here["tables"], here["passed over"]) == (count, alone, [OWNER_FILE])
    assert set(here["failed"]) | {OWNER_FILE} == broken
    kinds = {path.removesuffix(".xlsx"): (kind, errors) for path, (kind, _, _, errors) in here["failed"].items()}
    assert kinds.pop("duplicate") == ("InvalidWorkbook", 1)
    assert kinds.pop("link") == kinds.pop("vanishing") == ("MissingWorkbook", 0)
    assert set(kinds.values()) == {("UnreadableWorkbook", 0)}
    assert "no permission" in here["failed"]["locked.xlsx"][1]


def test_what_failed_is_found_by_any_path_to_it(shops: Path) -> None:
    build(shops / "headless.xlsx", "without table Cases ; cell Cases!A1=Number")
    books = read()
    error = books.failed[shops / "headless.xlsx"]
    assert books.failed["shops/headless.xlsx"] is error
    assert isinstance(error, InvalidWorkbook)
    assert {finding.code for finding in error.report} == {"RB002"}


def test_a_workbook_that_breaks_rules_is_read_unless_strict(shops: Path) -> None:
    build(shops / "twice.xlsx", "case number=GTB-1 opened=2023-10-01 ; case number=GTB-1 opened=2023-10-01")
    books = read()
    assert not books.failed
    assert [f.code for f in books.check()["shops/twice.xlsx"].errors] == ["RB201"]
    assert list(read(strict=True).failed) == ["shops/twice.xlsx"]


def vanish(book: Book) -> int:
    """Takes away the file that comes next."""
    following = book.path.with_name(chr(ord(book.path.stem) + 1) + ".xlsx")
    following.unlink(missing_ok=True)
    return len(book.records.cases)


def test_one_that_vanishes_meanwhile_is_named(shops: Path) -> None:
    found = dict(answers([shops / "a.xlsx", shops / "b.xlsx", shops / "c.xlsx"], vanish, today=TODAY))
    assert found["shops/a.xlsx"] == 2
    assert isinstance(found["shops/b.xlsx"], MissingWorkbook)
    assert found["shops/c.xlsx"] == 1


def die(book: Book) -> int:
    if book.path.stem == "b":
        os._exit(1)
    return 1


def test_a_worker_that_dies_leaves_an_answer_for_every_workbook(shops: Path) -> None:
    paths = sorted(shops.glob("*.xlsx"))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = dict(answers(paths, die, executor=pool, today=TODAY))
        with pytest.raises(BrokenProcessPool):
            pool.submit(len, "")
    assert len(found) == len(paths)
    lost = found["shops/b.xlsx"]
    assert isinstance(lost, UnreadableWorkbook)
    assert "fewer processes" in str(lost)


def fail(book: Book) -> int:
    raise RuntimeError("a fault of ours")


def test_a_fault_of_ours_is_the_error_of_one_workbook(shops: Path) -> None:
    for executor in (None, ThreadPoolExecutor(1)):
        found = dict(answers([shops / "b.xlsx"], fail, executor=executor, today=TODAY))
        assert "a fault of ours" in str(found["shops/b.xlsx"])


def may_copy(book: Book) -> bool:
    with forked.forked(os.getpid) as there:
        return there() != os.getpid()


def test_no_worker_makes_copies_of_itself(shops: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "_is_possible", lambda: hasattr(os, "fork") and threading.active_count() < 9)
    if hasattr(os, "fork"):
        assert dict(answers([shops / "b.xlsx"], may_copy, today=TODAY)) == {"shops/b.xlsx": True}
    with ThreadPoolExecutor(1) as pool:
        assert dict(answers([shops / "b.xlsx"], may_copy, executor=pool, today=TODAY)) == {"shops/b.xlsx": False}


# Which workbooks


def test_paths_and_patterns_name_each_workbook_once(shops: Path) -> None:
    (shops / "again.xlsx").symlink_to("a.xlsx")
    given = [shops / "b.xlsx", "shops/[ab].xlsx", str(shops / "again.xlsx"), Path("shops/c*.xlsx")]
    assert list(read(given).books) == ["shops/b.xlsx", "shops/a.xlsx", "shops/c.xlsx"]


def test_a_path_that_exists_is_no_pattern(shops: Path) -> None:
    sample_at(shops / "[ab].xlsx")
    assert list(read("shops/[ab].xlsx").books) == ["shops/[ab].xlsx"]


def test_backups_are_passed_over(shops: Path) -> None:
    backups = shops / ".refundbook" / "backups"
    backups.mkdir(parents=True)
    sample_at(backups / "a.2023-10-01T10-00-00.xlsx")
    books = read(["shops/.refundbook/**/*.xlsx", "shops/b.xlsx"])
    assert list(books.books) == ["shops/b.xlsx"]
    assert books.passed_over == ("shops/.refundbook/backups/a.2023-10-01T10-00-00.xlsx",)


def test_a_tilde_is_the_home_folder(shops: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(shops))
    monkeypatch.setenv("USERPROFILE", str(shops))
    assert list(read("~/[bc].xlsx").books) == ["shops/b.xlsx", "shops/c.xlsx"]


def test_nothing_to_read_is_said(shops: Path) -> None:
    with pytest.raises(MissingWorkbook, match=r"No file fits the pattern \"other/\*\.xlsx\"\."):
        read("other/*.xlsx")
    with pytest.raises(UsageError, match="at least one workbook"):
        read([])


# The tables


def test_the_tables_are_those_of_each_workbook_under_its_name(shops: Path) -> None:
    books = read()
    for name, book in books.books.items():
        for table in ("cases", "communications", "resolutions"):
            own = book.frame(table, amounts="arrow")
            if len(own):
                pd.testing.assert_frame_equal(pd.DataFrame(books.frame(table).loc[name]), own, check_index_type=False)
    assert books.cases.index.names == ["Book", "Case Number"]
    assert [book.path for book in books] == [path.resolve() for path in sorted(shops.glob("*.xlsx"))]


@pytest.mark.parametrize("amounts", ["arrow", "decimal", "float"])
def test_dtypes_do_not_depend_on_what_the_workbooks_hold(shops: Path, amounts: str) -> None:
    every = read(amounts=amounts)
    for given in ("shops/empty.xlsx", "shops/b.xlsx"):
        some = read(given, amounts=amounts)
        for table in ("cases", "communications", "resolutions", "joined"):
            assert some.frame(table).reset_index().dtypes.tolist() == every.frame(table).reset_index().dtypes.tolist()


def test_money_is_summed_exactly(shops: Path) -> None:
    for number in range(30):
        build(shops / f"d{number}.xlsx", f"case number=D-{number} opened=2023-10-01 amount=0.10 currency=EUR")
    cases = read("shops/d*.xlsx").cases
    assert cases["Amount Requested"].sum() == Decimal("3.00")
    assert dict(cases.groupby("Currency")["Amount Requested"].sum()) == {"EUR": Decimal("3.00")}


def test_own_columns_have_one_kind_over_all_workbooks(shops: Path) -> None:
    for name, own in (("d", {"Seller": "Shop Nine"}), ("e", {"Seller": 9}), ("f", {"Shipping": 4.9})):
        filled(shops / f"{name}.xlsx", [{"number": f"GTB-20000{name}", "opened": date(2023, 10, 1), **own}], [], [])
    cases = read().cases
    assert cases["Seller"].dtype == "string"
    assert cases["Seller"].dropna().tolist() == ["Shop Nine", "9"]
    assert cases["Shipping"].dtype == "Float64"
    assert cases["Shipping"].sum() == 4.9


def test_the_three_are_joined_without_a_header_of_two(shops: Path) -> None:
    joined = read("shops/a.xlsx").joined()
    assert joined.columns.is_unique
    assert {"Currency (Cases)", "Currency (Resolutions)", "Summary", "Outcome"} <= set(joined.columns)
    book = refundbook.load("shops/a.xlsx", today=TODAY)
    assert len(joined) == len(book.communications)
    assert set(joined.index.get_level_values("Case Number")) == set(book.cases.index)


def test_the_trackers_of_all_are_those_of_each_under_its_name(shops: Path) -> None:
    books = read()
    assert books.tracker.index.names == ["Book", "GTBuy Case #"]
    for name in ("shops/a.xlsx", "shops/b.xlsx"):
        own = books.books[name].tracker
        pd.testing.assert_frame_equal(pd.DataFrame(books.tracker.loc[name]), own, check_index_type=False)
    assert len(books.tracker) == len(books.cases)
    (shops / "bad.xlsx").write_text("x")
    for given in ("shops/empty.xlsx", "shops/bad.xlsx"):
        assert read(given).tracker.reset_index().dtypes.tolist() == books.tracker.reset_index().dtypes.tolist()


# What is said of all


def test_the_histories_of_all_are_those_of_each_and_are_verified_against_their_heads(shops: Path) -> None:
    for name in ("a", "b"):
        with refundbook.edit(shops / f"{name}.xlsx", today=TODAY) as book:
            book.append_case("GTB-300000", opened="2023-10-02")
    history = read().history
    assert list(history) == ["shops/a.xlsx", "shops/b.xlsx", "shops/c.xlsx", "shops/empty.xlsx"]
    found = history.to_frame()
    assert set(found["Book"]) == {"shops/a.xlsx", "shops/b.xlsx"}
    alone = refundbook.load("shops/a.xlsx", today=TODAY).history.to_frame()
    pd.testing.assert_frame_equal(found[found["Book"] == "shops/a.xlsx"].drop(columns="Book"), alone)
    heads = history.heads
    assert (bool(heads["shops/a.xlsx"]), heads["shops/c.xlsx"], history.verify(heads)) == (True, "", {})
    journal = shops / ".refundbook" / "b.xlsx.journal.jsonl"
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    assert list(read().history.verify(heads)) == ["shops/b.xlsx"]
    assert history.verify() == {}
    with pytest.raises(KeyError, match=r"shops/z\.xlsx"):
        history.verify({"shops/z.xlsx": "1"})
    assert "shops/a.xlsx" in history._repr_html_()


def test_a_number_in_two_workbooks_is_found_by_all_that_look_across(shops: Path) -> None:
    build(shops / "d.xlsx", "case number=gtb-100001 opened=2023-10-02 ; case number=X-1 opened=2023-10-02")
    books = read()
    assert list(books.duplicates().index) == [("shops/b.xlsx", "GTB-100001"), ("shops/d.xlsx", "gtb-100001")]
    assert list(books.duplicates()["Cell"]) == ["A2", "A2"]
    found = [f for f in books.check()["shops/b.xlsx"] if f.code == "RB451"]
    assert [(f.cell, f.column, f.value) for f in found] == [("A2", "Case Number", "GTB-100001")]
    assert 'is also in shops/d.xlsx (Cases!A2, spelled "gtb-100001")' in found[0].message


def test_no_duplicates_is_an_empty_table(shops: Path) -> None:
    assert read().duplicates().empty


def test_numbers_that_an_issuer_tells_apart_are_no_duplicates(shops: Path) -> None:
    build(shops / "d.xlsx", "case number=dp_1a opened=2023-10-02 issuer=Stripe")
    build(shops / "e.xlsx", "case number=dp_1A opened=2023-10-02 issuer=Stripe")
    assert read("shops/[de].xlsx").duplicates().empty


def test_what_is_due_is_that_of_each_oldest_first(shops: Path) -> None:
    books = read()
    due = books.due()
    each = [(name, d.number, d.what) for name, book in books.books.items() for d in book.due()]
    assert sorted((d.book, d.number, d.what) for d in due) == sorted(each)
    assert [d.by for d in due] == sorted(d.by for d in due if d.by)
    assert list(due.to_frame().columns[:2]) == ["Book", "Case Number"]
    assert len(books.due("60d")) >= len(due)


def test_insights_add_up_over_all(shops: Path) -> None:
    books = read()
    assert len(books.insights.cases) == 4
    assert [(row[0], row[1]) for row in books.insights.outcomes("book").rows] == [
        ("shops/a.xlsx", 2),
        ("shops/b.xlsx", 1),
        ("shops/c.xlsx", 1),
    ]
    alone = refundbook.load("shops/a.xlsx", today=TODAY).insights
    assert [t.rows for t in read("shops/a.xlsx").insights.tables()] == [t.rows for t in alone.tables()]
    with pytest.raises(UsageError, match="not grouped by"):
        alone.outcomes("book")


def test_in_a_notebook_all_are_shown_and_names_are_text(shops: Path) -> None:
    (shops / "<b>.xlsx").write_text("x")
    shown = read()._repr_html_()
    assert "shops/a.xlsx" in shown
    assert "shops/&lt;b&gt;.xlsx" in shown
    assert "<b>.xlsx" not in shown
    assert repr(read()) == "<Books: 4 workbooks, 4 cases, 1 failed>"


def test_all_are_looked_at_as_of_one_moment_and_one_day(shops: Path) -> None:
    build(shops / "late.xlsx", "case number=GTB-100003 opened=2023-12-01")
    assert [f.code for f in load_all("shops/late.xlsx", today=date(2023, 11, 30)).check().errors] == ["RB203"]
    assert not load_all("shops/late.xlsx", today=date(2023, 12, 1)).check().errors


def test_cases_of_all_are_grouped_by_a_column_that_some_have(shops: Path) -> None:
    for name, seller in (("d", "Shop Nine"), ("e", "shop nine")):
        row = {"number": f"GTB-20000{name}", "opened": date(2023, 10, 1), "Seller": seller}
        filled(shops / f"{name}.xlsx", [row], [], [])
    found = read("shops/[bde].xlsx").insights.outcomes("seller")
    assert [row[:2] for row in found.rows] == [("Shop Nine", 2), ("(not given)", 1)]
    with pytest.raises(UsageError, match="No column"):
        read().insights.outcomes("Colour")
