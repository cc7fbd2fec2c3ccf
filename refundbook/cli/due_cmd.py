"""`refundbook due`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from refundbook.base.errors import BadValue, RulesRefuse, UsageError
from refundbook.base.schema import CASES, COMMUNICATIONS
from refundbook.base.tone import Tone
from refundbook.base.values import to_text
from refundbook.cli.common import complain, say, shown
from refundbook.cli.many import Asked, Chosen, ask, echo_many
from refundbook.cli.many_options import many_options
from refundbook.cli.output import ROW_FORMS, format_options
from refundbook.record import promises

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book
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
@many_options
@click.pass_obj
def due(asked: Asked, within: str | None, fail_if_overdue: bool, ics: Path | None, form: str, as_json: bool) -> None:
    """Print what is late and what is due soon, the oldest first.

    What support promised and has not kept, what you promised, gateways' deadlines for your answer, and open cases in
    which support has not replied within the response target of the Settings sheet. A final resolution stops the clocks
    of its case; a message to support does not stop a gateway's.

    \b
    refundbook due
    refundbook due --within 3d --fail-if-overdue
    refundbook due --ics refunds.ics
    """
    if ics is not None and isinstance(asked, Chosen):
        raise UsageError("A calendar is made of one workbook: --ics goes with one -b.")
    answers = ask(asked, partial(_due, within=within, ics=ics))
    form = "json" if as_json else form
    found = [deadline for of_book in answers.found.values() for deadline in of_book]
    if not found and form == "table":
        say("Nothing is late, and nothing is due soon.")
    else:
        echo_many(form, _HEADERS, answers, _rows, _data, whole=(0, 2), tones=lambda due: list(map(_tones, due)))
    answers.finish(RulesRefuse.exit_code if fail_if_overdue and any(d.overdue for d in found) else 0)


def _due(book: Book, within: str | None, ics: Path | None) -> list[promises.Deadline]:
    try:
        found = list(book.due(within))
    except BadValue as error:  # for cron, 1 says that something is late
        raise UsageError(str(error)) from error
    if ics is not None:
        _write_calendar(book.path, ics, book.records)
    return found


def _rows(found: list[promises.Deadline]) -> list[tuple[object, ...]]:
    return [(to_text(d.by), d.when, d.number, d.entry, d.who, d.what) for d in found]


def _data(found: list[promises.Deadline]) -> list[dict[str, object]]:
    return [d.to_record() for d in found]


def _tones(deadline: promises.Deadline) -> dict[int, Tone]:
    return {1: Tone.BAD if deadline.overdue else Tone.SOON if deadline.by else Tone.PLAIN}


def _write_calendar(book: Path, path: Path, records: Records) -> None:
    from refundbook.views.calendar import calendar, write_calendar

    data = calendar(records, f"Refunds: {book.stem}")
    write_calendar(path, data)
    complain(f"Wrote {data.count(b'BEGIN:VEVENT')} events to {shown(path)}.")
