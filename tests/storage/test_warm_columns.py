"""Warm equals cold, to the byte, also where people calculate in columns of their own: whatever the formulas are, and
wherever in the column they begin.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support import packages
from tests.support.appended import TODAY
from tests.support.own_checks import own_findings
from tests.support.own_columns import KINDS, OwnColumn, formulas, put
from tests.support.pillars import HEADERS, Arrangement, Feature, Frame, build
from tests.support.validators import new_findings
from tests.support.warm import outcome, readings, without_cache
from tests.support.zips import MAIN, Parcel

pytestmark = pytest.mark.slow

CASES = "xl/worksheets/sheet1.xml"
LETTER = "P"
OWN = {"Cases": (*HEADERS["Cases"], "Own")}
Given = tuple[str, dict[str, object]]
Test = TypeVar("Test", bound=Callable[..., None])


@cache
def base(*, tables: bool, totals: bool) -> tuple[bytes, dict[str, Frame]]:
    """Six cases in rows 2 to 7, with one more column."""
    frames: dict[str, Frame] = {}
    with tempfile.TemporaryDirectory(prefix="refundbook-columns-") as folder:
        keep = Feature(lambda draft: frames.update(draft.frames))
        name = Feature(lambda draft: draft.book.define_name("Numbers", "=Cases!$A$2:$A$7"))
        path = build(
            Path(folder) / "b.xlsx", keep, name, arrangement=Arrangement(headers=OWN, tables=tables, totals=totals)
        )
        return path.read_bytes(), frames


def workbook(path: Path, column: OwnColumn, *, tables: bool = True, totals: bool = False) -> Path:
    content, frames = base(tables=tables, totals=totals)
    path.write_bytes(content)
    parcel = Parcel(path)
    put(parcel, frames["Cases"], column if tables else column._replace(is_declared=False))
    return parcel.save(path)


TEXTS = (
    "J2*2+$R$1",
    "COUNTIF($A$2:$A$7,A2)",
    "COUNTIF(A$2:A$7,A2)",
    "SUM(J$2:J2)",
    "COUNTIF(A:A,A2)",
    "ROWS(A2:A7)",
    "COUNTA(Communications!$A$2:$A$12)",
    "COUNTIF(Numbers,A2)",
    "LEN(Cases[[#This Row],[Case Number]])",
    'IF(A2="Cases!$A$2",[1]Cases!$A$2:$A$7,"R&D")',
)
COLUMNS = st.builds(
    OwnColumn, st.sampled_from(TEXTS), st.sampled_from(KINDS), st.integers(2, 8), st.booleans(), st.booleans()
)
NEW: st.SearchStrategy[Given] = st.one_of(
    st.just(("case", {"opened": "2024-03-05"})),
    st.just(("communication", {"date": "2024-03-06", "with_": "Support", "summary": "Hello"})),
)
BATCHES = st.lists(st.lists(NEW, min_size=1, max_size=3), min_size=1, max_size=4)


def a_case(count: int) -> list[list[Given]]:
    """So many cases, one after the other."""
    return [[("case", {"opened": "2024-03-05"})] for _ in range(count)]


def enter(path: Path, batches: Sequence[Sequence[Given]]) -> list[object]:
    """Enter these, each under a number of its own where it is a case, else about the first case."""
    count = 0
    done = []
    for batch in batches:
        entries = []
        for pillar, fields in batch:
            count += 1
            entries.append((pillar, {**fields, "number": f"GTB-8{count:05}" if pillar == "case" else "GTB-789012"}))
        done.append(outcome(path, lambda book, entries=entries: book.append_many(entries), TODAY))  # type: ignore[misc]
    return done


def example_of(
    column: OwnColumn, entries: int = 3, *, tables: bool = True, totals: bool = False
) -> Callable[[Test], Test]:
    return example(column=column, batches=a_case(entries), tables=tables, totals=totals)


@settings(max_examples=20)
@given(column=COLUMNS, batches=BATCHES, tables=st.booleans(), totals=st.booleans())
@example_of(OwnColumn("J2*2+$R$1", "shared", 6, is_declared=False))
@example_of(OwnColumn("J2*2+$R$1", "shared", 7, is_declared=False))
@example_of(OwnColumn("COUNTIF($A$2:$A$7,A2)", "shared", 6), totals=True)
@example_of(OwnColumn("COUNTIF($A$2:$A$7,A2)", "plain", 6, is_blank_above=True), 4)
@example_of(OwnColumn("J2*2+$R$1", "several", 6), tables=False)
@example_of(OwnColumn("J2*2+$R$1", "dynamic", 6, is_declared=False))
def test_any_column_of_ones_own_is_filled_as_it_is_when_nothing_is_known(
    column: OwnColumn, batches: list[list[Given]], *, tables: bool, totals: bool
) -> None:
    with tempfile.TemporaryDirectory(prefix="refundbook-columns-") as folder:
        warm, cold = (
            workbook(Path(folder) / f"{way}.xlsx", column, tables=tables, totals=totals and tables)
            for way in ("warm", "cold")
        )
        before = own_findings(warm)
        done = enter(warm, batches)
        with without_cache():
            again = enter(cold, batches)
        assert [str(one).replace("warm.xlsx", "") for one in done] == [
            str(one).replace("cold.xlsx", "") for one in again
        ]
        ours, theirs = packages.parts(warm), packages.parts(cold)
        assert [name for name in ours if ours[name] != theirs[name]] == []
        assert own_findings(warm) == before


@pytest.mark.parametrize("first", [2, 6, 7])
@pytest.mark.parametrize("is_declared", [True, False])
@pytest.mark.parametrize("kind", ["plain", "shared", "array", "dynamic"])
def test_a_column_goes_on_from_whichever_row_its_formulas_begin_in(
    tmp_path: Path, kind: str, is_declared: bool, first: int
) -> None:
    """One that is not declared, and has formulas of its own in the last row only, is none that goes on."""
    column = OwnColumn("J2*2", kind, first, is_declared, is_blank_above=True)
    path = workbook(tmp_path / "book.xlsx", column)
    enter(path, a_case(4))
    goes_on = is_declared or first < 7
    own = {row: "" if kind == "shared" and row > first else f"J{row}*2" for row in range(first, 8)}
    own.update({row: f"J{row}*2" for row in range(8, 12) if goes_on})
    assert formulas(packages.parts(path)[CASES], LETTER) == own


@pytest.mark.parametrize("way", ["known", "not known", "in bulk"])
@pytest.mark.parametrize("is_declared", [True, False])
def test_a_dynamic_array_formula_that_is_filled_down_stays_one(tmp_path: Path, way: str, *, is_declared: bool) -> None:
    """Without `cm` Excel shows it in braces, as one of Ctrl+Shift+Enter, which no longer spills. `ph` stays too; `vm`
    is about a result that is not there yet.
    """
    before = workbook(tmp_path / "before.xlsx", OwnColumn("SUM(J2*Cases[Amount Requested])", "dynamic", 2, is_declared))
    parcel = Parcel(before)
    parcel.rewrite(CASES, lambda text: text.replace(' cm="1"', ' cm="1" vm="1" ph="1"'))
    path = parcel.save(tmp_path / "book.xlsx")
    cases = a_case(3)
    if way == "not known":
        with without_cache():
            enter(path, cases)
    else:
        enter(path, cases if way == "known" else [[case for batch in cases for case in batch]])
    root = etree.fromstring(packages.parts(path)[CASES])
    cells = {cell.get("r", ""): cell for cell in root.iter(f"{MAIN}c")}
    for row in range(8, 11):
        cell = cells[f"P{row}"]
        formula = cell.find(f"{MAIN}f")
        assert formula is not None
        assert {str(k): str(v) for e in (cell, formula) for k, v in e.attrib.items()} == {
            "r": f"P{row}",
            "cm": "1",
            "ph": "1",
            "t": "array",
            "ref": f"P{row}",
        }
        assert formula.text == f"SUM(J{row}*Cases[Amount Requested])"
    assert new_findings(before, path) == []


def test_a_declared_dynamic_array_formula_is_marked_as_the_row_that_still_has_it(tmp_path: Path) -> None:
    """Somebody typed a value over the last one."""
    text = "SUM(J2*Cases[Amount Requested])"
    parcel = Parcel(workbook(tmp_path / "before.xlsx", OwnColumn(text, "dynamic")))
    with parcel.edit(CASES) as root:
        cell = next(cell for cell in root.iter(f"{MAIN}c") if cell.get("r") == "P7")
        del cell.attrib["cm"]
        cell.remove(cell[0])
    path = parcel.save(tmp_path / "book.xlsx")
    enter(path, a_case(1))
    root = etree.fromstring(packages.parts(path)[CASES])
    assert [cell.get("cm") for cell in root.iter(f"{MAIN}c") if cell.get("r") in ("P7", "P8")] == [None, "1"]


def test_columns_of_formulas_that_stay_as_they_are_do_not_slow_the_next_entry(tmp_path: Path) -> None:
    """They are left out with their rows, also where they name cells, as long as none that may still grow."""
    for number, text in enumerate(("J2*2+$R$1", "SUM(J$2:J2)", "LEN(Cases[[#This Row],[Case Number]])")):
        path = workbook(tmp_path / f"{number}.xlsx", OwnColumn(text))
        enter(path, a_case(1))
        with readings() as found:
            enter_more(path)
        assert found.count == 0


def enter_more(path: Path) -> None:
    for number in range(4):
        outcome(path, lambda book, n=number: book.append_case(f"GTB-9{n:05}", opened="2024-03-05"), TODAY)  # type: ignore[misc]
