"""`refundbook due`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from refundbook.base.errors import BadValue, RulesRefuse, UsageError
from refundbook.base.schema import CASES, COMMUNICATIONS
from refundbook.base.tone import Tone
from refundbook.base.values import to_text
from refundbook.cli.common import complain, loaded, say, shown
from refundbook.cli.output import ROW_FORMS, echo_rows, format_options
from refundbook.record import promises

if TYPE_CHECKING:
    from refundbook.record.records import Records

_HEADERS = (COMMUNICATIONS["due"].header, "When", CASES["number"].header, COMMUNICATIONS["entry"].header, "Who", "What")


@click.command()
@click.option(
    "--within", metavar="SPAN", help="How far to look ahead, such as 3d, 2 weeks or a date.  [default: 7 days]"
)
@click.option("--fail-if-overdue", is_flag=True, help="End with exit code 1 when something is late, for cron.")
@click.option(
    "--ics",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write a calendar with every deadline that is open. Importing a newer one updates it.",
)
@format_options(*ROW_FORMS)
@click.pass_obj
def due(book: Path, within: str | None, fail_if_overdue: bool, ics: Path | None, form: str, as_json: bool) -> None:
    """Print what is late and what is due soon, the oldest first.

    What support promised and has not kept, what you promised, gateways' deadlines for your answer, and open cases in
    which support has not replied within the response target of the Settings sheet. A final resolution stops the clocks
    of its case; a message to support does not stop a gateway's.

    \b
    refundbook due
    refundbook due --within 3d --fail-if-overdue
    refundbook due --ics refunds.ics
    """
    read = loaded(book)
    try:
        found = read.due(within)
    except BadValue as error:  # for cron, 1 says that something is late
        raise UsageError(str(error)) from error
    if ics is not None:
        _write_calendar(read.path, ics, read.records)
    form = "json" if as_json else form
    if not found and form == "table":
        say("Nothing is late, and nothing is due soon.")
    else:
        rows = [(to_text(d.by), d.when, d.number, d.entry, d.who, d.what) for d in found]
        echo_rows(
            form, _HEADERS, rows, lambda: [d.to_record() for d in found], whole=(0, 2), tones=[_tones(d) for d in found]
        )
    if fail_if_overdue and any(d.overdue for d in found):
        raise SystemExit(RulesRefuse.exit_code)


def _tones(deadline: promises.Deadline) -> dict[int, Tone]:
    return {1: Tone.BAD if deadline.overdue else Tone.SOON if deadline.by else Tone.PLAIN}


def _write_calendar(book: Path, path: Path, records: Records) -> None:
    from refundbook.views.calendar import calendar, write_calendar

    data = calendar(records, f"Refunds: {book.stem}")
    write_calendar(path, data)
    complain(f"Wrote {data.count(b'BEGIN:VEVENT')} events to {shown(path)}.")
