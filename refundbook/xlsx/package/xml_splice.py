"""XML as bytes: where its elements stand, so that a change can replace just the bytes that must change.

A document tree would be written back in the writer's own way (prefixes, quotes, attribute order, comments); a splice
leaves all else as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from xml.parsers import expat

from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"

TAG = rb"""[^<>"']*(?:"[^<"]*"[^<>"']*|'[^<']*'[^<>"']*)*>"""
"""The rest of a start tag after its name; a `>` within quotes does not end it. It holds no `<`, so that none is looked
for beyond the next tag.
"""
_REST_OF_TAG = re.compile(TAG)
_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')""")
_PREFIX = re.compile(rb"<([A-Za-z_][\w.\-]*:)?")
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]+)["'][^>]*\?>""")
_LONGEST_DECLARATION = 1000
_ASCII_AND_MORE = ("iso-8859-1", "iso-8859-15", "windows-1252", "latin1")
MAX_TAGS = 2_000_000
"""A part that is read into a tree may not hold more tags than this: it takes about 500 bytes of memory for each."""
_DEEPEST = 200
_MANY_MARKS = 1_000
_KEPT_UP_TO = 32_768
"""The bytes of a part up to which its tree, which nobody changes, is kept for the next time."""


class Element:
    """One element of a part, which is `xml`, and the byte offsets of its start tag (`start` to `inner`), its content
    (`inner` to `close`) and its end tag (to `end`).

    `attributes` are keyed by local name, or `{namespace}name` for a prefixed one.
    """

    __slots__ = (
        "attributes",
        "children",
        "close",
        "end",
        "inner",
        "name",
        "namespace",
        "parent",
        "start",
        "text",
        "xml",
    )

    def __init__(
        self,
        name: str,
        namespace: str,
        attributes: dict[str, str],
        start: int,
        inner: int,
        xml: bytes,
        parent: Element | None,
    ) -> None:
        self.name = name
        self.namespace = namespace
        self.attributes = attributes
        self.start = start
        self.inner = inner
        self.xml = xml
        self.parent = parent
        self.close = self.end = -1
        self.text = ""
        self.children: list[Element] = []

    @property
    def prefix(self) -> bytes:
        """As written, with its colon."""
        found = _PREFIX.match(self.xml, self.start)
        return (found and found.group(1)) or b""

    def child(self, name: str) -> Element | None:
        return next((child for child in self.children if child.name == name), None)

    def descendants(self, name: str) -> Iterator[Element]:
        """Every element of this local name below, in document order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.descendants(name)

    def whole(self, attribute: str, default: int) -> int:
        """An attribute that is a whole number from 0 up to a few milliards. Raises UnreadableWorkbook where it is
        something else.
        """
        text = self.attributes.get(attribute, "").strip()
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 11):
            raise DamagedWorkbook(
                f"It is damaged: a {quoted(self.name)} has {quoted(text[:40])} for its {quoted(attribute)}."
            )
        return int(text)

    def path(self) -> str:
        return f"{self.parent.path()}/{self.name}" if self.parent else self.name


class Edit(NamedTuple):
    """Put `replacement` in place of the bytes from `start` to `end`."""

    start: int
    end: int
    replacement: bytes


def parse(xml: bytes, part: str) -> Element:
    """The root element of a small part. Raises UnreadableWorkbook, naming `part`, where it is not well-formed or
    declares a DTD.
    """
    return _Parser(xml, part).root()


def parse_whole(xml: bytes, part: str) -> Element:
    """The same of all of a part, which a save reads twice: from the file that is there, and back from the one that it
    makes. Of a small one the tree is kept.
    """
    return _kept(xml, part) if len(xml) <= _KEPT_UP_TO else parse(xml, part)


_kept = lru_cache(maxsize=32)(parse)


class _Parser:
    def __init__(self, xml: bytes, part: str) -> None:
        self.xml = xml
        self.part = part
        self.stack: list[Element] = []
        self.texts: list[list[str]] = []
        self.found: Element | None = None

    def root(self) -> Element:
        if self.xml.count(b"<") > MAX_TAGS:
            raise UnreadableWorkbook(
                f"The part {quoted(self.part)} holds more than {MAX_TAGS:,} tags, more than can be read."
            )
        parser = expat.ParserCreate("utf-8", namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self.parser = parser
        _run(parser, self.xml, self.part)
        if self.found is None:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(self.part)} is empty.")
        return self.found

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        start = self.parser.CurrentByteIndex
        match = _REST_OF_TAG.match(self.xml, start + 1)
        if match is None:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(self.part)} has a tag that does not end.")
        namespace, _, name = qualified.rpartition("}")
        named = {f"{{{key}" if "}" in key else key: value for key, value in attributes.items()}
        parent = self.stack[-1] if self.stack else None
        element = Element(name, namespace, named, start, match.end(), self.xml, parent)
        if parent is not None:
            parent.children.append(element)
        else:
            self.found = element
        if len(self.stack) > _DEEPEST:
            raise UnreadableWorkbook(f"The part {quoted(self.part)} is nested more deeply than a workbook can be.")
        self.stack.append(element)
        self.texts.append([])

    def _end(self, _qualified: str) -> None:
        element = self.stack.pop()
        element.text = "".join(self.texts.pop())
        if self.xml[element.inner - 2 : element.inner] == b"/>":
            element.close = element.end = element.inner
        else:
            element.close = self.parser.CurrentByteIndex
            element.end = self.xml.index(b">", element.close) + 1

    def _text(self, text: str) -> None:
        self.texts[-1].append(text)


def refuse_malformed(xml: bytes, part: str) -> tuple[str, dict[str, str]]:
    """Name and attributes, as written, of the root of a part of any size.

    Raises UnreadableWorkbook, naming the part, where it is not well-formed XML or declares a document type.
    """
    found: list[tuple[str, dict[str, str]]] = []

    def first(name: str, attributes: dict[str, str]) -> None:
        found.append((name, attributes))
        parser.StartElementHandler = None

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = first
    _run(parser, xml, part)
    return found[0]


def _run(parser: expat.XMLParserType, xml: bytes, part: str) -> None:
    def doctype(*_: object) -> None:
        raise UnreadableWorkbook(f"The part {quoted(part)} declares a document type, which workbooks never do.")

    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} is not well-formed XML ({error}).") from error


def without_comments(xml: bytes) -> bytes:
    """The part with blanks in place of comments and CDATA sections, in which may stand what looks like markup."""
    if not may_hide_markup(xml):
        return xml
    return re.sub(rb"(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>", lambda match: b" " * len(match[0]), xml)


def may_hide_markup(xml: bytes) -> bool:
    """Whether comments or CDATA sections may stand in a part."""
    # One byte is found ten times as fast as two, and every part is looked through for it several times.
    at = xml.find(b"!", 1)
    for _ in range(_MANY_MARKS):
        if at < 0 or xml.startswith(b"<", at - 1):
            return at > 0
        at = xml.find(b"!", at + 1)
    return b"<!" in xml


def splice(xml: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits, which must not overlap; those at the same place are put in in the order given."""
    pieces: list[bytes] = []
    at = 0
    for start, end, replacement in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if start < at:
            raise ValueError("edits overlap")
        pieces += (xml[at:start], replacement)
        at = end
    return b"".join((*pieces, xml[at:]))


def set_attribute(xml: bytes, element: Element, name: str, value: str) -> Edit:
    """The edit that gives an unprefixed attribute of an element a value, also where it has none yet."""
    quoted = b'"' + escape(value, quote=True) + b'"'
    for match in _ATTRIBUTE.finditer(xml, element.start, element.inner):
        if match.group(1) == name.encode():
            return Edit(match.start(2), match.end(2), quoted)
    end = element.inner - (2 if xml[element.inner - 2 : element.inner] == b"/>" else 1)
    return Edit(end, end, b" " + name.encode() + b"=" + quoted)


def set_text(element: Element, text: str) -> Edit:
    """The edit that replaces an element's content by text. The element must not be an empty-element tag."""
    return Edit(element.inner, element.close, escape(text))


def append_child(xml: bytes, element: Element, child: bytes) -> Edit:
    """The edit that puts `child` last into an element, opening it up where it is an empty-element tag."""
    if xml[element.inner - 2 : element.inner] == b"/>":
        name = element.prefix + element.name.encode()
        return Edit(element.inner - 2, element.inner, b">" + child + b"</" + name + b">")
    return Edit(element.close, element.close, child)


def escape(text: str, *, quote: bool = False) -> bytes:
    """Text as UTF-8 XML character data (or, with `quote`, as an attribute's value in double quotes)."""
    text = escaped(text)
    if quote:
        text = text.replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")
    return text.encode()


def escaped(text: str) -> str:
    """Text as XML character data."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_utf8(xml: bytes) -> bytes:
    """A part in UTF-8, which it nearly always is already; UTF-16 is allowed too (ECMA-376 Part 2, 8.1.4), and a few
    others are met with.

    Raises UnreadableWorkbook for any other encoding: what is plain letters in one may be tags in another, which a
    second reader would see.
    """
    name = _encoding(xml)
    if name == "utf-8":
        return xml
    try:
        return _redeclared(xml.decode(name))
    except UnicodeDecodeError as error:
        raise UnreadableWorkbook(f"It has a part in an encoding that cannot be read ({error}).") from error


def is_utf8(xml: bytes) -> bool:
    """Whether a part that begins like this is in UTF-8, or says so. Raises as `to_utf8` does."""
    return _encoding(xml) == "utf-8"


def _encoding(xml: bytes) -> str:
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if xml[:4] in (b"<\0?\0", b"\0<\0?"):
        return "utf-16-le" if xml[1] == 0 else "utf-16-be"
    declared = _DECLARATION.match(xml, 0, _LONGEST_DECLARATION)
    name = declared.group(1).decode().lower() if declared else "utf-8"
    if name in ("us-ascii", "ascii", "utf8"):
        return "utf-8"
    if name not in ("utf-8", *_ASCII_AND_MORE):
        raise UnreadableWorkbook(f"It has a part in an encoding that workbooks do not use ({name[:40]}).")
    return name


def _redeclared(text: str) -> bytes:
    text = text.lstrip("\ufeff")
    head = re.sub(
        r"""(<\?xml[^>]*?encoding\s*=\s*["'])[A-Za-z0-9._\-]+""", r"\g<1>UTF-8", text[:_LONGEST_DECLARATION], count=1
    )
    return (head + text[_LONGEST_DECLARATION:]).encode()
