"""Promises and deadlines: how a promise stands, what is due and how late, and marking a promise as kept."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refundbook.base.clock import Clock
from refundbook.base.errors import BadValue, EntryRefused, RulesRefuse, UnknownEntry
from refundbook.base.settings import Settings
from refundbook.record import rules
from refundbook.record.clocks import reply_due
from refundbook.record.facts import waiting_since
from refundbook.record.promises import State, Whose, deadlines, due, lateness, promise_at, read_horizon
from refundbook.record.records import Records
from tests.support.books import Row, filled
from tests.support.memory import records_of
from tests.support.samples import TODAY, load, sample_at

pytestmark = pytest.mark.slow

NUMBER = "GTB-789012"
NOON = datetime(2023, 11, 5, 12)


def november(day: int, hour: int | None = None, minute: int = 0) -> date:
    return date(2023, 11, day) if hour is None else datetime(2023, 11, day, hour, minute)


def case(number: str = NUMBER, **more: object) -> Row:
    return {"number": number, "opened": november(4), **more}


def message(**more: object) -> Row:
    return {"number": NUMBER, "date": november(1), "with_": "Support", "direction": "Received", "summary": "x", **more}


def ended(day: date, number: str = NUMBER) -> Row:
    return {"number": number, "status": "Denied", "date": day}


def promised(**more: object) -> Row:
    return message(promise="Refund", **more)


# How a promise stands

STANDING = {
    "kept on the day": ({"due": november(3), "kept_on": november(3)}, State.KEPT_ON_TIME, "kept on time, on 2023-11-03"),
    "kept before": ({"due": november(3), "kept_on": november(2)}, State.KEPT_ON_TIME, "kept on time, on 2023-11-02"),
    "kept on the day, whatever the hour": ({"due": november(3, 9), "kept_on": november(3)}, State.KEPT_ON_TIME, "kept on time, on 2023-11-03"),
    "kept a day late": ({"due": november(3), "kept_on": november(4)}, State.KEPT_LATE, "kept 1 day late, on 2023-11-04"),
    "kept days late, by the hour": ({"due": november(1, 9), "kept_on": november(4)}, State.KEPT_LATE, "kept 3 days late, on 2023-11-04"),
    "kept, no date": ({"kept_on": november(4)}, State.KEPT, "kept on 2023-11-04"),
    "due in days": ({"due": november(8)}, State.DUE, "due in 3 days"),
    "due tomorrow": ({"due": november(6)}, State.DUE, "due in 1 day"),
    "due today": ({"due": november(5)}, State.DUE, "due today"),
    "due in hours": ({"due": november(5, 14)}, State.DUE, "due in 2 hours"),
    "overdue since yesterday": ({"due": november(4)}, State.OVERDUE, "overdue by 1 day"),
    "overdue by days": ({"due": november(1)}, State.OVERDUE, "overdue by 4 days"),
    "overdue by hours": ({"due": november(5, 11)}, State.OVERDUE, "overdue by 1 hour"),
    "no date": ({}, State.UNDATED, "not kept yet, no date was given"),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDING)
def test_a_promise_says_how_it_stands(name: str) -> None:
    fields, state, says = STANDING[name]
    found = promise_at(records_of([case()], [promised(**fields)], today=NOON), 0)
    assert found
    assert (found.state, found.says) == (state, says)


@pytest.mark.parametrize("fields", [{"due": november(3)}, {"due": november(20)}, {}])
def test_the_end_of_the_case_stops_the_clock(fields: dict[str, object]) -> None:
    records = records_of([case()], [promised(**fields)], [ended(november(4))])
    found = promise_at(records, 0)
    assert found
    assert (found.state, found.says) == (State.NOT_KEPT, "not kept when the case ended on 2023-11-04")
    assert due(records) == []


def test_a_reopened_case_starts_it_again() -> None:
    again = {"number": NUMBER, "status": "Reopened"}
    found = promise_at(records_of([case()], [promised(due=november(3))], [ended(november(4)), again]), 0)
    assert found
    assert found.state is State.OVERDUE


def test_a_message_without_a_promise_has_none() -> None:
    assert promise_at(records_of([case()], [message(due=november(3))]), 0) is None


@pytest.mark.parametrize(
    ("fields", "who", "whose"),
    [
        ({"direction": "Received", "agent": "Maya"}, "Support (Maya)", Whose.THEIRS),
        ({"direction": None}, "Support", Whose.THEIRS),
        ({"direction": "Received", "with_": "Buyer"}, "Buyer", Whose.THEIRS),
        ({"direction": "Sent"}, "You to Support", Whose.YOURS),
        ({"direction": "Sent", "with_": "Buyer"}, "You to Buyer", Whose.YOURS),
    ],
)
def test_a_promise_is_theirs_when_received_and_yours_when_sent(
    fields: dict[str, object], who: str, whose: Whose
) -> None:
    (found,) = (d for d in due(records_of([case()], [promised(due=november(6), **fields)])) if d.by == november(6))
    assert (found.who, found.whose, found.what) == (who, whose, "Refund")


# What is due


def kinds(records: Records, until: date | None = None) -> list[tuple[str, str, date | None]]:
    return [(d.whose.name, d.number, d.by) for d in due(records, until)]


def test_all_four_kinds_stand_in_one_list_the_oldest_first() -> None:
    cases = [
        case("A-1", opened=november(1), respond_by=november(7)),
        case("A-2", opened=november(1)),
        case("A-3", opened=november(5)),
    ]
    messages = [
        promised(number="A-1", entry=1, due=november(2, 9), agent="Maya"),
        promised(number="A-1", entry=2, due=november(2), direction="Sent", with_="Buyer"),
        promised(number="A-3", entry=3),
        promised(number="A-3", entry=4, due=november(5), kept_on=november(5)),
    ]
    assert kinds(records_of(cases, messages)) == [
        ("THEIRS", "A-1", november(2, 9)),
        ("YOURS", "A-1", november(2)),
        ("REPLY", "A-2", november(3)),
        ("GATEWAY", "A-1", november(7)),
        ("THEIRS", "A-3", None),
    ]


def test_a_deadline_says_case_who_what_and_how_late() -> None:
    records = records_of(
        [case(issuer="PayPal", respond_by=november(8))],
        [promised(entry=3, due=november(3), agent="Maya")],
    )
    late, gateway = due(records)
    assert late.to_record() == {
        "whose": "their promise",
        "number": NUMBER,
        "entry": 3,
        "by": november(3),
        "made": november(1),
        "who": "Support (Maya)",
        "what": "Refund",
        "overdue": True,
        "when": "2 days late",
    }
    assert (gateway.who, gateway.what, gateway.overdue, gateway.when) == (
        "You to PayPal",
        "Answer the gateway",
        False,
        "in 3 days",
    )


@pytest.mark.parametrize(("until", "days"), [(None, 7), (november(5), 0), (november(6), 1), (november(25), 20)])
def test_the_window_ends_with_its_last_day(until: date | None, days: int) -> None:
    messages = [promised(due=november(5) + timedelta(days=n)) for n in range(-3, 25)]
    found = due(records_of([case()], messages), until)
    assert [d.by for d in found] == [november(5) + timedelta(days=n) for n in range(-3, days + 1)]
    assert [d.overdue for d in found] == [n < 0 for n in range(-3, days + 1)]


def test_a_deadline_with_an_hour_belongs_to_its_day() -> None:
    assert len(due(records_of([case()], [promised(due=november(7, 23, 59))]), november(7))) == 1


@pytest.mark.parametrize(
    ("text", "day"), [("3d", 8), ("3 days", 8), ("1 week", 12), ("48h", 7), ("today", 5), ("2023-11-09", 9)]
)
def test_a_window_is_a_span_from_today_or_a_date(text: str, day: int) -> None:
    assert read_horizon(records_of().clock, text) == november(day)


def test_a_window_that_is_none_is_refused() -> None:
    with pytest.raises(BadValue, match='--within "soon" is neither a date nor a span of time'):
        read_horizon(records_of().clock, "soon")


# Gateways


def test_a_gateways_deadline_stays_until_its_day_is_over_even_when_you_wrote() -> None:
    """Nobody but you knows whether what you wrote was the answer."""
    wrote = message(direction="Sent", date=november(4))
    found = due(records_of([case(respond_by=november(5))], [wrote]))
    assert [(d.what, d.when) for d in found] == [("Answer the gateway (you last wrote on 2023-11-04)", "today")]


@pytest.mark.parametrize("with_", ["Support", "Buyer"])
@pytest.mark.parametrize("day", [2, 4, 5])
def test_a_gateways_deadline_that_has_passed_is_late_whatever_was_sent(day: int, with_: str) -> None:
    """A message to support, in time or not, is no answer to the gateway."""
    cases, sent = [case(respond_by=november(4))], message(direction="Sent", with_=with_, date=november(day))
    for messages in ([], [sent], [sent, message(date=november(5))], [message(date=november(1)), sent]):
        found = [d for d in due(records_of(cases, messages)) if d.whose is Whose.GATEWAY]
        assert [(d.when, d.overdue) for d in found] == [("1 day late", True)]


def test_only_a_final_resolution_settles_a_gateways_deadline() -> None:
    """Pending does not, and reopened it runs again."""
    cases, sent = [case(respond_by=november(4))], [message(direction="Sent", date=november(3))]
    for ends, is_late in {
        (): True,
        (("Pending", None),): True,
        (("Denied", 3),): False,
        (("Denied", 3), ("Reopened", None)): True,
        (("Denied", 3), ("Reopened", 4), ("Withdrawn", 5)): False,
    }.items():
        log = [{**ended(november(day or 1)), "status": name, "date": day and november(day)} for name, day in ends]
        assert [d.whose for d in due(records_of(cases, sent, log)) if d.overdue] == [Whose.GATEWAY] * is_late, ends


def test_a_case_that_has_ended_has_no_deadline() -> None:
    assert due(records_of([case(respond_by=november(3))], [], [ended(november(4))])) == []


@pytest.mark.parametrize("answered", [november(1), november(4), november(5)])
def test_the_answer_to_the_gateway_ends_its_deadline_late_or_not(answered: date) -> None:
    """Whichever comes first: the answer, or the final resolution."""
    cases = [case(opened=november(1), respond_by=november(4), answered_on=answered)]
    assert [d for d in due(records_of(cases)) if d.whose is Whose.GATEWAY] == []
    (deadline,) = [d for d in deadlines(records_of(cases)) if d.whose is Whose.GATEWAY]
    assert deadline.settled


# Replies


@pytest.mark.parametrize(
    ("since", "target", "by"),
    [
        (november(1), 48, november(3)),
        (november(1), 36, november(2)),
        (november(1), 12, november(1)),
        (november(1, 10), 48, november(3, 10)),
        (november(1, 10), 1.5, november(1, 11, 30)),
        # Midnight is the end of the day before, because midnight is no time of day in a workbook.
        (november(1, 12), 36, november(2)),
        (datetime(2023, 11, 1), 48, november(3)),
        (date(9999, 12, 30), 72, date.max),
        (datetime(9999, 12, 30, 10), 72, date.max),
    ],
)
def test_a_reply_is_due_the_target_after_the_message(since: date, target: float, by: date) -> None:
    assert reply_due(since, target) == by


def said(*days: int, sent: tuple[int, ...] = (), with_: str = "Support") -> list[Row]:
    """A message a day, received unless the day is among `sent`."""
    return [message(date=november(day), with_=with_, direction="Sent" if day in sent else "Received") for day in days]


@pytest.mark.parametrize(
    ("messages", "since"),
    [
        ([], november(1)),
        (said(2, sent=(2,)), november(1)),
        (said(2), None),
        (said(2, 3, 4, sent=(3, 4)), november(3)),
        (said(2, 3, 4, sent=(3,)), None),
        (said(4, 3, 2, sent=(3,)), None),
        (said(2, 3, 4, 5, sent=(3, 5)), november(5)),
        (said(2) + said(3, sent=(3,), with_="Buyer"), None),
        (said(2, sent=(2,)) + said(3, with_="Buyer"), november(1)),
    ],
)
def test_support_is_waited_for_since_the_first_message_after_their_last(
    messages: list[Row], since: date | None
) -> None:
    records = records_of([case(opened=november(1))], messages)
    assert waiting_since(records, records.cases.keys[0]) == since


def test_nobody_is_waited_for_in_a_case_that_has_ended() -> None:
    records = records_of([case(opened=november(1))], [], [ended(november(2))])
    assert waiting_since(records, records.cases.keys[0]) is None


DAYS = st.dates(date(2023, 10, 25), date(2023, 11, 12))
MOMENTS = DAYS | st.datetimes(datetime(2023, 10, 25), datetime(2023, 11, 12)).map(lambda m: m.replace(microsecond=0))
NUMBERS = st.sampled_from(["A-1", "A-2", "A-3"])
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "number": NUMBERS,
            "date": MOMENTS,
            "with_": st.sampled_from(["Support", "Buyer"]),
            "direction": st.sampled_from(["Received", "Sent", None]),
            "summary": st.just("x"),
            "promise": st.sampled_from([None, "Refund", "Reply"]),
            "due": st.none() | MOMENTS,
            "kept_on": st.none() | DAYS,
        }
    ),
    max_size=6,
)
RESOLUTIONS = st.lists(
    st.fixed_dictionaries(
        {"number": NUMBERS, "status": st.sampled_from(["Pending", "Denied", "Reopened"]), "date": st.none() | DAYS}
    ),
    max_size=4,
)
OPENED = st.lists(MOMENTS, min_size=3, max_size=3)


def some_records(opened: list[date], messages: list[Row], ends: list[Row], target: float) -> Records:
    cases = [{"number": f"A-{k}", "opened": day} for k, day in enumerate(opened, 1)]
    numbered = [{"entry": k, **row} for k, row in enumerate(messages, 1)]
    records = records_of(cases, numbered, ends, settings=Settings(response_target=target))
    records.clock = Clock(NOON, None, None)
    return records


@settings(max_examples=150, deadline=None)
@given(OPENED, MESSAGES, RESOLUTIONS, st.sampled_from([24.0, 36.0, 48.0, 50.5]))
def test_what_is_late_is_what_the_rules_warn_of(
    opened: list[date], messages: list[Row], ends: list[Row], target: float
) -> None:
    """RB253 on overdue promises, RB353 on replies: the list and the warnings must never disagree."""
    records = some_records(opened, messages, ends, target)
    found = rules.check(records)
    late = [d for d in due(records) if d.overdue]
    promises = sorted(int(f.cell[1:]) - 1 for f in found if f.code == "RB253")
    assert sorted(d.entry or 0 for d in late if d.whose in (Whose.THEIRS, Whose.YOURS)) == promises
    replies = {f"A-{int(f.cell[1:]) - 1}" for f in found if f.code == "RB353"}
    assert {d.number for d in late if d.whose is Whose.REPLY} == replies


@settings(max_examples=100, deadline=None)
@given(OPENED, MESSAGES, RESOLUTIONS)
def test_promises_that_are_due_are_those_that_a_query_finds(
    opened: list[date], messages: list[Row], ends: list[Row]
) -> None:
    """The same question, asked of plain DataFrames."""
    records = some_records(opened, messages, ends, 48)
    log = pd.DataFrame(messages, columns=["number", "promise", "due", "kept_on"], dtype="object")
    log["entry"] = range(1, len(log) + 1)
    last = pd.DataFrame(ends, columns=["number", "status"]).groupby("number")["status"].last()
    closed = set(last[last == "Denied"].index)
    wanted = log[log["promise"].notna() & log["kept_on"].isna() & ~log["number"].isin(closed)]
    by_day = pd.to_datetime(wanted["due"].map(lambda d: None if d is None else f"{d:%Y-%m-%d}"))
    expected = set(wanted[by_day.isna() | (by_day <= pd.Timestamp("2023-11-08"))]["entry"])
    found = {d.entry for d in due(records, november(8)) if d.whose in (Whose.THEIRS, Whose.YOURS)}
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(OPENED, MESSAGES, RESOLUTIONS)
def test_the_oldest_is_first_and_undated_ones_are_last(
    opened: list[date], messages: list[Row], ends: list[Row]
) -> None:
    found = deadlines(some_records(opened, messages, ends, 48))
    days = [d.by for d in found]
    dated = [day for day in days if day is not None]
    assert days == dated + [None] * (len(days) - len(dated))
    assert [f"{day:%Y-%m-%d}" for day in dated] == sorted(f"{day:%Y-%m-%d}" for day in dated)


# How late


@pytest.mark.parametrize(
    ("by", "says"),
    [
        (None, "no date"),
        (november(5), "today"),
        (november(4), "1 day late"),
        (november(12), "in 7 days"),
        (november(5, 13), "in 1 hour"),
        (november(5, 12, 20), "in 20 minutes"),
        (november(5, 12), "in a minute"),
        (november(5, 11, 59), "1 minute late"),
        (november(3, 13), "47 hours late"),
        (november(3, 11), "2 days late"),
        (november(7, 11), "in 47 hours"),
        (november(8, 11), "in 3 days"),
    ],
)
def test_lateness_is_told_in_days_and_at_close_range_in_hours(by: date | None, says: str) -> None:
    assert lateness(by, NOON) == says


# Keeping


@pytest.fixture
def book_path(tmp_path: Path) -> Path:
    return filled(
        tmp_path / "t.xlsx",
        [{"number": NUMBER, "opened": november(1)}],
        [
            {"entry": 1, "number": NUMBER, "date": november(1), "with_": "Support", "summary": "x"},
            {"entry": 2, "number": NUMBER, "date": november(2), "with_": "Support", "summary": "y", "promise": "Refund", "due": november(3)},
        ],
        [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on", "day"),
    [(None, TODAY), ("2023-11-03", november(3)), ("yesterday", november(4)), (november(2), november(2))],
)
def test_a_promise_is_kept_on_a_day_or_today(book_path: Path, on: object, day: date) -> None:
    with load(book_path) as book:
        entry = book.keep(2, on)
        assert entry.values["kept_on"] == day
    assert load(book_path).records.communications["kept_on"] == [None, day]
    assert [d.whose for d in load(book_path).due()] == []


def test_an_entry_without_a_promise_cannot_be_kept(book_path: Path) -> None:
    with pytest.raises(UnknownEntry) as caught:
        load(book_path).keep(1)
    assert str(caught.value) == (
        "Entry 1 holds no promise (Communications!I2 is empty). "
        "`refundbook due` lists the promises that are open, with their entries."
    )


def test_a_promise_is_kept_once(tmp_path: Path) -> None:
    book = load(sample_at(tmp_path / "t.xlsx"))
    with pytest.raises(RulesRefuse) as caught:
        book.keep(3)
    assert str(caught.value) == (
        "The promise in entry 3 (GTB-789012: Investigate) was kept on 2023-10-30 already. "
        'If that day is wrong, correct it (Communications!K4; `refundbook amend --entry 3 "Kept On=…"`), '
        "or take it back with --undo."
    )


def test_an_entry_that_does_not_exist_cannot_be_kept(book_path: Path) -> None:
    with pytest.raises(UnknownEntry, match="There is no entry 9"):
        load(book_path).keep(9)


@pytest.mark.parametrize(
    ("on", "message"),
    [("2023-11-06", "is in the future"), ("2023-11-01", "is before the message's Date"), ("soon", "is not a date")],
)
def test_a_day_that_cannot_be_is_refused(book_path: Path, on: str, message: str) -> None:
    before = book_path.read_bytes()
    with pytest.raises(EntryRefused, match=message), load(book_path) as book:
        book.keep(2, on)
    assert book_path.read_bytes() == before
