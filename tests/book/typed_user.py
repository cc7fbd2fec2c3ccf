"""What somebody who uses the library writes, for mypy alone: nothing of it is run. Where mypy no longer finds what is
wrong in a line, it says that its comment is unused.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import refundbook
from refundbook import Book, Books, Finding


def right(book: Book) -> None:
    book.append_case(
        "GTB-1", opened="2023-10-26", amount=Decimal("49.90"), currency="USD", respond_by=date(2023, 11, 1)
    )
    book.append_communication("GTB-1", date="today", with_="Support", summary="x", direction="Sent", due="48 hrs")
    book.append_resolution("GTB-1", status="Full Refund", date=date(2023, 10, 30), amount=3)
    book.append("case", {"number": "GTB-2", "opened": "today", "Seller": "Shop Nine"})
    books: Books = refundbook.load_all("shops/*.xlsx", today="2023-11-05")
    first: Finding = books.check().findings[0]
    print(first.column, books.failed, books.cases.shape, book.due().to_frame(), books.export("shops/").rows)


def wrong(book: Book) -> None:
    book.append_case("GTB-1", opened="today", ammount="3")  # type: ignore[call-arg]  # no such parameter
    book.append_communication("GTB-1", date="today", with_="Agent", summary="x")  # type: ignore[arg-type]  # not in the list
    book.append_resolution("GTB-1", status="Done")  # type: ignore[arg-type]  # not in the list
    book.append_case("GTB-1", opened="today", amount=[3])  # type: ignore[arg-type]  # no amount
    book.append_case("GTB-1")  # type: ignore[call-arg]  # a required one is missing
