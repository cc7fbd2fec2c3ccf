"""What becomes of new entries, in four phases. Three are here; `Session.save` is the fourth, which commits them to the
file.

An entry is parsed: the cases that it names are found, and its values are read. Their rows are fetched, by which values
are read and judged. All entries are admitted by the rules, or none. All of it is done on what is known of the
workbook, where that is enough, or else on the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from refundbook.base.debug import phase
from refundbook.base.errors import UsageError
from refundbook.base.schema import BY_PILLAR, Sheet
from refundbook.base.text import quoted
from refundbook.record.admission import judge
from refundbook.record.entries import Draft, Entry, Given, draft, fill
from refundbook.storage.not_enough import NotEnough
from refundbook.storage.session import Session


def append_entries(session: Session, entries: Iterable[tuple[str, Given]], user: str) -> list[Entry]:
    """Enter (pillar, fields) pairs, all or none. Raises NotEnough, EntriesRefused, and UsageError with the index of
    the entry.
    """
    session.expect(len(entries) if isinstance(entries, Sequence) else None)
    placed: list[tuple[Draft, int]] = []
    try:
        with phase("parse and fetch"):
            for pillar, fields in entries:
                entry = parsed(session, sheet_of(pillar), fields, user)
                placed.append((entry, session.add(entry.sheet, entry.values, session.next_row(entry.sheet))))
        with phase("admit"):
            return admitted(session, placed)
    except NotEnough:
        raise
    except BaseException as error:
        if isinstance(error, UsageError):
            error.index = len(placed)
        session.take_back(len(placed), error)
        raise


def with_pillars(entries: Iterable[tuple[str, Given] | Given], pillar: str | None) -> Iterable[tuple[str, Given]]:
    """Entries with their pillars, as `Book.append_many` takes them; a sequence where they are one. Raises UsageError
    for an entry that says none.
    """
    if not isinstance(entries, Sequence):
        entries = list(entries)
    return [_with_pillar(entry, pillar, index) for index, entry in enumerate(entries)]


def _with_pillar(entry: tuple[str, Given] | Given, pillar: str | None, index: int) -> tuple[str, Given]:
    if not isinstance(entry, Mapping):
        return entry
    own = next((key for key in entry if str(key).strip().casefold() == _PILLAR), None)
    which = pillar if own is None else str(entry[own])
    if which is None:
        error = UsageError(f"An entry does not say what it is: give it the key pillar, with {', '.join(BY_PILLAR)}.")
        error.index = index
        raise error
    return which, {key: value for key, value in entry.items() if key != own}


_PILLAR = "pillar"


def parsed(session: Session, sheet: Sheet, fields: Given, user: str) -> Draft:
    """An entry as it was meant, with what refundbook fills in. Later ones may build on it, so it is parsed with all
    before it in the records.
    """
    session.fetch(sheet, fields)
    entry = draft(session.records, sheet, fields)
    session.require(entry.values)
    fill(session.records, entry, user, session.next_entry)
    return entry


def admitted(session: Session, placed: Sequence[tuple[Draft, int]]) -> list[Entry]:
    """The entries, with what the rules warn of. Raises EntriesRefused."""
    warnings = judge(session.records, placed, session.known_errors, alone=session.at.stands_in)
    return [
        Entry(entry.sheet.name, session.records.log(entry.sheet).rows[at], entry.values, tuple(warned))
        for (entry, at), warned in zip(placed, warnings, strict=True)
    ]


def sheet_of(pillar: str) -> Sheet:
    """The sheet of a pillar. Raises UsageError where there is no such pillar."""
    sheet = BY_PILLAR.get(pillar.strip().casefold())
    if sheet is None:
        raise UsageError(f"There is no {quoted(pillar)}: it must be one of {', '.join(BY_PILLAR)}.")
    return sheet
