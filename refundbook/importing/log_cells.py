"""A cell that holds a case's whole log, and grows from week to week: what of it is new.

Its lines and sentences are compared, whatever stands between them. What an earlier report said is known by its digest,
so that it stays known when the entry was corrected by hand; all else by what the case's messages say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from itertools import compress

_BETWEEN = re.compile(r"(\s*(?:[\r\n]+|\|)\s*|(?<=[.!?;])\s+)")
_EDGES = " \t.;,|/-\u2013\u2014"
_DIGITS = 12


def digest_of(number: str, text: str) -> str:
    """What a cell says of a case, in few characters."""
    return _digest(number, _pieces(text))


def new_part(text: str, number: str, known: Collection[str], said: Iterable[str]) -> str:
    """What of a cell is new: `""` where nothing is. `known` are the digests of what earlier reports said of the case,
    `said` the texts of its messages.
    """
    parts = _BETWEEN.split(text)
    told, between = parts[::2], [*parts[1::2], ""]
    folded = list(map(_folded, told))
    begin, end = _reach(number, folded, known)
    there = Counter(piece for one in said for piece in _pieces(one))
    there -= Counter(piece for k, piece in enumerate(folded) if piece and not begin <= k < end)
    is_new = []
    for k, piece in enumerate(folded):
        is_there = not piece or not begin <= k < end or there[piece] > 0
        there[piece] -= is_there and begin <= k < end
        is_new.append(not is_there)
    return "".join(map("".join, compress(zip(told, between, strict=True), is_new))).strip().strip("|").strip()


def _reach(number: str, folded: Sequence[str], known: Collection[str]) -> tuple[int, int]:
    """From where to where the pieces go that no earlier report had: behind what it had, or before that, where the
    newest comes first.
    """
    count = len(folded)
    for length in range(count, 0, -1):
        if _digest(number, folded[:length]) in known:
            return length, count
        if _digest(number, folded[count - length :]) in known:
            return 0, count - length
    return 0, count


def _pieces(text: str) -> list[str]:
    return list(map(_folded, _BETWEEN.split(text)[::2]))


def _folded(piece: str) -> str:
    return " ".join(piece.strip(_EDGES).split()).casefold()


def _digest(number: str, pieces: Iterable[str]) -> str:
    said = "\0".join((_folded(number), *filter(None, pieces)))
    return sha256(said.encode("utf-8", "replace")).hexdigest()[:_DIGITS]
