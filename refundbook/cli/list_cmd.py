"""`refundbook list`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from refundbook.base.amounts import money_text
from refundbook.base.date_reader import read_date
from refundbook.base.dates import day_of
from refundbook.base.errors import BadValue, UsageError
from refundbook.base.schema import CASES, RESOLUTIONS
from refundbook.cli import completion
from refundbook.cli.common import complain, loaded, width
from refundbook.cli.output import ROW_FORMS, echo_rows, format_options
from refundbook.record.case_columns import case_column, sort_key
from refundbook.record.casefile import status_tone
from refundbook.record.records import Records
from refundbook.views import search
from refundbook.views.conditions import condition

_SINCE = CASES["opened"]


@click.command("list")
@click.option("--open/--closed", "is_open", default=None, help="Only open cases, or only those that have ended.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    shell_complete=completion.values(RESOLUTIONS["status"]),
    help="Only cases with this status. May be given several times, like the next two.",
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    shell_complete=completion.values(CASES["reason"]),
    help="Only cases with this reason.",
)
@click.option(
    "--issuer",
    "issuers",
    multiple=True,
    shell_complete=completion.values(CASES["issuer"]),
    help="Only cases with a number from this issuer.",
)
@click.option(
    "--where",
    "conditions",
    metavar="CONDITION",
    multiple=True,
    shell_complete=completion.headers("="),
    help='Only cases of which this is true, such as "Seller=Shop Nine", "Amount Requested>50", "Notes~broken", '
    '"Seller!=". Any header of the three sheets will do, your own among them. May be given several times.',
)
@click.option(
    "--columns",
    metavar="HEADERS",
    shell_complete=completion.headers(),
    help='What to print, such as "Case Number, Seller, Status".',
)
@click.option(
    "--sort",
    metavar="HEADER",
    shell_complete=completion.headers(),
    help="Order by this column; -HEADER turns it round.",
)
@click.option("--since", metavar="DATE", help="Only cases opened on this day or later.")
@format_options(*ROW_FORMS)
@click.pass_obj
def list_(
    book: Path,
    is_open: bool | None,
    statuses: tuple[str, ...],
    reasons: tuple[str, ...],
    issuers: tuple[str, ...],
    conditions: tuple[str, ...],
    columns: str | None,
    sort: str | None,
    since: str | None,
    form: str,
    as_json: bool,
) -> None:
    """List cases: all, or those that are open, of a status, for a reason, from an issuer, since a day.

    \b
    refundbook list --open
    refundbook list --reason Defective --since 2023-10-01 --format csv
    refundbook list --where "Seller=Shop Nine" --columns "Case Number, Seller, Status" --sort "Date Opened"
    """
    records = loaded(book).records
    try:
        first = None if since is None else day_of(read_date(_SINCE, since, records.clock))
    except BadValue as error:
        raise UsageError(str(error)) from error
    where = [condition(records, text) for text in conditions]
    found = search.list_cases(
        records, is_open=is_open, statuses=statuses, reasons=reasons, issuers=issuers, since=first, where=where
    )
    if sort is not None:
        found = _sorted(records, found, sort)
    if not found:
        complain("No case fits.")
    form = "json" if as_json else form
    if columns is not None:
        _echo_columns(records, found, columns, form)
    else:
        _echo_lines(found, form)


def _sorted(records: Records, found: Sequence[search.CaseLine], name: str) -> list[search.CaseLine]:
    is_turned = name.startswith("-")
    column = case_column(records, name.removeprefix("-"))
    keys = [sort_key(column.newest(line.position)) for line in found]
    order = sorted(range(len(found)), key=lambda k: keys[k][1:], reverse=is_turned)
    return [found[k] for k in sorted(order, key=lambda k: keys[k][0])]


def _echo_columns(records: Records, found: Sequence[search.CaseLine], said: str, form: str) -> None:
    columns = [case_column(records, name.strip()) for name in said.split(",") if name.strip()]
    if not columns:
        raise UsageError('--columns names no column: write headers with commas between, such as "Case Number, Status".')
    header = [column.header for column in columns]
    rows = [[column.newest(line.position) for column in columns] for line in found]
    echo_rows(form, header, rows, lambda: [dict(zip(header, row, strict=True)) for row in rows], whole=(0,))


def _echo_lines(found: Sequence[search.CaseLine], form: str) -> None:
    room = width() if form == "table" else max(_SHOWN_FROM)
    columns = [k for k, least in enumerate(_SHOWN_FROM) if least <= room]
    header = [_LIST_HEADERS[k] for k in columns]
    rows = [[row[k] for k in columns] for row in map(_list_row, found)]
    status = header.index(RESOLUTIONS["status"].header)
    tones = [{status: status_tone(line.status)} for line in found]
    whole = [k for k, name in enumerate(header) if name in _WHOLE]
    echo_rows(form, header, rows, lambda: list(map(_data, found)), whole=whole, tones=tones)


def _data(line: search.CaseLine) -> dict[str, object]:
    data = asdict(line)
    del data["position"]
    return data


_LIST_HEADERS = (
    CASES["number"].header,
    CASES["opened"].header,
    "Days",
    RESOLUTIONS["status"].header,
    CASES["reason"].header,
    CASES["customer"].header,
    CASES["item"].header,
    CASES["issuer"].header,
    "Asked",
    "Paid",
)
_SHOWN_FROM = (0, 90, 0, 0, 0, 120, 120, 120, 90, 90)
"""The columns that a terminal must have for each of them to be shown."""

_WHOLE = (CASES["number"].header, CASES["opened"].header, "Asked", "Paid")


def _list_row(line: search.CaseLine) -> Sequence[object]:
    about = (line.reason, line.customer, line.item, line.issuer)
    return line.number, line.opened, line.days_open, line.status, *about, money_text(line.asked), money_text(line.paid)
