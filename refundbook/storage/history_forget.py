"""Erases what a workbook's history says of one case."""

from __future__ import annotations

from pathlib import Path

from refundbook.base.clock import Clock
from refundbook.base.errors import CannotWrite, UnknownEntry
from refundbook.base.text import quoted
from refundbook.base.user import login_name
from refundbook.base.version import __version__
from refundbook.record.history.chain import read_line, written
from refundbook.record.history.erase import forgetting, positions_of, without
from refundbook.record.history.words import about_case, names_of_case
from refundbook.record.records import Records
from refundbook.storage.history_forks import copies
from refundbook.storage.journal import BadJournal, Journal
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import atomic_file
from refundbook.system.refusals import reason


def forget(path: Path, number: str, records: Records) -> int:
    """Erase the changes of a case, under all numbers that it had, from the history of the workbook at a path, whose
    `records` were just read; a last line says that it was done. Gives how many changes that were.

    The hashes of the lines, and so every head that was kept, stay what they are. Raises UnknownEntry where the history
    has nothing of such a case, CannotWrite, Busy.
    """
    at = WorkbookFile(path)
    journal = Journal(at)
    with at.locked():
        try:
            return _forgotten(journal, number, records)
        except BadJournal as error:
            raise CannotWrite(
                f"Nothing was erased: line {error.number} of the history {error.why}. "
                "`refundbook history --verify` lists all that is wrong."
            ) from error
        except OSError as error:
            raise CannotWrite(f"Nothing was erased: {journal.file} cannot be written: {reason(error)}.") from error


def copies_of_history(path: Path) -> list[Path]:
    """What a sync client keeps of other computers' histories of the workbook: this is not erased there."""
    return [copy.file for copy in copies(Journal(WorkbookFile(path)))]


def _forgotten(journal: Journal, number: str, records: Records) -> int:
    lines = list(journal.lines())
    key = records.key_of(number)
    is_meant = about_case(lines, key, records.key_of)
    meant = {line.number: at for line in lines if (at := positions_of(line, is_meant))}
    if not meant:
        raise UnknownEntry(f"The history says nothing of a case {quoted(number)}.")
    raw_lines = [raw for raw in journal.raw_lines() if raw.endswith(b"\n")]
    blanked = [without(raw, meant.get(n, ())) for n, raw in enumerate(raw_lines, 1)]
    before = read_line(blanked[-1][:-1])
    header = {
        "at": _now(records.clock),
        "by": login_name(),
        "command": "history --forget",
        "entry": before.header.get("entry", 0),
        "forgot": forgetting(meant, names_of_case(lines, key, records.key_of)),
        "kind": "forget",
        "line": before.number + 1,
        "previous": before.hash,
        "version": __version__,
        "workbook": before.header["workbook"],
    }
    atomic_file.write_over(journal.file, [*blanked, written(header, ())[0]], like=journal.file)
    return sum(map(len, meant.values()))


def _now(clock: Clock) -> str:
    return clock.now.isoformat()
