"""Every date rule at its boundaries: the same day, midnight, 29 February, a date-time beside a date, and the 1904 date
system.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from refundbook import load
from tests.support.gallery import TODAY, addresses, build

RB203, RB204, RB205 = "RB203 Cases!C2", "RB204 Communications!C2", "RB205 Resolutions!C2"
NOON = datetime(2023, 12, 31, 12)


def _case(opened: str, more: str = "") -> str:
    return f"case number=GTB-123456 opened={opened!r} {more}"


def _message(day: str, more: str = "") -> str:
    return f"communication number=GTB-123456 with=Support summary=Hello date={day!r} {more}"


def _resolution(status: str, day: str = "", more: str = "") -> str:
    when = f"date={day!r}" if day else ""
    return f"resolution number=GTB-123456 status={status!r} {when} {more}"


BOUNDARIES: list[tuple[date | datetime, list[str], tuple[str, ...]]] = [
    # opened, sent and resolved in the future: a whole day is compared by days, a moment to the second where the clock
    # has a time too
    (TODAY, [_case("2023-12-31")], ()),
    (TODAY, [_case("2024-01-01")], (RB203,)),
    (TODAY, [_case("2023-12-31 23:59:59")], ()),
    (TODAY, [_case("2024-01-01 00:00:00")], (RB203,)),
    (NOON, [_case("2023-12-31")], ()),
    (NOON, [_case("2023-12-31 12:00:00")], ()),
    (NOON, [_case("2023-12-31 12:00:01")], (RB203,)),
    (NOON, [_case("2023-12-31"), _message("2023-12-31 12:00:00")], ()),
    (NOON, [_case("2023-12-31"), _message("2023-12-31 12:00:01")], (RB204,)),
    (NOON, [_case("2023-12-31"), _message("2023-12-31")], ()),
    (TODAY, [_case("2023-12-31"), _message("2023-12-31 23:59:59")], ()),
    (TODAY, [_case("2023-12-31"), _message("2024-01-01 00:00:00")], (RB204,)),
    (datetime(2023, 12, 31), [_case("2023-12-31"), _message("2023-12-31 18:00")], ()),
    (datetime(2023, 12, 31), [_case("2023-12-31"), _message("2024-01-01 00:01")], (RB204,)),
    (TODAY, [_case("2023-12-31"), _resolution("Denied", "2023-12-31")], ()),
    (TODAY, [_case("2023-12-31"), _resolution("Denied", "2024-01-01")], (RB205,)),
    (TODAY, [_case("2023-12-31"), _resolution("Denied", "2024-01-01 00:00:00")], (RB205,)),
    (date(2024, 2, 29), [_case("2024-02-29")], ()),
    (date(2024, 2, 28), [_case("2024-02-29")], (RB203,)),
    (date(2024, 2, 28), [_case("2024-02-28"), _resolution("Denied", "2024-02-29")], (RB205,)),
    # a message and a resolution before the case was opened
    (TODAY, [_case("2023-12-31"), _message("2023-12-31")], ()),
    (TODAY, [_case("2023-12-31"), _message("2023-12-30 23:59:59")], ("RB302 Communications!C2",)),
    (TODAY, [_case("2023-12-31"), _message("2023-12-31 00:00:01")], ()),
    (TODAY, [_case("2023-12-31 12:00"), _message("2023-12-31")], ()),
    (TODAY, [_case("2023-12-31 12:00"), _message("2023-12-31 12:00")], ()),
    (TODAY, [_case("2023-12-31 12:00"), _message("2023-12-31 11:59:59")], ("RB302 Communications!C2",)),
    (TODAY, [_case("2023-12-31 12:00"), _message("2023-12-31 00:00:00")], ()),
    (TODAY, [_case("2023-12-31"), _resolution("Denied", "2023-12-30")], ("RB303 Resolutions!C2",)),
    (TODAY, [_case("2023-12-31 18:00"), _resolution("Denied", "2023-12-31")], ()),
    (date(2024, 3, 1), [_case("2024-03-01"), _message("2024-02-29")], ("RB302 Communications!C2",)),
    (date(2024, 3, 1), [_case("2024-02-29"), _message("2024-03-01"), _resolution("Denied", "2024-03-01")], ()),
    # due and kept before the promise was made, and kept in the future
    (TODAY, [_case("2023-12-31"), _message("2023-12-31 18:00", "promise=Refund due=2023-12-31")], ()),
    (
        TODAY,
        [_case("2023-12-31"), _message("2023-12-31 18:00", "promise=Refund due='2023-12-31 18:00' kept_on=2023-12-31")],
        (),
    ),
    (
        TODAY,
        [_case("2023-12-31"), _message("2023-12-31 18:00", "promise=Refund due='2023-12-31 17:59' kept_on=2023-12-31")],
        ("RB206 Communications!J2",),
    ),
    (
        TODAY,
        [_case("2023-12-30"), _message("2023-12-31", "promise=Refund due='2023-12-30 23:59' kept_on=2023-12-31")],
        ("RB206 Communications!J2",),
    ),
    (TODAY, [_case("2023-12-31"), _message("2023-12-31 18:00", "promise=Refund kept_on=2023-12-31")], ()),
    (
        TODAY,
        [_case("2023-12-30"), _message("2023-12-31 00:01", "promise=Refund kept_on=2023-12-30")],
        ("RB207 Communications!K2",),
    ),
    (NOON, [_case("2023-12-31"), _message("2023-12-31", "promise=Refund kept_on=2023-12-31")], ()),
    (
        NOON,
        [_case("2023-12-31"), _message("2023-12-31", "promise=Refund kept_on=2024-01-01")],
        ("RB213 Communications!K2",),
    ),
    (
        date(2024, 3, 1),
        [_case("2024-02-29"), _message("2024-02-29", "promise=Refund due=2024-02-28 kept_on=2024-03-01")],
        ("RB206 Communications!J2",),
    ),
    # logged before it happened, and days late
    (TODAY, [_case("2023-12-31", "logged_at='2023-12-31 00:00:00'")], ()),
    (TODAY, [_case("2023-12-31", "logged_at='2023-12-31 00:00:01'")], ()),
    (TODAY, [_case("2023-12-31", "logged_at='2023-12-30 23:59:59'")], ("RB208 Cases!N2",)),
    (TODAY, [_case("2023-12-31"), _message("2023-12-31 12:00", "logged_at='2023-12-31 12:00'")], ()),
    (
        TODAY,
        [_case("2023-12-31"), _message("2023-12-31 12:00", "logged_at='2023-12-31 11:59:59'")],
        ("RB208 Communications!M2",),
    ),
    (TODAY, [_case("2023-12-31"), _message("2023-12-31 12:00", "logged_at=2023-12-31")], ()),
    (
        TODAY,
        [_case("2023-12-30"), _resolution("Denied", "2023-12-31", "logged_at=2023-12-30")],
        ("RB208 Resolutions!H2",),
    ),
    (TODAY, [_case("2024-01-01", "logged_at=2023-12-31")], (RB203,)),
    (TODAY, [_case("2023-12-28", "logged_at='2023-12-31 23:59'"), _resolution("Denied", "2023-12-31")], ()),
    (
        TODAY,
        [_case("2023-12-27", "logged_at='2023-12-31 00:00'"), _resolution("Denied", "2023-12-31")],
        ("RB254 Cases!N2",),
    ),
    (date(2024, 3, 3), [_case("2024-02-29", "logged_at=2024-03-03"), _resolution("Denied", "2024-03-03")], ()),
    (
        date(2024, 3, 4),
        [_case("2024-02-29", "logged_at=2024-03-04"), _resolution("Denied", "2024-03-04")],
        ("RB254 Cases!N2",),
    ),
    # a promise overdue: a day when it is over, a moment when it has passed
    (NOON, [_case("2023-12-31"), _message("2023-12-31", "promise=Refund due=2023-12-31")], ()),
    (NOON, [_case("2023-12-31"), _message("2023-12-31", "promise=Refund due='2023-12-31 12:00'")], ()),
    (
        NOON,
        [_case("2023-12-31"), _message("2023-12-31", "promise=Refund due='2023-12-31 11:59:59'")],
        ("RB253 Communications!J2",),
    ),
    (
        TODAY,
        [_case("2023-12-30"), _message("2023-12-30", "promise=Refund due=2023-12-30")],
        ("RB253 Communications!J2",),
    ),
    (TODAY, [_case("2023-12-30"), _message("2023-12-30", "due=2023-12-30")], ()),
    (TODAY, [_case("2023-12-30"), _message("2023-12-30", "promise=Refund due=2023-12-30 kept_on=2023-12-31")], ()),
    (
        TODAY,
        [_case("2023-12-30"), _message("2023-12-30", "promise=Refund due=2023-12-30"), _resolution("Pending")],
        ("RB253 Communications!J2",),
    ),
    (
        TODAY,
        [
            _case("2023-12-30"),
            _message("2023-12-30", "promise=Refund due=2023-12-30"),
            _resolution("Denied", "2023-12-30"),
            _resolution("Reopened", "2023-12-31"),
        ],
        ("RB253 Communications!J2",),
    ),
    # no reply within 48 hours: exactly where both ends have a time of day, else by whole days
    (TODAY, [_case("2023-12-29")], ()),
    (TODAY, [_case("2023-12-28")], ("RB353 Cases!C2",)),
    (NOON, [_case("2023-12-29 12:00")], ()),
    (NOON, [_case("2023-12-29 11:59:59")], ("RB353 Cases!C2",)),
    (NOON, [_case("2023-12-29 00:00")], ()),
    (NOON, [_case("2023-12-01"), _message("2023-12-02"), _message("2023-12-29 12:00", "direction=Sent")], ()),
    (
        NOON,
        [_case("2023-12-01"), _message("2023-12-02"), _message("2023-12-29 11:59", "direction=Sent")],
        ("RB353 Cases!C2",),
    ),
    (NOON, [_case("2023-12-01"), _message("2023-12-02", "direction=Sent"), _message("2023-12-02 09:00")], ()),
    (date(2024, 3, 2), [_case("2024-02-29")], ()),
    (date(2024, 3, 3), [_case("2024-02-29")], ("RB353 Cases!C2",)),
    (date(2023, 3, 2), [_case("2023-02-28")], ()),
    # a message after the end, by days
    (TODAY, [_case("2023-12-30"), _message("2023-12-30 23:59:59"), _resolution("Denied", "2023-12-30")], ()),
    (
        TODAY,
        [_case("2023-12-30"), _message("2023-12-31 00:00:00"), _resolution("Denied", "2023-12-30")],
        ("RB354 Communications!C2",),
    ),
    (TODAY, [_case("2023-12-30"), _message("2023-12-30 18:00"), _resolution("Denied", "2023-12-30 12:00")], ()),
    (
        date(2024, 3, 1),
        [_case("2024-02-28"), _message("2024-03-01"), _resolution("Denied", "2024-02-29")],
        ("RB354 Communications!C2",),
    ),
    # before 2000
    (TODAY, [_case("2000-01-01"), _resolution("Denied", "2000-01-01")], ()),
    (TODAY, [_case("1999-12-31 23:59:59"), _resolution("Denied", "2000-01-01")], ("RB153 Cases!C2",)),
]


@pytest.mark.parametrize(("today", "content", "expected"), BOUNDARIES)
@pytest.mark.parametrize("date_1904", [False, True], ids=["1900", "1904"])
def test_boundary(
    today: date | datetime, content: list[str], expected: tuple[str, ...], date_1904: bool, tmp_path: Path
) -> None:
    path = build(tmp_path / "book.xlsx", " ; ".join(content), date_1904=date_1904)
    assert addresses(list(load(path, strict=False, today=today).check())) == expected


def test_a_day_too_many_in_february_is_text_and_said_to_be_impossible(tmp_path: Path) -> None:
    path = build(tmp_path / "book.xlsx", "case number=GTB-123456 opened=2023-02-29")
    (finding,) = load(path, strict=False, today=TODAY).check()
    assert finding.code == "RB102"
    assert "does not exist, February 2023 has 28 days" in finding.hint


def test_a_jump_between_the_date_systems_is_named(tmp_path: Path) -> None:
    """2027-10-27 is what a workbook of the 1904 system makes of the number that is 2023-10-26 in one of the 1900
    system.
    """
    path = build(tmp_path / "book.xlsx", "case number=GTB-123456 opened=2027-10-27")
    (finding,) = load(path, strict=False, today=TODAY).check()
    assert "1,462 days" in finding.hint
    assert "2023-10-26" in finding.hint


def test_a_day_that_is_future_in_one_zone_and_not_in_another(tmp_path: Path) -> None:
    """At 20:00 UTC on 31 December it is already 1 January in Shanghai."""
    today = datetime.fromisoformat("2023-12-31T20:00:00+00:00")
    opened = "case number=GTB-123456 opened=2024-01-01"
    for zone, expected in (("UTC", (RB203,)), ("Asia/Shanghai", ())):
        path = build(tmp_path / "book.xlsx", f'setting "Time zone={zone}" ; {opened}')
        assert addresses(list(load(path, strict=False, today=today).check())) == expected
