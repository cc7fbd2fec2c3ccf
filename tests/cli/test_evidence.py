"""`refundbook evidence`."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest

from refundbook.record.history.verify import verify
from tests.support.books import filled
from tests.support.command import run
from tests.support.samples import sample_at

pytestmark = pytest.mark.slow

NUMBER = "GTB-789012"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a workbook whose log names a file, a link, a file that is missing and one outside."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "chat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "private.txt").write_text("private")
    return home


def book_naming(folder: Path, evidence: str) -> Path:
    message = {
        "entry": 1,
        "number": NUMBER,
        "date": date(2023, 10, 27),
        "with_": "Support",
        "summary": "Said.",
        "evidence": evidence,
    }
    return filled(folder / "tracker.xlsx", [{"number": NUMBER, "opened": date(2023, 10, 26)}], [message], [])


def test_a_packet_is_made_and_said(folder: Path) -> None:
    book = book_naming(folder, "chat.png\nhttps://x.test")
    before = book.read_bytes()
    ran = run("evidence", NUMBER, "-o", folder / "packet.zip", book=book)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"Made {folder / 'packet.zip'}: 2 entries, 1 file. Read it before you send it.\n"
    with zipfile.ZipFile(folder / "packet.zip") as archive:
        assert "files/01-chat.png" in archive.namelist()
    assert book.read_bytes() == before


def test_the_answer_in_json(folder: Path) -> None:
    ran = run(
        "evidence",
        "gtb-789012",
        "-o",
        folder / "p",
        "--json",
        "--allow-missing",
        book=book_naming(folder, "chat.png; gone.png"),
    )
    assert ran.json["case"] == NUMBER
    assert [file["name"] for file in ran.json["files"]] == ["files/01-chat.png"]
    assert ran.json["not_included"] == [{"own_name": "gone.png", "reason": "is not there"}]
    assert json.loads((folder / "p" / "manifest.json").read_text())["prepared"] == "2023-11-05"


def test_a_missing_file_stops_it_and_says_what_to_do(folder: Path) -> None:
    ran = run("evidence", NUMBER, "-o", folder / "packet", book=book_naming(folder, "chat.png; gone.png"))
    assert ran.code == 1
    assert "Record No. 2: gone.png is not there." in ran.err
    assert "The packet was not made: 1 file cannot be taken." in ran.err
    assert "--allow-missing" in ran.err
    assert "--allow-outside" not in ran.err
    assert not (folder / "packet").exists()


def test_a_file_outside_is_not_taken_unless_it_is_allowed(folder: Path) -> None:
    book = book_naming(folder, "../private.txt")
    refused = run("evidence", NUMBER, "-o", folder / "packet", book=book)
    assert (refused.code, (folder / "packet").exists()) == (1, False)
    assert "private.txt lies outside the workbook's folder." in refused.err
    assert "--allow-outside" in refused.err
    left_out = run("evidence", NUMBER, "-o", folder / "without", "--allow-missing", book=book)
    assert (left_out.code, (folder / "without" / "files").exists()) == (0, False)
    assert run("evidence", NUMBER, "-o", folder / "with", "--allow-outside", book=book).code == 0
    assert (folder / "with" / "files" / "01-private.txt").read_text() == "private"


def test_other_customers_data_stay_here_whatever_is_allowed(folder: Path) -> None:
    filled(folder / "old.png")
    book = book_naming(folder, "old.png; second.txt; .refundbook/x")
    (folder / "second.txt").hardlink_to(folder / "chat.png")
    (folder / ".refundbook").mkdir()
    (folder / ".refundbook" / "x").touch()
    refused = run("evidence", NUMBER, "-o", folder / "packet", book=book)
    assert refused.code == 1
    assert "old.png is a workbook of cases, with those of other customers." in refused.err
    assert "second.txt has a second name somewhere (a hard link)" in refused.err
    assert (
        ".refundbook/x lies in .refundbook, where refundbook keeps backups and entries of all your cases."
        in refused.err
    )
    assert "or take what has a second name with --allow-linked," in refused.err
    options = ("--allow-linked", "--allow-outside", "--allow-missing")
    made = run("evidence", NUMBER, "-o", folder / "packet", *options, book=book)
    assert made.code == 0
    assert [file.name for file in (folder / "packet" / "files").iterdir()] == ["01-second.txt"]
    page = (folder / "packet" / "evidence.html").read_text("utf-8")
    assert "workbook of cases" in page
    assert "lies in .refundbook" in page


def test_what_stands_there_is_not_overwritten_unless_forced(folder: Path) -> None:
    book = book_naming(folder, "chat.png")
    assert run("evidence", NUMBER, "-o", folder / "packet", book=book).code == 0
    again = run("evidence", NUMBER, "-o", folder / "packet", book=book)
    assert (again.code, "exists already" in again.err) == (2, True)
    assert run("evidence", NUMBER, "-o", folder / "packet", "--force", book=book).code == 0
    assert run("evidence", NUMBER, "-o", folder, "--force", book=book).code == 2
    assert book.exists()


def test_an_unknown_case_is_named_with_the_nearest(folder: Path) -> None:
    ran = run("evidence", "GTB-798012", "-o", folder / "packet", book=book_naming(folder, ""))
    assert (ran.code, "Did you mean GTB-789012" in ran.err) == (1, True)


def test_a_folder_that_is_not_there_is_said(folder: Path) -> None:
    ran = run("evidence", NUMBER, "-o", folder / "no" / "packet.zip", book=book_naming(folder, ""))
    assert (ran.code, "cannot be made" in ran.err) == (3, True)


def test_where_to_is_required(folder: Path) -> None:
    assert run("evidence", NUMBER, book=book_naming(folder, "")).code == 2


def test_names_that_steer_a_terminal_are_escaped(folder: Path) -> None:
    ran = run("evidence", NUMBER, "-o", folder / "p", book=book_naming(folder, "a\u202eb\u009b.png"))
    assert "a\u2039right-to-left override\u203ab\u2039control character U+009B\u203a.png is not there" in ran.err


def test_the_packet_tells_the_cases_history_without_what_stays_out_of_it(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    new = [
        "append",
        "communication",
        "GTB-789012",
        "--date",
        "2023-11-01",
        "--with",
        "Support",
        "--summary",
        "They call.",
    ]
    assert run(*new, book=book).code == 0
    assert run("amend", "GTB-789012", "Notes=secret", "Amount Requested=59.90", book=book).code == 0
    assert run("evidence", "GTB-789012", "-o", tmp_path / "packet", book=book).code == 0
    text = (tmp_path / "packet" / "history.txt").read_text(encoding="utf-8")
    head = run("history", "--head", book=book).out.strip()
    assert f"Head: {head}\n" in text
    assert "Amount Requested 49.90 → 59.90" in text
    assert "Summary They call." in text
    assert "What it does not prove" in text
    assert not any(kept_back in text for kept_back in ("secret", "ana", "GTB-789045"))
    assert "history.txt" in (tmp_path / "packet" / "evidence.html").read_text(encoding="utf-8")
    assert not (tmp_path / "packet" / "history.jsonl").exists()


def test_the_chain_in_a_packet_verifies_and_says_nothing_of_other_cases(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    for number in ("GTB-789100", "GTB-789101"):
        assert (
            run("append", "case", number, "--opened", "2023-11-01", "--customer", f"of {number}", book=book).code == 0
        )
    assert run("evidence", "GTB-789100", "-o", tmp_path / "packet", "--with-chain", book=book).code == 0
    chain = (tmp_path / "packet" / "history.jsonl").read_bytes()
    assert b"of GTB-789100" in chain
    assert b"GTB-789101" not in chain
    assert b"GTB-789012" not in chain
    found = verify(chain.splitlines(keepends=True))
    assert found.head is not None
    assert f"{found.head.header['line']} {found.head.hash}" == run("history", "--head", book=book).out.strip()
    assert all("left out" in problem.message for problem in found.problems)


def test_without_a_history_a_packet_says_nothing_of_one(tmp_path: Path) -> None:
    book = sample_at(tmp_path / "tracker.xlsx")
    assert run("evidence", "GTB-789012", "-o", tmp_path / "packet", book=book).code == 0
    assert not (tmp_path / "packet" / "history.txt").exists()
    assert "history" not in (tmp_path / "packet" / "evidence.html").read_text(encoding="utf-8").lower()
