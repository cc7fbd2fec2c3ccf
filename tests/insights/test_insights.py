"""The figures, each against a second computation: by hand on a few cases, in plain pandas on the shop, and as
LibreOffice computes the Insights sheet.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base.errors import UsageError
from refundbook.base.schema import FINAL_STATUSES, REFUND_STATUSES, RESOLUTIONS
from refundbook.insights import measures
from refundbook.insights.insights import BANDS, BY, Insights
from refundbook.insights.measures import ENOUGH, ENOUGH_FOR_SLOWEST, TooFew
from refundbook.insights.tables import Days, Share, Table, shown
from refundbook.template import insights as sheet
from tests.support import office
from tests.support.books import Row, filled
from tests.support.command import run
from tests.support.samples import load, sample_at
from tests.support.shop import shop

pytestmark = pytest.mark.slow


def insights_of(path: Path, cases: Sequence[Row], messages: Sequence[Row] = (), ends: Sequence[Row] = ()) -> Insights:
    """The figures of a workbook with these rows, on 2023-11-05."""
    return load(filled(path, cases, messages, ends)).insights


def case(number: int, opened: date = date(2023, 10, 1), **more: object) -> Row:
    return {"number": f"GTB-{number:06d}", "issuer": "GTBuy", "opened": opened, **more}


def end(number: int, status: str, day: date | None = date(2023, 10, 11), **more: object) -> Row:
    return {"number": f"GTB-{number:06d}", "status": status, "date": day, **more}


def row_of(table: Table, *keys: str) -> dict[str, object]:
    """The row with these names, by header."""
    (found,) = (row for row in table.rows if row[: table.keys] == keys[: table.keys])
    return dict(zip(table.header, found, strict=True))


def overview(found: Insights) -> dict[str, object]:
    return {str(row[0]): row[1] for row in found.overview().rows}


def frame(table: Table) -> Any:
    """Its DataFrame, without what type checkers make of one."""
    return table.to_frame()


# By hand


def test_a_case_counts_once_as_it_stands_now(tmp_path: Path) -> None:
    ends = [
        end(1, "Denied", logged_at=datetime(2023, 10, 11, 9)),
        end(1, "Reopened", None, logged_at=datetime(2023, 10, 12, 9)),
        end(1, "Partial Refund", date(2023, 10, 20), logged_at=datetime(2023, 10, 20, 9)),
        end(2, "Full Refund", logged_at=datetime(2023, 10, 11, 9)),
        end(2, "Reopened", None, logged_at=datetime(2023, 10, 12, 9)),
        end(3, "Store Credit"),
        end(4, "Pending", None),
    ]
    found = insights_of(tmp_path / "t.xlsx", [case(n) for n in range(1, 6)], ends=ends)
    expected = {"Which": "All cases", "Cases": 5, "Refunded": 1, "Denied": 0, "Other": 1, "Open": 3}
    few = TooFew(2, "closed case")
    assert row_of(found.outcomes(None), "All cases") == {**expected, "Refunded / Closed": few, "Denied / Closed": few}
    spans = {c.number[-1]: (c.resolution, c.age) for c in found.measured}
    assert spans == {"1": (19, None), "2": (None, 35), "3": (10, None), "4": (None, 35), "5": (None, 35)}


def test_the_sample_by_hand(tmp_path: Path) -> None:
    found = load(sample_at(tmp_path / "t.xlsx")).insights
    assert [(c.reason, c.month, c.agent, c.standing) for c in found.measured] == [
        ("Non-delivery", "2023-10", "Maya", "Refunded"),
        ("Defective", "2023-10", "David", "Open"),
    ]
    assert [(c.first_reply, c.resolution, c.age) for c in found.measured] == [(2, 4, None), (3, None, 8)]
    assert row_of(found.money(), "All cases", "USD") == {
        "Which": "All cases", "Currency": "USD", "Cases": 2, "Requested": Decimal("169.9"), "In Open Cases": Decimal(120),
        "Paid Cases": 1, "Refunded": Decimal("49.9"),
    }  # fmt: skip
    assert row_of(found.promises(), "Support")["Kept on Time"] == 1


def test_money_of_two_currencies_is_never_added(tmp_path: Path) -> None:
    cases = [
        case(1, amount=10, currency="USD"),
        case(2, amount=20, currency="EUR"),
        case(3, amount=5, currency="usd "),
        case(4, amount=7),
    ]
    ends = [
        end(1, "Full Refund", amount=10),
        end(2, "Partial Refund", amount=8, currency="USD"),
        end(4, "Full Refund", amount=7),
        end(3, "Store Credit", amount=5, currency="USD"),
    ]
    table = insights_of(tmp_path / "t.xlsx", cases, ends=ends).money()
    assert [(row[1], row[3], row[4], row[6]) for row in table.rows] == [
        ("USD", 15, 0, 18),
        ("EUR", 20, 0, 0),
        ("(none given)", 7, 0, 7),
    ]


def test_both_refunds_of_a_case_that_was_reopened_were_paid(tmp_path: Path) -> None:
    ends = [
        end(1, "Partial Refund", amount=10, logged_at=datetime(2023, 10, 11, 9)),
        end(1, "Reopened", None, logged_at=datetime(2023, 10, 12, 9)),
        end(1, "Partial Refund", date(2023, 10, 20), amount="5.50", logged_at=datetime(2023, 10, 20, 9)),
    ]
    ends[2] = {**ends[2], "amount": 5.5}
    found = insights_of(tmp_path / "t.xlsx", [case(1, amount=20, currency="USD")], ends=ends)
    assert row_of(found.money(), "All cases", "USD")["Refunded"] == Decimal("15.5")


def test_a_name_is_one_name_however_it_is_spaced_and_capitalised(tmp_path: Path) -> None:
    reasons = ["defective", "Defective ", "DEFECTIVE", "Own  reason", "own reason", None]
    cases = [case(n, reason=reason) for n, reason in enumerate(reasons, 1)]
    table = insights_of(tmp_path / "t.xlsx", cases).outcomes("reason")
    assert [row[:2] for row in table.rows] == [("Defective", 3), ("Own reason", 2), ("(not given)", 1)]


def test_what_is_blank_comes_last_and_months_come_in_their_order(tmp_path: Path) -> None:
    cases = [case(1, date(2023, 9, 30)), *(case(n, date(2023, 8, 1)) for n in (2, 3)), case(4, date(2022, 12, 31))]
    found = insights_of(tmp_path / "t.xlsx", cases)
    assert found.outcomes("month").column("Month") == ["2022-12", "2023-08", "2023-09"]
    assert found.outcomes("agent").column("Agent") == ["(no reply yet)"]


def test_a_case_counts_for_the_agent_of_the_newest_reply_and_waits_for_the_first(tmp_path: Path) -> None:
    def said(entry: int, day: int, with_: str, direction: str | None, agent: str | None) -> Row:
        return {"number": "GTB-000001", "entry": entry, "date": date(2023, 10, day), "with_": with_, "direction": direction, "agent": agent, "summary": "x"}  # fmt: skip

    messages = [
        said(1, 9, "Support", "Received", "Lin"),
        said(2, 2, "Support", "Sent", "Ana"),
        said(3, 3, "Buyer", "Received", None),
        said(4, 4, "Support", None, "Maya"),
        said(5, 12, "Support", "Sent", "Ana"),
    ]
    (found,) = insights_of(tmp_path / "t.xlsx", [case(1)], messages).measured
    assert (found.agent, found.first_reply) == ("Lin", 3)


def test_a_promise_is_on_time_on_its_day_and_judged_only_once_it_came_due(tmp_path: Path) -> None:
    def promise(number: int, entry: int, due: date, kept: date | None = None, direction: str = "Received") -> Row:
        return {
            "number": f"GTB-{number:06d}", "entry": entry, "date": date(2023, 10, 2), "with_": "Support", "summary": "x",
            "agent": "Maya", "direction": direction, "promise": "Answer", "due": due, "kept_on": kept,
        }  # fmt: skip

    messages = [
        promise(1, 1, date(2023, 10, 5), date(2023, 10, 5)),
        promise(1, 2, date(2023, 10, 5), date(2023, 10, 6)),
        promise(1, 3, date(2023, 11, 4)),
        promise(1, 4, date(2023, 11, 5)),
        promise(2, 5, date(2023, 10, 10)),  # the case ended the day after
        promise(2, 6, date(2023, 10, 12)),  # the case ended before
        promise(1, 7, date(2023, 10, 4), date(2023, 10, 3), "Sent"),
        {**promise(1, 8, date(2023, 10, 4)), "promise": None},
    ]
    ends = [end(2, "Denied")]
    table = insights_of(tmp_path / "t.xlsx", [case(1), case(2)], messages, ends).promises()
    assert table.header[1:8] == ("Promises", "Kept on Time", "Kept Late", "Not Due Yet", "Overdue", "Not Kept, Case Closed", "Came Due")  # fmt: skip
    assert [row[:8] for row in table.rows] == [("Support", 6, 1, 1, 1, 1, 2, 4), ("You", 1, 1, 0, 0, 0, 0, 1)]
    assert table.rows[0][8] == TooFew(4, "promise")


def test_entry_lag_is_in_calendar_days_and_says_what_is_not_known(tmp_path: Path) -> None:
    def said(entry: int, moment: date, logged: datetime | None) -> Row:
        return {"number": "GTB-000001", "entry": entry, "date": moment, "with_": "Buyer", "summary": "x", "logged_at": logged}  # fmt: skip

    messages = [
        said(1, datetime(2023, 10, 2, 23, 0), datetime(2023, 10, 3, 1, 0)),
        said(2, date(2023, 10, 2), datetime(2023, 10, 2, 23, 0)),
        said(3, date(2023, 10, 2), datetime(2023, 10, 9)),
        said(4, date(2023, 10, 2), None),
    ]
    table = insights_of(tmp_path / "t.xlsx", [case(1)], messages).entry_lag()
    assert row_of(table, "Communications") == {
        "Sheet": "Communications", "Same Day": 1, "Next Day": 1, "Later": 1, "Not Known": 1,
        "Median": TooFew(3, "entry"), "9 in 10": TooFew(3, "entry"), "Longest": 7,
    }  # fmt: skip


def test_bands_end_on_their_last_day(tmp_path: Path) -> None:
    ages = (0, 2, 3, 7, 8, 14, 15, 30, 31, 60, 61, 400)
    cases = [case(n, date.fromordinal(date(2023, 11, 5).toordinal() - age)) for n, age in enumerate(ages, 1)]
    assert insights_of(tmp_path / "t.xlsx", cases).ageing().column("Cases") == [2, 2, 2, 2, 2, 2]


def test_an_empty_workbook_has_nothing_to_say_and_says_so(tmp_path: Path) -> None:
    found = insights_of(tmp_path / "t.xlsx", [])
    values = overview(found)
    assert values["Cases"] == 0
    assert str(values["Days to resolution, median"]) == "0 cases: too few to say"
    for by in BY:
        assert [len(table.rows) for table in found.tables(by)] == [0] * len(found.tables(by))
        assert all(table.to_frame().empty for table in found.tables(by))


# Too few


@pytest.mark.parametrize("count", range(12))
def test_a_figure_is_given_from_five_on_and_the_slowest_tenth_from_ten(count: int) -> None:
    values = list(range(count))
    assert isinstance(measures.median(values, "case"), TooFew) == (count < ENOUGH == 5)
    assert isinstance(measures.share(0, count, "case"), TooFew) == (count < 5)
    assert isinstance(measures.slowest(values, "case"), TooFew) == (count < ENOUGH_FOR_SLOWEST == 10)


def test_too_few_says_how_many_there_are() -> None:
    assert str(TooFew(3, "case")) == "3 cases: too few to say"
    assert str(TooFew(1, "closed case")) == "1 closed case: too few to say"
    assert str(TooFew(0, "entry")) == "0 entries: too few to say"
    assert shown(TooFew(3, "case")) == "n/a (3)"


@given(st.lists(st.integers(0, 4000), min_size=10, max_size=60))
def test_medians_and_percentiles_are_those_of_numpy_and_the_standard_library(values: list[int]) -> None:
    assert measures.median(values, "case") == statistics.median(values)
    assert measures.slowest(values, "case") == pytest.approx(float(np.percentile(values, 90)))


def test_a_case_cannot_be_grouped_by_something_else() -> None:
    found = shop().insights
    with pytest.raises(UsageError, match="must be one of reason, month, issuer, agent"):
        found.outcomes("colour")
    with pytest.raises(UsageError, match='not by "reason"'):
        found.promises("reason")


# In plain pandas


@pytest.fixture(scope="module")
def plain() -> Any:
    """One row a case of the shop, computed from the three DataFrames alone."""
    book = shop()
    cases = book.cases.copy()
    cases["month"] = cases["Date Opened"].dt.strftime("%Y-%m")
    ends = book.resolutions.sort_values("Logged At", kind="stable").groupby(level=0).tail(1)
    cases["Status"] = ends["Status"].astype(str).reindex(cases.index).fillna("Pending")
    cases["ended"] = ends["Resolution Date"].reindex(cases.index).where(cases["Status"].isin(FINAL_STATUSES))
    replies = book.communications.query("With == 'Support' and Direction == 'Received'").sort_values(
        "Date", kind="stable"
    )
    by_case = replies.groupby(level=0)
    cases["first"] = by_case["Date"].min().dt.normalize().reindex(cases.index)
    cases["agent"] = (
        replies[~replies.index.duplicated(keep="last")]["Agent"].reindex(cases.index).fillna("(no reply yet)")
    )
    cases["reply"] = (cases["first"] - cases["Date Opened"]).dt.days
    cases["took"] = (cases["ended"] - cases["Date Opened"]).dt.days
    standing = {**dict.fromkeys(REFUND_STATUSES, "Refunded"), **dict.fromkeys(FINAL_STATUSES[2:], "Other")}
    cases["standing"] = cases["Status"].map({**standing, "Denied": "Denied"}).fillna("Open")
    return cases.rename(columns={"Reason": "reason", "Issuer": "issuer"})


@pytest.mark.parametrize("by", BY)
def test_outcomes_are_those_of_plain_pandas(plain: Any, by: str) -> None:
    expected = pd.crosstab(plain[by], plain["standing"])
    got = frame(shop().insights.outcomes(by))
    assert sorted(got.index) == sorted(expected.index)
    for standing in ("Refunded", "Denied", "Other", "Open"):
        pd.testing.assert_series_equal(
            got[standing].sort_index(), expected[standing].sort_index(), check_dtype=False, check_index_type=False, check_names=False
        )  # fmt: skip
    closed = expected.drop(columns="Open").sum(axis=1)
    for label in expected.index:
        share = got.loc[label, "Refunded / Closed"]
        if closed[label] < 5:
            assert np.isnan(share)
        else:
            assert share == pytest.approx(expected.loc[label, "Refunded"] / closed[label])
            assert got.loc[label, "Denied / Closed"] == pytest.approx(expected.loc[label, "Denied"] / closed[label])


@pytest.mark.parametrize("by", BY)
def test_days_are_those_of_plain_pandas(plain: Any, by: str) -> None:
    got = frame(shop().insights.days(by))
    columns = {"reply": ("Answered", "First Reply: Median", "First Reply: 9 in 10"), "took": ("Closed", "Resolution: Median", "Resolution: 9 in 10")}  # fmt: skip
    for label, group in plain.groupby(by):
        for name, (count, median, slowest) in columns.items():
            days = group[name].dropna()
            assert got.loc[label, count] == len(days)
            assert got.loc[label, median] == pytest.approx(days.median() if len(days) >= 5 else np.nan, nan_ok=True)
            tenth = days.quantile(0.9) if len(days) >= 10 else np.nan
            assert got.loc[label, slowest] == pytest.approx(tenth, nan_ok=True)


@pytest.mark.parametrize("by", BY)
def test_money_is_that_of_plain_pandas(plain: Any, by: str) -> None:
    got = frame(shop().insights.money(by))
    requested = plain.groupby([by, "Currency"])["Amount Requested"].sum()
    in_open = plain[plain["standing"] == "Open"].groupby([by, "Currency"])["Amount Requested"].sum()
    refunds = shop().resolutions.query(f"Status in {REFUND_STATUSES}").join(plain[[by]])
    refunded = refunds.groupby([by, "Currency"])["Amount"].sum()
    assert {(label, currency) for label, currency in got.index} == set(requested.index) | set(refunded.index)
    for key in got.index:
        assert got.loc[key, "Requested"] == requested.get(key, 0)
        assert got.loc[key, "In Open Cases"] == in_open.get(key, 0)
        assert got.loc[key, "Refunded"] == refunded.get(key, 0)
    assert sum(got["Refunded"]) == sum(refunds["Amount"])


def test_promises_are_those_of_plain_pandas(plain: Any) -> None:
    messages = shop().communications
    promised = messages[messages["Promise"].notna() & messages["Due"].notna()].join(plain[["ended"]])
    today = pd.Timestamp("2024-01-15")
    kept, due, ended = (promised[name].dt.normalize() for name in ("Kept On", "Due", "ended"))
    states = pd.DataFrame(
        {
            "Kept on Time": kept <= due,
            "Kept Late": kept > due,
            "Not Due Yet": kept.isna() & ended.isna() & (due >= today),
            "Overdue": kept.isna() & ended.isna() & (due < today),
            "Not Kept, Case Closed": kept.isna() & ended.notna(),
        }
    )
    judged = kept.notna() | states["Overdue"] | (states["Not Kept, Case Closed"] & (due < ended))
    for maker_name, direction in (("Support", "Received"), ("You", "Sent")):
        mine = (promised["Direction"] == direction).to_numpy()
        got = frame(shop().insights.promises()).loc[maker_name]
        assert got["Promises"] == mine.sum()
        assert {name: got[name] for name in states} == {name: states[name].to_numpy()[mine].sum() for name in states}
        assert got["Came Due"] == judged.to_numpy()[mine].sum()
        on_time = states["Kept on Time"].to_numpy()[mine].sum()
        assert got["On Time / Came Due"] == pytest.approx(on_time / got["Came Due"])
    by_agent = frame(shop().insights.promises("agent"))["Promises"]
    received = promised[promised["Direction"] == "Received"]
    assert by_agent.to_dict() == received["Agent"].value_counts().to_dict()


def test_entry_lag_is_that_of_plain_pandas() -> None:
    book = shop()
    table = book.insights.entry_lag().to_frame()
    for name, frame, happened in (
        ("Cases", book.cases, "Date Opened"),
        ("Communications", book.communications, "Date"),
        ("Resolutions", book.resolutions, "Resolution Date"),
    ):
        lag = (frame["Logged At"].dt.normalize() - frame[happened].dt.normalize()).dt.days
        got = table.loc[name]
        assert got["Not Known"] == lag.isna().sum()
        assert (got["Same Day"], got["Next Day"], got["Later"]) == ((lag == 0).sum(), (lag == 1).sum(), (lag > 1).sum())
        assert (got["Median"], got["9 in 10"], got["Longest"]) == (lag.median(), lag.quantile(0.9), lag.max())


def test_ageing_and_resolution_times_are_those_of_plain_pandas(plain: Any) -> None:
    edges = [-1, *(last for last, _ in BANDS if last is not None), 10**6]
    ages = (pd.Timestamp("2024-01-15") - plain.loc[plain["standing"] == "Open", "Date Opened"]).dt.days
    for table, days in ((shop().insights.ageing(), ages), (shop().insights.resolution_times(), plain["took"].dropna())):
        assert table.column("Cases") == pd.cut(days, edges).value_counts(sort=False).tolist()
    assert overview(shop().insights)["Oldest open case, days"] == ages.max()


def test_the_overview_is_that_of_plain_pandas(plain: Any) -> None:
    got = overview(shop().insights)
    closed = plain[plain["standing"] != "Open"]
    assert (got["Cases"], got["Open cases"]) == (len(plain), len(plain) - len(closed))
    assert got["Refunded, of the closed"] == pytest.approx((closed["standing"] == "Refunded").mean())
    assert got["Denied, of the closed"] == pytest.approx((closed["standing"] == "Denied").mean())
    assert got["Days to first reply, median"] == plain["reply"].median()
    assert got["Days to resolution, nine in ten within"] == pytest.approx(plain["took"].quantile(0.9))


def test_the_frame_of_cases_has_a_row_a_case_and_counts_like_the_tables(plain: Any) -> None:
    got: Any = shop().insights.cases
    assert list(got.index) == list(plain.index)
    assert (got["standing"].to_numpy() == plain["standing"].to_numpy()).all()
    assert got["resolution"].dtype == "Int64"
    assert got["resolution"].dropna().tolist() == plain["took"].dropna().tolist()
    money = frame(shop().insights.money())
    assert got.groupby("currency")["asked"].sum().to_dict() == {
        key[1]: value for key, value in money["Requested"].items()
    }


# As the Insights sheet has it


def test_the_bands_are_those_of_the_sheet() -> None:
    assert tuple(name for _, name in BANDS) == sheet.BUCKETS


@pytest.mark.libreoffice
def test_the_insights_sheet_has_the_same_figures(tmp_path: Path) -> None:
    """On the whole shop, cases that were reopened among them: on the sheet, too, a case counts once, as it
    stands now.
    """
    path = shop().path
    found = shop().insights
    values = office.sheet_values(
        office.recalculated(_on_the_day(path, tmp_path / "frozen.xlsx"), tmp_path / "out"), "Insights"
    )

    def cells(column: str, first: int, count: int) -> list[object]:
        return [values[row - 1][ord(column) - ord("A")] for row in range(first, first + count)]

    counts = row_of(found.outcomes(None), "All cases")
    glance = overview(found)
    assert [values[sheet.TILE_ROW][ord(letter) - ord("A")] for letter in "BCDEG"] == [
        counts["Cases"], counts["Open"], int(str(counts["Cases"])) - int(str(counts["Open"])),
        glance["Days to resolution, median"], glance["Oldest open case, days"],
    ]  # fmt: skip
    statuses = pd.Series([c.status for c in found.measured if c.standing != "Open"]).value_counts()
    assert cells("E", sheet.MONTHS_ROW + 2, len(FINAL_STATUSES)) == [statuses.get(s, 0) for s in FINAL_STATUSES]
    assert cells("G", sheet.MONTHS_ROW + 1, len(BANDS)) == found.resolution_times().column("Cases")
    assert cells("G", sheet.PROMISES_ROW + 1, len(BANDS)) == found.ageing().column("Cases")
    months = dict(zip(cells("B", sheet.MONTHS_ROW + 1, 12), cells("C", sheet.MONTHS_ROW + 1, 12), strict=True))
    ours = frame(found.outcomes("month"))["Cases"]
    assert months == ours[-12:].to_dict()
    promises = frame(found.promises()).iloc[:, 1:6].sum()
    assert cells("E", sheet.PROMISES_ROW + 1, len(sheet.PROMISES)) == promises.tolist()
    reasons = {
        row[0]: dict(zip(found.outcomes("reason").header, row, strict=True)) for row in found.outcomes("reason").rows
    }
    for place in range(1, sheet.LISTED + 1):
        label, *numbers = (cells(letter, sheet.REASONS_ROW + place, 1)[0] for letter in "BCDEFG")
        ours_of = reasons.get(str(label), {})
        assert numbers[:3] == [ours_of.get(name, 0) for name in ("Cases", "Refunded", "Denied")], label
        shares = [ours_of.get(name) for name in ("Refunded / Closed", "Denied / Closed")]
        assert numbers[3:] == [pytest.approx(float(s)) if isinstance(s, float) else sheet.TOO_FEW for s in shares], (
            label
        )
    money = {currency: row for (_, currency), row in frame(found.money()).iterrows()}
    assert len(money) == 3
    for place in range(1, sheet.LISTED + 1):
        currency, requested, refunded = (cells(letter, sheet.MONEY_ROW + place, 1)[0] for letter in "BCD")
        if currency in money:
            assert requested == pytest.approx(float(money[currency]["Requested"]))
            assert refunded == pytest.approx(float(money[currency]["Refunded"]))


def _on_the_day(source: Path, target: Path) -> Path:
    """A copy whose formulas take the shop's last day for today, and its evening for now."""
    with zipfile.ZipFile(source) as package, zipfile.ZipFile(target, "w") as copy:
        for info in package.infolist():
            content = package.read(info)
            if info.filename.startswith("xl/worksheets/"):
                content = content.replace(b"TODAY()", b"DATE(2024,1,15)").replace(b"NOW()", b"(DATE(2024,1,15)+0.75)")
            copy.writestr(info.filename, content)
    return target


# The command


def test_the_table_says_in_words_where_there_are_too_few(tmp_path: Path) -> None:
    ran = run("insights", book=sample_at(tmp_path / "t.xlsx"))
    assert (ran.code, ran.err) == (0, "")
    assert "Days to resolution, median               n/a (1)  1" in ran.out
    assert "n/a (1): 1 closed case: too few to say. Shares and medians are given from 5 on" in ran.out


@pytest.mark.parametrize("by", BY)
def test_the_csv_has_one_line_a_figure_and_says_the_same_as_the_json(by: str) -> None:
    as_csv = run("insights", "--by", by, "--format", "csv", book=shop().path, today="2024-01-15T18:00")
    as_json = run("insights", "--by", by, "--json", book=shop().path, today="2024-01-15T18:00").json
    assert as_json["as_of"] == "2024-01-15"
    lines = list(csv.DictReader(io.StringIO(as_csv.out)))
    assert set(lines[0]) == {"Table", "Row", "Currency", "Figure", "Value", "Note"}
    said = {(line["Table"], line["Row"], line["Currency"], line["Figure"]): line for line in lines}
    assert len(said) == len(lines)
    count = 0
    for table in shop().insights.tables(by):
        for row in as_json["tables"][table.name]:
            few = row.pop("too_few", {})
            for header in table.header[table.keys :]:
                line = said[table.title, row[table.header[0]], row.get("Currency", ""), header]
                assert (line["Value"] == "") == (row[header] is None) == (header in few)
                assert row[header] is None or float(line["Value"]) == pytest.approx(row[header], abs=1e-6)
                assert line["Note"] == (f"n/a: {few[header]}" if header in few else "")
                count += 1
    assert count == len(lines)


def test_a_reason_that_would_be_a_formula_is_inert_in_the_csv(tmp_path: Path) -> None:
    path = filled(tmp_path / "t.xlsx", [case(1, reason="@SUM(A1)")], [], [])
    ran = run("insights", "--by", "reason", "--format", "csv", book=path)
    assert "'@SUM(A1)" in ran.out
    assert ",@SUM" not in ran.out


def test_the_markdown_has_a_table_a_heading_and_what_is_counted() -> None:
    ran = run("insights", "--by", "agent", "--format", "markdown", book=shop().path, today="2024-01-15")
    assert re.findall(r"^## (.*)", ran.out, re.MULTILINE) == [
        "Outcomes by agent",
        "Days to first reply and to resolution by agent",
        "Money by agent",
        "Promises of support, by agent",
    ]
    assert "A case counts for the agent of its newest reply from support." in ran.out


def test_an_unknown_grouping_is_wrong_usage(tmp_path: Path) -> None:
    assert run("insights", "--by", "colour", book=sample_at(tmp_path / "t.xlsx")).code == 2


def test_shown_cells_are_short() -> None:
    assert [shown(cell) for cell in (Share(2 / 3), Days(4.5), Decimal("1234.5"), 1200, "x")] == [
        "67%",
        "4.5",
        "1234.50",
        "1,200",
        "x",
    ]


def test_a_frame_has_counts_as_whole_numbers_shares_as_floats_and_amounts_as_decimals() -> None:
    got = frame(shop().insights.outcomes("month"))
    assert got["Cases"].dtype == "int64"
    assert got["Refunded / Closed"].dtype == "float64"
    assert np.isnan(got.loc["2024-01", "Refunded / Closed"])
    money = frame(shop().insights.money("month"))
    assert money.index.names == ["Month", "Currency"]
    assert all(isinstance(amount, Decimal) for amount in money["Refunded"])


def test_every_column_that_a_chart_draws_is_in_its_table() -> None:
    found = shop().insights
    tables = [*found.tables(), *(table for by in BY for table in found.tables(by)), found.resolution_times()]
    assert {bar for table in tables for bar in table.bars if bar not in table.header} == set()
    assert len({table.name for table in tables}) >= 15


def test_what_was_appended_and_not_saved_counts(tmp_path: Path) -> None:
    book = load(sample_at(tmp_path / "t.xlsx"))
    book.append_case("GTB-789100", opened="2023-11-01", reason="Defective", amount="10", currency="USD")
    assert overview(book.insights)["Cases"] == 3
    assert RESOLUTIONS.name in [row[0] for row in book.insights.entry_lag().rows]
