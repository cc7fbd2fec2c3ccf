"""`refundbook log`."""

from __future__ import annotations

from pathlib import Path

import click

from refundbook.base.schema import COMMUNICATIONS
from refundbook.base.text import one_line
from refundbook.cli import completion, log_entry, own_values
from refundbook.cli.common import given_bytes, is_asked, today
from refundbook.cli.entering import FLAGS, How, enter_one

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_MAX_TEXT = 1 << 20
"""Bytes of a text on standard input; a cell holds 32,767 characters."""


@click.pass_obj
def _run(book: Path, /, number: str, text: str, attach: tuple[Path, ...], own: tuple[str, ...], **given: Any) -> None:
    how = How(**{name: given.pop(name) for name in How._fields})
    to, buyer = given.pop("to"), given.pop("buyer")
    others = {name: value for name, value in given.items() if value is not None}
    own_values.put(others, own)
    if "agent" not in others and not to and not buyer and is_asked():
        others.update(_asked_agent(book, number))
    message = log_entry.Message(number, _text(text), to, buyer, others)
    enter_one(book, COMMUNICATIONS, message.fields(), how, attach=attach, command=log_entry.COMMAND)


def _text(said: str) -> str:
    if said != "-":
        return said
    try:
        return given_bytes("-", _MAX_TEXT).decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise click.UsageError("The text on standard input is not in UTF-8.") from error


def _asked_agent(book: Path, number: str) -> dict[str, str]:
    """The agent who signed the case's last reply is offered; nothing where none did."""
    from refundbook.base.errors import RefundbookError
    from refundbook.book import glance

    try:
        with glance(book, today=today()) as opened:
            last = opened.last_agent(opened.number_meant(number))
    except RefundbookError:
        return {}  # what is wrong is said where the message is entered
    if not last:
        return {}
    said = click.prompt(f"Agent (- for none) [{one_line(last)}]", default=last, show_default=False, err=True).strip()
    return {} if said == "-" else {"agent": said}


def _option(name: str, option: str) -> click.Option:
    column = COMMUNICATIONS[name]
    said = {"date": "When it was.  [default: now]"}.get(name, column.help)
    return click.Option([option, name], help=said, shell_complete=completion.values(column))


log = click.Command(
    "log",
    callback=_run,
    params=[
        click.Argument(["number"], shell_complete=completion.cases),
        click.Argument(["text"]),
        *(click.Option([flag, name], is_flag=True, help=help) for flag, (name, help) in log_entry.FLAGS.items()),
        *(_option(name, option) for option, name in log_entry.OPTIONS.items()),
        click.Option(
            [log_entry.ATTACH, "attach"],
            multiple=True,
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="A file to keep with it, in the folder evidence beside the workbook. May be given several times.",
        ),
        click.Option(
            [own_values.OPTION, "own"],
            metavar=own_values.METAVAR,
            multiple=True,
            help=own_values.HELP,
            shell_complete=completion.assignments(COMMUNICATIONS),
        ),
        *(click.Option([flag, name], is_flag=True, help=help) for flag, (name, help) in FLAGS.items()),
    ],
    help="""Enter a message about a case, in the shortest way: received from support, now.

    \b
    refundbook log 789012 "Label sent."
    refundbook log 789012 "They look into it." --agent Maya --promise Investigate --due "48 hrs"
    refundbook log 789012 "Sent the photos." --to --attach photo.jpg
    refundbook log 789012 "Parcel came." --buyer
    refundbook log 789012 - < reply.txt

    An end of the case's number will do, four characters or more that no other case has. At a terminal the agent of the
    case's last reply is offered. With - for the text it is read from standard input.
    """,
)
