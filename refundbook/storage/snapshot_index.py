"""The index of a workbook: its rows case by case, kept in the cache, so that an entry can be checked without reading
the workbook.

It is made of a workbook that broke no rule. The rows lie in blocks, as they were read; buckets say which rows belong to
a case. A bucket holds all cases whose numbers fall into it, those that look alike among them, so that a case which is
not in its bucket is not in the workbook.
"""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import repeat

from refundbook.base.lookalikes import look_alike
from refundbook.base.own_columns import own_name
from refundbook.base.schema import COMMUNICATIONS, SHEETS, Column, Kind, Sheet
from refundbook.record.records import Log
from refundbook.storage.cache_file import Cache, CacheMiss
from refundbook.storage.snapshot_marks import encoded_marks, put_marks
from refundbook.storage.snapshot_names import KnownNames, encoded_names, names_of
from refundbook.xlsx.package import deflate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


BLOCK = 256
"""Rows in a block."""
_IN_BUCKET = 64
"""Cases in a bucket, about, when it is made."""
_LARGEST_BLOB = 64 << 20
_UNIT, _RECORD = "\x1f", "\x1e"
"""What blobs are parted by. XML, and so a workbook that breaks no rule, cannot hold these characters."""

Positions = tuple[list[int], ...]
"""The positions of a case's rows in each of the logs, in the order of `SHEETS`."""

Bounds = tuple[int, int]
"""Between which numbers the entry numbers of a block are; none are between 1 and 0."""

Encoded = tuple[dict[str, bytes], dict[str, object]]


def encoded(logs: Sequence[Log]) -> Encoded:
    """All blobs of an index, and what must be known to read it."""
    by_case = [log.by_case for log in logs]
    keys = [key for key in by_case[0] if key]
    count = max(1, len(by_case[0]) // _IN_BUCKET)
    buckets: list[dict[str, Positions]] = [{} for _ in range(count)]
    none: list[int] = []
    positions = zip(*(map(known.get, keys, repeat(none)) for known in by_case), strict=True)
    # No case number has a line break in it.
    looks = look_alike("\n".join(keys)).split("\n") if keys else []
    for key, look, of_case in zip(keys, looks, positions, strict=True):
        buckets[_bucket(look, count)][key] = of_case
    blobs = {_bucket_name(n): _packed_bucket(bucket) for n, bucket in enumerate(buckets)}
    blobs.update(encoded_names(logs[0], count))
    for log in logs:
        marks = encoded_marks(log, _encoded_own)
        for begin in range(0, len(log), BLOCK):
            columns = _encoded_columns(log, range(begin, min(begin + BLOCK, len(log))), marks)
            blobs[_block_name(log.sheet, begin // BLOCK)] = _packed(_RECORD.join(columns))
    entries = logs[1]["entry"]
    bounds = [_bounds(entries[begin : begin + BLOCK]) for begin in range(0, len(entries), BLOCK)]
    return blobs, {"buckets": count, "sizes": [len(log) for log in logs], "entries": bounds}


def _bounds(entries: Sequence[object]) -> Bounds:
    numbers = [entry for entry in entries if isinstance(entry, int)]
    return (min(numbers), max(numbers)) if numbers else (1, 0)


class Index:
    """An index in the cache. `about` is what `encoded` said must be known. Every method raises CacheMiss where the
    cache does not hold what it should.
    """

    def __init__(self, cache: Cache, about: Mapping[str, Any], own: Mapping[str, Collection[str]]) -> None:
        """`own` are the headers of people's own columns, by sheet."""
        self._cache = cache
        self._own = own
        self._buckets: dict[int, dict[str, Positions]] = {}
        self._blocks: dict[str, list[list[str]]] = {}
        self._count, self.sizes = int(about["buckets"]), [int(size) for size in about["sizes"]]
        self._bounds: list[Bounds] = [(int(least), int(most)) for least, most in about["entries"]]
        self._changed: set[str] = set()
        self.names = KnownNames(lambda blob: cache.read([blob])[blob], self._count)

    def case_positions(self, key: str) -> Positions:
        """Where the rows of a case are in the logs: nowhere for a case that is not in the workbook."""
        return self._bucket_of(key).get(key, tuple([] for _ in SHEETS))

    def look_alikes(self, key: str) -> list[str]:
        """The cases whose numbers look like this one, itself among them if it is there."""
        look = look_alike(key)
        return [other for other in self._bucket_of(key) if look_alike(other) == look]

    def rows(self, sheet: Sheet, positions: Sequence[int]) -> Iterator[tuple[int, dict[str, object]]]:
        """The sheet row and the values by column name of rows of a log."""
        self._load(sheet, {_block_name(sheet, at // BLOCK) for at in positions})
        for at in positions:
            block = self._blocks[_block_name(sheet, at // BLOCK)]
            try:
                row, *texts = (column[at % BLOCK] for column in block)
            except (IndexError, ValueError) as error:
                raise CacheMiss("a block is shorter than it should be") from error
            values = {c.name: _decoded(c, text) for c, text in zip(sheet.columns, texts, strict=False)}
            for header, text in zip(self._own[sheet.name], texts[len(sheet.columns) : -1], strict=True):
                values[own_name(sheet, header)] = _decoded_own(text)
            yield int(row), values

    def mark(self, log: Log, position: int, at: int) -> None:
        """Have what is odd about the cells of a row, which is `at` in the workbook's log, in that log's `position`."""
        self._load(log.sheet, [_block_name(log.sheet, at // BLOCK)])
        text = self._blocks[_block_name(log.sheet, at // BLOCK)][-1][at % BLOCK]
        put_marks(log, position, text, _decoded_own)

    def entry(self, number: int) -> int | None:
        """Where the message with this entry number is; None where there is none."""
        column = 1 + COMMUNICATIONS.columns.index(COMMUNICATIONS["entry"])
        for n, (least, most) in enumerate(self._bounds):
            if least <= number <= most:
                name = _block_name(COMMUNICATIONS, n)
                self._load(COMMUNICATIONS, [name])
                if str(number) in self._blocks[name][column]:
                    return n * BLOCK + self._blocks[name][column].index(str(number))
        return None

    def added(self, log: Log, position: int) -> int:
        """Take note of a new entry, which is `position` in `log`, and comes last in the workbook's; gives where."""
        n = SHEETS.index(log.sheet)
        at = self.sizes[n]
        name = _block_name(log.sheet, at // BLOCK)
        if at % BLOCK:
            self._load(log.sheet, [name])
        block = self._blocks.setdefault(name, [[] for _ in range(1 + self._width(log.sheet))])
        for column, text in zip(block, self._encoded(log, position), strict=True):
            column.append(text)
        self._changed.add(name)
        self.sizes[n] += 1
        self.moved(log.sheet, at, "", log.keys[position])
        if log.sheet is COMMUNICATIONS:
            self._widen(at, log["entry"][position])
        if n == 0:
            self.names.added(names_of(log, position), log.keys[position])
        return at

    def replaced(self, log: Log, position: int, at: int) -> None:
        """Take note of a row, which is `at` in the workbook's log, as it is now at a `position` of `log`. Of which case
        it is, `moved` is told.
        """
        name = _block_name(log.sheet, at // BLOCK)
        self._load(log.sheet, [name])
        for column, text in zip(self._blocks[name], self._encoded(log, position), strict=True):
            column[at % BLOCK] = text
        self._changed.add(name)

    def removed(self, sheet: Sheet, key: str) -> None:
        """Take note that the last entry of a sheet, of the case with this key, is gone."""
        n = SHEETS.index(sheet)
        at = self.sizes[n] = self.sizes[n] - 1
        name = _block_name(sheet, at // BLOCK)
        self._load(sheet, [name])
        for column in self._blocks[name]:
            column.pop()
        self._changed.add(name)
        self.moved(sheet, at, key, "")

    def moved(self, sheet: Sheet, at: int, old: str, new: str) -> None:
        """Take note that a row is of another case now; `""` is none."""
        n = SHEETS.index(sheet)
        if old:
            bucket = self._bucket_of(old)
            if at not in bucket.get(old, [[]] * len(SHEETS))[n]:
                raise CacheMiss("a row is of another case")
            bucket[old][n].remove(at)
            if not any(bucket[old]):
                del bucket[old]
        if new:
            insort(self._bucket_of(new).setdefault(new, tuple([] for _ in SHEETS))[n], at)
        self._changed.update(_bucket_name(self._number(key)) for key in (old, new) if key)

    def changes(self) -> tuple[dict[str, bytes], dict[str, Any]]:
        """The blobs that changed since this was last asked, and what must be known to read the index."""
        blobs: dict[str, bytes] = {}
        for number, bucket in self._buckets.items():
            if (name := _bucket_name(number)) in self._changed:
                blobs[name] = _packed_bucket(bucket)
        for name, block in self._blocks.items():
            if name in self._changed:
                blobs[name] = _packed(_RECORD.join(map(_UNIT.join, block)))
        blobs.update(self.names.changes())
        self._changed.clear()
        return blobs, {"buckets": self._count, "sizes": self.sizes, "entries": self._bounds}

    def _widen(self, at: int, entry: object) -> None:
        self._bounds += [(1, 0)] * (at // BLOCK + 1 - len(self._bounds))
        least, most = self._bounds[at // BLOCK]
        if isinstance(entry, int):
            self._bounds[at // BLOCK] = (min(least, entry), max(most, entry)) if least <= most else (entry, entry)

    def _encoded(self, log: Log, position: int) -> list[str]:
        return _encoded_columns(log, range(position, position + 1), encoded_marks(log, _encoded_own))

    def _number(self, key: str) -> int:
        return _bucket(look_alike(key), self._count)

    def _bucket_of(self, key: str) -> dict[str, Positions]:
        number = self._number(key)
        if number not in self._buckets:
            name = _bucket_name(number)
            self._buckets[number] = _unpacked_bucket(self._cache.read([name])[name])
        return self._buckets[number]

    def _load(self, sheet: Sheet, names: Iterable[str]) -> None:
        wanted = [name for name in names if name not in self._blocks]
        for name, blob in self._cache.read(wanted).items() if wanted else ():
            self._blocks[name] = _unpacked_block(blob, self._width(sheet))

    def _width(self, sheet: Sheet) -> int:
        """How many columns there are of a sheet, ours, people's own, and the marks."""
        return len(sheet.columns) + len(self._own[sheet.name]) + 1


def _bucket(look: str, count: int) -> int:
    """Where a case is whose number looks like this."""
    return deflate.crc32(look.encode("utf-8", "surrogatepass")) % count


def _bucket_name(number: int) -> str:
    return f"c{number}"


def _block_name(sheet: Sheet, number: int) -> str:
    return f"{sheet.name[:3].lower()}{number}"


def _packed_bucket(bucket: Mapping[str, Positions]) -> bytes:
    # Python writes lists of numbers as JSON does, and much faster.
    return _packed(f"{_UNIT.join(bucket)}{_RECORD}{list(map(list, bucket.values()))}")


def _unpacked_bucket(blob: bytes) -> dict[str, Positions]:
    keys, _, positions = _unpacked(blob).partition(_RECORD)
    found = map(tuple, json.loads(positions))
    return dict(zip(keys.split(_UNIT), found, strict=True)) if keys else {}


def _unpacked_block(blob: bytes, width: int) -> list[list[str]]:
    rows, *columns = _unpacked(blob).split(_RECORD)
    numbers = rows.split(_UNIT)
    block = [numbers, *(column.split(_UNIT) if column else [""] * len(numbers) for column in columns)]
    if {len(column) for column in block} != {len(numbers)} or len(columns) != width:
        raise CacheMiss("a block holds something else than it should")
    return block


def _packed(text: str) -> bytes:
    return deflate.segment([text.encode("utf-8", "surrogatepass")], is_last=True)


def _unpacked(blob: bytes) -> str:
    return deflate.inflated(blob, _LARGEST_BLOB, "index").decode("utf-8", "surrogatepass")


def _encoded_columns(log: Log, at: range, marks: Mapping[int, str]) -> list[str]:
    """The rows' numbers, then each column, ours and people's own, and the marks, blank where all of its values are."""
    cut = slice(at.start, at.stop)
    rows = _UNIT.join(map(str, log.rows[cut]))
    own = ("" if not any(kept := list(map(_encoded_own, v[cut]))) else _UNIT.join(kept) for v in log.extra.values())
    odd = "" if not marks else _UNIT.join([marks.get(position, "") for position in at])
    return [
        rows,
        *(_joined(column, log[column.name][cut]) for column in log.sheet.columns),
        *own,
        odd.strip(_UNIT) and odd,
    ]


def _joined(column: Column, values: list[Any]) -> str:
    if values == [None] * len(values):
        return ""
    if column.is_text:
        return _UNIT.join([value or "" for value in values])
    if column.is_date:
        return _UNIT.join(map(_encoded_date, values))
    return _UNIT.join(["" if value is None else str(value) for value in values])


@lru_cache(maxsize=1 << 16)
def _encoded_date(value: date | None) -> str:
    """A date or a date-time, most of which stand more than once."""
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value.toordinal())


_OWN: dict[type, tuple[str, Callable[[Any], str], Callable[[str], object]]] = {
    str: ("s", str, str),
    float: ("n", repr, float),
    int: ("i", str, int),
    bool: ("b", lambda value: str(int(value)), lambda text: text == "1"),
    date: ("d", date.isoformat, date.fromisoformat),
    datetime: ("m", datetime.isoformat, datetime.fromisoformat),
    time: ("t", time.isoformat, time.fromisoformat),
    timedelta: ("e", lambda value: repr(value.total_seconds()), lambda text: timedelta(seconds=float(text))),
}
"""How values of people's own columns are kept, whose type nothing but themselves tells: a sign, and a text."""
_OF_SIGN = {sign: decode for sign, _, decode in _OWN.values()}


def _encoded_own(value: object) -> str:
    if value is None:
        return ""
    sign, encode, _ = _OWN[type(value)]
    return sign + encode(value)


def _decoded_own(text: str) -> object:
    return _OF_SIGN[text[0]](text[1:]) if text else None


def _decoded(column: Column, text: str) -> object:
    if not text or column.is_text:
        return text or None
    if column.kind is Kind.MONEY:
        return Decimal(text)
    if column.is_date:
        return date.fromordinal(int(text)) if text.isdecimal() else datetime.fromisoformat(text)
    return int(text)
