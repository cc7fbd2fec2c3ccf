"""The guess of a map: shown as a table, and at a terminal completed by what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from refundbook.base.errors import UsageError
from refundbook.base.schema import BY_PILLAR, RESOLUTIONS
from refundbook.base.text import counted, one_line, quoted
from refundbook.base.values import to_text
from refundbook.cli.common import complain, say, shown, width
from refundbook.cli.output import paint, say_painted
from refundbook.importing import answers
from refundbook.importing.column_map import ImportMap, Target
from refundbook.importing.map_file import to_toml
from refundbook.importing.source_table import SourceTable
from refundbook.render import text as display
from refundbook.storage.workbook_file import create

_SAMPLES = 3
_LONGEST_SAMPLE = 28
_DAYS = {True: "3 April", False: "4 March"}


def show(table: SourceTable, found: ImportMap) -> None:
    """Print where each column would go, with what stands in it."""
    places = dict(found.places())
    rows = [
        (header, ", ".join(map(place_name, places.get(header, ()))) or "not taken", *_samples(table, k))
        for k, header in enumerate(table.headers)
        if header
    ]
    constants = [f"{place_name(target)} = {to_text(value)}" for target, value in found.constants.items()]
    header = ("Column", "Goes to", *("Such as" if k == 0 else "" for k in range(_SAMPLES)))
    say_painted(display.to_table(header, rows, width(), whole={1}, paint=paint()))
    if constants:
        say(f"For every row: {', '.join(constants)}.")
    for said in _forms(found):
        say(said)


def _forms(found: ImportMap) -> Iterator[str]:
    """How dates and amounts are read, where the cells of the table tell it."""
    if found.day_first is not None:
        yield f"Its dates are read so that 03/04/2023 is {_DAYS[found.day_first]}."
    if found.date_format is not None:
        yield f"Its dates are written as {found.date_format} (in the terms of Python's strptime)."
    if found.decimal is not None:
        yield f"Its amounts have {quoted(found.decimal)} before decimals."


def place_name(target: Target) -> str:
    """A place in words, such as `Date Opened (Cases)`."""
    if target.is_own:
        return "a column of your own"
    if target.is_tracker:
        return {"reply": "last reply: date and agent", "outcome": "resolution: date and outcome"}[target.name]
    return f"{target.column.header} ({BY_PILLAR[target.pillar].name})"


def _samples(table: SourceTable, column: int) -> list[str]:
    texts = list(dict.fromkeys(text for row in table.rows if (text := one_line(to_text(row[column])))))[:_SAMPLES]
    cut = [text if len(text) <= _LONGEST_SAMPLE else f"{text[: _LONGEST_SAMPLE - 1]}…" for text in texts]
    return [*cut, *[""] * (_SAMPLES - len(cut))]


def refuse_open(table: SourceTable, found: ImportMap) -> None:
    """Raise UsageError where a status is not answered, with the options that answer it."""
    left = answers.questions(table, found)
    for question in left:
        complain(
            f"What does the status {quoted(question.word)} mean ({counted(question.rows, 'row')})? "
            f'{question.meaning.question} Say it with --set-status "{question.word}=…".'
        )
    if left:
        count = "1 status" if len(left) == 1 else f"{len(left)} statuses"
        raise UsageError(f"{count} of {one_line(table.source)} to be answered; nothing was entered.")


def ask(table: SourceTable, found: ImportMap, as_of: str | None) -> tuple[ImportMap, str | None]:
    """The map with what the person at the terminal answers, and the day of ends without a date. Raises Abort where
    they do not want it.
    """
    choices = click.Choice(RESOLUTIONS["status"].choices, case_sensitive=False)
    for question in answers.questions(table, found):
        label = f"{question.word} ({counted(question.rows, 'row')}): {question.meaning.question} Status"
        status = click.prompt(
            label, type=choices, default=question.meaning.proposed or None, err=True, show_choices=False
        )
        found = answers.answered(found, {question.word: status})
    undated = answers.without_dates(table, found)
    if undated and as_of is None:
        label = f"{counted(undated, 'row')} ended without a date. The day of the table, by which they had ended"
        as_of = click.prompt(label, err=True)
    _offer_to_save(table, found)
    click.confirm(
        f"Enter {counted(len(table.rows), 'row')} of {one_line(table.source)}", default=True, abort=True, err=True
    )
    return found, as_of


def _offer_to_save(table: SourceTable, found: ImportMap) -> None:
    said = click.prompt("Save this map as (Enter for not)", default="", show_default=False, err=True)
    if said.strip():
        save(Path(said.strip()), table, found)
        say(f"Saved {shown(Path(said.strip()))}: the next time, --map {shown(Path(said.strip()))}.")


def save(target: Path, table: SourceTable, found: ImportMap) -> None:
    """Write a map. Raises UsageError where there is such a file already."""
    try:
        create(target, to_toml(found, table).encode())
    except FileExistsError as error:
        raise UsageError(f"{target} exists already and is left as it is. Name another file.") from error
