"""Corrections as plain data: the cells of entries that get another value, and putting it there in memory, judged by the
rules, all or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from refundbook.base.errors import BadValue, EntryRefused
from refundbook.base.findings import Finding, Severity
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import Column, Kind
from refundbook.record import rules
from refundbook.record.entries import read_value, unreadable_finding
from refundbook.record.records import Log, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol


class Correction(NamedTuple):
    """A cell that was corrected: of which pillar and entry (`key` is its case number, or a message's entry number), the
    header of the column, what stood there before and what stands there now, and where (`Cases!G2`).
    """

    pillar: str
    key: object
    column: str
    before: object
    after: object
    where: str


if TYPE_CHECKING:

    class Keeper(Protocol):
        """Who has the records: a session."""

        def corrected(self, cell: Wanted) -> None:
            """Take note of a cell that was corrected."""

        def refuse_unsure(self, found: Sequence[Finding]) -> None:
            """See that this is what the rules find, whatever the records do not hold."""


class Wanted(NamedTuple):
    """A cell of a log that is to have a value."""

    log: Log
    position: int
    name: str
    value: object

    @property
    def where(self) -> str:
        return f"{self.log.sheet.name}!{self.log.address(self.position, self.name)}"

    @property
    def changes_nothing(self) -> bool:
        """Whether that very value stands there already."""
        log, at = self.log, (self.position, self.name)
        is_odd = at in log.formulas or at in log.errors or at in log.turned
        is_number = self.name == "number" and self.position in log.numeric
        return not (is_odd or is_number) and log[self.name][self.position] == self.value


def read_values(
    records: Records, log: Log, position: int, given: Sequence[tuple[Column, object]], what: str
) -> list[Wanted]:
    """What was given for columns of an entry, as values; those first that others count from. Raises EntryRefused, with
    all that cannot be read, which begins with `what`.
    """
    row = {column.name: log[column.name][position] for column in log.sheet.columns}
    found, unreadable = [], []
    for column, value in sorted(given, key=lambda one: bool(one[0].counts_from) or one[0].kind is Kind.MONEY):
        try:
            row[column.name] = read_value(records, column, value, row)
            found.append(Wanted(log, position, column.name, row[column.name]))
        except BadValue as error:
            unreadable.append(unreadable_finding(log, position, column.name, str(error)))
    if unreadable:
        raise EntryRefused(what, tuple(unreadable))
    return found


def put(
    records: Records, wanted: Iterable[Wanted], about: Iterable[str], what: str, keeper: Keeper
) -> tuple[list[Correction], list[Finding]]:
    """Put values in their places, and give what was corrected, and what the rules warn of that they did not before.

    The rules look at the cases with the keys `about` too, besides those of the entries, before and after. Raises
    EntryRefused, which begins with `what`, and what the `keeper` raises; then all is as it was.
    """
    wanted = [one for one in wanted if not one.changes_nothing]
    keys = {*about, *(one.log.keys[one.position] for one in wanted)}
    keys |= {records.key_of(one.value) for one in wanted if one.name == "number" and isinstance(one.value, str)}
    # An entry number is the one value that must not stand in another case's rows.
    is_wide = any(one.name == "entry" for one in wanted)

    def findings() -> list[Finding]:
        return rules.check(records, None if is_wide else records.about(keys))

    before = set(findings())
    done = [_correction(one) for one in wanted]
    undo = [one.log.replace(one.position, one.name, one.value) for one in wanted]
    try:
        new = [finding for finding in findings() if finding not in before]
        errors = tuple(finding for finding in new if finding.severity is Severity.ERROR)
        if errors:
            raise EntryRefused(what, errors)
        keeper.refuse_unsure(new)
    except BaseException:
        for take_back in reversed(undo):
            take_back()
        raise
    for one in wanted:
        keeper.corrected(one)
    at: dict[str, list[int]] = {}
    for one in wanted:
        at.setdefault(one.log.sheet.name, []).append(one.position)
    return done, [*new, *rules.check(records, at, rules.ABOUT_THE_SHEET)]


def _correction(one: Wanted) -> Correction:
    log, at = one.log, one.position
    key = log["entry"][at] if "entry" in log.columns else log["number"][at]
    header = one.name.rstrip(" ") if one.name not in log.columns else log.sheet[one.name].header
    return Correction(log.sheet.pillar, key, header, log[one.name][at], one.value, one.where)


def values_of(log: Log, position: int) -> Mapping[str, object]:
    """What stands in an entry, by column name, people's own columns among it."""
    own = {column.name: log[column.name][position] for column in log.own_columns}
    return {**{name: cells[position] for name, cells in log.columns.items()}, **own}
