"""A plain append is read without Click, and as Click reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from refundbook.base.schema import BY_PILLAR, SHEETS, Sheet
from refundbook.cli import commands, fast_append
from refundbook.cli.entering import FLAGS, How
from tests.support.command import environment
from tests.support.samples import sample_at

ARGS = {
    "case": ["append", "case", "GTB-789100", "--opened", "2023-11-01", "--amount", "5", "--json"],
    "communication": [
        "append",
        "communication",
        "GTB-789012",
        "--date",
        "today",
        "--with",
        "Buyer",
        "--summary",
        "x y",
    ],
    "resolution": ["append", "resolution", "GTB-789012", "--dry-run", "--status", "Pending"],
}


def by_click(args: list[str]) -> fast_append.Plain | None:
    """What Click makes of the same; None where it does not come to an entry."""
    found: list[fast_append.Plain] = []

    def take(book: Path, sheet: Sheet, fields: dict[str, Any], how: How) -> None:
        found.append(fast_append.Plain(book, sheet, fields, how))

    with patch("refundbook.cli.append_cmd.enter_one", take), patch.dict("os.environ", environment()):
        try:
            commands.run(args)
        except SystemExit:
            return None
    return found[0] if found else None


@pytest.mark.parametrize("pillar", ARGS)
def test_an_ordinary_append_is_plain(pillar: str) -> None:
    found = fast_append.parsed(["-b", "a.xlsx", *ARGS[pillar]], {})
    assert found is not None
    assert found == by_click(["-b", "a.xlsx", *ARGS[pillar]])
    assert found.book == Path("a.xlsx")
    assert found.sheet is BY_PILLAR[pillar]


OPTIONS = sorted(
    {column.option for sheet in SHEETS for column in sheet.columns} | {"--unknown", "--book", "--set", "-b", "-h"}
)
VALUES = st.sampled_from(
    ["x", "Own=y", "opened=1", "two words", "", "-1", "--opened", "-", "=1", "2023-11-01", "Support", "Pending"]
)
WORDS = st.one_of(
    st.sampled_from([*FLAGS, "--", "--help", "-bx", "--opened=2023-11-01", "--json=1", "GTB-2", "--open"]).map(
        lambda w: [w]
    ),
    st.tuples(st.sampled_from(OPTIONS), VALUES).map(list),
    st.sampled_from(OPTIONS).map(lambda option: [option]),
)
REQUIRED = {
    "case": ["--opened", "2023-11-01"],
    "communication": ["--date", "2023-11-01", "--with", "Buyer", "--summary", "x"],
    "resolution": ["--status", "Pending"],
}


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    pillar = draw(st.sampled_from(sorted(REQUIRED)))
    rest = [*draw(st.lists(WORDS, max_size=3)), REQUIRED[pillar], *draw(st.lists(WORDS, max_size=3))]
    before = draw(st.sampled_from([[], ["-b", "a.xlsx"], ["--book", "b"], ["--book=b"], ["-b"]]))
    number = draw(st.sampled_from([["GTB-1"], ["-1"], [""], ["two words"], []]))
    return [*before, "append", pillar, *number, *(word for words in rest for word in words)]


@given(command_lines())
@settings(max_examples=300)
@example(["append", "case", "N", "--opened", "a", "--opened", "b"])
@example(["append", "case", "--opened", "a", "N"])
def test_what_is_plain_is_what_click_makes_of_it(args: list[str]) -> None:
    found = fast_append.parsed(args, {})
    if found is not None:
        assert found == by_click(args)


@pytest.mark.parametrize(
    "args",
    [
        ["append", "case", "N"],
        ["append", "case", "--opened", "a"],
        ["append", "case", "N", "--opened", "a", "--", "x"],
        ["append", "case", "N", "--opened", "a", "--help"],
        ["append", "--from", "x.csv"],
        ["append", "case", "N", "--opened=a"],
        ["check", "append", "case", "N", "--opened", "a"],
    ],
)
def test_what_is_not_plain_is_left_to_click(args: list[str]) -> None:
    assert fast_append.parsed(args, {}) is None


def test_what_the_shell_asks_to_complete_is_left_to_click() -> None:
    assert fast_append.parsed(ARGS["case"], {"_REFUNDBOOK_COMPLETE": "bash_complete"}) is None


def test_an_amount_that_can_be_asked_for_is_left_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_append, "is_asked", lambda: True)
    assert fast_append.parsed(ARGS["resolution"], {}) is None
    assert fast_append.parsed(ARGS["case"], {}) is not None


def test_the_workbook_of_the_environment_counts_where_none_is_named() -> None:
    found = fast_append.parsed(ARGS["case"], {"REFUNDBOOK": "mine.xlsx"})
    assert found is not None
    assert found.book == Path("mine.xlsx")


def modules_of_an_append(path: Path, number: str) -> set[str]:
    script = (
        "import sys\n"
        "from refundbook.cli import main\n"
        "try:\n"
        "    main(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "print('modules:', *sys.modules)\n"
    )
    args = ["-b", str(path), "append", "case", number, "--opened", "2023-11-01"]
    env = {**os.environ, **environment(), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", script, *args], capture_output=True, text=True, check=True, env=env)
    return set(done.stdout.rpartition("modules:")[2].split())


def test_it_imports_neither_click_nor_what_reads_whole_sheets(tmp_path: Path) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    assert "refundbook.xlsx.reading.reader" in modules_of_an_append(path, "GTB-789102")
    warm = modules_of_an_append(path, "GTB-789103")
    assert "refundbook.book" in warm
    unused = {
        "click",
        "filelock",
        "dataclasses",
        "html",
        "inspect",
        "logging",
        "typing",
        "refundbook.storage.load",
        "refundbook.xlsx.reading.reader",
    }
    assert not warm & unused
