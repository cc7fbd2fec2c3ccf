"""Case numbers that stand in more than one workbook, compared as they are within one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES
from refundbook.base.settings import Issuer
from refundbook.base.values import to_text
from refundbook.record.case_keys import CaseKeys
from refundbook.record.records import Log, Records


class NumberedBook(NamedTuple):
    """The case numbers of the workbook `book`, one a case: each with what stands in Issuer and its cell on Cases, and
    the issuers that the workbook knows.
    """

    book: str
    numbers: tuple[str, ...]
    issuers: tuple[object, ...]
    cells: tuple[str, ...]
    known: tuple[Issuer, ...]

    @classmethod
    def of(cls, book: str, records: Records) -> NumberedBook:
        log = records.cases
        cells = (log.address(i, "number") for i in range(len(log)))
        numbers = map(to_text, log["number"])
        return cls(book, tuple(numbers), tuple(log["issuer"]), tuple(cells), records.settings.issuers)


class Place(NamedTuple):
    """A case among several workbooks: the position of its workbook, its own in there, and both in words."""

    at: int
    position: int
    book: str
    cell: str
    number: str


def shared_numbers(books: Sequence[NumberedBook]) -> dict[str, list[Place]]:
    """The numbers that the rules take for one, in their canonical form, that more than one workbook has, each with all
    its cases, in the order of the workbooks and their rows.

    Upper and lower case differ where an issuer's patterns, or a case of such an issuer, in any of them say so.
    """
    issuers = tuple(dict.fromkeys(chain.from_iterable(book.known for book in books)))
    columns: dict[str, list[object]] = {
        "number": [number or None for book in books for number in book.numbers],
        "issuer": [issuer for book in books for issuer in book.issuers],
    }
    log = Log(CASES, issuers, {}, columns=columns)
    log.find_keys({})
    CaseKeys((log,), issuers)
    places = [
        Place(at, position, book.book, book.cells[position], number)
        for at, book in enumerate(books)
        for position, number in enumerate(book.numbers)
    ]
    found = {key: [places[i] for i in rows] for key, rows in log.by_case.items() if key and len(rows) > 1}
    return {key: cases for key, cases in found.items() if len({place.at for place in cases}) > 1}
