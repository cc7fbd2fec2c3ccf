"""The rules across workbooks: what only shows where several are looked at together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from refundbook.base.findings import Finding
from refundbook.base.schema import CASES
from refundbook.base.text import counted, quoted
from refundbook.record.rules.declare import RULES, Scope, warning

if TYPE_CHECKING:
    from refundbook.record.shared_numbers import NumberedBook, Place

Elsewhere = tuple[int, str, str, str, str]
"""What a rule across workbooks yields: the position of the workbook, the cell on Cases, its value, what is wrong, what to do."""

_HINT = "Keep the case in the workbook that it belongs in, with all its messages, and take it out of the other."


def check_books(books: Sequence[NumberedBook]) -> list[list[Finding]]:
    """What the rules across workbooks find, for each workbook in the order of its rows."""
    found: list[list[Finding]] = [[] for _ in books]
    column = CASES["number"].header
    for rule in (rule for rule in RULES.values() if rule.scope is Scope.BOOKS):
        for at, cell, value, message, hint in rule.find(books):
            found[at].append(Finding(rule.code, rule.severity, CASES.name, cell, value, message, hint, column))
    return [sorted(of_book, key=lambda finding: finding.row) for of_book in found]


@warning("RB451", scope=Scope.BOOKS)
def number_in_two_books(books: Sequence[NumberedBook]) -> Iterator[Elsewhere]:
    """A case number in more than one workbook.

    Every case has one number, and belongs in one workbook: in two, its messages and its outcome are split, and what is added up over
    all workbooks counts it twice. Numbers are compared as within a workbook. Keep the case in the workbook that it belongs in, enter there what only the
    other has, and take it out of the other. Where a whole workbook is a copy that is kept on purpose, leave it out of what is looked at together. (In these examples
    ` ;; ` begins the next workbook.)

        RB451 Cases!A2, RB451 Cases!A2: case number=GTB-123456 opened=2023-12-31 ;; case number=gtb-123456 opened=2023-12-30
        Okay: case number=GTB-123456 opened=2023-12-31 ;; case number=GTB-654321 opened=2023-12-31
        Okay: case number=dp_1abc issuer=Stripe opened=2023-12-31 ;; case number=dp_1ABC issuer=Stripe opened=2023-12-31
    """
    from refundbook.record.shared_numbers import (
        shared_numbers,
    )  # an append, which looks at one workbook, starts without

    for places in shared_numbers(books).values():
        for place in places:
            others = [other for other in places if other.at != place.at]
            yield place.at, place.cell, place.number, _message(place, others), _HINT


def _message(place: Place, others: Sequence[Place]) -> str:
    first = others[0]
    spelled = f", spelled {quoted(first.number)}" if first.number != place.number else ""
    books = len({other.at for other in others}) - 1
    more = f" and in {counted(books, 'more workbook')}" if books else ""
    where = f"in {first.book} ({CASES.name}!{first.cell}{spelled})"
    return f"{CASES['number'].header} {place.number} is also {where}{more}."
