"""How the commands print what they found: in the form that was asked for, and in colour only at a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import click

from refundbook.base.text import safe
from refundbook.base.tone import Tone
from refundbook.cli.common import echo_json, say, width
from refundbook.render import text as display
from refundbook.render.text import Paint
from refundbook.system.streams import ready_for_csv

Function = TypeVar("Function", bound=Callable[..., Any])

ROW_FORMS = ("table", "csv", "json", "markdown")

_LOOKS: dict[Tone, dict[str, Any]] = {
    Tone.TITLE: {"bold": True},
    Tone.GOOD: {"fg": "green"},
    Tone.SOON: {"fg": "yellow"},
    Tone.BAD: {"fg": "red", "bold": True},
}


def format_options(*forms: str) -> Callable[[Function], Function]:
    """`--format`, whose first form is the default, and `--json`: the parameters `form` and `as_json`."""

    def declare(function: Function) -> Function:
        as_json = click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
        form = click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True)
        return form(as_json(function))

    return declare


def wants_colour() -> bool:
    """Whether standard output is a terminal that shows colours. $NO_COLOR (no-color.org) forbids them, $FORCE_COLOR
    asks for them in a pipe, too.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def painted(text: str, tone: Tone) -> str:
    """A piece of safe text in the colour of its tone."""
    look = _LOOKS.get(tone)
    return click.style(text, **look) if look else text


def paint() -> Paint:
    """`painted`, or what leaves text as it is where no colour is wanted."""
    return painted if wants_colour() else display.unpainted


def echo_rows(
    form: str,
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    data: Callable[[], object],
    *,
    whole: Collection[int] = (),
    tones: Sequence[Mapping[int, Tone]] = (),
) -> None:
    """Print rows as a table, CSV or Markdown, or `data` as JSON. `whole` and `tones` are for the table (see
    `display.to_table`).
    """
    if form == "json":
        echo_json(data())
    elif form == "csv":
        say_file(ready_for_csv(sys.stdout) + display.to_csv(header, rows))
    elif form == "markdown":
        say_file(display.to_markdown(header, rows))
    else:
        say_painted(display.to_table(header, rows, width(), whole=whole, tones=tones, paint=paint()))


def say_file(text: str) -> None:
    """Print what is meant for a file; at a terminal, what hides or reorders text is shown as an escape."""
    say(safe(text) if sys.stdout.isatty() else text, end=False)


def say_painted(text: str) -> None:
    """Print text that `paint` had its hand in."""
    say(text, end=False, colour=wants_colour())
