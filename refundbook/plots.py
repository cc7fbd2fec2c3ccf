"""Plots of tables of figures with matplotlib, which is an extra (`pip install "refundbook[plot]"`) and imported here only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from refundbook.charts import COLOURS, by_currency
from refundbook.errors import UsageError
from refundbook.figures import TooFew
from refundbook.tables import Table, number, shown
from refundbook.text import quoted

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot(table: Table, ax: Axes | None = None, **options: Any) -> list[Axes]:
    """Draw a table's bars: stacked, or beside one another; for money one Axes a currency, because amounts of two do not compare.

    Returns the Axes. Raises UsageError where matplotlib is missing, the table has no bars, or `ax` is given for more than one currency.
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
