"""The case file: all that the workbook holds about one case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from refundbook.base.errors import UnknownEntry
from refundbook.record.case_lookup import case_file
from refundbook.record.casefile import CaseFile
from tests.support.books import SAMPLE, Row, filled
from tests.support.samples import load, sample_at

pytestmark = pytest.mark.slow


def file_of(
    path: Path, number: str, cases: Sequence[Row] = (), messages: Sequence[Row] = (), ends: Sequence[Row] = ()
) -> CaseFile:
    """The file of one case in a workbook with these rows, errors or not."""
    return case_file(load(filled(path, cases, messages, ends), strict=False).records, number)


def case(number: str, opened: object = date(2023, 10, 1), **more: object) -> Row:
    return {"number": number, "opened": opened, **more}


def test_a_case_file_holds_every_row_of_the_case_and_no_other(tmp_path: Path) -> None:
    found = case_file(load(sample_at(tmp_path / "t.xlsx")).records, "gtb-789012")
    assert (found.number, found.status, found.is_open, found.days_open) == ("GTB-789012", "Full Refund", False, 4)
    assert found.case == {
        "Case Number": "GTB-789012",
        "Issuer": "GTBuy",
        "Date Opened": date(2023, 10, 26),
        "Reason": "Non-delivery",
        "Amount Requested": Decimal("49.9"),
        "Currency": "USD",
    }
    assert [message["Entry"] for message in found.messages] == [1, 2, 3]
    assert [entry["Outcome"] for entry in found.resolutions] == ["Full refund issued to card."]


def test_an_open_case_counts_its_days_up_to_today(tmp_path: Path) -> None:
    found = case_file(load(sample_at(tmp_path / "t.xlsx")).records, "GTB-789045")
    assert (found.status, found.is_open, found.days_open) == ("Pending", True, 8)


def test_messages_are_in_date_order_and_undated_ones_last(tmp_path: Path) -> None:
    days = (datetime(2023, 10, 3, 9), "someday", date(2023, 10, 3), date(2023, 10, 2))
    messages = [{"number": "A-1", "date": day, "with_": "Buyer", "summary": str(k)} for k, day in enumerate(days)]
    found = file_of(tmp_path / "t.xlsx", "A-1", [case("A-1")], messages)
    assert [message["Summary"] for message in found.messages] == ["3", "2", "0", "1"]


def test_peoples_own_columns_are_in_it_and_blank_ones_are_not(tmp_path: Path) -> None:
    found = file_of(tmp_path / "t.xlsx", "A-1", [case("A-1", Colour="red", Mood=None), case("A-2", Mood="calm")])
    assert found.case == {"Case Number": "A-1", "Date Opened": date(2023, 10, 1), "Colour": "red"}


def test_a_case_without_anything_else_is_pending(tmp_path: Path) -> None:
    found = file_of(tmp_path / "t.xlsx", "A-1", [case("A-1")])
    assert (found.status, found.is_open, found.messages, found.resolutions) == ("Pending", True, (), ())


def test_a_reopened_case_is_open_and_its_resolutions_stand_oldest_first(tmp_path: Path) -> None:
    ends = [
        {"number": "A-1", "status": "Reopened", "logged_at": datetime(2023, 10, 6, 9)},
        {"number": "A-1", "status": "Denied", "date": date(2023, 10, 5), "logged_at": datetime(2023, 10, 5, 9)},
    ]
    found = file_of(tmp_path / "t.xlsx", "A-1", [case("A-1")], ends=ends)
    assert [entry["Status"] for entry in found.resolutions] == ["Denied", "Reopened"]
    assert (found.status, found.is_open, found.days_open) == ("Reopened", True, 35)


@pytest.mark.parametrize(("opened", "ended"), [("someday", date(2023, 10, 5)), (date(2023, 10, 1), None)])
def test_days_that_cannot_be_counted_are_not(tmp_path: Path, opened: object, ended: date | None) -> None:
    ends = [{"number": "A-1", "status": "Denied", "date": ended}]
    assert file_of(tmp_path / "t.xlsx", "A-1", [case("A-1", opened)], ends=ends).days_open is None


def test_related_cases_are_found_both_ways_and_named_once(tmp_path: Path) -> None:
    cases = [
        case("A-1", related=" a–2"),
        case("A-2", related="A-1"),
        case("A-3", related="a-1"),
        case("A-4", related="X-9"),
    ]
    path = filled(tmp_path / "t.xlsx", cases, [], [])
    records = load(path).records
    assert case_file(records, "A-1").related == ("A-2", "A-3")
    assert case_file(records, "A-2").related == ("A-1",)
    assert case_file(records, "A-4").related == ("X-9",)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("GTB-7890I2", "There is no case GTB-7890I2. Did you mean GTB-789012?"),
        ("GTB-789054", "There is no case GTB-789054. Did you mean GTB-789045?"),
        ("XYZ", "There is no case XYZ."),
        (" ", 'There is no case " ".'),
    ],
)
def test_an_unknown_number_is_answered_with_the_nearest(tmp_path: Path, number: str, message: str) -> None:
    records = load(sample_at(tmp_path / "t.xlsx")).records
    with pytest.raises(UnknownEntry) as caught:
        case_file(records, number)
    assert str(caught.value) == message


@pytest.mark.parametrize("number", ["gtb-789012", "  GTB—789012\u200b", "ＧＴＢ-789012"])
def test_a_number_is_found_however_it_is_spelled(tmp_path: Path, number: str) -> None:
    assert case_file(load(sample_at(tmp_path / "t.xlsx")).records, number).number == SAMPLE.cases[0]["number"]


# Cross-references, money and promises


def test_cases_of_the_same_order_and_payment_are_named(tmp_path: Path) -> None:
    cases = [
        case("A-1", order=" ord–1", payment="PAY-1"),
        case("A-2", order="ORD-1"),
        case("A-3", order="ORD-2", payment="pay-1 "),
        case("A-4"),
        case("A-5"),
    ]
    records = load(filled(tmp_path / "t.xlsx", cases, [], [])).records
    found = case_file(records, "A-1")
    assert (found.same_order, found.same_payment) == (("A-2",), ("A-3",))
    assert (case_file(records, "A-2").same_order, case_file(records, "A-2").same_payment) == (("A-1",), ())
    assert (case_file(records, "A-4").same_order, case_file(records, "A-4").same_payment) == ((), ())


def test_refunds_are_added_up_by_currency_and_nothing_else_is(tmp_path: Path) -> None:
    ends = [
        {"number": "A-1", "status": status, "date": None if status == "Reopened" else date(2023, 10, 5), "amount": amount, "currency": currency}
        for status, amount, currency in (
            ("Partial Refund", 0.1, "USD"), ("Reopened", None, None), ("Partial Refund", 0.2, None), ("Reopened", None, None),
            ("Store Credit", 7, "USD"), ("Reopened", None, None), ("Full Refund", 5, "eur"),
        )
    ]  # fmt: skip
    found = file_of(tmp_path / "t.xlsx", "A-1", [case("A-1", amount=49.9, currency="usd")], ends=ends)
    assert found.asked == {"USD": Decimal("49.9")}
    assert found.paid == {"USD": Decimal("0.3"), "EUR": Decimal(5)}


def test_promises_stand_beside_their_messages(tmp_path: Path) -> None:
    found = case_file(load(sample_at(tmp_path / "t.xlsx")).records, "GTB-789012")
    assert [promise and promise.says for promise in found.promises] == [None, None, "kept on time, on 2023-10-30"]
    assert len(found.promises) == len(found.messages)
    assert found.as_of == date(2023, 11, 5)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("ord-77", "There is no case ord-77. It is the Order Number of GTB-789012."),
        ("PAY 9", "There is no case PAY 9. It is the Payment Reference of GTB-789012."),
        ("long-and", "There is no case long-and. Did you mean PP-long-and-odd?"),
        ("GTB-", "There is no case GTB-."),
        ("odd", "There is no case odd."),
    ],
)
def test_a_number_that_is_another_number_of_a_case_is_explained(tmp_path: Path, number: str, message: str) -> None:
    cases = [case("GTB-789012", order="ORD-77", payment="pay 9"), case("GTB-100000"), case("PP-long-and-odd")]
    with pytest.raises(UnknownEntry) as caught:
        file_of(tmp_path / "t.xlsx", number, cases)
    assert str(caught.value) == message
