"""`refundbook import`."""

from __future__ import annotations

from pathlib import Path

import pytest

from refundbook.render.text import to_csv
from tests.support.books import SAMPLE_TRACKER, blank
from tests.support.command import run

HEADER, *ROWS = SAMPLE_TRACKER
DESIGN = to_csv(HEADER, ROWS)
TICKETS = "Ticket,Opened,State,Owner\n1,2023-10-26,Open,ana\n"
MAP = '[columns]\nTicket = "case.number"\nOpened = "case.opened"\nState = "resolution.status"\n'
OPEN_IS_PENDING = '[values."resolution.status"]\nOpen = "Pending"\n'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return blank(tmp_path / "tracker.xlsx")


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8", newline="")
    return path


def test_the_tracker_of_the_design_is_printed_as_it_was_imported(book: Path, tmp_path: Path) -> None:
    ran = run("import", written(tmp_path / "old.csv", DESIGN), book=book)
    assert (ran.code, ran.out) == (0, "Entered from old.csv: 2 in Cases, 2 in Communications, 2 in Resolutions.\n")
    assert run("tracker", "--format", "csv", book=book).out == DESIGN
    assert run("check", book=book).code == 0


def test_warnings_are_said_once_for_each_rule(book: Path, tmp_path: Path) -> None:
    rows = [(f"GTB-00000{k}", "2023-10-26", "", "", "2023-10-30 - Full refund.") for k in range(3)]
    ran = run("import", written(tmp_path / "old.csv", to_csv(HEADER, rows)), book=book)
    assert ran.code == 0
    assert ran.err.count("warning RB252: Resolutions!") == 1
    assert "(6 like this)" in ran.err


def test_a_dry_run_writes_nothing(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    ran = run("import", written(tmp_path / "old.csv", DESIGN), "--dry-run", book=book)
    assert (ran.code, ran.out.splitlines()[0][:22]) == (0, "Would enter from old.c")
    assert book.read_bytes() == before


def test_importing_twice_is_refused_with_the_cells_and_writes_nothing(book: Path, tmp_path: Path) -> None:
    old = written(tmp_path / "old.csv", DESIGN)
    run("import", old, book=book)
    before = book.read_bytes()
    again = run("import", old, book=book)
    assert again.code == 1
    assert "old.csv, line 2, column 1 (GTBuy Case #): Case Number GTB-789012 is already in row 2 of Cases" in again.err
    assert "Nothing was imported from old.csv" in again.err
    assert book.read_bytes() == before


def test_a_map_is_guessed_corrected_and_used(book: Path, tmp_path: Path) -> None:
    old, target = written(tmp_path / "old.csv", TICKETS), tmp_path / "map.toml"
    needs_map = run("import", old, book=book)
    assert (needs_map.code, "--write-map" in needs_map.err) == (2, True)
    made = run("import", old, "--write-map", target, book=tmp_path / "no workbook is needed.xlsx")
    assert made.code == 0
    assert made.out.startswith(f"Made {target}: 3 of 4 columns have a place.")
    uncorrected = run("import", old, "--map", target, book=book)
    assert (uncorrected.code, 'old.csv, line 2, column 3 (State): Status "Open" is not one of' in uncorrected.err) == (
        1,
        True,
    )
    written(target, target.read_text("utf-8").replace('"Open" = "?"', '"Open" = "Pending"'))
    done = run("import", old, "--map", target, book=book)
    assert done.out == "Entered from old.csv: 1 in Cases, 0 in Communications, 1 in Resolutions.\nNot taken: Owner.\n"


def test_a_map_is_never_overwritten(book: Path, tmp_path: Path) -> None:
    old, target = written(tmp_path / "old.csv", TICKETS), written(tmp_path / "map.toml", MAP)
    ran = run("import", old, "--write-map", target, book=book)
    assert (ran.code, "exists already" in ran.err, target.read_text()) == (2, True, MAP)


def test_answers_in_json(book: Path, tmp_path: Path) -> None:
    old, target = written(tmp_path / "old.csv", TICKETS), written(tmp_path / "map.toml", MAP)
    refused = run("import", old, "--map", target, "--json", book=book)
    assert (refused.code, refused.json["entered"]) == (1, [])
    assert [(p["where"], p["value"]) for p in refused.json["problems"]] == [
        ("old.csv, line 2, column 3 (State)", "Open")
    ]
    written(target, MAP + OPEN_IS_PENDING)
    would = run("import", old, "--map", target, "--json", "--dry-run", book=book)
    assert would.json["would_enter"] == {"Cases": 1, "Communications": 0, "Resolutions": 1}
    done = run("import", old, "--map", target, "--json", book=book)
    assert (done.json["entered"], done.json["not_taken"]) == (
        {"Cases": 1, "Communications": 0, "Resolutions": 1},
        ["Owner"],
    )


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("missing.csv", None, 2, "missing.csv cannot be read: there is no such file"),
        ("old.xlsx", b"PK\x03\x04", 4, "old.xlsx cannot be read"),
        ("old.csv", b"\xe9,b", 2, "save it as .xlsx or as 'CSV UTF-8'"),
        (".", None, 2, "cannot be read: it is a folder"),
    ],
)
def test_a_file_that_cannot_be_read(
    book: Path, tmp_path: Path, name: str, content: bytes | None, code: int, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = run("import", tmp_path / name, book=book)
    assert (ran.code, said in ran.err) == (code, True), ran.err


@pytest.mark.parametrize(("content", "said"), [(b"[columns", "is not proper TOML"), (b"\xe9", "is not in UTF-8")])
def test_a_map_that_cannot_be_read(book: Path, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "map.toml").write_bytes(content)
    ran = run("import", written(tmp_path / "old.csv", TICKETS), "--map", tmp_path / "map.toml", book=book)
    assert (ran.code, said in ran.err) == (2, True)


def test_cells_that_steer_a_terminal_are_escaped(book: Path, tmp_path: Path) -> None:
    rows = [("GTB-1", "\u009bsoon", "", "", "")]
    ran = run("import", written(tmp_path / "old.csv", to_csv(HEADER, rows)), book=book)
    assert (ran.code, "\u009b" in ran.err) == (1, False)
