"""`refundbook upgrade`: the columns that are newer than a workbook, at the right end of its data, with all else as it
was.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest

import refundbook
from refundbook.base.errors import Conflict
from refundbook.base.schema import SHEETS
from refundbook.storage import upgrade as upgrading
from refundbook.storage import workbook_file
from refundbook.storage.backups import backups
from tests.support import packages
from tests.support.command import run
from tests.support.pillars import HEADERS, Arrangement, build
from tests.support.rich import FEATURES
from tests.support.rounds import headers
from tests.support.samples import TODAY, load, sample_at
from tests.support.validators import new_findings, own_findings
from tests.support.warm import readings, without_cache
from tests.support.zips import Parcel

pytestmark = pytest.mark.slow

OF_0_1_0 = Path(__file__).parent / "data" / "tracker-0.1.0.xlsx"
NEWER = {sheet.name: [column.header for column in sheet.columns if column.optional] for sheet in SHEETS}
LATER = date(2024, 3, 10)
LATER_DAY = LATER.isoformat()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copyfile(OF_0_1_0, tmp_path / "tracker.xlsx"))


def test_a_workbook_of_the_first_version_gets_the_columns_that_came_later(old: Path) -> None:
    before = old.with_name("before.xlsx")
    shutil.copyfile(old, before)
    first = load(old).records
    ran = run("upgrade", book=old)
    (kept,) = backups(old)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[:3] == [
        "Added Answered On to Cases, in P1.",
        "Added Source to Communications, in O1.",
        "Added Source to Resolutions, in J1.",
    ]
    assert ran.out.splitlines()[-1] == (f"The workbook as it was is kept. To undo this: refundbook restore {kept.name}")
    assert kept.path.read_bytes() == before.read_bytes()
    assert headers(old) == {name: [*there, *NEWER[name]] for name, there in headers(before).items()}
    assert [log.columns for log in load(old).records.logs] == [log.columns for log in first.logs]
    assert new_findings(before, old, (own_findings,)) == []
    assert load(old).check().findings == load(before).check().findings


def test_the_second_time_there_is_nothing_to_do(old: Path) -> None:
    run("upgrade", book=old)
    data = old.read_bytes()
    ran = run("upgrade", book=old)
    assert (ran.code, ran.out) == (0, f"{old} is up to date. Nothing was changed.\n")
    assert (old.read_bytes(), len(backups(old))) == (data, 1)


def test_a_new_workbook_lacks_nothing(tmp_path: Path) -> None:
    assert upgrading.upgrade(sample_at(tmp_path / "new.xlsx"), today=TODAY) == ((), (), (), None, "")


def test_a_dry_run_says_what_would_be_added_and_writes_nothing(old: Path) -> None:
    data = old.read_bytes()
    ran = run("upgrade", "--dry-run", book=old)
    assert ran.out.splitlines()[0] == "Would add Answered On to Cases, in P1."
    assert ran.out.splitlines()[-1] == f"{old} was not changed."
    assert run("upgrade", "--dry-run", "--json", book=old).json["would_add"][0] == {
        "sheet": "Cases",
        "header": "Answered On",
        "cell": "P1",
    }
    assert (old.read_bytes(), backups(old)) == (data, [])


def test_the_answer_in_json_names_the_cells_and_the_backup(old: Path) -> None:
    said = run("upgrade", "--json", book=old).json
    assert [tuple(column.values()) for column in said["added"]] == [
        ("Cases", "Answered On", "P1"),
        ("Communications", "Source", "O1"),
        ("Resolutions", "Source", "J1"),
    ]
    assert said["backup"] == backups(old)[0].name


def test_an_upgraded_workbook_takes_entries_for_them_known_or_not(old: Path) -> None:
    run("upgrade", book=old)
    cold = old.with_name("cold.xlsx")
    shutil.copyfile(old, cold)
    for number in ("GTB-1", "GTB-2"):
        case = ("append", "case", number, "--opened", "2023-11-01", "--respond-by", "2023-11-03", "--answered-on", "2023-11-02")  # fmt: skip
        with readings() as read:
            assert run(*case, book=old).code == 0
        with without_cache():
            assert run(*case, book=cold).code == 0
    assert read.count == 0
    assert packages.parts(old) == packages.parts(cold)
    assert load(old).records.cases["answered_on"][-2:] == [date(2023, 11, 2)] * 2
    page = openpyxl.load_workbook(old)["Cases"]
    assert [page[f"P{row}"].number_format for row in (4, 5)] == ["yyyy-mm-dd"] * 2
    message = ("append", "communication", "GTB-1", "--date", "2023-11-02", "--with", "support", "--summary", "x", "--source", "report 7")  # fmt: skip
    assert run(*message, book=old).code == 0
    assert load(old).communications["Source"].tolist()[-1] == "report 7"


@pytest.mark.parametrize(
    "name", ["own_columns", "reordered_columns", "no_tables", "starts_at_c4", "totals_row", "full"]
)
def test_they_stand_after_peoples_own_columns_in_any_layout(tmp_path: Path, name: str) -> None:
    path = FEATURES[name](tmp_path / "book.xlsx")
    before = tmp_path / f"before{path.suffix}"
    shutil.copyfile(path, before)
    first = refundbook.load(path, today=LATER).records
    ran = run("upgrade", book=path, today=LATER_DAY)
    # They were made without a template: of the sheets that are not there, nothing is said.
    assert (ran.code, "Left" in ran.out, "Renewed" in ran.out) == (0, False, False)
    now = refundbook.load(path, today=LATER).records
    for earlier, later in zip(first.logs, now.logs, strict=True):
        assert (later.columns, later.extra) == (earlier.columns, earlier.extra)
        added = later.letters.keys() - earlier.letters.keys()
        assert added == {column.name for column in later.sheet.columns if column.optional}
    assert new_findings(before, path) == []
    assert run("append", "case", "GTB-1", "--opened", "2024-03-01", "--answered-on", "2024-03-02", book=path, today=LATER_DAY).code == 0  # fmt: skip


def blocked(path: Path) -> Path:
    """A note stands right of the last sheet's Table."""
    parcel = Parcel(build(path))
    note = '<c r="J2" t="inlineStr"><is><t>mine</t></is></c></row><row r="3"'
    parcel.rewrite("xl/worksheets/sheet3.xml", lambda xml: xml.replace('</row><row r="3"', note, 1))
    return parcel.save(path)


def test_what_stands_beside_one_table_keeps_every_column_out(tmp_path: Path) -> None:
    path = blocked(tmp_path / "book.xlsx")
    data = path.read_bytes()
    for more in ((), ("--dry-run",)):
        ran = run("upgrade", *more, book=path, today=LATER_DAY)
        assert (ran.code, ran.out) == (1, "")
        assert "Resolutions: the cell J2 is not empty, right of the data, where the new column goes." in ran.err
        assert "right-click the letter J above the sheet, choose Insert" in ran.err
    assert (path.read_bytes(), backups(path)) == (data, [])


def test_the_way_out_is_one(tmp_path: Path) -> None:
    """A column is inserted, as Excel does it, and the note stands further right."""
    path = blocked(tmp_path / "book.xlsx")
    parcel = Parcel(path)
    parcel.rewrite("xl/worksheets/sheet3.xml", lambda xml: xml.replace('r="J2"', 'r="K2"'))
    assert run("upgrade", book=parcel.save(path), today=LATER_DAY).code == 0


def test_a_header_of_ones_own_that_differs_only_in_case_is_named(tmp_path: Path) -> None:
    own = {"Communications": (*HEADERS["Communications"], "SOURCE")}
    path = build(tmp_path / "book.xlsx", arrangement=Arrangement(headers=own))
    ran = run("upgrade", book=path, today=LATER_DAY)
    assert (ran.code, 'Communications has a column "SOURCE" already' in ran.err) == (1, True), ran.err


def test_a_workbook_that_the_rules_refuse_is_left_as_it_is(old: Path) -> None:
    book = openpyxl.load_workbook(old)
    book["Cases"]["C2"] = "soon"
    book.save(old)
    data = old.read_bytes()
    ran = run("upgrade", book=old)
    assert (ran.code, "RB102" in ran.err) == (1, True)
    assert old.read_bytes() == data


def test_one_that_was_changed_meanwhile_is_not_overwritten(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = workbook_file.WorkbookFile.replace

    def late(at: workbook_file.WorkbookFile, *args: object, **options: object) -> None:
        old.write_bytes(old.read_bytes() + b" ")
        replace(at, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(workbook_file.WorkbookFile, "replace", late)
    with pytest.raises(Conflict):
        upgrading.upgrade(old, today=TODAY)
    assert old.read_bytes()[-1:] == b" "


def test_the_columns_of_a_new_workbook_and_of_an_upgraded_one_are_the_same(old: Path, tmp_path: Path) -> None:
    run("upgrade", book=old)
    new = headers(sample_at(tmp_path / "new.xlsx"))
    assert {name: sorted(map(str, there)) for name, there in headers(old).items()} == {
        name: sorted(map(str, there)) for name, there in new.items()
    }
