"""`refundbook due` and `refundbook keep`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from refundbook import promises
from refundbook.cli import completion
from refundbook.cli.common import complain, echo_json, editing, loaded, say, shown
from refundbook.cli.printing import ROW_FORMS, echo_rows, format_options
from refundbook.display import Tone, one_line
from refundbook.errors import BadValue, RulesRefuse, UsageError
from refundbook.schema import CASES, COMMUNICATIONS
from refundbook.values import to_text

if TYPE_CHECKING:
    from refundbook.records import Records

_HEADERS = (COMMUNICATIONS["due"].header, "When", CASES["number"].header, COMMUNICATIONS["entry"].header, "Who", "What")  # fmt: skip


@click.command()
@click.option(
    "--within", metavar="SPAN", help="How far to look ahead, such as 3d, 2 weeks or a date.  [default: 7 days]"
)
@click.option("--fail-if-overdue", is_flag=True, help="End with exit code 1 when something is late, for cron.")
@click.option("--ics", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Also write a calendar with every deadline that is open. Importing a newer one updates it.")  # fmt: skip
@format_options(*ROW_FORMS)
@click.pass_obj
def due(book: Path, within: str | None, fail_if_overdue: bool, ics: Path | None, form: str, as_json: bool) -> None:
    """Print what is late and what is due soon, the oldest first.

    What support promised and has not kept, what you promised, gateways' deadlines for your answer, and open cases in which support has not
    replied within the response target of the Settings sheet. A final resolution stops the clocks of its case; a message to support does not stop a
    gateway's.

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
        echo_rows(form, _HEADERS, rows, lambda: [d.to_record() for d in found], whole=(0, 2), tones=[_tones(d) for d in found])  # fmt: skip
    if fail_if_overdue and any(d.overdue for d in found):
        raise SystemExit(RulesRefuse.exit_code)


def _tones(deadline: promises.Deadline) -> dict[int, Tone]:
    return {1: Tone.BAD if deadline.overdue else Tone.SOON if deadline.by else Tone.PLAIN}


def _write_calendar(book: Path, path: Path, records: Records) -> None:
    from refundbook.ics import calendar, write_calendar

    data = calendar(records, f"Refunds: {book.stem}")
    write_calendar(path, data)
    complain(f"Wrote {data.count(b'BEGIN:VEVENT')} events to {shown(path)}.")


@click.command()
@click.argument("entry", type=click.IntRange(min=1), shell_complete=completion.promises)
@click.option("--on", metavar="DATE", help="The day on which it was kept.  [default: today]")
@click.option("--dry-run", is_flag=True, help="Check it and say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_obj
def keep(book: Path, entry: int, on: str | None, dry_run: bool, as_json: bool) -> None:
    """Mark the promise in a message as kept. ENTRY is the message's number, as `refundbook due` prints it.

    \b
    refundbook keep 3
    refundbook keep 3 --on 2023-10-30
    """
    with editing(book, dry_run) as opened:
        kept = opened.keep(entry, on)
    sheet = COMMUNICATIONS
    number, what, day = (to_text(kept.values[name]) for name in ("number", "promise", "kept_on"))
    if as_json:
        values = {sheet[name].header: value for name, value in kept.values.items() if value is not None}
        echo_json({"would_keep" if dry_run else "kept": values})
        return
    say(
        f"{'Would mark' if dry_run else 'Marked'} as kept on {day}: entry {entry} of {one_line(number)}, {one_line(what)}"
    )
    for warning in kept.warnings:
        complain(str(warning))
    if dry_run:
        say(f"{shown(opened.path)} was not changed.")
