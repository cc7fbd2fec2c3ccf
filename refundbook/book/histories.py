"""The histories of many workbooks as a notebook has them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from refundbook.base.html import ROWS, escape, fragment, more, table
from refundbook.base.schema import BOOK
from refundbook.base.text import counted
from refundbook.book.by_path import ByPath
from refundbook.book.history import COLUMNS, History
from refundbook.record.history.verify import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pandas as pd


class Histories(ByPath[History]):
    """The history of each workbook, by its path; made by `Books.history`. Each is read when it is asked for. Raises
    UnreadableWorkbook for one whose journal cannot be read.
    """

    def __init__(self, at: Mapping[str, Path]) -> None:
        super().__init__(at, lambda name: History(at[name]))

    @property
    def heads(self) -> dict[str, str]:
        """The newest line's number and SHA-256 of each, to be kept elsewhere."""
        return {name: one.head for name, one in self.items()}

    def verify(self, heads: Mapping[str, str] | None = None) -> dict[str, tuple[Problem, ...]]:
        """What is wrong with the histories, as `History.verify` has it for one, of those that have a fault; nothing
        where all are as they were written. `heads` are those that were kept, as `heads` gave them. Raises KeyError
        where one is of no workbook here.
        """
        kept = dict(heads or {})
        found = {name: one.verify(kept.pop(name, "")) for name, one in self.items()}
        if kept:
            raise KeyError(next(iter(kept)))
        return {name: problems for name, problems in found.items() if problems}

    def to_frame(self) -> pd.DataFrame:
        """One row a cell that was changed, workbook by workbook: Book, then the columns of `History.to_frame`."""
        import pandas as pd

        rows = [{BOOK: name, **row} for name, one in self.items() for row in one.to_rows()]
        return pd.DataFrame(rows, columns=[BOOK, *COLUMNS])

    def _repr_html_(self) -> str:
        rows = [
            [escape(name), counted(len(one), "line"), escape(next((e.title for e in one), ""))]
            for name, one in islice(self.items(), ROWS)
        ]
        return fragment(table((BOOK, "History", "Newest"), rows), more(len(self)))
