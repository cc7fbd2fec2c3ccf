"""What a cell is to hold, and how that is written (ECMA-376 Part 1, 18.3.1.4)."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from refundbook.workbook.markup import escape

_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_MARCH_1900 = date(1900, 3, 1)
# A carriage return is written as an escape itself, and its first `_` must not end another one.
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}[_\r])")


class Formula(NamedTuple):
    """A formula, without its `=`. `is_array` where it computes with whole ranges, as Ctrl+Shift+Enter makes it do (18.3.1.40)."""

    text: str
    is_array: bool = False


class Cell(NamedTuple):
    """What to put into a cell: a value and the index of its format (0 is the default)."""

    value: object
    style: int = 0


class Cached(NamedTuple):
    """The result to put beside a formula that stays as it is (None takes a stale one away); nothing happens to a cell without a formula."""

    value: object


class Moved(NamedTuple):
    """A cell of another row, to be put here as it is."""

    row: int


Content = Cell | Cached | Moved


def cell_xml(prefix: bytes, address: str, cell: Cell, *, date_1904: bool = False) -> bytes:
    """A cell as XML; `prefix` is its namespace's, with the colon. Raises TypeError for a value that a cell cannot hold."""
    style = b' s="%d"' % cell.style if cell.style else b""
    if cell.value is None:
        return b'<%sc r="%s"%s/>' % (prefix, address.encode(), style)
    kind, inner = _value(prefix, address, cell.value, date_1904)
    return b'<%sc r="%s"%s%s>%s</%sc>' % (prefix, address.encode(), style, kind, inner, prefix)


def _value(p: bytes, address: str, value: object, date_1904: bool) -> tuple[bytes, bytes]:
    """The `t` attribute and the content of a cell that holds `value`."""
    if isinstance(value, Formula):
        array = b' t="array" ref="%s"' % address.encode() if value.is_array else b""
        return b"", b"<%sf%s>%s</%sf>" % (p, array, escape(value.text), p)
    if isinstance(value, str):
        text = b'<%st xml:space="preserve">%s</%st>' % (p, escape_text(value), p)
        return b' t="inlineStr"', b"<%sis>%s</%sis>" % (p, text, p)
    return b"", b"<%sv>%s</%sv>" % (p, number_text(value, date_1904=date_1904).encode(), p)


def escape_text(text: str) -> bytes:
    """A cell's text as XML. A carriage return, and what looks like an escape, is written as `_xHHHH_` (ECMA-376 Part 1, 22.9.2.19 ST_Xstring)."""
    return escape(_ESCAPED.sub("_x005F_", text).replace("\r", "_x000D_"))


def number_text(value: object, *, date_1904: bool = False) -> str:
    """A number, or a date as the serial number that it is stored as (ECMA-376 Part 1, 18.17.4.1). Raises TypeError for anything else."""
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
