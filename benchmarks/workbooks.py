"""Makes workbooks of any size, always the same ones: N cases, each with three messages, every second one refunded."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

import refundbook

TODAY = datetime(2023, 12, 1, 12)
FIRST_DAY = date(2023, 1, 1)
_MORNING = time_of_day(10)


def entries(cases: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The entries of a workbook with `cases` cases, as `Book.append_many` takes them."""
    for i in range(cases):
        number, opened = case_number(i), FIRST_DAY + timedelta(days=i % 300)
        yield (
            "case",
            {
                "number": number,
                "opened": opened,
                "order": f"ORD-{i:07d}",
                "customer": f"Customer {i}",
                "item": "Blue running shoes",
                "reason": "Defective",
                "amount": "49.90",
                "currency": "USD",
                "logged_at": datetime.combine(opened, _MORNING),
            },
        )
        for k in range(3):
            day = opened + timedelta(days=k)
            yield (
                "communication",
                {
                    "number": number,
                    "date": day,
                    "with_": "Support",
                    "direction": "Received" if k else "Sent",
                    "agent": "Maya" if k else None,
                    "summary": (
                        f"Message {k}: the customer claimed that the item was defective and sent photos; "
                        "support answers."
                    ),
                    "logged_at": datetime.combine(day, _MORNING),
                },
            )
        if i % 2:
            day = opened + timedelta(days=5)
            yield (
                "resolution",
                {
                    "number": number,
                    "status": "Full Refund",
                    "date": day,
                    "amount": "49.90",
                    "currency": "USD",
                    "method": "Card",
                    "outcome": "Refunded to the card.",
                    "logged_at": datetime.combine(day, _MORNING),
                },
            )


def case_number(position: int) -> str:
    """The number of the case at a position (from 0)."""
    return f"GTB-{100_000 + position:06d}"


def make(path: Path, cases: int) -> None:
    """Make the workbook, in place of one that is there."""
    path.unlink(missing_ok=True)
    with refundbook.create(path, today=TODAY, user="bench") as book:
        book.append_many(entries(cases))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=int, help="the number of cases")
    parser.add_argument("path", type=Path, help="the workbook to make, in place of one that is there")
    given = parser.parse_args()
    make(given.path, given.cases)
