"""Dates as people type them: what is read, what is refused, and what each refusal says."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refundbook.base import schema
from refundbook.base.clock import Clock
from refundbook.base.dates import moment_before
from refundbook.base.errors import BadValue
from refundbook.base.settings import Settings
from refundbook.base.slips import explain_date
from refundbook.base.values import read, to_text

DAY = schema.CASES["opened"]
MOMENT = schema.COMMUNICATIONS["date"]
DUE = schema.COMMUNICATIONS["due"]

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK = Clock(datetime(2023, 11, 1, 12, 0, 30), BERLIN, None)
DAY_FIRST = Clock(CLOCK.now, BERLIN, True)
MONTH_FIRST = Clock(CLOCK.now, BERLIN, False)

OCT_26 = date(2023, 10, 26)
HALF_PAST_TWO = datetime(2023, 10, 26, 14, 30)


def refusal(column: schema.Column, value: object, clock: Clock = CLOCK, start: date | None = None) -> str:
    with pytest.raises(BadValue) as refused:
        read(column, value, clock, start=start)
    return str(refused.value)


# What is read


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-26",
        " 2023-10-26 ",
        "2023/10/26",
        "2023.10.26",
        "20231026",
        "26/10/2023",
        "26.10.2023",
        "26-10-2023",
        "10/26/2023",
        "26 Oct 2023",
        "26 october 2023",
        "Oct 26, 2023",
        "October 26th, 2023",
        "26th of October 2023",
        "26-Oct-2023",
        "2023 Oct 26",
        "Thursday, 26 October 2023",
        "Thu 2023-10-26",
        "26\u00a0Oct\u202f2023",
        "２０２３-10-26",
        "26 Oct ２０２３",
        "\u0662\u0660\u0662\u0663-\u0661\u0660-\u0662\u0666",
        "2023\u201110\u201126",
        "2023\u201310\u201326",
        "26\u2212Oct\u22122023",
        "\u200e2023-10-26\u200f",
        "\u200e26/\u200e10/\u200e2023",
        "2023-10-26\u200b",
        "\ufeff2023-10-26",
        "2023-10-26 00:00",
        "2023-10-26T00:00:00.25",
        "2023-10-26 12 am",
    ],
)
@pytest.mark.parametrize("clock", [CLOCK, DAY_FIRST, MONTH_FIRST])
@pytest.mark.parametrize("column", [DAY, MOMENT])
def test_a_date_that_can_be_read_one_way_only_is_read(text: str, clock: Clock, column: schema.Column) -> None:
    found = read(column, text, clock)
    assert found == OCT_26
    assert type(found) is date


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-26 14:30",
        "2023-10-26T14:30",
        "2023-10-26 14:30:00",
        "2023-10-26T14:30:00.999999",
        "2023-10-26 2:30 pm",
        "2023-10-26 at 2:30 p.m.",
        "26/10/2023, 14:30",
        "26/10/2023,14:30",
        "14:30 26.10.2023",
        "14:30 on 26 Oct 2023",
        "26 October 2023 at 2:30PM",
        "Thu Oct 26 14:30:00 2023",
        "2:30\u202fPM 26 Oct 2023",
        "\u200e26/\u200e10/\u200e2023 \u200f\u200e14:30",
        "2023\u201110\u201126 １４:３０",
    ],
)
def test_a_time_of_day_is_read_beside_the_date(text: str) -> None:
    assert read(MOMENT, text, CLOCK) == HALF_PAST_TWO


@pytest.mark.parametrize(
    ("text", "hour"), [("12 am", 0), ("12:30 am", 0), ("1 am", 1), ("11am", 11), ("12 pm", 12), ("1 pm", 13)]
)
def test_twelve_hour_times(text: str, hour: int) -> None:
    found = read(MOMENT, f"2023-10-26 {text}", CLOCK)
    assert isinstance(found, date)
    assert (found.hour if isinstance(found, datetime) else 0) == hour


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2023-10-26T14:30:00+02:00", HALF_PAST_TWO),
        ("2023-10-26T14:30+0200", HALF_PAST_TWO),
        ("2023-10-26T14:30+02", HALF_PAST_TWO),
        ("2023-10-26T12:30:00Z", HALF_PAST_TWO),
        ("2023-10-26 12:30z", HALF_PAST_TWO),
        ("26 Oct 2023 12:30 UTC", HALF_PAST_TWO),
        ("26 Oct 2023 12:30 GMT", HALF_PAST_TWO),
        ("Thu, 26 Oct 2023 14:30:00 +0200 (CEST)", HALF_PAST_TWO),
        ("2023-10-26T05:30-07:00", HALF_PAST_TWO),
        ("2023-10-27T02:30+14:00", HALF_PAST_TWO),
        ("2023-10-25T22:00Z", OCT_26),
    ],
)
def test_a_time_with_an_offset_becomes_the_workbooks_own_time(text: str, local: date) -> None:
    assert read(MOMENT, text, CLOCK) == local


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2023-03-26T00:59:59Z", datetime(2023, 3, 26, 1, 59, 59)),
        ("2023-03-26T01:00:00Z", datetime(2023, 3, 26, 3, 0)),
        ("2023-10-29T00:30Z", datetime(2023, 10, 29, 2, 30)),
        ("2023-10-29T01:30Z", datetime(2023, 10, 29, 2, 30)),
        ("2023-10-29T02:30Z", datetime(2023, 10, 29, 3, 30)),
    ],
)
def test_summer_time_begins_and_ends(utc: str, local: datetime) -> None:
    found = read(MOMENT, utc, CLOCK)
    assert found == local
    assert isinstance(found, datetime)
    assert (found.tzinfo, found.fold) == (None, 0)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (OCT_26, OCT_26),
        (datetime(2023, 10, 26), OCT_26),
        (datetime(2023, 10, 26, 0, 0, 0, 7), OCT_26),
        (datetime(2023, 10, 26, 14, 30, 0, 999999), HALF_PAST_TWO),
        (datetime(2023, 10, 26, 12, 30, tzinfo=UTC), HALF_PAST_TWO),
        (datetime(2023, 10, 26, 14, 30, tzinfo=BERLIN), HALF_PAST_TWO),
        (datetime(2023, 10, 26, 14, 30, fold=1), HALF_PAST_TWO),
        (pd.Timestamp("2023-10-26"), OCT_26),
        (pd.Timestamp("2023-10-26 14:30:00.5"), HALF_PAST_TWO),
        (pd.Timestamp("2023-10-26 12:30", tz="UTC"), HALF_PAST_TWO),
    ],
)
def test_python_dates_are_read_as_plain_ones(value: object, found: date) -> None:
    read_back = read(MOMENT, value, CLOCK)
    assert read_back == found
    assert type(read_back) is type(found)
    assert getattr(read_back, "tzinfo", None) is None
    assert getattr(read_back, "fold", 0) == 0


def test_without_a_time_zone_in_the_settings_the_computers_own_is_meant() -> None:
    moment = datetime(2023, 10, 26, 12, 30, tzinfo=UTC)
    own = moment.astimezone().replace(tzinfo=None)
    clock = Clock(CLOCK.now, None, None)
    assert read(MOMENT, moment, clock) == own
    assert read(MOMENT, pd.Timestamp(moment), clock) == own


@pytest.mark.parametrize("blank", [None, "", "  ", "\t\n"])
@pytest.mark.parametrize("column", [DAY, MOMENT, DUE])
def test_blank_is_none(column: schema.Column, blank: object) -> None:
    assert read(column, blank, CLOCK, start=OCT_26) is None


@pytest.mark.parametrize(
    ("word", "day", "moment"),
    [
        ("today", date(2023, 11, 1), date(2023, 11, 1)),
        ("Yesterday", date(2023, 10, 31), date(2023, 10, 31)),
        (" NOW ", date(2023, 11, 1), datetime(2023, 11, 1, 12, 0, 30)),
    ],
)
def test_words_for_days(word: str, day: date, moment: date) -> None:
    assert read(DAY, word, CLOCK) == day
    assert read(MOMENT, word, CLOCK) == moment


def test_now_is_the_day_where_the_clock_knows_only_the_day() -> None:
    clock = Clock.for_settings(Settings(time_zone="Europe/Berlin"), date(2023, 11, 1))
    assert read(MOMENT, "now", clock) == date(2023, 11, 1)


@pytest.mark.parametrize("text", ["2024-02-29", "29 Feb 2024", "29/02/2024", "Feb 29 2000", "9999-12-31", "1900-01-01"])
def test_rare_days_that_exist(text: str) -> None:
    assert isinstance(read(DAY, text, CLOCK), date)


# What is refused


@pytest.mark.parametrize(
    "text",
    ["2023", "2023-10", "10/2023", "10/26", "26.10", "Oct 5", "5 Oct", "October", "Oct 2023", "Oct '23", "10:30", "10 am", "Monday", "Mon 10:30", "1030"],
)  # fmt: skip
def test_an_incomplete_date_is_refused(text: str) -> None:
    assert refusal(MOMENT, text) == f'Date "{text}" is not a whole date: write year, month and day, as in 2023-10-26.'


@pytest.mark.parametrize("text", ["03/04/2023", "3-4-2023", "03.04.2023", "03/04/2023 14:30"])
def test_a_date_with_two_readings_is_refused_unless_the_workbook_says_which_comes_first(text: str) -> None:
    assert refusal(MOMENT, text) == (
        f'Date "{text}" can mean 3 April 2023 or 4 March 2023: write 2023-04-03 or 2023-03-04, '
        'or set "03/04/2023 means" on the Settings sheet.'
    )
    assert to_text(read(MOMENT, text, DAY_FIRST)).startswith("2023-04-03")
    assert to_text(read(MOMENT, text, MONTH_FIRST)).startswith("2023-03-04")


def test_day_and_month_alike_are_no_two_readings() -> None:
    assert read(DAY, "04/04/2023", CLOCK) == date(2023, 4, 4)


@pytest.mark.parametrize("text", ["2023-03-04", "2023/03/04", "2023.03.04", "20230304"])
@pytest.mark.parametrize("clock", [CLOCK, DAY_FIRST, MONTH_FIRST])
def test_a_date_with_the_year_first_is_year_month_day_always(text: str, clock: Clock) -> None:
    assert read(DAY, text, clock) == date(2023, 3, 4)


@pytest.mark.parametrize("text", ["26/10/23", "3.4.23", "26 Oct 23", "Oct 26 '23", "26/10/202", "Oct 5, 05"])
def test_a_short_year_is_refused(text: str) -> None:
    assert refusal(DAY, text).endswith(" has a short year: write the year with four digits, as in 2023-10-26.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2023-02-30", "February 2023 has 28 days"),
        ("2024-02-30", "February 2024 has 29 days"),
        ("31/02/2023", "February 2023 has 28 days"),
        ("02/31/2023", "February 2023 has 28 days"),
        ("31 April 2023", "April 2023 has 30 days"),
        ("Sep 31 2023 14:30", "September 2023 has 30 days"),
        ("32 Oct 2023", "October 2023 has 31 days"),
        ("29 Feb 2023", "February 2023 has 28 days"),
        ("1900-02-29", "February 1900 has 28 days"),
        ("00/10/2023", "October 2023 has 31 days"),
        ("2023-26-10", "there is no month 26"),
        ("2023-00-10", "there is no month 0"),
        ("13/13/2023", "there is no month 13"),
    ],
)
def test_a_date_that_does_not_exist_is_said_to_be_one(text: str, why: str) -> None:
    assert f'Date "{text}" does not exist, {why}: ' in refusal(MOMENT, text)


@pytest.mark.parametrize(
    "value",
    ["1899-12-31", "31/12/1899", "03/04/0023", "26 Oct 0099", "0000-00-00", date(1899, 12, 31), datetime(23, 1, 1, 8), "1900-01-01T00:00+14:00", "9999-12-31T23:59-14:00"],
)  # fmt: skip
def test_years_that_excel_cannot_hold_are_refused(value: object) -> None:
    assert "is outside the years 1900 to 9999 that Excel can hold" in refusal(MOMENT, value)


@pytest.mark.parametrize("value", ["2023-10-26 14:30", HALF_PAST_TWO, "26 Oct 2023 12:30 UTC"])
def test_a_time_of_day_is_refused_where_the_column_holds_days(value: object) -> None:
    assert "write the day only, as 2023-10-26." in refusal(DAY, value)


@pytest.mark.parametrize("time", ["24:00", "14:60", "14:30:60", "13 pm", "0 am", "25:00"])
def test_a_time_of_day_that_does_not_exist_is_refused(time: str) -> None:
    assert "has a time of day that does not exist" in refusal(MOMENT, f"2023-10-26 {time}")


@pytest.mark.parametrize("offset", ["+14:01", "-15:00", "+02:60", "+99"])
def test_an_offset_that_does_not_exist_is_refused(offset: str) -> None:
    assert "has an offset from UTC that does not exist" in refusal(MOMENT, f"2023-10-26 14:30{offset}")


@pytest.mark.parametrize("text", ["26 Oct 2023 10:30 EST", "2023-10-26 10:30 CST", "10:30 IST 2023-10-26", "2023-10-26 10:30 (BST)"])  # fmt: skip
def test_a_time_zone_by_its_letters_is_refused_and_never_dropped(text: str) -> None:
    assert "can mean several: write the offset, as in 2023-10-26 14:30+02:00." in refusal(MOMENT, text)


def test_a_month_in_capitals_is_no_time_zone() -> None:
    assert read(MOMENT, "14:30 OCT 26 2023", CLOCK) == HALF_PAST_TWO
    assert read(MOMENT, "14:30 ON 26 OCT 2023", CLOCK) == HALF_PAST_TWO


def test_a_weekday_that_contradicts_the_date_is_refused() -> None:
    assert refusal(DAY, "Fri 26 Oct 2023") == (
        'Date Opened "Fri 26 Oct 2023" contradicts itself, 26 October 2023 is a Thursday: write 2023-10-26, '
        "or correct it."
    )


@pytest.mark.parametrize(
    "value",
    [
        "someday", "soon 5", "26 Okt 2023", "2023-10-26 10", "2023-10-26 1430", "20231026T143000", "231026", "45225", "2023-10/26", "2023 10 26",
        "26 Oct 2023 2024", "Oct Nov 26 2023", "2023-10-26 UTC", "2023-10-26 14:30 UTC+2", "10:30 11:30 2023-10-26", "2023-W43-4",
        "2023年10月26日", "x" * 400, "2023-10-26" + " x" * 40, "26 Oct 12023", "48 hrs", 45225, 45225.5, True, b"2023-10-26",
        "5h EST Oct 2023", "10:3026/10/2023", "26 Oct 2023 -10:30", "1.5 hours", "9 Oct 2023 " * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_what_is_accepted(value: object) -> None:
    assert refusal(MOMENT, value).endswith(
        " is not a date: write it as 2023-10-26, 2023-10-26 14:30 or 26 Oct 2023, or today, yesterday or now."
    )


def test_a_column_of_days_does_not_offer_times() -> None:
    assert refusal(DAY, "someday") == (
        'Date Opened "someday" is not a date: write it as 2023-10-26 or 26 Oct 2023, or today or yesterday.'
    )


def test_a_message_shows_the_text_on_one_short_line() -> None:
    message = refusal(DAY, "x\n\x07" + "y" * 500)
    assert message.startswith('Date Opened "x\u2039line break\u203a\u2039control character U+0007\u203ayyy')
    assert "..." in message
    assert len(message) < 200


# Spans of time


@pytest.mark.parametrize(
    ("span", "from_day", "from_moment"),
    [
        ("48 hrs", "2023-10-28", "2023-10-28 14:30"),
        ("48h", "2023-10-28", "2023-10-28 14:30"),
        ("30 hours", "2023-10-28", "2023-10-27 20:30"),
        ("1 hour", "2023-10-27", "2023-10-26 15:30"),
        ("90 minutes", "2023-10-27", "2023-10-26 16:00"),
        ("1440 min", "2023-10-27", "2023-10-27 14:30"),
        ("1441 mins", "2023-10-28", "2023-10-27 14:31"),
        ("3 days", "2023-10-29", "2023-10-29 14:30"),
        ("In 3 Days", "2023-10-29", "2023-10-29 14:30"),
        ("within 48  hours.", "2023-10-28", "2023-10-28 14:30"),
        ("1 business day", "2023-10-27", "2023-10-27 14:30"),
        ("2 business days", "2023-10-30", "2023-10-30 14:30"),
        ("5 working days", "2023-11-02", "2023-11-02 14:30"),
        ("1 week", "2023-11-02", "2023-11-02 14:30"),
        ("a week", "2023-11-02", "2023-11-02 14:30"),
        ("2 wks", "2023-11-09", "2023-11-09 14:30"),
        ("one month", "2023-11-26", "2023-11-26 14:30"),
        ("9 hrs 30", None, None),
    ],
)
def test_a_span_is_counted_from_the_message(span: str, from_day: str | None, from_moment: str | None) -> None:
    if from_day is None:
        assert "neither a date nor a span" in refusal(DUE, span, start=OCT_26)
    else:
        assert to_text(read(DUE, span, CLOCK, start=OCT_26)) == from_day
        assert to_text(read(DUE, span, CLOCK, start=HALF_PAST_TWO)) == from_moment


@pytest.mark.parametrize("weekend", [date(2023, 10, 28), date(2023, 10, 29)])
def test_business_days_from_a_weekend_begin_on_monday(weekend: date) -> None:
    assert read(DUE, "1 business day", CLOCK, start=weekend) == date(2023, 10, 30)


def test_a_month_ends_where_the_next_month_does() -> None:
    assert read(DUE, "1 month", CLOCK, start=date(2023, 1, 31)) == date(2023, 2, 28)
    assert read(DUE, "1 month", CLOCK, start=date(2024, 1, 31)) == date(2024, 2, 29)


def test_midnight_is_a_start_without_a_time_of_day() -> None:
    assert read(DUE, "1 hour", CLOCK, start=datetime(2023, 10, 26)) == date(2023, 10, 27)


def test_a_span_ends_in_whole_seconds() -> None:
    start = datetime(2023, 10, 26, 13, 30, 0, 999_999)
    assert read(DUE, "1 hour", CLOCK, start=start) == HALF_PAST_TWO


def test_a_span_that_ends_at_midnight_is_a_day() -> None:
    found = read(DUE, "30 minutes", CLOCK, start=datetime(2023, 10, 26, 23, 30))
    assert found == date(2023, 10, 27)
    assert type(found) is date


def test_a_span_in_a_column_of_days_ends_on_a_day() -> None:
    assert read(schema.COMMUNICATIONS["kept_on"], "30 hours", CLOCK, start=HALF_PAST_TWO) == date(2023, 10, 28)


@pytest.mark.parametrize("span", ["0 days", "-3 days", "0 business days", "-48hrs"])
def test_a_span_of_nothing_is_refused(span: str) -> None:
    assert "write a span longer than nothing" in refusal(DUE, span, start=OCT_26)


@pytest.mark.parametrize("span", ["100000 days", "99999 months", "9" * 30 + " hours"])
def test_a_span_beyond_the_calendar_is_refused(span: str) -> None:
    assert "is too far off" in refusal(DUE, span, start=OCT_26)


@pytest.mark.parametrize("start", [date(9999, 12, 30), datetime(9999, 12, 30, 14, 30)])
@pytest.mark.parametrize("span", ["1 week", "1 month", "48 hrs", "5 business days"])
def test_a_span_over_the_end_of_the_calendar_is_refused(span: str, start: date) -> None:
    assert "is too far off" in refusal(DUE, span, start=start)


@pytest.mark.parametrize("text", ["someday", "30 m", "5 years", "1.5 hours", "24-48 hours", "some day"])
def test_what_is_neither_date_nor_span_is_refused_with_both_lists(text: str) -> None:
    assert refusal(DUE, text, start=OCT_26) == (
        f'Due "{text}" is neither a date nor a span of time: write it as 2023-10-26, 2023-10-26 14:30 or 26 Oct 2023, '
        "or today, yesterday or now, or a span such as 48 hrs, 3 days, 2 business days, 1 week or 1 month."
    )


def test_a_due_date_may_be_a_date() -> None:
    assert read(DUE, "2023-10-30", CLOCK, start=OCT_26) == date(2023, 10, 30)


# The clock


@pytest.mark.parametrize(
    ("today", "now"),
    [
        (date(2023, 11, 1), datetime(2023, 11, 1, 23, 59, 59)),
        (datetime(2023, 11, 1, 9, 30, 15, 999), datetime(2023, 11, 1, 9, 30, 15)),
        (datetime(2023, 11, 1, 23, 30, tzinfo=UTC), datetime(2023, 11, 2, 0, 30)),
        (datetime(2023, 11, 1, 9, 0, tzinfo=timezone(timedelta(hours=8))), datetime(2023, 11, 1, 2, 0)),
    ],
)
def test_a_clock_can_be_set(today: date, now: datetime) -> None:
    clock = Clock.for_settings(Settings(time_zone=" Europe/Berlin ", day_first=True), today)
    assert (clock.now, clock.today, clock.zone, clock.day_first) == (now, now.date(), BERLIN, True)


@pytest.mark.parametrize("zone", ["", "Asia/Shanghai"])
def test_the_real_clock_runs_in_the_workbooks_zone(zone: str) -> None:
    tz = ZoneInfo(zone) if zone else None
    before = datetime.now(tz).replace(microsecond=0, tzinfo=None)
    clock = Clock.for_settings(Settings(time_zone=zone))
    after = datetime.now(tz).replace(tzinfo=None)
    assert before <= clock.now <= after
    assert clock.now.microsecond == 0
    assert clock.zone == tz


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "../etc/passwd", "CET+", "\ud800"])
def test_an_unknown_time_zone_is_refused_with_an_example(zone: str) -> None:
    with pytest.raises(BadValue, match=r'^Time zone ".*" on the Settings sheet is not known: .*Europe/Berlin'):
        Clock.for_settings(Settings(time_zone=zone))


def test_iso_dates_are_read_without_importing_dateutil() -> None:
    code = (
        "import sys, datetime; from refundbook.base import clock, schema, values\n"
        "clock = clock.Clock(datetime.datetime(2023, 11, 1), None, None)\n"
        "for text in ('2023-10-26', '2023-10-26 14:30', '2023-10-26T14:30:00+02:00', '26/10/2023', 'today'):\n"
        "    values.read(schema.COMMUNICATIONS['date'], text, clock)\n"
        "print([name for name in sys.modules if name.startswith('dateutil')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# Comparing and explaining


@pytest.mark.parametrize(
    ("a", "b", "before"),
    [
        (date(2023, 10, 25), OCT_26, True),
        (OCT_26, OCT_26, False),
        (OCT_26, HALF_PAST_TWO, False),
        (HALF_PAST_TWO, OCT_26, False),
        (datetime(2023, 10, 26), HALF_PAST_TWO, False),
        (HALF_PAST_TWO, datetime(2023, 10, 26), False),
        (HALF_PAST_TWO, datetime(2023, 10, 26, 14, 30, 1), True),
        (HALF_PAST_TWO, datetime(2023, 10, 26, 14, 30, 0, 5), False),
        (datetime(2023, 10, 25, 23, 59, 59), OCT_26, True),
        (HALF_PAST_TWO, date(2023, 10, 27), True),
        (date(2023, 10, 27), HALF_PAST_TWO, False),
    ],
)
def test_moments_are_compared_to_the_second_only_where_both_have_a_time(a: date, b: date, before: bool) -> None:
    assert moment_before(a, b) is before


@pytest.mark.parametrize(
    ("wrong", "earliest", "latest", "sentence"),
    [
        (date(2023, 3, 4), date(2023, 4, 1), date(2023, 4, 30), "With day and month swapped it would be 2023-04-03, which fits."),
        (datetime(2023, 3, 4, 9), date(2023, 4, 3), date(2023, 4, 3), "With day and month swapped it would be 2023-04-03, which fits."),
        (date(1923, 10, 26), date(2023, 10, 26), date(2023, 11, 1), "With the year 2023 it would be 2023-10-26, which fits."),
        (date(23, 10, 26), date(2023, 10, 1), None, "With the year 2023 it would be 2023-10-26, which fits."),
        (date(2123, 10, 26), None, date(2023, 11, 1), "With the year 2023 it would be 2023-10-26, which fits."),
        (date(2022, 10, 26), date(2023, 10, 1), date(2023, 11, 1), "With the year 2023 it would be 2023-10-26, which fits."),
        (date(2024, 10, 26), date(2023, 10, 1), date(2023, 11, 1), "With the year 2023 it would be 2023-10-26, which fits."),
        (date(2019, 10, 25), date(2023, 10, 26), date(2023, 10, 26),
            "Moved by 1,462 days, from one of Excel's date systems (1900 and 1904) to the other, "
            "it would be 2023-10-26, which fits."),
        (date(2027, 10, 27), date(2023, 10, 26), date(2023, 10, 26),
            "Moved by 1,462 days, from one of Excel's date systems (1900 and 1904) to the other, "
            "it would be 2023-10-26, which fits."),
        (date(2023, 5, 4), date(2023, 10, 1), date(2023, 11, 1), ""),
        (date(2024, 2, 29), date(2023, 2, 1), date(2023, 2, 28), ""),
        (date(2023, 10, 26), date(2023, 10, 1), date(2023, 11, 1), ""),
        (date(2023, 10, 26), None, None, ""),
        (date(9999, 12, 31), date(1, 1, 1), date(1, 1, 2), ""),
        (date(1, 1, 1), date(9999, 12, 30), None, ""),
    ],
)  # fmt: skip
def test_the_slip_that_explains_a_wrong_date_is_named(wrong: date, earliest: date | None, latest: date | None, sentence: str) -> None:  # fmt: skip
    assert explain_date(wrong, earliest, latest) == sentence


def test_bounds_with_a_time_of_day_count_by_day() -> None:
    assert "2023-04-03" in explain_date(date(2023, 3, 4), datetime(2023, 4, 3, 9), datetime(2023, 4, 3, 10))


# Round trips


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (OCT_26, "2023-10-26"),
        (datetime(2023, 10, 26), "2023-10-26"),
        (HALF_PAST_TWO, "2023-10-26 14:30"),
        (datetime(2023, 10, 26, 14), "2023-10-26 14:00"),
        (datetime(2023, 10, 26, 14, 30, 5), "2023-10-26 14:30:05"),
        (datetime(2023, 10, 26, 0, 0, 5), "2023-10-26 00:00:05"),
    ],
)
def test_how_dates_are_shown(value: date, text: str) -> None:
    assert to_text(value) == text


@given(st.dates(min_value=date(1900, 1, 1)), st.sampled_from([CLOCK, DAY_FIRST, MONTH_FIRST]))
def test_what_is_shown_of_a_day_is_read_back(day: date, clock: Clock) -> None:
    assert read(DAY, to_text(day), clock) == day
    assert read(MOMENT, to_text(day), clock) == day


@given(st.datetimes(min_value=datetime(1900, 1, 1)))
def test_what_is_shown_of_a_moment_is_read_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    shown = to_text(whole)
    found = read(MOMENT, shown, CLOCK)
    assert isinstance(found, date)
    assert to_text(found) == shown
    assert read(MOMENT, whole, CLOCK) == found


@given(st.dates(min_value=date(1900, 1, 1)), st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]))
def test_day_first_decides_every_date_in_digits(day: date, form: str) -> None:
    # strftime's %Y may lack zeros in front, but not from 1900 on.
    assert read(DAY, day.strftime(form), DAY_FIRST) == day


@given(st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)))
def test_a_moment_with_an_offset_is_the_same_moment_in_the_workbooks_zone(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert read(MOMENT, whole.isoformat(), CLOCK) == read(MOMENT, whole, CLOCK)


WORDS = st.sampled_from(["26", "10", "2023", "23", "Oct", "may", "Mon", "10:30", "14:30:00", "Z", "UTC", "EST", "+02:00", "-0700", "T", "am", "pm",
                         "at", "on", "of", "th", "h", "m", "a", "days", "hrs", "in", "/", "-", ".", ",", ":", " ", "  ", "'", "0", "99999", "today"])  # fmt: skip


@given(
    st.one_of(st.lists(WORDS, max_size=8).map("".join), st.lists(WORDS, max_size=8).map(" ".join), st.text()),
    st.sampled_from([DAY, MOMENT]),
    st.sampled_from([None, OCT_26, HALF_PAST_TWO]),
)
def test_any_text_is_read_or_refused_in_a_sentence(text: str, column: schema.Column, start: date | None) -> None:
    try:
        found = read(column, text, CLOCK, start=start)
    except BadValue:
        message = refusal(column, text, start=start)
        assert message.startswith(f'{column.header} "')
        assert message.endswith(".")
    else:
        assert isinstance(found, date) or not text.strip()
        assert read(column, to_text(found), CLOCK) == found


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="another system than Unix")
def test_a_moment_with_an_offset_is_read_anew_where_the_computer_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """What many entries have in common is remembered, but not what it meant in another zone, where the workbook has
    none of its own.
    """
    clock = Clock(CLOCK.now, None, None)
    try:
        for zone, hour in (("UTC", 10), ("Etc/GMT-5", 15)):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert read(MOMENT, "2023-10-26T12:00+02:00", clock) == datetime(2023, 10, 26, hour)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", date(2023, 11, 6)),
        ("3 days ago", date(2023, 11, 2)),
        ("a week ago", date(2023, 10, 29)),
        ("1 month ago", date(2023, 10, 5)),
        ("2 business days ago", date(2023, 11, 2)),
    ],
)
def test_words_for_days_around_today(text: str, day: date) -> None:
    clock = Clock(datetime(2023, 11, 5, 14, 30), None, None)
    assert read(schema.CASES["opened"], text, clock) == day
    assert read(schema.COMMUNICATIONS["date"], text.upper(), clock) == day


def test_hours_ago_are_counted_where_a_time_can_stand() -> None:
    clock = Clock(datetime(2023, 11, 5, 14, 30), None, None)
    assert read(schema.COMMUNICATIONS["date"], "2 hours ago", clock) == datetime(2023, 11, 5, 12, 30)
    for text in ("2 hours ago", "ago", "3 moons ago", "999999 days ago", "friday", "Oct 26", "14:30"):
        with pytest.raises(BadValue):
            read(schema.CASES["opened"], text, clock)
