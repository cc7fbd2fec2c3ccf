"""The pages for those who come after name what is there: rooms, files, the tests' tools, the commands of make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.test_imports import FLOORS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "refundbook"
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TOOLS = (ROOT / "tests" / "support" / "README.md").read_text(encoding="utf-8")


def test_every_room_is_on_its_floor() -> None:
    told = re.findall(r"^\| (\d) \| \[(\w+)/\]\(\.\./refundbook/(\w+)\)", ARCHITECTURE, re.MULTILINE)
    assert {(int(floor), room) for floor, room, _ in told} == {
        (number, room) for number, rooms in enumerate(FLOORS, start=1) for room in rooms if room != "__main__"
    }
    assert all(room == link and (PACKAGE / room).is_dir() for _, room, link in told)


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    named = set(re.findall(r"`((?:\w+/)*\w+\.(?:py|md))`", page))
    assert named
    modules = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    by_name = {name.rpartition("/")[2] for name in modules}
    real = [name for name in named if "NAME" not in name]
    assert [name for name in real if not (name in modules or name in by_name or (ROOT / name).exists())] == []


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING, TOOLS], ids=["architecture", "contributing", "tools"])
def test_every_link_leads_somewhere(page: str) -> None:
    folder = {ARCHITECTURE: ROOT / "docs", CONTRIBUTING: ROOT, TOOLS: ROOT / "tests" / "support"}[page]
    assert all((folder / link).exists() for link in re.findall(r"\]\(([^)#:]+)\)", page))


def test_what_contributing_tells_to_run_can_be_run() -> None:
    targets = set(re.findall(r"^([a-z]+(?: [a-z]+)*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    asked = set(re.findall(r"`make (\w+)`", CONTRIBUTING + TOOLS))
    assert asked
    assert asked <= known


def test_every_tool_of_the_tests_is_told_and_there() -> None:
    there = {path.stem for path in (ROOT / "tests" / "support").glob("*.py")} - {"__init__"}
    told = {name.partition(".")[0] for name in re.findall(r"`([a-z_]+(?:\.\w+)?)(?:\([^`]*\))?`", TOOLS)}
    assert there - told == set()
