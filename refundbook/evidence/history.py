"""What a packet says of its case's history: in words, with what that proves and what not, and where it is asked for the
chain itself, with every other case's changes left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from refundbook.base.dates import moment_text
from refundbook.base.schema import BY_PILLAR
from refundbook.base.text import safe
from refundbook.evidence.packet import Packet, mask
from refundbook.record.history.cells import Row
from refundbook.record.history.chain import Change
from refundbook.record.history.words import BY_HAND, Event, change_text

_KEPT_BACK = ("notes", "logged_by")
"""Columns that stay out of a packet; people's own do too."""

_WHAT_IT_IS = """\
refundbook notes beside the workbook what each command enters and corrects, and what was changed in it by hand since
the one before. Each line of these notes holds the SHA-256 of the line before. The newest one of all is the head.
"""
_WHAT_IT_PROVES = """\
What this proves: nothing, by itself; whoever has the workbook can write such notes anew. To somebody who has had the
head, or a later one, since some day, or has a time stamp of it: that no line up to it was changed, taken out or put in
since that day.

What it does not prove: that what was entered is true, who entered it, or that the computer's clock was right. Of what
was changed by hand it is known between which two lines that was, and what stood there before and after.
"""


def history_text(packet: Packet, events: Sequence[Event], head: str, stamps: Collection[str] = ()) -> str:
    """The case's history in words, oldest first, without what stays out of a packet. `events` are those with changes
    of the case, `head` the number and hash of the newest line, `stamps` sentences on time stamps.
    """
    lines = [f"The history of case {packet.number}, as of {packet.prepared}", "", *_WHAT_IT_IS.splitlines(), ""]
    lines += [f"Head: {head}", *stamps, "", "What was done"]
    for event in events:
        told = [mask(text) for change in event.changes if (text := _told(change, event.currencies))]
        if told and not event.did_not_happen:
            lines += [_when(event), *(f"    {text}" for text in told)]
    lines += ["", *_WHAT_IT_PROVES.splitlines()]
    return "".join(f"{safe(line)}\n" for line in lines)


def _when(event: Event) -> str:
    at = moment_text(event.at)
    if event.kind in BY_HAND:
        return f"Line {event.line}, between {moment_text(event.since or event.at)} and {at}, by hand or elsewhere:"
    how = "in the workbook when the notes began" if event.kind == "begin" else "by refundbook"
    return f"Line {event.line}, {at}, {how}:"


def _told(change: Change, currencies: Mapping[str, str]) -> str:
    shown = Change(change.pillar, *(None if row is None else _shown(change.pillar, row) for row in change[1:]))
    return change_text(shown, currencies) if shown.before != shown.after else ""


def _shown(pillar: str, row: Row) -> Row:
    headers = {column.header for column in BY_PILLAR[pillar].columns if column.name not in _KEPT_BACK}
    return {header: value for header, value in row.items() if header in headers}
