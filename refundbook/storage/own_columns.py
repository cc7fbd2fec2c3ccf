"""How people's own columns are filled in, as the workbook says: by their validation and their number format, else by
what stands in them.
"""

from __future__ import annotations

from collections.abc import Mapping

from refundbook.base.a1 import column_number
from refundbook.base.amounts import read_number
from refundbook.base.errors import BadValue
from refundbook.base.own_columns import own_column
from refundbook.base.schema import Column, Kind
from refundbook.base.values import to_text
from refundbook.record.records import Log
from refundbook.storage.commit import BaseFile
from refundbook.xlsx.package.styles import Styles
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.column_format import ColumnFormat, format_of, listed
from refundbook.xlsx.writing.sheet_part import SheetPart

_CHECKED = {"whole": Kind.NUMBER, "decimal": Kind.NUMBER, "date": Kind.DATE, "time": Kind.MOMENT}
_SHOWN = {"day": Kind.DATE, "moment": Kind.MOMENT, "number": Kind.NUMBER, "text": Kind.LONG_TEXT}


def own_columns(base: BaseFile, log: Log, by_cells: Mapping[str, Kind | None]) -> dict[str, Column]:
    """People's own columns of a log's sheet, by header. `by_cells` is what the cells of each hold
    (`kind_of_values`).
    """
    if not log.own_letters:
        return {}
    target, part = base.targets[log.sheet.name], base.part(log.sheet.name)
    kept = base.elided.get(part)
    sheet = SheetPart(kept.xml if kept else base.package.read(part), part)
    styles = _styles(base)
    return {
        header: _own_column(base, log, header, target, sheet, styles, by_cells.get(header))
        for header in log.own_letters
    }


def _styles(base: BaseFile) -> Styles | None:
    parts = base.package.related(base.layout.part, "styles")
    return Styles(base.package.read(parts[0]), parts[0]) if parts else None


def _own_column(
    base: BaseFile,
    log: Log,
    header: str,
    target: AppendTarget,
    sheet: SheetPart,
    styles: Styles | None,
    by_cells: Kind | None,
) -> Column:
    number = column_number(log.own_letters[header])
    if _is_calculated(target, number):
        return own_column(log.sheet, header, Kind.FORMULA)
    found = format_of(sheet, styles, max(target.data_end, target.top), number)
    if found.checked == "list":
        values = listed(base.package, base.layout, log.sheet.name, found.source)
        if values:
            choices = tuple(dict.fromkeys(map(to_text, values)))
            return own_column(log.sheet, header, _kind_of_choices(found, choices), choices)
    return own_column(log.sheet, header, _kind(found, by_cells))


def _is_calculated(target: AppendTarget, number: int) -> bool:
    """Whether a formula is filled down in a column: a declared one, or one of its last two rows."""
    at = number - target.first_column
    if target.table is not None and at < len(target.table.columns) and target.table.columns[at].formula is not None:
        return True
    last = target.data_end
    return {(last, number), (last - 1, number)} <= target.formulas


def _kind(found: ColumnFormat, by_cells: Kind | None) -> Kind:
    kind = _CHECKED.get(found.checked) or _SHOWN.get(found.shows) or by_cells or Kind.LONG_TEXT
    return Kind.MOMENT if kind is Kind.DATE and found.shows == "moment" else kind


def _kind_of_choices(found: ColumnFormat, choices: tuple[str, ...]) -> Kind:
    """A list of numbers fills a cell with a number, unless it is one of the format Text."""
    try:
        for choice in choices:
            read_number("", choice)
    except BadValue:
        return Kind.TEXT
    return Kind.TEXT if found.shows == "text" else Kind.NUMBER
