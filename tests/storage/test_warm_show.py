"""`show` goes by what is known of the workbook, and says the same as by all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import refundbook
from tests.support.command import run
from tests.support.own_made import own_book
from tests.support.samples import TODAY
from tests.support.warm import readings, without_cache

pytestmark = pytest.mark.slow

CASES = {
    "GTB-700001": {"order": "A-1", "payment": "P 1", "related": "GTB-789012", "Seller": "Shop Nine", "Qty": "3"},
    "GTB-700002": {"order": "a-1", "related": "gtb-700001"},
    "GTB-7000O2": {"payment": "p 1", "Seen On": "2023-10-30"},
    "PP-1": {"order": "B", "related": "GTB-999999"},
    "GTB-700003": {},
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = own_book(tmp_path / "own.xlsx")
    for number, fields in CASES.items():
        with refundbook.edit(path, today=TODAY, user="ana") as opened:
            opened.append_case(number, opened="2023-10-28", **fields)
            opened.append_communication(
                number, date="2023-10-29", with_="Support", summary="x", promise="y", due="1 day"
            )
    return path


@pytest.mark.parametrize("number", [*CASES, "GTB-789012", "gtb-700001", "0003"])
def test_it_says_the_same_without_reading_the_workbook(book: Path, number: str) -> None:
    with readings() as read:
        known = run("show", number, "--json", book=book)
    assert read.count == 0
    with without_cache():
        whole = run("show", number, "--json", book=book)
    assert known.code == whole.code == 0
    assert known.json == whole.json


def test_of_a_case_that_is_not_there_the_nearest_is_named_as_ever(book: Path) -> None:
    known = run("show", "GTB-70000", book=book)
    with without_cache():
        assert known == run("show", "GTB-70000", book=book)
    assert known.code == 1


def test_what_was_changed_by_hand_since_is_seen(book: Path) -> None:
    import openpyxl

    made = openpyxl.load_workbook(book)
    page = made["Cases"]
    page.cell(3, 1 + [cell.value for cell in page[1]].index("Item")).value = "Shoes"
    made.save(book)
    assert run("show", "GTB-700001", "--json", book=book).json["case"]["Item"] == "Shoes"


def test_a_packet_of_evidence_is_made_without_reading_the_workbook_and_holds_the_same(
    book: Path, tmp_path: Path
) -> None:
    run("rename", "GTB-700001", "GTB-700009", book=book)
    with readings() as read:
        assert run("evidence", "GTB-700009", "-o", str(tmp_path / "known"), "--with-chain", book=book).code == 0
        assert run("evidence", "GTB-7", "-o", str(tmp_path / "none"), book=book).code == 1
    assert read.count == 1
    with without_cache():
        assert run("evidence", "GTB-700009", "-o", str(tmp_path / "whole"), "--with-chain", book=book).code == 0
    made = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("known", "whole")]
    assert made[0] == made[1]
    assert b"GTB-700001" in made[0]["history.txt"]
