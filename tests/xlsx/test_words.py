"""xlsx stands by itself: anybody's workbooks, in nobody's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import refundbook

XLSX = Path(refundbook.__file__).parent / "xlsx"
MODULES = sorted(XLSX.rglob("*.py"))
OURS = re.compile(
    r"\b(refund\w*|cases?|case "
    r"numbers?|communications?|resolutions?|pillars?|entr(?:y|ies)|disputes?|gateways?|buyers?|support|promises?|"
    r"trackers?|insights|settings|issuers?)\b",
    re.IGNORECASE,
)
NOT_OURS = re.compile(r"\b(upper and lower case|upper or lower case|lower case)\b", re.IGNORECASE)


def strings(module: Path) -> Iterator[str]:
    """Every text in a module: what it says to people, and its docstrings."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node.value if isinstance(node.value, str) else node.value.decode("latin-1")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(XLSX)))
def test_no_word_of_refunds_stands_in_it(module: Path) -> None:
    assert [found[0] for text in strings(module) for found in OURS.finditer(NOT_OURS.sub("", text))] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(XLSX)))
def test_it_knows_nothing_of_our_sheets_and_columns(module: Path) -> None:
    imported = re.findall(r"^\s*(?:from|import) (refundbook\S*)", module.read_text("utf-8"), re.MULTILINE)
    assert "refundbook.base.schema" not in imported
    assert {name.split(".")[1] for name in imported} <= {"base", "system", "xlsx"}
