"""Many workbooks as one: their tables, what the rules find in and across them, what is due, what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from refundbook.base.clock import Today
from refundbook.base.errors import RefundbookError, UsageError
from refundbook.base.findings import Report
from refundbook.base.reports import Reports
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, Sheet
from refundbook.book.book import Book
from refundbook.book.by_path import ByPath
from refundbook.book.extract import Extract, extract
from refundbook.book.many import answers, find_books
from refundbook.book.naming import name_of
from refundbook.book.opening import PathLike, load
from refundbook.insights.insights import Insights
from refundbook.insights.joined import InsightsOfAll
from refundbook.record import promises
from refundbook.record.rules import check_books
from refundbook.record.shared_numbers import shared_numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pandas as pd

    from refundbook.book.exporting import ExportResult
    from refundbook.book.histories import Histories
    from refundbook.views.deadlines import Deadlines


def load_all(
    paths: PathLike | Iterable[PathLike],
    *,
    executor: Executor | None = None,
    today: Today = None,
    strict: bool = False,
    amounts: str | None = None,
) -> Books:
    """Read and check many workbooks: paths, and patterns such as `shops/*.xlsx`. Owner files and backups are passed
    over.

    One that cannot be read costs no other: it stands in `failed`, with its error. With `strict` those that break rules
    do too. The work is done by `executor` (any of `concurrent.futures`, of loky, or `Client.get_executor()` of Dask),
    here where there is none. `amounts` is how DataFrames hold money: `arrow`, `decimal` or `float` (see `Books.frame`).
    Raises MissingWorkbook for a pattern that fits nothing, UsageError.
    """
    found = find_books(paths)
    read: dict[str, Extract] = {}
    failed: dict[str, RefundbookError] = {}
    for name, answer in answers(found.paths, extract, executor=executor, today=today, strict=strict):
        if isinstance(answer, RefundbookError):
            failed[name] = answer
        else:
            read[name] = answer._replace(numbered=answer.numbered._replace(book=name))
    at = {name_of(path): path.absolute() for path in found.paths}

    def open_one(name: str) -> Book:
        return load(at[name], strict=strict, today=today)

    return Books(read, failed, tuple(map(name_of, found.passed_over)), at, open_one, amounts)


class Books:
    """Many workbooks, made by `load_all`: what they held at that moment. In memory are their tables, not the workbooks.

    `books` gives a Book by its path, loaded when it is asked for; iterating gives each in turn. `failed` has the error
    of each that could not be read. `passed_over` names the files that are no workbooks of their own.
    """

    def __init__(
        self,
        read: Mapping[str, Extract],
        failed: Mapping[str, RefundbookError],
        passed_over: tuple[str, ...],
        at: Mapping[str, Path],
        open_one: Callable[[str], Book],
        amounts: str | None,
    ) -> None:
        self._read = read
        self._at = {name: at[name] for name in read}
        self._amounts = amounts
        self._frames: dict[tuple[str, str], pd.DataFrame] = {}
        self.books: ByPath[Book] = ByPath(read, open_one)
        self.failed: ByPath[RefundbookError] = ByPath(failed, failed.__getitem__)
        self.passed_over = passed_over

    def __iter__(self) -> Iterator[Book]:
        return iter(self.books.values())

    def __len__(self) -> int:
        return len(self.books)

    def __repr__(self) -> str:
        lost = f", {len(self.failed):,} failed" if self.failed else ""
        return f"<Books: {len(self):,} workbooks, {self._count(CASES):,} cases{lost}>"

    def _repr_html_(self) -> str:
        from refundbook.book.books_html import books_html

        return books_html(self._read, self.failed, self.check())

    def _count(self, sheet: Sheet) -> int:
        return sum(len(one.tables[sheet.name].rows) for one in self._read.values())

    @property
    def cases(self) -> pd.DataFrame:
        """The cases of all, as a DataFrame indexed by Book and Case Number, people's own columns last."""
        return self._frame(CASES)

    @property
    def communications(self) -> pd.DataFrame:
        """The messages of all, indexed by Book and Case Number."""
        return self._frame(COMMUNICATIONS)

    @property
    def resolutions(self) -> pd.DataFrame:
        """The resolutions of all, indexed by Book and Case Number."""
        return self._frame(RESOLUTIONS)

    @property
    def tracker(self) -> pd.DataFrame:
        """The Trackers of all, one row a case, as a DataFrame indexed by Book and GTBuy Case #."""
        from refundbook.views import joined_frames

        return joined_frames.trackers({name: one.tracker for name, one in self._read.items()})

    def frame(self, table: str, *, amounts: str | None = None) -> pd.DataFrame:
        """`cases`, `communications`, `resolutions` or `joined` with its amounts as `arrow` (`decimal128(19, 4)`, which
        pandas, Dask and polars sum exactly), `decimal` (Decimal objects) or `float`. Unless told otherwise they are
        Arrow's, and Decimal objects where there is no pyarrow. Raises UsageError.
        """
        from refundbook.views import frames, joined_frames

        if table == "joined":
            return joined_frames.joined_frame(
                *(self._frame(sheet, amounts) for sheet in (CASES, COMMUNICATIONS, RESOLUTIONS))
            )
        return self._frame(frames.sheet_named(table), amounts)

    def joined(self) -> pd.DataFrame:
        """The three as one table: a row a message, with its case and the case's newest resolution. A header that two of
        them have says whose it is: `Currency (Cases)`.
        """
        return self.frame("joined")

    def _frame(self, sheet: Sheet, amounts: str | None = None) -> pd.DataFrame:
        from refundbook.views import frames, joined_frames

        how = amounts or self._amounts or ("arrow" if frames.has_pyarrow() else "decimal")
        if (sheet.name, how) not in self._frames:
            parts = {name: one.tables[sheet.name].frame for name, one in self._read.items()}
            self._frames[sheet.name, how] = joined_frames.together(parts, sheet, how)
        return self._frames[sheet.name, how]

    def check(self) -> Reports:
        """What the rules find in each workbook, and across them (RB4xx)."""
        across = check_books([one.numbered for one in self._read.values()])
        reports = (
            Report.of(name, [*one.report, *found])
            for (name, one), found in zip(self._read.items(), across, strict=True)
        )
        return Reports(tuple(reports), self.failed)

    def due(self, within: str | None = None) -> Deadlines:
        """What is late and what is due soon in all of them, the oldest first, as `Book.due` has it; each says its
        `book`. Raises BadValue.
        """
        from refundbook.views.deadlines import Deadlines

        found = []
        for name, one in self._read.items():
            until = None if within is None else promises.read_horizon(one.clock, within)
            found += [replace(d, book=name) for d in promises.due_of(one.deadlines, one.clock, until)]
        return Deadlines(promises.oldest_first(found))

    @property
    def history(self) -> Histories:
        """Who changed what and when in each workbook, as `Book.history` has it for one: as their journals stand now."""
        from refundbook.book.histories import Histories

        return Histories(self._at)

    @cached_property
    def insights(self) -> Insights:
        """What they add up to, as `Book.insights` has it for one; `by="book"` gives each figure for each workbook."""
        if not self._read:
            raise UsageError("No workbook could be read, so that there is nothing to add up: `failed` says why.")
        return InsightsOfAll({name: one.insights for name, one in self._read.items()}, f"{len(self):,} workbooks")

    def export(self, target: PathLike) -> ExportResult:
        """Write the tables of all into a folder of Parquet (`shops/`) or CSV (`shops.csv`), a file (`shops.duckdb`,
        `shops.sqlite`, `shops.jsonl`) or PostgreSQL (`postgresql://…`), with one schema (docs/export.md).

        All or nothing, over an older export; in PostgreSQL each workbook's rows take the place of its older ones. A
        workbook with errors is left out, and stands in the result's `failed`. Raises UsageError where the target is
        none or a package is missing, CannotWrite.
        """
        from refundbook.book.exporting import Exportable, export

        books = {
            name: Exportable(one.tables, one.time_zone, one.clock.now, one.report) for name, one in self._read.items()
        }
        return export(target, books, dict(self.failed))

    def duplicates(self) -> pd.DataFrame:
        """The cases whose numbers the rules take for one and that stand in more than one workbook, those of one number
        together, as a DataFrame indexed by Book and Case Number: Compared As (the number in canonical form), Cell (on
        Cases), then the columns of `cases`.
        """
        from refundbook.views import joined_frames

        numbered = [one.numbered for one in self._read.values()]
        first = list(accumulate((len(one.numbers) for one in numbered), initial=0))
        places = [(key, place) for key, found in shared_numbers(numbered).items() for place in found]
        cases = self.cases.iloc[[first[place.at] + place.position for _, place in places]]
        return joined_frames.with_places(cases, [key for key, _ in places], [place.cell for _, place in places])
