"""`refundbook log`: a message in the shortest way, with files; and `append case --message`."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from refundbook.base.schema import Sheet
from refundbook.cli import commands, fast_append
from refundbook.cli.entering import How
from tests.support.command import TODAY, environment, run
from tests.support.own_checks import own_findings
from tests.support.samples import load, sample_at
from tests.support.terminal import at_terminal, process
from tests.support.warm import readings

pytestmark = pytest.mark.slow

A = "GTB-789012"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "t.xlsx")


def newest(book: Path) -> dict[str, Any]:
    log = load(book).records.communications
    return {name: values[-1] for name, values in log.columns.items() if values[-1] is not None}


def test_the_common_case_takes_thirty_five_keystrokes() -> None:
    assert len('refundbook log 789012 "Label sent."') == 35


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], {"with_": "Support", "direction": "Received"}),
        (["--to"], {"with_": "Support", "direction": "Sent"}),
        (["--buyer"], {"with_": "Buyer", "direction": "Received"}),
        (["--to", "--buyer", "--channel", "Chat"], {"with_": "Buyer", "direction": "Sent", "channel": "Chat"}),
        (["--agent", "Maya", "--promise", "Look", "--due", "48 hrs"], {"agent": "Maya", "promise": "Look"}),
    ],
)
def test_it_is_received_from_support_now_unless_said(book: Path, args: list[str], expected: dict[str, str]) -> None:
    ran = run("log", "789012", "Label sent.", *args, book=book)
    assert (ran.code, ran.out) == (0, f"Entered {A} in Communications, row 9.\n")
    found = newest(book)
    assert (found["number"], str(found["date"]), found["summary"]) == (A, TODAY, "Label sent.")
    assert {name: found[name] for name in expected} == expected
    assert own_findings(book) == []


def test_the_agent_has_no_default_without_a_terminal(book: Path) -> None:
    run("log", A, "x", book=book)
    assert "agent" not in newest(book)


@pytest.mark.parametrize(("typed", "agent"), [("", "Maya"), ("Lee", "Lee"), ("-", None)])
def test_at_a_terminal_the_last_agent_is_offered(book: Path, typed: str, agent: str | None) -> None:
    code, shown = at_terminal("-b", book, "log", A, "Hello", answers=[("[Maya]:", typed)])
    assert code == 0, shown
    assert newest(book).get("agent") == agent


def test_the_text_may_come_from_standard_input(book: Path) -> None:
    ran = process("-b", str(book), "log", "9012", "-", stdin=b"Zwei\nZeilen\n")
    assert ran.code == 0, ran.err
    assert newest(book)["summary"] == "Zwei\nZeilen"


def test_a_plain_one_is_read_without_click_as_click_reads_it() -> None:
    lines = [
        ["log", A, "Label sent."],
        ["-b", "a.xlsx", "log", A, "x", "--to", "--buyer", "--agent", "Maya", "--due", "48 hrs", "--set", "Own=y"],
        ["log", A, "x", "--json", "--date", "2023-11-01"],
    ]
    for line in lines:
        found: list[fast_append.Plain] = []

        def take(book: Path, sheet: Sheet, fields: dict[str, Any], how: How, **more: Any) -> None:
            found.append(fast_append.Plain(book, sheet, fields, how, more["command"]))  # noqa: B023  (called at once)

        with patch("refundbook.cli.log_cmd.enter_one", take), patch.dict(os.environ, environment()):
            commands.run(line)
        assert found == [fast_append.parsed(line, {})]
    for line in (["log"], ["log", A], ["log", A, "-"], ["log", A, "x", "--attach", "f"], ["log", "--help"]):
        assert fast_append.parsed(line, {}) is None


def test_it_goes_by_what_is_known_of_the_workbook(book: Path) -> None:
    run("log", A, "first", book=book)
    with readings() as read:
        assert run("log", "9012", "second", book=book).code == 0
    assert read.count == 0


def test_of_an_unknown_case_it_says_what_to_do(book: Path) -> None:
    ran = run("log", "GTB-1", "x", book=book)
    assert ran.code == 1
    assert "append case GTB-1" in ran.err


# Files


def test_files_are_kept_with_their_sums_and_named_in_the_log(book: Path, tmp_path: Path) -> None:
    photo, chat = tmp_path / "my photo.jpg", tmp_path / "chat.txt"
    photo.write_bytes(b"photo")
    chat.write_bytes(b"chat")
    ran = run("log", "9012", "See there.", "--attach", photo, "--attach", chat, book=book)
    assert ran.code == 0, ran.err
    assert newest(book)["evidence"] == f"evidence/{A}/my photo.jpg; evidence/{A}/chat.txt"
    folder = tmp_path / "evidence" / A
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums == {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in (photo, chat)}
    assert (folder / "my photo.jpg").read_bytes() == b"photo"
    assert run("evidence", A, "-o", tmp_path / "packet.zip", "--allow-missing", book=book).code == 0


@pytest.mark.parametrize(
    "args",
    [["log", "GTB-1", "x"], ["log", A, "x", "--date", "2020-01-01"], ["log", A, "x", "--dry-run"], ["log", A, ""]],
    ids=["unknown case", "refused", "dry run", "no text"],
)
def test_where_nothing_is_entered_no_file_is_kept(book: Path, tmp_path: Path, args: list[str]) -> None:
    (tmp_path / "f.txt").write_bytes(b"x")
    before = book.read_bytes()
    run(*args, "--attach", tmp_path / "f.txt", book=book)
    assert book.read_bytes() == before
    assert not (tmp_path / "evidence").exists()


def test_where_the_save_fails_the_file_goes_again(book: Path, tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_bytes(b"x")
    with patch("refundbook.storage.workbook_file.WorkbookFile.replace", side_effect=OSError("full")):
        assert run("log", A, "x", "--attach", tmp_path / "f.txt", book=book).code != 0
    assert [p.name for p in (tmp_path / "evidence" / A).iterdir() if p.stat().st_size] == []


def test_an_entry_that_waits_keeps_its_file_too(book: Path, tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_bytes(b"x")
    owner = book.with_name(f"~${book.name}")
    owner.write_bytes(b"\x03Ana" + b" " * 161)
    assert "Kept" in run("log", "9012", "x", "--attach", tmp_path / "f.txt", book=book).out
    owner.unlink()
    run("inbox", "enter", book=book)
    assert newest(book)["evidence"] == f"evidence/{A}/f.txt"
    assert (tmp_path / "evidence" / A / "f.txt").read_bytes() == b"x"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("at", ["evidence", f"evidence/{A}"])
def test_no_link_is_followed_to_another_folder(book: Path, tmp_path: Path, at: str) -> None:
    (tmp_path / "f.txt").write_bytes(b"x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / at).parent.mkdir(exist_ok=True)
    (tmp_path / at).symlink_to(tmp_path / "elsewhere")
    before = book.read_bytes()
    ran = run("log", A, "x", "--attach", tmp_path / "f.txt", book=book)
    assert ran.code == 3
    assert "symbolic link" in ran.err
    assert book.read_bytes() == before
    assert list((tmp_path / "elsewhere").iterdir()) == []


# A case with its first message


def test_a_case_is_entered_with_its_first_message_or_neither(book: Path) -> None:
    args = ["append", "case", "GTB-789100", "--opened", "2023-11-02"]
    ran = run(*args, "--message", "They lost it.", "--json", book=book)
    assert [entry["sheet"] for entry in ran.json["entered"]] == ["Cases", "Communications"]
    found = newest(book)
    assert (found["number"], found["summary"], found["with_"], found["direction"], str(found["date"])) == (
        "GTB-789100", "They lost it.", "Support", "Sent", "2023-11-02",
    )  # fmt: skip
    before = book.read_bytes()
    assert run(*args, "--message", "Again.", book=book).code == 1
    assert run("append", "case", "GTB-789101", "--opened", "2023-11-02", "--message", "", book=book).code == 1
    assert book.read_bytes() == before


def test_at_a_terminal_the_day_is_asked_for_with_today_as_default(book: Path) -> None:
    code, shown = at_terminal("-b", book, "append", "case", "GTB-789100", answers=[("Date Opened [today]:", "")])
    assert code == 0, shown
    without = run("append", "case", "GTB-789101", book=book)
    assert (without.code, "--opened" in without.err) == (2, True)
