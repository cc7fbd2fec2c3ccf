"""`refundbook history`: what was done to a workbook, told and verified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import refundbook
from refundbook.storage.journal import Journal
from refundbook.storage.workbook_file import WorkbookFile
from tests.support.command import Ran, run
from tests.support.samples import TODAY, bare_sample_at, load

SAY = ["append", "communication", "GTB-789012", "--with", "Support", "--summary", "They call.", "--date", "2023-11-01"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = bare_sample_at(tmp_path / "tracker.xlsx")
    assert run(*SAY, book=path).code == 0
    return path


def put(book: Path, cell: str, value: Any) -> None:
    workbook = openpyxl.load_workbook(book)
    workbook["Cases"][cell].value = value
    workbook.save(book)


def history(book: Path, *args: str) -> Ran:
    return run("history", *args, book=book)


def journal(book: Path) -> Path:
    return Journal(WorkbookFile(book)).file


def test_it_tells_commands_and_hands_newest_first(book: Path) -> None:
    put(book, "J2", 499)
    said = history(book).out.splitlines()
    assert said[:4] == [
        "between 2023-11-05 23:59:59 and 2023-11-05 23:59:59, outside refundbook:",
        "    GTB-789012, Amount Requested 49.90 → 499.00",
        "2023-11-05 23:59:59, ana: append communication:",
        "    GTB-789012, entry 8: new communication: Date 2023-11-01; With Support; Direction Received; "
        "Summary They call.; Logged At 2023-11-05 23:59:59; Logged By ana",
    ]
    assert said[4] == "2023-11-05 23:59:59, the history begins with what was there:"
    assert history(book).out.splitlines() == said


def test_one_case_is_told_also_under_the_number_that_it_had(book: Path) -> None:
    put(book, "A3", "GTB-789046")
    assert "Case Number GTB-789045 → GTB-789046" in history(book, "gtb-789045").out
    assert history(book, "GTB-789046").out == history(book, "GTB-789045").out
    assert "GTB-789046" not in history(book, "GTB-789012").out


def test_one_message_and_what_was_done_since_a_day(book: Path) -> None:
    (told,) = history(book, "--entry", "8", "--json").json
    assert (told["line"], told["command"], [c["entry"] for c in told["changes"]]) == (2, "append communication", [8])
    assert history(book, "--since", "2023-11-06").code == 0
    assert history(book, "--since", "2023-11-05", "--json").json != []
    assert history(book, "--since", "2023-11-06", "--json", ).json == []  # fmt: skip
    assert history(book, "--since", "one day").code == 2


def test_show_tells_it_too(book: Path) -> None:
    assert "append communication" in run("show", "GTB-789012", "--history", book=book).out
    assert run("show", "GTB-789012", "--history", "--json", book=book).code == 2


def test_a_workbook_without_one_says_so(tmp_path: Path) -> None:
    book = bare_sample_at(tmp_path / "t.xlsx")
    assert "has no history yet" in history(book).out
    assert history(book, "--verify").code == 0
    assert history(book, "--head").code == 2
    assert history(book, "--verify", "--head", "3 " + "a" * 64).code == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["t.xlsx"]


def test_the_head_is_one_line_which_verify_takes_whole_or_in_part(book: Path) -> None:
    head = history(book, "--head").out
    assert len(head.splitlines()) == 1
    number, digest = head.split()
    assert (number, len(digest)) == ("2", 64)
    run(*SAY, book=book)
    for kept in (head, head.strip(), digest, digest.upper()):
        assert history(book, "--verify", "--head", kept).code == 0
    assert history(book, "--verify", "--head", "nonsense").code == 2
    assert history(book, "--head", head).code == 2


def test_verify_writes_nothing_and_says_that_the_workbook_was_changed_since(book: Path) -> None:
    assert "as the last line left it" in history(book, "--verify").out
    put(book, "J2", 499)
    before = journal(book).read_bytes()
    assert "was changed since the last line" in history(book, "--verify").out
    assert journal(book).read_bytes() == before


def test_what_is_wrong_is_named_with_its_line_and_the_rest_can_still_be_told(book: Path) -> None:
    data = journal(book).read_bytes()
    journal(book).write_bytes(data.replace(b"Customer claimed item defective.", b"Customer claimed item was fine. "))
    ran = history(book, "--verify")
    assert (ran.code, ran.err.startswith("refundbook: Line 1 was changed")) == (1, True)
    assert history(book, "--verify", "--json").json["problems"][0]["line"] == 1
    assert "append communication" in history(book).out


def test_it_is_told_where_the_workbook_cannot_be_read(book: Path) -> None:
    book.write_bytes(b"nothing")
    ran = history(book)
    assert (ran.code, "append communication" in ran.out) == (0, True)
    assert "tracker.xlsx" in ran.err


def test_a_line_that_was_cut_off_in_the_middle_is_mended_by_the_next_command(book: Path) -> None:
    with journal(book).open("ab") as file:
        file.write(b'{"changes":[')
    assert history(book, "--verify").code == 1
    assert run(*SAY, book=book).code == 0
    assert history(book, "--verify").code == 0


def test_python_has_it_as_events_and_as_a_frame(book: Path) -> None:
    put(book, "J2", 499)
    found = load(book).history
    assert [event.kind for event in found] == ["hand", "command", "begin"]
    assert found.head == history(book, "--head").out.strip()
    assert found.verify(found.head) == ()
    assert [problem.line for problem in found.verify("9 " + "a" * 64)] == [9]
    frame = found.to_frame()
    assert frame[["case", "column", "before", "after"]].values.tolist()[0] == [
        "GTB-789012",
        "Amount Requested",
        49.9,
        499,
    ]
    assert "Amount Requested" in found._repr_html_()
    assert refundbook.load(book, today=TODAY).history.head == found.head
