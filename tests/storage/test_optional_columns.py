"""Columns that came after a workbook was made: it stays valid without them, and what needs one says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from refundbook.base.schema import SHEETS
from tests.support.command import environment, run
from tests.support.rounds import headers, whole_round
from tests.support.samples import load, sample_at

pytestmark = pytest.mark.slow

OF_0_1_0 = Path(__file__).parent / "data" / "tracker-0.1.0.xlsx"
"""Made by 0.1.0 with its own template, and two cases, a message and a resolution entered with it."""

LACKING = {"Cases": "Answered On", "Communications": "Source", "Resolutions": "Source"}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copyfile(OF_0_1_0, tmp_path / "tracker.xlsx"))


def test_a_workbook_of_the_first_version_goes_on_without_the_columns_that_came_later(old: Path) -> None:
    whole_round(old, "GTB-789012", LACKING)


def test_every_column_that_came_later_is_optional() -> None:
    """A column that every workbook must have makes all older ones invalid."""
    there = headers(OF_0_1_0)
    for sheet in SHEETS:
        assert [c.header for c in sheet.columns if not c.optional] == there[sheet.name]


def test_a_new_workbook_has_every_column_where_the_schema_has_it(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "new.xlsx")
    assert headers(path) == {sheet.name: [column.header for column in sheet.columns] for sheet in SHEETS}


def test_a_column_that_is_added_to_the_schema_leaves_older_workbooks_as_they_are(tmp_path: Path) -> None:
    """In a process whose schema has one more column in the middle of every sheet."""
    path = sample_at(tmp_path / "tracker.xlsx")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.support.wider", path, "GTB-789012"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Zoë" in load(path).cases["Customer"].tolist()


def test_an_import_whose_map_names_such_a_column_is_refused_once_in_words(old: Path) -> None:
    table, column_map = old.with_name("other.csv"), old.with_name("map.toml")
    table.write_text(
        "Case,Opened,Answered\nGTB-1,2023-11-01,2023-11-02\nGTB-2,2023-11-01,2023-11-02\n", encoding="utf-8"
    )
    column_map.write_text('[columns]\nCase = "case.number"\nOpened = "case.opened"\nAnswered = "case.answered_on"\n', encoding="utf-8")  # fmt: skip
    ran = run("import", table, "--map", column_map, book=old)
    assert (ran.code, ran.err) == (
        2,
        "refundbook: The map sends something to case.answered_on, and in this workbook Cases has no column Answered "
        "On: `refundbook upgrade` adds it.\n",
    )
    new = sample_at(old.with_name("new.xlsx"))
    assert run("import", table, "--map", column_map, book=new).code == 0
    assert load(new).records.cases["answered_on"][-2:] == [date(2023, 11, 2)] * 2


def test_a_date_in_answered_on_ends_the_gateways_deadline(old: Path, tmp_path: Path) -> None:
    """In a workbook that has none the deadline runs until the final resolution."""
    assert "PP-R-ABC-1" in run("due", book=old).out
    path = sample_at(tmp_path / "new.xlsx")
    given = (
        "append",
        "case",
        "PP-R-ABC-1",
        "--opened",
        "2023-10-27",
        "--respond-by",
        "2023-10-30",
        "--issuer",
        "PayPal",
    )
    assert run(*given, book=path).code == 0
    assert "Answer the gateway" in run("due", book=path).out
    with load(path) as book:
        book.amend("PP-R-ABC-1", "Answered On", "2023-10-29")
    assert "Answer the gateway" not in run("due", book=path).out
