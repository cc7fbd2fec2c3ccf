"""Finds a case in the log, and gathers all that is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from refundbook.base.errors import UnknownEntry
from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.casefile import CaseFile, Fields
from refundbook.record.facts import asked, days_open, paid, status
from refundbook.record.nearest import nearest_case
from refundbook.record.promises import promise_at
from refundbook.record.records import Log, Records


def case_file(records: Records, number: str) -> CaseFile:
    """The file of the case with this number. Raises UnknownEntry, with the nearest number, where there is none."""
    key = records.key_of(number)
    case = records.case(key)
    if case is None:
        raise UnknownEntry(unknown_case(records, number))
    messages = _all_messages(records, key)
    return CaseFile(
        number=to_text(records.cases["number"][case]),
        status=status(records, key),
        is_open=records.final_resolution(key) is None,
        days_open=days_open(records, case),
        related=_related(records, key, case),
        case=_fields(records.cases, case),
        messages=tuple(_fields(records.communications, i) for i in messages),
        resolutions=tuple(_fields(records.resolutions, i) for i in records.resolution_history(key)),
        same_order=_sharing(records.cases, case, _order_of),
        same_payment=_sharing(records.cases, case, _payment_of),
        promises=tuple(promise_at(records, i) for i in messages),
        asked=asked(records, case),
        paid=paid(records, case),
        as_of=records.clock.today,
    )


def _all_messages(records: Records, key: str) -> list[int]:
    """A case's messages in date order; those without a proper date (which the rules refuse) come last."""
    dated = records.messages(key)
    return dated + [i for i in records.communications.by_case.get(key, ()) if i not in dated]


def _fields(log: Log, position: int) -> Fields:
    ours = {column.header: log[column.name][position] for column in log.sheet.columns}
    own = {header: values[position] for header, values in log.extra.items()}
    return {header: value for header, value in {**ours, **own}.items() if value is not None}


def _related(records: Records, key: str, case: int) -> tuple[str, ...]:
    log = records.cases
    named = log["related"][case]
    other_case = records.case(records.key_of(named)) if isinstance(named, str) else None
    found = [to_text(named if other_case is None else log["number"][other_case])] if named is not None else []
    naming = [i for i, other in enumerate(log["related"]) if isinstance(other, str) and records.key_of(other) == key]
    found += [to_text(log["number"][i]) for i in sorted(naming, key=log.rows.__getitem__) if i != case]
    return tuple(dict.fromkeys(found))


def _sharing(log: Log, case: int, feature: Callable[[Log, int], str | None]) -> tuple[str, ...]:
    """The numbers of the other cases with the same `feature`."""
    own = feature(log, case)
    others = sorted(log.lookup(feature).get(own, ()) if own else (), key=log.rows.__getitem__)
    return tuple(to_text(log["number"][i]) for i in others if i != case and log["number"][i] is not None)


def _order_of(log: Log, position: int) -> str | None:
    return _reference(log, position, "order")


def _payment_of(log: Log, position: int) -> str | None:
    return _reference(log, position, "payment")


def _reference(log: Log, position: int, name: str) -> str | None:
    value = log[name][position]
    return (canonical(value, log.issuers) or None) if isinstance(value, str) else None


def unknown_case(records: Records, number: str, book: str = "") -> str:
    """That there is no such case (in the workbook of that name), with what may be meant."""
    key = records.key_of(number)
    said = f"There is no case {number if key else quoted(number)}{f' in {book}' if book else ''}."
    near = nearest_case(records, key)
    if near is not None:
        return f"{said} Did you mean {to_text(records.cases['number'][near])}?"
    return " ".join([said, *_known_otherwise(records, key)][:2])


_FEWEST_CHARACTERS = 4
"""Of a part of a number: with fewer, too many numbers would have it."""


def _known_otherwise(records: Records, key: str) -> Iterator[str]:
    """What else of a case this could be: an order number, a payment reference, or a part of the one number
    that has it.
    """
    log = records.cases
    for name, feature in (("order", _order_of), ("payment", _payment_of)):
        for i in log.lookup(feature).get(key, ()):
            yield f"It is the {CASES[name].header} of {to_text(log['number'][i])}."
    if len(key) >= _FEWEST_CHARACTERS:
        parts = [i for i, other in enumerate(log.keys) if _is_part(key, other)]
        if len(parts) == 1:
            yield f"Did you mean {to_text(log['number'][parts[0]])}?"


def _is_part(key: str, other: str) -> bool:
    """Whether a number has this part. GTB-7890 is no part of GTB-789001: it may be another customer's number."""
    _, found, after = other.partition(key)
    return bool(found) and not (key[-1].isdecimal() and after[:1].isdecimal())
