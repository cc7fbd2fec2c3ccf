"""The reports on several workbooks together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refundbook.base.errors import InvalidWorkbook, RefundbookError
from refundbook.base.findings import Finding, Report
from refundbook.base.schema import BOOK
from refundbook.base.text import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pandas as pd


class Reports:
    """What the rules find in several workbooks and across them; made by `Books.check`.

    Iterating gives a `Report` a workbook, in order. `failed` has the error of each workbook that could not be looked
    into, by its name.
    """

    __slots__ = ("failed", "reports")

    def __init__(self, reports: tuple[Report, ...], failed: Mapping[str, RefundbookError]) -> None:
        self.reports = reports
        self.failed = failed

    def __iter__(self) -> Iterator[Report]:
        return iter(self.reports)

    def __len__(self) -> int:
        return len(self.reports)

    def __getitem__(self, book: str) -> Report:
        """The report on one workbook, by its name. Raises KeyError."""
        for report in self.reports:
            if report.book == book:
                return report
        raise KeyError(book)

    def __repr__(self) -> str:
        return f"<Reports {self.summary()}>"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, workbook by workbook."""
        return tuple(finding for report in self.reports for finding in report)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for report in self.reports for finding in report.errors)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for report in self.reports for finding in report.warnings)

    @property
    def exit_code(self) -> int:
        """What `refundbook check` ends with: the highest of all workbooks."""
        codes = [error.exit_code for error in self.failed.values()]
        return max([*codes, *(InvalidWorkbook.exit_code for report in self.reports if report.errors)], default=0)

    def summary(self) -> str:
        """One line: how many workbooks, errors and warnings there are."""
        read = f"{counted(len(self.reports), 'workbook')}: {counted(len(self.errors), 'error')}, "
        failed = f"; {len(self.failed):,} could not be read" if self.failed else ""
        return f"{read}{counted(len(self.warnings), 'warning')}{failed}."

    def to_records(self) -> list[dict[str, Any]]:
        """The findings as plain dicts of text, for JSON, each with its `book`."""
        return [{"book": report.book, **record} for report in self.reports for record in report.to_records()]

    def to_frame(self) -> pd.DataFrame:
        """The findings as a DataFrame with a column Book, and one text column a field of `Finding`."""
        import pandas as pd

        frame = pd.DataFrame(self.to_records(), columns=["book", *Finding._fields], dtype="string")
        return frame.rename(columns={"book": BOOK})

    def _repr_html_(self) -> str:
        from refundbook.base.html import ROWS, escape, fragment, more, table

        found = [(report.book, f) for report in self.reports for f in (*report.errors, *report.warnings)]
        rows = [
            [escape(book), escape(f.where), escape(f"{f.severity} {f.code}"), escape(f.message)] for book, f in found
        ]
        lost = [[escape(book), "", "", escape(str(error))] for book, error in self.failed.items()]
        shown = table((BOOK, "Where", "Rule", "What is wrong"), [*lost, *rows][:ROWS]) if lost or rows else ""
        return fragment(f"<p>{escape(self.summary())}</p>", shown, more(len(lost) + len(rows)))
