"""What cases have in a column that they are grouped by: asked of the records, or kept without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from refundbook.base.errors import UsageError
from refundbook.base.schema import CASES
from refundbook.base.text import quoted
from refundbook.base.values import to_text
from refundbook.record.case_columns import case_column, own_columns_of
from refundbook.record.column_names import folded_name
from refundbook.record.records import Records

MOST_GROUPS = 50
"""Groups of cases in one table."""

CaseName = tuple[str, str]
"""The workbook of a case (`""` where there is one) and its number."""

Values = tuple[str, Mapping[CaseName, object]]
"""A header as it stands in the workbook, and what each case has there."""


class Columns(Protocol):
    """Where the values of a column come from."""

    def values(self, name: str) -> Values:
        """Raises UsageError where there is no such column."""


class ColumnsOfRecords:
    """The columns of a workbook in memory."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def values(self, name: str) -> Values:
        column = case_column(self._records, name)
        cases = self._records.cases
        return column.header, {
            ("", to_text(cases["number"][at])): column.newest(at)
            for at, key in enumerate(cases.keys)
            if key and cases.by_case[key][0] == at
        }

    def kept(self) -> KeptColumns:
        """Those by which cases of several workbooks are compared: customer, item, currency, and people's own, where
        they have few different values.
        """
        ours = [CASES[name].header for name in ("customer", "item", "currency")]
        own = [column.header for log in self._records.logs for column in own_columns_of(log)]
        found = (self.values(header) for header in dict.fromkeys((*ours, *own)))
        return KeptColumns([(h, values) for h, values in found if len(set(values.values())) <= MOST_GROUPS])


class KeptColumns:
    """Columns whose workbook is not in memory any more."""

    def __init__(self, columns: list[Values]) -> None:
        self._columns = {folded_name(header): (header, values) for header, values in columns}

    def values(self, name: str) -> Values:
        if (found := self._columns.get(folded_name(name))) is None:
            raise UsageError(f"No column with few different values is called {quoted(name)}.")
        return found


class ColumnsOfBooks:
    """The columns of several workbooks by name: a case of one that lacks a column has nothing there."""

    def __init__(self, books: Mapping[str, Columns], cases: Mapping[str, list[str]]) -> None:
        self._books = books
        self._cases = cases

    def values(self, name: str) -> Values:
        header, lacking = "", None
        found: dict[CaseName, object] = {}
        for book, numbers in self._cases.items():
            try:
                here, values = self._books[book].values(name)
            except UsageError as error:
                lacking, here, values = error, "", {}
            header = header or here
            found.update({(book, number): values.get(("", number)) for number in numbers})
        if not header and lacking:
            raise lacking
        return header, found
