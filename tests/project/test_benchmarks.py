"""The benchmark measures what it says, at a size at which it takes seconds; its workbooks and its peers' scripts are
what they claim to be.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import refundbook
from benchmarks import contests
from benchmarks.books import excel_book, refundbook_book
from benchmarks.measure import ROOT, Contender, Figure, Series, compete
from benchmarks.page import draw, page
from benchmarks.targets import claims
from benchmarks.workbooks import TODAY, case_number
from refundbook.base.schema import COMMUNICATIONS

pytestmark = pytest.mark.slow

CASES = 4


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    excel_book(folder, CASES)
    return folder


def test_a_run_measures_every_contest_and_writes_the_page_and_the_plot(books: Path, tmp_path: Path) -> None:
    options = [
        "--sizes",
        str(CASES),
        "--runs",
        "1",
        "--peers",
        "openpyxl",
        "--books",
        str(books),
        "--out",
        str(tmp_path),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench", *options],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "performance.md").read_text(encoding="utf-8")
    appends = ("openpyxl", contests.WARM, contests.COLD, contests.COLD + contests.SAVED, contests.COPY)
    others = (
        *(contests.LOG, contests.AMEND, contests.RENAME, contests.UNDO, contests.SHOW, contests.EVIDENCE),
        contests.CHECK,
        contests.READ_ONLY,
        contests.CALAMINE,
        contests.BULK,
        contests.FRAME,
        contests.READ_EXCEL,
        contests.HELP,
    )
    for name in (*appends, *others):
        assert page.count(f"\n| {name} | ") >= 1, name
    assert f"| {contests.WARM}: times faster than the fastest peer, openpyxl | {CASES} | " in page
    assert (tmp_path / "performance.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_the_workbook_that_excel_saved_says_the_same_in_shared_strings(books: Path) -> None:
    ours, excels = refundbook_book(books, CASES), excel_book(books, CASES)
    one, other = CalamineWorkbook.from_path(ours), CalamineWorkbook.from_path(excels)
    assert one.sheet_names == other.sheet_names
    for name in one.sheet_names:
        assert one.get_sheet_by_name(name).to_python() == other.get_sheet_by_name(name).to_python()
    assert not refundbook.load(excels, today=TODAY).check().findings
    with zipfile.ZipFile(excels) as file:
        log = file.read("xl/worksheets/sheet4.xml")
        strings = file.read("xl/sharedStrings.xml")
        shown = sum(
            file.read(name).count(b't="s"') for name in file.namelist() if name.startswith("xl/worksheets/sheet")
        )
    assert b"inlineStr" not in log
    row = rb'<row r="2" spans="1:%d" ht="[0-9.]+" x14ac:dyDescent="0.25"><c r="A2"' % len(COMMUNICATIONS.columns)
    assert re.search(row, log)
    assert b' count="%d" uniqueCount="%d"' % (shown, strings.count(b"<si>")) in strings


@pytest.mark.parametrize("peer", ["openpyxl", "pandas"])
@pytest.mark.parametrize("book", [refundbook_book, excel_book])
def test_a_peer_does_the_same_job(peer: str, book: object, books: Path, tmp_path: Path) -> None:
    assert callable(book)
    path = tmp_path / "book.xlsx"
    path.write_bytes(book(books, CASES).read_bytes())
    script = [sys.executable, "-P", str(ROOT / "benchmarks" / "peers.py"), f"append-{peer}", str(path)]
    refused = subprocess.run([*script, "GTB-9"], capture_output=True, encoding="utf-8", check=False)
    assert refused.stderr == "unknown case GTB-9\n"
    subprocess.run([*script, case_number(2)], check=True)
    log = refundbook.load(path, today=TODAY).communications
    assert len(log) == 3 * CASES + 1
    assert log.index[-1] == case_number(2)
    assert log["Entry"].iloc[-1] == 3 * CASES + 1


def test_contenders_run_in_turn_until_their_budget_is_used_up_or_they_fail(tmp_path: Path) -> None:
    turns = tmp_path / "turns"
    writing = f"open({str(turns)!r}, 'a').write('{{}}')"

    def contender(name: str, then: str = "") -> Contender:
        return Contender(name, lambda turn: (sys.executable, "-c", f"{writing.format(f'{name}{turn} ')}; {then}"))

    found = compete(
        [contender("a"), contender("b", "raise SystemExit('no such thing')")], runs=2, budget=60, warm_up=True
    )
    assert turns.read_text() == "a-1 b-1 a0 a1 "
    assert len(found["a"].figures) == 2
    assert found["b"] == Series([], "no such thing")
    assert len(compete([contender("c")], runs=3, budget=0.001)["c"].figures) == 1


def test_a_claim_compares_medians_with_its_target() -> None:
    def series(*seconds: float) -> Series:
        return Series([Figure(each, each, 50) for each in seconds])

    found = {
        contests.WARM: series(1, 1, 9),
        "openpyxl": series(10, 2, 11),
        "xlsxedit": series(0.5),
        contests.COPY: series(0.1),
    }
    met = {claim.what: (claim.measured, claim.met) for claim in claims({("append", 1_000): found})}
    assert met == {
        f"{contests.WARM}: times faster than openpyxl": ("10×", True),
        f"{contests.WARM}: times faster than the fastest peer, xlsxedit": ("0.5×", False),
        f"{contests.WARM}: peak memory": ("50 MB", True),
    }
    larger = {**found, contests.WARM: series(1.7)}
    *_, growth = claims({("append", 1_000): found, ("append", 100_000): larger})
    assert (growth.measured, growth.met) == ("1.70 s", False)
    assert growth.target.startswith("≤ 1.60 s")


def test_a_contender_that_failed_is_told_of_and_not_drawn(tmp_path: Path) -> None:
    warm = Series([Figure(1, 1, 50)])
    results = {("append", 100): {contests.WARM: warm, contests.COPY: warm, "openpyxl": Series([], "it broke")}}
    text = page(results, "a machine", 20, "plot.svg")
    assert "\n| openpyxl | failed: it broke |\n" in text
    assert "faster than openpyxl |" not in text
    draw(results, tmp_path / "plot.svg")
    drawn = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert f"<!-- {contests.WARM} -->" in drawn
    assert "<!-- openpyxl -->" not in drawn


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells it")
def test_the_memory_of_a_process_and_its_copy_is_counted_together() -> None:
    """Told to a small process: what is measured begins as a copy of the one that measures."""
    held = "import os, time; os.fork(); x = os.urandom(60 << 20); time.sleep(1)"
    measuring = (
        "import sys; from benchmarks.measure import Contender, compete; "
        f"found = compete([Contender('two', lambda turn: (sys.executable, '-c', {held!r}))], runs=1, budget=60); "
        "print(found['two'].figures[0].megabytes)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measuring], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )
    assert 120 < float(done.stdout) < 200
