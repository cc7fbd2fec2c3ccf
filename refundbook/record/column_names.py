"""Which column a header, a parameter or an option names: one of the schema's, or one of people's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from refundbook.base.errors import UsageError
from refundbook.base.headers import plain_header
from refundbook.base.schema import Column, Sheet
from refundbook.base.text import quoted


def column_named(sheet: Sheet, name: str, own: Sequence[Column] = ()) -> Column:
    """The column that is meant, whatever its upper and lower case, blanks and dashes; `own` are people's own.

    Raises UsageError, with the nearest one, where there is none.
    """
    exact = next((column for column in own if column.header == name), None)
    if exact is not None and not any(name in (column.header, column.name) for column in sheet.columns):
        return exact
    known = _known(sheet)
    folded = folded_name(name)
    column = known.get(folded) or next((c for c in own if folded_name(c.header) == folded), None)
    if column is None:
        raise UsageError(_unknown(sheet, name, own))
    return column


def are_ours(sheet: Sheet, names: Iterable[str]) -> bool:
    """Whether every one of these names a column of the schema."""
    return _are_ours(sheet, tuple(names))


@lru_cache(maxsize=64)
def _are_ours(sheet: Sheet, names: tuple[str, ...]) -> bool:
    """Remembered: all rows of a file have the same names."""
    known = _known(sheet)
    return all(isinstance(name, str) and folded_name(name) in known for name in names)


def _unknown(sheet: Sheet, name: str, own: Sequence[Column]) -> str:
    from difflib import get_close_matches

    known = {**_known(sheet), **{folded_name(column.header): column for column in own}}
    near = get_close_matches(folded_name(name), known, 1)
    hint = f"Did you mean {quoted(known[near[0]].header)}? " if near else ""
    headers = ", ".join(column.header for column in (*sheet.columns, *own))
    return f"{sheet.name} has no column {quoted(name)}. {hint}Its columns are: {headers}."


@cache
def _known(sheet: Sheet) -> dict[str, Column]:
    return {spelling: column for column in sheet.columns for spelling in _spellings(column)}


def _spellings(column: Column) -> tuple[str, ...]:
    return folded_name(column.header), folded_name(column.name)


@lru_cache(maxsize=1024)
def folded_name(name: str) -> str:
    """A header as headers are compared: upper and lower case, blanks and dashes make no difference."""
    return plain_header(name).casefold().replace("_", "").replace("-", "").replace(" ", "")
