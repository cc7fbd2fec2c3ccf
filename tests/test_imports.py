"""The house: imports go strictly downward, each library is imported in one place, and an append starts without the slow ones."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.command import environment
from tests.support.samples import sample_at

PACKAGE = Path(__file__).parent.parent / "refundbook"

LEVELS: tuple[tuple[str, ...], ...] = (
    # Floor 0: what everything else derives from
    ("schema", "findings", "errors", "lookalikes", "text", "scalars"),
    # Floor 1: values, and the file
    ("dates", "workbook", "html", "currencies"),
    ("amounts",),
    ("mangled",),
    ("values", "settings", "exhibits", "typed"),
    ("casekeys",),
    ("records", "display"),
    ("csv_file", "plain_tracker"),
    ("intake", "foreign", "foreign_cells"),
    # Floor 2: what is true of the records
    ("template", "entries", "reports", "tracker", "deadlines", "index", "saving"),
    ("rules", "promises", "inbox", "import_map", "known"),
    ("judging", "import_guess"),
    ("adoption", "mending"),
    ("contents",),
    # Floor 3: what people hold in their hands
    ("views", "casefile", "ics", "backups"),
    ("workfile",),
    ("book", "search", "pages", "figures", "gateways"),
    ("importing", "tables", "evidence"),
    ("notebook", "insights", "charts", "evidence_page"),
    ("insights_html", "plots", "packet"),
    # Floor 4: the command
    ("cli",),
    ("__main__",),
)
"""Every module and package, lowest first. A module imports only from levels below its own, and a package as it likes within itself."""

DEFERRED: Mapping[str, frozenset[str]] = {
    "book": frozenset({"insights", "notebook"}),
    "casefile": frozenset({"notebook"}),
    "findings": frozenset({"notebook"}),
    "insights": frozenset({"insights_html"}),
    "tables": frozenset({"notebook", "plots"}),
}
"""Imports upward that are made only within functions, when a value is asked to show itself: who, and what."""

LIBRARIES: Mapping[str, frozenset[str]] = {
    "click": frozenset({"cli"}),
    "openpyxl": frozenset({"template"}),
    "pandas": frozenset({"views", "findings", "insights", "tables"}),
    "numpy": frozenset({"views"}),
    "python_calamine": frozenset({"workbook"}),
    "filelock": frozenset({"workbook"}),
    "isal": frozenset({"workbook"}),
    "dateutil": frozenset({"dates"}),
    "icalendar": frozenset({"ics"}),
    "matplotlib": frozenset({"plots"}),
}
"""Who may import what is not Python's own."""

ANYWHERE = "__init__"
"""`refundbook` itself only hands on names of other modules, when they are asked for."""


def sources() -> dict[str, ast.Module]:
    """Every module of the package by its name, such as `rules.cells`, parsed. A package is called by its own name."""
    names = {path: ".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in PACKAGE.rglob("*.py")}
    return {
        name.removesuffix(".__init__"): ast.parse(path.read_text(encoding="utf-8"))
        for path, name in sorted(names.items())
    }


SOURCES = sources()


def imported(tree: ast.AST, *, within: bool | None = None) -> Iterator[str]:
    """The full names of what a module imports when it is imported itself, or `within` functions, when they run; both for None.

    What only type checkers see is left out.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.FunctionDef):
            if within is not False:
                yield from imported(node)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom) and not within:
            yield from names_of(node)
        yield from imported(node, within=within)


def names_of(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        assert node.level == 0, "a relative import"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name: str, *, within: bool | None = None) -> Iterator[str]:
    """The modules of ours that a module imports."""
    for target in imported(SOURCES[name], within=within):
        top, _, rest = target.partition(".")
        if top == "refundbook" and rest != "__version__":
            yield rest if rest in SOURCES else rest.rpartition(".")[0]


def unit(name: str) -> str:
    """The module or package of the table that a module belongs to."""
    return name.partition(".")[0]


LEVEL = {name: number for number, names in enumerate(LEVELS) for name in names}


def test_the_table_has_every_module_and_no_other() -> None:
    assert sorted(LEVEL) == sorted({unit(name) for name in SOURCES} - {ANYWHERE})


def is_upward(name: str, target: str) -> bool:
    """Whether a module of the package is imported from its own level, or from below it."""
    return unit(target) != unit(name) and (not target or LEVEL[unit(target)] >= LEVEL[unit(name)])


@pytest.mark.parametrize("name", [name for name in SOURCES if name != ANYWHERE])
def test_imports_go_strictly_downward(name: str) -> None:
    upward = {target for target in ours(name, within=False) if is_upward(name, target)}
    assert not upward, f"{name} must not import {', '.join(upward)}"
    deferred = {target for target in ours(name, within=True) if is_upward(name, target)}
    assert deferred <= DEFERRED.get(name, frozenset()), f"{name} must not import {', '.join(deferred)}, also not later"


def test_the_exceptions_are_still_needed() -> None:
    for name, targets in DEFERRED.items():
        assert targets == {target for target in ours(name, within=True) if is_upward(name, target)}, name


def test_imports_go_round_no_circle() -> None:
    """Within a package, too. Its own `__init__` is a module like the others: who imports from it must not be imported by it."""
    graph = {name: set(ours(name, within=False)) - {name} for name in SOURCES if name != ANYWHERE}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("name", SOURCES)
def test_libraries_are_imported_where_the_table_says(name: str) -> None:
    tops = {target.partition(".")[0] for target in imported(SOURCES[name])}
    others = tops - sys.stdlib_module_names - {"refundbook"}
    assert others <= set(LIBRARIES), f"{name} imports {others - set(LIBRARIES)}, which the table does not have"
    misplaced = [library for library in others if unit(name) not in LIBRARIES[library]]
    assert not misplaced, f"{name} must not import {misplaced}"


def test_pandas_is_imported_for_a_report_only_when_its_frame_is_asked_for() -> None:
    (found,) = (
        node for node in ast.walk(SOURCES["findings"]) if isinstance(node, ast.FunctionDef) and node.name == "to_frame"
    )
    assert "pandas" in set(imported(found))
    assert "pandas" not in set(imported(SOURCES["findings"], within=False))


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
    assert ("python_calamine" in seen) == (name != "help")


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
