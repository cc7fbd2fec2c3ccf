"""The column map: which header of a foreign table goes to which pillars and columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, TRACKER_HEADERS, Column, Sheet
from refundbook.importing.source_table import SourceTable
from refundbook.record.records import Records

REPLY, OUTCOME = "reply", "outcome"
TRACKER_CELLS = "tracker"
OWN = "own"
UNTRANSLATED = "?"
"""What a first map has for a value that a person is to translate."""


class Target(NamedTuple):
    """Where a foreign column goes: a pillar's column by name, `own` for a column of the workbook's own on that pillar's
    sheet, or `reply` or `outcome` of `tracker`, whose cells hold several values.
    """

    pillar: str
    name: str

    def __str__(self) -> str:
        if self == OWN_COLUMN:
            return OWN
        return f"{self.pillar}.{self.name.rstrip('_')}"

    @property
    def column(self) -> Column:
        return _column_of(self)

    @property
    def is_tracker(self) -> bool:
        return self.pillar == TRACKER_CELLS

    @property
    def is_own(self) -> bool:
        return self.name == OWN


@cache
def _column_of(target: Target) -> Column:
    return BY_PILLAR[target.pillar][target.name]


Places = Target | tuple[Target, ...]
"""Where the cells of one column go: to one place, or, as they hold several values, to several. `own` among several
keeps the cell as it is.
"""


@dataclass(frozen=True)
class ImportMap:
    """How a foreign table is read. `columns` is by header; `values` translates what stands in a column, upper and lower
    case alike.

    `per_message` says that a row is one message, so that a case may stand in several rows. `date_format` is in the
    terms of `strptime`, `decimal` the decimal sign of amounts in text. `minor_units`: amounts without decimals count
    the smallest unit of their currency, as cents. `time_zone` is that of moments which name none. A map with `needs` is
    for the tables that have these headers, and its other columns may be missing; `others_own`: columns that it does not
    name are kept, too. `name` is what Source calls the map.
    """

    columns: Mapping[str, Places]
    constants: Mapping[Target, object] = field(default_factory=dict)
    values: Mapping[Target, Mapping[str, str]] = field(default_factory=dict)
    sheet: str | None = None
    per_message: bool = False
    day_first: bool | None = None
    date_format: str | None = None
    decimal: str | None = None
    minor_units: bool = False
    time_zone: str | None = None
    needs: tuple[str, ...] = ()
    others_own: bool = False
    name: str = "report"

    def places(self) -> Iterator[tuple[str, tuple[Target, ...]]]:
        """The headers with the targets of each."""
        for header, places in self.columns.items():
            yield header, (places,) if isinstance(places, Target) else places

    @property
    def targets(self) -> set[Target]:
        """All places that something goes to, from columns and constants."""
        return {*self.constants, *(target for _, targets in self.places() for target in targets)}


OWN_COLUMN = Target(CASES.pillar, OWN)
STATUS = Target(RESOLUTIONS.pillar, "status")
NUMBER = Target(CASES.pillar, "number")
OPENED = Target(CASES.pillar, "opened")
SUMMARY = Target(COMMUNICATIONS.pillar, "summary")
TRACKER_MAP = ImportMap(
    dict(
        zip(
            TRACKER_HEADERS,
            (
                NUMBER,
                OPENED,
                SUMMARY,
                Target(TRACKER_CELLS, REPLY),
                Target(TRACKER_CELLS, OUTCOME),
            ),
            strict=True,
        )
    )
)
"""The map of the five-column layout."""


def folded(header: str) -> str:
    """A header as headers are compared: upper and lower case, blanks, dashes and full stops make no difference."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return " ".join("".join(" " if c in "_-.:" else c for c in text).split())


def is_tracker_header(text: str) -> bool:
    return folded(text) in {folded(header) for header in TRACKER_HEADERS}


def tracker_map(table: SourceTable) -> ImportMap | None:
    """The map of a table in the five-column layout, in its own spelling and order of the headers; None for another
    table.
    """
    targets = {folded(header): target for header, target in TRACKER_MAP.columns.items()}
    found = {header: targets[folded(header)] for header in table.headers if folded(header) in targets}
    return ImportMap(found) if len(found) == len(targets) else None


def folded_value(text: str) -> str:
    """A value as translations look it up."""
    return " ".join(text.split()).casefold()


def pillars(found: ImportMap) -> list[Sheet]:
    """The pillars that a map makes entries of."""
    made = {target.pillar for target in found.targets if target.name not in ("number", OWN)}
    if Target(TRACKER_CELLS, REPLY) in found.targets:
        made.add(COMMUNICATIONS.pillar)
    if Target(TRACKER_CELLS, OUTCOME) in found.targets:
        made.add(RESOLUTIONS.pillar)
    return [sheet for sheet in SHEETS if sheet.pillar in made]


def lacking(found: ImportMap) -> list[Target]:
    """The required columns that nothing goes to: without them every row would be refused.

    A message without a date is dated on the day that its case was opened.
    """
    targets = set(found.targets)
    if Target(TRACKER_CELLS, REPLY) in targets:
        targets |= {Target(COMMUNICATIONS.pillar, name) for name in ("date", "with_")}
    if Target(TRACKER_CELLS, OUTCOME) in targets:
        targets.add(STATUS)
    if OPENED in targets:
        targets.add(Target(COMMUNICATIONS.pillar, "date"))
    required = [
        Target(s.pillar, c.name) for s in pillars(found) for c in s.columns if c.required and c.name != "number"
    ]
    return [target for target in required if target not in targets]


def lacking_column(found: ImportMap, records: Records) -> tuple[Target, str] | None:
    """The first target that the workbook has no column for, with a sentence that says so; None where it has all."""
    for log in records.logs:
        for target in sorted(found.targets, key=str):
            if target.pillar == log.sheet.pillar and not target.is_own and (why := log.lacks(target.name)):
                return target, why
    return None


def refuse_lacking(found: ImportMap, records: Records) -> None:
    """Raise UsageError where something goes to an optional column that the workbook lacks."""
    if (lacks := lacking_column(found, records)) is not None:
        raise UsageError(f"The map sends something to {lacks[0]}, and in this workbook {lacks[1]}")
