"""A year of refund cases of an invented shop, Lantern & Loom, which buys through GTBuy: 200 cases, always the same
ones.

    python examples/make_shop.py [shop.xlsx]

Everything goes into the workbook through the library, as it would from the shell. The cases have reasons to come out as
they do, so that a review (refund_review.ipynb) has something to find.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import refundbook

TODAY = datetime(2024, 1, 15, 18, 0)
"""The evening on which the shop looks back."""

CASES = 200
FIRST_DAY = date(2023, 1, 9)
RUSH = (date(2023, 11, 8), date(2023, 12, 22))
"""From Singles' Day to the holidays, when support is slow and the shop is behind with its log."""

SEED = 789012

OPENED_IN_MONTH = (8, 9, 11, 10, 11, 12, 12, 11, 14, 17, 38, 34, 13)
"""Cases opened from January 2023 to January 2024."""

ITEMS: Mapping[str, tuple[int, int]] = {
    "Paper lantern, 40 cm": (12, 26),
    "Linen curtain, 2 m": (38, 74),
    "Brass table lamp": (65, 130),
    "Wool throw": (42, 88),
    "LED string, 10 m": (9, 19),
    "Rattan pendant": (55, 120),
    "Silk cushion, set of 2": (30, 58),
    "Floor loom": (240, 460),
}
ISSUERS: Mapping[str, float] = {"GTBuy": 72, "PayPal": 17, "Stripe": 11}
CURRENCIES: Mapping[str, float] = {"USD": 62, "EUR": 28, "CNY": 10}
CUSTOMERS = (
    "A. Brandt",
    "K. Osei",
    "M. Ferrari",
    "J. Novák",
    "S. Iyer",
    "L. Dubois",
    "T. Nakamura",
    "R. Silva",
    "E. Holm",
    "N. Haddad",
)
CHANNELS: Mapping[str, float] = {"Chat": 55, "E-mail": 30, "Ticket": 15}


@dataclass(frozen=True)
class Reason:
    """How often a reason is given, how its cases end (with photos, without), and within how many working days."""

    weight: float
    complaint: str
    with_photos: Mapping[str, float]
    without: Mapping[str, float]
    days: tuple[int, int]
    photos: float = 0.0


_LOST = {"Full Refund": 74, "Replacement": 8, "Denied": 8, "Withdrawn": 10}
_DUPLICATE = {"Full Refund": 90, "Denied": 10}
_GOOD = {"Full Refund": 38, "Partial Refund": 36, "Replacement": 12, "Denied": 14}
_POOR = {"Full Refund": 12, "Partial Refund": 16, "Replacement": 6, "Store Credit": 6, "Denied": 60}
REASONS = {
    "Non-delivery": Reason(31, "the parcel never arrived; no scan for two weeks", _LOST, _LOST, (6, 16)),
    "Defective": Reason(21, "it does not work", _GOOD, _POOR, (5, 14), 0.8),
    "Not as described": Reason(20, "colour and material differ from the listing", _GOOD, _POOR, (9, 26), 0.42),
    "Damaged in transit": Reason(14, "the box arrived crushed, the content broken", _GOOD, _POOR, (5, 13), 0.85),
    "Wrong item": Reason(9, "another item was in the box", _GOOD, _POOR, (4, 11), 0.75),
    "Missing parts": Reason(4, "the fittings are missing", _GOOD, _POOR, (4, 10), 0.6),
    "Duplicate charge": Reason(1.2, "the card was charged twice", _DUPLICATE, _DUPLICATE, (2, 6)),
}


@dataclass(frozen=True)
class Agent:
    """An agent of support: share of the cases, working days to a first reply, share of promises kept in time, and kept
    at all.
    """

    weight: float
    reply: tuple[int, int]
    in_time: float
    ever: float


AGENTS = {
    "Maya": Agent(34, (0, 2), 0.88, 0.97),
    "David": Agent(29, (1, 3), 0.42, 0.80),
    "Lin": Agent(24, (1, 3), 0.76, 0.93),
    "Tomás": Agent(13, (1, 4), 0.68, 0.90),
}
PROMISES = (
    ("Investigate with the warehouse", 3),
    ("Answer after checking the photos", 2),
    ("Pay the refund out", 5),
    ("Send a return label", 2),
)


class Dice:
    """Chances that are the same under every Python: only `random()` is promised to stay (see the notes of the module
    `random`).
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def between(self, low: int, high: int) -> int:
        return low + int(self._random.random() * (high - low + 1))

    def one_of(self, choices: Sequence[str]) -> str:
        return choices[self.between(0, len(choices) - 1)]

    def weighted(self, weights: Mapping[str, float]) -> str:
        at = self._random.random() * sum(weights.values())
        for name, weight in weights.items():
            at -= weight
            if at < 0:
                return name
        return list(weights)[-1]


Entry = tuple[str, dict[str, object]]


@dataclass
class Case:
    """One case being written: its entries, each with the day on which it happened."""

    number: str
    dice: Dice
    entries: list[tuple[date, Entry]] = field(default_factory=list)

    def add(self, pillar: str, day: date, **fields: object) -> None:
        self.entries.append((day, (pillar, {"number": self.number, **fields})))

    def say(self, day: date, with_: str, direction: str, summary: str, **more: object) -> None:
        moment = datetime(day.year, day.month, day.day, self.dice.between(8, 17), self.dice.between(1, 59))
        self.add("communication", day, date=moment, with_=with_, direction=direction, summary=summary, **more)


def make(path: Path) -> refundbook.Book:
    """Make the workbook, and load it as it was on the evening of `TODAY`. Raises FileExistsError where there is
    something already.
    """
    with refundbook.create(path, today=TODAY, user="ana") as book:
        book.append_many(entries())
    return refundbook.load(path, today=TODAY, user="ana")


def entries(cases: int = CASES, seed: int = SEED) -> list[Entry]:
    """All entries, in the order in which they were logged, as `Book.append_many` takes them."""
    dice = Dice(seed)
    logged: list[tuple[datetime, int, Entry]] = []
    for at, opened in enumerate(_openings(cases, dice)):
        for day, (pillar, fields) in _case(at, opened, dice):
            moment = _logged_at(fields.get("date"), day, dice)
            who = dice.weighted({"ana": 70, "ben": 30})
            logged.append((moment, len(logged), (pillar, {**fields, "logged_at": moment, "logged_by": who})))
    logged.sort(key=lambda item: (item[0], item[1]))
    return [entry for _, _, entry in _in_sequence(logged)]


def _in_sequence(logged: list[tuple[datetime, int, Entry]]) -> Iterator[tuple[datetime, int, Entry]]:
    """A case is on the Cases sheet before anything else of it is entered."""
    known = set()
    waiting: dict[object, list[tuple[datetime, int, Entry]]] = {}
    for item in logged:
        pillar, fields = item[2]
        number = fields["number"]
        if pillar == "case":
            known.add(number)
            yield item
            yield from waiting.pop(number, [])
        elif number in known:
            yield item
        else:
            waiting.setdefault(number, []).append(item)


def _openings(cases: int, dice: Dice) -> list[date]:
    months = [
        date(2023 + month // 12, month % 12 + 1, 1) for month, count in enumerate(OPENED_IN_MONTH) for _ in range(count)
    ]
    days = []
    for first in months[:cases]:
        last = 12 if first >= date(2024, 1, 1) else 27
        start = FIRST_DAY.day if first < FIRST_DAY else 0
        days.append(_working_day(first + timedelta(days=dice.between(start, last))))
    return sorted(days)


def _case(at: int, opened: date, dice: Dice) -> list[tuple[date, Entry]]:
    issuer = dice.weighted(ISSUERS)
    case = Case(_number(issuer, at, dice), dice)
    reason_name = dice.weighted({name: reason.weight for name, reason in REASONS.items()})
    reason = REASONS[reason_name]
    item = dice.one_of(list(ITEMS))
    amount = f"{dice.between(*ITEMS[item])}.{dice.one_of(['00', '50', '90', '95'])}"
    currency = dice.weighted(CURRENCIES)
    deadline = {"respond_by": opened + timedelta(days=10)} if issuer != "GTBuy" else {}
    case.add(
        "case", opened, opened=opened, issuer=issuer, order=f"LL-{20_400 + 3 * at}", payment=f"ch_{410_000 + 7 * at}",
        customer=dice.one_of(CUSTOMERS), item=item, reason=reason_name, amount=amount, currency=currency, **deadline,
    )  # fmt: skip
    photos = dice.chance(reason.photos)
    shots = {"evidence": f"photos/{case.number}.jpg"} if photos else {}
    case.say(opened, "Buyer", "Received", f"The customer wrote: {reason.complaint}.", channel="E-mail")
    asked = "Asked for a refund" + (", with photos." if photos else ".")
    case.say(opened, "Support", "Sent", asked, channel="Chat", **shots)
    _support_answers(case, opened, reason, photos, amount, currency, dice)
    return [entry for entry in case.entries if entry[0] <= TODAY.date()]


def _support_answers(
    case: Case, opened: date, reason: Reason, photos: bool, amount: str, currency: str, dice: Dice
) -> None:
    name = dice.weighted({name: agent.weight for name, agent in AGENTS.items()})
    agent = AGENTS[name]
    slow = RUSH[0] <= opened <= RUSH[1]
    if dice.chance(0.10 if slow else 0.02):
        return
    first = _later(opened, dice.between(*agent.reply) + (dice.between(1, 4) if slow else 0))
    channel = dice.weighted(CHANNELS)
    promise, days = PROMISES[dice.between(0, 1)]
    case.say(
        first, "Support", "Received", f"{name} took the case on and will {promise[0].lower()}{promise[1:]}.",
        agent=name, channel=channel, **_promised(first, promise, days, agent, dice),
    )  # fmt: skip
    if not photos and reason.photos and dice.chance(0.6):
        _photos_asked_for(case, first, name, slow, dice)
    end = _later(first, dice.between(*reason.days) + (dice.between(2, 9) if slow else 0))
    if dice.chance(0.45):
        _reminder(case, first, end, name, agent, dice)
    if dice.chance(0.07):
        case.add("resolution", _later(first, 1), status="Pending", outcome="Support waits for the warehouse.")
        return
    _ends(case, end, reason.with_photos if photos else reason.without, amount, currency, dice)


def _promised(day: date, promise: str, days: int, agent: Agent, dice: Dice) -> dict[str, object]:
    if dice.chance(0.2):
        return {}
    due = _later(day, days)
    said = {"promise": promise, "due": due}
    kept = None
    if dice.chance(agent.in_time):
        kept = _later(day, dice.between(min(1, days), days))
    elif dice.chance(agent.ever):
        kept = _later(due, dice.between(1, 6))
    return {**said, "kept_on": kept} if kept and kept <= TODAY.date() else dict(said)


def _photos_asked_for(case: Case, day: date, name: str, slow: bool, dice: Dice) -> None:
    asked = _later(day, 1)
    case.say(asked, "Support", "Received", f"{name} asked for photos of the item and the label.", agent=name)
    sent = _later(asked, dice.between(0, 2) + (dice.between(1, 4) if slow else 0))
    due = _later(asked, 2)
    kept = {"kept_on": sent} if sent <= TODAY.date() else {}
    case.say(asked, "Support", "Sent", "Promised the photos.", promise="Send photos", due=due, **kept)


def _reminder(case: Case, first: date, end: date, name: str, agent: Agent, dice: Dice) -> None:
    day = _later(first, dice.between(3, 6))
    if day >= end:
        return
    case.say(day, "Support", "Sent", "Reminded support of what was promised.", channel="Chat")
    answered = _later(day, 1)
    if answered < end:
        promise, days = PROMISES[dice.between(2, 3)]
        case.say(
            answered,
            "Support",
            "Received",
            f"{name} apologised: {promise[0].lower()}{promise[1:]} within {days} days.",
            agent=name,
            channel="Chat",
            **_promised(answered, promise, days, agent, dice),
        )


def _ends(case: Case, day: date, outcomes: Mapping[str, float], amount: str, currency: str, dice: Dice) -> None:
    status = dice.weighted(outcomes)
    case.add("resolution", day, date=day, currency=currency, **_result(status, amount, dice))
    if status == "Denied" and dice.chance(0.2):
        again = _later(day, dice.between(2, 5))
        case.say(again, "Support", "Sent", "Objected, with the order's photos.", evidence=f"photos/{case.number}-2.jpg")
        case.add("resolution", again, status="Reopened", outcome="Support looks at it again.")
        last = _later(again, dice.between(4, 12))
        second = dice.weighted({"Full Refund": 40, "Partial Refund": 30, "Denied": 30})
        case.add("resolution", last, date=last, currency=currency, **_result(second, amount, dice))


def _result(status: str, amount: str, dice: Dice) -> dict[str, object]:
    method = dice.weighted({"Card": 60, "PayPal": 25, "Bank transfer": 15})
    half = f"{float(amount) * dice.between(4, 7) / 10:.2f}"
    said: dict[str, dict[str, object]] = {
        "Full Refund": {"amount": amount, "method": method, "outcome": "Refunded in full."},
        "Partial Refund": {
            "amount": half,
            "method": method,
            "outcome": "Refunded in part; the item stays with the buyer.",
        },
        "Replacement": {"method": "Replacement sent", "outcome": "A replacement is on its way."},
        "Store Credit": {"amount": half, "method": "Store credit", "outcome": "Credit on the GTBuy account."},
        "Denied": {"outcome": "Denied: not enough to go by."},
        "Withdrawn": {"outcome": "The parcel turned up; withdrawn."},
    }
    return {"status": status, **said[status]}


def _number(issuer: str, at: int, dice: Dice) -> str:
    if issuer == "GTBuy":
        return f"GTB-{700_100 + 13 * at:06d}"
    if issuer == "PayPal":
        return f"PP-R-{''.join(dice.one_of('ABCDEFGHJKLMNPQRSTUVWXYZ') for _ in range(3))}-{520_000_000 + 4_003 * at}"
    return "dp_1" + "".join(dice.one_of("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(14))


def _logged_at(moment: object, day: date, dice: Dice) -> datetime:
    """Mostly the same evening, sometimes days later, in the rush more often than not."""
    slow = RUSH[0] <= day <= RUSH[1]
    late = dice.chance(0.55 if slow else 0.18)
    after = _later(day, dice.between(1, 6 if slow else 3)) if late else day
    at = datetime(after.year, after.month, after.day, 17, 5) + timedelta(minutes=dice.between(0, 150))
    if isinstance(moment, datetime):
        at = max(at, moment + timedelta(minutes=5))
    return min(at, TODAY - timedelta(minutes=1))


def _later(day: date, working_days: int) -> date:
    for _ in range(working_days):
        day = _working_day(day + timedelta(days=1))
    return day


def _working_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def main() -> None:
    """Make the workbook that the command line names, and say so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "path", nargs="?", type=Path, default=Path("shop.xlsx"), help="where to make it [shop.xlsx here]"
    )
    path = parser.parse_args().path
    if path.exists():
        parser.error(f"{path} exists already and is left as it is: name another file")
    made = make(path)
    print(f"Made {made.path}: {len(made.cases)} cases. {made.check().summary()}")


if __name__ == "__main__":
    main()
