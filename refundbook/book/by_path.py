"""Something for each of many workbooks, by its path."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from refundbook.book.naming import name_of
from refundbook.book.opening import PathLike

Value = TypeVar("Value")


class ByPath(Mapping[str, Value]):
    """Something for each workbook, by its name, which is its path from the current folder; any other path to it will do
    as well.
    """

    def __init__(self, names: Iterable[str], get: Callable[[str], Value]) -> None:
        self._names = dict.fromkeys(names)
        self._get = get

    def __getitem__(self, path: PathLike) -> Value:
        name = str(path) if str(path) in self._names else name_of(path)
        if name not in self._names:
            raise KeyError(os.fspath(path))
        return self._get(name)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, (str, os.PathLike)) and (str(path) in self._names or name_of(path) in self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<{len(self):,} workbooks: {', '.join(self)}>"
