"""What surrounds a sheet's cells (ECMA-376 Part 1, 18.3.1.99), merged of three versions: `mine` as it stands in a
workbook, `old` as it was made, `new` as it is made now. What is in `mine` as it was made becomes as it is made now;
anything else stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.formats import FormatGraft, Look
from refundbook.xlsx.package.xml_splice import Edit, Element, escape, parse, set_attribute, splice
from refundbook.xlsx.package.xml_tree import meaning, rendered, written
from refundbook.xlsx.writing.sheet_content import ORDER, SheetContent
from refundbook.xlsx.writing.sheet_rules import (
    Rule,
    condition_xml,
    conditions,
    priorities,
    validation_xml,
    validations,
    validations_xml,
    without,
)

PRINTED = frozenset(("sheetPr", "printOptions", "pageMargins", "pageSetup", "headerFooter"))
"""What says how a sheet is printed."""
_BY_PIECES = frozenset((*PRINTED, "sheetFormatPr"))
"""Of these each attribute and child is merged on its own."""
_OTHERWISE = frozenset(
    (
        "dimension",
        "sheetViews",
        "cols",
        "sheetData",
        "conditionalFormatting",
        "dataValidations",
        "drawing",
        "tableParts",
    )
)
_MOST_COLUMNS = 16_384
Column = tuple[tuple[tuple[str, str], ...], Look]
Piece = tuple[float, bytes]


class Versions(NamedTuple):
    """The three versions of a sheet, and what puts formats of the new one into the workbook."""

    mine: SheetContent
    old: SheetContent
    new: SheetContent
    graft: FormatGraft

    @property
    def prefix(self) -> bytes:
        return self.mine.frame.prefix


def merged_frame(versions: Versions, *, is_moved: bool) -> list[Piece]:
    """All but the cells and the dimension, each with its place in the order; `is_moved` says that the headers stand
    where they do not belong.
    """
    mine = versions.mine
    pieces: list[Piece] = []
    place = 0.0
    for child in mine.frame.children:
        # What the standard does not know stays behind what it follows.
        place = ORDER.index(child.name) if child.name in ORDER else int(place) + 0.5
        if child.name not in ORDER or child.name in ("drawing", "tableParts"):
            pieces.append((place, mine.child_xml(child)))
    for name in ORDER:
        if name not in _OTHERWISE:
            pieces += [(ORDER.index(name), xml) for xml in merged_children(versions[:3], name)]
    pieces.append((ORDER.index("sheetViews"), _views(versions, is_moved=is_moved)))
    pieces.append((ORDER.index("cols"), columns_xml(versions)))
    pieces += [(ORDER.index("conditionalFormatting"), xml) for xml in _conditions(versions)]
    pieces.append((ORDER.index("dataValidations"), _validations(versions)))
    return pieces


def merged_children(versions: tuple[SheetContent, SheetContent, SheetContent], name: str) -> Iterator[bytes]:
    """The children of this name of a sheet, merged of three versions."""
    mine, old, new = (version.children(name) for version in versions)
    prefix = versions[0].frame.prefix
    was, is_now = [*map(meaning, old)], [*map(meaning, new)]
    if [*map(meaning, mine)] == was != is_now:
        yield from (rendered(element, prefix) for element in new)
    elif name in _BY_PIECES and was != is_now and all(len(found) == 1 for found in (mine, old, new)):
        merged = merged_element(prefix, mine[0], old[0], new[0])
        yield merged if _adds(merged, versions[0], mine[0]) else versions[0].child_xml(mine[0])
    else:
        yield from map(versions[0].child_xml, mine)


def _adds(merged: bytes, sheet: SheetContent, mine: Element) -> bool:
    """Whether a merged element says anything else than that of the sheet."""
    root = sheet.frame
    xml = sheet.part.frame_xml[: root.inner] + merged + b"</" + root.prefix + root.name.encode() + b">"
    return meaning(parse(xml, sheet.name).children[0]) != meaning(mine)


def merged_element(prefix: bytes, mine: Element, old: Element, new: Element) -> bytes:
    """An element whose children have a name each, merged of three versions."""
    attributes = _merged_attributes(mine.attributes, old.attributes, new.attributes)
    names = dict.fromkeys(child.name for child in (*new.children, *mine.children))
    inner = b"".join(_merged_child(prefix, *(version.child(name) for version in (mine, old, new))) for name in names)
    text = mine.text if mine.text != old.text else new.text
    tag = prefix + mine.name.encode()
    return b"<%s%s>%s</%s>" % (tag, written(attributes), inner or escape(text), tag)


def _merged_child(prefix: bytes, mine: Element | None, old: Element | None, new: Element | None) -> bytes:
    if mine is not None and old is not None and new is not None:
        return merged_element(prefix, mine, old, new)
    is_as_made = mine is None if old is None else mine is not None and meaning(mine) == meaning(old)
    kept = new if is_as_made else mine
    return b"" if kept is None else rendered(kept, prefix)


def _merged_attributes(mine: Mapping[str, str], old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in dict.fromkeys((*new, *mine)):
        value = new.get(name) if mine.get(name) == old.get(name) else mine.get(name)
        if value is not None and "}" not in name:
            found[name] = value
    return found


def _views(versions: Versions, *, is_moved: bool) -> bytes:
    """How a person looks at the sheet stays; the panes are held where they are made to be."""
    mine, old, new = (next(iter(version.children("sheetViews")), None) for version in versions[:3])
    if mine is None or not mine.children:
        return b"" if new is None else rendered(new, versions.prefix, _not_selected)
    view, was, now = (version.children[0] if version and version.children else None for version in (mine, old, new))
    xml = versions.mine.part.frame_xml
    panes = [version.child("pane") if version is not None else None for version in (view, was, now)]
    edits: list[Edit] = []
    if now is not None and (is_moved or _say_the_same(panes[0], panes[1])) and not _say_the_same(panes[0], panes[2]):
        gone = [child for child in view.children if child.name in ("pane", "selection")] if view else []
        kept = [child for child in now.children if child.name in ("pane", "selection")]
        start = view.inner if view else 0
        edits = [Edit(child.start, child.end, b"") for child in gone]
        made = b"".join(rendered(child, versions.prefix) for child in kept)
        if view is not None and xml[view.inner - 2 : view.inner] != b"/>":
            edits.append(Edit(start, start, made))
    grid = "showGridLines"
    if view and was and now and view.attributes.get(grid) == was.attributes.get(grid) != now.attributes.get(grid):
        edits.append(set_attribute(xml, view, grid, now.attributes.get(grid, "1")))
    moved = [Edit(edit.start - mine.start, edit.end - mine.start, edit.replacement) for edit in edits]
    return splice(xml[mine.start : mine.end], moved)


def _not_selected(element: Element) -> Mapping[str, str]:
    return {name: value for name, value in element.attributes.items() if name != "tabSelected"}


def _say_the_same(one: Element | None, other: Element | None) -> bool:
    return (one and meaning(one)) == (other and meaning(other))


def columns_xml(versions: Versions) -> bytes:
    """The widths and formats of columns."""
    mine, old, new = map(_columns, versions[:3])
    named = sorted({*old, *new} - {0})
    made: list[tuple[int, bytes]] = []
    for number in named:
        if _state(versions.mine, mine.get(number)) == _state(versions.old, old.get(number)):
            element, graft = new.get(number), versions.graft
        else:
            element, graft = mine.get(number), None
        if element is not None:
            made.append((number, _column(versions.prefix, element, number, number, graft)))
    for element in versions.mine.frame.descendants("col"):
        first, last = element.whole("min", 1), element.whole("max", 1)
        for start, stop in _gaps(first, last, named):
            made.append((start, _column(versions.prefix, element, start, stop, None)))
    inner = b"".join(xml for _, xml in sorted(made))
    return b"<%scols>%s</%scols>" % (versions.prefix, inner, versions.prefix) if inner else b""


def _columns(sheet: SheetContent) -> dict[int, Element]:
    """The element of each column; one that stands for very many is taken for the first hundred."""
    found = {}
    for element in sheet.frame.descendants("col"):
        first, last = element.whole("min", 1), min(element.whole("max", 1), _MOST_COLUMNS)
        found.update(dict.fromkeys(range(first, min(last, first + 99) + 1), element))
    return found


def _state(sheet: SheetContent, element: Element | None) -> Column | None:
    if element is None:
        return None
    names = ("width", "hidden", "outlineLevel", "collapsed")
    stated = ((name, element.attributes.get(name, "0").replace("false", "0")) for name in names)
    return tuple((name, value) for name, value in stated if value != "0"), sheet.book.formats.look(
        element.whole("style", 0)
    )


def _column(prefix: bytes, element: Element, first: int, last: int, graft: FormatGraft | None) -> bytes:
    stated = {name: value for name, value in element.attributes.items() if "}" not in name}
    stated.update(min=str(first), max=str(last))
    if graft is not None and "style" in stated:
        stated["style"] = str(graft.cell(element.whole("style", 0)))
    return b"<%scol%s/>" % (prefix, written(stated))


def _gaps(first: int, last: int, named: list[int]) -> Iterator[tuple[int, int]]:
    """The columns from `first` to `last` that are not `named`, as ranges."""
    start = first
    for number in (*(n for n in named if first <= n <= last), last + 1):
        if number > start:
            yield start, number - 1
        start = number + 1


def _conditions(versions: Versions) -> Iterator[bytes]:
    mine, old, new = (conditions(version.frame, version.book.formats) for version in versions[:3])
    gone, wanted = replaced(mine, old, new)
    frame = versions.mine.part.frame_xml
    for block in versions.mine.children("conditionalFormatting"):
        yield without(frame, block, [rule.element for rule in gone if rule.parent is block])
    for rule, number in zip(wanted, priorities(gone, mine, len(wanted)), strict=True):
        look = versions.graft.differential(rule.element.whole("dxfId", 0))
        yield condition_xml(versions.prefix, rule, rule.sqref, rule.formulas, number, look)


def replaced(mine: list[Rule], old: list[Rule], new: list[Rule]) -> tuple[list[Rule], list[Rule]]:
    """The rules that go, and those that come in their place: all that were made, and are there, give way to all that
    are made now. One that a person took away does not come again.
    """
    there, made, now = ({rule.means() for rule in rules} for rules in (mine, old, new))
    if made == now:
        return [], []
    gone = [rule for rule in mine if rule.means() in made]
    wanted = [rule for rule in new if rule.means() not in made - there and rule.means() not in there - made]
    return gone, wanted


def _validations(versions: Versions) -> bytes:
    mine, old, new = (validations(version.frame) for version in versions[:3])
    block = next(iter(versions.mine.children("dataValidations")), None)
    gone, wanted = replaced(mine, old, new)
    frame = versions.mine.part.frame_xml
    if not gone and not wanted:
        return versions.mine.child_xml(block) if block is not None else b""
    left = {rule.element.start for rule in gone}
    kept = [frame[r.element.start : r.element.end] for r in mine if r.element.start not in left]
    made = [validation_xml(versions.prefix, rule, rule.sqref, rule.formulas) for rule in wanted]
    return validations_xml(versions.prefix, [*kept, *made], block)
