"""What a rule finds: plain data that says where, what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import counted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pandas as pd


class Severity(StrEnum):
    """An error refuses the load and the save; a warning never stops anything."""

    ERROR = "error"
    WARNING = "warning"


class Finding(NamedTuple):
    """One finding of one rule.

    `cell` is an address on `sheet` such as `C14`, or `""` where the finding is about a whole sheet. `value` is the
    offending value as text, `column` the header of its column, or `""` where it is about no column of a pillar.
    """

    code: str
    severity: Severity
    sheet: str
    cell: str
    value: str
    message: str
    hint: str = ""
    column: str = ""

    @property
    def where(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    @property
    def row(self) -> int:
        """The row on its sheet; 0 where the finding is about a whole sheet."""
        return int(self.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)

    def __str__(self) -> str:
        text = f"{self.where}: {self.severity} {self.code}: {self.message}"
        return f"{text} {self.hint}" if self.hint else text


class Report:
    """All findings about one workbook, in the order of sheets and rows."""

    __slots__ = ("book", "findings")

    def __init__(self, book: str, findings: tuple[Finding, ...] = ()) -> None:
        self.book = book
        self.findings = findings

    def __repr__(self) -> str:
        return f"<Report {self.summary()}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Report) and (self.book, self.findings) == (other.book, other.findings)

    def __hash__(self) -> int:
        return hash((self.book, self.findings))

    @classmethod
    def of(cls, book: str, findings: Iterable[Finding]) -> Report:
        return cls(book, tuple(findings))

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def summary(self) -> str:
        """One line: how many errors and warnings there are."""
        if not self.findings:
            return f"{self.book}: no errors, no warnings."
        return f"{self.book}: {_some(len(self.errors), 'error')}, {_some(len(self.warnings), 'warning')}."

    def to_records(self) -> list[dict[str, Any]]:
        """The findings as plain dicts of text, for JSON."""
        return [{**finding._asdict(), "severity": str(finding.severity)} for finding in self.findings]

    def _repr_html_(self) -> str:
        return report_html(self)

    def to_frame(self) -> pd.DataFrame:
        """The findings as a DataFrame with one text column a field of `Finding`."""
        import pandas as pd

        return pd.DataFrame(self.to_records(), columns=list(Finding._fields))


def _some(number: int, noun: str) -> str:
    return counted(number, noun) if number else f"no {noun}s"


def report_html(report: Report) -> str:
    """What the rules found: a line that counts it, and a table with errors first."""
    from refundbook.base.html import ROWS, escape, fragment, more, table  # the shell shows no page, and starts without

    found = (*report.errors, *report.warnings)
    rows = [
        [escape(f.where), escape(f"{f.severity} {f.code}"), escape(f.message), escape(f.hint)] for f in found[:ROWS]
    ]
    shown_rows = table(("Where", "Rule", "What is wrong", "What to do"), rows) if rows else ""
    return fragment(f"<p>{escape(report.summary())}</p>", shown_rows, more(len(found)))
