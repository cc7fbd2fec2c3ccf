"""The evidence packet of one case: a summary in the gateways' terms, a numbered record in order of time, and the files
that the log names.

`gather` reads and decides, and writes nothing; `write` makes the folder or the ZIP archive, all or nothing. The same
workbook, files and day make the same packet, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from refundbook.base.cards import find_card_number
from refundbook.base.dates import day_of
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Kind, Sheet
from refundbook.evidence.attachments import (
    Identity,
    NotTaken,
    is_link,
    locate,
    look_at,
    own_name,
    packet_name,
    references,
)
from refundbook.evidence.gateways import Term, summary
from refundbook.record.case_lookup import case_file
from refundbook.record.casefile import CaseFile, Fields, from_whom, paid_text, text_of
from refundbook.record.records import Records

FILES = "files"
HISTORY, CHAIN = "history.txt", "history.jsonl"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the record. `details` are labelled texts; `evidence` are the files and links that it names, as its
    cell says them.
    """

    number: int
    when: str
    what: str
    text: str
    details: tuple[tuple[str, str], ...] = ()
    evidence: tuple[str, ...] = field(default=(), repr=False)
    with_buyer: bool = False


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file in the packet. `name` is its path there, `own_name` its own, `items` the record's entries that name it."""

    name: str
    own_name: str
    source: Path = field(repr=False)
    items: tuple[int, ...]
    with_buyer: bool
    identity: Identity = field(repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """An address that the log names. It is listed, never opened."""

    address: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """A file that the log names and the packet has not, and why: the rest of a sentence."""

    own_name: str
    reason: str
    items: tuple[int, ...]
    outside: bool
    linked: bool


@dataclass(frozen=True, slots=True)
class Packet:
    """All that goes into a packet. Payment card numbers in free text are masked already. `texts` are further files, by
    name.
    """

    number: str
    prepared: date
    summary: tuple[Term, ...]
    items: tuple[Item, ...]
    exhibits: tuple[Exhibit, ...]
    links: tuple[Link, ...]
    absent: tuple[Absent, ...]
    texts: tuple[tuple[str, str | bytes], ...] = ()


def gather(
    records: Records, number: str, workbook: Path, *, allow_outside: bool = False, allow_linked: bool = False
) -> Packet:
    """What belongs into the packet of the case `number`. `workbook` is the file whose folder the evidence lies beside.

    Files from outside of that folder, and those with other names (hard links), are taken only where that is allowed;
    workbooks of cases, and what refundbook keeps in `.refundbook`, never. Nothing is written, and of files no more is
    read than tells whether they are such workbooks. Raises UnknownEntry, with the nearest number, where there is no
    such case.
    """
    return packet_of(case_file(records, number), workbook, allow_outside=allow_outside, allow_linked=allow_linked)


def packet_of(file: CaseFile, workbook: Path, *, allow_outside: bool = False, allow_linked: bool = False) -> Packet:
    """What `gather` gives of the case that this is the file of."""
    items = tuple(_record(file, file.as_of))
    exhibits, links, absent = _sorted_out(items, workbook, allow_outside, allow_linked)
    terms = tuple(replace(term, value=_masked_term(term)) for term in summary(file))
    return Packet(file.number, file.as_of, terms, items, exhibits, links, absent)


def mask(text: str) -> str:
    """`text` with all but the first 6 and last 4 digits of every payment card number in it as `*`."""
    while masked := find_card_number(text):
        digits = [re.escape(d) if d != "*" else "[0-9]" for d in masked]
        text = re.sub("[ \u00a0-]?".join(digits), masked, text)
    return text


def _masked_term(term: Term) -> str:
    identifiers = {column.header for column in CASES.columns if column.kind is Kind.IDENTIFIER}
    return term.value if term.label in identifiers else mask(term.value)


# The record


def _record(file: CaseFile, today: date) -> Iterator[Item]:
    """Opening, messages and resolutions in order of time. On the same day a message precedes a resolution, which has no
    time of day.
    """
    events = [(_when(file.case, CASES, "opened"), 0, _opening(file.case))]
    events += [(_when(m, COMMUNICATIONS, "date"), 1, _message(m, today)) for m in file.messages]
    events += [(_when(r, RESOLUTIONS, "date"), 2, _resolution(r, file.currency)) for r in file.resolutions]
    # Messages and resolutions are in their own order already, and the sort keeps it within a day.
    events.sort(key=lambda event: (event[0], event[1]))
    return (replace(item, number=number) for number, (_, _, item) in enumerate(events, 1))


def _when(entry: Fields, sheet: Sheet, name: str) -> date:
    """The day of an entry; of one without a date, such as Pending, the day that it was logged; else the last place."""
    moment = entry.get(sheet[name].header) or entry.get(sheet["logged_at"].header)
    return day_of(moment) if isinstance(moment, date) else date.max


def _opening(case: Fields) -> Item:
    text = mask(": ".join(filter(None, (text_of(CASES, case, "reason"), text_of(CASES, case, "item")))))
    return Item(0, text_of(CASES, case, "opened"), "Case opened", text, _details(case, CASES, "logged_at"))


def _message(message: Fields, today: date) -> Item:
    with_ = text_of(COMMUNICATIONS, message, "with_")
    sent = text_of(COMMUNICATIONS, message, "direction") == "Sent"
    details = _details(message, COMMUNICATIONS, "promise", "due", "kept_on", "logged_at")
    due = message.get(COMMUNICATIONS["due"].header)
    kept = COMMUNICATIONS["kept_on"].header
    if not sent and isinstance(due, date) and day_of(due) < today and kept not in message:
        at = 1 + [label for label, _ in details].index(COMMUNICATIONS["due"].header)
        details = (*details[:at], (kept, f"not kept as of {today}"), *details[at:])
    return Item(
        0,
        text_of(COMMUNICATIONS, message, "date"),
        mask(from_whom(message)),
        mask(text_of(COMMUNICATIONS, message, "summary")),
        details,
        tuple(references(text_of(COMMUNICATIONS, message, "evidence"))),
        with_ == "Buyer",
    )


def _resolution(entry: Fields, currency: str) -> Item:
    amount = paid_text(entry, currency)
    details = ((RESOLUTIONS["amount"].header, amount),) if amount else ()
    return Item(
        0,
        text_of(RESOLUTIONS, entry, "date") or _entered(entry),
        text_of(RESOLUTIONS, entry, "status"),
        mask(text_of(RESOLUTIONS, entry, "outcome")),
        (*details, *_details(entry, RESOLUTIONS, "method", "logged_at")),
    )


def _entered(entry: Fields) -> str:
    day = _when(entry, RESOLUTIONS, "date")
    return "no date" if day == date.max else f"entered {day}"


def _details(entry: Fields, sheet: Sheet, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((sheet[name].header, mask(value)) for name in names if (value := text_of(sheet, entry, name)))


# Files and links


def _sorted_out(
    items: tuple[Item, ...], workbook: Path, allow_outside: bool, allow_linked: bool
) -> tuple[tuple[Exhibit, ...], tuple[Link, ...], tuple[Absent, ...]]:
    named: dict[str, list[Item]] = {}
    for item in items:
        for said in item.evidence:
            named.setdefault(said, []).append(item)
    found: dict[Path, list[str]] = {}
    identities: dict[Path, Identity] = {}
    links, absent = [], []
    for said, by in named.items():
        numbers = _numbers(by)
        if is_link(said):
            links.append(Link(mask(said), numbers))
            continue
        try:
            path = locate(said, workbook, allow_outside=allow_outside)
            if path not in found:
                identities[path] = look_at(path, workbook, allow_linked=allow_linked)
            found.setdefault(path, []).append(said)
        except NotTaken as error:
            absent.append(Absent(mask(own_name(said)), str(error), numbers, error.outside, error.linked))
    width = max(2, len(str(len(found))))
    exhibits = []
    for number, (path, names) in enumerate(found.items(), 1):
        by = [item for said in names for item in named[said]]
        shown = mask(own_name(names[0]))
        name = f"{FILES}/{packet_name(number, width, shown)}"
        with_buyer = all(item.with_buyer for item in by)
        exhibits.append(Exhibit(name, shown, path, _numbers(by), with_buyer, identities[path]))
    return tuple(exhibits), tuple(links), tuple(absent)


def _numbers(items: list[Item]) -> tuple[int, ...]:
    return tuple(sorted({item.number for item in items}))
