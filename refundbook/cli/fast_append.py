"""A plain append of one entry, read without Click: `append PILLAR NUMBER` with options that are written out, each once
and with its value.

Importing Click takes as long as all else that such a command does. Whatever is not as plain as that, or lacks
something, is left to Click, which reads all the rest, and these in the same way (a test compares them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, COMMUNICATIONS, RESOLUTIONS, Sheet
from refundbook.cli.common import is_asked
from refundbook.cli.entering import FLAGS, How, enter_one
from refundbook.cli.names import COMPLETE, DEFAULT_BOOK, PATTERN_SIGNS, VARIABLE


class Plain(NamedTuple):
    """An entry to append: the workbook, the sheet, what was given by column name, the flags, and the
    command where it is none of `append`.
    """

    book: Path
    sheet: Sheet
    given: dict[str, str]
    how: How
    command: str = ""


def parsed(args: Sequence[str], environment: Mapping[str, str]) -> Plain | None:
    """The entry that a plain command is about; None where Click must read it."""
    book, rest = environment.get(VARIABLE) or DEFAULT_BOOK, list(args)
    if rest[:1] in (["-b"], ["--book"]) and len(rest) > 1:
        book, rest = rest[1], rest[2:]
    if COMPLETE in environment or any(sign in book for sign in PATTERN_SIGNS):
        return None  # the book may be a pattern
    if rest[:1] == ["log"]:
        return _logged(Path(book), rest[1:])
    if rest[:1] != ["append"] or len(rest) < 3 or rest[1] not in BY_PILLAR:
        return None
    sheet = BY_PILLAR[rest[1]]
    columns = {column.option: column.name for column in sheet.columns if column.asked and column.name != "number"}
    read = _options(columns, rest[3:], FLAGS)
    if read is None or rest[2].startswith("-"):
        return None
    given, flags = {"number": rest[2], **read[0]}, read[1]
    if sheet is RESOLUTIONS and is_asked():
        return None  # an amount that was left out is asked for
    if any(column.required and column.name not in given for column in sheet.columns):
        return None
    return Plain(Path(book), sheet, given, How(**flags))


def _logged(book: Path, rest: Sequence[str]) -> Plain | None:
    """The message of a plain `log`: at a terminal its agent is asked for."""
    from refundbook.cli import log_entry

    read = _options(log_entry.OPTIONS, rest[2:], {**FLAGS, **log_entry.FLAGS}) if len(rest) > 1 else None
    if read is None or rest[0].startswith("-") or rest[1].startswith("-") or is_asked():
        return None
    others, flags = read
    whose = {name: flags.pop(name, False) for name, _ in log_entry.FLAGS.values()}
    given = log_entry.Message(rest[0], rest[1], **whose, others=others).fields()
    return Plain(book, COMMUNICATIONS, given, How(**flags), log_entry.COMMAND)


def _options(
    columns: Mapping[str, str], rest: Sequence[str], known: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, str], dict[str, bool]] | None:
    given: dict[str, str] = {}
    flags: dict[str, bool] = {}
    said: list[str] = []
    at = iter(rest)
    for option in at:
        if option in known:
            flags[known[option][0]] = True
            continue
        value = next(at, "-")
        if option == "--set" and not value.startswith("-"):
            said.append(value)
            continue
        if columns.get(option) is None or columns[option] in given or value.startswith("-"):
            return None
        given[columns[option]] = value
    return (given, flags) if _puts_own(given, said) else None


def _puts_own(given: dict[str, str], said: Sequence[str]) -> bool:
    """Put what is said by headers to what is given, unless Click has something to say of it."""
    if said:
        from refundbook.cli import own_values

        try:
            own_values.put(given, said)
        except UsageError:
            return False
    return True


def run(entry: Plain) -> int:
    """Enter it; gives the exit code. Raises as `entering.enter` does."""
    enter_one(entry.book, entry.sheet, entry.given, entry.how, command=entry.command)
    return 0
