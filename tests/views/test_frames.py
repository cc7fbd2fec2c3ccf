"""The DataFrames: each column in the type of what it holds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import refundbook
from refundbook.base.schema import SHEETS, TRACKER_HEADERS, Column, Kind, Sheet
from tests.support.books import SAMPLE, blank, filled
from tests.support.samples import load, sample_at

pytestmark = pytest.mark.slow

LAST_DAY = date(9999, 12, 31)


def kind_of(dtype: object) -> str:
    """A dtype in a word that pandas 2 and 3 agree on."""
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    return "string" if isinstance(dtype, pd.StringDtype) else str(dtype)


def expected(column: Column) -> str:
    if column.choices:
        return "category"
    kinds = {Kind.DATE: "datetime64[s]", Kind.MOMENT: "datetime64[s]", Kind.MONEY: "object", Kind.WHOLE: "Int64"}
    return kinds.get(column.kind, "string")


@pytest.mark.parametrize("content", ["empty", "sample"])
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_column_has_the_dtype_of_its_kind_also_in_an_empty_book(
    tmp_path: Path, sheet: Sheet, content: str
) -> None:
    book = load((blank if content == "empty" else sample_at)(tmp_path / "t.xlsx"))
    frame: pd.DataFrame = getattr(book, sheet.name.lower())
    assert frame.index.name == "Case Number"
    assert kind_of(frame.index.dtype) == "string"
    columns = [column for column in sheet.columns if column.name != "number"]
    assert list(frame.columns) == [column.header for column in columns]
    assert {c: kind_of(dtype) for c, dtype in frame.dtypes.items()} == {c.header: expected(c) for c in columns}
    assert (len(frame) > 0) == (content == "sample")


def test_the_rows_of_a_frame_can_be_entered_as_they_are(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        [{"Case Number": "GTB-1", "Date Opened": "2023-10-26", "Amount Requested": None, "Item": np.nan}]
    )
    book = load(blank(tmp_path / "t.xlsx"))
    (entry,) = book.append_many([("case", row) for _, row in rows.iterrows()])  # type: ignore[misc]
    assert (entry.values["number"], entry.values["opened"], entry.values["item"]) == ("GTB-1", date(2023, 10, 26), None)


def test_identifiers_stay_as_they_are(tmp_path: Path) -> None:
    path = filled(
        tmp_path / "t.xlsx",
        [{"number": "007", "opened": date(2023, 10, 1), "order": "0012", "payment": "1.2E+11"}],
        [],
        [],
    )
    frame = load(path).cases
    assert list(frame.index) == ["007"]
    assert frame.loc["007", "Order Number"] == "0012"
    assert frame.loc["007", "Payment Reference"] == "1.2E+11"


def test_sums_of_amounts_are_exact(tmp_path: Path) -> None:
    amounts = (0.1, 0.2, None, 1234567890.01)
    rows = [
        {"number": f"A-{k}", "opened": date(2023, 10, 1), "amount": a, "currency": "USD"} for k, a in enumerate(amounts)
    ]
    frame = load(filled(tmp_path / "t.xlsx", rows, [], [])).cases
    assert frame["Amount Requested"].sum() == Decimal("1234567890.31")
    assert frame.groupby("Currency")["Amount Requested"].sum()["USD"] == Decimal("1234567890.31")
    assert frame["Amount Requested"].isna().tolist() == [False, False, True, False]


def test_dates_are_dates_to_the_last_that_excel_knows(tmp_path: Path) -> None:
    row = {"number": "A-1", "opened": date(2023, 10, 1), "respond_by": LAST_DAY, "Mine": LAST_DAY}
    with load(filled(tmp_path / "t.xlsx", [row], [], [])) as book:
        book.append_communication(
            "A-1", date="2023-10-02 14:30:15", with_="Buyer", summary="Hello", due="9999-12-31 23:59:59"
        )
        frame = book.communications
    assert book.cases["Respond By"].iloc[0].to_pydatetime() == datetime(9999, 12, 31)
    assert frame["Due"].iloc[0].to_pydatetime() == datetime(9999, 12, 31, 23, 59, 59)
    assert frame["Date"].iloc[0] == pd.Timestamp(2023, 10, 2, 14, 30, 15)
    assert pd.isna(frame["Kept On"].iloc[0])
    assert "9999-12-31" in str(book.cases["Mine"].iloc[0])


def test_differences_of_dates_can_be_computed(tmp_path: Path) -> None:
    book = load(sample_at(tmp_path / "t.xlsx"))
    joined = book.resolutions.join(book.cases[["Date Opened"]])
    assert (joined["Resolution Date"] - joined["Date Opened"]).dt.days.iloc[0] == 4


def test_closed_lists_are_categories_with_all_their_values(tmp_path: Path) -> None:
    frame = load(sample_at(tmp_path / "t.xlsx")).resolutions
    (status,) = (column for column in SHEETS[2].columns if column.name == "status")
    assert list(frame["Status"].cat.categories) == list(status.choices)
    assert frame["Status"].tolist() == ["Full Refund", "Pending"]
    assert frame["Status"].value_counts()["Denied"] == 0


def test_entry_numbers_are_whole_also_where_some_are_missing(tmp_path: Path) -> None:
    rows = [dict(row) for row in SAMPLE.communications]
    rows[1]["entry"] = None
    frame = load(filled(tmp_path / "t.xlsx", communications=rows)).communications
    assert frame["Entry"].iloc[0] == 1
    assert frame["Entry"].isna().sum() == 1


def test_peoples_own_columns_come_after_ours_in_what_types_they_have(tmp_path: Path) -> None:
    rows = [
        {**SAMPLE.cases[0], "Weight": 1.5, "Seen": date(2023, 10, 2), "Code": "007", "Mixed": 1, "Blank": None, "Kept": True},
        {**SAMPLE.cases[1], "Weight": None, "Seen": date(2023, 10, 3), "Code": None, "Mixed": "one", "Blank": None, "Kept": False},
    ]  # fmt: skip
    frame = load(filled(tmp_path / "t.xlsx", cases=rows)).cases
    assert list(frame.columns)[-6:] == ["Weight", "Seen", "Code", "Mixed", "Blank", "Kept"]
    assert frame["Weight"].dtype == np.float64
    assert frame["Weight"].sum() == 1.5
    assert frame["Seen"].tolist() == [date(2023, 10, 2), date(2023, 10, 3)]
    assert frame["Code"].iloc[0] == "007"
    assert frame["Mixed"].tolist() == [1.0, "one"]
    assert frame["Blank"].isna().all()
    assert frame["Kept"].tolist() == [True, False]


def test_what_was_appended_is_in_the_frames_before_it_is_saved(tmp_path: Path) -> None:
    book = load(filled(tmp_path / "t.xlsx", cases=[{**SAMPLE.cases[0], "Mine": "x"}, SAMPLE.cases[1]]))
    book.append_case("GTB-789100", opened="2023-11-01", amount="5")
    assert list(book.cases.index) == ["GTB-789012", "GTB-789045", "GTB-789100"]
    assert book.cases["Mine"].isna().tolist() == [False, True, True]


def test_what_breaks_a_rule_does_not_break_the_frames(tmp_path: Path) -> None:
    late = {**SAMPLE.resolutions[0], "status": "Refunded", "date": "someday", "amount": "a lot"}
    numbered = {**SAMPLE.communications[0], "entry": "first"}
    path = filled(tmp_path / "t.xlsx", resolutions=[late], communications=[numbered])
    book = load(path, strict=False)
    assert book.resolutions[["Status", "Resolution Date"]].isna().all(axis=None)
    assert book.resolutions["Amount"].tolist() == ["a lot"]
    assert book.communications["Entry"].isna().all()


def test_the_tracker_frame_has_texts_and_a_date(tmp_path: Path) -> None:
    for path in (sample_at(tmp_path / "t.xlsx"), blank(tmp_path / "b.xlsx")):
        frame = load(path).tracker
        assert (frame.index.name, *frame.columns) == TRACKER_HEADERS
        assert kind_of(frame.index.dtype) == "string"
        assert [kind_of(dtype) for dtype in frame.dtypes] == ["datetime64[s]", "string", "string", "string"]


def test_every_frame_is_indexed_by_case_number(tmp_path: Path) -> None:
    book = load(sample_at(tmp_path / "t.xlsx"))
    for frame in (book.cases, book.communications, book.resolutions, book.tracker):
        assert set(frame.index) == {"GTB-789012", "GTB-789045"}
    assert book.tracker["Date Opened"].to_dict() == book.cases["Date Opened"].to_dict()


def test_a_report_is_a_frame_with_a_column_a_field(tmp_path: Path) -> None:
    report = load(sample_at(tmp_path / "t.xlsx")).check()
    frame = report.to_frame()
    assert list(frame.columns) == ["code", "severity", "sheet", "cell", "value", "message", "hint", "column"]
    assert frame["code"].tolist() == [finding.code for finding in report]
    assert len(load(blank(tmp_path / "b.xlsx")).check().to_frame()) == 0


def test_rows_of_a_dataframe_can_be_entered_as_they_are_blanks_and_all(tmp_path: Path) -> None:
    with refundbook.create(tmp_path / "a.xlsx", today=date(2023, 11, 3), user="Mia") as book:
        book.append_case("GTB-000007", opened="2023-10-26", amount="49.90")
        book.append_case("GTB-000008", opened="2023-10-27", order="007")
    rows = book.cases.reset_index().to_dict("records")
    with refundbook.create(tmp_path / "b.xlsx", today=date(2023, 11, 3), user="Ana") as copy:
        copy.append_many(("case", {str(header): value for header, value in row.items()}) for row in rows)
    assert copy.cases.equals(book.cases)
