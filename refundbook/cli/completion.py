"""What the shell offers when Tab is pressed: case numbers, open promises, the values of lists. It reads no more than it
needs, and never complains.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SETTINGS, Column, Sheet

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from refundbook.xlsx.reading.reader import Reader

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
Offers = Iterator[tuple[str, str]]
"""Values, each with a word on what it is."""


def _completer(offers: Callable[[Path], Offers]) -> Completer:
    """What `offers` has for the workbook that begins with what was typed; nothing where anything is wrong."""

    @wraps(offers)
    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from refundbook.base.identifiers import canonical

        try:
            typed = canonical(incomplete, ())
            found = [(value, what) for value, what in offers(_book(context)) if canonical(value, ()).startswith(typed)]
        except Exception:  # at the prompt there is no place for a message
            return []
        return [
            CompletionItem(_for_the_shell(value), help=" ".join(what.split()) or None)
            for value, what in found
            if "\n" not in value
        ]

    return complete


def _for_the_shell(value: str) -> str:
    """A value as it is to stand on the command line. zsh and fish see to that themselves; bash puts in what it is
    given, so that `Full Refund` would be two words, and Click's script for it reads a backslash away (`read` without
    `-r`).
    """
    if os.environ.get("_REFUNDBOOK_COMPLETE") != "bash_complete":
        return value
    words, at = os.environ.get("COMP_WORDS", "").split("\n"), os.environ.get("COMP_CWORD", "")
    typed = words[int(at)] if at.isdecimal() and int(at) < len(words) else ""
    if typed[:1] in ("'", '"'):
        return value
    return re.sub(r"([^\w@%+=:,./-])", r"\\\\\1", value)


def _book(context: click.Context) -> Path:
    from refundbook.cli.names import DEFAULT_BOOK

    return Path(context.find_root().params.get("book") or os.environ.get("REFUNDBOOK") or DEFAULT_BOOK)


@_completer
def cases(book: Path) -> Offers:
    """The numbers of the cases, with their reasons."""
    columns = _columns(_reader(book), CASES, "number", "reason")
    return ((str(number), str(reason)) for number, reason in zip(*columns, strict=True) if isinstance(number, str))


@_completer
def promises(book: Path) -> Offers:
    """The entries whose promises are not kept yet."""
    columns = _columns(_reader(book), COMMUNICATIONS, "entry", "number", "promise", "kept_on")
    for entry, number, promise, kept in zip(*columns, strict=True):
        if isinstance(entry, float) and str(promise).strip() and kept == "":
            yield f"{entry:.0f}", f"{number}: {promise}"


def values(column: Column) -> Completer | None:
    """What a column may hold: its closed list, or its list on the Settings sheet; case numbers where it names one. None
    where anything goes.
    """
    if column in (CASES["related"], COMMUNICATIONS["number"], RESOLUTIONS["number"]):
        return cases
    if not column.choices and not column.suggestions:
        return None

    def offers(book: Path) -> Offers:
        return ((value, "") for value in column.choices or _listed(book, column.suggestions))

    return _completer(offers)


def _listed(book: Path, name: str) -> Sequence[str]:
    from refundbook.storage.settings_sheet import read_settings

    reader = _reader(book)
    sheet = reader.layout.sheet(SETTINGS)
    settings, _ = read_settings(reader.values(sheet) if sheet else [])
    return [issuer.name for issuer in settings.issuers] if name == "Issuers" else settings.lists[name]


def _reader(book: Path) -> Reader:
    from refundbook.storage.workbook_file import WorkbookFile
    from refundbook.xlsx.reading.reader import Reader

    return Reader(WorkbookFile(book).read())


def _columns(reader: Reader, sheet: Sheet, *names: str) -> list[Sequence[object]]:
    entry = reader.layout.sheet(sheet.name)
    if entry is None:
        return [[] for _ in names]
    grid = reader.grid(entry, {column.header for column in sheet.columns})
    return [grid.columns[grid.headers.index(sheet[name].header)] for name in names]
