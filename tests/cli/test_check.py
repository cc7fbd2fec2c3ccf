"""`check` on several workbooks: each is answered, whatever is wrong with another, and what only looks like one is
passed over.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from refundbook.system.owner_file import opened_by
from tests.support.books import blank, filled
from tests.support.command import Ran, run

pytestmark = pytest.mark.slow

LATE = [{"number": "GTB-789012", "opened": "not a day"}]


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    blank(tmp_path / "a.xlsx")
    (tmp_path / "bad.xlsx").write_text("x")
    blank(tmp_path / "c.xlsx")
    filled(tmp_path / "d.xlsx", LATE, [], [])
    (tmp_path / "~$c.xlsx").write_bytes(b"\3Ana".ljust(165, b"\0"))
    return tmp_path


def checked(*names: str, form: str = "text") -> Ran:
    return run("check", *names, "--format", form)


def test_each_is_answered_and_the_highest_exit_code_counts(shops: Path) -> None:
    ran = checked("a.xlsx", "bad.xlsx", "c.xlsx", "d.xlsx")
    assert ran.code == 4
    for name in ("a.xlsx", "c.xlsx"):
        assert f"{shops / name}: no errors, no warnings.\n" in ran.out
    assert "Cases!C2: error RB102" in ran.out
    assert (
        ran.err == f"refundbook: {shops / 'bad.xlsx'} cannot be read. It is not an Excel workbook (.xlsx or .xlsm).\n"
    )


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["a.xlsx", "c.xlsx"], 0),
        (["d.xlsx", "a.xlsx"], 1),
        (["none.xlsx", "a.xlsx"], 2),
        (["none.xlsx", "d.xlsx", "a.xlsx"], 2),
        (["bad.xlsx", "none.xlsx"], 4),
        (["."], 4),
    ],
)
def test_the_exit_code_is_the_highest_of_all(names: list[str], code: int, shops: Path) -> None:
    assert checked(*names).code == code
    assert checked(*reversed(names)).code == code


def test_json_has_an_entry_for_each_also_for_one_that_failed(shops: Path) -> None:
    ran = checked("a.xlsx", "bad.xlsx", "d.xlsx", "~$c.xlsx", form="json")
    assert ran.code == 4
    sound, failed, late = json.loads(ran.out)
    assert (sound["book"], sound["findings"], "error" in sound) == (str(shops / "a.xlsx"), [], False)
    assert failed == {
        "book": str(shops / "bad.xlsx"),
        "error": f"{shops / 'bad.xlsx'} cannot be read. It is not an Excel workbook (.xlsx or .xlsm).",
        "findings": [],
    }
    assert [finding["cell"] for finding in late["findings"]] == ["C2"]


def test_github_gets_an_annotation_for_one_that_failed(shops: Path) -> None:
    ran = checked("bad.xlsx", "d.xlsx", form="github")
    first, *rest = ran.out.splitlines()
    assert first.startswith(f"::error file={shops / 'bad.xlsx'},title=Not checked::")
    assert any(line.startswith("::error file=") and "title=RB102 Cases!C2" in line for line in rest)
    assert all(line.startswith("::") for line in (first, *rest))


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_owner_files_are_passed_over_and_that_is_said(form: str, shops: Path) -> None:
    (shops / ".~lock.a.xlsx#").write_text("Ana,ana,pc,28.11.2026 19:00,file:///x;")
    ran = checked("a.xlsx", ".~lock.a.xlsx#", "~$c.xlsx", form=form)
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "refundbook: .~lock.a.xlsx# is passed over: it is no workbook, "
        "and only says that a.xlsx is open in LibreOffice.",
        "refundbook: ~$c.xlsx is passed over: it is no workbook, and only says that c.xlsx is open in Excel.",
    ]


def test_where_nothing_else_is_left_that_is_wrong_usage(shops: Path) -> None:
    ran = checked("~$c.xlsx")
    assert (ran.code, ran.out) == (2, "")
    assert "No workbook is left to check" in ran.err


def test_a_workbook_by_the_name_of_an_owner_file_is_checked(shops: Path) -> None:
    (shops / "a.xlsx").rename(shops / "~$a.xlsx")
    ran = checked("~$a.xlsx")
    assert (ran.code, ran.err) == (0, "")
    assert opened_by(Path("a.xlsx")) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_a_pipe_among_them_is_not_waited_for(shops: Path) -> None:
    os.mkfifo(shops / "p.xlsx")
    ran = checked("p.xlsx", "a.xlsx")
    assert ran.code == 4
    assert "a.xlsx: no errors, no warnings." in ran.out


def test_what_waits_is_said_with_the_workbook_that_it_waits_for(shops: Path) -> None:
    (shops / ".refundbook").mkdir()
    (shops / ".refundbook/a.xlsx.inbox.jsonl").write_text("{}\n")
    assert "1 entry is in the inbox of a.xlsx and not in the workbook yet" in checked("a.xlsx", "c.xlsx").err
