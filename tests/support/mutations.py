"""Good workbooks spoiled at random: in the bytes of the file, or in the XML of one of its parts, zipped again as if it
were sound.

A mutation follows from its random numbers alone, so that one that shows a fault can be made again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from refundbook.base.errors import UnreadableWorkbook
from refundbook.xlsx.package.archive import Archive
from tests.support.zips import rebuilt

Mutation = Callable[[bytes, Random], bytes]

NUMBERS = (
    b"0 -1 1 2 7 255 65536 1048576 1048577 2147483648 4294967296 99999999999999999999 1e999 -1e308 NaN inf 0x10 1.5 1,5"
).split()
ADDRESSES = (
    b"A1 A0 XFD1 A1048576 XFD1048576 XFE1 AAAA1 A99999999999 1A $B$2 A1:B2 B2:A1 A:A 1:1 ZZZ9:A1 #REF! C7:C7".split()
)
WORDS = [b"", b" ", b"s", b"str", b"inlineStr", b"e", b"b", b"n", b"d", b"true", b"\xff\xfe", "é\u202e\U0001f600".encode(), b"&amp;", b"&#0;", b"&#x1F;", b"&bomb;", b"_x0000_", b"_xD800_", b"../../x", b"/", b"Cases", b"'", b"x" * 40_000]  # fmt: skip
SNIPPETS = [b"<", b">", b"/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x?>", b"&", b"\0", b"\n", b"<row/>", b"<c/>", b"<f/>", b"<v/>", b"<c t='s'><v>9</v></c>", b'<row r="5">', b"</row>", b"<sheetData/>", b"<!DOCTYPE x>"]  # fmt: skip

_TAG = re.compile(rb"<[^<>]*>")
_ATTRIBUTE = re.compile(rb"""=\s*(["'])([^"'<>]*)\1""")
_NUMBER = re.compile(rb"(?<=>)[0-9.]+(?=<)")
_LEAF = re.compile(rb"<([\w:]+)[^<>]*(?:/>|>[^<>]*</\1>)")
_LIKELY = re.compile(r"sheet\d+\.xml$|tables?/|workbook\.xml|\.rels$|sharedStrings|styles|Content_Types")


def mutated(workbook: bytes, random: Random) -> bytes:
    """The workbook with one to three faults of one kind."""
    kind = random.choices((_bytes, _part, _lost_part), (4, 12, 1))[0]
    return kind(workbook, random)


def _bytes(data: bytes, random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 2, 3))):
        data = random.choice((_flip, _flip, _cut, _swap, _fill, _repeat, _end_number))(data, random)
    return data


def _part(data: bytes, random: Random) -> bytes:
    try:
        archive = Archive(data)
        names = list(archive.members)
        name = random.choices(names, [8 if _LIKELY.search(n) else 1 for n in names])[0]
        xml = archive.read(name)
        for _ in range(random.choice((1, 1, 2, 3))):
            xml = random.choice(_IN_PART)(xml, random)
        return rebuilt(archive, {name: None if random.random() < 0.01 else xml})
    except UnreadableWorkbook:
        return _bytes(data, random)


_RELATIONSHIP = (
    b'<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
    b'Target="%s"/>'
)
_KINDS = (b"calcChain", b"sharedStrings", b"styles", b"theme", b"table", b"comments", b"vmlDrawing", b"drawing", b"pivotTable", b"externalLink", b"worksheet", b"queryTable")  # fmt: skip


def _lost_part(data: bytes, random: Random) -> bytes:
    """A relationship whose part is missing: the part was lost, or the relationship is one too many."""
    try:
        archive = Archive(data)
        parts = [name for name in archive.members if not name.endswith(".rels")]
        sources = [name for name in archive.members if name.endswith(".rels")]
        if random.random() < 0.5 or not sources:
            return rebuilt(archive, {random.choice(parts): None})
        name, kind = random.choice(sources), random.choice(_KINDS)
        target = random.choice((kind + b"9.xml", b"/xl/" + kind + b".xml", b"../" * 9 + kind, *WORDS[-6:]))
        one = _RELATIONSHIP % (random.randrange(900, 999), kind, target)
        return rebuilt(archive, {name: archive.read(name).replace(b"</Relationships>", one + b"</Relationships>")})
    except UnreadableWorkbook:
        return _bytes(data, random)


def spoiled_line(line: bytes, random: Random) -> bytes:
    """A line of JSON with a value of another kind, or with faults in its bytes."""
    if random.random() < 0.5:
        return _bytes(line, random).replace(b"\n", b"")
    match = _chosen(_JSON_VALUE, line, random)
    return line[: match.start(1)] + random.choice(_JSON) + line[match.end(1) :] if match else line


_JSON_VALUE = re.compile(rb':\s*("[^"]*"|\{\}|\[\]|[0-9]+)')
_JSON = (b"[]", b"{}", b"null", b"true", b"-1", b"1e999", b'""', b"[[[[1]]]]", b'{"a": {}}', b'"x"', b"9" * 5000, b"NaN", b'"\\ud800"')  # fmt: skip


def _span(data: bytes, random: Random, longest: int) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.randint(1, longest))


def _flip(data: bytes, random: Random) -> bytes:
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 4, 16)) if out else 0):
        out[random.randrange(len(out))] ^= 1 << random.randrange(8)
    return bytes(out)


def _cut(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random, random.choice((1, 30, 3000)))
    return random.choice((data[:start], data[start:], data[:start] + data[end:]))


def _swap(data: bytes, random: Random) -> bytes:
    a, b = sorted((_span(data, random, 200), _span(data, random, 200)))
    if a[1] > b[0]:
        return data
    return data[: a[0]] + data[slice(*b)] + data[a[1] : b[0]] + data[slice(*a)] + data[b[1] :]


def _fill(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random, random.choice((1, 4, 100)))
    return data[:start] + random.choice((b"\0", b"\xff", b"P", b"<")) * (end - start) + data[end:]


def _repeat(data: bytes, random: Random) -> bytes:
    start, end = _span(data, random, random.choice((4, 100, 1000)))
    return data[:end] + data[start:end] * random.choice((1, 2, 50)) + data[end:]


def _end_number(data: bytes, random: Random) -> bytes:
    """Sizes and offsets stand at the end of a zip file."""
    at = max(0, len(data) - random.randint(1, 2000))
    number = random.choice((0, 1, 0x7FFF, 0xFFFF, 0xFFFFFFFF, random.getrandbits(32)))
    size = random.choice((2, 4))
    return data[:at] + (number % (1 << 8 * size)).to_bytes(size, "little") + data[at + size :]


def _chosen(pattern: re.Pattern[bytes], xml: bytes, random: Random) -> re.Match[bytes] | None:
    """A match near a random place."""
    return pattern.search(xml, random.randrange(len(xml) + 1)) or pattern.search(xml)


def _value(random: Random) -> bytes:
    return random.choice(random.choice((NUMBERS, ADDRESSES, WORDS)))


def _attribute(xml: bytes, random: Random) -> bytes:
    match = _chosen(_ATTRIBUTE, xml, random)
    return xml[: match.start(2)] + _value(random) + xml[match.end(2) :] if match else xml


def _number(xml: bytes, random: Random) -> bytes:
    match = _chosen(_NUMBER, xml, random)
    return xml[: match.start()] + _value(random) + xml[match.end() :] if match else xml


def _tag(xml: bytes, random: Random) -> bytes:
    """A tag taken away, repeated, or put elsewhere: what is left is seldom well-formed."""
    match = _chosen(_TAG, xml, random)
    return _moved(xml, match, random) if match else xml


def _leaf(xml: bytes, random: Random) -> bytes:
    """A whole element taken away, repeated, or put elsewhere: what is left is well-formed."""
    match = _chosen(_LEAF, xml, random)
    return _moved(xml, match, random) if match else xml


def _moved(xml: bytes, match: re.Match[bytes], random: Random) -> bytes:
    tag, without = match.group(), xml[: match.start()] + xml[match.end() :]
    how = random.randrange(3)
    if how == 0:
        return without
    if how == 1:
        return xml[: match.end()] + tag * random.choice((1, 1, 30)) + xml[match.end() :]
    other = _chosen(_TAG, without, random)
    at = other.end() if other else 0
    return without[:at] + tag + without[at:]


def _snippet(xml: bytes, random: Random) -> bytes:
    match = _chosen(_TAG, xml, random)
    at = match.end() if match and random.random() < 0.7 else random.randrange(len(xml) + 1)
    return xml[:at] + random.choice(SNIPPETS) + xml[at:]


_IN_PART: tuple[Mutation, ...] = (_attribute, _attribute, _attribute, _number, _tag, _leaf, _leaf, _snippet, _flip, _cut, _swap)  # fmt: skip
