"""How a rule is declared, how rules are run, and how they look at rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from refundbook.base.amounts import amount_text
from refundbook.base.cards import find_card_number
from refundbook.base.dates import moment_before
from refundbook.base.findings import Finding, Severity
from refundbook.base.schema import SHEETS, Column, Kind
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.records import Log, Positions, Records

UNUSABLE = "RB157"


class Hit(NamedTuple):
    """What a rule yields: the cell (`name` is its column's), what is wrong there, and what to do next.

    `position` is the entry's; None for a `row` of the sheet that is no entry, 0 for the sheet as a whole. `value` stands in for the cell's own.
    """

    log: Log
    position: int | None
    name: str
    message: str
    hint: str = ""
    value: str | None = None
    row: int = 0

    @property
    def sheet_row(self) -> int:
        return self.row if self.position is None else self.log.rows[self.position]


Find = Callable[[Records, Positions], Iterator[Hit]]


class Rule(NamedTuple):
    """A named rule. `doc`, from its function's docstring, is its page in the documentation, and the examples in it are run by the tests.

    `find` is None for rules that come before there are records: on structure (`structure.check_structure`) and on the Settings sheet.
    """

    code: str
    severity: Severity
    docstring: str
    find: Find | None

    @property
    def doc(self) -> str:
        """The docstring without its indentation."""
        from inspect import cleandoc

        return cleandoc(self.docstring)

    @property
    def title(self) -> str:
        """The docstring's first line."""
        return self.docstring.partition("\n")[0].rstrip(".")


RULES: dict[str, Rule] = {}
"""Every rule by its code. A code is never used for another rule, also not after its own is gone."""


def register(code: str, severity: Severity, doc: str | None, find: Find | None) -> None:
    """Take a rule in. Raises ValueError when its code is taken."""
    if code in RULES:
        raise ValueError(f"code {code} is used twice")
    RULES[code] = Rule(code, severity, doc or code, find)


def error(code: str) -> Callable[[Find], Find]:
    """Declare the rule `code`, which refuses a workbook or an entry."""
    return _declare(code, Severity.ERROR)


def warning(code: str) -> Callable[[Find], Find]:
    """Declare the rule `code`, which points something out and never stops anything."""
    return _declare(code, Severity.WARNING)


def _declare(code: str, severity: Severity) -> Callable[[Find], Find]:
    def declare(find: Find) -> Find:
        register(code, severity, find.__doc__, find)
        return find

    return declare


def check(records: Records, at: Positions | None = None, codes: Collection[str] = RULES) -> list[Finding]:
    """What the rules of these codes find in the rows `at` (all rows when None), in the order of sheets, rows and codes."""
    where = records.everything() if at is None else at
    return in_order(
        _finding(rule, hit)
        for rule in RULES.values()
        if rule.find and rule.code in codes
        for hit in rule.find(records, where)
    )


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """What was found on the pillars' sheets, in the order of sheets, rows and codes."""
    order = {sheet.name: n for n, sheet in enumerate(SHEETS)}
    return sorted(findings, key=lambda finding: (order[finding.sheet], finding.row, finding.code))


def _finding(rule: Rule, hit: Hit) -> Finding:
    value = hit.value
    if value is None:
        value = "" if hit.position is None else text_of(hit.log, hit.position, hit.name)
    cell = f"{hit.log.letters[hit.name]}{hit.sheet_row}" if hit.sheet_row else ""
    return Finding(rule.code, rule.severity, hit.log.sheet.name, cell, value, hit.message, hit.hint)


def rows(log: Log, at: Positions) -> Sequence[int]:
    """The positions in `log` that are to be looked at."""
    return at.get(log.sheet.name, ())


def is_whole(log: Log, at: Positions) -> bool:
    """Whether all rows are to be looked at, so that a look at whole columns pays."""
    return len(rows(log, at)) == len(log)


def rows_by_case(log: Log, at: Positions) -> Iterator[tuple[str, Sequence[int]]]:
    """The positions in `log` that are to be looked at, case by case; rows without a case number are left out."""
    groups = log.by_case
    if not is_whole(log, at):
        groups = {}
        for i in rows(log, at):
            groups.setdefault(log.keys[i], []).append(i)
    return ((key, group) for key, group in groups.items() if key)


def suspects(log: Log, at: Positions, name: str, is_suspect: Callable[[object], bool]) -> Iterator[int]:
    """The positions that are to be looked at whose value in a column is suspect, in order.

    Each distinct value is looked at once, and most columns of most workbooks hold nothing suspect.
    """
    positions, values = rows(log, at), _values(log, at, name)
    distinct = _distinct(values)
    if kinds_of(distinct) & _NUMBERS and len(kinds_of(values) & _NUMBERS) > 1:
        # Numbers of different types can be equal, and a truth value is equal to one of them.
        yield from (i for i, value in zip(positions, values, strict=True) if is_suspect(value))
    elif found := set(filter(is_suspect, distinct)):
        yield from (i for i, value in zip(positions, values, strict=True) if value in found)


def texts_in(log: Log, at: Positions, name: str) -> list[str]:
    """The texts of a column that are to be looked at: one look at them together may show that there is nothing to be found."""
    return [value for value in _distinct(_values(log, at, name)) if isinstance(value, str)]


def _values(log: Log, at: Positions, name: str) -> Sequence[object]:
    """The values of a column that are to be looked at, in order."""
    column = log[name]
    return column if is_whole(log, at) else [column[i] for i in rows(log, at)]


def _distinct(values: Sequence[object]) -> Collection[object]:
    """The values of a column, each once, unless most stand once: in the order of the rows, in which they lie in memory, they are looked at faster."""
    distinct = set(values)
    return distinct if 2 * len(distinct) < len(values) else values


_NUMBERS = {bool, int, float, Decimal}


def kinds_of(values: Iterable[object]) -> set[type]:
    """The types of values, without that of a blank."""
    return set(map(type, values)) - {type(None)}


def comes_before(a: date, b: date) -> bool:
    """`moment_before`, quick to say no: of two million pairs in a large workbook hardly any is out of order, and this is three times as fast."""
    if type(a) is type(b):
        return a < b and moment_before(a, b)
    # One has no time of day.
    return a.toordinal() < b.toordinal()


def text_of(log: Log, position: int, name: str, currency: str = "") -> str:
    """A value as text. Of a text with a payment card's number in it only the masked number: findings are printed, mailed and kept.

    `currency` is that of an amount whose row has none.
    """
    value = log[name][position]
    column = log.sheet[name]
    if isinstance(value, Decimal) and column.kind is Kind.MONEY:
        return amount_text(value, log.currency(position) or currency)
    text = to_text(value)
    return (find_card_number(text) or text) if may_name_a_card(column) else text


def may_name_a_card(column: Column) -> bool:
    """Whether a payment card's number could stand in a column: the numbers of cases and orders are as long by nature."""
    return column.name == "payment" or (column.is_text and column.kind is not Kind.IDENTIFIER)


def shown(log: Log, position: int, name: str, currency: str = "") -> str:
    """A column's header and its value, as a message begins: `Date Opened 2024-01-02`, `Status "Refunded"`, or only the header of a blank."""
    column = log.sheet[name]
    text = text_of(log, position, name, currency)
    if not text:
        return column.header
    is_number = column.kind is Kind.IDENTIFIER and text.isprintable() and text == text.strip() and len(text) <= 60
    if isinstance(log[name][position], str) and not is_number:
        text = quoted(text)
    return f"{column.header} {text}"


def place(log: Log, position: int, name: str) -> str:
    """Where a value stands in the workbook, such as `Cases!C2`."""
    return f"{log.sheet.name}!{log.address(position, name)}"


def in_shell(text: str) -> str:
    """A text as it is typed in a shell."""
    from shlex import quote

    return quote(text)
