"""Which cases have something in common, kept in the cache: the end of their number, the case that they name as related,
their order, their payment. So what is said of one case is found without reading the others.

Each name that such a thing goes by stands in one of several lists, once with the key of each of its cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from refundbook.base.identifiers import canonical, canonical_forms
from refundbook.base.named_tuple import NamedTuple
from refundbook.record.records import Log
from refundbook.storage.cache_file import CacheMiss
from refundbook.xlsx.package import deflate

Names = list[str]
"""A name and a key each, with a sign between."""
Blobs = dict[str, bytes]

_UNIT, _RECORD = "\x1f", "\x1e"
"""What lists are parted by. XML, and so a workbook that breaks no rule, cannot hold these characters."""
_LARGEST_BLOB = 64 << 20
_END = 4
"""Characters of the end of a key by which it can be found."""


def end(key: str) -> str:
    """The name of what ends as this key does."""
    return "e" + key.casefold()[-_END:]


def related_to(key: str) -> str:
    """The name of the cases that name the one with this key as related."""
    return "r" + key


def of_order(order: str, log: Log) -> str:
    return "o" + canonical(order, log.issuers)


def of_payment(payment: str, log: Log) -> str:
    return "p" + canonical(payment, log.issuers)


class Linked(NamedTuple):
    """What a case has in common with others, as it stands in its cells: its number, and what it names."""

    number: object
    related: object
    order: object
    payment: object


def linked(log: Log, position: int) -> Linked:
    return Linked(*(log[name][position] for name in Linked._fields))


def names_of(log: Log, position: int) -> Iterator[str]:
    """All names of a case."""
    values, key = linked(log, position), log.keys[position]
    if key:
        yield end(key)
        yield from own_names(log, values)
        if isinstance(values.related, str):
            yield related_to(log.key_of(values.related))


def own_names(log: Log, values: Linked) -> Iterator[str]:
    """The names of a case that have nothing to do with other cases' numbers."""
    if isinstance(values.order, str):
        yield of_order(values.order, log)
    if isinstance(values.payment, str):
        yield of_payment(values.payment, log)


def encoded_names(cases: Log, count: int) -> Blobs:
    """So many lists with the names of all cases, packed. The same names as of each case by itself, made together."""
    lists: list[Names] = [[] for _ in range(count)]
    for name, key in _all_names(cases):
        lists[_place(name, count)].append(f"{name}{_UNIT}{key}")
    return {_blob(n): _packed(names) for n, names in enumerate(lists)}


def _all_names(cases: Log) -> Iterator[tuple[str, str]]:
    for key in filter(None, cases.keys):
        yield end(key), key
    for column, sign in (("order", "o"), ("payment", "p")):
        said = [
            (text, key) for text, key in zip(cases[column], cases.keys, strict=True) if key and isinstance(text, str)
        ]
        forms = canonical_forms(list(dict.fromkeys(text for text, _ in said)), cases.issuers)
        yield from ((sign + forms[text], key) for text, key in said)
    for text, key in zip(cases["related"], cases.keys, strict=True):
        if key and isinstance(text, str):
            yield related_to(cases.key_of(text)), key


class KnownNames:
    """So many lists in the cache, each read when it is asked for. `read` gives a blob, or raises CacheMiss."""

    def __init__(self, read: Callable[[str], bytes], count: int) -> None:
        self._read = read
        self._count = count
        self._lists: dict[int, Names] = {}
        self._changed: set[int] = set()

    def keys(self, name: str) -> list[str]:
        """The keys of the cases that have this name."""
        begin = f"{name}{_UNIT}"
        return [one[len(begin) :] for one in self._list(_place(name, self._count)) if one.startswith(begin)]

    def added(self, names: Iterable[str], key: str) -> None:
        """Take note that a case has these names now."""
        for name in names:
            place = _place(name, self._count)
            self._list(place).append(f"{name}{_UNIT}{key}")
            self._changed.add(place)

    def removed(self, names: Iterable[str], key: str) -> None:
        """Take note that a case, which had these names, has them no more."""
        for name in names:
            place, one = _place(name, self._count), f"{name}{_UNIT}{key}"
            if one not in self._list(place):
                raise CacheMiss("a case has other names")
            self._lists[place].remove(one)
            self._changed.add(place)

    def changes(self) -> Blobs:
        """The lists that changed since this was last asked."""
        blobs = {_blob(place): _packed(self._lists[place]) for place in self._changed}
        self._changed.clear()
        return blobs

    def _list(self, place: int) -> Names:
        if place not in self._lists:
            self._lists[place] = _unpacked(self._read(_blob(place)))
        return self._lists[place]


def _place(name: str, count: int) -> int:
    return deflate.crc32(name.encode("utf-8", "surrogatepass")) % count


def _blob(number: int) -> str:
    return f"n{number}"


def _packed(names: Names) -> bytes:
    return deflate.segment([_RECORD.join(names).encode("utf-8", "surrogatepass")], is_last=True)


def _unpacked(blob: bytes) -> Names:
    text = deflate.inflated(blob, _LARGEST_BLOB, "index").decode("utf-8", "surrogatepass")
    return text.split(_RECORD) if text else []
