"""The columns of the sheet to the right of the Tracker's five: what the day's work needs to know of a case."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from refundbook.base.settings import Settings
from tests.support.books import Row
from tests.support.memory import records_of
from tests.support.working_columns import WorkingRow, due_next, working_columns

NOON = datetime(2023, 11, 5, 12)


def november(day: int, hour: int | None = None, minute: int = 0) -> date:
    return date(2023, 11, day) if hour is None else datetime(2023, 11, day, hour, minute)


def case(**more: object) -> Row:
    return {"number": "GTB-1", "opened": november(4), **more}


def received(day: date = date(2023, 11, 5), **more: object) -> Row:
    return {"number": "GTB-1", "date": day, "with_": "Support", "direction": "Received", "summary": "x", **more}


def sent(day: date, **more: object) -> Row:
    return received(day, direction="Sent", **more)


def ended(status: str, day: date | None = None) -> Row:
    return {"number": "GTB-1", "status": status, "date": day}


WORKING: dict[str, tuple[Row, list[Row], WorkingRow]] = {
    "nothing but a case": (case(), [], ("Pending", 1, None, "", "", "row 2")),
    "an amount": (
        case(amount=Decimal("49.90"), currency="USD"),
        [],
        ("Pending", 1, Decimal("49.90"), "USD", "", "row 2"),
    ),
    "ended": (case(), [ended("Denied", november(9))], ("Denied", 5, None, "", "", "row 2")),
    "ended without a date": (case(), [ended("Denied")], ("Denied", None, None, "", "", "row 2")),
    "reopened": (
        case(),
        [ended("Denied", november(4)), ended("Reopened")],
        ("Reopened", 1, None, "", "", "row 2"),
    ),
    "no day of opening": (case(opened=None), [], ("Pending", None, None, "", "", "row 2")),
    "no number": (case(number=None), [], ("", None, None, "", "", "")),
}


@pytest.mark.parametrize("name", WORKING)
def test_right_of_the_five_columns_stands_how_the_case_is(name: str) -> None:
    row, ends, expected = WORKING[name]
    assert working_columns(records_of([row], [received()], ends, today=NOON), 0) == expected


NEXT: dict[str, tuple[Row, list[Row], str]] = {
    "nothing": ({}, [received()], ""),
    "their promise": (
        {},
        [received(agent="Maya", promise="Refund", due=november(8))],
        "2023-11-08 - Support (Maya): Refund",
    ),
    "late": ({}, [received(promise="Refund", due=november(4))], "2023-11-04 overdue - Support: Refund"),
    "by the hour": ({}, [received(promise="Call", due=november(5, 14, 5))], "2023-11-05 14:05 - Support: Call"),
    "late by the hour": (
        {},
        [received(promise="Call", due=november(5, 11))],
        "2023-11-05 11:00 overdue - Support: Call",
    ),
    "your promise": ({}, [received(), sent(november(5), promise="Photos", due=november(9))], "2023-11-09 - You to Support: Photos"),
    "the first of two": (
        {},
        [received(promise="Second", due=november(9)), received(promise="First", due=november(8, 9))],
        "2023-11-08 09:00 - Support: First",
    ),
    "of the same day the upper row": (
        {},
        [received(promise="Upper", due=november(9)), received(promise="Lower", due=november(9))],
        "2023-11-09 - Support: Upper",
    ),
    "what is kept no longer": ({}, [received(promise="Kept", due=november(8), kept_on=november(5))], ""),
    "without a date last": (
        {},
        [received(promise="Some day"), received(promise="Soon", due=november(20))],
        "2023-11-20 - Support: Soon",
    ),
    "only without a date": (
        {},
        [received(november(5), promise="Newer"), received(november(4), promise="Older")],
        "no date - Support: Older",
    ),
    "the gateway": ({"respond_by": november(8), "issuer": "PayPal"}, [received()], "2023-11-08 - You to PayPal: Answer the gateway"),
    "the gateway before a later promise": (
        {"respond_by": november(8)},
        [received(promise="Refund", due=november(9))],
        "2023-11-08 - You: Answer the gateway",
    ),
    "a promise of the gateway's day": (
        {"respond_by": november(8)},
        [received(promise="Refund", due=november(8))],
        "2023-11-08 - Support: Refund",
    ),
    "an answered gateway": ({"respond_by": november(8), "answered_on": november(5)}, [received()], ""),
    "never a word": ({"opened": november(1)}, [], "2023-11-03 overdue - Support: No reply since 2023-11-01"),
    "no word yet, in time": ({"opened": november(4)}, [], ""),
    "asked again": (
        {"opened": november(1)},
        [received(november(1)), sent(november(2, 15)), sent(november(4))],
        "2023-11-04 15:00 overdue - Support: No reply since 2023-11-02",
    ),
    "asked, and answered": ({"opened": november(1)}, [sent(november(1)), received(november(3))], ""),
}  # fmt: skip


@pytest.mark.parametrize("name", NEXT)
def test_what_is_due_next(name: str) -> None:
    row, messages, expected = NEXT[name]
    assert due_next(records_of([case(**row)], messages, today=NOON), 0) == expected


@pytest.mark.parametrize("status", ["Denied", "Withdrawn"])
def test_nothing_is_due_once_the_case_has_ended(status: str) -> None:
    row, messages = case(respond_by=november(8)), [received(promise="Refund", due=november(8))]
    assert due_next(records_of([row], messages, [ended(status, november(5))], today=NOON), 0) == ""


def test_a_reply_is_late_by_the_target_of_the_settings() -> None:
    messages = [received(november(1)), sent(november(4))]
    settings = Settings(response_target=24)
    assert due_next(records_of([case()], messages, today=november(5)), 0) == ""
    late = due_next(records_of([case()], messages, today=november(6), settings=settings), 0)
    assert late == "2023-11-05 overdue - Support: No reply since 2023-11-04"


def test_a_number_that_stands_twice_has_the_same_promises_and_its_own_gateway() -> None:
    cases = [case(), case(opened=november(3), respond_by=november(6))]
    records = records_of(cases, [received(promise="Refund", due=november(8))], today=NOON)
    assert [due_next(records, i) for i in (0, 1)] == [
        "2023-11-08 - Support: Refund",
        "2023-11-06 - You: Answer the gateway",
    ]
    assert [working_columns(records, i)[1] for i in (0, 1)] == [1, 2]
