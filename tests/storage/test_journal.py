"""The journal's lines from the last back: those that `lines` gives, whatever their length, and no further than asked."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from refundbook.record.history.chain import Change
from refundbook.storage import journal
from refundbook.storage.journal import BadJournal, Journal
from refundbook.storage.workbook_file import WorkbookFile


def journal_at(folder: Path, sizes: list[int]) -> Journal:
    """A journal with lines of so many changes."""
    book = folder / "t.xlsx"
    book.write_bytes(b"")
    made = Journal(WorkbookFile(book))
    made.begin()
    for size in sizes:
        changes = [Change("case", None, {"Case Number": f"GTB-{n}", "Notes": "Zoë" * 20}) for n in range(size)]
        made.add({"kind": "command", "workbook": f"{size}"}, changes)
    return made


@pytest.mark.parametrize("begin", [1, 7, 100, 1 << 16])
@pytest.mark.parametrize("sizes", [[], [0], [3], [500, 0, 1, 700, 2, 0]])
@pytest.mark.parametrize("rest", [b"", b'{"changes":[', b"x" * 300])
def test_they_are_the_same_lines_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: int, sizes: list[int], rest: bytes
) -> None:
    made = journal_at(tmp_path, sizes)
    with made.file.open("ab") as file:
        file.write(rest)
    monkeypatch.setattr(journal, "_END", begin)
    assert list(made.lines_back()) == list(made.lines())[::-1]


def test_no_more_of_it_is_read_than_is_asked_for(tmp_path: Path) -> None:
    made = journal_at(tmp_path, [400, 1, 2])
    content = made.file.read_bytes()
    made.file.write_bytes(b"?" + content[1:])
    assert [line.number for line in islice(made.lines_back(), 2)] == [3, 2]
    with pytest.raises(BadJournal, match="Line 1 is no line"):
        list(made.lines_back())


@pytest.mark.parametrize("gone", [0, 1])
def test_a_line_that_does_not_follow_from_the_one_before_is_told(tmp_path: Path, gone: int) -> None:
    made = journal_at(tmp_path, [1, 2, 3])
    kept = made.file.read_bytes().splitlines(keepends=True)
    made.file.write_bytes(b"".join(line for n, line in enumerate(kept) if n != gone))
    with pytest.raises(BadJournal, match="does not follow"):
        list(made.lines_back())


def test_where_there_is_no_journal_there_are_no_lines(tmp_path: Path) -> None:
    assert list(Journal(WorkbookFile(tmp_path / "t.xlsx")).lines_back()) == []
