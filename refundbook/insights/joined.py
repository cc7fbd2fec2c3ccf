"""The figures of several workbooks as if they were one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from refundbook.base.schema import SHEETS
from refundbook.insights import measures
from refundbook.insights.columns import ColumnsOfBooks, ColumnsOfRecords
from refundbook.insights.insights import BY, BY_BOOK, Insights
from refundbook.record.records import Records


class InsightsOfOne(Insights):
    """The figures of one of several workbooks, which is let go of: what they were counted from is not kept."""

    def __init__(self, records: Records, name: str = "") -> None:
        super().__init__(records, name)
        self._columns = ColumnsOfRecords(records).kept()


class InsightsOfAll(Insights):
    """The figures of several workbooks, given by name; at least one. What is spelled in several ways (`defective`,
    `Defective`) is one, as it is within a workbook.
    """

    def __init__(self, parts: Mapping[str, Insights], name: str) -> None:
        self.name, self.by = name, (*BY, BY_BOOK)
        self.today = max(part.today for part in parts.values())
        self.measured = measures.spelled_as_one(
            [replace(case, book=book) for book, part in parts.items() for case in part.measured],
            ("reason", "issuer", "agent"),
        )
        self._promises = measures.spelled_as_one([p for part in parts.values() for p in part._promises], ("agent",))
        self._lags = {
            sheet.name: (
                sum(part._lags[sheet.name][0] for part in parts.values()),
                [lag for part in parts.values() for lag in part._lags[sheet.name][1]],
            )
            for sheet in SHEETS
        }
        self._columns = ColumnsOfBooks(
            {book: part._columns for book, part in parts.items()},
            {book: [case.number for case in part.measured] for book, part in parts.items()},
        )
