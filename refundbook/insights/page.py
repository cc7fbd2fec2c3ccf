"""The Insights page: every table of figures with its chart, in one HTML file that asks the network for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import ceil
from pathlib import Path
from typing import Protocol

from refundbook.base import html
from refundbook.base.errors import CannotWrite, UsageError
from refundbook.base.html import escape
from refundbook.insights import svg_charts
from refundbook.insights.measures import REFUNDED, TooFew
from refundbook.insights.tables import GIVEN_FROM, Cell, Table, shown
from refundbook.system import atomic_file
from refundbook.system.refusals import reason

TITLE = "Refund insights"

STYLE = (
    svg_charts.STYLE
    + """
h3 { margin: 1.4rem 0 .3rem; font-size: 1rem; }
figure { margin: 1rem 0 1.4rem; }
figcaption { margin-bottom: .45rem; font-weight: 600; }
.lead { font-size: 1.1rem; }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .8rem; margin: 1.2rem 0 0; }
.tiles div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .7rem .9rem;
  background: var(--shade); border-radius: .4rem; }
.tiles dt { color: var(--soft); font-size: .85rem; line-height: 1.3; }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.3; }
.tiles dd.few { font-size: 1rem; }
.side { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 0 2.5rem; }
.beside { display: grid; grid-template-columns: 3fr 2fr; gap: 0 3rem; align-items: start; }
.what { color: var(--soft); font-size: .88rem; }
table.numbers { font-variant-numeric: tabular-nums; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; }
.numbers.two td:nth-child(2), .numbers.two thead th:nth-child(2) { text-align: left; }
.numbers thead th:first-child { min-width: 6rem; }
.numbers tbody th { font-weight: 400; }
.few { color: var(--soft); } td .few { white-space: nowrap; }
@media (max-width: 640px) {
  .stack.numbers tr { padding: .45rem 0; }
  .stack.numbers th { font-weight: 600; }
  .stack.numbers td { display: inline-block; margin-right: .9rem; text-align: left; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .beside { grid-template-columns: 1fr; }
}
@media print {
  .tiles { grid-template-columns: repeat(4, 1fr); } .tiles div { border: 1px solid var(--line); }
  .side { grid-template-columns: 1fr 1fr; } h3, .what { break-after: avoid; }
  .whole, .beside, .what { break-inside: avoid; } .tiles + .what { break-after: auto; }
}
"""
)


class Figures(Protocol):
    """What the page shows: the tables of `Insights`, by the parameters that they take there."""

    @property
    def name(self) -> str: ...
    @property
    def today(self) -> date: ...
    @property
    def measured(self) -> Sequence[object]: ...
    def overview(self) -> Table: ...
    def outcomes(self, by: str | None) -> Table: ...
    def days(self, by: str | None) -> Table: ...
    def resolution_times(self) -> Table: ...
    def ageing(self) -> Table: ...
    def money(self, by: str | None = None) -> Table: ...
    def promises(self, by: str | None = None) -> Table: ...
    def entry_lag(self) -> Table: ...


def page(insights: Figures) -> str:
    """The page, in ASCII, so that it reads the same whatever encoding a server or a mail program takes it for."""
    body = [_head(insights)]
    if insights.measured:
        body += [
            _tiles(insights.overview()),
            *_sections(insights),
            f'<p class="what">{escape(f"n/a (3) means that 3 are too few to say. {GIVEN_FROM}")}</p>',
            "</main>",
        ]
    else:
        body.append("<main><p>No cases are logged yet, so there is nothing to count.</p></main>")
    made = html.page(f"{TITLE}: {insights.name}", "\n".join(body), style=STYLE)
    return made.encode("ascii", "xmlcharrefreplace").decode()


def write(path: Path, content: str) -> None:
    """Write a page, whole or not at all, over an older one or where there is nothing.

    Raises UsageError where something else stands there, such as the workbook; CannotWrite where it cannot be written.
    """
    ours = f"<title>{TITLE}".encode()
    try:
        if not atomic_file.write_own(path, content.encode("ascii"), lambda there: not there or ours in there):
            raise UsageError(
                f"{path} is no page of insights and is left as it is. Name another file, such as insights.html."
            )
    except OSError as error:
        raise CannotWrite(f"{path} cannot be written: {reason(error)}.") from error


def _head(insights: Figures) -> str:
    about = f"{insights.name}, as of {insights.today}" if insights.name else f"As of {insights.today}"
    lead = f'<p class="lead">{escape(" ".join(summary(insights)))}</p>' if insights.measured else ""
    return f'<header>\n<h1>{TITLE}</h1>\n<p class="soft">{escape(about)}</p>\n{lead}</header>'


def summary(insights: Figures) -> list[str]:
    """What the figures say, in a few plain sentences; nothing that too few cases stand behind."""
    figures = {str(row[0]): row[1] for row in insights.overview().rows}
    total = insights.outcomes(None)
    counts = dict(zip(total.header, total.rows[0], strict=True))
    cases, still_open = int(str(counts["Cases"])), int(str(counts["Open"]))
    said = [
        f"{cases:,} {'case' if cases == 1 else 'cases'}, of which {still_open:,} {'is' if still_open == 1 else 'are'} "
        "open."
    ]
    share = figures["Refunded, of the closed"]
    if not isinstance(share, TooFew):
        said.append(
            f"Of the {cases - still_open:,} closed, {shown(counts[REFUNDED])} ({shown(share)}) were refunded and "
            f"{shown(counts['Denied'])} ({shown(figures['Denied, of the closed'])}) denied."
        )
    median, slowest = figures["Days to resolution, median"], figures["Days to resolution, nine in ten within"]
    if not isinstance(median, TooFew):
        tail = "" if isinstance(slowest, TooFew) else f", nine in ten within {ceil(float(slowest))}"
        said.append(f"Half of them took {ceil(float(median))} days or less{tail}.")
    kept = figures["Support's promises kept on time"]
    if not isinstance(kept, TooFew):
        said.append(f"Support kept {shown(kept)} of its promises on time.")
    return said


def _tiles(table: Table) -> str:
    tiles = [
        f"<div><dt>{escape(str(label))}</dt><dd{' class=few' if isinstance(value, TooFew) else ''}>"
        f"{_tile(value)}</dd></div>"
        for label, value, _ in table.rows
    ]
    return f'<main>\n<dl class="tiles">{"".join(tiles)}</dl>\n<p class="what">{escape(table.counts)}</p>'


def _tile(value: Cell) -> str:
    return escape(f"n/a ({value})") if isinstance(value, TooFew) else escape(shown(value))


def _sections(insights: Figures) -> list[str]:
    i = insights
    return [
        _section("What came of it", i.outcomes("reason"), i.outcomes("issuer"), i.outcomes("agent")),
        _section("Month by month", i.outcomes("month"), i.days("month")),
        _section("How long it takes", i.resolution_times(), i.days("reason"), i.days("issuer"), i.days("agent")),
        _section("What is still open", i.ageing()),
        _section("Money", i.money(), i.money("reason")),
        _section("Promises", i.promises(), i.promises("agent")),
        _section("The log itself", i.entry_lag()),
    ]


def _section(title: str, *tables: Table) -> str:
    """The tables under a heading; what they count is said again only where it is something else."""
    said = ["", *(table.counts for table in tables)]
    blocks = [
        _block(table, "" if table.counts == before else table.counts)
        for table, before in zip(tables, said, strict=False)
    ]
    return f"<section>\n<h2>{escape(title)}</h2>\n{''.join(blocks)}</section>"


def _block(table: Table, counts: str) -> str:
    heading = f"<h3>{escape(table.title)}</h3>" + (f'<p class="what">{escape(counts)}</p>' if counts else "")
    if not table.rows:
        return f"{heading}<p>None yet.</p>\n"
    drawn = svg_charts.chart(table)
    rows = [[_cell(cell, table.currency_of(row)) for cell in row] for row in table.rows]
    header = [label.replace("9 in 10", "9\u00a0in\u00a010") for label in table.header]
    figures = html.table(header, rows, name="numbers two" if table.keys == 2 else "numbers")
    if len(table.header) == 2:
        return f'{heading}<div class="beside"><div>{drawn}</div>{figures}</div>\n'
    picture = f'<div class="side">{drawn}</div>' if drawn.count("<figure>") > 1 else drawn
    return f'<div class="whole">{heading}{picture}</div>{figures}\n'


def _cell(cell: Cell, currency: str) -> str:
    if isinstance(cell, TooFew):
        return f'<span class="few" title="{escape(str(cell))}">{escape(shown(cell))}</span>'
    return escape(shown(cell, currency))
