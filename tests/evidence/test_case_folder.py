"""The folder of a case's evidence: its name, the names in it, and that nothing is overwritten."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import CannotWrite
from refundbook.evidence.case_folder import SUMS, file_name, folder_of, keep, planned, take_back


def short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


@pytest.mark.parametrize(
    ("number", "key", "name"),
    [
        ("GTB-789012", "gtb-789012", "GTB-789012"),
        ("A/B 1", "a/b 1", f"A_B_1-{short('a/b 1')}"),
        ("dp_1aB", "dp_1aB", f"dp_1aB-{short('dp_1aB')}"),
        ("dp1aB", "dp1aB", f"dp1aB-{short('dp1aB')}"),
        ("..", "..", f"__-{short('..')}"),
        ("CON", "con", f"CON-{short('con')}"),
    ],
)
def test_a_folder_is_called_as_its_case(number: str, key: str, name: str) -> None:
    assert folder_of(number, key) == name


@given(st.text(min_size=1))
def test_no_name_from_outside_is_a_path(said: str) -> None:
    for name in (file_name(said), folder_of(said, said)):
        assert name not in ("", ".", "..")
        assert "/" not in name
        assert "\\" not in name
        assert ";" not in name
        assert not any(ord(c) < 32 for c in name)
        assert PureWindowsPath(name).name == name
        assert len(name) <= 120
    assert file_name(said).casefold() != SUMS.casefold()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\chat.png", "chat.png"),
        ("a;b:c*.png", "a_b_c_.png"),
        ("SHA256SUMS", "_SHA256SUMS"),
        ("nul.txt", "_nul.txt"),
        (".hidden", "hidden"),
        ("Grüße.txt", "Grüße.txt"),
        ("x" * 300 + ".png", "x" * 80 + ".png"),
    ],
)
def test_a_name_that_every_system_can_have(said: str, name: str) -> None:
    assert file_name(said) == name


def test_what_stands_there_is_never_overwritten_and_the_same_is_kept_once(tmp_path: Path) -> None:
    book = tmp_path / "t.xlsx"
    for data, path in ((b"one", "f.txt"), (b"two", "f-2.txt"), (b"one", "f.txt"), (b"two", "f-2.txt")):
        files = planned(book, "A", [("f.txt", data)])
        assert files[0].path == f"evidence/A/{path}"
        keep(book, files)
    folder = tmp_path / "evidence" / "A"
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.name != SUMS} == {"f.txt": b"one", "f-2.txt": b"two"}
    assert len((folder / SUMS).read_text().splitlines()) == 2


def test_what_is_taken_back_leaves_what_was_there_before(tmp_path: Path) -> None:
    book = tmp_path / "t.xlsx"
    keep(book, planned(book, "A", [("f.txt", b"one")]))
    files = planned(book, "A", [("f.txt", b"one"), ("f.txt", b"two")])
    keep(book, files)
    take_back(book, files)
    folder = tmp_path / "evidence" / "A"
    assert sorted(p.name for p in folder.iterdir()) == [SUMS, "f.txt"]
    assert [line[66:] for line in (folder / SUMS).read_text().splitlines()] == ["f.txt"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_list_of_sums_that_is_a_link_is_not_written(tmp_path: Path) -> None:
    book = tmp_path / "t.xlsx"
    folder = tmp_path / "evidence" / "A"
    folder.mkdir(parents=True)
    (tmp_path / "mine").write_text("mine")
    (folder / SUMS).symlink_to(tmp_path / "mine")
    with pytest.raises(CannotWrite, match="symbolic link"):
        keep(book, planned(book, "A", [("f.txt", b"one")]))
    assert (tmp_path / "mine").read_text() == "mine"
    assert not (folder / "f.txt").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_file_that_is_a_link_is_no_place(tmp_path: Path) -> None:
    book = tmp_path / "t.xlsx"
    folder = tmp_path / "evidence" / "A"
    folder.mkdir(parents=True)
    (tmp_path / "mine").write_bytes(b"one")
    (folder / "f.txt").symlink_to(tmp_path / "mine")
    files = planned(book, "A", [("f.txt", b"one")])
    assert files[0].path == "evidence/A/f-2.txt"
