"""Promises and deadlines: what was promised and how that stands, and what is due, by support, by you and by a gateway's
own clock.

A final resolution stops every clock of its case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from refundbook.base.clock import Clock
from refundbook.base.date_reader import read_date
from refundbook.base.dates import END_OF_DAY, day_of, has_time, moment_text
from refundbook.base.due_words import GATEWAY_WAITS, NO_DATE, NO_REPLY_SINCE
from refundbook.base.schema import Column, Kind
from refundbook.base.text import counted
from refundbook.base.values import to_text
from refundbook.record.clocks import is_past, reply_due
from refundbook.record.facts import as_date, ended_on, waiting_since
from refundbook.record.records import Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


WINDOW = timedelta(days=7)
"""How far ahead `due` looks unless it is told otherwise."""

_WITHIN = Column("within", "--within", Kind.DATE, "", 0, counts_from="date")


class State(StrEnum):
    """How a promise stands. NOT_KEPT: the case ended before it was kept."""

    KEPT_ON_TIME = "kept on time"
    KEPT_LATE = "kept late"
    KEPT = "kept"
    DUE = "due"
    OVERDUE = "overdue"
    UNDATED = "undated"
    NOT_KEPT = "not kept"


OPEN_STATES = (State.DUE, State.OVERDUE, State.UNDATED)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise. `by_you`: it was made in a message that you sent. `says` is its state as a sentence's end, such as
    `overdue by 2 days`.

    KEPT has no due date to be measured by, UNDATED neither due date nor the day on which it was kept.
    """

    entry: int | None
    number: str
    by_you: bool
    party: str
    what: str
    made: date | None
    due: date | None
    kept_on: date | None
    state: State
    says: str


class Whose(StrEnum):
    """The four kinds of what is due."""

    THEIRS = "their promise"
    YOURS = "your promise"
    GATEWAY = "gateway deadline"
    REPLY = "no reply"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is due, or was and is settled. `by` is None for a promise without a date. `when` says how late it
    is, or how long is left.

    `made` is when a promise was made, and since when a reply is waited for. `book` is the workbook's name among
    several, else `""`.
    """

    whose: Whose
    number: str
    entry: int | None
    by: date | None
    made: date | None
    who: str
    what: str
    overdue: bool
    when: str
    settled: bool = False
    book: str = ""

    def to_record(self) -> dict[str, Any]:
        """Plain data for JSON."""
        record = asdict(self)
        del record["settled"]
        named = {"book": self.book} if record.pop("book") else {}
        return {**named, **record, "whose": str(self.whose)}


def promise_at(records: Records, position: int) -> Promise | None:
    """The promise made in the message at `position` of Communications; None where it holds none."""
    log = records.communications
    what = log["promise"][position]
    if what is None:
        return None
    due, kept = as_date(log["due"][position]), as_date(log["kept_on"][position])
    state, says = _standing(records, log.keys[position], due, kept)
    entry, agent, with_ = (log[name][position] for name in ("entry", "agent", "with_"))
    return Promise(
        entry=entry if isinstance(entry, int) else None,
        number=to_text(log["number"][position]),
        by_you=not records.is_received(position),
        party=f"{to_text(with_)} ({to_text(agent)})" if agent is not None else to_text(with_),
        what=to_text(what),
        made=as_date(log["date"][position]),
        due=due,
        kept_on=kept,
        state=state,
        says=says,
    )


def _standing(records: Records, key: str, due: date | None, kept: date | None) -> tuple[State, str]:
    if kept is not None:
        if due is None:
            return State.KEPT, f"kept on {day_of(kept)}"
        if (late := (day_of(kept) - day_of(due)).days) > 0:
            return State.KEPT_LATE, f"kept {counted(late, 'day')} late, on {day_of(kept)}"
        return State.KEPT_ON_TIME, f"kept on time, on {day_of(kept)}"
    if records.final_resolution(key) is not None:
        ended = ended_on(records, key)
        return State.NOT_KEPT, "not kept when the case ended" + (f" on {day_of(ended)}" if ended else "")
    if due is None:
        return State.UNDATED, "not kept yet, no date was given"
    if is_past(due, records.clock.now):
        return State.OVERDUE, f"overdue by {_distance(due, records.clock.now)}"
    left = _distance(due, records.clock.now)
    return State.DUE, f"due in {left}" if left else "due today"


def deadlines(records: Records) -> list[Deadline]:
    """Every promise, gateway's deadline and overdue reply of the workbook, also the settled ones, the oldest deadline
    first; undated ones last.
    """
    found = [*_promised(records), *_asked_by_gateways(records), *_unanswered(records)]
    return sorted(found, key=_oldest_first)


def due(records: Records, until: date | None = None) -> list[Deadline]:
    """What is late, and what falls due up to the day `until` (a week from today unless it is given); undated promises
    that are not kept, too.

    Of replies only those that are late: support has had longer than the response target, as rule RB353 says.
    """
    return due_of(deadlines(records), records.clock, until)


def due_of(found: Iterable[Deadline], clock: Clock, until: date | None = None) -> list[Deadline]:
    """Those of `deadlines` that are late, or due up to the day `until`, as `due` says."""
    last = clock.today + WINDOW if until is None else day_of(until)
    return [d for d in found if not d.settled and (d.by is None or d.overdue or day_of(d.by) <= last)]


def oldest_first(found: Iterable[Deadline]) -> list[Deadline]:
    """Deadlines in order: by the day on which they end, undated ones last."""
    return sorted(found, key=_oldest_first)


def read_horizon(clock: Clock, text: str) -> date:
    """The last day of a window such as `3d`, `2 weeks`, or a date, from today. Raises BadValue."""
    return day_of(read_date(_WITHIN, text, clock, clock.today))


def _promised(records: Records) -> Iterator[Deadline]:
    for i in range(len(records.communications)):
        found = promise_at(records, i)
        if found is None:
            continue
        yield Deadline(
            whose=Whose.YOURS if found.by_you else Whose.THEIRS,
            number=found.number,
            entry=found.entry,
            by=found.due,
            made=found.made,
            who=f"You to {found.party}" if found.by_you else found.party,
            what=found.what,
            overdue=found.state is State.OVERDUE,
            when=lateness(found.due, records.clock.now),
            settled=found.state not in OPEN_STATES,
        )


def _asked_by_gateways(records: Records) -> Iterator[Deadline]:
    """The deadlines that gateways set. They run until Answered On or the final resolution: a message to support is no
    answer to the gateway.
    """
    cases, now = records.cases, records.clock.now
    for i in range(len(cases)):
        by, key = as_date(cases["respond_by"][i]), cases.keys[i]
        if by is None:
            continue
        wrote = _last_sent(records, key)
        issuer = to_text(cases["issuer"][i])
        yield Deadline(
            whose=Whose.GATEWAY,
            number=to_text(cases["number"][i]),
            entry=None,
            by=by,
            made=as_date(cases["opened"][i]),
            who=f"You to {issuer}" if issuer else "You",
            what=GATEWAY_WAITS + (f" (you last wrote on {moment_text(wrote)})" if wrote else ""),
            overdue=is_past(by, now),
            when=lateness(by, now),
            settled=as_date(cases["answered_on"][i]) is not None or records.final_resolution(key) is not None,
        )


def _last_sent(records: Records, key: str) -> date | None:
    """When the newest message was sent to support."""
    log = records.communications
    sent = (i for i in reversed(records.messages(key)) if log["with_"][i] == "Support" and not records.is_received(i))
    return next((as_date(log["date"][i]) for i in sent), None)


def _unanswered(records: Records) -> Iterator[Deadline]:
    cases, now, target = records.cases, records.clock.now, records.settings.response_target
    for i in range(len(cases)):
        key = cases.keys[i]
        since = waiting_since(records, key) if key and cases.by_case[key][0] == i else None
        if since is None or not is_past(by := reply_due(since, target), now):
            continue
        yield Deadline(
            whose=Whose.REPLY,
            number=to_text(cases["number"][i]),
            entry=None,
            by=by,
            made=since,
            who="Support",
            what=f"{NO_REPLY_SINCE} {moment_text(since)}",
            overdue=True,
            when=lateness(by, now),
        )


def _oldest_first(deadline: Deadline) -> tuple[bool, datetime, str]:
    """Undated promises come last, the oldest first."""
    return deadline.by is None, _last_moment(deadline), deadline.number


def _last_moment(deadline: Deadline) -> datetime:
    """When a deadline ends: a day without a time after its hours. That of an undated promise is when it was made."""
    day = deadline.by or deadline.made or date.max
    return day if has_time(day) else datetime.combine(day_of(day), END_OF_DAY)


def lateness(by: date | None, now: datetime) -> str:
    """How long ago a deadline was, or how long it is until then: `2 days late`, `today`, `in 5 hours`; `no date` for
    None.
    """
    if by is None:
        return NO_DATE
    distance = _distance(by, now)
    if is_past(by, now):
        return f"{distance} late"
    return f"in {distance}" if distance else "today"


def _distance(by: date, now: datetime) -> str:
    """The time between a deadline and now: in days, and where both times of day are known and less than two days lie
    between, in hours.
    """
    if has_time(by) and has_time(now) and abs(by - now) < timedelta(days=2):
        minutes = int(abs(by - now).total_seconds()) // 60
        return (
            counted(minutes // 60, "hour") if minutes >= 60 else counted(minutes, "minute") if minutes else "a minute"
        )
    days = abs((day_of(by) - day_of(now)).days)
    return counted(days, "day") if days else ""
