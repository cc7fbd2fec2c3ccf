"""`refundbook list`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

import click

from refundbook.base.amounts import money_text
from refundbook.base.date_reader import read_date
from refundbook.base.dates import day_of
from refundbook.base.errors import BadValue, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BOOK, CASES, RESOLUTIONS
from refundbook.base.tone import Tone
from refundbook.cli import completion
from refundbook.cli.common import complain, width
from refundbook.cli.many import Answers, Asked, ask
from refundbook.cli.many_options import many_options
from refundbook.cli.output import ROW_FORMS, echo_rows, format_options
from refundbook.record.case_columns import case_column, sort_key
from refundbook.record.casefile import status_tone
from refundbook.record.records import Records
from refundbook.views import search
from refundbook.views.conditions import condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from refundbook.book import Book

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
@many_options
@click.pass_obj
def list_(asked: Asked, /, since: str | None, form: str, as_json: bool, **chosen: Any) -> None:
    """List cases: all, or those that are open, of a status, for a reason, from an issuer, since a day.

    \b
    refundbook list --open
    refundbook list --reason Defective --since 2023-10-01 --format csv
    refundbook list --where "Seller=Shop Nine" --columns "Case Number, Seller, Status" --sort "Date Opened"
    refundbook -b "shops/*.xlsx" list --open
    """
    form = "json" if as_json else form
    room = width() if form == "table" else max(_SHOWN_FROM)
    answers = ask(asked, partial(_listing, options=Options(since=since, room=room, **chosen)))
    lists = {name: one for name, one in answers.found.items() if isinstance(one, Listing)}
    if (lacking := [one for one in answers.found.values() if isinstance(one, Lacking)]) and not lists:
        raise lacking[0].error
    lines = [(name, line) for name, one in lists.items() for line in one.lines]
    if not lines:
        complain("No case fits.")
    if sort := chosen["sort"]:
        lines = _sorted(lines, is_turned=sort.startswith("-"))
    _echo(form, next((one.header for one in lists.values()), ()), lines, answers)
    answers.finish()


class Options(NamedTuple):
    """What was asked for. `room` is how wide a table may be."""

    is_open: bool | None
    statuses: tuple[str, ...]
    reasons: tuple[str, ...]
    issuers: tuple[str, ...]
    conditions: tuple[str, ...]
    columns: str | None
    sort: str | None
    since: str | None
    room: int


class Line(NamedTuple):
    """A case as it is printed, as JSON has it, its colours by column, and what it is sorted by."""

    row: Sequence[object]
    data: dict[str, object]
    tones: Mapping[int, Tone]
    key: tuple[bool, int, Any]


class Listing(NamedTuple):
    """The cases of one workbook."""

    header: Sequence[str]
    lines: Sequence[Line]


class Lacking(NamedTuple):
    """One workbook has no such column or value; others may have it."""

    error: UsageError


def _listing(book: Book, options: Options) -> Listing | Lacking:
    """What fits in one workbook."""
    try:
        found = _found(book.records, options)
        columns = options.columns
        return _lines(book.records, found, options) if columns is None else _in_columns(book.records, found, options)
    except UsageError as error:
        return Lacking(error)


def _found(records: Records, options: Options) -> list[search.CaseLine]:
    try:
        first = None if options.since is None else day_of(read_date(_SINCE, options.since, records.clock))
    except BadValue as error:
        raise UsageError(str(error)) from error
    return search.list_cases(
        records,
        is_open=options.is_open,
        statuses=options.statuses,
        reasons=options.reasons,
        issuers=options.issuers,
        since=first,
        where=[condition(records, text) for text in options.conditions],
    )


def _keys(records: Records, found: Sequence[search.CaseLine], sort: str | None) -> list[tuple[bool, int, Any]]:
    if sort is None:
        return [sort_key(None) for _ in found]
    column = case_column(records, sort.removeprefix("-"))
    return [sort_key(column.newest(line.position)) for line in found]


def _sorted(lines: Sequence[tuple[str, Line]], *, is_turned: bool) -> list[tuple[str, Line]]:
    """In the order of their keys; blanks come last, whichever way."""
    order = sorted(lines, key=lambda line: line[1].key[1:], reverse=is_turned)
    return sorted(order, key=lambda line: line[1].key[0])


def _in_columns(records: Records, found: Sequence[search.CaseLine], options: Options) -> Listing:
    columns = [case_column(records, name.strip()) for name in (options.columns or "").split(",") if name.strip()]
    if not columns:
        raise UsageError('--columns names no column: write headers with commas between, such as "Case Number, Status".')
    header = [column.header for column in columns]
    rows = [[column.newest(line.position) for column in columns] for line in found]
    keys = _keys(records, found, options.sort)
    return Listing(
        header, [Line(row, dict(zip(header, row, strict=True)), {}, key) for row, key in zip(rows, keys, strict=True)]
    )


def _lines(records: Records, found: Sequence[search.CaseLine], options: Options) -> Listing:
    columns = [k for k, least in enumerate(_SHOWN_FROM) if least <= options.room]
    header = [_LIST_HEADERS[k] for k in columns]
    status = header.index(RESOLUTIONS["status"].header)
    keys = _keys(records, found, options.sort)
    lines = [
        Line([_list_row(line)[k] for k in columns], _data(line), {status: status_tone(line.status)}, key)
        for line, key in zip(found, keys, strict=True)
    ]
    return Listing(header, lines)


def _echo(form: str, header: Sequence[str], lines: Sequence[tuple[str, Line]], answers: Answers[Any]) -> None:
    shift = int(answers.are_many)
    rows = [(name, *line.row) if shift else line.row for name, line in lines]
    tones = [{column + shift: tone for column, tone in line.tones.items()} for _, line in lines]
    whole = [column + shift for column, name in enumerate(header) if name in _WHOLE]

    def data() -> object:
        if not shift:
            return [line.data for _, line in lines]
        return {"rows": [{"book": name, **line.data} for name, line in lines], "failed": answers.failed_records()}

    echo_rows(form, [BOOK, *header] if shift else header, rows, data, whole=whole, tones=tones)


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
