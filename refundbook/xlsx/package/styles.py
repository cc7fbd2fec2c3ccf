"""Cell formats (ECMA-376 Part 1, 18.8): whether one shows a date, and making one that does, or that keeps a text a
text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property

from refundbook.base.errors import DamagedWorkbook
from refundbook.base.text import quoted
from refundbook.xlsx.package.xml_splice import Edit, Element, append_child, escape, parse, set_attribute, splice

DATE, DATE_TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_BUILT_IN_NUMBERS = frozenset((*range(1, 14), *range(37, 41), 48))
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_FIRST_OWN_FORMAT = 164
_TEXT = 49
_BUILT_IN = {"General": 0, "@": _TEXT}
"""Those of the numbers of formats that are built in (18.8.30) which need no code of their own."""
_USUAL_SIZE = 11.0
_FORMULA_STARTS = ("=", "+", "-", "@", "'")


class Styles:
    """The cell formats of a styles part. `xml` is the part as it must be written, `added` whether a format
    was added.
    """

    added = False

    def __init__(self, xml: bytes, part: str) -> None:
        self._part = part
        self._load(xml)

    def _load(self, xml: bytes) -> None:
        self.xml = xml
        self._root = parse(xml, self._part)
        formats = self._root.child("cellXfs")
        self._formats = formats.children if formats is not None else []
        self.__dict__.pop("_codes", None)
        self._shows_date: dict[int, bool] = {}

    @cached_property
    def _codes(self) -> dict[int, str]:
        own = self._root.child("numFmts")
        children = own.children if own is not None else []
        return {e.whole("numFmtId", 0): e.attributes.get("formatCode", "") for e in children}

    def is_date(self, style: int) -> bool:
        """Whether a cell of this format shows its number as a date or a time."""
        if style not in self._shows_date:
            self._shows_date[style] = self._is_date(style)
        return self._shows_date[style]

    def _is_date(self, style: int) -> bool:
        if not 0 <= style < len(self._formats):
            return False
        number_format = self._formats[style].whole("numFmtId", 0)
        code = self._codes.get(number_format)
        if code is None:
            return number_format in _BUILT_IN_DATES
        return any(letter in "dmyhs" for letter in _LITERAL.sub("", code).split(";")[0].lower().replace("general", ""))

    def shows(self, style: int) -> str:
        """What a cell of this format shows: a `day`, a `moment`, a `number` or a `text`; `""` where it says nothing."""
        if not 0 <= style < len(self._formats):
            return ""
        number_format = self._formats[style].whole("numFmtId", 0)
        code = self._codes.get(number_format, "")
        if self.is_date(style):
            has_time = bool(re.search("[hs]", _LITERAL.sub("", code).lower())) if code else number_format > 17
            return "moment" if has_time else "day"
        if number_format == _TEXT or code == "@":
            return "text"
        is_number = bool(re.search("[0#?]", _LITERAL.sub("", code))) if code else number_format in _BUILT_IN_NUMBERS
        return "number" if is_number else ""

    def wraps(self, style: int) -> float | None:
        """The size of the font in points, where a cell of this format breaks its text into lines; else None."""
        own = self._formats[style] if 0 <= style < len(self._formats) else None
        alignment = own.child("alignment") if own is not None else None
        if own is None or alignment is None or alignment.attributes.get("wrapText") not in ("1", "true"):
            return None
        fonts = self._root.child("fonts")
        at = own.whole("fontId", 0)
        size = fonts.children[at].child("sz") if fonts is not None and 0 <= at < len(fonts.children) else None
        try:
            return float(size.attributes["val"]) if size is not None else _USUAL_SIZE
        except (KeyError, ValueError):
            return _USUAL_SIZE

    def codes(self) -> list[str]:
        """The code of each format's own number format; `""` where it is one of those built in."""
        return [self._codes.get(own.whole("numFmtId", 0), "") for own in self._formats]

    def fit(self, style: int, value: object) -> int:
        """The index of a format like `style` that shows `value` for what it is.

        A date in a number format would be read as a number, and a text like `=1+1` edited into a formula.
        """
        if isinstance(value, str):
            is_plain = value[:1].isalnum() or not value.lstrip().startswith(_FORMULA_STARTS)
            return style if is_plain else self.quoted(style)
        if not isinstance(value, date) or self.is_date(style):
            return style
        return self.with_number_format(style, DATE_TIME if isinstance(value, datetime) else DATE)

    def with_number_format(self, style: int, code: str) -> int:
        """The index of a format like `style` whose number format is `code`; it is added where there is none yet."""
        number_format = next((n for n, own in self._codes.items() if own == code), _BUILT_IN.get(code))
        if number_format is None:
            number_format = self._add_code(code)
        return self._like(style, {"numFmtId": str(number_format), "applyNumberFormat": "1"})

    def quoted(self, style: int) -> int:
        """The index of a format like `style` whose cells are text also after somebody edited them, as if an apostrophe
        were typed before it.

        Without it, F2 and Enter in Excel make a formula of the text `=1+1` (`quotePrefix`, 18.8.45). In a cell of the
        format Text they do not.
        """
        known = self._formats[style] if 0 <= style < len(self._formats) else None
        if known is not None and (
            known.attributes.get("quotePrefix") in ("1", "true") or known.whole("numFmtId", 0) == _TEXT
        ):
            return style
        return self._like(style, {"quotePrefix": "1"})

    def _like(self, style: int, attributes: Mapping[str, str]) -> int:
        """The index of a format that is like `style` but for these attributes; it is added where there is none yet."""
        formats = self._root.child("cellXfs")
        if formats is None:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(self._part)} has no cell formats.")
        made = self._copy_of(formats, style, attributes)
        index = len(formats.children)
        for at, known in enumerate(formats.children):
            if self.xml[known.start : known.end] == made:
                return at
        self.added = True
        count = set_attribute(self.xml, formats, "count", str(index + 1))
        self._load(splice(self.xml, (append_child(self.xml, formats, made), count)))
        return index

    def _copy_of(self, formats: Element, style: int, attributes: Mapping[str, str]) -> bytes:
        if not 0 <= style < len(formats.children):
            blank = {"numFmtId": "0", "fontId": "0", "fillId": "0", "borderId": "0", "xfId": "0", **attributes}
            return b"<%sxf %s/>" % (
                formats.prefix,
                " ".join(f'{name}="{value}"' for name, value in blank.items()).encode(),
            )
        source = formats.children[style]
        edits = [set_attribute(self.xml, source, name, value) for name, value in attributes.items()]
        moved = (Edit(edit.start - source.start, edit.end - source.start, edit.replacement) for edit in edits)
        return splice(self.xml[source.start : source.end], moved)

    def _add_code(self, code: str) -> int:
        number = max((*self._codes, _FIRST_OWN_FORMAT - 1)) + 1
        own = self._root.child("numFmts")
        prefix = self._root.prefix
        entry = b'<%snumFmt numFmtId="%d" formatCode="%s"/>' % (prefix, number, escape(code, quote=True))
        if own is not None:
            count = str(len(own.children) + 1)
            edits: tuple[Edit, ...] = (append_child(self.xml, own, entry), set_attribute(self.xml, own, "count", count))
        else:
            start = self._root.inner
            edits = (Edit(start, start, b'<%snumFmts count="1">%s</%snumFmts>' % (prefix, entry, prefix)),)
        self.added = True
        self._load(splice(self.xml, edits))
        return number
