"""Corrections of a workbook of which refundbook knows what is in it: made without reading it, and what comes of them is
what comes of reading it, to the byte.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

import refundbook
from refundbook.book.opening import glance
from refundbook.record.history.chain import Change
from refundbook.storage import commit, snapshot
from refundbook.storage.history_reader import told_lines
from refundbook.views.case_page import case_file_data
from refundbook.xlsx.writing.elision import ElidedPart
from refundbook.xlsx.writing.writer import Writer
from tests.support.own_made import own_book
from tests.support.packages import parts
from tests.support.samples import TODAY, load, sample_at
from tests.support.warm import cache_file, outcome, readings, same_files, without_cache

pytestmark = pytest.mark.slow

LONG = bool(os.environ.get("REFUNDBOOK_LONG_TESTS"))
MANY = 40
Act = Callable[[refundbook.Book], object]


class Pair(NamedTuple):
    """Two copies of a workbook, one of which refundbook knows."""

    warm: Path
    cold: Path

    def alike(self, act: Act, *, reads: int = 0) -> object:
        """See that both come to the same, the one without a reading; give what that is."""
        with readings() as read:
            done = outcome(self.warm, act)
        assert read.count == reads
        with without_cache():
            assert outcome(self.cold, act) == done
        assert parts(self.warm) == parts(self.cold)
        assert newest(self.warm) == newest(self.cold)
        return done


def newest(path: Path) -> tuple[Change | None, ...]:
    return told_lines(path)[-1].changes


def paired(made: Path) -> Pair:
    """Of both the same is known, and then of one of them no more."""
    pair = Pair(made.parent / "warm" / "t.xlsx", made.parent / "cold" / "t.xlsx")
    for path in pair:
        path.parent.mkdir()
        shutil.copyfile(made, path)
        outcome(path, lambda book: book.append_case("GTB-799999", opened="2023-11-01"))
    return pair


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = sample_at(tmp_path_factory.mktemp("many") / "t.xlsx")
    with load(path) as book:
        for n in range(MANY):
            book.append_case(f"GTB-7000{n:02}", opened="2023-11-01", related="GTB-789012" if n == 7 else None)
            book.append_communication(f"GTB-7000{n:02}", date="2023-11-02", with_="Buyer", summary=f"Message {n}")
        book.append_resolution("GTB-700003", status="Denied", date="2023-11-03")
    return path


@pytest.fixture
def pair(tmp_path: Path, base: Path) -> Pair:
    return paired(Path(shutil.copyfile(base, tmp_path / "t.xlsx")))


ACTS: dict[str, Act] = {
    "a cell of a case": lambda book: book.amend("GTB-700010", "Customer", "Ann & Zoë"),
    "of the first row": lambda book: book.amend("GTB-789012", "Notes", "=1+1"),
    "of the last row": lambda book: book.amend("GTB-799999", "Amount Requested", "12.50"),
    "several of one entry": lambda book: book.amend_many(9, {"Summary": "Else", "Agent": "Maya", "Due": "2 days"}),
    "a cell is cleared": lambda book: book.amend(3, "Channel", None),
    "of a resolution": lambda book: book.amend("GTB-700003", "Outcome", "No", pillar="resolution"),
    "a message of another case": lambda book: book.amend(12, "Case Number", "GTB-700020"),
    "another related case": lambda book: book.amend("GTB-700007", "Related Case", "GTB-700008"),
    "a promise": lambda book: (book.amend(5, "Promise", "call"), book.keep(5)),
    "another number": lambda book: book.rename("GTB-700007", "NEW-1"),
    "of a case that others name": lambda book: book.rename("GTB-789012", "NEW-2"),
    "of a case that ended": lambda book: book.rename("GTB-700003", "NEW-3"),
    "an entry, corrected before it is saved": lambda book: (
        book.append_communication("GTB-700001", date="2023-11-02", with_="Buyer", summary="x"),
        book.amend("GTB-700001", "Item", "Shoes"),
    ),
    "what stands there": lambda book: book.amend("GTB-700010", "Customer", None),
}


def test_they_are_made_without_reading_the_workbook_and_what_is_in_it_is_known_afterwards(pair: Pair) -> None:
    for act in ACTS.values():
        pair.alike(act)
    pair.alike(lambda book: book.append_case("GTB-798888", opened="2023-11-02"))
    same_files(*pair)
    whole = load(pair.warm)
    with readings() as read, glance(pair.warm, today=TODAY) as known:
        for number in whole.records.cases["number"]:
            assert case_file_data(known.case_file(str(number))) == case_file_data(whole.case_file(str(number)))
    assert read.count == 0


REFUSED: dict[str, Act] = {
    "a number that is taken": lambda book: book.rename("GTB-700007", "GTB-700008"),
    "a case that is not there": lambda book: book.amend("GTB-7", "Item", "x"),
    "an entry that is not there": lambda book: book.amend(900, "Summary", "x"),
    "a message of no case": lambda book: book.amend(12, "Case Number", "NEW-1"),
    "a date before the case": lambda book: book.amend(12, "Date", "2023-01-01"),
    "a column that is not there": lambda book: book.amend(12, "Colour", "red"),
    "a text for a date": lambda book: book.amend(12, "Due", "soon"),
    "no promise": lambda book: book.keep(12),
    "its own related case": lambda book: book.amend("GTB-700008", "Related Case", "GTB-700008"),
}


def test_what_is_refused_is_refused_by_all_of_it_and_nothing_is_changed(pair: Pair) -> None:
    before = pair.warm.read_bytes()
    for act in REFUSED.values():
        assert isinstance(pair.alike(act, reads=1), tuple)
    assert pair.warm.read_bytes() == before


def test_what_others_may_bear_on_is_judged_by_all_of_it(pair: Pair) -> None:
    """That it was logged late is not pointed out where many were at that moment."""
    done = pair.alike(lambda book: book.amend("GTB-700010", "Date Opened", "2023-10-01"), reads=1)
    assert isinstance(done, refundbook.Entry)


def test_where_another_case_becomes_another_one_by_it_all_is_read(pair: Pair) -> None:
    """Numbers of Stripe's that differ by upper and lower case only are those of two cases, as long as one is Stripe's."""
    for number, issuer in (("pi_1Ab", "Stripe"), ("pi_1aB", "Other"), ("pi_9X", "Stripe"), ("GTB-1", "Other")):
        pair.alike(lambda book, given=(number, issuer): book.append_case(given[0], opened="2023-11-01", issuer=given[1]))  # type: ignore[misc]  # fmt: skip
    pair.alike(lambda book: book.amend("pi_1Ab", "Item", "x"))
    pair.alike(lambda book: book.amend("GTB-1", "Related Case", "pi_9X"))
    pair.alike(lambda book: book.rename("pi_9X", "pi_9Y"))
    pair.alike(lambda book: book.rename("pi_1Ab", "NEW-1"), reads=1)
    pair.alike(lambda book: book.amend("GTB-1", "Related Case", "NEW-2"))
    pair.alike(lambda book: book.rename("NEW-1", "New-2"), reads=1)
    with glance(pair.warm, today=TODAY) as known:
        assert known.case_file("new-2").related == ("GTB-1",)


def test_what_was_corrected_stays_where_all_is_read_after_all(pair: Pair) -> None:
    def act(book: refundbook.Book) -> object:
        book.amend("GTB-700010", "Customer", "Ann")
        book.rename("GTB-700011", "NEW-1")
        book.append_communication("NEW-1", date="2023-11-02", with_="Buyer", summary="x")
        book.amend("NEW-1", "Item", "Shoes")
        with pytest.raises(refundbook.EntryRefused):
            book.amend("NEW-1", "Date Opened", "2030-01-01")
        return len(book.records.cases)

    assert isinstance(pair.alike(act, reads=1), int)
    found = load(pair.warm).records
    at = found.cases["number"].index("NEW-1")
    assert (found.cases["item"][at], found.cases["customer"][at - 1]) == ("Shoes", "Ann")


# Undone


def enter(book: refundbook.Book) -> object:
    book.append_communication("GTB-700005", date="2023-11-03", with_="Support", summary="one", promise="x", due="1 day")
    book.append_communication("GTB-700006", date="2023-11-03", with_="Buyer", summary="two")
    return book.append_resolution("GTB-700006", status="Denied", date="2023-11-04")


def undo(book: refundbook.Book) -> object:
    return [change.cells() for change in book.undo().changes]


def test_messages_and_resolutions_are_taken_out_and_brought_back_without_reading_the_workbook(pair: Pair) -> None:
    for act in (
        enter,
        *[undo] * 3,
        ACTS["a cell of a case"],
        *[undo] * 2,
        ACTS["of a case that others name"],
        *[undo] * 3,
    ):
        pair.alike(act)
    pair.alike(lambda book: book.append_communication("GTB-700005", date="2023-11-03", with_="Buyer", summary="three"))
    pair.alike(undo)
    pair.alike(lambda book: book.append_case("GTB-798888", opened="2023-11-02"))
    pair.alike(lambda book: book.amend("GTB-798888", "Item", "Shoes"))
    same_files(*pair)
    whole = load(pair.warm)
    with glance(pair.warm, today=TODAY) as known:
        for number in whole.records.cases["number"]:
            assert case_file_data(known.case_file(str(number))) == case_file_data(whole.case_file(str(number)))


def test_so_is_a_case(pair: Pair) -> None:
    pair.alike(lambda book: book.append_case("GTB-798888", opened="2023-11-02", order="A-1", related="GTB-700001"))
    for act in (undo, undo, lambda book: book.rename("GTB-798888", "GTB-798889"), undo, undo):
        pair.alike(act)
    pair.alike(lambda book: book.amend("GTB-798889", "Item", "Shoes"))
    pair.alike(undo)


def test_an_undo_is_refused_as_by_all_of_the_workbook(pair: Pair) -> None:
    pair.alike(enter)
    made = openpyxl.load_workbook(pair.warm)
    page = made["Communications"]
    page.cell(page.max_row, 8).value = "by hand"
    for path in pair:
        path.unlink()
    made.save(pair.warm)
    shutil.copyfile(pair.warm, pair.cold)
    assert isinstance(pair.alike(undo, reads=1), tuple)


# Odd cells


def odd_book(path: Path) -> Path:
    """Formulas and errors in our columns and in one's own, a number for a case number, a date for an order."""
    own_book(path)
    made = openpyxl.load_workbook(path)
    page = made["Cases"]
    headers = [cell.value for cell in page[1]]
    page.tables["Cases"].ref = page.tables["Cases"].ref.replace("2", "8")
    for n in range(6):
        values = {
            "Case Number": 4711 if n == 2 else f"GTB-70000{n}",
            "Date Opened": date(2023, 10, 26),
            "Amount Requested": "=2*3" if n == 1 else n,
            "Notes": "#N/A" if n == 3 else "x",
            "Order Number": datetime(2023, 3, 4) if n == 3 else f"A-{n}",
            "Loose": "=1+1" if n == 4 else n,
        }
        for header, value in values.items():
            page.cell(3 + n, 1 + headers.index(header)).value = value
    made.save(path)
    return path


@pytest.fixture
def odd(tmp_path: Path) -> Pair:
    return paired(odd_book(tmp_path / "t.xlsx"))


def test_what_is_odd_about_other_cells_of_a_row_is_known(odd: Pair) -> None:
    """The text of a formula in one of our columns among it, which the history tells."""
    numbers = ["GTB-700000", "GTB-700001", "4711", "GTB-700003", "GTB-700004"]
    cells = [("Item", "x"), ("Amount Requested", "6"), ("Loose", "y"), ("Notes", "z")]
    for n, number in enumerate(numbers):
        for header, value in cells if LONG else cells[n % 2 :: 2]:
            odd.alike(lambda book, given=(number, header, value): book.amend(*given))  # type: ignore[misc]


def test_so_is_what_a_formula_that_was_filled_down_is_in_new_rows(tmp_path: Path) -> None:
    path = own_book(tmp_path / "t.xlsx")
    made = openpyxl.load_workbook(path)
    page = made["Cases"]
    at = 1 + [cell.value for cell in page[1]].index("Loose")
    page.cell(2, at).value = "=LEN(B2)"
    page.tables["Cases"].tableColumns[at - 1].calculatedColumnFormula = None
    page.tables["Cases"].ref = page.tables["Cases"].ref.replace("2", "3")
    for column in range(1, page.max_column + 1):
        page.cell(3, column).value = page.cell(2, column).value
    page.cell(3, at).value = "=LEN(B3)"
    page.cell(3, 1 + [cell.value for cell in page[1]].index("Case Number")).value = "GTB-1"
    made.save(path)
    pair = paired(path)
    pair.alike(lambda book: book.append_case("GTB-2", opened="2023-11-01"))
    for number in ("GTB-2", "GTB-799999", "GTB-1"):
        pair.alike(lambda book, number=number: book.amend(number, "Item", "Shoes"))  # type: ignore[misc]
        assert any(change and "formula" in str(change.after) for change in newest(pair.warm))


# It is not believed


def test_rows_that_are_not_what_they_were_are_not_put_back(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache whose check sums are right and which says otherwise of one run of rows."""

    def spoiled(**given: object) -> ElidedPart:
        made = ElidedPart(**given)  # type: ignore[arg-type]
        return made._replace(runs=tuple(run._replace(crc=run.crc ^ 1) for run in made.runs))

    monkeypatch.setattr(snapshot, "ElidedPart", spoiled)
    pair.alike(lambda book: book.amend("GTB-700010", "Customer", "Ann"), reads=1)


@pytest.mark.parametrize("is_beside", [False, True])
def test_a_cell_that_does_not_read_back_or_beside_which_something_changed_is_not_written(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, *, is_beside: bool
) -> None:
    before, set_value = pair.warm.read_bytes(), Writer.set_value

    def faulty(writer: Writer, sheet: str, row: int, column: int, value: object) -> None:
        set_value(writer, sheet, row, column, value if is_beside else f"{value}!")
        if is_beside:
            set_value(writer, sheet, row, column + 1, value)

    monkeypatch.setattr(Writer, "set_value", faulty)
    for _ in ("warm", "cold"):
        done = outcome(pair.warm, lambda book: book.amend("GTB-700010", "Customer", "Ann"))
        assert isinstance(done, tuple)
        assert "does not read back" in str(done[1])
        assert pair.warm.read_bytes() == before
        cache_file(pair.warm).unlink(missing_ok=True)


def test_very_many_are_written_with_whole_sheets(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "_FEW", 3)

    def act(book: refundbook.Book) -> None:
        for n in range(5):
            book.amend(f"GTB-70000{n}", "Item", "Shoes")

    pair.alike(act, reads=2)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFUNDBOOK_CACHE", str(tmp_path / "cache"))
