"""What a case has in a column that is named by its header: of ours or of people's own, of the case itself, of its
newest resolution, or of its messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from difflib import get_close_matches

from refundbook.base.dates import day_of
from refundbook.base.errors import UsageError
from refundbook.base.identifiers import canonical
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.own_columns import kind_of_values, own_column
from refundbook.base.schema import Column, Kind
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.column_names import column_named, folded_name
from refundbook.record.facts import asked, days_open, paid, status
from refundbook.record.records import Log, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class CaseColumn(NamedTuple):
    """A column of cases. `all_of` gives what the case at a position has there: one value, several where each of its
    messages has one, or none that is not blank. `newest` gives the last of them, None for none.
    """

    header: str
    kind: Kind
    all_of: Callable[[int], Sequence[object]]

    def newest(self, case: int) -> object:
        return next(reversed(self.all_of(case)), None)


def case_column(records: Records, name: str) -> CaseColumn:
    """The column that is named, whatever its upper and lower case and blanks. Raises UsageError, with the nearest one,
    where there is none.
    """
    keys = records.cases.keys
    computed = _computed(records)
    if (found := computed.get(folded_name(name))) is not None:
        return found
    for log, positions in (
        (records.cases, lambda case: (case,)),
        (records.resolutions, lambda case: _present(records.newest_resolution(keys[case]))),
        (records.communications, lambda case: records.messages(keys[case])),
    ):
        if (column := _column_of(log, name)) is not None:
            values = log[column.name]
            return CaseColumn(column.header, column.kind, _values_at(values, positions))
    raise UsageError(_unknown(records, name, computed))


def _computed(records: Records) -> dict[str, CaseColumn]:
    cases = records.cases
    of_case: dict[str, tuple[Kind, Callable[[int], Sequence[object]]]] = {
        "Status": (Kind.TEXT, lambda case: (status(records, cases.keys[case]),)),
        "Days": (Kind.NUMBER, lambda case: _present(days_open(records, case))),
        "Asked": (Kind.MONEY, lambda case: tuple(asked(records, case).values())),
        "Paid": (Kind.MONEY, lambda case: tuple(paid(records, case).values())),
    }
    return {folded_name(header): CaseColumn(header, kind, get) for header, (kind, get) in of_case.items()}


def _present(value: object) -> Sequence[Any]:
    return () if value is None else (value,)


def _values_at(
    values: Sequence[object], positions: Callable[[int], Sequence[int]]
) -> Callable[[int], Sequence[object]]:
    return lambda case: [values[at] for at in positions(case) if values[at] is not None]


def own_columns_of(log: Log) -> list[Column]:
    """People's own columns of a log, as far as their cells say what they hold."""
    return [own_column(log.sheet, header, kind_of_values(values) or Kind.TEXT) for header, values in log.extra.items()]


def _column_of(log: Log, name: str) -> Column | None:
    try:
        return column_named(log.sheet, name, own_columns_of(log))
    except UsageError:
        return None


def _unknown(records: Records, name: str, computed: dict[str, CaseColumn]) -> str:
    headers = [column.header for column in computed.values()]
    headers += [column.header for log in records.logs for column in (*log.sheet.columns, *own_columns_of(log))]
    known = {folded_name(header): header for header in headers}
    near = get_close_matches(folded_name(name), known, 1)
    hint = f"Did you mean {quoted(known[near[0]])}?" if near else f"There are: {', '.join(known.values())}."
    beside = {header: f"{log.sheet.name}!{cell}" for log in records.logs for header, cell in log.beside.items()}
    for header, where in beside.items():
        if folded_name(header) == folded_name(name):
            hint = f"{where} stands beside the table, and not in it: drag the table's corner over it."
    return f"No column is called {quoted(name)}. {hint}"


def sort_key(value: Any) -> tuple[bool, int, Any]:
    """Numbers come before dates, dates before texts, blanks last."""
    if value is None:
        return True, 0, 0
    if isinstance(value, date):
        return False, 1, (day_of(value), to_text(value))
    if isinstance(value, str):
        return False, 2, canonical(value, ())
    return False, 0, float(value)
