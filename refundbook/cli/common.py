"""What the commands share: opening the workbook, the day that counts, and printing safely."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from refundbook.base import debug
from refundbook.base.errors import CannotWrite, UsageError
from refundbook.base.text import one_line, quoted, safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from refundbook.book import Book
    from refundbook.record.mending import Mended

_WIDEST = 160
_MENDED_SHOWN = 20


@contextmanager
def editing(
    path: Path, dry_run: bool = False, *, ignore_open: bool = False, command: str = "", enters_inbox: bool = True
) -> Iterator[Book]:
    """The workbook with what waited in its inbox, unless that is to wait, locked and saved on leaving; for a dry run
    neither. The history calls what is saved by the `command`, else by that which Click runs.
    """
    from refundbook.book import edit, load
    from refundbook.storage.inbox import Inbox

    if dry_run:
        book = load(path, today=today())
        Inbox(path).rehearse(book)
        yield book
        book.refuse_invalid()
        _say_mended("Would mend ", book.to_mend)
        for notice in book.notices(ahead=True):
            complain(f"warning, once it is entered: {notice}")
        return
    with (
        _saying_what_was_done() as to_say,
        edit(path, today=today(), waiting=complain, ignore_open=ignore_open, command=command or _running()) as book,
    ):
        to_say.append(book)
        if enters_inbox:
            _enter_inbox(path, book)
        yield book


def _enter_inbox(path: Path, book: Book) -> None:
    from refundbook.base.values import to_text
    from refundbook.storage.inbox import Inbox

    taken = Inbox(path).enter(book)
    for entry in taken.entered:
        number = to_text(entry.values["number"])
        complain(f"Entered from the inbox: {one_line(number)} in {entry.sheet}, row {entry.row}.")
    if taken.refused:
        complain(f"{count(taken.refused)} still in the inbox, because the rules refuse it: see `refundbook inbox`.")


def _running() -> str:
    """The command that Click runs, such as `inbox enter`; `""` where it runs none."""
    click = sys.modules.get("click")
    context = click and click.get_current_context(silent=True)
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.insert(0, str(context.info_name))
        context = context.parent
    return " ".join(names)


@contextmanager
def _saying_what_was_done() -> Iterator[list[Book]]:
    """Say what saves of the books in this list did by the way, also where what came after was refused."""
    books: list[Book] = []
    try:
        yield books
    finally:
        for book in books:
            _say_mended("Mended ", book.mended)
            for notice in book.notices():
                complain(f"warning: {notice}")


def _say_mended(what: str, mended: Sequence[Mended]) -> None:
    for one in mended[:_MENDED_SHOWN]:
        complain(f"{what}{one}")
    if len(mended) > _MENDED_SHOWN:
        complain(f"{what}{len(mended) - _MENDED_SHOWN:,} more cells in the same way.")


def loaded(path: Path, *, strict: bool = True) -> Book:
    """The workbook, to be read; what waits in its inbox is not in it yet, and is pointed out."""
    from refundbook.book import load

    book = load(path, strict=strict, today=today())
    say_what_waits(path)
    return book


def say_what_waits(path: Path) -> None:
    """Point out what waits in a workbook's inbox, and is not in it yet."""
    from refundbook.storage.inbox import Inbox

    try:
        waiting = Inbox(path).entries()
    except CannotWrite as error:
        complain(str(error))
    else:
        if waiting:
            complain(
                f"{count(waiting)} in the inbox of {path.name} and not in the workbook yet: see `refundbook inbox`."
            )


def count(waiting: Sequence[object]) -> str:
    return "1 entry is" if len(waiting) == 1 else f"{len(waiting)} entries are"


MAX_TABLE = 256 << 20
"""Bytes of a file whose rows are entered; a million of them are well below."""
MAX_SETTING = 1 << 20
"""Bytes of a file that somebody wrote by hand, such as a column map."""


def given_bytes(source: str | Path, most: int) -> bytes:
    """What a file that the command line names holds, or standard input for `-`. Raises UsageError where it cannot be
    read, or is larger than `most`.
    """
    from refundbook.system import bounds, regular_file
    from refundbook.system.refusals import NO_FILE, reason

    try:
        if source == "-":
            return bounds.read_stream(sys.stdin.buffer, most)
        return regular_file.read_given(Path(source), most)
    except OSError as error:
        name = "standard input" if source == "-" else source
        raise UsageError(f"{name} cannot be read: {reason(error, NO_FILE)}.") from error


def is_asked() -> bool:
    """Whether there is somebody at a terminal who can be asked for what was left out."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def width() -> int:
    """The columns of the terminal, within reason; 100 where there is none."""
    import shutil

    return min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)


def today() -> date | datetime | None:
    """The day that $REFUNDBOOK_TODAY sets, for tests and for looking at a workbook as of a day; else the clock's."""
    text = os.environ.get("REFUNDBOOK_TODAY", "")
    if not text:
        return None
    try:
        return datetime.fromisoformat(text) if len(text) > len("2023-10-26") else date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"$REFUNDBOOK_TODAY is {quoted(text)}; it must be a date such as 2023-10-26.") from error


def echo_json(value: object) -> None:
    from refundbook.render.text import to_json

    say(to_json(value))


def shown(path: Path) -> str:
    """A path for the terminal, on one line."""
    return safe(str(path)).replace("\n", "\\n").replace("\t", "\\t")


def say(text: str, *, end: bool = True, colour: bool | None = None) -> None:
    """Print to standard output, with a line break at the `end`. The text may be in `colour`. A pipe whose reader, such
    as `head`, has seen enough is no error.
    """
    try:
        _echo(text + "\n" * end, sys.stdout, colour)
    except OSError as error:
        from refundbook.system.streams import is_reader_gone

        if not is_reader_gone(error):
            raise
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  (it stays open until the process ends)


def complain(message: str) -> None:
    """Say something on standard error, on one line: a line break, as in the name of a file, must not make what follows
    pass for a line of ours.
    """
    _echo(f"refundbook: {one_line(message)}\n", sys.stderr)


def speak_of_work() -> None:
    """Say on standard error what is done, and how long it takes, until the command ends."""
    debug.turn_on(lambda message: complain(f"debug: {message}"))


def _echo(text: str, stream: TextIO, colour: bool | None = None) -> None:
    if "\x1b" in text:
        import click

        click.echo(text, file=stream, nl=False, color=colour)
        return
    stream.write(text)
    stream.flush()
