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
from refundbook.record.casefile import status_tone
from refundbook.views import search

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
@click.option("--since", metavar="DATE", help="Only cases opened on this day or later.")
@format_options(*ROW_FORMS)
@click.pass_obj
def list_(
    book: Path,
    is_open: bool | None,
    statuses: tuple[str, ...],
    reasons: tuple[str, ...],
    issuers: tuple[str, ...],
    since: str | None,
    form: str,
    as_json: bool,
) -> None:
    """List cases: all, or those that are open, of a status, for a reason, from an issuer, since a day.

    \b
    refundbook list --open
    refundbook list --reason Defective --since 2023-10-01 --format csv
    """
    records = loaded(book).records
    try:
        first = None if since is None else day_of(read_date(_SINCE, since, records.clock))
    except BadValue as error:
        raise UsageError(str(error)) from error
    found = search.list_cases(
        records, is_open=is_open, statuses=statuses, reasons=reasons, issuers=issuers, since=first
    )
    if not found:
        complain("No case fits.")
    form = "json" if as_json else form
    room = width() if form == "table" else max(_SHOWN_FROM)
    columns = [k for k, least in enumerate(_SHOWN_FROM) if least <= room]
    header = [_LIST_HEADERS[k] for k in columns]
    rows = [[row[k] for k in columns] for row in map(_list_row, found)]
    status = header.index(RESOLUTIONS["status"].header)
    tones = [{status: status_tone(line.status)} for line in found]
    whole = [k for k, name in enumerate(header) if name in _WHOLE]
    echo_rows(form, header, rows, lambda: [asdict(line) for line in found], whole=whole, tones=tones)


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
