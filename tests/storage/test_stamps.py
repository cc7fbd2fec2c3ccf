"""Time stamps of a history's head: asked for, kept, verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from refundbook.storage.journal import Journal
from refundbook.storage.workbook_file import WorkbookFile
from tests.support.authority import Authority, has_openssl
from tests.support.command import run
from tests.support.samples import bare_sample_at

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not has_openssl(), reason="openssl is not installed")]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = bare_sample_at(tmp_path / "tracker.xlsx")
    append(path, "GTB-789100")
    return path


def append(book: Path, number: str) -> None:
    assert run("append", "case", number, "--opened", "2023-11-01", book=book).code == 0


def answered(book: Path, authority: Authority) -> Path:
    request = book.with_name("request.tsq")
    assert run("history", "--stamp-request", request, book=book).code == 0
    return authority.answer(request, book.with_name("answer.tsr"))


def test_a_stamp_is_verified_with_the_authoritys_root(book: Path, authority: Authority) -> None:
    answer = answered(book, authority)
    ran = run("history", "--stamp", answer, "--tsa-cert", authority.root, book=book)
    assert (ran.code, "(verified)" in ran.out) == (0, True), ran.err
    append(book, "GTB-789101")
    verified = run("history", "--verify", "--json", book=book).json
    assert [(s["line"], s["verified"], s["problem"]) for s in verified["stamps"]] == [(2, True, "")]
    assert "Line 2 was stamped at" in run("history", "--verify", book=book).out


def test_what_is_stamped_is_the_heads_sha256_so_openssl_verifies_it_too(book: Path, authority: Authority) -> None:
    answer = answered(book, authority)
    digest = run("history", "--head", book=book).out.split()[1]
    assert authority.verifies(digest, answer)
    assert not authority.verifies("0" * 64, answer)


def test_without_a_root_it_is_present_and_not_verified(book: Path, authority: Authority) -> None:
    assert run("history", "--stamp", answered(book, authority), book=book).code == 0
    ran = run("history", "--verify", book=book)
    assert (ran.code, "present, not verified" in ran.out) == (0, True)


def test_one_of_another_authority_is_refused(book: Path, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    ran = run("history", "--stamp", answered(book, authority), "--tsa-cert", other.root, book=book)
    assert (ran.code, "does not verify" in ran.err) == (1, True)
    assert "stamped" not in run("history", "--verify", book=book).out


def test_a_history_made_anew_is_found_by_its_stamp(book: Path, authority: Authority) -> None:
    assert run("history", "--stamp", answered(book, authority), "--tsa-cert", authority.root, book=book).code == 0
    Journal(WorkbookFile(book)).file.unlink()
    append(book, "GTB-789101")
    ran = run("history", "--verify", book=book)
    assert (ran.code, "it is of no line of this history" in ran.err) == (1, True)


def test_what_is_no_answer_is_refused_and_a_request_is_never_written_over(book: Path, authority: Authority) -> None:
    answer = answered(book, authority)
    assert run("history", "--stamp-request", book.with_name("request.tsq"), book=book).code == 3
    spoiled = answer.with_name("spoiled.tsr")
    spoiled.write_bytes(answer.read_bytes()[:-40])
    assert run("history", "--stamp", spoiled, book=book).code == 1
    assert run("history", "--stamp", book, book=book).code == 1
    assert run("history", "--tsa-cert", authority.root, book=book).code == 2


def test_a_packet_brings_the_stamps_along(book: Path, authority: Authority) -> None:
    assert run("history", "--stamp", answered(book, authority), "--tsa-cert", authority.root, book=book).code == 0
    assert run("evidence", "GTB-789012", "-o", book.parent / "packet", book=book).code == 0
    (kept,) = (book.parent / "packet").glob("stamp-2-*.tsr")
    assert kept.read_bytes() == (book.parent / "answer.tsr").read_bytes()
    assert "Line 2 was stamped at" in (book.parent / "packet" / "history.txt").read_text(encoding="utf-8")


def test_a_stamp_of_another_computers_history_is_told_as_that(book: Path, authority: Authority) -> None:
    """As where two computers wrote at once, and a sync client brought all of it together."""
    file = Journal(WorkbookFile(book)).file
    before = book.read_bytes(), file.read_bytes()
    append(book, "GTB-789101")
    assert run("history", "--stamp", answered(book, authority), "--tsa-cert", authority.root, book=book).code == 0
    other = file.rename(file.with_name("tracker.xlsx.journal (conflicted copy 2026-11-29).jsonl"))
    book.write_bytes(before[0])
    file.write_bytes(before[1])
    append(book, "GTB-789102")
    ran = run("history", "--verify", book=book)
    assert ran.code == 0, ran.err
    assert f"Line 3 of another computer's history, {other.name}, was stamped at" in ran.out
    assert run("evidence", "GTB-789012", "-o", book.parent / "packet", book=book).code == 0
    assert not list((book.parent / "packet").glob("stamp-*"))
    other.unlink()
    assert run("history", "--verify", book=book).code == 1
