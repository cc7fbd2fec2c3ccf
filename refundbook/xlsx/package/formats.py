"""The formats of two workbooks (ECMA-376 Part 1, 18.8): whether two look alike, and those of one put into the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property

from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.xml_splice import Edit, Element, append_child, escape, parse, set_attribute, splice
from refundbook.xlsx.package.xml_tree import Meaning, meaning, rendered

_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles")
_FONT = ("b", "i", "u", "strike", "sz", "name", "vertAlign")
_SIDES = ("left", "right", "top", "bottom", "diagonal")
_USUAL = {"horizontal": "general", "vertical": "bottom"}
_PARTS = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}
_APPLIED = {"numFmtId": "NumberFormat", "fontId": "Font", "fillId": "Fill", "borderId": "Border"}
_FIRST_OWN_FORMAT = 164


class Look(NamedTuple):
    """How cells of a format look, whichever program wrote it down."""

    number_format: str
    font: Meaning
    fill: Meaning
    border: Meaning
    alignment: Meaning


class Formats:
    """The formats of a styles part."""

    def __init__(self, xml: bytes, part: str) -> None:
        self.xml = xml
        self.root = parse(xml, part)
        self._looks: dict[int, Look] = {}

    def children(self, collection: str) -> list[Element]:
        """The formats of one kind, such as `cellXfs`."""
        found = self.root.child(collection)
        return found.children if found is not None else []

    @cached_property
    def codes(self) -> dict[int, str]:
        """The codes of the workbook's own number formats."""
        return {e.whole("numFmtId", 0): e.attributes.get("formatCode", "") for e in self.children("numFmts")}

    def look(self, style: int) -> Look:
        """How cells with the format of this number look."""
        if style not in self._looks:
            known = self.children("cellXfs")
            self._looks[style] = self._look(known[style] if 0 <= style < len(known) else None)
        return self._looks[style]

    def _look(self, xf: Element | None) -> Look:
        number = xf.whole("numFmtId", 0) if xf is not None else 0
        parts = {
            name: at(self.children(name), xf.whole(attribute, 0) if xf is not None else 0)
            for attribute, name in _PARTS.items()
        }
        return Look(
            _plain(self.codes[number]) if number in self.codes else str(number),
            font_look(parts["fonts"]),
            fill_look(parts["fills"]),
            border_look(parts["borders"]),
            _alignment(xf),
        )

    def differential(self, number: int) -> Meaning:
        """How cells look that a conditional format applies to, by the number of its format."""
        return differential_look(at(self.children("dxfs"), number))


def _plain(code: str) -> str:
    """A number format's code without how it marks what is to be shown as it is: `\\-`, `"-"` and `-` are one."""
    return re.sub(r"""["\\]|\[\$-[0-9A-Fa-f]+\]""", "", code).casefold()


def at(elements: list[Element], number: int) -> Element | None:
    """The element of this number, from 0; None where there is none."""
    return elements[number] if 0 <= number < len(elements) else None


def colour(element: Element | None) -> Meaning:
    """A colour; how see-through it is counts for nothing in a cell (18.8.3)."""
    if element is None:
        return ()
    stated = {name: value for name, value in element.attributes.items() if name in ("rgb", "theme", "tint", "indexed")}
    if "rgb" in stated:
        return ("rgb", stated["rgb"][-6:].upper())
    return tuple(sorted(stated.items()))


def font_look(font: Element | None) -> Meaning:
    """What is to be seen of a font."""
    if font is None:
        return ()
    stated = []
    for child in font.children:
        value = child.attributes.get("val", "1" if child.name != "u" else "single")
        if child.name in _FONT and value not in ("0", "false", "none", "baseline"):
            stated.append((child.name, "1" if value == "true" else value))
    return (*sorted(stated), colour(font.child("color")))


def fill_look(fill: Element | None) -> Meaning:
    """What is to be seen of a background."""
    pattern = fill.child("patternFill") if fill is not None else None
    if fill is None or not fill.children:
        return ()
    if pattern is None:
        return meaning(fill)
    kind = pattern.attributes.get("patternType", "none" if pattern.child("bgColor") is None else "solid")
    front, back = colour(pattern.child("fgColor")), colour(pattern.child("bgColor"))
    if kind == "none":
        return ()
    # That of a solid fill of a cell is the front's; the back, which programs set as they like, is not seen.
    return (kind, front or back) if kind == "solid" else (kind, front, back)


def border_look(border: Element | None) -> Meaning:
    """What is to be seen of the lines around a cell."""
    sides = ((side, border.child(side) if border is not None else None) for side in _SIDES)
    return tuple(
        (side, line.attributes["style"], colour(line.child("color")))
        for side, line in sides
        if line is not None and line.attributes.get("style", "none") != "none"
    )


def _alignment(xf: Element | None) -> Meaning:
    alignment = xf.child("alignment") if xf is not None else None
    if alignment is None:
        return ()
    _, stated, _, _ = meaning(alignment)
    assert isinstance(stated, tuple)
    return tuple((name, value) for name, value in stated if _USUAL.get(name) != value)


def differential_look(dxf: Element | None) -> Meaning:
    """What a conditional format's look changes (18.8.14)."""
    if dxf is None:
        return ()
    code = dxf.child("numFmt")
    return (
        _plain(code.attributes.get("formatCode", "")) if code is not None else "",
        font_look(dxf.child("font")),
        fill_look(dxf.child("fill")),
        border_look(dxf.child("border")),
    )


_LOOKS: dict[str, Callable[[Element | None], Meaning]] = {
    "fonts": font_look,
    "fills": fill_look,
    "borders": border_look,
    "dxfs": differential_look,
}


class FormatGraft:
    """Puts formats of a workbook (`source`) into another: `cell` and `differential` give the number that one has there,
    where it is added if nothing looks like it. `xml` is the styles part as it must be written.
    """

    def __init__(self, target: Formats, source: Formats) -> None:
        self._target, self.source = target, source
        self._added: dict[str, list[bytes]] = {name: [] for name in _ORDER}
        self._known: dict[str, dict[Meaning | Look, int]] = {}
        self._codes = dict(target.codes)

    def cell(self, style: int) -> int:
        """The number that the source's format `style` has in the target."""
        look, known = self.source.look(style), self._by_look("cellXfs")
        if look not in known:
            known[look] = self._add("cellXfs", self._xf(at(self.source.children("cellXfs"), style)))
        return known[look]

    def differential(self, number: int) -> int:
        """The number that the source's look of conditional formats has in the target."""
        look, known = self.source.differential(number), self._by_look("dxfs")
        if look not in known:
            known[look] = self._add("dxfs", self._dxf(at(self.source.children("dxfs"), number)))
        return known[look]

    def _by_look(self, collection: str) -> dict[Meaning | Look, int]:
        if collection not in self._known:
            children = self._target.children(collection)
            looks: list[Meaning | Look]
            if collection == "cellXfs":
                looks = [self._target.look(number) for number in range(len(children))]
            else:
                looks = [_LOOKS[collection](element) for element in children]
            self._known[collection] = {look: number for number, look in reversed(list(enumerate(looks)))}
        return self._known[collection]

    def _add(self, collection: str, xml: bytes) -> int:
        self._added[collection].append(xml)
        return len(self._target.children(collection)) + len(self._added[collection]) - 1

    def _xf(self, xf: Element | None) -> bytes:
        if xf is None:
            return b"<%sxf/>" % self._prefix
        mapped = {"numFmtId": str(self._number_format(xf.whole("numFmtId", 0))), "xfId": "0"}
        for attribute, collection in _PARTS.items():
            mapped[attribute] = str(self._piece(collection, xf.whole(attribute, 0)))
        mapped.update((f"apply{name}", "1") for attribute, name in _APPLIED.items() if mapped[attribute] != "0")
        return rendered(xf, self._prefix, lambda e: {**e.attributes, **mapped} if e is xf else e.attributes)

    def _piece(self, collection: str, number: int) -> int:
        element = at(self.source.children(collection), number)
        look = _LOOKS[collection](element)
        known = self._by_look(collection)
        if element is not None and look not in known:
            known[look] = self._add(collection, rendered(element, self._prefix))
        return known.get(look, 0)

    def _number_format(self, number: int) -> int:
        code = self.source.codes.get(number)
        return number if code is None else self._number_of(code)

    def _number_of(self, code: str) -> int:
        number = next((known for known, own in self._codes.items() if own == code), None)
        if number is None:
            number = max((*self._codes, *self._differential_codes.values(), _FIRST_OWN_FORMAT - 1)) + 1
            self._codes[number] = code
            made = b'<%snumFmt numFmtId="%d" formatCode="%s"/>' % (self._prefix, number, escape(code, quote=True))
            self._added["numFmts"].append(made)
        return number

    @cached_property
    def _differential_codes(self) -> dict[str, int]:
        """The number formats of looks of conditional formats by their codes: they have numbers of their own."""
        codes = (dxf.child("numFmt") for dxf in self._target.children("dxfs"))
        return {e.attributes.get("formatCode", ""): e.whole("numFmtId", 0) for e in codes if e is not None}

    def _dxf(self, dxf: Element | None) -> bytes:
        if dxf is None:
            return b"<%sdxf/>" % self._prefix

        def attributes(element: Element) -> Mapping[str, str]:
            if element.name != "numFmt":
                return element.attributes
            code, known = element.attributes.get("formatCode", ""), self._differential_codes
            if code not in known:
                taken = {*known.values(), *self._codes}
                wanted = element.whole("numFmtId", 0)
                known[code] = wanted if wanted not in taken else max(taken) + 1
            return {**element.attributes, "numFmtId": str(known[code])}

        return rendered(dxf, self._prefix, attributes)

    @property
    def _prefix(self) -> bytes:
        return self._target.root.prefix

    @property
    def xml(self) -> bytes:
        """The target's styles part with what was added."""
        edits: list[Edit] = []
        root = self._target.root
        for place, name in enumerate(_ORDER):
            added, existing = self._added[name], root.child(name)
            if added and existing is not None:
                count = len(existing.children) + len(added)
                edits.append(append_child(self._target.xml, existing, b"".join(added)))
                edits.append(set_attribute(self._target.xml, existing, "count", str(count)))
            elif added:
                before = [child.end for child in root.children if child.name in _ORDER[:place]]
                start = max(before, default=root.inner)
                tag = self._prefix + name.encode()
                edits.append(Edit(start, start, b'<%s count="%d">%s</%s>' % (tag, len(added), b"".join(added), tag)))
        return splice(self._target.xml, edits)
