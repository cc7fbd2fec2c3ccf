"""What a guess leaves open, and what is answered: how the words of a status ended, on which day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import FINAL_STATUSES, RESOLUTIONS
from refundbook.base.text import quoted
from refundbook.base.values import choice_of, to_text
from refundbook.importing.column_map import (
    OPENED,
    OWN_COLUMN,
    STATUS,
    UNTRANSLATED,
    ImportMap,
    Target,
    folded_value,
    lacking,
    lacking_column,
    pillars,
)
from refundbook.importing.source_table import SourceTable
from refundbook.importing.status_words import Meaning, meaning_of
from refundbook.record.records import Records

_ENDED = Target(RESOLUTIONS.pillar, "date")


class Question(NamedTuple):
    """A status in a table's own words that does not tell how a case stands, and in how many rows it stands."""

    word: str
    rows: int
    meaning: Meaning


def questions(table: SourceTable, found: ImportMap) -> list[Question]:
    """The statuses that have to be answered, in the order of the table."""
    known = found.values.get(STATUS, {})
    counts: dict[str, int] = {}
    words: dict[str, str] = {}
    for word in _statuses(table, found):
        counts[folded_value(word)] = counts.get(folded_value(word), 0) + 1
        words.setdefault(folded_value(word), word)
    is_open = [key for key, word in words.items() if known.get(key, UNTRANSLATED) == UNTRANSLATED and not _choice(word)]
    return [Question(words[key], counts[key], meaning_of(words[key])) for key in is_open]


def answered(found: ImportMap, said: Mapping[str, str]) -> ImportMap:
    """The map in which words of a status mean what is said. Raises UsageError where that is no status."""
    values = dict(found.values.get(STATUS, {}))
    for word, status in said.items():
        meant = _choice(status)
        if not meant:
            choices = ", ".join(RESOLUTIONS["status"].choices)
            raise UsageError(f"{quoted(word)} is said to mean {quoted(status)}, which is none of: {choices}.")
        values[folded_value(word)] = meant
    return replace(found, values={**found.values, STATUS: values}) if values else found


def said_statuses(given: tuple[str, ...]) -> dict[str, str]:
    """Words and what they mean, from `Completed=Full Refund`. Raises UsageError."""
    said = {}
    for one in given:
        word, sign, status = one.rpartition("=")
        if not sign or not word.strip():
            raise UsageError(f'{quoted(one)} must be WORD=STATUS, such as "Completed=Full Refund".')
        said[word.strip()] = status.strip()
    return said


def without_dates(table: SourceTable, found: ImportMap) -> int:
    """How many rows hold an end and no day for it."""
    date_at = next((table.headers.index(h) for h, targets in found.places() if _ENDED in targets), None)
    known = found.values.get(STATUS, {})
    ends = [
        known.get(folded_value(word), "") in FINAL_STATUSES or _choice(word) in FINAL_STATUSES
        for word in _statuses(table, found, with_blank=True)
    ]
    blank = [date_at is None or not to_text(row[date_at]).strip() for row in table.rows]
    return 0 if _ENDED in found.constants else sum(map(all, zip(ends, blank, strict=False)))


def refuse_incomplete(table: SourceTable, found: ImportMap) -> None:
    """Raise UsageError where a guess has no place for what each case must have."""
    missing = [] if any(t.name == "number" for t in found.targets) else ["the case number"]
    made = [sheet.pillar for sheet in pillars(found)]
    kept = [target for target in found.targets if target.is_own and target.pillar not in made]
    opened = [OPENED] if (kept or not made) and OPENED not in found.targets else []
    missing += [f"{target.column.header} ({target})" for target in dict.fromkeys([*lacking(found), *opened])]
    if missing:
        raise UsageError(
            f"No column of {table.source} could be told to hold {' and '.join(missing)}. Have a first "
            "map written with --write-map map.toml, correct it, and import with --map map.toml."
        )


def kept_instead(found: ImportMap, records: Records) -> ImportMap:
    """A guess for a workbook that lacks optional columns: what would go to them is kept as a column of its own."""
    while (lacks := lacking_column(found, records)) is not None:
        columns = {
            header: tuple(dict.fromkeys(OWN_COLUMN if target == lacks[0] else target for target in targets))
            for header, targets in found.places()
        }
        found = replace(found, columns=columns)
    return found


def _statuses(table: SourceTable, found: ImportMap, *, with_blank: bool = False) -> Iterator[str]:
    header = next((header for header, targets in found.places() if STATUS in targets), None)
    if header is None:
        return
    at = table.headers.index(header)
    for row in table.rows:
        text = " ".join(to_text(row[at]).split())
        if text or with_blank:
            yield text


def _choice(word: str) -> str | None:
    return choice_of(RESOLUTIONS["status"], word) if word else None
