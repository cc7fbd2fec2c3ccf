"""The shape that rows of a sheet part have in common, and the pattern by which a whole row of it is read.

What a program writes into a column are nearly always cells of one or two formats and kinds. A pattern that knows them
matches a row twice as fast as one for all that could stand there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from refundbook.base.a1 import column_letters, column_number
from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.reading.cell_decoder import COMPUTED_NUMBER, COMPUTED_TEXT, KINDS, NUMBER, SHARED, TEXT

# In the order of the schema (ECMA-376 Part 1, 18.3.1.73), in which programs write them.
_ATTRIBUTES = (
    "spans",
    "s",
    "customFormat",
    "ht",
    "hidden",
    "customHeight",
    "outlineLevel",
    "collapsed",
    "thickTop",
    "thickBot",
    "x14ac:dyDescent",
)
_FREQUENT, _MOST_STYLES = 10, 3
"""A style is frequent in a column that so many per cent of its cells have; where there are more of them than this, no
style is told from another.
"""
_NUMBER = "([-+.0-9eE]+)</v></c>"
_OF_FORMULA = "[^<&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*"
_FORMULA = f"<f>{_OF_FORMULA}(?:&(?:amp|lt|gt|quot|apos);{_OF_FORMULA})*</f>"
_CELLS = {
    # A text that does not keep the white space around it is read here only where it has none, and nothing that could
    # stand for some.
    TEXT: (
        r' t="inlineStr"><is>(?:<t xml:space="preserve">|<t>(?![ \t\n])(?=[^<&_]*+(?<![ \t\n])<))'
        "([^<]+)</t></is></c>"
    ),
    NUMBER: f'(?:><v>| t="n"><v>){_NUMBER}',
    SHARED: ' t="s"><v>([0-9]{1,8})</v></c>',
    COMPUTED_NUMBER: f">{_FORMULA}<v>{_NUMBER}",
    COMPUTED_TEXT: f' t="str">{_FORMULA}<v>([^<]+)</v></c>',
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
    """The cells of one column, by its number: their styles as they are written (none for any), and the kinds of what
    they hold unless they are blank.
    """

    number: int
    styles: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def tells_style(self) -> bool:
        """Whether the style of each cell must be read: only what a number means depends on it."""
        return len(self.styles) != 1 and not _NUMBERS.isdisjoint(self.kinds)

    @property
    def pattern(self) -> str:
        """The pattern of a cell, or of none. An alternative with nothing in it is several times as fast as `?`."""
        if self.tells_style:
            style = '(?: s="([0-9]{1,6})"|)'
        elif self.styles:
            style = f"(?:{'|'.join(_written(style) for style in self.styles)})"
        else:
            style = '(?: s="[0-9]{1,6}"|)'
        shapes = "|".join([*(_CELLS[kind] for kind in self.kinds), _BLANK])
        return rf'(?:<c r="{column_letters(self.number)}\1"{style}(?:{shapes})|)'


class RowPattern(NamedTuple):
    """The attributes that rows with cells may have, and their columns in order."""

    attributes: tuple[str, ...]
    columns: tuple[Column, ...]

    @classmethod
    def seen_in(cls, xml: str, width: int, *, any_style: bool = False) -> RowPattern:
        """The shape of rows, given as they stand in a part, up to a column: with the styles that are frequent in each
        column, or with any.
        """
        attributes = tuple(name for name in _ATTRIBUTES if f' {name}="' in xml)
        styles: dict[int, Counter[str]] = {}
        kinds: dict[int, set[str]] = {}
        for (letters, style, begin), count in Counter(_SEEN.findall(xml)).items():
            number = column_number(letters)
            styles.setdefault(number, Counter())[style] += count
            kinds.setdefault(number, set()).add(_KIND_OF.get(begin, ""))
        return cls(
            attributes,
            tuple(
                Column(number, () if any_style else _frequent(styles[number]), _in_order(kinds[number]))
                for number in sorted(styles)
                if number <= width
            ),
        )

    def widened(self, other: RowPattern) -> RowPattern:
        """The shape of rows of this and of another shape, of any style."""
        names = {*self.attributes, *other.attributes}
        kinds: dict[int, set[str]] = {}
        for column in (*self.columns, *other.columns):
            kinds.setdefault(column.number, set()).update(column.kinds)
        return RowPattern(
            tuple(name for name in _ATTRIBUTES if name in names),
            tuple(Column(number, (), _in_order(kinds[number])) for number in sorted(kinds)),
        )

    def rows(self, xml: str) -> list[Row]:
        """What the pattern finds in rows, of which those of another shape each end with the next end of a row."""
        found: list[Row] = _pattern(self).findall(xml)
        return found

    def cells(self, rows: Sequence[Row]) -> Iterator[tuple[int, Sequence[str], Mapping[str, Sequence[str]]]]:
        """What rows hold: by the number of a column the styles of its cells, and what they hold by those kinds of which
        there is any.
        """
        _, *groups = zip(*rows, strict=True)
        left = iter(groups)
        for column in self.columns:
            styles = next(left) if column.tells_style else column.styles[:1] * len(rows)
            held = {kind: next(left) for kind in column.kinds}
            yield column.number, styles, {kind: texts for kind, texts in held.items() if any(texts)}


def _frequent(styles: Counter[str]) -> tuple[str, ...]:
    least = styles.total() * _FREQUENT / 100
    found = tuple(style for style, count in styles.most_common() if count >= least)
    return found if len(found) <= _MOST_STYLES else ()


def _in_order(kinds: Collection[str]) -> tuple[str, ...]:
    return tuple(kind for kind in KINDS if kind in kinds)


def _written(style: str) -> str:
    return f' s="{style}"' if style else ""


def _attributes(names: Iterable[str]) -> str:
    return "".join(rf'(?: {name}="[\w.:, -]*"|)' for name in names)


@lru_cache(maxsize=64)
def _pattern(shape: RowPattern) -> re.Pattern[str]:
    cells = "".join(column.pattern for column in shape.columns)
    # A row without cells takes along the next one unless it is known by all that it can say of itself.
    rest = f"{_attributes(shape.attributes)}>{cells}</row>|{_attributes(_ATTRIBUTES)}/>"
    return re.compile(rf'<row r="([1-9][0-9]{{0,6}})"(?:{rest})|((?s:.+?</row>|.+))', re.ASCII)
