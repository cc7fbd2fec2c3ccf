"""What the log adds up to: outcomes, waiting times, money, promises and entry lag, as tables of figures.

Money is never added across currencies. Each figure is counted once, here or in `figures`, where it is said what exactly
it counts.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from refundbook.base.errors import UsageError
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS
from refundbook.base.text import quoted
from refundbook.insights import measures, page
from refundbook.insights.columns import MOST_GROUPS, CaseName, Columns, ColumnsOfRecords
from refundbook.insights.measures import DENIED, OPEN, OTHER, REFUNDED, CaseFigures, Figure, Member, TooFew
from refundbook.insights.tables import CURRENCY, Cell, Days, Share, Table
from refundbook.record.promises import State
from refundbook.record.records import Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pandas as pd

BY = ("reason", "month", "issuer", "agent")
"""What cases can be grouped by: the attributes of `CaseFigures` of these names."""
BY_BOOK = "book"
"""What cases of several workbooks can be grouped by, too."""

BANDS = (
    (2, "2 days or less"),
    (7, "3 to 7 days"),
    (14, "8 to 14 days"),
    (30, "15 to 30 days"),
    (60, "31 to 60 days"),
    (None, "more than 60"),
)
"""The last day of each band of days, and its name, as on the Insights sheet."""

STATES = {
    "Kept on Time": State.KEPT_ON_TIME,
    "Kept Late": State.KEPT_LATE,
    "Not Due Yet": State.DUE,
    "Overdue": State.OVERDUE,
    "Not Kept, Case Closed": State.NOT_KEPT,
}


class Insights:
    """The figures of a workbook as it is in memory when it is asked; made by `Book.insights`.

    Every method gives a `Table`. `by` is one of `by`, the header of a column with few different values, or None for all
    cases in one row; anything else raises UsageError.
    """

    def __init__(self, records: Records, name: str = "") -> None:
        self.name = name
        self.by: tuple[str, ...] = BY
        self.today = records.clock.today
        self._columns: Columns = ColumnsOfRecords(records)
        self.measured = tuple(measures.case_figures(records))
        self._promises = tuple(measures.promise_figures(records))
        self._lags = {
            sheet.name: (len(log), measures.entry_lags(log, sheet[happened]))
            for sheet, happened in ((CASES, "opened"), (COMMUNICATIONS, "date"), (RESOLUTIONS, "date"))
            for log in (records.log(sheet),)
        }

    @cached_property
    def cases(self) -> pd.DataFrame:
        """What is measured of each case (see `CaseFigures`), indexed by case number, to count in ways that no table
        here does.

        `currency` is that of the request; `asked` and `paid` are Decimal amounts in it, spans whole days. Of several
        workbooks each row says its `book`.
        """
        import pandas as pd

        rows, names = [], ("number", *_TEXTS, *([BY_BOOK] if BY_BOOK in self.by else []))
        for case in self.measured:
            currency, requested = next(iter(case.asked.items()), ("", None))
            spans = {name: pd.NA if getattr(case, name) is None else getattr(case, name) for name in _SPANS}
            texts = {name: getattr(case, name) for name in names}
            paid = case.paid.get(currency)
            rows.append({**texts, "currency": currency, "asked": requested, "paid": paid, **spans})
        frame = pd.DataFrame(rows, columns=[*names, "currency", "asked", "paid", *_SPANS]).astype(
            {**dict.fromkeys((*names, "currency"), "string"), **dict.fromkeys(_SPANS, "Int64")}
        )
        return frame.set_index("number")

    def tables(self, by: str | None = None) -> list[Table]:
        """The tables that `refundbook insights` prints: all that there is to see at once, or with `by` each figure for
        each group.
        """
        by = self._by(by)
        if by is None:
            return [
                self.overview(),
                self.outcomes("reason"),
                self.money(),
                self.ageing(),
                self.promises(),
                self.entry_lag(),
            ]
        return [self.outcomes(by), self.days(by), self.money(by), *([self.promises("agent")] if by == "agent" else [])]

    def overview(self) -> Table:
        """The figures of all cases at a glance, each with the number of cases, promises or entries that it
        stands on.
        """
        cases, closed = self.measured, [case for case in self.measured if case.standing != OPEN]
        counts = Counter(case.standing for case in cases)
        replies = [case.first_reply for case in cases if case.first_reply is not None]
        times = [case.resolution for case in cases if case.resolution is not None]
        ages = [case.age for case in cases if case.age is not None]
        due = [promise for promise in self._promises if promise.maker == "Support" and promise.came_due]
        kept = sum(promise.state is State.KEPT_ON_TIME for promise in due)
        lags = [lag for _, found in self._lags.values() for lag in found]
        rows: list[tuple[str, Cell, int]] = [
            ("Cases", len(cases), len(cases)),
            ("Open cases", counts[OPEN], len(cases)),
            ("Refunded, of the closed", _share(counts[REFUNDED], len(closed), "closed case"), len(closed)),
            ("Denied, of the closed", _share(counts[DENIED], len(closed), "closed case"), len(closed)),
            ("Days to first reply, median", _median(replies), len(replies)),
            ("Days to first reply, nine in ten within", _slowest(replies), len(replies)),
            ("Days to resolution, median", _median(times), len(times)),
            ("Days to resolution, nine in ten within", _slowest(times), len(times)),
            ("Oldest open case, days", max(ages, default=0), len(ages)),
            ("Support's promises kept on time", _share(kept, len(due), "promise"), len(due)),
            (
                "Support's promises overdue",
                sum(p.state is State.OVERDUE and p.maker == "Support" for p in self._promises),
                sum(p.maker == "Support" for p in self._promises),
            ),
            ("Entries logged on the day", _share(sum(lag == 0 for lag in lags), len(lags), "entry"), len(lags)),
        ]
        counts_what = (
            "Days are whole days from the day a case was opened. First reply: the first message received from "
            "support, in cases that have one. Resolution: the final one, in closed cases; what is still open may yet "
            "take longer."
        )
        return Table("overview", "At a glance", counts_what, ("Figure", "Value", "Counted"), tuple(rows))

    def outcomes(self, by: str | None = "reason") -> Table:
        """How cases stand: open, refunded in full or in part, denied, or ended otherwise, by the resolution that counts
        now.
        """
        rows: list[tuple[Cell, ...]] = []
        for label, group in self._grouped(by):
            counts = Counter(case.standing for case in group)
            closed = len(group) - counts[OPEN]
            shares = (_share(counts[end], closed, "closed case") for end in (REFUNDED, DENIED))
            rows.append((label, len(group), *(counts[end] for end in _STANDINGS), *shares))
        return Table(
            f"outcomes{_suffix(by)}",
            f"Outcomes{_title(by)}",
            "Each case once, as it stands now. Refunded: in full or in part. Other: replacement, store credit, "
            f"withdrawn. The shares are of the closed cases.{_about(by)}",
            (_label(by), "Cases", *_STANDINGS, "Refunded / Closed", "Denied / Closed"),
            tuple(rows),
            bars=_STANDINGS,
            stacked=True,
            in_order=by == "month",
        )

    def days(self, by: str | None = None) -> Table:
        """Whole days from the opening to the first message received from support, and to the final resolution: the
        median, and what nine in ten stayed within. A case without a reply (open or closed) counts as unanswered, one
        that is open not towards resolution.
        """
        rows: list[tuple[Cell, ...]] = []
        for label, group in self._grouped(by):
            replies = [case.first_reply for case in group if case.first_reply is not None]
            times = [case.resolution for case in group if case.resolution is not None]
            first = (len(replies), len(group) - len(replies), _median(replies), _slowest(replies))
            rows.append((label, *first, len(times), _median(times), _slowest(times)))
        return Table(
            f"days{_suffix(by)}",
            f"Days to first reply and to resolution{_title(by)}",
            "Whole days from the day a case was opened: to the first message received from support, and to the final "
            "resolution of closed cases. 9 in 10: nine in ten took no longer (the 90th percentile). What is still "
            f"open may yet take longer.{_about(by)}",
            (_label(by), "Answered", "Unanswered", *_REPLY, "Closed", *_RESOLUTION),
            tuple(rows),
            bars=(_REPLY[0], _RESOLUTION[0]),
            in_order=by == "month",
        )

    def money(self, by: str | None = None) -> Table:
        """Amounts, one row a currency: in how many cases it was requested, how much in all and in those still open; how
        many cases were paid, how much.
        """
        rows: list[tuple[Cell, ...]] = []
        for label, group in self._grouped(by):
            number = Counter(currency for case in group for currency in {*case.asked, *case.paid})
            for currency in sorted(number, key=lambda c: (not c, -number[c], c)):
                asked = [case.asked[currency] for case in group if currency in case.asked]
                in_open = [case.asked[currency] for case in group if currency in case.asked and case.standing == OPEN]
                paid = [case.paid[currency] for case in group if currency in case.paid]
                sums = (len(asked), _sum(asked), _sum(in_open), len(paid), _sum(paid))
                rows.append((label, currency or measures.NO_CURRENCY, *sums))
        return Table(
            f"money{_suffix(by)}",
            f"Money{_title(by)}",
            "One row a currency, and nothing added across. Requested: in all cases, and in those that are open. "
            "Refunded: the amounts of all full and partial refunds, whether or not the case was reopened; one "
            f"without a currency is in the case's.{_about(by)}",
            (_label(by), CURRENCY, "Cases", "Requested", "In Open Cases", "Paid Cases", "Refunded"),
            tuple(rows),
            bars=("Requested", "Refunded"),
            in_order=by == "month",
        )

    def ageing(self) -> Table:
        """Open cases by the whole days since they were opened."""
        ages = [case.age for case in self.measured if case.age is not None]
        return _banded("ageing", "Age of open cases", "Open cases, by whole days since they were opened.", ages)

    def resolution_times(self) -> Table:
        """Closed cases by the whole days from the opening to the final resolution."""
        times = [case.resolution for case in self.measured if case.resolution is not None]
        counts = "Closed cases, by whole days from the opening to the final resolution."
        return _banded("resolution_times", "Days to resolution", counts, times)

    def promises(self, by: str | None = None) -> Table:
        """Promises with a due date: by who made them (Support, Buyer, You), or with `by="agent"` those of support by
        the agent who made them.

        On time means on the due day or before. The share is of the promises that came due: that were kept, or whose
        time ran out while the case was open. Raises UsageError for any other `by`.
        """
        if by not in (None, "agent"):
            raise UsageError(f"Promises are counted by agent, or by who made them: not by {quoted(by)}.")
        found = self._promises if by is None else [p for p in self._promises if p.maker == "Support"]
        rows: list[tuple[Cell, ...]] = []
        for label, group in _groups(found, lambda p: p.maker if by is None else p.agent):
            states = Counter(promise.state for promise in group)
            came_due = sum(promise.came_due for promise in group)
            on_time = _share(states[State.KEPT_ON_TIME], came_due, "promise")
            rows.append((label, len(group), *(states[state] for state in STATES.values()), came_due, on_time))
        return Table(
            f"promises{_suffix(by)}",
            "Promises" if by is None else "Promises of support, by agent",
            "Promises with a due date. On time: on the due day or before. The share is of the promises that came "
            "due: that were kept, or whose time ran out while the case was open.",
            ("Made By" if by is None else "Agent", "Promises", *STATES, "Came Due", "On Time / Came Due"),
            tuple(rows),
            bars=tuple(STATES),
            stacked=True,
        )

    def entry_lag(self) -> Table:
        """How long after it happened each entry was logged, in whole days from the date opened, the message's date, the
        resolution date.
        """
        rows: list[tuple[Cell, ...]] = []
        for sheet, (entries, lags) in self._lags.items():
            same, following = sum(lag <= 0 for lag in lags), sum(lag == 1 for lag in lags)
            known = (same, following, len(lags) - same - following, entries - len(lags))
            rows.append(
                (sheet, *known, _median(lags, "entry"), _slowest(lags, "entry"), max(lags, default=0)),
            )
        return Table(
            "entry_lag",
            "How late entries are logged",
            "Whole days from when it happened (the case opened, the message, the resolution) to Logged At. Not "
            "known: one of the two dates is missing, as in a Pending entry.",
            ("Sheet", "Same Day", "Next Day", "Later", "Not Known", "Median", "9 in 10", "Longest"),
            tuple(rows),
            bars=("Same Day", "Next Day", "Later"),
            stacked=True,
        )

    def html(self) -> str:
        """All tables with their charts as one page that needs nothing from the network."""
        return page.page(self)

    def write_html(self, path: str | os.PathLike[str]) -> None:
        """Write that page, over an older one or where there is nothing.

        Raises UsageError where something else stands there, CannotWrite where it cannot be written.
        """
        page.write(Path(path), self.html())

    def _grouped(self, by: str | None) -> list[tuple[str, list[CaseFigures]]]:
        if by is None:
            return [(ALL, list(self.measured))]
        if by in self.by:
            return _groups(self.measured, lambda case: getattr(case, by), in_order=by == "month")
        labels = self._labels(by)
        return _groups(self.measured, lambda case: labels[case.book, case.number])

    def _labels(self, by: str) -> dict[CaseName, str]:
        """What each case has in the column of this header, by its workbook and number."""
        header, found = self._column(by)
        name = measures.spelling(list(found.values()))
        labels = {case: name(value) or measures.NOT_GIVEN for case, value in found.items()}
        if (count := len(set(labels.values()))) > MOST_GROUPS:
            raise UsageError(
                f"{header} has {count:,} different values, too many to compare: group by a column with at most "
                f"{MOST_GROUPS}."
            )
        return labels

    def _column(self, by: str) -> tuple[str, Mapping[CaseName, object]]:
        try:
            return self._columns.values(by)
        except UsageError as error:
            raise UsageError(
                f"Cases are not grouped by {quoted(by)}: it must be one of {', '.join(self.by)}, or the header of a "
                f"column. {error}"
            ) from error

    def _by(self, by: str | None) -> str | None:
        """One of `by` as it stands there, or a header as it stands in the workbook."""
        if by is None:
            return None
        name = by.strip().casefold()
        return name if name in self.by else self._column(by)[0]


ALL = "All cases"
_STANDINGS = (REFUNDED, DENIED, OTHER, OPEN)
_REPLY = ("First Reply: Median", "First Reply: 9 in 10")
_RESOLUTION = ("Resolution: Median", "Resolution: 9 in 10")
_TEXTS = ("reason", "issuer", "month", "agent", "status", "standing")
_SPANS = ("first_reply", "resolution", "age")
_ABOUT = {
    "month": " The month is the one in which the case was opened.",
    "agent": " A case counts for the agent of its newest reply from support.",
}


def _groups(
    members: Iterable[Member], label: Callable[[Member], str], *, in_order: bool = False
) -> list[tuple[str, list[Member]]]:
    """Members by label: in the labels' order or the greatest group first; those with a blank come last."""
    found: dict[str, list[Member]] = {}
    for member in members:
        found.setdefault(label(member), []).append(member)
    size = {name: 0 if in_order else -len(group) for name, group in found.items()}
    return sorted(found.items(), key=lambda item: (item[0] in measures.LEFT_OUT, size[item[0]], item[0]))


def _banded(name: str, title: str, counts: str, days: Iterable[int]) -> Table:
    last_days = [last for last, _ in BANDS if last is not None]
    found = Counter(bisect_left(last_days, day) for day in days)
    rows = tuple((label, found[place]) for place, (_, label) in enumerate(BANDS))
    return Table(name, title, counts, ("Days", "Cases"), rows, bars=("Cases",), in_order=True)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _share(part: int, whole: int, noun: str) -> Cell:
    return _as(Share, measures.share(part, whole, noun))


def _median(values: Sequence[int], noun: str = "case") -> Cell:
    return _as(Days, measures.median(values, noun))


def _slowest(values: Sequence[int], noun: str = "case") -> Cell:
    return _as(Days, measures.slowest(values, noun))


def _as(kind: type[Share] | type[Days], figure: Figure) -> Cell:
    return figure if isinstance(figure, TooFew) else kind(figure)


def _suffix(by: str | None) -> str:
    return f"_by_{'_'.join(by.casefold().split())}" if by else ""


def _title(by: str | None) -> str:
    return f" by {by}" if by else ""


def _label(by: str | None) -> str:
    return (by.capitalize() if by in (*BY, BY_BOOK) else by) if by else "Which"


def _about(by: str | None) -> str:
    return _ABOUT.get(by or "", "")
