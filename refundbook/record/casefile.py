"""The case file: all that the workbook holds about one case, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from refundbook.base.amounts import amount_text, money_text
from refundbook.base.currencies import code_of
from refundbook.base.errors import UnknownEntry
from refundbook.base.html import _count, _fragment, escape, table
from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Sheet
from refundbook.base.values import to_text
from refundbook.record.facts import asked, days_open, paid, status
from refundbook.record.nearest import nearest_case
from refundbook.record.promises import Promise, promise_at
from refundbook.record.records import Log, Records

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case. `case`, `messages` and `resolutions` hold values by header, blank ones left out; messages are in date order, resolutions oldest first.

    `related` are the numbers of related cases, both ways; `same_order` and `same_payment` those of the other cases with the same order number
    or payment reference. `days_open` runs to the final resolution, or to today. `promises` runs parallel to `messages`, None where nothing was
    promised. `asked` and `paid` are amounts by currency (`""` where none is given); `paid` adds up the refunds.
    `as_of` is the day on which all this was so.
    """

    number: str
    status: str
    is_open: bool
    days_open: int | None
    related: tuple[str, ...]
    case: Fields
    messages: tuple[Fields, ...]
    resolutions: tuple[Fields, ...]
    same_order: tuple[str, ...]
    same_payment: tuple[str, ...]
    promises: tuple[Promise | None, ...]
    asked: Mapping[str, Decimal]
    paid: Mapping[str, Decimal]
    as_of: date

    @property
    def currency(self) -> str:
        """The code of the case's currency; `""` where none is given."""
        return code_of(self.case.get(CASES["currency"].header))

    def _repr_html_(self) -> str:
        from refundbook.record import casefile

        return casefile.case_file_html(self)


def case_file(records: Records, number: str) -> CaseFile:
    """The file of the case with this number. Raises UnknownEntry, with the nearest number, where there is none."""
    key = records.key_of(number)
    case = records.case(key)
    if case is None:
        raise UnknownEntry(_unknown(records, number, key))
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


def in_words(fields: Fields, header: str, currency: str = "") -> str:
    """One value of an entry as text, `""` for a blank: an amount with the decimals of its currency, or of `currency` where the entry has none."""
    value = fields.get(header)
    if isinstance(value, Decimal):
        return amount_text(value, code_of(fields.get(CASES["currency"].header)) or currency)
    return to_text(value)


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
    for i, other in enumerate(log["related"]):
        if isinstance(other, str) and i != case and records.key_of(other) == key:
            found.append(to_text(log["number"][i]))
    return tuple(dict.fromkeys(found))


def _sharing(log: Log, case: int, feature: Callable[[Log, int], str | None]) -> tuple[str, ...]:
    """The numbers of the other cases with the same `feature`."""
    own = feature(log, case)
    others = log.lookup(feature).get(own, ()) if own else ()
    return tuple(to_text(log["number"][i]) for i in others if i != case and log["number"][i] is not None)


def _order_of(log: Log, position: int) -> str | None:
    return _reference(log, position, "order")


def _payment_of(log: Log, position: int) -> str | None:
    return _reference(log, position, "payment")


def _reference(log: Log, position: int, name: str) -> str | None:
    value = log[name][position]
    return (canonical(value, log.issuers) or None) if isinstance(value, str) else None


def _unknown(records: Records, number: str, key: str) -> str:
    said = f"There is no case {number}."
    near = nearest_case(records, key)
    if near is not None:
        return f"{said} Did you mean {to_text(records.cases['number'][near])}?"
    return " ".join([said, *_known_otherwise(records, key)][:2])


_FEWEST_CHARACTERS = 4
"""Of a part of a number: with fewer, too many numbers would have it."""


def _known_otherwise(records: Records, key: str) -> Iterator[str]:
    """What else of a case this could be: an order number, a payment reference, or a part of the one number that has it."""
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


def case_file_html(file: CaseFile) -> str:
    """One case: how it stands, what it is about, its messages in date order, its resolutions."""
    about = {header: value for header, value in file.case.items() if header != CASES["number"].header}
    others = {
        "Related cases": ", ".join(file.related),
        "Asked": money_text(file.asked),
        "Paid": money_text(file.paid),
    }
    about.update({label: said for label, said in others.items() if said})
    parts = [f"<p><strong>{escape(file.number)}: {escape(file.status)}</strong>{_days(file)}</p>"]
    if about:
        parts.append(table(tuple(about), [[escape(in_words(about, header)) for header in about]]))
    messages = [
        {**entry, COMMUNICATIONS["promise"].header: f"{promise.what} ({promise.says})"} if promise else entry
        for entry, promise in zip(file.messages, file.promises, strict=True)
    ]
    parts.append(_entries(COMMUNICATIONS, messages, file.currency, "due", "kept_on"))
    parts.append(_entries(RESOLUTIONS, file.resolutions, file.currency))
    return _fragment(*parts)


def _days(file: CaseFile) -> str:
    if file.days_open is None:
        return ""
    return f", {'open for' if file.is_open else 'closed after'} {_count(file.days_open, 'day')}"


def _entries(sheet: Sheet, entries: Sequence[Fields], currency: str, *left_out: str) -> str:
    """The entries as a table of the columns in which any of them holds something."""
    if not entries:
        return f"<p>{escape(sheet.name)}: none yet.</p>"
    used = {header for entry in entries for header in entry}
    never = ("number", "logged_at", "logged_by", *left_out)
    ours = [column.header for column in sheet.columns if column.header in used and column.name not in never]
    own = [header for header in used if header not in {column.header for column in sheet.columns}]
    headers = ours + sorted(own)
    return table(headers, ([escape(in_words(entry, header, currency)) for header in headers] for entry in entries))
