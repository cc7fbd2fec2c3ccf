"""The tables that are exported: their columns by name and kind, the same whatever the target (docs/export.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS, Column, Kind, Sheet

TABLES = {sheet.name.lower(): sheet for sheet in SHEETS}
"""The sheets by the names of their tables; cases come before what refers to them."""

_RESERVED = frozenset({"with", "order", "group", "select", "from", "where", "table", "user", "default", "check"})


class Field(NamedTuple):
    """A column of an exported table. `column` is ours that it holds; None for people's own and for what export adds.

    `header` is the one on the sheet, `""` for what is added. `is_required`: never blank.
    """

    name: str
    kind: Kind
    header: str = ""
    column: Column | None = None
    is_required: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is a column of people's own."""
        return self.column is None and bool(self.header)

    @property
    def choices(self) -> tuple[str, ...]:
        return self.column.choices if self.column else ()


BOOK = Field("book", Kind.TEXT, is_required=True)
ROW = Field("row", Kind.WHOLE, is_required=True)
CASE_KEY = Field("case_key", Kind.IDENTIFIER, is_required=True)
CASE_OPENED = Field("case_opened", Kind.DATE, is_required=True)
TIME_ZONE = Field("time_zone", Kind.TEXT)
AS_OF = Field("as_of", Kind.MOMENT, is_required=True)
PLACE = Field("place", Kind.WHOLE, is_required=True)
FOLLOWS_PLACE = Field("follows_place", Kind.WHOLE)
FOLLOWS_STATUS = Field("follows_status", Kind.TEXT)
_ADDED = (BOOK, ROW, CASE_KEY, TIME_ZONE, AS_OF)
_OF_SHEET = {
    CASES: (),
    COMMUNICATIONS: (CASE_OPENED,),
    RESOLUTIONS: (CASE_OPENED, PLACE, FOLLOWS_PLACE, FOLLOWS_STATUS),
}


def fields(sheet: Sheet, own: Mapping[str, Kind] | None = None) -> list[Field]:
    """The columns of a pillar's table: workbook, row, case number in canonical form, time zone, the moment as of which
    it was checked (of what belongs to a case, when that was opened; of a resolution, its place among its case's), then
    the schema's, then people's `own` by header.
    """
    added = (*_ADDED, *_OF_SHEET[sheet])
    ours = [Field(snake_case(c.header), c.kind, c.header, c, is_required=c.required) for c in sheet.columns]
    found = [*added, *ours]
    names = {field.name for field in found}
    for header, kind in (own or {}).items():
        name = _free(snake_case(header), names)
        names.add(name)
        found.append(Field(name, kind, header))
    return found


def snake_case(header: str) -> str:
    """A header as SQL and Python name it: `Date Opened` is `date_opened`. A word of SQL gets a `_` behind: `with_`."""
    folded = unicodedata.normalize("NFKC", header).lower()
    name = re.sub(r"\W+", "_", folded).strip("_") or "column"
    name = f"_{name}" if name[0].isdigit() else name
    return f"{name}_" if name in _RESERVED else name


def _free(name: str, taken: Iterable[str]) -> str:
    """A name for a column of people's own that no other has."""
    known = set(taken)
    if name not in known:
        return name
    numbered = (f"{name}_own{number or ''}" for number in (None, *range(2, len(known) + 3)))
    return next(candidate for candidate in numbered if candidate not in known)
