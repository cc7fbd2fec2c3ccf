"""The house: rooms on five floors, imports go down, each library is imported in one room, and an append starts without
the slow ones.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import refundbook
from tests.support.command import environment
from tests.support.samples import sample_at

PACKAGE = Path(__file__).parents[2] / "refundbook"

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"base", "system"}),
    frozenset({"record", "xlsx", "render", "template"}),
    frozenset({"storage", "importing", "views", "insights", "evidence"}),
    frozenset({"book"}),
    frozenset({"cli"}),
    frozenset({"__main__"}),
)
"""The rooms, lowest floor first. A room imports from lower floors only: at the top of a file, within functions, and for
types too.
"""

STAIRS: Mapping[str, tuple[str, ...]] = {"xlsx": ("package", "reading", "writing", "shared_file", "tables")}
"""Within these rooms a folder imports only from those before it."""

LIBRARIES: Mapping[str, frozenset[str]] = {
    "click": frozenset({"cli"}),
    "openpyxl": frozenset({"template"}),
    "pandas": frozenset({"book", "views", "base", "insights"}),
    "numpy": frozenset({"views"}),
    "python_calamine": frozenset({"xlsx"}),
    "isal": frozenset({"xlsx"}),
    "dateutil": frozenset({"base"}),
    "icalendar": frozenset({"views"}),
    "matplotlib": frozenset({"insights"}),
    "cryptography": frozenset({"storage"}),
    "rfc3161_client": frozenset({"storage"}),
    "watchfiles": frozenset({"system"}),
    "oxmsg": frozenset({"importing"}),
    "pyarrow": frozenset({"views"}),
    "distributed": frozenset({"cli"}),
    "duckdb": frozenset({"views"}),
    "adbc_driver_postgresql": frozenset({"views"}),
}
"""Which rooms may import what is not Python's own."""

PUBLIC = "refundbook"
"""The package itself only hands on names of other modules, when they are asked for: who imports one of them imports its
home.
"""


def sources() -> dict[str, ast.Module]:
    """Every module by its full name, such as `refundbook.base.dates`, parsed. A package is called by its own name."""
    paths = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    return {
        name.removesuffix(".__init__"): ast.parse(path.read_text(encoding="utf-8"))
        for name, path in sorted(paths.items())
    }


SOURCES = sources()


def homes() -> dict[str, str]:
    """The public names and the modules that they live in, as the package tells type checkers."""
    handed_on = [node for node in ast.walk(SOURCES[PUBLIC]) if isinstance(node, ast.ImportFrom)]
    return {
        alias.name: str(node.module)
        for node in handed_on
        for alias in node.names
        if str(node.module).startswith(f"{PUBLIC}.")
    }


HOMES = homes()


def test_the_public_names_are_found_where_type_checkers_find_them() -> None:
    assert HOMES.keys() == set(refundbook.__all__)
    for name, home in HOMES.items():
        assert getattr(refundbook, name) is getattr(import_module(home), name)


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of all that is imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name: str) -> set[str]:
    """The modules of ours that a module imports."""
    found = set()
    for target in imported(SOURCES[name]):
        package, _, last = target.rpartition(".")
        if package == PUBLIC and last in HOMES:
            found.add(HOMES[last])
        elif target in SOURCES or package in SOURCES:
            found.add(target if target in SOURCES else package)
    return found - {name}


def room(name: str) -> str:
    return name.split(".")[1]


GRAPH = {name: ours(name) for name in SOURCES if name != PUBLIC}
FLOOR = {name: number for number, rooms in enumerate(FLOORS) for name in rooms}


def test_the_table_has_every_room_and_no_other() -> None:
    assert sorted(FLOOR) == sorted({room(name) for name in GRAPH})
    assert len(FLOOR) <= 18


@pytest.mark.parametrize("name", GRAPH)
def test_a_room_imports_from_lower_floors_only(name: str) -> None:
    others = {target for target in GRAPH[name] if target == PUBLIC or room(target) != room(name)}
    wrong = {target for target in others if target == PUBLIC or FLOOR[room(target)] >= FLOOR[room(name)]}
    assert not wrong, f"{name} must not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("name", [name for name in GRAPH if room(name) in STAIRS and name.count(".") > 1])
def test_within_a_room_of_several_folders_too(name: str) -> None:
    order = STAIRS[room(name)]
    own = order.index(name.split(".")[2])
    wrong = {target for target in GRAPH[name] if room(target) == room(name) and order.index(target.split(".")[2]) > own}
    assert not wrong, f"{name} must not import {', '.join(sorted(wrong))}"


ASKS = re.compile(r"sys\.platform|os\.name\b|hasattr\(os\b|\bgete?uid\(")
"""What tells one system from another."""


def test_only_one_room_asks_which_system_it_is_on() -> None:
    asking = {path.parent.name for path in PACKAGE.rglob("*.py") if ASKS.search(path.read_text("utf-8"))}
    assert asking == {"system"}


def test_imports_go_round_no_circle_of_files() -> None:
    assert list(TopologicalSorter(GRAPH).static_order())


def test_no_module_is_loaded_by_a_name_that_no_one_reads() -> None:
    """Such an import would not be seen here. The package hands on its public names so, and the command its commands."""
    loaders = {
        name
        for name, tree in SOURCES.items()
        for node in ast.walk(tree)
        if getattr(node, "id", getattr(node, "attr", None)) in {"import_module", "__import__"}
    }
    assert loaders <= {PUBLIC, "refundbook.cli.commands"}


@pytest.mark.parametrize("name", GRAPH)
def test_libraries_are_imported_where_the_table_says(name: str) -> None:
    tops = {target.partition(".")[0] for target in imported(SOURCES[name])}
    others = tops - sys.stdlib_module_names - {PUBLIC}
    assert others <= set(LIBRARIES), f"{name} imports {others - set(LIBRARIES)}, which the table does not have"
    misplaced = [library for library in others if room(name) not in LIBRARIES[library]]
    assert not misplaced, f"{name} must not import {misplaced}"


COMMANDS = {
    "append": ["append", "case", "GTB-789100", "--opened", "2023-11-01", "--notes", "x"],
    "append with a span": ["append", "communication", "GTB-789045", "--date", "2023-11-01", "--with", "Buyer", "--summary", "x", "--due", "48 hrs"],
    "check": ["check"],
    "tracker": ["tracker"],
    "show": ["show", "GTB-789012"],
    "help": ["--help"],
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_imports_pandas_or_openpyxl(tmp_path: Path, name: str) -> None:
    path = sample_at(tmp_path / "t.xlsx")
    seen = loaded_by(["-b", str(path), *COMMANDS[name]])
    assert "refundbook.cli" in seen
    assert not seen & {"pandas", "numpy", "openpyxl"}
    assert ("dateutil" in seen) == (name == "append with a span")
    assert ("python_calamine" in seen) == ("refundbook.base.schema" in seen) == (name != "help")


def loaded_by(args: list[str]) -> set[str]:
    """The modules that a command has imported when it ends."""
    script = (
        "import sys\n"
        "from refundbook.cli import main\n"
        "try:\n"
        f"    main({args!r})\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "print('modules:', *sys.modules)\n"
    )
    env = {**os.environ, **environment(), "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", env=env, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("modules:")[2].split())


def test_the_library_is_imported_without_what_is_slow() -> None:
    script = "import sys, refundbook; refundbook.load, refundbook.Report; print(*sys.modules)"
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", env=env, check=True)
    assert not set(done.stdout.split()) & {"pandas", "numpy", "openpyxl", "click", "dateutil"}
