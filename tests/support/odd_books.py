"""Random workbooks on which formulas and a program easily part ways: no rows and one row, unsorted rows, ties, blank
rows, numbers spelled in every way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from refundbook.base.identifiers import canonical, normal
from refundbook.base.schema import FINAL_STATUSES, OPEN_STATUSES
from refundbook.base.settings import Settings
from tests.support.books import Entries, Row, filled

NUMBERS = (
    *("GTB-000001", "GTB-000002", "PP-R-77", "INV 7", "5.1", "5.10", "a*b", "axb", "a?b", "~tilde", "00789012"),
    *("789012", "Dis-Pute/9", "re_1Ab", "re_1aB", "CB#12_3", "R(4)+5", "ÄÖ-12", "x_9Ab", "x_9aB", "X_9AB"),
)
"""GTBuy's, PayPal's, free ones, with wildcards and without, two of Stripe's that only their letters' case tells apart,
and three that it does if a case is Stripe's.
"""

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "lower": str.lower,
    "upper": str.upper,
    "en dash": lambda number: number.replace("-", "–"),
    "em dash": lambda number: number.replace("-", "—"),
    "figure dash": lambda number: number.replace("-", "\u2012"),
    "minus": lambda number: number.replace("-", "\u2212"),
    "non-breaking hyphen": lambda number: number.replace("-", "\u2011"),
    "full-width dash": lambda number: number.replace("-", "－"),
    "no-break spaces": lambda number: f"\u00a0{number}\u00a0".replace("V 7", "V\u00a07"),
    "other blanks": lambda number: f" {number}\u2009\t".replace("V 7", "V\u202f\u3000 7"),
    "zero-width": lambda number: f"\u200b{number[:2]}\u200d{number[2:]}\ufeff",
    "marks of direction": lambda number: f"\u200e{number}\u202c\u2069",
    "soft hyphen": lambda number: f"{number[:1]}\u00ad{number[1:]}",
    "full-width": lambda number: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in number),
    "full-width and lower": lambda number: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else c for c in number.lower()),
}  # fmt: skip

REASONS = ("Defective", "defective ", "Non-delivery", "Wrong item", "Not listed", None)
CURRENCIES = ("USD", "usd", "EUR", "JPY", "XXX", None)
WORDS = ("Asked for 48 hrs.", "Sent photos.", "two\nlines", "+1 (call me)", " spaced ", "Ö 👍", "5", "Why?")
COUNTS = (0, 1, 1, 2, 3, 6, 12)


def random_entries(random: Random, counts: Sequence[int] | None = None) -> Entries:
    """Rows for the three logs, so many of each; blank rows among them count as rows."""
    how_many = counts if counts is not None else [random.choice(COUNTS) for _ in range(3)]
    numbers = random.sample(NUMBERS, min(len(NUMBERS), max(1, how_many[0])))
    makers = (_case, _message, _resolution)
    logged = random.choice((0.0, 0.5, 1.0))
    logs = []
    for count, make in zip(how_many, makers, strict=True):
        of = numbers if make is _case else [*numbers * 10, random.choice(NUMBERS)]
        rows = [
            make(
                random,
                numbers[k] if make is _case and k < len(numbers) and random.random() < 0.8 else random.choice(of),
                logged,
            )
            for k in range(count)
        ]
        if count > 2 and random.random() < 0.3:
            rows[random.randrange(count)] = {}
        logs.append(tuple(rows))
    cases, messages, ends = logs
    more = Random(str(logs))
    cases = tuple({**row, **_asked_by_gateway(more)} if row else row for row in cases)
    messages = tuple(_due_later(more, row) for row in messages)
    return Entries(cases, tuple(row if _has_case(row, cases) else _without_promise(row) for row in messages), ends)


def many_entries(random: Random, cases: int, today: date) -> Entries:
    """Rows of so many cases, each with a number of its own, which messages and resolutions spell in other ways.

    No promise is due at some time of `today`.
    """
    numbers = [f"GTB-{100_000 + k}" for k in range(cases)]
    logs = [
        tuple(make(random, random.choice(numbers), 0.5) for _ in range(count))
        for make, count in ((_message, 3 * cases), (_resolution, cases))
    ]
    opened = tuple({**_case(random, number, 0.5), **_asked_by_gateway(random)} for number in numbers)
    return Entries(opened, tuple(_not_due(_due_later(random, row), on=today) for row in logs[0]), logs[1])


def _not_due(row: Row, on: date) -> Row:
    """Of a day it is not known at what time it is looked at."""
    due = row.get("due")
    return {**row, "due": None} if isinstance(due, datetime) and due.date() == on else row


def _has_case(row: Row, cases: Sequence[Row]) -> bool:
    """Whether a message belongs to a case: letters' case counts where one of the same letters is of an issuer by whom it does."""
    group = [case for case in cases if _group(case) == _group(row)]
    spelled = {normal(str(case.get("number", ""))) for case in group}
    is_told_apart = len(spelled) > 1 and any(str(case.get("issuer")).strip().lower() == "stripe" for case in group)
    return normal(str(row.get("number", ""))) in spelled if is_told_apart else bool(group)


def _group(row: Row) -> str:
    return canonical(str(row.get("number", "")), Settings().issuers)


def filled_with(entries: Entries, path: Path) -> Path:
    return filled(path, entries.cases, entries.communications, entries.resolutions)


def _spelled(random: Random, number: str) -> str:
    return SPELLINGS[random.choice(list(SPELLINGS))](number) if random.random() < 0.6 else number


def _day(random: Random, first: int = 0, last: int = 60) -> date:
    return date(2023, 11, 10) + timedelta(days=random.randint(first, last))


def _moment(random: Random) -> date:
    day = _day(random, 0, random.choice((3, 60)))
    return day if random.random() < 0.5 else datetime(day.year, day.month, day.day, random.choice((0, 9, 23)), random.choice((0, 59)), random.choice((1, 59)))  # fmt: skip


def _case(random: Random, number: str, logged: float) -> Row:
    return {
        "number": _spelled(random, number) if random.random() < 0.3 else number,
        "opened": _day(random) - timedelta(days=random.choice((0, 0, 30, 90))) if random.random() < 0.95 else None,
        "reason": random.choice(REASONS),
        "amount": random.choice((10, 49.9, 0.01, None)),
        "currency": random.choice(CURRENCIES),
        "issuer": random.choice(("GTBuy", "Stripe", "stripe ", None)),
    }


def _asked_by_gateway(random: Random) -> Row:
    by = _moment(random) + timedelta(days=random.choice((5, 70)))
    return {
        "respond_by": by if random.random() < 0.3 else None,
        "answered_on": _day(random) if random.random() < 0.3 else None,
    }


def _due_later(random: Random, row: Row) -> Row:
    """A promise that is due after the day on which the workbooks are looked at, or without a date, now and then."""
    due = row.get("due")
    if not isinstance(due, date) or (kind := random.random()) < 0.5:
        return row
    return {**row, "due": due + timedelta(days=60) if kind < 0.85 else None}


def _message(random: Random, number: str, logged: float) -> Row:
    promise = random.random() < 0.5
    return {
        "number": _spelled(random, number),
        "date": _moment(random) if random.random() < 0.95 else None,
        "with_": random.choice(("Support", "Support", "Buyer")),
        "direction": random.choice(("Received", "Sent", None)),
        "summary": random.choice(WORDS),
        "agent": random.choice(("Maya", "Ö 👍", " Lee ", None)),
        "promise": "Call" if promise else None,
        "due": _moment(random) + timedelta(days=5) if promise and random.random() < 0.9 else None,
        "kept_on": _day(random) if promise and random.random() < 0.4 else None,
    }


def _resolution(random: Random, number: str, logged: float) -> Row:
    status = random.choice((*OPEN_STATUSES, *FINAL_STATUSES))
    return {
        "number": _spelled(random, number),
        "status": status,
        "date": _day(random) if status != "Pending" and random.random() < 0.85 else None,
        "amount": random.choice((10, 49.9, None)),
        "currency": random.choice(CURRENCIES),
        "outcome": random.choice(("Paid.", "Full Refund: bank sent it back.", "Pending", "\u00a0 ", "Reopened", None)),
        "logged_at": _moment(random) if random.random() < logged else None,
    }


def _without_promise(row: Row) -> Row:
    """What becomes of a promise where there is no case is nobody's to say."""
    return {key: value for key, value in row.items() if key != "promise"}
