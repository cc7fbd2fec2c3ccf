"""The page on export is made from the schema, and is not stale."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_what_the_schema_makes_of_it() -> None:
    pytest.importorskip("pyarrow")
    page = runpy.run_path(str(DOCS / "make_export.py"))["page"]()
    assert (DOCS / "export.md").read_text(encoding="utf-8") == page, "run `python docs/make_export.py`"
