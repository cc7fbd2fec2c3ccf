"""What of another's table is kept as columns of the workbook's own: the header of each, and which have to be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from refundbook.base.headers import plain_header
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, Sheet
from refundbook.base.values import to_text
from refundbook.importing.column_map import ImportMap, Target
from refundbook.importing.source_table import SourceTable
from refundbook.record.column_names import folded_name
from refundbook.record.records import Log, Records

_LONGEST = 240
_TAKEN = " (imported)"


class OwnColumns(NamedTuple):
    """`headers` are the columns in the workbook by those of the table, `new` those of them that have to be made, with
    their kinds; both by target.
    """

    headers: Mapping[Target, Mapping[str, str]]
    new: Mapping[Target, Mapping[str, str]]


def own_columns(table: SourceTable, found: ImportMap, records: Records) -> OwnColumns:
    """The columns of the workbook's own that a map keeps others in, as far as these hold anything."""
    headers: dict[Target, dict[str, str]] = {}
    new: dict[Target, dict[str, str]] = {}
    for header, targets in found.places():
        for target in targets:
            if target.is_own and (values := _filled(table, header)):
                log = records.log(BY_PILLAR[target.pillar])
                known = [*log.own_letters, *new.get(target, {})]
                used = headers.setdefault(target, {})
                own, is_new = _header(header, log, known, list(used.values()))
                used[header] = own
                if is_new:
                    new.setdefault(target, {})[own] = _kind(values)
    return OwnColumns(headers, new)


def _filled(table: SourceTable, header: str) -> list[object]:
    at = table.headers.index(header)
    return [row[at] for row in table.rows if to_text(row[at]).strip()]


def _header(header: str, log: Log, known: Sequence[str], used: Sequence[str]) -> tuple[str, bool]:
    """The header in the workbook, and whether there is no such column yet."""
    wanted = plain_header("".join(c if c.isprintable() else " " for c in header))[:_LONGEST].strip() or "Column"
    if _is_ours(wanted, log.sheet):
        wanted += _TAKEN
    name, number = wanted, 2
    while any(folded_name(name) == folded_name(other) for other in used):
        name, number = f"{wanted} ({number})", number + 1
    same = next((other for other in known if folded_name(other) == folded_name(name)), None)
    return same or name, same is None


def _is_ours(header: str, sheet: Sheet) -> bool:
    folded = folded_name(header)
    return any(folded in (folded_name(column.header), folded_name(column.name)) for column in sheet.columns)


def _kind(values: Sequence[object]) -> str:
    """What a new column is for: numbers and days where all cells of a workbook are such, else texts as they stand."""
    if all(type(value) is float for value in values):
        return "number"
    return "date" if all(isinstance(value, date) and not isinstance(value, datetime) for value in values) else "text"
