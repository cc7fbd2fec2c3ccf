"""The lines of the Settings sheet that are newer than a workbook, put in below those that are there."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, takewhile

from refundbook.base.a1 import column_letters
from refundbook.base.headers import plain_header
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import SETTINGS
from refundbook.base.settings import SETTING_HEADERS, SETTING_LINES
from refundbook.storage.renewal import Books, Left
from refundbook.xlsx.package.formats import FormatGraft
from refundbook.xlsx.package.workbook_part import Table
from refundbook.xlsx.package.xml_splice import Edit, splice
from refundbook.xlsx.package.xml_tree import written
from refundbook.xlsx.writing.insert_rows import lengthened_table, moved_table, what_is_in_the_way, with_rows
from refundbook.xlsx.writing.merge_sheet import held_xml
from refundbook.xlsx.writing.package_edit import PackageEdit
from refundbook.xlsx.writing.sheet_content import Address, SheetContent
from refundbook.xlsx.writing.sheet_part import SheetPart
from refundbook.xlsx.writing.sheet_rules import validation_xml, validations, validations_xml

_HEIGHT = ("ht", "customHeight")


class Lines(NamedTuple):
    """Lines that are to be put into the Settings: their labels, and above which row."""

    sheet: SheetContent
    table: Table
    labels: tuple[str, ...]
    row: int


def plan_settings(books: Books) -> Lines | Left | None:
    """Which lines are missing; what keeps them out; None where there is nothing to do."""
    mine, entry = books.mine.sheet(SETTINGS), books.mine.layout.sheet(SETTINGS)
    if mine is None or entry is None:
        return None
    heading = _heading(mine)
    if heading is None:
        return Left(SETTINGS, "", f"it has no heading {SETTING_HEADERS[0]}")
    below = ((row, heading[1]) for row in count(heading[0] + 1))
    labels = list(takewhile(bool, (_label(mine, at) for at in below)))
    there = {label.casefold() for label in labels}
    missing = tuple(line.label for line in SETTING_LINES if line.label.casefold() not in there)
    if not missing:
        return None
    table = next((t for t in books.mine.layout.tables(entry) if t.range.top == heading[0]), None)
    if (
        table is None
        or table.range.left != heading[1]
        or len(table.columns) != len(SETTING_HEADERS)
        or table.totals_rows
    ):
        return Left(SETTINGS, "", "its lines are no Table of three columns, so that none were put in")
    row = heading[0] + len(labels) + 1
    why = what_is_in_the_way(books.mine.package, books.mine.layout, entry, row)
    return Left(SETTINGS, "", f"{why}, so that no lines were put in") if why else Lines(mine, table, missing, row)


def _heading(sheet: SheetContent) -> Address | None:
    wanted = SETTING_HEADERS[0].casefold()
    return next(
        (at for at in sorted(sheet.cells) if _label(sheet, at).casefold() == wanted and _is_heading(sheet, at)), None
    )


def _is_heading(sheet: SheetContent, at: Address) -> bool:
    return _label(sheet, (at[0], at[1] + 1)).casefold() == SETTING_HEADERS[1].casefold()


def _label(sheet: SheetContent, at: Address) -> str:
    held = sheet.held(at)
    return plain_header(held.text) if held is not None and held.kind == "text" else ""


def put_lines(lines: Lines, books: Books, graft: FormatGraft, edit: PackageEdit) -> None:
    """Put the lines in, as the template has them."""
    new, part = books.new.sheet(SETTINGS), lines.sheet.name
    assert new is not None
    sources = {_label(new, at): at[0] for at in new.cells if at[1] == 1}
    places = {sources[label]: lines.row + at for at, label in enumerate(lines.labels)}
    made = {target: _line(lines, new, source, target, graft) for source, target in places.items()}
    xml = with_rows(edit.read(part), part, lines.row, len(made), made)
    edit.put(part, _with_checks(xml, part, new, places, lines.table.range.left))
    entry = books.mine.layout.sheet(SETTINGS)
    assert entry is not None
    for table in books.mine.layout.tables(entry):
        old = edit.read(table.part)
        is_own = table.part == lines.table.part
        moved = (
            lengthened_table(old, table, len(made)) if is_own else moved_table(old, table.part, lines.row, len(made))
        )
        edit.put(table.part, moved)


def _line(lines: Lines, new: SheetContent, source: int, target: int, graft: FormatGraft) -> bytes:
    """A line of the template's in another row."""
    prefix, left = lines.sheet.frame.prefix, lines.table.range.left
    cells = [new.cells[source, column] for column in range(1, len(SETTING_HEADERS) + 1)]
    inner = b"".join(
        held_xml(prefix, (target, left + at), cell.held, graft.cell(cell.style)) for at, cell in enumerate(cells)
    )
    height = new.rows[source].attributes
    stated = written({name: height[name] for name in _HEIGHT if name in height})
    return b'<%srow r="%d"%s>%s</%srow>' % (prefix, target, stated, inner, prefix)


def _with_checks(xml: bytes, part: str, new: SheetContent, places: Mapping[int, int], left: int) -> bytes:
    """The sheet with the validations that the template's lines have."""
    sheet = SheetPart(xml, part)
    prefix, block = sheet.frame.prefix, sheet.frame.child("dataValidations")
    made = [
        validation_xml(prefix, rule, f"{column_letters(left + 1)}{places[area.top]}", rule.formulas)
        for rule in validations(new.frame)
        for area in rule.areas[:1]
        if area.top == area.bottom and area.top in places
    ]
    if block is None:
        return xml
    kept = [sheet.frame_xml[child.start : child.end] for child in block.children]
    return splice(xml, [sheet.of_frame(Edit(block.start, block.end, validations_xml(prefix, [*kept, *made], block)))])
