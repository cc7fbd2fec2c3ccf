"""What is measured: of each case, each dated promise and each entry, and when so few of them say nothing.

Plain data, from which `insights` makes its tables; what a figure counts is said where it is made, here or there, and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from refundbook.base.dates import day_of, moment_before
from refundbook.base.schema import REFUND_STATUSES, Column
from refundbook.base.values import to_text
from refundbook.record import facts
from refundbook.record.facts import as_date, ended_on
from refundbook.record.promises import State, promise_at
from refundbook.record.records import Log, Records

ENOUGH = 5
"""A share or a median is given from so many cases (promises, entries) on."""

ENOUGH_FOR_SLOWEST = 10
"""The 90th percentile is given from so many on: among fewer, no whole one is slower than nine in ten."""

NO_CURRENCY = "(none given)"
NOT_GIVEN = "(not given)"
NO_REPLY = "(no reply yet)"
NOT_NAMED = "(not named)"
LEFT_OUT = (NOT_GIVEN, NO_REPLY, NOT_NAMED)
"""What stands for a blank; it comes last in a table."""

OPEN, REFUNDED, DENIED, OTHER = "Open", "Refunded", "Denied", "Other"


@dataclass(frozen=True, slots=True)
class TooFew:
    """Stands where a figure would, when there are too few to say."""

    count: int
    noun: str

    def __str__(self) -> str:
        plural = f"{self.noun[:-1]}ies" if self.noun.endswith("y") else f"{self.noun}s"
        return f"{self.count} {self.noun if self.count == 1 else plural}: too few to say"


Figure = float | TooFew


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """What is measured of one case.

    `month` is the one in which it was opened, such as `2023-10`; `agent` signed the newest reply from support, as in
    the Tracker. `standing` is OPEN, REFUNDED (in full or in part), DENIED or OTHER (replacement, store credit,
    withdrawn), by the resolution that counts now.

    `asked` and `paid` are amounts by currency. `paid` adds up all full and partial refunds that were entered, also
    before the case was reopened: that money was paid. A refund without a currency is in the case's, as rule RB351 has
    it.

    Spans are in whole days and None where a date is missing: `first_reply` from the opening to the first message
    received from support, `resolution` from the opening to the final resolution's date (from the first opening, where
    the case was reopened), `age` of an open case to today. `book` is the workbook's name among several.
    """

    number: str
    reason: str
    issuer: str
    month: str
    agent: str
    status: str
    standing: str
    asked: Mapping[str, Decimal]
    paid: Mapping[str, Decimal]
    first_reply: int | None
    resolution: int | None
    age: int | None
    book: str = ""


@dataclass(frozen=True, slots=True)
class PromiseFigures:
    """A promise with a due date. `maker` is Support, Buyer or You; `came_due` says whether it can be judged: it was
    kept, or its time ran out while the case was open. A promise not kept when the case ended before its time counts
    neither way.
    """

    maker: str
    agent: str
    state: State
    came_due: bool


Member = TypeVar("Member", CaseFigures, PromiseFigures)


def case_figures(records: Records) -> list[CaseFigures]:
    """The figures of every case, in the order of the Cases sheet; a number that stands twice is measured once."""
    cases = records.cases
    reason = spelling(cases["reason"], records.settings.lists.get("Reasons", ()))
    issuer = spelling(cases["issuer"], [issuer.name for issuer in records.settings.issuers])
    agent = spelling(records.communications["agent"])
    return [
        _measured(records, key, i, reason(cases["reason"][i]), issuer(cases["issuer"][i]), agent)
        for i, key in enumerate(cases.keys)
        if key and cases.by_case[key][0] == i
    ]


def _measured(
    records: Records, key: str, at: int, reason: str, issuer: str, agent: Callable[[object], str]
) -> CaseFigures:
    cases, log = records.cases, records.communications
    opened = as_date(cases["opened"][at])
    is_open = records.final_resolution(key) is None
    replies = records.support_replies(key)
    status, days = facts.status(records, key), facts.days_open(records, at)
    return CaseFigures(
        number=to_text(cases["number"][at]),
        reason=reason or NOT_GIVEN,
        issuer=issuer or NOT_GIVEN,
        month=f"{opened:%Y-%m}" if opened else NOT_GIVEN,
        agent=agent(log["agent"][replies[-1]]) or NOT_NAMED if replies else NO_REPLY,
        status=status,
        standing=OPEN if is_open else standing(status),
        asked=facts.asked(records, at),
        paid=facts.paid(records, at),
        first_reply=_days(opened, as_date(log["date"][replies[0]])) if replies else None,
        resolution=None if is_open else days,
        age=days if is_open else None,
    )


def standing(status: str) -> str:
    """REFUNDED, DENIED or OTHER, for a final status."""
    return REFUNDED if status in REFUND_STATUSES else DENIED if status == "Denied" else OTHER


def _days(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (day_of(end) - day_of(start)).days


def spelling(values: Sequence[object], listed: Sequence[str] = ()) -> Callable[[object], str]:
    """How a name is written in a table: as in the list, else as it was first written, whatever its spaces and capitals.
    Blank gives `""`.
    """
    chosen: dict[str, str] = {}
    found: dict[object, str] = {}
    for name in (*listed, *dict.fromkeys(values)):
        text = " ".join(to_text(name).split())
        found[name] = chosen.setdefault(text.casefold(), text)
    return found.__getitem__


def spelled_as_one(figures: Sequence[Member], names: Sequence[str]) -> tuple[Member, ...]:
    """Figures of several workbooks with these names spelled in one way, as `spelling` says."""
    ways = {name: spelling([getattr(figure, name) for figure in figures]) for name in names}

    def one_way(figure: Member) -> Member:
        spelled: dict[str, Any] = {name: way(getattr(figure, name)) for name, way in ways.items()}
        return replace(figure, **spelled)

    return tuple(map(one_way, figures))


def promise_figures(records: Records) -> list[PromiseFigures]:
    """Every promise that has a due date, in the order of the log; those without one cannot be measured."""
    log = records.communications
    agent = spelling(log["agent"])
    found = []
    for i, due in enumerate(log["due"]):
        promise = promise_at(records, i) if isinstance(due, date) else None
        if promise is None:
            continue
        maker = "You" if promise.by_you else to_text(log["with_"][i])
        came_due = promise.state is not State.DUE
        if promise.state is State.NOT_KEPT:
            ended = ended_on(records, log.keys[i])
            came_due = ended is not None and promise.due is not None and moment_before(promise.due, ended)
        found.append(PromiseFigures(maker, agent(log["agent"][i]) or NOT_NAMED, promise.state, came_due))
    return found


def entry_lags(log: Log, happened: Column) -> list[int]:
    """For each entry with both dates, the whole days from when it happened to when it was logged: 0 on the same day."""
    dates = ((as_date(a), as_date(b)) for a, b in zip(log[happened.name], log["logged_at"], strict=True))
    return [days for start, end in dates if (days := _days(start, end)) is not None]


def share(part: int, whole: int, noun: str) -> Figure:
    """`part` of `whole`, from 0 to 1; TooFew below ENOUGH."""
    return part / whole if whole >= ENOUGH else TooFew(whole, noun)


def median(values: Sequence[int], noun: str) -> Figure:
    """The middle value, or halfway between the middle two; TooFew below ENOUGH."""
    return _quantile(values, 0.5) if len(values) >= ENOUGH else TooFew(len(values), noun)


def slowest(values: Sequence[int], noun: str) -> Figure:
    """The 90th percentile: nine in ten took no longer. TooFew below ENOUGH_FOR_SLOWEST."""
    return _quantile(values, 0.9) if len(values) >= ENOUGH_FOR_SLOWEST else TooFew(len(values), noun)


def _quantile(values: Sequence[int], q: float) -> float:
    """Between two values in proportion, as Excel's PERCENTILE.INC and pandas do."""
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
