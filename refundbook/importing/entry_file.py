"""Reads entries from CSV or JSON Lines: the keys are the column headers and `pillar`. Everything stays text until a
column reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from refundbook.base.errors import UsageError
from refundbook.base.headers import plain_header
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR
from refundbook.base.text import quoted
from refundbook.importing.csv_file import decoded, read_csv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


PILLAR = "pillar"
_NESTED = frozenset((dict, list))


class Line(NamedTuple):
    """One entry as it stands in a file: the line that it begins on (from 1), its pillar, and its fields by header."""

    number: int
    pillar: str
    fields: Mapping[str, object]


def read_lines(data: bytes, source: str) -> Iterator[Line]:
    """The entries in CSV (as `csv_file.read_csv` reads it) or JSON Lines, told by its first character.

    `source` names the file in messages. Raises UsageError, naming the line, where it is neither, or a line does not
    fit.
    """
    text = decoded(data, source)
    lines = _json_lines(text, source) if text.lstrip().startswith(("{", "[")) else _csv_lines(text, source)
    return (_line(number, fields, source) for number, fields in lines)


def _line(number: int, fields: dict[str, object], source: str) -> Line:
    name = PILLAR if PILLAR in fields else next((name for name in fields if name.strip().casefold() == PILLAR), None)
    pillar = str(fields.pop(name) or "").strip().casefold() if name is not None else ""
    if pillar not in BY_PILLAR:
        what = f"the pillar {quoted(pillar)}" if pillar else "no pillar"
        raise UsageError(
            f"{source}, line {number}: it has {what}; {quoted(PILLAR)} must be one of {', '.join(BY_PILLAR)}."
        )
    return Line(number, pillar, fields)


def _csv_lines(text: str, source: str) -> Iterator[tuple[int, dict[str, object]]]:
    header: list[str] | None = None
    for number, row in read_csv(text, source):
        if header is None:
            header = _header(row, source)
            continue
        if any(cell.strip() for cell in row[len(header) :]):
            raise UsageError(f"{source}, line {number}: it has {len(row)} cells, but the header row has {len(header)}.")
        # A row for one pillar leaves the others' columns blank.
        yield number, {name: cell for name, cell in zip(header, row, strict=False) if cell.strip()}


def _header(row: list[str], source: str) -> list[str]:
    header = [plain_header(name) for name in row]
    if PILLAR not in (name.casefold() for name in header):
        raise UsageError(
            f"{source} has no column {quoted(PILLAR)} in its header row; it says what each row is: "
            f"{', '.join(BY_PILLAR)}."
        )
    twice = next((name for k, name in enumerate(header) if name and name in header[:k]), None)
    if twice is not None:
        raise UsageError(f"{source} has the column {quoted(twice)} twice.")
    return header


def _json_lines(text: str, source: str) -> Iterator[tuple[int, dict[str, object]]]:
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not line.strip():
            continue
        try:
            fields = decoder.decode(line.removeprefix("\ufeff"))  # where files were joined
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{source}, line {number}: it is not proper JSON ({_why(error)}).") from error
        if not isinstance(fields, dict):
            raise UsageError(f'{source}, line {number}: each line must be one object, such as {{"pillar": "case", …}}.')
        if not _NESTED.isdisjoint(map(type, fields.values())):
            nested = next(name for name, value in fields.items() if type(value) in _NESTED)
            raise UsageError(f"{source}, line {number}: {quoted(nested)} must be a text or a number.")
        yield number, fields


def _why(error: ValueError | RecursionError) -> str:
    """What is wrong with a line, without what Python says of itself."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, at character {error.pos + 1}"
    return "a number has thousands of digits" if "int_max_str_digits" in str(error) else str(error)


def _no_constant(name: str) -> NoReturn:
    """Python's own writer puts NaN where there is no number; read as a blank, an amount would be lost
    without a word.
    """
    raise ValueError(f"{name} is no JSON; write null for a blank")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice")
    return fields
