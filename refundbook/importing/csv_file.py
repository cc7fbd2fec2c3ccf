"""CSV as programs write it: the one way in, for entries and for other people's tables."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.render.text import without_apostrophes

_DELIMITERS = (",", ";", "\t")
_BEGINNING, _LOOKED_AT = 1 << 16, 50
"""Characters, and rows, by which the delimiter is told."""
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
"""Byte order marks (Unicode 15, section 23.8). UTF-16 is what Excel calls 'Unicode Text'."""


class Line(NamedTuple):
    """A row that holds anything: the line that it begins on (from 1), and its cells."""

    number: int
    cells: list[str]


def decoded(data: bytes, source: str, *, or_workbook: bool = False) -> str:
    """Text in UTF-8 or UTF-16. `source` names the file in messages, which say that it could be a workbook as well.
    Raises UsageError.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    no, save = (
        ("not a workbook, and not text", "save it as .xlsx or as 'CSV UTF-8'")
        if or_workbook
        else ("not text", "give JSON Lines, or CSV that was saved as 'CSV UTF-8'")
    )
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"{source} is {no} in UTF-8 or UTF-16 (byte {error.start + 1:,}): {save}.") from error
    if "\0" in text:
        raise UsageError(f"{source} is {no}: {save}.")
    return text


def read_csv(text: str, source: str) -> Iterator[Line]:
    """The rows of CSV (RFC 4180) that hold anything, separated by `,`, `;` or tab, as most of them or Excel's own line
    `sep=;` tells.

    The apostrophe that keeps a spreadsheet from taking a text for a formula (`display.to_csv`) is not part of the text;
    nor is a blank after each separator where the first row has one after all of its own. Raises UsageError, naming the
    line, where it is no CSV.
    """
    hint = re.match(r"sep=(.)(?:\r\n?|\n)", text)
    skipped = 1 if hint else 0
    body = text[hint.end() :] if hint else text
    delimiter = hint[1] if hint else _delimiter(body)
    reader = csv.reader(
        io.StringIO(body, newline=""), delimiter=delimiter, strict=True, skipinitialspace=_is_spaced(body, delimiter)
    )
    at = 1 + skipped
    try:
        for row in reader:
            begins, at = at, reader.line_num + 1 + skipped
            if any(cell.strip() for cell in row):
                yield Line(begins, [without_apostrophes(cell) for cell in row])
    except csv.Error as error:
        raise UsageError(f"{source}, line {at}: it is not proper CSV ({_why(error)}).") from error


def _first(text: str, delimiter: str) -> list[str]:
    """The cells of the first row that holds any."""
    rows = csv.reader(io.StringIO(text[:_BEGINNING], newline=""), delimiter=delimiter)
    return next((row for row in islice(rows, _BEGINNING) if any(cell.strip(" ,;\t\r\n") for cell in row)), [])


def _delimiter(text: str) -> str:
    return max(_DELIMITERS, key=lambda delimiter: _evenness(text[:_BEGINNING], delimiter))


def _evenness(text: str, delimiter: str) -> int:
    """How much a delimiter cuts off in rows of one length: a title above them, and a comma in a text, is in few."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lengths = Counter(len(row) for row in islice(rows, _LOOKED_AT) if len(row) > 1)
    return max((count * (length - 1) for length, count in lengths.items()), default=0)


def _is_spaced(text: str, delimiter: str) -> bool:
    """Whether it is written `a, b`."""
    rest = _first(text, delimiter)[1:]
    return bool(rest) and all(cell.startswith(" ") for cell in rest)


def _why(error: csv.Error) -> str:
    """The reader's words, and what to look for where a cell goes on and on."""
    said = str(error)
    if "field limit" in said or "end of data" in said:
        return f"{said}: a quotation mark may be missing"
    return said
