"""What the shell offers when Tab is pressed: case numbers, open promises, the values of lists. It reads no more than it
needs, and never complains.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from itertools import islice
from pathlib import Path

import click

from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SETTINGS, SHEETS, Column, Sheet
from refundbook.cli.names import COMPLETE, POWERSHELL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from refundbook.record.records import Log
    from refundbook.xlsx.reading.reader import Reader

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
_MOST_VALUES = 100
"""Of a column's values so many are offered."""
Offers = Iterator[tuple[str, str]]
"""Values, each with a word on what it is."""


def _completer(offers: Callable[[Path, str], Offers]) -> Completer:
    """What `offers` has for the workbook, and for what was typed, that begins with that; nothing where anything is
    wrong.
    """

    @wraps(offers)
    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from refundbook.base.identifiers import canonical

        try:
            typed = canonical(incomplete, ())
            found = [
                (value, what)
                for value, what in offers(_book(context), incomplete)
                if canonical(value, ()).startswith(typed)
            ]
        except Exception:  # at the prompt there is no place for a message
            return []
        return [
            CompletionItem(_for_the_shell(value), help=" ".join(what.split()) or None)
            for value, what in found
            if "\n" not in value
        ]

    return complete


def _for_the_shell(value: str) -> str:
    """A value as it is to stand on the command line. zsh and fish see to that themselves; PowerShell and bash put in
    what they are given, so that `Full Refund` would be two words. Click's script for bash reads a backslash away
    (`read` without `-r`).
    """
    shell = os.environ.get(COMPLETE)
    if shell == f"{POWERSHELL}_complete":
        from refundbook.cli.powershell import quoted

        return quoted(value)
    if shell != "bash_complete":
        return value
    words, at = os.environ.get("COMP_WORDS", "").split("\n"), os.environ.get("COMP_CWORD", "")
    typed = words[int(at)] if at.isdecimal() and int(at) < len(words) else ""
    if typed[:1] in ("'", '"'):
        return value
    return re.sub(r"([^\w@%+=:,./-])", r"\\\\\1", value)


def _book(context: click.Context) -> Path:
    from refundbook.cli.names import DEFAULT_BOOK

    given = context.find_root().params.get("book") or [os.environ.get("REFUNDBOOK") or DEFAULT_BOOK]
    return Path(given[0])


@_completer
def cases(book: Path, _typed: str) -> Offers:
    """The numbers of the cases, with their reasons."""
    columns = _columns(_reader(book), CASES, "number", "reason")
    return ((str(number), str(reason)) for number, reason in zip(*columns, strict=True) if isinstance(number, str))


@_completer
def promises(book: Path, _typed: str) -> Offers:
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

    def offers(book: Path, _typed: str) -> Offers:
        return ((value, "") for value in column.choices or _listed(book, column.suggestions))

    return _completer(offers)


def assignments(*sheets: Sheet) -> Completer:
    """`HEADER=`, and once that is typed, the values that the column may hold, or that stand in it already."""

    def offers(book: Path, typed: str) -> Offers:
        header, sign, _ = typed.partition("=")
        logs = list(_logs(book, sheets))
        if not sign:
            return ((f"{name}=", "") for log in logs for name in _headers(log))
        return ((f"{header}={value}", "") for log in logs for value in _values_used(log, header))

    return _completer(offers)


def amended(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """First the case, unless a message is named, then `HEADER=VALUE` of the sheet that is meant."""
    given = context.params
    if given.get("entry") is None and not given.get("words"):
        return cases(context, parameter, incomplete)
    sheet = COMMUNICATIONS if given.get("entry") is not None else RESOLUTIONS if given.get("resolution") else CASES
    return assignments(sheet)(context, parameter, incomplete)


def headers(behind: str = "") -> Completer:
    """The headers of the three sheets, with a sign behind each."""

    def offers(book: Path, typed: str) -> Offers:
        return ((f"{header}{behind}", "") for log in _logs(book, SHEETS) for header in _headers(log))

    return _completer(offers)


def _logs(book: Path, sheets: Sequence[Sheet]) -> Iterator[Log]:
    """The logs of a workbook, with how people's own columns are filled in."""
    from refundbook.storage.session import Session
    from refundbook.storage.workbook_file import WorkbookFile

    session = Session(WorkbookFile(book), None, strict=False)
    for sheet in sheets:
        session.know_own(sheet)
        yield session.records.log(sheet)


def _headers(log: Log) -> list[str]:
    return [log.sheet[name].header for name in log.letters] + list(log.own_letters)


def _values_used(log: Log, name: str) -> Iterator[str]:
    from refundbook.base.values import to_text
    from refundbook.record.column_names import column_named

    column = column_named(log.sheet, name, log.own_columns)
    used = dict.fromkeys(to_text(value) for value in log[column.name] if value is not None)
    yield from dict.fromkeys((*column.choices, *islice(used, _MOST_VALUES)))


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
