"""What a cell is to hold, and how that is written (ECMA-376 Part 1, 18.3.1.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from refundbook.base.named_tuple import NamedTuple
from refundbook.xlsx.package.workbook_part import Formula
from refundbook.xlsx.package.xml_splice import escape, escaped

_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_MARCH_1900 = date(1900, 3, 1)
ROW = "\0"
"""Stands for the number of a row; no text of XML can hold it."""
_SPECIAL = "&<>_\r"
"""What `escape_text` may write otherwise."""
# A carriage return is written as an escape itself, and its first `_` must not end another one.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}[_\r])")


class Cell(NamedTuple):
    """What to put into a cell: a value and the index of its format (0 is the default)."""

    value: object
    style: int = 0


class Truth(NamedTuple):
    """TRUE or FALSE. A type of its own: Python's `True` equals 1, and what is equal is written alike."""

    value: bool


class Cached(NamedTuple):
    """The result to put beside a formula that stays as it is (None takes a stale one away); nothing happens to a cell
    without a formula.
    """

    value: object


class Moved(NamedTuple):
    """A cell of another row, to be put here as it is."""

    row: int


Content = Cell | Cached | Moved


class CellColumn(NamedTuple):
    """What to put into one column of several rows: their values, and the index of the format of each distinct one.

    Values that are equal are written alike, so a truth value is a `Truth`.
    """

    values: Sequence[object]
    styles: Mapping[object, int]


def cell_xml(p: str, address: str, cell: Cell, *, date_1904: bool = False) -> str:
    """A cell as XML; `p` is the prefix of its namespace, with the colon. Raises TypeError for a value that a cell
    cannot hold.
    """
    return f'<{p}c r="{address}"{_after_address(p, address, cell.value, cell.style, date_1904)}'


def column_xml(p: str, letters: str, rows: Sequence[int], column: CellColumn, *, date_1904: bool = False) -> list[str]:
    """The cells of one column in `rows`, each as `cell_xml` gives it, but that `ROW` may stand for the row's number.

    What is the same in many of them is made once. Raises ValueError for a text that holds `ROW`.
    """
    texts = [value for value in column.styles if isinstance(value, str)]
    together = "".join(texts)
    if ROW in together:
        raise ValueError("a text holds what no workbook can")
    if any(isinstance(value, Formula) for value in column.styles):
        # An array formula says where it stands.
        cells = [Cell(value, column.styles[value]) for value in column.values]
        return [
            cell_xml(p, f"{letters}{row}", cell, date_1904=date_1904) for row, cell in zip(rows, cells, strict=True)
        ]
    # That nothing is to be escaped is seen of all texts together.
    plain = () if any(sign in together for sign in _SPECIAL) else texts
    begin, (before, after) = f'<{p}c r="{letters}{ROW}"', _around_text(p)
    made: dict[object, str] = {text: f"{begin}{_style(column.styles[text])}{before}{text}{after}" for text in plain}
    for value, style in column.styles.items():
        if value not in made:
            made[value] = f"{begin}{_after_address(p, '', value, style, date_1904)}"
    return list(map(made.__getitem__, column.values))


def _after_address(p: str, address: str, value: object, style: int, date_1904: bool) -> str:
    tag = _style(style)
    if value is None:
        return f"{tag}/>"
    if isinstance(value, str):
        begin, end = _around_text(p)
        return f"{tag}{begin}{escape_text(value)}{end}"
    if isinstance(value, Truth):
        return f'{tag} t="b"><{p}v>{value.value:d}</{p}v></{p}c>'
    if isinstance(value, Formula):
        array = f' t="array" ref="{address}"' if value.is_array else ""
        metadata = "".join(f' {name}="{escape(text, quote=True).decode()}"' for name, text in value.metadata)
        return f"{tag}{metadata}><{p}f{array}>{escaped(value.text)}</{p}f></{p}c>"
    return f"{tag}><{p}v>{number_text(value, date_1904=date_1904)}</{p}v></{p}c>"


def _style(style: int) -> str:
    return f' s="{style}"' if style else ""


def _around_text(p: str) -> tuple[str, str]:
    return f' t="inlineStr"><{p}is><{p}t xml:space="preserve">', f"</{p}t></{p}is></{p}c>"


def escape_text(text: str) -> str:
    """A cell's text as XML. A carriage return, and what looks like an escape, is written as `_xHHHH_` (ECMA-376 Part 1,
    22.9.2.19 ST_Xstring).
    """
    if "_" in text:
        text = _ESCAPED.sub("_x005F_", text)
    return escaped(text.replace("\r", "_x000D_"))


def number_text(value: object, *, date_1904: bool = False) -> str:
    """A number, or a date as the serial number that it is stored as (ECMA-376 Part 1, 18.17.4.1). Raises TypeError for
    anything else.
    """
    if isinstance(value, bool):
        raise TypeError("a truth value is not a number")
    if isinstance(value, datetime):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return f"{_serial(value.date(), date_1904) + seconds / 86_400:.15g}"
    if isinstance(value, date):
        return str(_serial(value, date_1904))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, (int, float)):
        return repr(value)
    raise TypeError(f"a cell cannot hold {value!r}")


def _serial(day: date, date_1904: bool) -> int:
    if date_1904:
        return (day - _EPOCH_1904).days
    days = (day - _EPOCH).days
    # Excel believes that 1900-02-29 existed.
    return days if day >= _MARCH_1900 else days - 1
