"""No module and no function is too long to be read at once, and nothing is kept from the tools without a reason."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "refundbook"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

MOST_LINES = 400
"""Of a module."""
MOST_LINES_OF_A_FUNCTION = 40
"""From its `def` to its end, with its docstring: a rule's examples count, decorators do not."""


def source(name: str) -> str:
    return (PACKAGE / name).read_text(encoding="utf-8")


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_enough_for_one_job(name: str) -> None:
    assert len(source(name).splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", MODULES)
def test_a_function_is_seen_at_once(name: str) -> None:
    functions = [
        node for node in ast.walk(ast.parse(source(name))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [f"{f.name}: {lines_of(f)} lines" for f in functions if lines_of(f) > MOST_LINES_OF_A_FUNCTION] == []


TOLD = re.compile(r"# (?:noqa|type: ignore)")
WITH_REASON = re.compile(r"# (?:noqa: [A-Z0-9, ]+  \(.{8,}\)|type: ignore\[[a-z-]+\]  # .{8,})$")


@pytest.mark.parametrize("name", MODULES)
def test_whatever_a_tool_is_told_to_ignore_has_its_reason_beside_it(name: str) -> None:
    """As in `# noqa: PTH111  (Path.home raises where there is none)` or `# type: ignore[arg-type]  # three, as went in`."""
    told = [line.strip() for line in source(name).splitlines() if TOLD.search(line)]
    assert [line for line in told if not WITH_REASON.search(line)] == []
