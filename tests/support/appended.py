"""Appends to the workbooks of `rich`, and tells what that may change in them."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path

import refundbook
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from tests.support import packages

TODAY = datetime(2024, 3, 10, 12, 0)
UNSHARED = "but the package has no populated `xl/sharedStrings.xml`"
"""openxml-audit advises against texts in cells (ECMA-376 Part 1, 18.3.1.53) where there are no shared strings: Excel
will share them at its next save.
"""
SHEETS = ("Cases", "Communications", "Resolutions")


def entries(count: int) -> list[tuple[str, dict[str, object]]]:
    """`count` new entries for each pillar, about cases that the workbooks of `rich` do not hold."""
    case = {"opened": "2024-03-05", "reason": "Defective", "amount": "5.50", "currency": "USD", "order": "007"}
    message = {"date": "2024-03-06 09:15", "with_": "Support", "summary": "Zoë <asks> & waits"}
    fields = {"case": case, "communication": message, "resolution": {"status": "Pending"}}
    return [(pillar, {"number": f"GTB-7910{k:02}", **given}) for pillar, given in fields.items() for k in range(count)]


def appended(before: Path, after: Path, count: int = 1) -> Path:
    """A copy of a workbook with `count` new entries in each pillar."""
    shutil.copyfile(before, after)
    with refundbook.load(after, today=TODAY, user="Ana") as book:
        book.append_many(entries(count))
    return after


def changes(before: Path, after: Path) -> dict[str, list[str]]:
    """What differs, part by part, as `packages.changed_elements` tells it."""
    old, new = packages.parts(before), packages.parts(after)
    assert list(old) == list(new), "a part came, went, or moved"
    return {name: packages.changed_elements(old[name], new[name]) for name in old if old[name] != new[name]}


def without_places(changes: list[str]) -> set[str]:
    """Changes with the numbers of rows and the order of siblings left out, so that one row's stand for all."""
    return {re.sub(r"(\[@r='[A-Z]*)\d+'", r"\1#'", re.sub(r"\[\d+\]", "", change)) for change in changes}


def pillar_parts(path: Path) -> dict[str, str]:
    """The sheet part of each pillar to its name, and the part of its Table, where it has one, to `Table NAME`."""
    layout = Layout(Package(path.read_bytes()))
    found = {}
    for sheet in layout.sheets:
        if sheet.name in SHEETS:
            found[sheet.part] = sheet.name
            found.update(
                {table.part: f"Table {table.name}" for table in layout.tables(sheet) if table.name == sheet.name}
            )
    return found
