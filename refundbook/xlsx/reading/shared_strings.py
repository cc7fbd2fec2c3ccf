"""The shared strings of a workbook (ECMA-376 Part 1, 18.4.9), read within bounds."""

from __future__ import annotations

import re
from array import array
from functools import cached_property
from itertools import pairwise
from xml.parsers import expat

from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.base.text import quoted
from refundbook.xlsx.package.xml_splice import refuse_malformed
from refundbook.xlsx.reading.cell_decoder import Ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


MAX_TEXT = 256 << 20
"""The shared strings that a sheet's cells refer to may not come to more than this, each counted as often as it is used:
in bytes with their markup where python-calamine is to read them, in characters where `plain` does.
"""
MAX_STRINGS = 5_000_000
"""No workbook may have more shared strings than this."""

_LISTS = re.compile(rb"""<(?:[^<>\s/:"'!?]+:)?sst[\s/>]""")
_CLAIM = re.compile(r"[0-9]{1,20}", re.ASCII)
_STRING = rb"""<(?:[^<>\s/:"'!?]+:)?si[\s/>]"""
_VALUE = rb"""(?:<(?:[^<>\s/:"'!?]+:)?v(?:\s[^<>]*)?>([0-9.eE+-]+))?</(?:[^<>\s/:"']+:)?v\s*>"""
_STRINGS = re.compile(
    r"<si><t>(?![ \t\n])([^<&]++)(?<![ \t\n])</t></si>|<si><t "
    r'xml:space="preserve">([^<&]++)</t></si>|<si>(.*?)</si>|(.+)',
    re.DOTALL,
)
_NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_HIDING = ("\r", "<!", "<?", "]]>")


class SharedStrings:
    """A workbook's shared strings, in a part of `size` bytes. `ask` gives the values of cells (see `meaning`).

    Raises UnreadableWorkbook where there are too many.
    """

    def __init__(self, xml: bytes, part: str, ask: Ask) -> None:
        self._xml, self.size = xml, len(xml)
        self._ask = ask
        self._found: list[tuple[str, str, str, str]] | None = []
        if not xml:
            return
        if xml.count(b"<si") + xml.count(b":si") > MAX_STRINGS:
            _refuse_many()
        rest = self._look_through(xml)
        root, attributes = refuse_malformed(rest, part)
        if root.rpartition(":")[2] != "sst" or len(_LISTS.findall(rest)) > 1:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(part)} is not one list of strings.")
        claimed = (attributes.get(name, "").removeprefix("+") for name in ("count", "uniqueCount"))
        if max(int(text) if _CLAIM.fullmatch(text) else 0 for text in claimed) > MAX_STRINGS:
            _refuse_many()

    def _look_through(self, xml: bytes) -> bytes:
        """Find the strings, and give the part without those that are plain texts, which are well-formed by the pattern
        that they match.
        """
        self._found = None
        begin, end = xml.find(b"<si>"), xml.rfind(b"</sst>")
        try:
            body = xml[begin:end].decode()
        except UnicodeDecodeError:
            return xml
        if (
            not 0 < begin < end
            or any(sign in body for sign in _HIDING)
            or not (body.isprintable() or re.search(_NOT_XML, body) is None)
        ):
            return xml
        found = _STRINGS.findall(body)
        if any(other or "<si" in odd for _, _, odd, other in found):
            return xml
        self._found = found
        odd = "".join(f"<si>{item[2]}</si>" for item in found if item[2])
        return b"".join((xml[:begin], odd.encode(), xml[end:]))

    @cached_property
    def texts(self) -> list[str] | None:
        """The strings in order; None where the part is of a shape that is left to other readers."""
        if self._found is None:
            return None
        texts = [trimmed or kept for trimmed, kept, _, _ in self._found]
        asked = [at for at, text in enumerate(texts) if "_x" in text or not text]
        for at, text in zip(asked, self._ask(map(self._as_cell, asked)), strict=True):
            texts[at] = str(text)
        self._found = []
        return texts

    def _as_cell(self, at: int) -> str:
        assert self._found is not None
        trimmed, kept, odd, _ = self._found[at]
        inner = odd or (f'<t xml:space="preserve">{kept}</t>' if kept else f"<t>{trimmed}</t>")
        return f' t="inlineStr"><is>{inner}</is></c>'

    @cached_property
    def _sizes(self) -> array[int]:
        """The bytes that each string takes up in the part, with its markup."""
        starts = [match.start() for match in re.finditer(_STRING, self._xml)]
        self._xml = b""
        return array("q", (end - start for start, end in pairwise((*starts, self.size))))

    def refuse_repeated(self, xml: bytes, sheet: str) -> None:
        """Refuse a sheet whose cells take up too much with long strings that they share. Raises UnreadableWorkbook."""
        # Each step takes longer than the one before, and comes closer to the truth from above.
        most = len(xml) // len('<c t="s"><v>0</v></c>')
        if most * self.size <= MAX_TEXT:
            return
        # Each value has an end tag, and not before one is met do the strings need to be looked at.
        most = min(most, xml.count(b"</"))
        if most * self.size <= MAX_TEXT or most * max(self._sizes, default=0) <= MAX_TEXT:
            return
        if self._at_most(xml) <= MAX_TEXT or self._exactly(xml) <= MAX_TEXT:
            return
        refuse_repetition(sheet)

    def _at_most(self, xml: bytes) -> int:
        """The size where every number is taken for that of a string, and whatever is no number for the longest."""
        longest = max(self._sizes)
        return sum(self._size(value) if value else longest for value in re.findall(_VALUE, xml))

    def _exactly(self, xml: bytes) -> int:
        values = _SharedValues()
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = values.start
        parser.EndElementHandler = values.end
        parser.CharacterDataHandler = values.text
        parser.CommentHandler = parser.StartCdataSectionHandler = parser.ProcessingInstructionHandler = values.break_up
        parser.Parse(xml, True)
        longest = max(self._sizes)
        return sum(longest if value is None else self._size(value.encode()) for value in values.found)

    def _size(self, value: bytes) -> int:
        """The size of the string that calamine takes `value` for the number of: the first one where it is no number."""
        if not value.isdigit():
            return self._sizes[0]
        return self._sizes[int(value)] if len(value) < 9 and int(value) < len(self._sizes) else 0


class _SharedValues:
    """Collects what the cells that refer to a shared string hold: None where a comment or such breaks it up, so that
    readers may differ on it.
    """

    def __init__(self) -> None:
        self.found: list[str | None] = []
        self._is_shared = self._is_open = self._is_broken = False
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.break_up()
        name = name.rpartition(":")[2]
        if name == "c":
            self._is_shared = attributes.get("t") == "s"
        elif name == "v" and self._is_shared:
            self._is_open, self._is_broken, self._pieces = True, False, []

    def text(self, text: str) -> None:
        if self._is_open:
            self._pieces.append(text)

    def break_up(self, *_: object) -> None:
        self._is_broken = True

    def end(self, name: str) -> None:
        if self._is_open and name.rpartition(":")[2] == "v":
            self.found.append(None if self._is_broken else "".join(self._pieces))
            self._is_open = False


def refuse_repetition(sheet: str) -> NoReturn:
    raise UnreadableWorkbook(
        f"The sheet {quoted(sheet)} repeats long texts so often that they come to more than {MAX_TEXT:,} bytes, more "
        "than can be read."
    )


def _refuse_many() -> NoReturn:
    raise UnreadableWorkbook(f"It has more than {MAX_STRINGS:,} shared strings, or says so, more than can be read.")
