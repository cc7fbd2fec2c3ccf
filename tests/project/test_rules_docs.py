"""The rules' documentation is made from the rules, and is not stale."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from refundbook.record.rules import RULES

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_what_the_docstrings_make_of_it() -> None:
    page = runpy.run_path(str(DOCS / "make_rules.py"))["page"]()
    assert (DOCS / "rules.md").read_text(encoding="utf-8") == page, "run `python docs/make_rules.py`"


def test_every_rule_has_a_section_that_its_code_links_to() -> None:
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (RB\d{3}): ", text, re.MULTILINE) == sorted(RULES)
    assert (
        re.findall(r"\(#(rb\d{3})\)", text) == re.findall(r'<a id="(rb\d{3})">', text) == sorted(map(str.lower, RULES))
    )


def test_every_rule_says_why_and_what_to_do() -> None:
    for rule in RULES.values():
        title, _, body = rule.doc.partition("\n\n")
        prose = " ".join(line for line in body.splitlines() if not line.startswith("    "))
        assert "\n" not in title, rule.code
        assert title.endswith("."), rule.code
        assert len(prose) > 100, rule.code
