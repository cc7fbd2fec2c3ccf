"""The library as scripts and notebooks use it: other sources, other names, tables in, and what type checkers find."""

from __future__ import annotations

import gc
import io
import os
import runpy
import warnings
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import refundbook
from refundbook import BadValue, EntriesRefused, MissingWorkbook, UnreadableWorkbook, UsageError
from tests.support.samples import TODAY, load, sample_at
from tests.support.type_checkers import TYPE_CHECKERS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return sample_at(tmp_path / "t.xlsx")


# Sources


def test_a_workbook_is_read_from_bytes_and_open_files(path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    cases = load(path).cases
    data = path.read_bytes()
    with path.open("rb") as file, fsspec.open(str(path)) as remote:
        for source in (data, bytearray(data), io.BytesIO(data), file, remote):
            book = refundbook.load(source, today=TODAY)
            pd.testing.assert_frame_equal(book.cases, cases)
            assert not book.check().errors


def test_what_was_read_from_bytes_is_saved_only_under_a_name(path: Path, tmp_path: Path) -> None:
    book = refundbook.load(path.read_bytes(), today=TODAY)
    book.append_case("GTB-700001", opened="2023-11-01")
    with pytest.raises(UsageError, match=r"save\(to="):
        book.save()
    book.save(to=tmp_path / "new.xlsx")
    assert "GTB-700001" in load(tmp_path / "new.xlsx").cases.index
    assert "GTB-700001" not in load(path).cases.index


def test_what_is_no_workbook_is_refused_whatever_it_comes_from(path: Path) -> None:
    with pytest.raises(UnreadableWorkbook):
        refundbook.load(b"x")
    with pytest.raises(UsageError, match="mode rb"):
        refundbook.load(io.StringIO("x"))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not int"):
        refundbook.load(3)  # type: ignore[arg-type]


def test_a_tilde_is_the_home_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(path.parent))
    monkeypatch.setenv("USERPROFILE", str(path.parent))
    assert refundbook.load("~/t.xlsx", today=TODAY).path == path.resolve()
    assert refundbook.create("~/new.xlsx").path.name == "new.xlsx"
    with refundbook.edit("~/t.xlsx", today=TODAY) as book:
        assert len(book.cases) == 2
    with pytest.raises(MissingWorkbook):
        refundbook.load("~/none.xlsx")


def test_today_may_be_a_text(path: Path) -> None:
    book = refundbook.load(path, today="2023-11-05", user="ana")
    book.append_communication("GTB-789045", date="today", with_="Support", summary="x")
    assert book.communications["Date"].iloc[-1].date() == TODAY
    assert refundbook.load_all(path, today="2023-11-05").due() == refundbook.load_all(path, today=TODAY).due()
    with pytest.raises(BadValue, match="today is"):
        refundbook.load(path, today="soon")


# Saved under another name


def test_save_to_makes_a_new_file_and_stands_for_it(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    book = load(path)
    book.append_case("GTB-700001", opened="2023-11-01")
    book.save(to=tmp_path / "other.xlsx")
    assert path.read_bytes() == before
    assert book.path == (tmp_path / "other.xlsx").resolve()
    book.append_case("GTB-700002", opened="2023-11-01")
    book.save()
    assert {"GTB-700001", "GTB-700002"} <= set(load(tmp_path / "other.xlsx").cases.index)
    assert path.read_bytes() == before


def test_save_to_overwrites_nothing_and_leaves_nothing_where_it_fails(path: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken.xlsx"
    taken.write_text("mine")
    book = load(path)
    book.append_case("GTB-700001", opened="2023-11-01")
    with pytest.raises(FileExistsError):
        book.save(to=taken)
    assert taken.read_text() == "mine"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(refundbook.Conflict):
        book.save(to=tmp_path / "new.xlsx")
    assert not (tmp_path / "new.xlsx").exists()
    assert book.path == path.resolve()


# Tables in


def test_a_dataframe_is_entered_by_headers_or_names_all_or_none(path: Path) -> None:
    book = load(path)
    frame = pd.DataFrame(
        {
            "Case Number": ["GTB-700001", "GTB-700002"],
            "opened": pd.to_datetime(["2023-11-01", "2023-11-02"]),
            "Amount Requested": [49.9, float("nan")],
            "currency": pd.Series(["USD", pd.NA], dtype="string"),
        }
    )
    entries = book.append_frame(frame, "case")
    assert [entry.values["amount"] for entry in entries] == [Decimal("49.9"), None]
    assert book.cases.loc["GTB-700002", "Date Opened"] == pd.Timestamp("2023-11-02")
    with pytest.raises(EntriesRefused):
        book.append_frame(frame.assign(**{"Case Number": ["GTB-700003", "GTB-700001"]}), "case")
    assert "GTB-700003" not in book.cases.index
    with pytest.raises(UsageError, match="no column"):
        book.append_frame(frame.assign(Colour="red"), "case")


def test_a_frame_of_one_workbook_goes_into_another(path: Path, tmp_path: Path) -> None:
    with refundbook.create(tmp_path / "copy.xlsx", today=TODAY) as copy:
        for pillar, table in (("case", "cases"), ("communication", "communications"), ("resolution", "resolutions")):
            copy.append_frame(load(path).frame(table), pillar)
    pd.testing.assert_frame_equal(
        load(tmp_path / "copy.xlsx").communications.drop(columns=["Logged At", "Logged By"]),
        load(path).communications.drop(columns=["Logged At", "Logged By"]),
    )


def test_dicts_are_entered_with_their_pillar_or_of_one(path: Path) -> None:
    book = load(path)
    book.append_many(
        [
            {"pillar": "case", "Case Number": "GTB-700001", "opened": date(2023, 11, 1)},
            {"Pillar": "communication", "number": "GTB-700001", "date": "2023-11-02", "with_": "Buyer", "summary": "x"},
        ]
    )
    book.append_many([{"number": "GTB-700001", "status": "Pending"}], "resolution")
    assert book.resolutions.index[-1] == "GTB-700001"
    with pytest.raises(UsageError, match="does not say what it is"):
        book.append_many([{"number": "GTB-700002", "opened": "2023-11-01"}])


def test_numpy_and_pandas_scalars_are_taken_everywhere(path: Path) -> None:
    book = load(path)
    book.append_case(np.str_("GTB-700001"), opened=pd.Timestamp("2023-11-01"), amount=np.float64(49.9))
    book.append_communication("GTB-700001", date=np.datetime64("2023-11-02"), with_="Support", summary="x", promise="y")  # type: ignore[arg-type]
    entry = book.communications["Entry"].iloc[-1]
    book.keep(np.int64(entry), pd.Timestamp("2023-11-03"))  # type: ignore[arg-type]
    assert book.amend(np.int64(entry), "Agent", np.str_("Maya")).values["agent"] == "Maya"  # type: ignore[arg-type]
    assert book.case_file(np.str_("GTB-700001")).number == "GTB-700001"


# Dropped


def test_a_book_that_is_dropped_with_unsaved_entries_warns(path: Path) -> None:
    def dropped(*, is_saved: bool) -> list[str]:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            book = load(path)
            book.append_case("GTB-700001", opened="2023-11-01")
            if is_saved:
                book.save(to=path.with_name("saved.xlsx"))
            del book
            gc.collect()
        return [str(one.message) for one in said if one.category is ResourceWarning]

    assert any("not saved" in message for message in dropped(is_saved=False))
    assert not dropped(is_saved=True)


def test_a_block_that_failed_warns_of_nothing_more(path: Path) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with suppress(KeyError), load(path) as book:
            book.append_case("GTB-700001", opened="2023-11-01")
            raise KeyError
        del book
        gc.collect()
    assert not [one for one in said if one.category is ResourceWarning]


# Types


def test_the_types_of_entries_are_those_of_the_schema() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "make_entry_fields.py"))["page"]()
    module = ROOT / "refundbook" / "book" / "entry_fields.py"
    assert module.read_text(encoding="utf-8") == page, "run `python docs/make_entry_fields.py`"


GOOD = """
from datetime import date
from decimal import Decimal
import refundbook
from refundbook import Book, Books, Finding

def log(book: Book) -> None:
    book.append_case("GTB-1", opened="2023-10-26", amount=Decimal("49.90"), currency="USD", respond_by=date(2023, 11, 1))
    book.append_communication("GTB-1", date="today", with_="Support", summary="x", direction="Sent", due="48 hrs")
    book.append_resolution("GTB-1", status="Full Refund", date=date(2023, 10, 30), amount=3)
    book.append("case", {"number": "GTB-2", "opened": "today", "Seller": "Shop Nine"})
    books: Books = refundbook.load_all("shops/*.xlsx", today="2023-11-05")
    codes: list[str] = [finding.code for finding in books.check().findings]
    first: Finding = book.check().findings[0]
    print(first.column, codes, books.failed, books.cases.shape, book.due().to_frame())
"""

BAD = {
    'book.append_case("GTB-1", opened="today", ammount="3")': "ammount",
    'book.append_communication("GTB-1", date="today", with_="Agent", summary="x")': "with_",
    'book.append_resolution("GTB-1", status="Done")': "status",
    'book.append_case("GTB-1", opened="today", amount=[3])': "amount",
    'book.append_case("GTB-1")': "opened",
}


LONG = pytest.mark.skipif(
    not os.environ.get("REFUNDBOOK_LONG_TESTS"), reason="typed_user.py says the same to `make check`"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param("mypy", marks=LONG), pytest.param("pyright", marks=pytest.mark.pyright)])
def test_type_checkers_find_what_is_wrong_in_a_users_code(name: str, tmp_path: Path) -> None:
    errors = TYPE_CHECKERS[name]
    assert errors(GOOD, tmp_path / "good") == []
    body = "".join(f"    {line}\n" for line in BAD)
    found = errors(f"from refundbook import Book\n\ndef log(book: Book) -> None:\n{body}", tmp_path / "bad")
    for number, (code, word) in enumerate(BAD.items(), 4):
        assert any(line == number and word in says for line, says in found), (code, found)
