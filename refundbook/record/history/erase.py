"""Leaves changes out of lines, which verify as before: what a customer asked to have erased, and in a packet what is
not of its case.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from refundbook.record.history.cells import Row, canonical, number_of
from refundbook.record.history.chain import Change, Line, digest_of, joined, parts_of, read_change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def without(raw: bytes, positions: Collection[int]) -> bytes:
    """A line, with its line break, in which the SHA-256 of the changes at these positions stand in their place."""
    line = json.loads(raw)
    texts = []
    for at, one in enumerate(line["changes"]):
        text = canonical(one).encode("ascii")
        is_left_out = at in positions and not isinstance(one, str)
        texts.append(f'"{digest_of(text)}"'.encode("ascii") if is_left_out else text)
    return joined(texts, line["hash"], canonical(line["header"]))


def positions_of(line: Line, is_meant: Callable[[Change], bool]) -> list[int]:
    """Where the changes stand in a line that are meant."""
    return [at for at, change in enumerate(line.changes) if change is not None and is_meant(change)]


def only(
    raw_lines: Iterable[bytes], may_be: Callable[[bytes], object], is_meant: Callable[[Change], bool]
) -> Iterator[bytes]:
    """The lines with all changes left out but those that are meant; `may_be` tells by a change's JSON whether it can be
    one of them. Raises BadLine.
    """
    for raw in raw_lines:
        parts = parts_of(raw.removesuffix(b"\n"))
        changes = (
            one if may_be(one) and (change := read_change(one)) is not None and is_meant(change) else b'"%s"' % digest
            for one, digest in zip(parts.changes, (d.encode("ascii") for d in parts.digests), strict=True)
        )
        yield joined(changes, parts.hash, canonical(parts.header))


def forgetting(lines: Mapping[int, Sequence[int]], keys: Iterable[str]) -> dict[str, Any]:
    """What the line says by which changes were erased: which ones, and in a form that tells nobody the number, of which
    cases. (Who tries all numbers that there could be finds them out; nothing else of the case is there.)
    """
    salt = os.urandom(16).hex()
    cases = sorted(_mark(salt, key) for key in keys)
    return {"lines": {str(number): list(at) for number, at in lines.items()}, "salt": salt, "cases": cases}


def forgotten_in(lines: Iterable[Line], key_of: Callable[[str], str]) -> Callable[[str, Row], bool]:
    """Whether a row, by its pillar, is of a case whose changes were erased: nothing is told of it any more."""
    marks = [line.header["forgot"] for line in lines if line.header["kind"] == "forget" and "forgot" in line.header]

    def is_forgotten(pillar: str, row: Row) -> bool:
        key = key_of(number_of(pillar, row)) if marks else ""
        return any(_mark(str(mark["salt"]), key) in mark["cases"] for mark in marks)

    return is_forgotten


def _mark(salt: str, key: str) -> str:
    return digest_of(canonical([salt, key]).encode("ascii"))
