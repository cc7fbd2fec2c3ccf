"""The library's page is made from signatures and docstrings, is not stale, and its examples run."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

import refundbook
import refundbook.base.schema

DOCS = Path(__file__).parents[2] / "docs"
MADE = runpy.run_path(str(DOCS / "make_library.py"))


def test_the_page_is_what_the_code_makes_of_it() -> None:
    assert (DOCS / "library.md").read_text(encoding="utf-8") == MADE["page"](), "run `python docs/make_library.py`"


def test_every_public_name_is_on_the_page() -> None:
    page = MADE["page"]()
    assert [name for name in refundbook.__all__ if f"`{name}`" not in page and f"`refundbook.{name}`" not in page] == []


def test_every_name_has_one_example_and_no_other_has() -> None:
    assert sorted(MADE["names"]()) == sorted(MADE["EXAMPLES"])


@pytest.mark.slow
def test_every_example_runs_in_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFUNDBOOK_USER", "ana")
    scope: dict[str, Any] = {"refundbook": refundbook}
    for name in MADE["EXAMPLES"]:
        try:
            exec(compile(MADE["code"](name), f"the example of {name}", "exec"), scope)
        except Exception as error:
            raise AssertionError(f"the example of {name}: {error!r}") from error
