"""What stands beside the workbook: copies that a sync client made because two people changed it at once, entries that wait for no workbook, and other workbooks with its cases."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from refundbook.base import names
from refundbook.base.findings import Finding, Severity
from refundbook.base.names import HOME
from refundbook.base.schema import CASES
from refundbook.base.text import counted, quoted
from refundbook.record.rules.copies import CaseNumbers, Likeness, holds_other_cases, likeness
from refundbook.record.rules.declare import RULES, Scope, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.shared_numbers import NumberedBook, Place

CONFLICT_COPY = "RB158"
LOST_INBOX = "RB160"


@warning(LOST_INBOX, scope=Scope.BESIDE)
def lost_inboxes(path: Path) -> Iterator[Finding]:
    """An inbox that no workbook takes its entries from.

    What is entered while a workbook is open elsewhere waits in `.refundbook/NAME.inbox.jsonl`. Where the workbook was
    renamed since, or a sync client made a copy of the inbox because two computers kept entries at once, nothing ever enters
    them. Rename the inbox after the workbook, or enter what it holds (each line is one entry) and move it away.

        RB160 .refundbook/old.xlsx.inbox.jsonl: case number=GTB-123456 opened=2023-12-31 ; beside ".refundbook/old.xlsx.inbox.jsonl"
        RB160 .refundbook/book.xlsx.inbox-PC.jsonl: case number=GTB-123456 opened=2023-12-31 ; beside ".refundbook/book.xlsx.inbox-PC.jsonl"
        Okay: case number=GTB-123456 opened=2023-12-31 ; beside ".refundbook/book.xlsx.inbox.jsonl"
    """
    inbox = path.parent / HOME / f"{path.name}{names.INBOX}"
    for name in names_in(inbox.parent):
        owner = name.removesuffix(names.INBOX)
        is_lost = owner != name and not os.path.lexists(path.with_name(owner))
        if (is_lost or likeness(name, inbox)) and inbox.with_name(name).is_file():
            said = f"{HOME}/{name}"
            why = f"there is no {owner} any more" if is_lost else "it looks like a sync client's copy of the inbox"
            hint = "Enter what it holds, and move it away."
            if is_lost and not inbox.exists():
                hint = (
                    f"If it is this workbook's, rename it to {inbox.name}. Else: enter what it holds, and move it away."
                )
            yield Finding(
                LOST_INBOX,
                Severity.WARNING,
                said,
                "",
                said,
                f"Nothing enters what waits in {quoted(said)}: {why}.",
                hint,
            )


@warning(CONFLICT_COPY, scope=Scope.BESIDE)
def conflict_copies(path: Path, numbers_of: CaseNumbers) -> Iterator[Finding]:
    """A sync client's conflict copy beside the workbook.

    Where two people change a workbook at once, Dropbox, OneDrive, Google Drive, Syncthing and the like keep both: one of
    them under a name such as `tracker (conflicted copy).xlsx` or `tracker-PC.xlsx`. Rows that were entered there are
    missing here. Open the copy, enter what is missing, then move the copy away; if it is a workbook of its own, give it
    another name. Copies by Explorer, Finder and Google Drive (`tracker - Copy.xlsx`, `Copy of tracker.xlsx`) count too, in many languages. A workbook
    whose cases are mostly others is none, whatever number or computer's name it bears. (Read from the folder's list of names: the workbook in these examples is `book.xlsx`.)

        RB158 book (Mia's conflicted copy 2023-12-30).xlsx: case number=GTB-123456 opened=2023-12-31 ; beside "book (Mia's conflicted copy 2023-12-30).xlsx"
        Okay: case number=GTB-123456 opened=2023-12-31 ; beside "book 2022.xlsx" ; beside "bookkeeping-EU.xlsx"
    """
    for name in names_in(path.parent):
        found = likeness(name, path)
        if found is Likeness.CERTAIN or (found and not holds_other_cases(path.with_name(name), path, numbers_of)):
            yield Finding(
                CONFLICT_COPY,
                Severity.WARNING,
                name,
                "",
                name,
                f"{quoted(name)} beside the workbook looks like a copy of it, as sync clients make them of conflicts: "
                "its rows may be missing here.",
                "Enter what is missing, then move the copy away; if it is none, give it another name.",
            )


def names_in(folder: Path) -> list[str]:
    """The names in a folder; none where it cannot be read."""
    with suppress(OSError):
        return sorted(os.listdir(folder))  # noqa: PTH208  (only names are needed)
    return []


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
