"""What a person writes beside a Table, in the rows that entries go into, is in nobody's way and stays as it is: by what
is known of the workbook, by all of it, and in bulk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from lxml import etree

import refundbook
from tests.support import packages
from tests.support.appended import TODAY
from tests.support.own_checks import own_findings
from tests.support.pillars import Arrangement, Draft, Feature, Frame, build
from tests.support.validators import new_findings
from tests.support.warm import at_once, by_all_of_it, one_by_one
from tests.support.zips import MAIN, Parcel

pytestmark = pytest.mark.slow

CASES = "xl/worksheets/sheet1.xml"
LAST_COLUMN = 15
"""The Table Cases reaches from A to O, and its six entries stand in rows 2 to 7."""


def beside(cells: Mapping[int, str]) -> Feature:
    """Cells of column R, by row: rows that end with the Table get them at their end, others are made."""

    def graft(parcel: Parcel, _frames: Mapping[str, Frame]) -> None:
        strings = parcel.parts["xl/sharedStrings.xml"].decode()
        note = strings.count("<si>")
        parcel.parts["xl/sharedStrings.xml"] = strings.replace("</sst>", "<si><t>note</t></si></sst>").encode()
        text = parcel.parts[CASES].decode()
        for row, cell in cells.items():
            made = cell.replace("@", f'r="R{row}"').replace("NOTE", str(note))
            found = re.search(rf'(<row r="{row}"[^>]*>.*?)</row>', text)
            text = (
                text.replace(found[0], f"{found[1]}{made}</row>")
                if found
                else text.replace("</sheetData>", f'<row r="{row}">{made}</row></sheetData>')
            )
        parcel.parts[CASES] = re.sub(r'<dimension ref="[^"]*"/>', '<dimension ref="A1:T300"/>', text).encode()

    return Feature(graft=graft)


def another_table(draft: Draft) -> None:
    page = draft.sheet("Cases")
    page.add_table(
        "R1:S12", {"name": "Shops", "columns": [{"header": "Shop"}, {"header": "Calls", "formula": "=LEN([@Shop])"}]}
    )
    for row in range(1, 12):
        page.write_string(row, 17, f"Shop {row}")


KINDS = {
    "a shared string": '<c @ t="s"><v>NOTE</v></c>',
    "a text of its own": '<c @ t="inlineStr"><is><t>see &lt;mail&gt;</t></is></c>',
    "a number": "<c @><v>12.5</v></c>",
    "a formula": "<c @><f>SUM(J2:J3)</f><v>169.9</v></c>",
    "a text that a formula gives": '<c @ t="str"><f>"a"&amp;"b"</f><v>ab</v></c>',
    "an error": '<c @ t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    "a truth value": '<c @ t="b"><v>1</v></c>',
    "a date that no calendar has": '<c @ s="1"><v>1E+300</v></c>',
    "several without addresses": '<c @ t="s"><v>NOTE</v></c><c t="s"><v>NOTE</v></c><c><v>2</v></c>',
}  # fmt: skip

LAYOUTS: dict[str, tuple[Feature, Arrangement | None]] = {
    **{kind: (beside(dict.fromkeys((8, 9, 11, 300), cell)), None) for kind, cell in KINDS.items()},
    "another Table": (Feature(another_table), None),
    "notes beside a totals row": (beside(dict.fromkeys((7, 8, 9, 10), KINDS["a shared string"])), Arrangement(totals=True)),
    "notes beside a list without a Table": (beside(dict.fromkeys((8, 9), KINDS["a shared string"])), Arrangement(tables=False)),
}  # fmt: skip


def cells_beside(path: Path) -> list[bytes]:
    """All that stands to the right of the Table on the sheet Cases, as it is written."""
    root = etree.fromstring(packages.parts(path)[CASES])
    return [
        etree.tostring(cell, with_tail=False)
        for row in root.iter(f"{MAIN}row")
        for at, cell in enumerate(row)
        if not re.fullmatch("[A-O]?", cell.get("r", "").rstrip("0123456789"))
        or (not cell.get("r") and "R" in "".join(c.get("r", "") for c in list(row)[:at]))
    ]


Way = Callable[[Path, int], None]


@pytest.mark.parametrize("way", [one_by_one, by_all_of_it, at_once])
@pytest.mark.parametrize("name", LAYOUTS)
def test_what_stands_beside_a_table_stays_and_stands_in_nobodys_way(tmp_path: Path, name: str, way: Way) -> None:
    feature, arrangement = LAYOUTS[name]
    before = build(tmp_path / "before.xlsx", feature, arrangement=arrangement)
    after = tmp_path / "after.xlsx"
    after.write_bytes(before.read_bytes())
    old = cells_beside(before)
    assert len(old) > 1
    count = 60 if way is at_once else 3
    way(after, count)
    assert cells_beside(after) == old
    assert own_findings(after) == own_findings(before)
    numbers = refundbook.load(after, today=TODAY).records.cases["number"][6:]
    assert numbers == [f"GTB-7910{k:02}" for k in range(count)]
    if way is at_once:
        assert new_findings(before, after) == []


@pytest.mark.parametrize("name", LAYOUTS)
def test_it_makes_no_difference_what_was_known_of_the_workbook(tmp_path: Path, name: str) -> None:
    feature, arrangement = LAYOUTS[name]
    warm, cold = (build(tmp_path / f"{way}.xlsx", feature, arrangement=arrangement) for way in ("warm", "cold"))
    one_by_one(warm, 3)
    by_all_of_it(cold, 3)
    assert packages.parts(warm) == packages.parts(cold)
