"""Finding cases: the list by how they stand, and the search over everything."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundbook.base.errors import UsageError
from refundbook.base.identifiers import canonical
from refundbook.base.schema import SHEETS
from refundbook.record.records import Records
from refundbook.views.search import Found, find, list_cases
from tests.support import places
from tests.support.books import SAMPLE, Row, filled
from tests.support.memory import records_of
from tests.support.samples import load


def october(day: int) -> date:
    return date(2023, 10, day)


CASES: tuple[Row, ...] = (
    {"number": "A-1", "opened": october(1), "reason": "Defective", "issuer": "GTBuy", "amount": Decimal("49.9"), "currency": "usd"},
    {"number": "A-2", "opened": datetime(2023, 10, 2, 9), "reason": "defective ", "issuer": "PayPal", "customer": "Zoë", "item": "Kettle"},
    {"number": "A-3", "opened": october(3), "issuer": "GTBuy", "amount": Decimal(5)},
    {"number": "A-4", "opened": october(4), "reason": "Wrong item"},
)  # fmt: skip
ENDS: tuple[Row, ...] = (
    {"number": "A-1", "status": "Partial Refund", "date": october(5), "amount": Decimal(20), "currency": "USD"},
    {"number": "A-1", "status": "Reopened"},
    {"number": "A-1", "status": "Partial Refund", "date": october(8), "amount": Decimal("9.9")},
    {"number": "A-1", "status": "Reopened"},
    {"number": "A-1", "status": "Full Refund", "date": october(9), "amount": Decimal(3), "currency": "EUR"},
    {"number": "A-2", "status": "Pending"},
    {"number": "A-3", "status": "Store Credit", "date": october(9), "amount": Decimal(5)},
    {"number": "A-3", "status": "Reopened"},
)


def numbers(records: Records, **wanted: Any) -> list[str]:
    return [line.number for line in list_cases(records, **wanted)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["A-1", "A-2", "A-3", "A-4"]),
        ({"is_open": True}, ["A-2", "A-3", "A-4"]),
        ({"is_open": False}, ["A-1"]),
        ({"statuses": ["pending"]}, ["A-2", "A-4"]),
        ({"statuses": ["Reopened", " FULL  REFUND"]}, ["A-1", "A-3"]),
        ({"statuses": ["Denied"]}, []),
        ({"reasons": ["DEFECTIVE"]}, ["A-1", "A-2"]),
        ({"reasons": ["Other"]}, []),
        ({"issuers": ["gtbuy", "PayPal"]}, ["A-1", "A-2", "A-3"]),
        ({"since": october(2)}, ["A-2", "A-3", "A-4"]),
        ({"since": october(3), "is_open": True, "issuers": ["GTBuy"]}, ["A-3"]),
    ],
)
def test_the_list_has_the_cases_that_fit(wanted: dict[str, Any], found: list[str]) -> None:
    assert numbers(records_of(CASES, [], ENDS), **wanted) == found


def test_a_line_tells_how_the_case_stands() -> None:
    first, second, *_ = list_cases(records_of(CASES, [], ENDS))
    assert (first.status, first.is_open, first.days_open) == ("Full Refund", False, 8)
    assert first.asked == {"USD": Decimal("49.9")}
    assert first.paid == {"USD": Decimal("29.9"), "EUR": Decimal(3)}
    assert (second.status, second.is_open, second.days_open) == ("Pending", True, 34)
    assert (second.customer, second.item, second.asked, second.paid) == ("Zoë", "Kettle", {}, {})


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"reasons": ["Deffective"]}, 'No case has the Reason "Deffective". Did you mean "Defective"?'),
        ({"statuses": ["Refunded"]}, 'No case has the Status "Refunded". Did you mean "Full Refund"?'),
        ({"issuers": ["?"]}, 'No case has the Issuer "?". There are: GTBuy, PayPal, Stripe, Card issuer, Other.'),
    ],
)
def test_a_value_that_nothing_has_is_pointed_out(wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        list_cases(records_of(CASES[:1]), **wanted)
    assert str(caught.value) == message


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["GTBuy", "PayPal", None]), st.dates(october(1), october(9)), st.sampled_from([None, "Pending", "Denied"])), max_size=12),
    st.sampled_from([None, True, False]),
    st.sampled_from([(), ("PayPal",)]),
    st.sampled_from([None, october(4)]),
)  # fmt: skip
def test_the_list_is_what_a_query_finds(
    rows: list[tuple[str | None, date, str | None]], is_open: bool | None, issuers: tuple[str, ...], since: date | None
) -> None:
    """The same question, asked of a plain DataFrame."""
    frame = pd.DataFrame(rows, columns=["issuer", "opened", "status"], dtype="object")
    frame["number"] = [f"A-{k}" for k in range(len(frame))]
    cases = [{"number": f"A-{k}", "issuer": issuer, "opened": opened} for k, (issuer, opened, _) in enumerate(rows)]
    ends = [
        {"number": f"A-{k}", "status": status, "date": october(9) if status == "Denied" else None}
        for k, (_, _, status) in enumerate(rows)
        if status
    ]
    mask = pd.Series(True, index=frame.index)
    if is_open is not None:
        mask &= (frame["status"] != "Denied") == is_open
    if issuers:
        mask &= frame["issuer"].isin(issuers)
    if since:
        mask &= frame["opened"].map(lambda day: day >= since)
    found = numbers(records_of(cases, [], ends), is_open=is_open, issuers=issuers, since=since)
    assert found == list(frame[mask.astype(bool)]["number"])


# Find


def cells(found: list[Found]) -> list[str]:
    return [f"{f.sheet}!{f.cell}" for f in found]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Records:
    cases = [
        {**SAMPLE.cases[0], "customer": "Zoë Müller", "item": "Blue shoes", "notes": "Call back", "Colour": "Midnight blue", "Weight": 1.5},
        {**SAMPLE.cases[1], "customer": "ＷＩＤＥ　Name", "order": "00012", "payment": "GTB-789012"},
    ]  # fmt: skip
    path = filled(tmp_path_factory.mktemp("find") / "t.xlsx", cases)
    return load(path).records


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("blue", ["Cases!H2", f"Cases!{places.own_letter(SHEETS[0])}2"]),
        ("zoë", ["Cases!G2"]),
        ("ZOE\u0308 müller", ["Cases!G2"]),
        ("wide name", ["Cases!G3"]),
        ("gtb–789012", ["Cases!A2", "Cases!E3", "Communications!B2", "Communications!B3", "Communications!B4", "Resolutions!A2"]),
        ("0001", ["Cases!D3"]),
        ("label", ["Communications!H8"]),
        ("awaiting return", ["Resolutions!G3"]),
        ("49.90", ["Cases!J2", "Resolutions!D2"]),
        ("120", ["Cases!J3"]),
        ("1.5", [f"Cases!{places.own_letter(SHEETS[0], 1)}2"]),
        ("7", ["Cases!A2", "Cases!A3", "Cases!E3"] + [f"Communications!B{n}" for n in range(2, 8)] + ["Communications!A8", "Communications!B8", "Resolutions!A2", "Resolutions!A3"]),
        ("2023-10-30", ["Communications!J4", "Communications!K4", "Resolutions!C2"]),
        ("nowhere", []),
    ],
)  # fmt: skip
def test_a_text_is_found_wherever_it_stands(book: Records, text: str, where: list[str]) -> None:
    assert cells(find(book, text)) == where


def test_a_cell_that_was_found_says_whose_it_is(book: Records) -> None:
    (found,) = find(book, "midnight")
    assert (found.number, found.sheet, found.column, found.piece) == ("GTB-789012", "Cases", "Colour", "Midnight blue")


def test_what_is_shown_is_the_text_around() -> None:
    text = f"{'a' * 100} needle {'b' * 100}"
    (found,) = find(records_of([{"number": "A-1", "notes": text}]), "NEEDLE")
    assert found.piece == f"…{'a' * 39} needle {'b' * 39}…"
    assert found.piece[found.start : found.end] == "needle"


@pytest.mark.parametrize("text", ["", " ", "\u200b\n"])
def test_nothing_is_not_looked_for(text: str) -> None:
    with pytest.raises(UsageError, match="Say what to find"):
        find(records_of(), text)


@settings(max_examples=200, deadline=None)
@given(st.text("abAB ßéﬁ①e\u0301\u200b山-–", max_size=30), st.text("abé ßfi1", min_size=1, max_size=3))
def test_every_text_that_has_it_is_found_and_marked(text: str, needle: str) -> None:
    folded = canonical(needle, ())
    if not folded:
        return
    found = find(records_of([{"number": None, "notes": text}]), needle)
    assert bool(found) == (folded in canonical(text, ()))
    for hit in found:
        assert folded in canonical(hit.piece[hit.start : hit.end], ())


def test_a_text_as_long_as_a_cell_can_hold_is_searched_at_once(tmp_path: Path) -> None:
    text = "é" * 32_000 + "needle"
    (found,) = find(records_of([{"number": "A-1", "notes": text}]), "needle")
    assert found.piece.endswith("éneedle")
