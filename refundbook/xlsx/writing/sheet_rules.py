"""The conditional formats and validations of a sheet (ECMA-376 Part 1, 18.3.1.10 and 18.3.1.32): what each says, and
putting others in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from refundbook.base.a1 import MAX_ROW, Range, column_letters
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.formats import Formats
from refundbook.xlsx.package.xml_splice import Edit, Element, escape, splice
from refundbook.xlsx.package.xml_tree import Meaning, written
from refundbook.xlsx.writing.formula_refs import spelled_alike, with_cells

_FORMULAS = ("formula", "formula1", "formula2")
_USUAL = {"type": "none", "errorStyle": "stop", "operator": "between", "imeMode": "noControl"}
_OPERANDS = {"none": 0, "list": 1, "custom": 1}
"""So many formulas mean something in a validation of this type; LibreOffice always writes two."""
_OF_PLACE = ("sqref", "priority", "dxfId", "count")


class Rule(NamedTuple):
    """A conditional format or validation: the cells that it is for, its formulas, what it says besides, how cells look
    that it applies to, and its element with the one that it stands in.
    """

    sqref: str
    formulas: tuple[str, ...]
    says: Meaning
    look: Meaning
    priority: int
    element: Element
    parent: Element

    @property
    def areas(self) -> list[Range]:
        """Its cells; nothing where they cannot be told."""
        try:
            return [Range.parse(part) for part in self.sqref.split()]
        except ValueError:
            return []

    def means(self) -> Meaning:
        """All of it, for comparing it with others."""
        return self.sqref, tuple(map(spelled_alike, self.formulas)), self.says, self.look


def conditions(frame: Element, formats: Formats) -> list[Rule]:
    """The conditional formats of a sheet."""
    found = []
    for block in frame.children:
        for element in block.children if block.name == "conditionalFormatting" else ():
            look = formats.differential(element.whole("dxfId", -1)) if "dxfId" in element.attributes else ()
            if element.name == "cfRule":
                sqref = block.attributes.get("sqref", "")
                found.append(_rule(element, block, sqref, look))
    return found


def validations(frame: Element) -> list[Rule]:
    """The validations of a sheet."""
    block = frame.child("dataValidations")
    children = block.children if block is not None else []
    return [
        _rule(element, block, element.attributes.get("sqref", ""), ())
        for element in children
        if block is not None and element.name == "dataValidation"
    ]


def _rule(element: Element, parent: Element, sqref: str, look: Meaning) -> Rule:
    says = (
        (name, value)
        for name, value in element.attributes.items()
        if "}" not in name and name not in _OF_PLACE and value not in ("", "0", "false") and _USUAL.get(name) != value
    )
    formulas = [child.text for child in element.children if child.name in _FORMULAS]
    if element.name == "dataValidation":
        formulas = formulas[: _OPERANDS.get(element.attributes.get("type", "none"), 2)]
    # Colour scales, data bars and icons say what they are in elements of their own.
    others = tuple(child.name for child in element.children if child.name not in _FORMULAS)
    stated = tuple(sorted((name, "1" if value == "true" else value) for name, value in says))
    return Rule(sqref, tuple(formulas), (stated, others), look, element.whole("priority", 0), element, parent)


def without(frame_xml: bytes, block: Element, gone: Iterable[Element]) -> bytes:
    """An element of a sheet without some of its children; nothing where none is left."""
    dropped = {element.start for element in gone}
    if all(child.start in dropped for child in block.children):
        return b""
    edits = [Edit(child.start, child.end, b"") for child in block.children if child.start in dropped]
    moved = (Edit(edit.start - block.start, edit.end - block.start, b"") for edit in edits)
    return splice(frame_xml[block.start : block.end], moved)


def priorities(replaced: Sequence[Rule], every: Iterable[Rule], count: int) -> Iterator[int]:
    """The priorities of `count` conditional formats, in their order, that take the place of others: the least is looked
    at first (18.3.1.10). What they have in common with a person's own stays as it was.
    """
    known = sorted(rule.priority for rule in replaced)
    yield from known[:count]
    last = max((rule.priority for rule in every), default=0)
    yield from range(last + 1, last + 1 + count - len(known))


def condition_xml(prefix: bytes, rule: Rule, sqref: str, formulas: Sequence[str], number: int, look: int) -> bytes:
    """A conditional format as it is written elsewhere."""
    attributes = {**rule.element.attributes, "priority": str(number), "dxfId": str(look)}
    inner = b"".join(_formula(prefix, "formula", text) for text in formulas)
    stated = written(attributes)
    return b'<%sconditionalFormatting sqref="%s"><%scfRule%s>%s</%scfRule></%sconditionalFormatting>' % (
        *(prefix, escape(sqref, quote=True), prefix, stated, inner, prefix, prefix),
    )


def validation_xml(prefix: bytes, rule: Rule, sqref: str, formulas: Sequence[str]) -> bytes:
    """A validation as it is written elsewhere."""
    names = [child.name for child in rule.element.children if child.name in _FORMULAS]
    inner = b"".join(_formula(prefix, name, text) for name, text in zip(names, formulas, strict=True))
    stated = written({**rule.element.attributes, "sqref": sqref})
    return b"<%sdataValidation%s>%s</%sdataValidation>" % (prefix, stated, inner, prefix)


def validations_xml(prefix: bytes, kept: Iterable[bytes], block: Element | None) -> bytes:
    """The element of all validations, with those that are `kept` or new; `block` is the one that was there."""
    inner = list(kept)
    if not inner:
        return b""
    stated = dict(block.attributes) if block is not None else {}
    stated["count"] = str(len(inner))
    return b"<%sdataValidations%s>%s</%sdataValidations>" % (
        prefix,
        written(stated),
        b"".join(inner),
        prefix,
    )


def _formula(prefix: bytes, name: str, text: str) -> bytes:
    return b"<%s%s>%s</%s%s>" % (prefix, name.encode(), escape(text), prefix, name.encode())


def by_headers(formula: str, headers: Mapping[int, str], row: int) -> str:
    """A formula for a cell in `row` that names columns by their headers and rows by how far they are, so that it reads
    the same wherever its columns stand.
    """

    def told(column: int, is_fixed: bool, at: int, is_fixed_row: bool) -> str:
        down = f"${at}" if is_fixed_row else f"{at - row:+d}"
        return f"{{{'$' if is_fixed else ''}{headers.get(column, column_letters(column))}}}{down}"

    return formula if "!" in formula else with_cells(spelled_alike(formula), told)


def moved_columns(formula: str, places: Mapping[int, int], rows: int) -> str:
    """A formula whose cells stand in other columns (`places`), and `rows` further down, what has a `$` aside."""

    def told(column: int, is_fixed: bool, at: int, is_fixed_row: bool) -> str:
        letters = column_letters(places.get(column, column))
        down = at if is_fixed_row or at + rows > MAX_ROW else at + rows
        return f"{'$' if is_fixed else ''}{letters}{'$' if is_fixed_row else ''}{down}"

    return with_cells(formula, told)
