"""The shape that rows of a sheet part have in common, and the pattern by which a whole row of it is read.

What a program writes into a column are nearly always cells of one format and of one or two kinds. A pattern that knows them matches a row twice
as fast as one for all that could stand there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from refundbook.workbook.meaning import COMPUTED_NUMBER, COMPUTED_TEXT, KINDS, NUMBER, SHARED, TEXT
from refundbook.workbook.ranges import column_letters, column_number

# In the order of the schema (ECMA-376 Part 1, 18.3.1.73), in which programs write them.
_ATTRIBUTES = ("spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed", "thickTop", "thickBot", "x14ac:dyDescent")  # fmt: skip
_NUMBER = "([-+.0-9eE]+)</v></c>"
_CELLS = {
    # A text that does not keep the white space around it is read here only where it has none, and nothing that could stand for some.
    TEXT: r' t="inlineStr"><is>(?:<t xml:space="preserve">|<t>(?![ \t\n])(?=[^<&_]*+(?<![ \t\n])<))([^<]+)</t></is></c>',
    NUMBER: f'(?:><v>| t="n"><v>){_NUMBER}',
    SHARED: ' t="s"><v>([0-9]{1,8})</v></c>',
    COMPUTED_NUMBER: f"><f>[^<]*</f><v>{_NUMBER}",
    COMPUTED_TEXT: ' t="str"><f>[^<]*</f><v>([^<]+)</v></c>',
}
_BLANK = '/>|></c>| t="(?:n|inlineStr)"></c>'
_SEEN = re.compile(r'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]{1,6})"|)([^<>]*>(?:<is>|<v>|<f>|))')
_KIND_OF = {
    ' t="inlineStr"><is>': TEXT,
    "><v>": NUMBER,
    ' t="n"><v>': NUMBER,
    ' t="s"><v>': SHARED,
    "><f>": COMPUTED_NUMBER,
    ' t="str"><f>': COMPUTED_TEXT,
}
_NUMBERS = {NUMBER, COMPUTED_NUMBER}

Row = tuple[str, ...]
"""What the pattern finds: the number of a row and what its cells hold, or, last, the text of a row of another shape."""


class Column(NamedTuple):
    """The cells of one column, by its number: their style as it is written (None for any), and the kinds of what they hold unless they are blank."""

    number: int
    style: str | None
    kinds: tuple[str, ...]

    @property
    def tells_style(self) -> bool:
        """Whether the style of each cell must be read: only what a number means depends on it."""
        return self.style is None and not _NUMBERS.isdisjoint(self.kinds)

    @property
    def pattern(self) -> str:
        """The pattern of a cell, or of none. An alternative with nothing in it is several times as fast as `?`."""
        if self.style is not None:
            style = f' s="{self.style}"' if self.style else ""
        else:
            style = '(?: s="([0-9]{1,6})"|)' if self.tells_style else '(?: s="[0-9]{1,6}"|)'
        shapes = "|".join([*(_CELLS[kind] for kind in self.kinds), _BLANK])
        return rf'(?:<c r="{column_letters(self.number)}\1"{style}(?:{shapes})|)'


class RowShape(NamedTuple):
    """The attributes that rows may have, and their columns in order."""

    attributes: tuple[str, ...]
    columns: tuple[Column, ...]

    @classmethod
    def seen_in(cls, xml: str, width: int, *, any_style: bool = False) -> RowShape:
        """The shape of rows, given as they stand in a part, up to a column: with the style that is usual in each column, or with any."""
        attributes = tuple(name for name in _ATTRIBUTES if f' {name}="' in xml)
        styles: dict[int, Counter[str]] = {}
        kinds: dict[int, set[str]] = {}
        for (letters, style, begin), count in Counter(_SEEN.findall(xml)).items():
            number = column_number(letters)
            styles.setdefault(number, Counter())[style] += count
            kinds.setdefault(number, set()).add(_KIND_OF.get(begin, ""))
        columns = (
            Column(
                number,
                None if any_style else styles[number].most_common(1)[0][0],
                tuple(kind for kind in KINDS if kind in kinds[number]),
            )
            for number in sorted(styles)
            if number <= width
        )
        return cls(attributes, tuple(columns))

    def rows(self, xml: str) -> list[Row]:
        """What the pattern finds in rows, of which those of another shape each end with the next end of a row."""
        found: list[Row] = _pattern(self).findall(xml)
        return found

    def cells(self, rows: Sequence[Row]) -> Iterator[tuple[int, Sequence[str], Mapping[str, Sequence[str]]]]:
        """What rows hold: by the number of a column the styles of its cells, and what they hold by those kinds of which there is any."""
        _, *groups = zip(*rows, strict=True)
        left = iter(groups)
        for column in self.columns:
            styles = next(left) if column.tells_style else (column.style or "",) * len(rows)
            held = {kind: next(left) for kind in column.kinds}
            yield column.number, styles, {kind: texts for kind, texts in held.items() if any(texts)}


@lru_cache(maxsize=64)
def _pattern(shape: RowShape) -> re.Pattern[str]:
    attributes = "".join(rf'(?: {name}="[\w.:, -]*"|)' for name in shape.attributes)
    cells = "".join(column.pattern for column in shape.columns)
    row = rf'<row r="([1-9][0-9]{{0,6}})"{attributes}(?:/>|>{cells}</row>)'
    return re.compile(rf"{row}|((?s:.+?</row>|.+))", re.ASCII)
