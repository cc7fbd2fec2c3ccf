"""Finding cases: a list by how they stand and what they are about, and a search for a text over everything."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

from refundbook.base.amounts import amount_text
from refundbook.base.dates import day_of
from refundbook.base.errors import UsageError
from refundbook.base.identifiers import canonical
from refundbook.base.schema import CASES, RESOLUTIONS
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.facts import as_date, asked, days_open, paid, status
from refundbook.record.records import Log, Records
from refundbook.views.conditions import Condition

AROUND = 40
"""Characters that are shown before and after a text that was found."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a list. `asked` and `paid` are amounts by currency; `position` is where it stands in its log."""

    number: str
    status: str
    is_open: bool
    opened: date | None
    days_open: int | None
    issuer: str
    reason: str
    customer: str
    item: str
    asked: dict[str, Decimal]
    paid: dict[str, Decimal]
    position: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A cell in which a text was found: the case of its row, where it stands, and a piece of its text; `start` and
    `end` mark the text in it.
    """

    number: str
    sheet: str
    cell: str
    column: str
    piece: str
    start: int
    end: int


def list_cases(
    records: Records,
    *,
    is_open: bool | None = None,
    statuses: Collection[str] = (),
    reasons: Collection[str] = (),
    issuers: Collection[str] = (),
    since: date | None = None,
    where: Iterable[Condition] = (),
) -> list[CaseLine]:
    """The cases that fit, in the order of the Cases sheet: one of the values where some are given, opened on `since` or
    later, and every condition of `where` (see `conditions.condition`).

    Case and spaces do not matter. Raises UsageError for a value that neither a case has nor a list of the workbook
    names.
    """
    cases = records.cases
    wanted = {
        "reason": _folded(reasons, [*cases["reason"], *records.settings.lists["Reasons"]], CASES["reason"].header),
        "issuer": _folded(
            issuers, [*cases["issuer"], *(i.name for i in records.settings.issuers)], CASES["issuer"].header
        ),
    }
    wanted_statuses = _folded(statuses, RESOLUTIONS["status"].choices, RESOLUTIONS["status"].header)
    found = []
    for i, key in enumerate(cases.keys):
        opened = as_date(cases["opened"][i])
        if any(values and _fold(to_text(cases[name][i])) not in values for name, values in wanted.items()):
            continue
        if since is not None and (opened is None or day_of(opened) < since):
            continue
        is_still_open = records.final_resolution(key) is None
        if is_open not in (None, is_still_open):
            continue
        if wanted_statuses and _fold(status(records, key)) not in wanted_statuses:
            continue
        if all(condition(i) for condition in where):
            found.append(_line(records, i, is_still_open))
    return found


def _line(records: Records, case: int, is_open: bool) -> CaseLine:
    log = records.cases
    return CaseLine(
        number=to_text(log["number"][case]),
        status=status(records, log.keys[case]),
        is_open=is_open,
        opened=as_date(log["opened"][case]),
        days_open=days_open(records, case),
        issuer=to_text(log["issuer"][case]),
        reason=to_text(log["reason"][case]),
        customer=to_text(log["customer"][case]),
        item=to_text(log["item"][case]),
        asked=asked(records, case),
        paid=paid(records, case),
        position=case,
    )


def _folded(given: Collection[str], known: Sequence[object], header: str) -> set[str]:
    """What was asked for, folded. Raises UsageError, with the nearest value, for one that is not known."""
    if not given:
        return set()
    names = {_fold(to_text(value)): to_text(value) for value in known if value is not None}
    for value in given:
        if _fold(value) not in names:
            near = get_close_matches(_fold(value), names, 1)
            hint = f" Did you mean {quoted(names[near[0]])}?" if near else f" There are: {', '.join(names.values())}."
            raise UsageError(f"No case has the {header} {quoted(value)}.{hint}")
    return {_fold(value) for value in given}


def _fold(text: str) -> str:
    """A text as it is compared: in NFKC, case-folded, runs of blanks one space, invisible characters out (see
    `values.canonical`).
    """
    return canonical(text, ())


def find(records: Records, text: str) -> list[Found]:
    """The cells of the three logs that hold `text`, people's own columns among them, in the order of sheets and rows.

    Upper and lower case do not matter. An amount such as `49.90` and a day such as `2023-10-28` also find the cells
    with that value. Raises UsageError for a text with nothing visible in it.
    """
    needle = _fold(text)
    if not needle:
        raise UsageError("Say what to find: a text of at least one letter or digit.")
    is_same = _same_value(text.strip())
    return [found for log in records.logs for found in _found_in(records, log, needle, is_same)]


def _holds(text: str, needle: str) -> bool:
    """Whether the folded text holds the needle. Most text is ASCII, which is searched as it is: folding every cell
    would take longer than loading.
    """
    if not text.isascii():
        return needle in _fold(text)
    return needle in text.lower() or (" " in needle and needle in _fold(text))


def _same_value(text: str) -> Callable[[object], bool]:
    """Whether a cell holds the amount or the day that the text spells out."""
    if re.fullmatch(r"(?a)(0|[1-9]\d*)(\.\d+)?", text):  # not 0001, which is a number by which something is called
        number = Decimal(text)
        return lambda value: isinstance(value, (int, float, Decimal)) and Decimal(str(value)) == number
    try:
        day = date.fromisoformat(text) if len(text) == len("2023-10-28") else None
    except ValueError:
        day = None
    return lambda value: day is not None and isinstance(value, date) and day_of(value) == day


def _found_in(records: Records, log: Log, needle: str, is_same: Callable[[object], bool]) -> Iterator[Found]:
    columns = [(log.sheet[name].header, letters, log[name]) for name, letters in log.letters.items()]
    columns += [(header, log.own_letters[header], values) for header, values in log.extra.items()]
    hits = [
        (i, at, value)
        for at, (_, _, values) in enumerate(columns)
        for i, value in enumerate(values)
        if value is not None and (_holds(value, needle) if isinstance(value, str) else is_same(value))
    ]
    for i, at, value in sorted(hits, key=lambda hit: hit[:2]):
        header, letters, _ = columns[at]
        number = to_text(log["number"][i])
        cell = f"{letters}{log.rows[i]}"
        text = amount_text(value, records.currency(log, i)) if isinstance(value, Decimal) else to_text(value)
        yield Found(number, log.sheet.name, cell, header, *_piece(value, text, needle))


def _piece(value: object, text: str, needle: str) -> tuple[str, int, int]:
    """What is shown of a value, which is `text` in words: of a text the characters around the first place where the
    needle stands.
    """
    if not isinstance(value, str):
        return text, 0, len(text)
    start, end = _place(text, needle)
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    before, after = "…" if first else "", "…" if last < len(text) else ""
    shift = len(before) - first
    return f"{before}{text[first:last]}{after}", start + shift, end + shift


def _place(text: str, needle: str) -> tuple[int, int]:
    """Where in `text` stands what folds to `needle`. Folding can change a text's length, so the ends are looked for by
    halving, unless it is ASCII.
    """
    if text.isascii() and (at := text.lower().find(needle)) >= 0:
        return at, at + len(needle)
    end = bisect_left(range(len(text)), True, key=lambda k: needle in _fold(text[:k]))
    start = bisect_left(range(end), True, key=lambda k: needle not in _fold(text[k:end])) - 1
    return max(0, start), end
