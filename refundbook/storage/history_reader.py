"""The history of a workbook as it stands in its journal, to be told and verified. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from refundbook.base.errors import InvalidWorkbook, UnreadableWorkbook
from refundbook.base.findings import Finding
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.names import HOME
from refundbook.record import rules
from refundbook.record.history.chain import BadLine, Change, Line, read_line, read_some
from refundbook.record.history.erase import only
from refundbook.record.history.mention import Mentions, of_case
from refundbook.record.history.state import line_with
from refundbook.record.history.suspicion import Suspicion, suspicion
from refundbook.record.history.verify import Claim, Verified, verify
from refundbook.record.records import Records
from refundbook.storage.history_changes import is_quiet
from refundbook.storage.history_forks import explained
from refundbook.storage.journal import Journal
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.refusals import reason

_CHANGE_NOTHING = frozenset({"older", "void", "renamed", "forget"})
"""The kinds of lines that bring nothing into the workbook which was not in it before."""


def told_lines(path: Path, after: int = 0, read: Callable[[bytes], Line] = read_line) -> list[Line]:
    """The lines of the workbook's journal that can be read, as they are to be told: by what other computers' histories
    say of them (`explained`). `after` and `read` are as for `lines_of`. Raises UnreadableWorkbook.
    """
    return explained(Journal(WorkbookFile(path)), lines_of(path, after, read))


def lines_of(path: Path, after: int = 0, read: Callable[[bytes], Line] = read_line) -> list[Line]:
    """The lines of the workbook's journal that can be read, whatever is wrong with others; of those `after` the first
    ones nothing else is looked at. Raises UnreadableWorkbook.
    """
    found = []
    try:
        for raw in islice(Journal(WorkbookFile(path)).raw_lines(), after, None):
            with suppress(BadLine):
                found.append(read(raw.removesuffix(b"\n")))
    except OSError as error:
        raise _unreadable(path, error) from error
    return found


def verified(path: Path, claim: Claim | None = None, take: Callable[[Line], object] = lambda _: None) -> Verified:
    """What is wrong with the workbook's journal, by itself and with a head that was kept. `take` is called with each of
    its lines that can be read. Raises UnreadableWorkbook.
    """
    try:
        return verify(Journal(WorkbookFile(path)).raw_lines(), claim, take)
    except OSError as error:
        raise _unreadable(path, error) from error


class OfCase(NamedTuple):
    """What a journal says of a case, also under the numbers that it had before, or got later: all lines, with its
    changes among those that they have; which changes can be the case's, by their JSON, and which are.
    """

    lines: list[Line]
    may_be: Mentions
    is_meant: Callable[[Change], bool]


def told_of_case(path: Path, key: str, key_of: Callable[[str], str]) -> OfCase:
    """What the journal says of the case with this key, without reading what it says of others. Raises
    UnreadableWorkbook.
    """
    return OfCase(*of_case(lambda may_be: told_lines(path, read=lambda raw: read_some(raw, may_be)), key, key_of))


def chain_about(path: Path, case: OfCase) -> str:
    """The journal with all changes left out but those of a case: it verifies as the whole does. Raises
    UnreadableWorkbook.
    """
    try:
        lines = [raw for raw in Journal(WorkbookFile(path)).raw_lines() if raw.endswith(b"\n")]
        return b"".join(only(lines, case.may_be, case.is_meant)).decode("ascii")
    except (OSError, BadLine) as error:
        why = OSError(0, str(error)) if isinstance(error, BadLine) else error
        raise _unreadable(path, why) from error


def suspicion_of(at: WorkbookFile) -> Suspicion:
    """What the journal of the workbook that was read gives reason to. Raises UnreadableWorkbook."""
    lines: list[Line] = []
    problems = verified(at.path, take=lines.append).problems
    last = next((line for line in reversed(lines) if not is_quiet(line)), None)
    older = int(last.header["as_of"]) if last is not None and last.header["kind"] == "older" else 0
    if lines and lines[-1].header["workbook"] != at.digest_read:
        older = line_with(lines, at.digest_read)
    if all(line.header["kind"] in _CHANGE_NOTHING for line in lines if line.number > older):
        older = 0  # what a sync client brought late is the newest again
    journal = Journal(at)
    return suspicion(f"{HOME}/{journal.file.name}", problems, explained(journal, lines), older)


def findings_of(at: WorkbookFile, records: Callable[[], Records]) -> list[Finding]:
    """What the rules find in the journal of the workbook that was read; nothing where one of the two cannot be read."""
    try:
        return rules.from_history(suspicion_of(at), records())
    except (InvalidWorkbook, UnreadableWorkbook):
        return []


def is_of_workbook(found: Verified, path: Path) -> bool:
    """Whether the workbook is what the last line says. Raises UnreadableWorkbook."""
    return found.head is not None and WorkbookFile(path).digest() == found.head.header["workbook"]


def _unreadable(path: Path, error: OSError) -> UnreadableWorkbook:
    return UnreadableWorkbook(f"{Journal(WorkbookFile(path)).file} cannot be read: {reason(error)}.")
