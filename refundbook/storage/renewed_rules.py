"""The conditional formats and validations of the logs, brought up to date. A log's columns stand where its people put
them, so a rule is known by the header of its column, and its formulas are compared by headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from refundbook.base.a1 import MAX_ROW, Range, column_letters
from refundbook.base.headers import plain_header
from refundbook.base.named_tuple import NamedTuple
from refundbook.storage.renewal import Books, Left
from refundbook.xlsx.package.formats import FormatGraft, Look
from refundbook.xlsx.package.xml_splice import Edit, Element, set_attribute, splice
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.formula_refs import with_cells
from refundbook.xlsx.writing.merge_frame import PRINTED, merged_children
from refundbook.xlsx.writing.sheet_content import ORDER, SheetContent
from refundbook.xlsx.writing.sheet_rules import (
    Rule,
    by_headers,
    condition_xml,
    conditions,
    moved_columns,
    priorities,
    validation_xml,
    validations,
    validations_xml,
    without,
)

_FIRST_ROW = 2
"""That of a template's data; their header is in the row before."""
Key = tuple[str, object]
"""The header of a rule's column and, for a conditional format, the number format by which it speaks."""


class Columns(NamedTuple):
    """Which header a sheet's columns have, and the first row of the data."""

    headers: Mapping[int, str]
    first_row: int

    def place(self, header: str) -> int:
        """The column of a header."""
        return next(column for column, known in self.headers.items() if known == header)


class Fresh(NamedTuple):
    """A rule of the current template, as it is to be put into the sheet: its cells, its formulas there, and the rules
    that it takes the place of. `keeps_look` says that a person gave these a look of their own.
    """

    rule: Rule
    header: str
    sqref: str
    formulas: tuple[str, ...]
    replaced: tuple[Rule, ...]
    keeps_look: bool


class LogPlan(NamedTuple):
    """What becomes of a log's sheet: its conditional formats, its validations, headings that get another of the
    template's formats, by column, and elements that say how it is printed, by name.
    """

    sheet: SheetContent
    header_row: int
    formats: tuple[Fresh, ...]
    checks: tuple[Fresh, ...]
    headings: Mapping[int, int]
    printed: Mapping[str, bytes]
    left: tuple[Left, ...]

    @property
    def headers(self) -> list[str]:
        """The columns that rules are renewed of."""
        return list(dict.fromkeys(fresh.header for fresh in (*self.formats, *self.checks)))


def plan_log(books: Books, grid: DataRange, is_usable: Callable[[str], bool]) -> LogPlan | None:
    """What becomes of the rules of a log; of those only whose formulas are usable. None where nothing is to be told."""
    mine, old, new = (book.sheet(grid.sheet) for book in books)
    if mine is None or old is None or new is None:
        return None
    headers = {grid.first_column + at: plain_header(header) for at, header in enumerate(grid.headers)}
    columns = Columns(headers, grid.header_row + 1), _template_columns(old), _template_columns(new)
    sheets = mine, old, new
    kinds = [
        _Sides(*zip(found, columns, strict=True))
        for found in (
            [conditions(sheet.frame, sheet.book.formats) for sheet in sheets],
            [validations(sheet.frame) for sheet in sheets],
        )
    ]
    if not any(map(_holds_ours, kinds)):
        return None
    left: list[Left] = []
    formats, checks = (tuple(_fresh(grid.sheet, sides, is_usable, left)) for sides in kinds)
    headings = _headings(*zip(sheets, columns, strict=True))
    printed = {name: b"".join(merged_children(sheets, name)) for name in sorted(PRINTED)}
    printed = {name: xml for name, xml in printed.items() if xml != b"".join(map(mine.child_xml, mine.children(name)))}
    if not (formats or checks or headings or printed or left):
        return None
    return LogPlan(mine, grid.header_row, formats, checks, headings, printed, tuple(left))


def _headings(
    mine: tuple[SheetContent, Columns], old: tuple[SheetContent, Columns], new: tuple[SheetContent, Columns]
) -> dict[int, int]:
    """The headings that look as they were made, and are made otherwise now: the template's format of each."""
    looks = [dict(_looks(*side)) for side in (mine, old, new)]
    return {
        mine[1].place(header): style
        for header, (look, style) in looks[2].items()
        if header in looks[0] and looks[0][header][0] == looks[1].get(header, (None,))[0] != look
    }


def _looks(sheet: SheetContent, columns: Columns) -> Iterator[tuple[str, tuple[Look, int]]]:
    for column, header in columns.headers.items():
        style = sheet.part.style_for(columns.first_row - 1, column)
        yield header, (sheet.book.formats.look(style), style)


def _template_columns(sheet: SheetContent) -> Columns:
    held = {at[1]: cell.held for at, cell in sheet.cells.items() if at[0] == _FIRST_ROW - 1}
    return Columns({column: text.text for column, text in held.items() if text is not None}, _FIRST_ROW)


Side = tuple[Sequence[Rule], Columns]


class _Sides(NamedTuple):
    """The rules of one kind as they are, as they were made, and as they are made now."""

    mine: Side
    old: Side
    new: Side


def _fresh(sheet: str, sides: _Sides, is_usable: Callable[[str], bool], left: list[Left]) -> Iterator[Fresh]:
    mine, old, new = (_by_key(*side) for side in sides)
    columns, made = sides.mine[1], sides.new[1]
    for (key, (rule,)), former in zip(new.items(), _former(old, new), strict=True):
        header = key[0]
        was = old.get(former, [None])[0]
        if header not in columns.headers.values() or (was and _says(was, sides.old[1]) == _says(rule, made)):
            continue
        there = mine.get(key) or mine.get(former, [])
        if was is None and (there or _is_checked(rule, header, mine)):
            continue
        if any(_says(one, columns)[:2] == _says(rule, made)[:2] for one in there):
            continue
        same = [one for one in there if was and _says(one, columns)[:2] == _says(was, sides.old[1])[:2]]
        if was and not same:
            left.append(_changed(sheet, rule, header, there, columns))
        elif lacking := _lacking(rule, columns, made):
            left.append(Left(sheet, "", f"the {_kind(rule)} of {header} needs the column {lacking}"))
        elif all(map(is_usable, rule.formulas)):
            keeps_look = any(was is not None and one.look != was.look for one in same)
            yield _placed(rule, header, same, columns, made, keeps_look=keeps_look)


def _former(old: Mapping[Key, object], new: Mapping[Key, object]) -> Iterator[Key]:
    """By what each rule of today was known: a format that has other words now takes the place of the column's format
    whose words are no more, in their order.
    """
    gone = [key for key in old if key not in new]
    for key in new:
        former = key if key in old else next((known for known in gone if known[0] == key[0]), key)
        if former in gone:
            gone.remove(former)
        yield former


def _holds_ours(sides: _Sides) -> bool:
    """Whether any rule of a sheet is a template's: that of a log which somebody made without one has none."""
    mine, *made = (_by_key(*side) for side in sides)
    return any(
        _says(one, sides.mine[1])[:2] == _says(other, side[1])[:2]
        for key, found in mine.items()
        for rules, side in zip(made, sides[1:], strict=True)
        for other in rules.get(key, ())
        for one in found
    )


def _by_key(rules: Sequence[Rule], columns: Columns) -> dict[Key, list[Rule]]:
    found: dict[Key, list[Rule]] = {}
    for rule in rules:
        reached = {column for area in rule.areas for column in (area.left, area.right)}
        header = columns.headers.get(reached.pop()) if len(reached) == 1 else None
        if header is not None:
            found.setdefault((header, rule.look[0] if rule.look else None), []).append(rule)
    return found


def _says(rule: Rule, columns: Columns) -> tuple[object, ...]:
    """What a rule says wherever its columns stand; its look comes last."""
    row = min(area.top for area in rule.areas)
    return tuple(by_headers(formula, columns.headers, row) for formula in rule.formulas), rule.says, rule.look


def _is_checked(rule: Rule, header: str, mine: Mapping[Key, list[Rule]]) -> bool:
    """Whether a person gave a column that is new a validation already."""
    return not rule.look and (header, None) in mine


def _kind(rule: Rule) -> str:
    return "conditional format" if rule.look else "validation"


def _lacking(rule: Rule, columns: Columns, made: Columns) -> str:
    """The header of a column that a rule's formulas name and the sheet does not have; `""` where it has all."""
    named: list[int] = []

    def told(column: int, _is_fixed: bool, row: int, _is_fixed_row: bool) -> str:
        named.append(column)
        return str(row)

    for formula in rule.formulas:
        with_cells(formula, told)
    there = columns.headers.values()
    return next((header for column in named if (header := made.headers.get(column, "")) not in there), "")


def _changed(sheet: str, rule: Rule, header: str, there: Sequence[Rule], columns: Columns) -> Left:
    cells = there[0].sqref if there else f"{column_letters(columns.place(header))}{columns.first_row}"
    return Left(sheet, cells, f"the {_kind(rule)} of {header} was {'changed' if there else 'taken away'} by hand")


def _placed(
    rule: Rule, header: str, same: Sequence[Rule], columns: Columns, made: Columns, *, keeps_look: bool
) -> Fresh:
    """A rule of the template in the cells of those that it takes the place of, or in its whole column."""
    column = columns.place(header)
    areas = [area for one in same for area in one.areas] or [Range(column, columns.first_row, column, MAX_ROW)]
    joined = _joined(areas)
    moved = {place: columns.place(known) for place, known in made.headers.items() if known in columns.headers.values()}
    formulas = tuple(moved_columns(formula, moved, joined[0].top - made.first_row) for formula in rule.formulas)
    return Fresh(rule, header, " ".join(map(str, joined)), formulas, tuple(same), keeps_look)


def _joined(areas: Sequence[Range]) -> list[Range]:
    """Ranges of one column, the first one first, those that touch as one."""
    found: list[Range] = []
    for area in sorted(areas, key=lambda area: area.top):
        if found and area.top <= found[-1].bottom + 1:
            found[-1] = found[-1]._replace(bottom=max(found[-1].bottom, area.bottom))
        else:
            found.append(area)
    return found


def renewed_log(plan: LogPlan, graft: FormatGraft) -> bytes:
    """The sheet's part with the rules renewed; its cells, and all else, as they are."""
    part = plan.sheet.part
    frame, root, prefix = part.frame_xml, part.frame, part.frame.prefix
    block = root.child("dataValidations")
    replaced = [rule for fresh in plan.formats for rule in fresh.replaced]
    numbers = priorities(replaced, conditions(root, plan.sheet.book.formats), len(plan.formats))
    made = [_condition(prefix, fresh, number, graft) for fresh, number in zip(plan.formats, numbers, strict=True)]
    pieces: list[tuple[float, bytes]] = [(ORDER.index("sheetData"), _data(plan, graft))]
    place = 0.0
    for child in root.children:
        place = ORDER.index(child.name) if child.name in ORDER else int(place) + 0.5
        if child.name == "conditionalFormatting":
            gone = [rule.element for rule in replaced if rule.parent is child]
            pieces.append((place, without(frame, child, gone)))
        elif child.name != "dataValidations" and child.name not in plan.printed:
            pieces.append((place, frame[child.start : child.end]))
    pieces += [(ORDER.index(name), xml) for name, xml in plan.printed.items()]
    pieces += [(ORDER.index("conditionalFormatting"), xml) for xml in made]
    pieces.append((ORDER.index("dataValidations"), _validations(plan, block)))
    inner = b"".join(xml for _, xml in sorted(pieces, key=lambda piece: piece[0]))
    return frame[: root.inner] + inner + frame[root.close :]


def _data(plan: LogPlan, graft: FormatGraft) -> bytes:
    """The sheet's cells, with the headings in their formats."""
    part = plan.sheet.part
    data = part.xml[part.rows.start : part.rows.end]
    row, span = part.row(plan.header_row), part.rows.span(plan.header_row)
    if row is None or span is None or not plan.headings:
        return data
    edits = [
        set_attribute(row.xml, row.cells[column], "s", str(graft.cell(style)))
        for column, style in plan.headings.items()
        if column in row.cells
    ]
    shift = span[0] - part.rows.start - row.element.start
    return splice(data, [Edit(edit.start + shift, edit.end + shift, edit.replacement) for edit in edits])


def _condition(prefix: bytes, fresh: Fresh, number: int, graft: FormatGraft) -> bytes:
    look = graft.differential(fresh.rule.element.whole("dxfId", 0))
    if fresh.keeps_look:
        look = fresh.replaced[0].element.whole("dxfId", 0)
    return condition_xml(prefix, fresh.rule, fresh.sqref, fresh.formulas, number, look)


def _validations(plan: LogPlan, block: Element | None) -> bytes:
    frame = plan.sheet.part.frame_xml
    if not plan.checks:
        return frame[block.start : block.end] if block is not None else b""
    made = {fresh.replaced[0].element.start: fresh for fresh in plan.checks if fresh.replaced}
    gone = {rule.element.start for fresh in plan.checks for rule in fresh.replaced}
    prefix = plan.sheet.frame.prefix

    def written(fresh: Fresh) -> bytes:
        return validation_xml(prefix, fresh.rule, fresh.sqref, fresh.formulas)

    kept = []
    for child in block.children if block is not None else ():
        if child.start in made:
            kept.append(written(made[child.start]))
        elif child.start not in gone:
            kept.append(frame[child.start : child.end])
    return validations_xml(prefix, [*kept, *(written(f) for f in plan.checks if not f.replaced)], block)
