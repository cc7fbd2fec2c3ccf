"""Tables of figures as plain data, which show themselves as text, JSON, lines of CSV, a DataFrame, a plot.

Where there are too few cases for a figure to mean anything, a `TooFew` stands in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from refundbook.base.amounts import amount_text
from refundbook.base.errors import UsageError
from refundbook.base.html import escape, fragment, table
from refundbook.base.text import quoted
from refundbook.insights.measures import ENOUGH, ENOUGH_FOR_SLOWEST, TooFew

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import pandas as pd
    from matplotlib.axes import Axes

CURRENCY = "Currency"
LINE_HEADER = ("Table", "Row", CURRENCY, "Figure", "Value", "Note")
GIVEN_FROM = f"Shares and medians are given from {ENOUGH} on, the 90th percentile from {ENOUGH_FOR_SLOWEST}."


class Share(float):
    """A part of a whole, from 0 to 1."""


class Days(float):
    """A number of days, such as a median of 4.5."""


Cell = str | int | Share | Days | Decimal | TooFew


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A table of figures. `counts` says exactly what they count.

    `bars` are the columns that a chart of it draws, `stacked` on one another or side by side; `in_order` says that its
    rows follow each other in time or size. A second column Currency means that rows with different ones must never be
    compared.
    """

    name: str
    title: str
    counts: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bars: tuple[str, ...] = ()
    stacked: bool = False
    in_order: bool = False

    def __repr__(self) -> str:
        return f"<Table {self.title!r}: {len(self.rows)} rows>"

    @property
    def keys(self) -> int:
        """How many columns, from the first on, name a row."""
        return 2 if CURRENCY in self.header[:2] else 1

    @property
    def note(self) -> str:
        """What `n/a (3)` means, where that stands in the table."""
        few = next((cell for row in self.rows for cell in row if isinstance(cell, TooFew)), None)
        return f"{shown(few)}: {few}. {GIVEN_FROM}" if few else ""

    def column(self, header: str) -> list[Cell]:
        at = self.header.index(header)
        return [row[at] for row in self.rows]

    def to_text_rows(self) -> list[list[str]]:
        """The rows as people read them: `67%`, `4.5`, `1234.50`, `n/a (3)`."""
        return [self.shown_row(row) for row in self.rows]

    def shown_row(self, row: Sequence[Cell]) -> list[str]:
        """The cells of a row as people read them, amounts with the decimals of the row's currency."""
        currency = self.currency_of(row)
        return [shown(cell, currency) for cell in row]

    def currency_of(self, row: Sequence[Cell]) -> str:
        """The currency of the amounts in a row; `""` where it has none."""
        return str(row[1]) if self.keys == 2 else ""

    def to_records(self) -> list[dict[str, Any]]:
        """The rows as plain dicts for JSON. A figure with too few behind it is None, and `too_few` says why."""
        found = []
        for row in self.rows:
            fields = dict(zip(self.header, row, strict=True))
            few = {header: str(cell) for header, cell in fields.items() if isinstance(cell, TooFew)}
            plain: dict[str, Any] = {header: None if header in few else cell for header, cell in fields.items()}
            found.append({**plain, "too_few": few} if few else plain)
        return found

    def to_lines(self) -> list[tuple[str, str, str, str, object, str]]:
        """One line a figure, as `LINE_HEADER` says, for CSV: tables of different columns in one."""
        lines = []
        for row in self.rows:
            of, currency = str(row[0]), self.currency_of(row)
            for header, cell in list(zip(self.header, row, strict=True))[self.keys :]:
                few = isinstance(cell, TooFew)
                lines.append(
                    (
                        self.title,
                        of,
                        currency,
                        header,
                        None if few else _exact(cell, currency),
                        f"n/a: {cell}" if few else "",
                    )
                )
        return lines

    def to_frame(self) -> pd.DataFrame:
        """A DataFrame indexed by what names a row. Counts are whole numbers, shares and days floats (NaN where there
        are too few), amounts Decimal.
        """
        import pandas as pd

        columns = {header: _series(self.column(header)) for header in self.header}
        return pd.DataFrame(columns).set_index(list(self.header[: self.keys]))

    def plot(self, ax: Axes | None = None, **options: Any) -> list[Axes]:
        """Draw `bars` with matplotlib (the extra `plot`), for money one Axes a currency; options go to `Axes.barh`.

        Raises UsageError where matplotlib is missing, there is nothing to draw, or `ax` is given for more than one
        currency.
        """

        return plot(self, ax, **options)

    def _repr_html_(self) -> str:
        from refundbook.insights import tables

        return tables.table_html(self)


def _exact(cell: Cell, currency: str) -> object:
    if isinstance(cell, Decimal):
        return amount_text(cell, currency)
    return round(float(cell), 6) if isinstance(cell, float) else cell


def _series(cells: Sequence[Cell]) -> pd.Series[Any]:
    import pandas as pd

    if any(isinstance(cell, (Share, Days, TooFew)) for cell in cells):
        return pd.Series([float(cell) if isinstance(cell, float) else float("nan") for cell in cells], dtype="float64")
    if cells and all(isinstance(cell, int) for cell in cells):
        return pd.Series(cells, dtype="int64")
    if all(isinstance(cell, str) for cell in cells):
        return pd.Series(cells, dtype="string")
    return pd.Series(cells, dtype="object")


def number(cell: Cell) -> float:
    """How long a bar for this cell is: 0 where there are too few to say."""
    return float(cell) if isinstance(cell, (int, float, Decimal)) else 0.0


def shown(cell: Cell, currency: str = "") -> str:
    """A cell as people read it; an amount with the decimals of `currency`."""
    if isinstance(cell, TooFew):
        return f"n/a ({cell.count})"
    if isinstance(cell, Share):
        return f"{cell:.0%}"
    if isinstance(cell, Days):
        return f"{cell:.1f}"
    if isinstance(cell, Decimal):
        return amount_text(cell, currency)
    return f"{cell:,}" if isinstance(cell, int) else cell


def table_html(figures: Table) -> str:
    """A table of figures under its title, with what it counts."""
    rows = [[_figure(cell, figures.currency_of(row)) for cell in row] for row in figures.rows]
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in (figures.counts, figures.note) if note)
    title = f"<p><strong>{escape(figures.title)}</strong></p>"
    return fragment(title, table(figures.header, rows), notes, kind="figures")


def _figure(cell: Cell, currency: str) -> str:
    figure = escape(shown(cell, currency))
    return f'<span title="{escape(str(cell))}">{figure}</span>' if isinstance(cell, TooFew) else figure


COLOURS = {
    "Refunded": "#1b7f72",
    "Denied": "#c4541b",
    "Other": "#8793a5",
    "Open": "#cdd5de",
    "Requested": "#a9c3d1",
    "Kept on Time": "#1b7f72",
    "Kept Late": "#e0a526",
    "Not Due Yet": "#cdd5de",
    "Overdue": "#b3261e",
    "Not Kept, Case Closed": "#8793a5",
    "Same Day": "#1b7f72",
    "Next Day": "#e0a526",
    "Later": "#c4541b",
    "First Reply: Median": "#e0a526",
    "Resolution: Median": "#1f5673",
    "Cases": "#1f5673",
}
"""The colour of each series, told apart also by people who see no red or green, because they differ in lightness and
order.
"""


def by_currency(table: Table) -> list[tuple[str, list[int]]]:
    """The rows of a table that may be compared with one another: all, or those of each currency."""
    if table.keys == 1:
        return [("", list(range(len(table.rows))))]
    found: dict[str, list[int]] = {}
    for at, row in enumerate(table.rows):
        found.setdefault(str(row[1]), []).append(at)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def plot(table: Table, ax: Axes | None = None, **options: Any) -> list[Axes]:
    """Draw a table's bars: stacked, or beside one another; for money one Axes a currency, because amounts of two do not
    compare.

    Returns the Axes. Raises UsageError where matplotlib is missing, the table has no bars, or `ax` is given for more
    than one currency.
    """
    panels = by_currency(table)
    if not table.bars or not table.rows:
        raise UsageError(f"There is nothing to draw in {quoted(table.title)}.")
    if ax is not None and len(panels) > 1:
        raise UsageError(f"{table.title} has {len(panels)} currencies, which need a chart each: leave ax out.")
    axes = [ax] if ax is not None else _new_axes(len(panels), max(len(rows) for _, rows in panels))
    for axis, (currency, rows) in zip(axes, panels, strict=True):
        _draw(table, rows, axis, options)
        axis.set_title(f"{table.title}, {currency}" if currency else table.title, loc="left", fontweight="bold")
    return axes


def _new_axes(panels: int, rows: int) -> list[Axes]:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise UsageError('Plots need matplotlib: pip install "refundbook[plot]".') from error
    _, grid = pyplot.subplots(panels, 1, figsize=(8, panels * (1.2 + 0.38 * rows)), squeeze=False, layout="constrained")
    return [axis for line in grid for axis in line]


def _draw(table: Table, rows: Sequence[int], axis: Axes, options: dict[str, Any]) -> None:
    labels = [str(table.rows[at][0]) for at in rows]
    lefts = [0.0] * len(rows)
    currency = table.currency_of(table.rows[rows[0]])
    height = 0.8 if table.stacked else 0.8 / len(table.bars)
    for k, bar in enumerate(table.bars):
        cells = [table.column(bar)[at] for at in rows]
        widths = [number(cell) for cell in cells]
        places = [at + (0 if table.stacked else (k - (len(table.bars) - 1) / 2) * height) for at in range(len(rows))]
        drawn = axis.barh(places, widths, height, left=lefts, label=bar, **{"color": COLOURS[bar], **options})
        if table.stacked:
            lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
        else:
            axis.bar_label(drawn, [shown(cell, currency) for cell in cells], padding=3, fontsize=8)
    axis.set_yticks(range(len(rows)), labels)
    axis.invert_yaxis()
    axis.spines[["top", "right"]].set_visible(False)
    if len(table.bars) > 1:
        axis.legend(frameon=False, fontsize=8, loc="best")
    if any(isinstance(cell, TooFew) for bar in table.bars for cell in table.column(bar)):
        axis.set_xlabel("n/a: too few to say", fontsize=8)
