"""The commands that read, on several workbooks: each row says its workbook, and each workbook is answered."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import refundbook
from refundbook.base.addresses import without_password
from tests.support.command import Ran, run
from tests.support.gallery import build
from tests.support.many_books import dask_cluster
from tests.support.samples import sample_at
from tests.support.terminal import at_terminal, process

pytestmark = pytest.mark.slow

SOUND = ["shops/a.xlsx", "shops/b.xlsx"]
READING = {
    "tracker": ["tracker"],
    "list": ["list"],
    "list in columns": ["list", "--columns", "Case Number, Status"],
    "find": ["find", "GTB"],
    "due": ["due", "--within", "400 days"],
}


@pytest.fixture(autouse=True)
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two sound workbooks in `shops` and one that is none."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "shops"
    folder.mkdir()
    sample_at(folder / "a.xlsx")
    build(
        folder / "b.xlsx",
        "case number=GTB-100001 opened=2023-10-01 amount=5 currency=EUR ; communication number=GTB-100001 date=2023-10-02 "
        "with=Support summary=Hello promise=Money due=2023-10-20",
    )
    (folder / "bad.xlsx").write_text("x")
    return folder


def asked(*args: str) -> Ran:
    return run("-b", "shops/*.xlsx", *args)


@pytest.mark.parametrize("name", READING)
def test_each_row_says_its_workbook_first_and_one_that_fails_is_named(name: str) -> None:
    ran = asked(*READING[name], "--format", "csv")
    assert ran.code == 4
    assert ran.err.startswith("refundbook: ")
    assert "shops/bad.xlsx cannot be read" in ran.err
    header, *rows = csv.reader(io.StringIO(ran.out))
    assert header[0] == "Book"
    assert {row[0] for row in rows} == set(SOUND if name != "due" else SOUND[1:])
    for book in sorted({row[0] for row in rows}):
        alone = list(csv.reader(io.StringIO(run("-b", book, *READING[name], "--format", "csv").out)))
        assert alone == [header[1:], *(row[1:] for row in rows if row[0] == book)]


@pytest.mark.parametrize("name", READING)
def test_json_has_the_rows_of_all_and_those_that_failed(name: str) -> None:
    found = asked(*READING[name], "--json").json
    assert {row["book"] for row in found["rows"]} == set(SOUND if name != "due" else SOUND[1:])
    (failed,) = found["failed"]
    assert (failed["book"], failed["exit_code"]) == ("shops/bad.xlsx", 4)
    assert "not an Excel workbook" in failed["error"]


def test_b_may_be_given_several_times_and_one_workbook_is_as_before() -> None:
    assert run("-b", SOUND[1], "-b", SOUND[0], "list", "--format", "csv").out.splitlines()[1].startswith(SOUND[1])
    assert run("-b", SOUND[0], "list", "--format", "csv").out.startswith("Case Number,")


def test_check_finds_what_is_in_two_and_its_exit_code_is_the_highest(shops: Path) -> None:
    build(shops / "c.xlsx", "case number=gtb-100001 opened=2023-10-01")
    (shops / "bad.xlsx").unlink()
    ran = asked("check", "--json")
    assert ran.code == 0
    assert [one["book"] for one in ran.json] == [*SOUND, "shops/c.xlsx"]
    codes = {one["book"]: {finding["code"] for finding in one["findings"]} for one in ran.json}
    assert "RB451" in codes["shops/b.xlsx"] & codes["shops/c.xlsx"]
    assert "RB451" not in codes["shops/a.xlsx"]
    build(shops / "d.xlsx", "case number=X opened=2024-10-01")
    assert asked("check").code == 1
    assert "is also in shops/b.xlsx" in run("check", "shops/b.xlsx", "shops/c.xlsx").out


def test_a_workbook_without_its_columns_is_checked_as_alone(shops: Path) -> None:
    build(shops / "headless.xlsx", "cell Cases!A1=Number")
    found = {one["book"]: one for one in asked("check", "--json").json}
    assert [finding["code"] for finding in found["shops/headless.xlsx"]["findings"]] == ["RB002"]


def test_insights_add_up_and_go_by_workbook() -> None:
    found = asked("insights", "--by", "book", "--json").json
    assert [row["Book"] for row in found["tables"]["outcomes_by_book"]] == SOUND
    assert [failed["book"] for failed in found["failed"]] == ["shops/bad.xlsx"]


def test_a_list_is_sorted_over_all_workbooks() -> None:
    rows = asked("list", "--sort", "-Amount Requested", "--json").json["rows"]
    asked_for = [next(iter(row["asked"].values()), None) for row in rows]
    amounts = [amount for amount in asked_for if amount is not None]
    assert amounts == sorted(amounts, reverse=True)
    assert {row["book"] for row in rows} == set(SOUND)


def test_a_value_that_some_workbook_knows_is_looked_for_in_all(shops: Path) -> None:
    build(shops / "c.xlsx", "case number=GTB-100003 opened=2023-10-01 reason=Lost")
    assert [row["number"] for row in asked("list", "--reason", "lost", "--json").json["rows"]] == ["GTB-100003"]
    (shops / "bad.xlsx").unlink()
    refused = asked("list", "--reason", "Stolen")
    assert refused.code == 2
    assert refused.err.count("No case has the Reason") == 1


def test_processes_give_the_same(shops: Path) -> None:
    assert asked("list", "--json", "--jobs", "2") == asked("list", "--json")
    assert run("-b", "shops/*.xlsx", "--jobs", "2", "check", "--json").out == asked("check", "--json").out


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_dask_cluster_gives_the_same() -> None:
    module: Any = pytest.importorskip("distributed")
    with dask_cluster(processes=False) as address:
        found = asked("list", "--json", "--dask", address)
        with module.Client(address) as client:
            done = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)
    assert found == asked("list", "--json")
    assert done >= len(found.json["rows"]) > 0


def test_where_no_cluster_answers_it_is_said_without_the_password() -> None:
    pytest.importorskip("distributed")
    ran = asked("list", "--dask", "nowhere://ana:s3cret@host:8786")
    assert (ran.code, ran.out) == (2, "")
    assert "No Dask cluster answers at nowhere://…@host:8786: start one with `dask scheduler`" in ran.err
    assert "s3cret" not in ran.err


def test_without_the_package_for_clusters_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    ran = asked("list", "--dask", "tcp://host:8786")
    assert (ran.code, ran.out) == (2, "")
    assert 'pip install "refundbook[cluster]"' in ran.err


def test_a_bar_shows_how_many_workbooks_are_read_at_a_terminal(shops: Path) -> None:
    pattern = str(shops / "*.xlsx")
    code, shown = at_terminal("-b", pattern, "list")
    bar = re.search(r"Reading workbooks  \[#+\]  100%", shown)
    assert (code, bar is not None) == (4, True), shown
    assert "GTB-100001" in shown[bar.end() if bar else 0 :]
    assert "Reading workbooks" not in process("-b", pattern, "list").err


def test_overdue_anywhere_ends_with_1(shops: Path) -> None:
    (shops / "bad.xlsx").unlink()
    assert asked("due", "--fail-if-overdue").code == 1
    assert asked("due").code == 0


@pytest.mark.parametrize(
    "args",
    [
        ["append", "case", "X-1", "--opened", "2023-10-01"],
        ["show", "GTB-100001"],
        ["keep", "1"],
        ["inbox"],
        ["upgrade"],
        ["due", "--ics", "d.ics"],
    ],
)
def test_what_takes_one_workbook_says_so(args: list[str], shops: Path) -> None:
    before = {path: path.read_bytes() for path in shops.glob("*.xlsx")}
    ran = asked(*args)
    assert ran.code == 2
    assert "one" in ran.err
    assert {path: path.read_bytes() for path in shops.glob("*.xlsx")} == before


def test_the_histories_of_all_are_told_each_under_its_workbook(shops: Path) -> None:
    for name in SOUND:
        assert run("-b", name, "append", "case", "X-1", "--opened", "2023-10-01").code == 0
    ran = asked("history")
    assert ran.code == 4
    assert "shops/bad.xlsx cannot be read" in ran.err
    assert [line for line in ran.out.splitlines() if line.startswith("shops/")] == [
        f"{name}: 2 lines" for name in SOUND
    ]
    found = asked("history", "--json").json
    assert [row["book"] for row in found["rows"]] == [name for name in SOUND for _ in range(2)]
    assert [failed["book"] for failed in found["failed"]] == ["shops/bad.xlsx"]
    assert asked("history", "--verify").code == 2


def test_a_pattern_that_fits_one_is_that_one(shops: Path) -> None:
    assert run("-b", "shops/b*k.xlsx", "show", "X").code == 2
    assert run("-b", "shops/[b].xlsx", "append", "case", "X-1", "--opened", "2023-10-01").code == 0
    assert "X-1" in refundbook.load(shops / "b.xlsx").cases.index


def test_a_workbook_with_the_name_of_a_pattern_is_a_workbook(shops: Path) -> None:
    sample_at(shops / "[ab].xlsx")
    assert run("-b", "shops/[ab].xlsx", "list", "--format", "csv").out.startswith("Case Number,")
    assert run("-b", "shops/n[e]w.xlsx", "init").code in (0, 2)


def test_the_environment_may_name_a_pattern(shops: Path) -> None:
    (shops / "bad.xlsx").unlink()
    assert json.loads(run("list", "--json", REFUNDBOOK="shops/*.xlsx").out)["failed"] == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("tls://ana:s3cret@host:8786", "tls://…@host:8786"),
        ("postgresql://ana:s3c@ret@host/db", "postgresql://…@host/db"),
        ("postgresql://host/db?user=ana&password=s3cret", "postgresql://host/db?user=ana&password=…"),
        ("tcp://host:8786", "tcp://host:8786"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_password(address) == shown
