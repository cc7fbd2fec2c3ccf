"""Dates as people say them: what happened is the last such day, what is due the next."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from refundbook.base.clock import Clock
from refundbook.base.relaxed_dates import in_full, relaxed_date

CLOCK = Clock(datetime(2023, 11, 5, 12, 0), None, None)
"""A Sunday."""


@pytest.mark.parametrize(
    ("text", "happened", "due"),
    [
        ("friday", date(2023, 11, 3), date(2023, 11, 10)),
        ("Fri", date(2023, 11, 3), date(2023, 11, 10)),
        ("on Friday", date(2023, 11, 3), date(2023, 11, 10)),
        ("sunday", date(2023, 11, 5), date(2023, 11, 12)),
        ("Oct 26", date(2023, 10, 26), date(2024, 10, 26)),
        ("26 October", date(2023, 10, 26), date(2024, 10, 26)),
        ("dec 1st", date(2022, 12, 1), date(2023, 12, 1)),
        ("Nov 5", date(2023, 11, 5), date(2023, 11, 5)),
        ("29 Feb", date(2020, 2, 29), date(2024, 2, 29)),
        ("11:30", datetime(2023, 11, 5, 11, 30), datetime(2023, 11, 6, 11, 30)),
        ("2:30 pm", datetime(2023, 11, 4, 14, 30), datetime(2023, 11, 5, 14, 30)),
        ("friday 14:30", datetime(2023, 11, 3, 14, 30), datetime(2023, 11, 10, 14, 30)),
        ("sunday at 14:30", datetime(2023, 10, 29, 14, 30), datetime(2023, 11, 12, 14, 30)),
        ("Oct 26, 9am", datetime(2023, 10, 26, 9), datetime(2024, 10, 26, 9)),
    ],
)
def test_the_last_such_day_for_what_happened_and_the_next_for_what_is_due(text: str, happened: date, due: date) -> None:
    assert relaxed_date(text, CLOCK) == happened
    assert relaxed_date(text, CLOCK, is_due=True) == due


@pytest.mark.parametrize("text", ["", "soon", "26", "Oct", "25:00", "14:75", "Oct 45", "13 pm", "fr", "friday morning"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert relaxed_date(text, CLOCK) is None


def test_a_time_of_day_is_none_where_only_a_day_can_stand() -> None:
    assert relaxed_date("14:30", CLOCK, with_time=False) is None
    assert relaxed_date("friday", CLOCK, with_time=False) == date(2023, 11, 3)


def test_it_is_said_in_full() -> None:
    assert in_full(date(2023, 10, 26)) == "Thursday, 26 October 2023"
    assert in_full(datetime(2023, 10, 26, 14, 30)) == "Thursday, 26 October 2023, 14:30"
