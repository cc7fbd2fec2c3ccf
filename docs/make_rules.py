"""Writes docs/rules.md from the rules' docstrings: `python docs/make_rules.py`. A test fails when the page is stale."""

from __future__ import annotations

import argparse
from pathlib import Path

from refundbook.record.rules import RULES, Rule

PAGE = Path(__file__).with_name("rules.md")

INTRODUCTION = """\
# The rules

<!-- Made by docs/make_rules.py from the docstrings in refundbook/record/rules. Change them, not this page. -->

These rules hold in every refundbook workbook. They are checked on every load and every save, by `refundbook check`, and for every entry before it
is appended. An **error** refuses the load and the save until the cell is corrected. A **warning** points something out and never stops anything.

`RB0xx` are about the workbook's structure (they stop all other rules), `RB1xx` about one cell, `RB2xx` about a row or a sheet, `RB3xx` about
several sheets, `RB4xx` about several workbooks that are looked at together. A code keeps its meaning for good: it is never used for another rule.

The examples are run by the tests. Left of the colon stands what is found, code and cell, or `Okay`; right of it what the workbook holds,
read on 2023-12-31: one entry, or several between semicolons, each with its columns' values.
"""

CHAPTERS = {
    "RB0": "Structure",
    "RB1": "Cells",
    "RB2": "Rows and sheets",
    "RB3": "Across sheets",
    "RB4": "Across workbooks",
}


def page() -> str:
    """The whole page as Markdown."""
    rules = [RULES[code] for code in sorted(RULES)]
    return "\n".join([INTRODUCTION, _index(rules), *_chapters(rules)])


def _index(rules: list[Rule]) -> str:
    lines = [f"| [{rule.code}](#{rule.code.lower()}) | {rule.severity} | {rule.title} |" for rule in rules]
    return "\n".join(["| Code | | Rule |", "|---|---|---|", *lines, ""])


def _chapters(rules: list[Rule]) -> list[str]:
    lines: list[str] = []
    for start, name in CHAPTERS.items():
        lines += [f"## {name}", ""]
        for rule in rules:
            if rule.code.startswith(start):
                lines += [_section(rule)]
    return lines


def _section(rule: Rule) -> str:
    """One rule: an anchor that is the code alone, so that a link does not break when the title changes."""
    _, _, body = rule.doc.partition("\n\n")
    prose = [line for line in body.splitlines() if not line.startswith("    ")]
    shown = [line.removeprefix("    ") for line in body.splitlines() if line.startswith("    ")]
    heading = f'<a id="{rule.code.lower()}"></a>\n\n### {rule.code}: {rule.title}\n\n*{rule.severity.capitalize()}.*'
    return "\n".join([f"{heading} {chr(10).join(prose).strip()}", "", "```text", *shown, "```", ""])


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    PAGE.write_text(page(), encoding="utf-8")
