"""Sheets that a query or an XML file fills anew, and sheets and workbooks with a password: what may be lost is refused
or pointed out, before it is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

import refundbook
from tests.support import packages
from tests.support.appended import TODAY
from tests.support.command import run
from tests.support.pillars import Arrangement, Feature, build
from tests.support.warm import outcome, readings, same_files, without_cache
from tests.support.zips import MAIN, MAIN_NS, WORKBOOK, WORKBOOK_ORDER, WORKSHEET_ORDER, Parcel, ensure_child, put_child

pytestmark = pytest.mark.slow

SPREADSHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CASE = "GTB-791000"
WAY_OUT = "Table Design > Unlink"


def query_part(parcel: Parcel, owner: str) -> None:
    content = f'<queryTable xmlns="{MAIN_NS}" name="ExternalData_1" connectionId="1"/>'
    parcel.relate(
        owner, "queryTable", parcel.add("xl/queryTables/queryTable1.xml", content, f"{SPREADSHEET_TYPE}.queryTable+xml")
    )


def of_type(kind: str, sheet: str = "Cases") -> Feature:
    def graft(parcel: Parcel, _frames: object) -> None:
        with parcel.edit(parcel.table(sheet)) as root:
            root.set("tableType", kind)

    return Feature(graft=graft)


def by_relationship_only(parcel: Parcel, _frames: object) -> None:
    query_part(parcel, parcel.table("Cases"))


def queried_range(parcel: Parcel, _frames: object) -> None:
    """As Excel 2003 did it: the cells that a query fills bear its name."""
    query_part(parcel, parcel.sheet("Cases"))
    with parcel.edit(WORKBOOK) as root:
        names = ensure_child(root, "definedNames", WORKBOOK_ORDER)
        etree.SubElement(names, f"{MAIN}definedName", name="ExternalData_1", localSheetId="0").text = "Cases!$A$1:$O$7"


QUERIES = {
    "a Table of that type": (of_type("queryTable"), None),
    "a Table with a query's part": (Feature(graft=by_relationship_only), None),
    "a range": (Feature(graft=queried_range), Arrangement(tables=False)),
}


@pytest.fixture(params=QUERIES)
def queried(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A workbook whose Cases a query fills."""
    feature, arrangement = QUERIES[request.param]
    return build(tmp_path / "book.xlsx", feature, arrangement=arrangement)


def entered(path: Path, *args: str) -> str:
    """What is said of an entry that is made."""
    ran = run("append", *args, "--no-inbox", book=path, today="2024-03-10")
    assert ran.code == 0, ran
    return ran.err


def new_message(path: Path, summary: str = "Hello") -> str:
    return entered(path, "communication", "GTB-789045", "--date", "2024-03-06", "--with", "buyer", "--summary", summary)


@pytest.mark.parametrize("is_known", [False, True])
def test_an_entry_that_a_querys_next_refresh_throws_away_is_refused_with_the_way_out(
    queried: Path, *, is_known: bool
) -> None:
    if is_known:
        assert new_message(queried) == ""
    before = queried.read_bytes()
    ran = run("append", "case", CASE, "--opened", "2024-03-05", book=queried, today="2024-03-10")
    assert ran.code == 1
    assert ran.err.startswith(
        "refundbook: Cases: a query fills the rows of this sheet, and its next refresh would throw away"
    )
    assert WAY_OUT in ran.err.replace("\n", " ")
    assert queried.read_bytes() == before


def test_an_entry_that_waits_for_such_a_sheet_waits_on_and_holds_up_no_other(queried: Path) -> None:
    """It was kept while the workbook was open elsewhere, before the query was put there."""
    content = queried.read_bytes()
    build(queried)
    owner = queried.with_name(f"~${queried.name}")
    owner.write_bytes(b"\3Ana".ljust(165, b"\0"))
    kept = run("append", "case", CASE, "--opened", "2024-03-05", book=queried, today="2024-03-10")
    owner.unlink()
    queried.write_bytes(content)
    assert (kept.code, "in the inbox" in kept.out) == (0, True)
    ran = run(
        "append",
        "communication",
        "GTB-789045",
        "--date",
        "2024-03-06",
        "--with",
        "buyer",
        "--summary",
        "Hello",
        book=queried,
        today="2024-03-10",
    )
    assert "Entered GTB-789045 in Communications" in ran.out
    listed = run("inbox", book=queried, today="2024-03-10").out
    assert CASE in listed
    assert WAY_OUT in " ".join(listed.split())


def test_so_is_a_correction_there(queried: Path) -> None:
    with refundbook.load(queried, today=TODAY) as book:
        with pytest.raises(refundbook.UnsupportedEdit, match="Cases: a query fills"):
            book.amend("GTB-789045", "Item", "Lamp")
        assert book.amend(4, "Summary", "Said that it is broken.").warnings == ()


def test_it_is_pointed_out_by_check_and_the_other_sheets_take_entries(queried: Path) -> None:
    assert [f.where for f in refundbook.load(queried, today=TODAY).check() if f.code == "RB259"] == ["Cases"]
    with readings() as found:
        assert new_message(queried) == ""
        assert new_message(queried, "Hello again") == ""
    assert found.count == 1


def test_what_a_query_fills_is_not_mended_nor_grown_over_what_stands_below(tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(path)
    page = book["Cases"]
    page.tables["Cases"].tableType = "queryTable"
    page["A2"] = "GTB\u2013789012"
    page["A8"], page["C8"] = CASE, page["C7"].value
    book.save(path)
    new_message(path)
    assert openpyxl.load_workbook(path)["Cases"]["A2"].value == "GTB\u2013789012"
    assert openpyxl.load_workbook(path)["Cases"].tables["Cases"].ref == "A1:O7"
    assert {"RB256", "RB259"} <= {f.code for f in refundbook.load(path, today=TODAY).check()}


def test_a_table_that_was_unlinked_is_like_any_other(tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx", of_type("worksheet"))
    assert entered(path, "case", CASE, "--opened", "2024-03-05") == ""
    assert "RB259" not in {f.code for f in refundbook.load(path, today=TODAY).check()}


@pytest.mark.parametrize("cells", ["Cases!$R$1:$S$9", "Communications!$A$1:$O$7", "#REF!", ""])
def test_a_query_that_fills_other_cells_is_in_nobodys_way(tmp_path: Path, cells: str) -> None:
    def graft(parcel: Parcel, frames: object) -> None:
        queried_range(parcel, frames)
        parcel.rewrite(WORKBOOK, lambda text: text.replace("Cases!$A$1:$O$7", cells))

    path = build(tmp_path / "book.xlsx", Feature(graft=graft), arrangement=Arrangement(tables=False))
    assert entered(path, "case", CASE, "--opened", "2024-03-05") == ""


def test_a_query_whose_part_is_missing_fills_nothing(tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx", QUERIES["a Table with a query's part"][0])
    parcel = Parcel(path)
    del parcel.parts["xl/queryTables/queryTable1.xml"]
    assert entered(parcel.save(path), "case", CASE, "--opened", "2024-03-05") == ""


# What is written to with a word


def protected(name: str, /, **attributes: str) -> Feature:
    def graft(parcel: Parcel, _frames: object) -> None:
        with parcel.edit(parcel.sheet(name)) as root:
            put_child(root, etree.Element(f"{MAIN}sheetProtection", attributes), WORKSHEET_ORDER)

    return Feature(graft=graft)


def shared(**attributes: str) -> Feature:
    def graft(parcel: Parcel, _frames: object) -> None:
        with parcel.edit(WORKBOOK) as root:
            put_child(root, etree.Element(f"{MAIN}fileSharing", attributes), WORKBOOK_ORDER)

    return Feature(graft=graft)


HASH = {"algorithmName": "SHA-512", "hashValue": "qZ0=", "saltValue": "aA==", "spinCount": "100000"}
SAID = {
    "a sheet that is protected": (protected("Cases", sheet="1", objects="1"), "RB261", "The sheet Cases is protected"),
    "with a password": (protected("Cases", sheet="true", **HASH), "RB261", "The sheet Cases is protected"),
    "with a password of old": (protected("Cases", password="CC1A", sheet="1"), "RB261", "The sheet Cases is protected"),
    "a workbook with a password": (shared(**HASH), "RB261", "The workbook asks for a password"),
    "with one of old": (
        shared(userName="Ana", reservationPassword="CC1A"),
        "RB261",
        "The workbook asks for a password",
    ),
    "one for reading only": (shared(readOnlyRecommended="1"), "RB261", "or to be opened for reading only"),
    "a Table mapped to XML": (of_type("xml"), "RB260", "The table on Cases is mapped to an XML file"),
}
QUIET = {
    "protection that is off": protected("Cases", sheet="0", **HASH),
    "another sheet's": protected("Resolutions", sheet="1"),
    "another Table's": of_type("xml", "Resolutions"),
    "who has it": shared(userName="Ana"),
    "protection of nothing": shared(readOnlyRecommended="0", reservationPassword="0000"),
}


@pytest.mark.parametrize("name", SAID)
def test_it_is_said_with_the_entry_and_by_check(tmp_path: Path, name: str) -> None:
    feature, code, words = SAID[name]
    path = build(tmp_path / "book.xlsx", feature)
    for number in (CASE, "GTB-791001"):
        said = " ".join(entered(path, "case", number, "--opened", "2024-03-05").split())
        assert said.count(words) == 1
        assert said.count(code) == 1
    found = [f for f in refundbook.load(path, today=TODAY).check() if f.code == code]
    assert [(f.where, words in f.message, f.severity) for f in found] == [("Cases", True, "warning")]


@pytest.mark.parametrize("name", SAID)
def test_it_is_said_in_the_same_words_of_a_workbook_that_is_known(tmp_path: Path, name: str) -> None:
    """Once for all entries that are made together."""
    warm, cold = (build(tmp_path / f"{way}.xlsx", SAID[name][0]) for way in ("warm", "cold"))
    enter: list[Callable[[refundbook.Book], object]] = [
        lambda book: book.append_many(
            [("case", {"number": f"GTB-79200{n}", "opened": "2024-03-05"}) for n in range(3)]
        ),
        lambda book: book.append_many(
            [("case", {"number": f"GTB-79300{n}", "opened": "2024-03-05"}) for n in range(3)]
        ),
        lambda book: book.append_communication("GTB-789012", date="2024-03-06", with_="Buyer", summary="Hello"),
    ]
    for act in enter:
        with without_cache():
            expected = outcome(cold, act, TODAY)
        assert outcome(warm, act, TODAY) == expected
        if isinstance(expected, list):
            assert [len(entry.warnings) for entry in expected] == [1, 0, 0]
    same_files(warm, cold)


@pytest.mark.parametrize("name", QUIET)
def test_of_what_keeps_nobody_away_nothing_is_said(tmp_path: Path, name: str) -> None:
    path = build(tmp_path / "book.xlsx", QUIET[name])
    assert entered(path, "case", CASE, "--opened", "2024-03-05") == ""
    assert not [f for f in refundbook.load(path, today=TODAY).check() if f.code == "RB261" and f.sheet == "Cases"]


def test_a_correction_is_made_with_the_same_word(tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx", SAID["with a password"][0])
    with refundbook.load(path, today=TODAY) as book:
        assert [f.code for f in book.amend("GTB-789045", "Item", "Lamp").warnings] == ["RB261"]


def test_the_protection_stays_as_it_is(tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx", SAID["with a password"][0])
    entered(path, "case", CASE, "--opened", "2024-03-05")
    xml = packages.parts(path)["xl/worksheets/sheet1.xml"]
    assert b'<sheetProtection sheet="true" algorithmName="SHA-512" hashValue="qZ0="' in xml
