"""`refundbook` alone, what it says of an unknown command, and the help that groups the commands."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from refundbook.cli.commands import COMMANDS, GROUPS, cli
from tests.support.command import run
from tests.support.samples import load, sample_at
from tests.support.terminal import columns_of

pytestmark = pytest.mark.slow


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "t.xlsx")


def parts(said: str) -> dict[str, list[str]]:
    """The lines under each heading."""
    found: dict[str, list[str]] = {}
    for block in said.strip("\n").split("\n\n"):
        head, *lines = block.split("\n")
        found[head.split(" (")[0]] = lines
    return found


def test_alone_it_says_what_is_late_what_is_due_and_what_came_last(book: Path) -> None:
    run("log", "789045", "We refund you.", "--promise", "Refund", "--due", "2 days", book=book)
    run("log", "789045", "Second.", "--promise", "Call", "--due", "2023-11-05", book=book)
    found = parts(run(book=book, today="2023-11-06").out)
    assert list(found) == ["Late", "Due", "Last"]
    assert found["Late"] == ["  1 day late: GTB-789045 (entry 9), Support: Call"]
    assert "GTB-789045 (entry 8), Support: Refund" in found["Due"][0]
    assert found["Last"][0] == "  2023-11-05 GTB-789045, Received Support: Second."
    assert len(found["Last"]) == 5


def test_of_each_there_are_five_lines_at_most_each_as_wide_as_the_terminal(book: Path) -> None:
    with load(book) as opened:
        for n in range(9):
            opened.append_case(f"GTB-80000{n}", opened="2023-10-26")
            opened.append_communication(
                f"GTB-80000{n}", date="2023-10-27", with_="Support", summary="Wörter 字 " * 40, promise="x", due="1 day"
            )
    for width in ("40", "100"):
        said = run(book=book, COLUMNS=width).out
        assert all(len(lines) <= 5 for lines in parts(said).values())
        assert max(map(columns_of, said.splitlines())) <= int(width)
    assert "Late (the first 5 of 9)" in said
    assert "\x1b" not in run(book=book, NO_COLOR="1").out
    assert "\x1b" in run(book=book, FORCE_COLOR="1").out


def test_an_empty_workbook_says_how_to_begin(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    run("init", path)
    assert "append case NUMBER --opened today" in run(book=path).out


def test_without_a_workbook_it_says_how_it_is_used(tmp_path: Path) -> None:
    ran = run(book=tmp_path / "none.xlsx")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: refundbook")


@pytest.mark.parametrize(
    ("name", "says"),
    [("amned", "Did you mean amend?"), ("lgo", "Did you mean log?"), ("edit", "made by amend, rename")],
)
def test_an_unknown_command_is_answered_with_the_nearest_and_with_where_corrections_are_made(
    name: str, says: str
) -> None:
    ran = run(name, "x")
    assert ran.code == 2
    assert f"No such command '{name}'." in ran.err
    assert says in ran.err
    assert "amend, rename, undo" in ran.err


def test_help_groups_every_command_once() -> None:
    names = [name for group in GROUPS.values() for name in group if name in COMMANDS]
    assert len(names) == len(set(names))
    said = run("--help").out
    assert [title for title in GROUPS if f"\n{title}:\n" in said] == list(GROUPS)
    for name in COMMANDS:
        assert len(re.findall(rf"^  {re.escape(name)} ", said, re.MULTILINE)) == 1


def test_every_help_has_an_example() -> None:
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        helps = {name: command.help}
        if isinstance(command, click.Group):
            helps |= {f"{name} {sub}": inner.help for sub, inner in command.commands.items()}
        for said, text in helps.items():
            assert re.search(rf"^\s*refundbook (-b \S+ )?{said}", text or "", re.MULTILINE), said


def test_the_tracker_of_open_cases_only(book: Path) -> None:
    assert [row["GTBuy Case #"] for row in run("tracker", "--open", "--json", book=book).json] == ["GTB-789045"]
    assert len(run("tracker", "--json", book=book).json) == 2
