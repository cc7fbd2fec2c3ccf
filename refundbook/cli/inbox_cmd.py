"""`refundbook inbox`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.errors import RulesRefuse
from refundbook.base.text import one_line
from refundbook.cli.common import complain, echo_json, editing, say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.storage.inbox import Waiting

_LONGEST = 500
"""Characters that are shown of a line that cannot be read."""


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.pass_context
def inbox(context: click.Context, as_json: bool) -> None:
    """List what was kept while the workbook could not be written.

    \b
    refundbook inbox
    refundbook inbox enter

    Every command that writes enters it first, in order, each entry once and with the time at which it was made. What
    the rules refuse stays here with the reason.
    """
    if context.invoked_subcommand is None:
        _list(context.obj, as_json)
    elif as_json:
        raise click.UsageError("Give --json alone.", context)


def _list(book: Path, as_json: bool) -> None:
    from refundbook.storage.inbox import Inbox
    from refundbook.storage.workbook_file import WorkbookFile

    WorkbookFile(book).refuse_if_missing()
    waiting = Inbox(book).entries()
    if as_json:
        echo_json([{"number": number, **_data(entry)} for number, entry in enumerate(waiting, 1)])
        return
    if not waiting:
        say(f"Nothing waits in the inbox of {one_line(book.name)}.")
    for number, entry in enumerate(waiting, 1):
        say(f"{number}  {one_line(_described(entry))}")
        for finding in entry.refused:
            reason = " ".join(str(finding.get(key, "")) for key in ("code", "message", "hint"))
            say(f"   refused: {one_line(reason)}")


def _data(entry: Waiting) -> dict[str, object]:
    return {"id": entry.id, "pillar": entry.pillar, "fields": entry.fields, "refused": list(entry.refused)}


def _described(entry: Waiting) -> str:
    from refundbook.base.schema import BY_PILLAR

    if not entry.pillar:
        return entry.line if len(entry.line) <= _LONGEST else f"{entry.line[:_LONGEST]}…"
    sheet = BY_PILLAR[entry.pillar]
    said = [
        str(entry.fields.get(sheet[name].header, "")) for name in (_TELLING[entry.pillar], "logged_at", "logged_by")
    ]
    what, at, by = said
    return f"{entry}: {what} (made {at.replace('T', ' ')} by {by or 'somebody'})"


_TELLING = {"case": "opened", "communication": "summary", "resolution": "status"}
"""The column of each pillar that tells one entry from another."""


@inbox.command()
@click.argument("number", type=int)
@click.pass_obj
def drop(book: Path, number: int) -> None:
    """Take the entry with this NUMBER in the list out, for good.

    \b
    refundbook inbox drop 1
    """
    from refundbook.storage.inbox import Inbox

    dropped = Inbox(book).drop(number, complain)
    say(f"Dropped {one_line(_described(dropped))}")


@inbox.command()
@click.option("--ignore-open", is_flag=True, help="Write although an owner file says that somebody has it open.")
@click.pass_obj
def enter(book: Path, ignore_open: bool) -> None:
    """Enter now what waits.

    \b
    refundbook inbox enter
    """
    from refundbook.storage.inbox import Inbox

    with editing(book, ignore_open=ignore_open):
        left = Inbox(book).entries()
    if left:
        raise SystemExit(RulesRefuse.exit_code)
    say(f"Nothing waits in the inbox of {one_line(book.name)} any more.")
