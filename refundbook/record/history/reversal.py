"""What it takes to undo the newest line that a command wrote, and whether something stands against it."""

from __future__ import annotations

from collections.abc import Iterable

from refundbook.base.errors import RulesRefuse
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import BY_PILLAR, RESOLUTIONS
from refundbook.record.history.cells import Row
from refundbook.record.history.chain import Change, Line
from refundbook.record.history.state import leading_back
from refundbook.record.history.words import change_text

_BY_RESTORE = ("upgrade", "restore", "add-column")
"""Commands that change more than entries: a backup brings back what was before."""


class Reversal(NamedTuple):
    """The line that is undone, and the changes that do it: its own turned round, the last first."""

    line: Line
    changes: tuple[Change, ...]


def reversal(lines: Iterable[Line]) -> Reversal:
    """What undoes the newest line of a command; `lines` are those of the history, the newest first. Raises RulesRefuse
    where there is none, where it is not undone so, or where a later line touched its cells.
    """
    newest = newest_command(lines)
    if newest is None:
        raise RulesRefuse(
            "There is nothing to undo: the history tells of no command that entered or corrected something."
        )
    line, since_then = newest
    command = str(line.header.get("command", ""))
    if command.partition(" ")[0] in _BY_RESTORE:
        raise RulesRefuse(
            f"The newest command is `{command}`, which `refundbook restore` reverses: it lists the backups, and brings "
            "one back."
        )
    changes = [change for change in line.changes if change is not None]
    if len(changes) < len(line.changes):
        raise RulesRefuse(f"Line {line.number} of the history was erased in part on request: it cannot be undone.")
    for later in since_then:
        for change in changes:
            for since in later.changes:
                _refuse_touched(change, since, later)
    return Reversal(line, tuple(Change(c.pillar, c.after, c.before) for c in reversed(changes)))


def newest_command(lines: Iterable[Line]) -> tuple[Line, list[Line]] | None:
    """The newest line of a command that changed something, of those that lead to the state of today, and the lines
    after it; None where there is none. No more `lines`, the newest first, are looked at than it takes.
    """
    since: list[Line] = []
    for line in leading_back(lines):
        if _is_of_command(line):
            return line, since[::-1]
        since.append(line)
    return None


def _is_of_command(line: Line) -> bool:
    command = str(line.header.get("command", "")).partition(" ")[0]
    return line.header["kind"] == "command" and bool(line.changes or command in _BY_RESTORE)


def _refuse_touched(change: Change, since: Change | None, later: Line) -> None:
    if since is None or since.before is None or change.after is None or not _is_same(change, since.before):
        return
    headers = {header for header, _, _ in change.cells()}
    if change.before is None or since.after is None or headers & {header for header, _, _ in since.cells()}:
        raise RulesRefuse(
            f"This cannot be undone: what it did was changed since, by line {later.number} of the history "
            f"({change_text(since)}). Correct it with `refundbook amend`, or see `refundbook restore`."
        )


def _is_same(change: Change, row: Row) -> bool:
    """Whether a row is the one that a change came to: a case may have several resolutions, which differ in the rest."""
    other = Change(change.pillar, row, None)
    if change.after is None or change.pillar != RESOLUTIONS.pillar:
        return (change.entry, change.number) == (other.entry, other.number)
    own = {column.header for column in BY_PILLAR[change.pillar].columns}
    return all(row.get(header) == value for header, value in change.after.items() if header in own)
