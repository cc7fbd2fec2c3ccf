"""Relationships between parts that lead nowhere, elsewhere, out of the file, or twice to the same part: each is
followed for what it means, or refused in a sentence.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from lxml import etree

import refundbook
from tests.support import dialects, drawn, grafts, packages
from tests.support.appended import TODAY
from tests.support.command import Ran, run
from tests.support.own_checks import own_findings
from tests.support.pillars import Arrangement, Draft, Feature, build
from tests.support.warm import outcome
from tests.support.zips import CONTENT_TYPES, MAIN_NS, PACKAGE_NS, WORKBOOK, Parcel

pytestmark = pytest.mark.slow

CASES, MESSAGES, MINE = (f"xl/worksheets/sheet{n}.xml" for n in (1, 2, 4))


class Link(NamedTuple):
    """A relationship that refundbook follows. Without the part that it leads to an entry can be made, or the command
    ends with `missing`.
    """

    owner: str
    kind: str
    part: str
    missing: int


LINKS = {
    "the workbook": Link("", "officeDocument", WORKBOOK, 4),
    "a pillar's sheet": Link(WORKBOOK, "worksheet", CASES, 4),
    "another sheet": Link(WORKBOOK, "worksheet", MINE, 4),
    "the styles": Link(WORKBOOK, "styles", "xl/styles.xml", 4),
    "the shared strings": Link(WORKBOOK, "sharedStrings", "xl/sharedStrings.xml", 4),
    "the calculation chain": Link(WORKBOOK, "calcChain", "xl/calcChain.xml", 0),
    "a Table": Link(CASES, "table", "xl/tables/table1.xml", 4),
    "comments": Link(CASES, "comments", "xl/comments1.xml", 0),
    "the boxes of comments": Link(CASES, "vmlDrawing", "xl/drawings/vmlDrawing1.vml", 0),
    "threads of comments": Link(MESSAGES, "threadedComment", "xl/threadedComments/threadedComment1.xml", 0),
}  # fmt: skip


def test_all_relationships_that_are_followed_are_tried_here() -> None:
    """But for `origin`, that of a signature, which refuses every change whether or not there is anything at its end,
    `queryTable` (`test_access`), `pivotTable`, which only a new column looks for (`test_new_column`), and `drawing` and
    `chart`, which only `upgrade` does (`storage/test_renewal.py`).
    """
    named = (
        r'(?:related|there)\((?:""|[^()"]*), "(\w+)"\)|relationship\.kind == "(\w+)"|for kind in '
        r'\(([^()]*)\):|\("(\w+)", package\.'
    )
    code = [file.read_text(encoding="utf-8") for file in (Path(refundbook.__file__).parent / "xlsx").rglob("*.py")]
    kinds = {kind for text in code for found in re.findall(named, text) for kind in re.findall(r"\w+", " ".join(found))}
    assert kinds == {*(link.kind for link in LINKS.values()), "origin", "queryTable", "pivotTable", "drawing", "chart"}


def chain(parcel: Parcel) -> None:
    """One that names the sum in the totals row, which moves."""
    xml = f'<calcChain xmlns="{MAIN_NS}"><c r="J8" i="1"/></calcChain>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    parcel.relate(WORKBOOK, "calcChain", parcel.add("xl/calcChain.xml", xml, kind))


@cache
def everything() -> bytes:
    """A workbook with totals rows, comments on them, a thread of comments, a calculation chain and a sheet of one's
    own.
    """

    def about_total(draft: Draft) -> None:
        draft.sheet("Cases").write_comment("J8", "About the sum", {"author": "Ana"})

    features = [
        Feature(about_total),
        Feature(grafts.draw_thread_stub, grafts.thread),
        Feature(drawn.own_sheet),
        Feature(graft=lambda parcel, frames: chain(parcel)),
    ]
    with TemporaryDirectory(prefix="refundbook-links-") as folder:
        return build(Path(folder) / "b.xlsx", *features, arrangement=Arrangement(totals=True)).read_bytes()


def rels(owner: str) -> str:
    folder, name = posixpath.split(owner)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def target(of: Callable[[Link], str]) -> Callable[[Parcel, Link], None]:
    """Give the relationship another target."""

    def spoil(parcel: Parcel, link: Link) -> None:
        with parcel.edit(rels(link.owner)) as root:
            next(e for e in root if leads_to(link, e)).set("Target", of(link))

    return spoil


def leads_to(link: Link, element: etree._Element) -> bool:
    path = posixpath.join("/", posixpath.dirname(link.owner), element.get("Target", ""))
    return posixpath.normpath(path).lstrip("/") == link.part


def missing(parcel: Parcel, link: Link) -> None:
    del parcel.parts[link.part]


def undeclared(parcel: Parcel, link: Link) -> None:
    missing(parcel, link)
    with parcel.edit(CONTENT_TYPES) as root:
        for element in [e for e in root if e.get("PartName") == f"/{link.part}"]:
            root.remove(element)


def external(parcel: Parcel, link: Link) -> None:
    with parcel.edit(rels(link.owner)) as root:
        element = next(e for e in root if leads_to(link, e))
        element.set("TargetMode", "External")
        element.set("Target", f"https://example.com/{link.part}")


def twice(parcel: Parcel, link: Link, target: str = "") -> None:
    with parcel.edit(rels(link.owner)) as root:
        element = next(e for e in root if leads_to(link, e))
        again = etree.SubElement(
            root, f"{{{PACKAGE_NS}}}Relationship", {str(k): str(v) for k, v in element.attrib.items()}
        )
        again.set("Id", "rIdAgain")
        again.set("Target", target or element.get("Target", ""))


def twice_but_nowhere(parcel: Parcel, link: Link) -> None:
    twice(parcel, link, "nowhere.xml")


def encoded(link: Link) -> str:
    return "/" + "".join(c if c == "/" else f"%{ord(c):02X}" for c in link.part)


SAME: dict[str, Callable[[Parcel, Link], None]] = {
    "absolute": target(lambda link: f"/{link.part}"),
    "up beyond the root": target(lambda link: f"../../../../{link.part}"),
    "with dots between": target(lambda link: f"/xl/./nowhere/../../{link.part}"),
    "percent-encoded": target(encoded),
    "in upper case": target(lambda link: f"/{link.part.upper()}"),
    "with backslashes": target(lambda link: "\\" + link.part.replace("/", "\\")),
    "twice": twice,
}
"""The same part, said in another way."""

OTHER: dict[str, Callable[[Parcel, Link], None]] = {
    "external": external,
    "empty": target(lambda link: ""),
    "nowhere": target(lambda link: "../nowhere%2Fat%00all.xml"),
    "to the workbook": target(lambda link: f"/{WORKBOOK}"),
    "to a Table": target(lambda link: "/xl/tables/table3.xml"),
    "to what is no XML": target(lambda link: "/xl/drawings/vmlDrawing1.vml"),
    "twice but nowhere": twice_but_nowhere,
}
"""Another part, or none."""


def spoiled(path: Path, name: str, spoil: Callable[[Parcel, Link], None]) -> Path:
    path.write_bytes(everything())
    parcel = Parcel(path)
    spoil(parcel, LINKS[name])
    return parcel.save(path)


def enter(path: Path, number: str = "GTB-791000") -> Ran:
    return run("append", "case", number, "--opened", "2024-03-05", "--no-inbox", book=path, today="2024-03-10")


def entered_twice(path: Path) -> None:
    """Two entries are made, by all of the workbook and by what is known of it, and the file has no fault that it did
    not have.
    """
    before = faults(path)
    for number in ("GTB-791000", "GTB-791001"):
        assert enter(path, number) == Ran(0, f"Entered {number} in Cases, row {8 + int(number[-1])}.\n", "")
    assert run("check", book=path, today="2024-03-10").code == 0
    assert set(faults(path)) <= set(before)


def faults(path: Path) -> list[str]:
    return [re.sub(r"[A-Z]+[0-9]+", "#", fault) for fault in own_findings(path)]


def refused(path: Path, codes: tuple[int, ...]) -> None:
    """The file stays as it is, for a reason that is said in words."""
    before = path.read_bytes()
    ran = enter(path)
    assert ran.code in codes, ran
    assert re.search(r"[a-z]{3,}.*\.", ran.err)
    assert not re.search(r"Error|Traceback|went wrong", ran.err)
    assert path.read_bytes() == before
    assert run("check", book=path, today="2024-03-10").code in (0, 1, 4)


@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize("name", LINKS)
def test_a_part_is_found_however_the_relationship_says_it(tmp_path: Path, name: str, way: str) -> None:
    path = spoiled(tmp_path / "book.xlsx", name, SAME[way])
    entered_twice(path)
    moved = {fault for fault in faults(path) if "calcChain" in fault}
    assert not moved, "the chain names a cell without a formula"


@pytest.mark.parametrize("spoil", [missing, undeclared])
@pytest.mark.parametrize("name", LINKS)
def test_without_its_part_an_entry_is_made_all_the_same_or_refused_in_a_sentence(
    tmp_path: Path, name: str, spoil: Callable[[Parcel, Link], None]
) -> None:
    path = spoiled(tmp_path / "book.xlsx", name, spoil)
    if LINKS[name].missing:
        refused(path, (LINKS[name].missing,))
        assert "is missing" in enter(path).err or "shared string" in enter(path).err
    else:
        entered_twice(path)


@pytest.mark.parametrize("way", OTHER)
@pytest.mark.parametrize("name", LINKS)
def test_a_relationship_that_leads_elsewhere_does_no_harm(tmp_path: Path, name: str, way: str) -> None:
    path = spoiled(tmp_path / "book.xlsx", name, OTHER[way])
    if enter(path).code == 0:
        entered_twice(spoiled(tmp_path / "book.xlsx", name, OTHER[way]))
    else:
        refused(path, (1, 4))


def test_a_list_of_shared_strings_that_no_cell_names_is_not_needed(tmp_path: Path) -> None:
    path = dialects.rewritten(dialects.inline_strings)(tmp_path / "book.xlsx")
    parcel = Parcel(path)
    parcel.parts.pop("xl/sharedStrings.xml", None)
    if not parcel.related(WORKBOOK, "sharedStrings"):
        parcel.relate(WORKBOOK, "sharedStrings", "xl/sharedStrings.xml")
    entered_twice(parcel.save(path))
    assert refundbook.load(path, today=TODAY).records.cases["number"][0] == "GTB-789012"


def test_a_chain_that_is_not_there_is_let_go_of_with_the_one_that_is(tmp_path: Path) -> None:
    """Two relationships, and only the one has its part; what is named by mistake stays."""
    path = spoiled(tmp_path / "book.xlsx", "the calculation chain", twice_but_nowhere)
    assert isinstance(
        outcome(path, lambda book: book.append_case("GTB-791000", opened="2024-03-05"), TODAY), refundbook.Entry
    )
    assert "xl/calcChain.xml" not in packages.parts(path)
    assert b"calcChain.xml" not in packages.parts(path)[CONTENT_TYPES]
