"""Bar charts of tables of figures as inline SVG, which scale with the page while their text keeps its size.

Horizontal places are per cents of the width, vertical ones pixels (SVG 2, 8.9: units): nothing is stretched on a phone.
Colours are classes of `STYLE`, as a page's policy wants it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from refundbook.base.dates import MONTHS
from refundbook.base.html import escape
from refundbook.insights.measures import TooFew
from refundbook.insights.tables import COLOURS, Cell, Table, by_currency, number, shown

MOST, MOST_IN_ORDER = 12, 15
"""So many rows are drawn, of those in order the last; the table has the others."""

_DARK_TEXT = ("#cdd5de", "#a9c3d1", "#e0a526")
_LABEL, _BAR, _GAP = 17, 16, 9
_LONGEST = 68
"""Per cent of the width, so that an amount in millions finds room beside its bar on a phone, too."""
_HEIGHT, _TALLEST, _AXIS = 150, 132, 34


def _class(series: str) -> str:
    return "c-" + re.sub("[^a-z]+", "-", series.lower())


STYLE = "".join(
    f".{_class(name)} {{ fill: {colour}; background: {colour}; }} .on.{_class(name)} {{ fill: "
    f"{'#1f2933' if colour in _DARK_TEXT else '#fff'}; }}\n"
    for name, colour in COLOURS.items()
) + (
    "svg { display: block; width: 100%; overflow: hidden; } svg text { font-size: 12.5px; fill: var(--ink); }\nsvg "
    ".soft { fill: var(--soft); } svg .on, svg .top { font-size: 11.5px; } svg .axis { stroke: var(--soft); }\n"
    ".legend { display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin: 0 0 .6rem; padding: 0; list-style: none; "
    "font-size: .85rem; }\n.legend i { display: inline-block; width: .75em; height: .75em; margin-right: .35em; "
    "border-radius: 2px; }\n@media print { svg, .legend i { print-color-adjust: exact; -webkit-print-color-adjust: "
    "exact; } }\n"
)


def chart(table: Table) -> str:
    """The chart of a table, or `""` where it has none: as figures, for each currency one."""
    if not table.bars or not any(number(cell) for bar in table.bars for cell in table.column(bar)):
        return ""
    panels = by_currency(table)
    return "".join(_figure(table, currency, rows) for currency, rows in panels)


def _figure(table: Table, currency: str, rows: list[int]) -> str:
    drawn = rows[-MOST_IN_ORDER:] if table.in_order else rows[:MOST]
    values = [[table.rows[at][table.header.index(bar)] for bar in table.bars] for at in drawn]
    labels = [_short(str(table.rows[at][0])) for at in drawn]
    draw = _stacks if table.stacked else partial(_pairs, currency=currency)
    if table.in_order:
        draw = _columns if table.stacked or len(table.bars) == 1 else _twins
    body, height = draw(table.bars, labels, values)
    left = len(rows) - len(drawn)
    which = "earlier" if table.in_order else "more"
    more = f'<p class="soft">{left} {which} in the table.</p>' if left else ""
    said = f"{table.title}{f', {currency}' if currency else ''}: {', '.join(table.bars)}. The table has the figures."
    caption = f"<figcaption>{escape(currency)}</figcaption>" if currency else ""
    return (
        f"<figure>{caption}{_legend(table.bars)}"
        f'<svg role="img" aria-label="{escape(said)}" height="{height}">{body}</svg>{more}</figure>\n'
    )


def _short(label: str) -> str:
    """A label that a phone has room for; the table has all of it."""
    return label if len(label) <= 32 else f"{label[:31]}…"


def _legend(bars: Sequence[str]) -> str:
    if len(bars) < 2:
        return ""
    return f'<ul class="legend">{"".join(f"<li><i class={_class(bar)}></i>{escape(bar)}</li>" for bar in bars)}</ul>'


def _text(x: str, y: float, said: str, kind: str = "", anchor: str = "start") -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y:g}" text-anchor="{anchor}"{name}>{escape(said)}</text>'


def _rect(x: float, y: float, width: float, height: float, series: str) -> str:
    """A bar: `x` and `width` in per cent, the others in pixels."""
    return f'<rect x="{x:.2f}%" y="{y:.1f}" width="{width:.2f}%" height="{height:.1f}" class="{_class(series)}"/>'


def _stacks(bars: Sequence[str], labels: Sequence[str], values: Sequence[Sequence[Cell]]) -> tuple[str, int]:
    """One bar a row, its parts one after another, and the sum at its right."""
    most = max(sum(map(number, row)) for row in values)
    body, y = [], 0
    for label, row in zip(labels, values, strict=True):
        total, x = sum(map(number, row)), 0.0
        body += [_text("0", y + 13, label), _text("100%", y + 13, f"{total:,.0f}", "soft", "end")]
        for bar, cell in zip(bars, row, strict=True):
            width = 100 * number(cell) / most
            if width:
                body.append(_rect(x, y + _LABEL, width, _BAR, bar))
            if width >= 6:
                body.append(_text(f"{x + width / 2:.2f}%", y + _LABEL + 12, shown(cell), f"on {_class(bar)}", "middle"))
            x += width
        y += _LABEL + _BAR + _GAP
    return "".join(body), y


def _pairs(
    bars: Sequence[str], labels: Sequence[str], values: Sequence[Sequence[Cell]], currency: str = ""
) -> tuple[str, int]:
    """The bars of a row below one another, each with its figure (or n/a) at its end."""
    most = max(number(cell) for row in values for cell in row)
    body, y = [], 0
    for label, row in zip(labels, values, strict=True):
        body.append(_text("0", y + 13, label))
        y += _LABEL
        for bar, cell in zip(bars, row, strict=True):
            width = _LONGEST * number(cell) / most if most else 0.0
            body += [
                _rect(0, y, width, _BAR - 3, bar),
                _text(f"{width + 1:.2f}%", y + 11, shown(cell, currency), "soft"),
            ]
            y += _BAR - 2
        y += _GAP
    return "".join(body), y


def _columns(bars: Sequence[str], labels: Sequence[str], values: Sequence[Sequence[Cell]]) -> tuple[str, int]:
    """Columns from left to right, their parts on one another, the sum above."""
    most = max(1.0, *(sum(map(number, row)) for row in values))
    step = 100 / len(labels)
    body = []
    for place, row in enumerate(values):
        y, x = float(_HEIGHT), (place + 0.12) * step
        for bar, cell in zip(bars, row, strict=True):
            height = _TALLEST * number(cell) / most
            if height:
                y -= height
                body.append(_rect(x, y, step * 0.76, height, bar))
        body.append(_text(f"{x + step * 0.38:.2f}%", y - 4, f"{sum(map(number, row)):,.0f}", "top", "middle"))
    return "".join(body) + _axis(labels), _HEIGHT + _AXIS


def _twins(bars: Sequence[str], labels: Sequence[str], values: Sequence[Sequence[Cell]]) -> tuple[str, int]:
    """Columns beside one another, each with its figure above; a figure that too few stand behind is a dash."""
    most = max(1.0, *(number(cell) for row in values for cell in row))
    step = 100 / len(labels)
    width = step * 0.8 / len(bars)
    body = []
    for place, row in enumerate(values):
        for k, (bar, cell) in enumerate(zip(bars, row, strict=True)):
            x, height = (place + 0.1) * step + k * width, _TALLEST * number(cell) / most
            said = "–" if isinstance(cell, TooFew) else f"{round(number(cell), 1):g}"
            body += [_rect(x, _HEIGHT - height, width * 0.94, height, bar)] if height else []
            body.append(_text(f"{x + width / 2:.2f}%", _HEIGHT - height - 4, said, "top", "middle"))
    return "".join(body) + _axis(labels), _HEIGHT + _AXIS


def _axis(labels: Sequence[str]) -> str:
    names = [
        _text(f"{(place + 0.5) * 100 / len(labels):.2f}%", _HEIGHT + 15 + 13 * line, word, "soft", "middle")
        for place, label in enumerate(labels)
        for line, word in enumerate(_label_lines(label))
    ]
    return f'<line x1="0" x2="100%" y1="{_HEIGHT}" y2="{_HEIGHT}" class="axis"/>{"".join(names)}'


def _label_lines(label: str) -> list[str]:
    """A column's name in lines that are short enough for a phone: `Nov` over `’23` for 2023-11, `3–7` for 3
    to 7 days.
    """
    month = re.fullmatch(r"(\d{4})-(\d\d)", label)
    if month and 1 <= int(month[2]) <= 12:
        return [MONTHS[int(month[2]) - 1][:3], f"’{month[1][2:]}"]
    short = label.removesuffix(" days").replace(" to ", "–").replace(" days or less", "").replace("more than ", "> ")
    return [f"≤ {short}" if label.endswith("or less") else short]
