"""What is odd about single cells, kept with the rows that they are in: a formula, an error, a number in the place of a
text, merged cells. Rows without any, as nearly all are, have a blank.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from refundbook.record.records import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Encode = Callable[[Any], str]
    Decode = Callable[[str], object]


def encoded_marks(log: Log, encode: Encode) -> Mapping[int, str]:
    """The marks of each row that has some, by position; `encode` makes text of a value."""
    found: dict[int, dict[str, Any]] = {}
    for at, kind, name, said in _marks(log, encode):
        found.setdefault(at, {}).setdefault(kind, {})[name] = said
    return {at: json.dumps(marks, sort_keys=True) for at, marks in found.items()}


def _marks(log: Log, encode: Encode) -> Iterator[tuple[int, str, str, str]]:
    yield from ((at, "formulas", name, log.formula_texts.get((at, name), "")) for at, name in log.formulas)
    yield from ((at, "own", header, "") for at, header in log.own_formulas)
    yield from ((at, "errors", name, error) for (at, name), error in log.errors.items())
    yield from ((at, "merged", name, cells) for (at, name), cells in log.merged.items())
    yield from ((at, "turned", name, encode(value)) for (at, name), value in log.turned.items())
    yield from ((at, "numeric", "", "") for at in log.numeric)


def put_marks(log: Log, position: int, said: str, decode: Decode) -> None:
    """Have the marks of a row in its log."""
    marks: dict[str, dict[str, str]] = json.loads(said) if said else {}
    formulas = marks.get("formulas", {})
    log.formulas.update((position, name) for name in formulas)
    log.formula_texts.update(((position, name), text) for name, text in formulas.items() if text)
    log.own_formulas.update((position, header) for header in marks.get("own", ()))
    log.errors.update(((position, name), error) for name, error in marks.get("errors", {}).items())
    log.merged.update(((position, name), cells) for name, cells in marks.get("merged", {}).items())
    log.turned.update(((position, name), decode(said)) for name, said in marks.get("turned", {}).items())
    if "numeric" in marks:
        log.numeric.add(position)


def has_unknown_formula(log: Log, position: int) -> bool:
    """Whether a formula stands in a row, or stood there before, in a column of ours, whose text is not known."""
    now = {name for at, name in log.formulas if at == position}
    before = {name for (at, name), kept in log.originals.items() if at == position and kept.is_formula}
    return any((position, name) not in log.formula_texts for name in now | before if name in log.columns)
