"""The lines of a journal: how one is written, hashed and read back, and whether each follows from the one before.

A line is JSON in one form only (keys sorted, no blanks, ASCII): `{"changes": […], "hash": "…", "header": {…}}`. Each
change has a random salt. The hash is the SHA-256 of the same form of `{"changes": […], "header": {…}}` with the SHA-256
of each change in its place, so that a change can be left out for its SHA-256, and the line's hash stays what it is.
The header has the hash of the line before. (After RFC 6962 and git, whose chains hold by the same means; the salt as in
SD-JWT, RFC 9901, so that nobody finds out by trying what was left out.)
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from itertools import islice

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, COMMUNICATIONS
from refundbook.record.history.cells import Plain, Row, canonical, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


NOTHING_BEFORE = "0" * 64
"""What stands in the first line for the hash of the one before."""
_AT_ONCE = 4096
"""Changes that are written at once."""
_BEGIN = b'{"changes":['
_HASH_FOLLOWS = b'],"hash":"'
"""Where the changes of a line end: within a text of JSON no quotation mark stands without a backslash."""
_LONG = 1 << 20
_last_long: dict[bytes, Line] = {}
"""The long line that was read last, by its SHA-256: what stood in a large workbook when its history began is read again
and again.
"""


class BadLine(ValueError):
    """Something that is no line of a journal. Says what is wrong, as the rest of a sentence."""


class Change(NamedTuple):
    """One row that was changed: how it was (None: it is new), and how it is (None: it is gone)."""

    pillar: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """How it is, or was last."""
        return self.after if self.after is not None else self.before or {}

    @property
    def number(self) -> str:
        """Its case number."""
        return number_of(self.pillar, self.row)

    @property
    def entry(self) -> int | None:
        """Its entry number, of a communication that has one."""
        value = self.row.get(COMMUNICATIONS["entry"].header) if self.pillar == COMMUNICATIONS.pillar else None
        return value if isinstance(value, int) else None

    def cells(self) -> list[tuple[str, Plain, Plain]]:
        """Header, value before and value after of each cell that differs, ours first in the sheet's order."""
        before, after = self.before or {}, self.after or {}
        ours = [column.header for column in BY_PILLAR[self.pillar].columns]
        headers = dict.fromkeys((*ours, *before, *after))
        return [(h, before.get(h), after.get(h)) for h in headers if before.get(h) != after.get(h)]


class NewRow(NamedTuple):
    """A change whose row is new and already in canonical JSON."""

    pillar: str
    text: str


class Line(NamedTuple):
    """A line of a journal. A change that was left out for its SHA-256 is None; `digests` are those of all."""

    header: Mapping[str, Any]
    changes: tuple[Change | None, ...]
    digests: tuple[str, ...]
    hash: str

    @property
    def number(self) -> int:
        return int(self.header["line"])


class Head(NamedTuple):
    """A line without its changes: its header and its hash."""

    header: Mapping[str, Any]
    hash: str


def digest_of(text: bytes) -> str:
    """SHA-256, hexadecimal."""
    return sha256(text).hexdigest()


def written(header: Mapping[str, Any], changes: Iterable[Change | NewRow]) -> tuple[bytes, Head]:
    """A new line, with its line break, and its head."""
    pieces: list[bytes] = []
    head = write_line(pieces.append, header, changes)
    return b"".join(pieces), head


def write_line(write: Callable[[bytes], object], header: Mapping[str, Any], changes: Iterable[Change | NewRow]) -> Head:
    """Write a new line, with its line break, in pieces: the first of a history holds all of a workbook, which need not
    be in memory once more. Gives its head.
    """
    hashing, before = sha256(_BEGIN), b""
    write(_BEGIN)
    left = iter(changes)
    while some := list(islice(left, _AT_ONCE)):
        texts = _salted(some)
        write(before + b",".join(texts))
        hashing.update(before + _quoted(map(digest_of, texts)))
        before = b","
    text = canonical(header)
    hashing.update(_end_hashed(text))
    found = hashing.hexdigest()
    write(_end(found, text))
    return Head(header, found)


def _salted(changes: Iterable[Change | NewRow]) -> list[bytes]:
    """Each change in canonical JSON, with a salt of its own."""
    cells = [_texts(change) for change in changes]
    salts = os.urandom(16 * len(cells)).hex()
    return [
        f'{{"after":{after},"before":{before},"pillar":"{pillar}","salt":"{salts[32 * n : 32 * n + 32]}"}}'.encode(
            "ascii"
        )
        for n, (after, before, pillar) in enumerate(cells)
    ]


def _texts(change: Change | NewRow) -> tuple[str, str, str]:
    """The row after and before in canonical JSON, and the pillar."""
    if isinstance(change, NewRow):
        return change.text, "null", change.pillar
    return canonical(change.after), canonical(change.before), change.pillar


def joined(changes: Iterable[bytes], found: str, header: str) -> bytes:
    """A line of its parts in canonical JSON: each change, or its SHA-256 in quotation marks; the hash; the header."""
    return b"".join((_BEGIN, b",".join(changes), _end(found, header)))


def _end(found: str, header: str) -> bytes:
    return f'],"hash":"{found}","header":{header}}}\n'.encode("ascii")


def hashed(header: str, digests: Iterable[str]) -> bytes:
    """What the hash of a line is taken of: its header in canonical JSON, and the SHA-256 of its changes."""
    return b"".join((_BEGIN, _quoted(digests), _end_hashed(header)))


def _quoted(digests: Iterable[str]) -> bytes:
    return ",".join([f'"{digest}"' for digest in digests]).encode("ascii")


def _end_hashed(header: str) -> bytes:
    return f'],"header":{header}}}'.encode("ascii")


def head_of(end: bytes) -> Head | None:
    """The head of a line by how it ends; None where its changes are longer than what is given. Raises BadLine."""
    at = end.rfind(_HASH_FOLLOWS)
    if at < 0:
        return None
    try:
        found = json.loads(b"{" + end[at + 2 :])
        head = Head(found["header"], found["hash"])
        int(head.header["line"])
        str(head.header["workbook"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadLine("is no line of a history") from error
    return head


def read_line(raw: bytes) -> Line:
    """A line, without its line break, whose hash is that of what it holds. Raises BadLine."""
    if len(raw) < _LONG:
        return _read(raw)
    found = _last_long.get(key := sha256(raw).digest())
    if found is None:
        found = _read(raw)
        _last_long.clear()
        _last_long[key] = found
    return found


def _read(raw: bytes) -> Line:
    try:
        found = json.loads(raw)
        header, given = found["header"], found["changes"]
        changes = tuple(None if isinstance(one, str) else _change(one) for one in given)
        texts = [(f'"{one}"' if isinstance(one, str) else canonical(one)).encode("ascii") for one in given]
        digests = tuple(
            one if isinstance(one, str) else digest_of(text) for one, text in zip(given, texts, strict=True)
        )
        text = canonical(header)
        is_as_written = joined(texts, found["hash"], text) == raw + b"\n"
        line = Line(header, changes, digests, str(found["hash"]))
        _ = line.number, str(header["previous"]), str(header["workbook"]), str(header["kind"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadLine("is no line of a history any more") from error
    if not is_as_written or line.hash != digest_of(hashed(text, digests)):
        raise BadLine("was changed: it does not have the hash that it says")
    return line


class Parts(NamedTuple):
    """A line whose hash is that of what it holds, of which the changes are not read: each is its JSON, or its SHA-256
    in quotation marks.
    """

    header: Mapping[str, Any]
    changes: tuple[bytes, ...]
    digests: tuple[str, ...]
    hash: str


def parts_of(raw: bytes) -> Parts:
    """The parts of a line, without its line break. Raises BadLine."""
    at = raw.rfind(_HASH_FOLLOWS)
    head = head_of(raw)
    if head is None or not raw.startswith(_BEGIN) or not {"previous", "kind"} <= head.header.keys():
        raise BadLine("is no line of a history any more")
    changes = _apart(raw[len(_BEGIN) : at])
    digests = tuple(digest_of(one) if one[:1] == b"{" else one[1:-1].decode("ascii", "replace") for one in changes)
    text = canonical(head.header)
    if raw[at:] + b"\n" != _end(head.hash, text) or head.hash != digest_of(hashed(text, digests)):
        raise BadLine("was changed: it does not have the hash that it says")
    return Parts(head.header, changes, digests, head.hash)


def _apart(changes: bytes) -> tuple[bytes, ...]:
    """The changes of a line: only between them does an object follow on a comma."""
    first, *others = changes.split(b',{"after":')
    found: list[bytes] = []
    for one in (first, *(b'{"after":' + other for other in others)) if changes else ():
        end = one.rfind(b"}") + 1
        found += [one[:end], *one[end:].lstrip(b",").split(b",")] if end < len(one) else [one]
    return tuple(filter(None, found))


def read_some(raw: bytes, may_be: Callable[[bytes], object]) -> Line:
    """A line as `read_line` has it, in whose `changes` are, besides those that were left out for their SHA-256, only
    those that can be meant by their JSON: the others are not read. Raises BadLine.
    """
    parts = parts_of(raw)
    changes = tuple(read_change(one) for one in parts.changes if one[:1] != b"{" or may_be(one))
    return Line(parts.header, changes, parts.digests, parts.hash)


def read_change(one: bytes) -> Change | None:
    """A change by its JSON; None where it was left out for its SHA-256. Raises BadLine."""
    if one[:1] != b"{":
        return None
    try:
        return _change(json.loads(one))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadLine("is no line of a history any more") from error


def _change(one: Mapping[str, Any]) -> Change:
    change = Change(one["pillar"], one["before"], one["after"])
    if change.pillar not in BY_PILLAR or set(one) != {"after", "before", "pillar", "salt"}:
        raise BadLine("holds something else than changes")
    if not all(row is None or isinstance(row, dict) for row in change[1:]):
        raise BadLine("holds something else than rows")
    return change
