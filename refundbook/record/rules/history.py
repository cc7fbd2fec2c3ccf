"""What the history beside the workbook says against it: that it was tampered with, that an older copy took the workbook's place, that what
refundbook fills in was filled in by hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from refundbook.base.findings import Finding, Severity
from refundbook.base.names import HOME, JOURNAL
from refundbook.base.schema import COMMUNICATIONS
from refundbook.base.text import counted, quoted
from refundbook.base.values import to_text
from refundbook.record.history.cells import canonical, plain_value
from refundbook.record.records import Log, Records
from refundbook.record.rules.copies import likeness
from refundbook.record.rules.declare import Scope, warning
from refundbook.record.rules.siblings import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.history.suspicion import Suspicion

BROKEN, OLDER, ANOTHER, USED_AGAIN, LOGGED_BY_HAND = "RB171", "RB172", "RB173", "RB271", "RB272"


@warning(BROKEN, scope=Scope.BESIDE)
def broken_history(found: Suspicion) -> Iterator[Finding]:
    """A history that is not as it was written.

    Each line of the history beside the workbook (`.refundbook/NAME.journal.jsonl`) holds the SHA-256 of the line before. Where that is not so, a
    line was changed, taken out, put in or moved: by somebody, by a program that opened and saved the file, or by a disk. Keep the file as it is;
    `refundbook history --verify` lists what is wrong. A copy of before (a backup of the folder, another computer's) shows what was changed.

        RB171 .refundbook/book.xlsx.journal.jsonl: case number=GTB-123456 opened=2023-12-31 ; hand Cases!M2=Hello ; spoil history
        Okay: case number=GTB-123456 opened=2023-12-31 ; hand Cases!M2=Hello
    """
    if found.problems:
        more = f" ({counted(len(found.problems) - 1, 'more line')} too)" if len(found.problems) > 1 else ""
        hint = "Keep the file as it is: `refundbook history --verify` lists all, and a copy of before shows what was changed."
        yield _about(found, BROKEN, f"{found.problems[0].message}{more}", hint)


@warning(OLDER, scope=Scope.BESIDE)
def older_workbook(found: Suspicion) -> Iterator[Finding]:
    """A workbook that is older than its history.

    The workbook is what it was some lines of its history ago, and no `refundbook restore` or `undo` made it so: a sync client, a backup or a person
    put an older copy in its place, and what was entered since is gone from it. `refundbook history` says what that was.

        RB172 .refundbook/book.xlsx.journal.jsonl: case number=GTB-123456 opened=2023-12-31 ; hand Cases!M2=Hello ; older copy
        Okay: case number=GTB-123456 opened=2023-12-31 ; hand Cases!M2=Hello
    """
    if found.older:
        lost = counted(found.gone, "later change") if found.gone else "nothing that was entered later"
        message = (
            f"The workbook is what it was at line {found.older} of its history ({found.since.replace('T', ' ')}): an older copy took its place"
            + (f", and {lost} {'is' if found.gone == 1 else 'are'} not in it." if found.gone else ".")
        )
        hint = "If nobody meant that: `refundbook history` says what is missing, and `refundbook restore` lists newer copies."
        yield _about(found, OLDER, message, hint)


@warning(ANOTHER, scope=Scope.BESIDE)
def other_histories(path: Path) -> Iterator[Finding]:
    """A second history, or one whose workbook is not there.

    Where two computers wrote at once and a sync client kept both, there are two histories that part at some line: each is right for what its computer
    did, and none is put into the other. Keep both: `refundbook history` of each copy of the workbook tells what its computer did. No entry number of the
    other one is given out again. A history whose workbook is gone belongs to one that was renamed and changed before the next command: that began a new
    one. Keep it too: rename it after the workbook that it belongs to only where that has none.

        RB173 .refundbook/old.xlsx.journal.jsonl: case number=GTB-123456 opened=2023-12-31 ; beside ".refundbook/old.xlsx.journal.jsonl"
        RB173 .refundbook/book.xlsx.journal-PC.jsonl: case number=GTB-123456 opened=2023-12-31 ; beside ".refundbook/book.xlsx.journal-PC.jsonl"
        Okay: case number=GTB-123456 opened=2023-12-31 ; hand Cases!M2=Hello
    """
    journal = path.parent / HOME / f"{path.name}{JOURNAL}"
    for name in names_in(journal.parent):
        owner = name.removesuffix(JOURNAL)
        is_lost = owner != name and not os.path.lexists(path.with_name(owner))
        if (is_lost or likeness(name, journal)) and journal.with_name(name).is_file():
            said = f"{HOME}/{name}"
            why = (
                f"{quoted(said)} is the history of {owner}, which is not there."
                if is_lost
                else f"{quoted(said)} looks like a sync client's copy of the history: two computers wrote at once, and it tells what the other one did."
            )
            yield Finding(
                ANOTHER, Severity.WARNING, said, "", said, why, "Keep it; nothing is put from the one into the other."
            )


@warning(USED_AGAIN, scope=Scope.BESIDE)
def entry_used_again(found: Suspicion, records: Records) -> Iterator[Finding]:
    """An entry number that another message had before.

    Entry numbers name a message for good: in letters, packets and the history. refundbook gives none out again, also not that of a message that was
    deleted. Here a number was typed that the history knows from another message. Clear the cell: the next save fills in a new one, if the row is
    right below the table; else type the next free number.

        RB271 Communications!A2: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Buyer summary=Hello entry=7 ; hand Communications!A2=8 ; hand Communications!H2=Other ; hand Communications!A2=7
        Okay: case number=GTB-123456 opened=2023-12-31 ; communication number=GTB-123456 date=2023-12-31 with=Buyer summary=Hello entry=7 ; hand Communications!A2=8
    """
    log = records.communications
    for at, entry in enumerate(log["entry"]) if found.used_again else ():
        if entry in found.used_again:
            message = f"{COMMUNICATIONS['entry'].header} {entry} was the number of another message before."
            yield _at(
                log,
                at,
                "entry",
                USED_AGAIN,
                message,
                "Type the next free number; `refundbook history --entry` tells of both.",
            )


@warning(LOGGED_BY_HAND, scope=Scope.BESIDE)
def logged_by_hand(found: Suspicion, records: Records) -> Iterator[Finding]:
    """A Logged At or Logged By that no command wrote.

    refundbook fills in when a row was entered and by whom. Here it was typed or changed by hand, so it says nothing any more of when the row was
    entered; the history does. Put back what stood there, or leave it blank.

        RB272 Cases!O2: case number=GTB-123456 opened=2023-12-31 logged_by=ana ; hand Cases!O2=bo
        Okay: case number=GTB-123456 opened=2023-12-31 logged_by=ana ; hand Cases!M2=bo
    """
    for log in records.logs if found.by_hand else ():
        for name in ("logged_at", "logged_by"):
            header = log.sheet[name].header
            for at, value in enumerate(log[name]):
                keys = found.by_hand.get((log.sheet.pillar, header, canonical(plain_value(value))), ())
                if value is not None and _key(log, at) in keys:
                    message = f"{header} {quoted(to_text(value))} was put there by hand: no command wrote it."
                    yield _at(
                        log,
                        at,
                        name,
                        LOGGED_BY_HAND,
                        message,
                        "`refundbook history` tells what stood there: put it back, or clear the cell.",
                    )


def _key(log: Log, at: int) -> str:
    entry = log["entry"][at] if log.sheet is COMMUNICATIONS else None
    return str(entry) if isinstance(entry, int) else str(log["number"][at])


def from_history(found: Suspicion, records: Records) -> list[Finding]:
    """What all of these rules find."""
    return [
        *broken_history(found),
        *older_workbook(found),
        *entry_used_again(found, records),
        *logged_by_hand(found, records),
    ]


def _about(found: Suspicion, code: str, message: str, hint: str) -> Finding:
    return Finding(code, Severity.WARNING, found.journal, "", found.journal, message, hint)


def _at(log: Log, at: int, name: str, code: str, message: str, hint: str) -> Finding:
    value, header = to_text(log[name][at]), log.sheet[name].header
    return Finding(code, Severity.WARNING, log.sheet.name, log.address(at, name), value, message, hint, header)
