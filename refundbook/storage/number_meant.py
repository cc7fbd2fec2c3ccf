"""Which case a person means at the shell, who may type the end of its number."""

from __future__ import annotations

from refundbook.base.errors import UsageError
from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.storage.store import Store

FEWEST = 4
"""Characters of an end: fewer are too easily another case's."""
_NAMED = 5


def number_meant(store: Store, text: str) -> str:
    """The number of the case that is meant, as it stands on the Cases sheet: see `Book.number_meant`. Raises NotEnough,
    UsageError.
    """
    known = _case(store, text)
    if known is not None:
        return known
    end = canonical(text, ()).casefold()
    keys = sorted(store.keys_ending(end)) if len(end) >= FEWEST else []
    if not keys:
        return text
    numbers = [_case(store, key) or key for key in keys[: _NAMED + 1]]
    if len(numbers) > 1:
        more = ", \u2026" if len(numbers) > _NAMED else ""
        raise UsageError(
            f"Several cases end in {quoted(text)}: {', '.join(numbers[:_NAMED])}{more}. Write more of the number."
        )
    return numbers[0]


def _case(store: Store, number: str) -> str | None:
    """The number of a case as it stands on the Cases sheet; None where there is no such case."""
    store.fetch(CASES, {"number": number})
    records = store.records
    at = records.case(records.key_of(number))
    return None if at is None else to_text(records.cases["number"][at])
