"""What is new in a workbook since it was looked at last: changes, and what the rules find."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from refundbook.base.errors import InvalidWorkbook, UnreadableWorkbook
from refundbook.base.findings import Finding, Report
from refundbook.base.named_tuple import NamedTuple
from refundbook.record.history.chain import Head
from refundbook.record.history.words import Event, events, time_of
from refundbook.storage.history_reader import told_lines
from refundbook.storage.journal import BadJournal, Journal
from refundbook.storage.session import Session
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.xlsx.shared_file import stamp_of

_PATIENCE = 10
"""So many looks at a file that cannot be read are taken for a save that is under way."""


class News(NamedTuple):
    """What a look found: changes (and commands) since the last one, findings that were not there, how many are gone,
    and the whole report. `problem` is why the workbook cannot be read, as a sentence; then all else is blank.
    """

    events: tuple[Event, ...]
    new: tuple[Finding, ...]
    gone: int
    report: Report
    problem: str = ""


class Watched:
    """A workbook that is looked at again and again. `today` is as for `refundbook.load`."""

    def __init__(self, path: Path, today: date | datetime | None) -> None:
        self._at = WorkbookFile(path)
        self._today = today
        self._stamp: tuple[int, ...] | None = None
        self._head = self._newest()
        self._found: Counter[tuple[str, ...]] | None = None
        self._failed = 0

    @property
    def is_changed(self) -> bool:
        """Whether the file is another one than at the last look, which costs nothing to ask."""
        return stamp_of(self._at.path) != self._stamp

    def look(self) -> News | None:
        """What is new; None where a save seems to be under way: look again soon. What was changed by hand is noted in
        the history, which begins with the first look.
        """
        stamp = stamp_of(self._at.path)
        try:
            session = Session(WorkbookFile(self._at.path), self._today, strict=False)
        except UnreadableWorkbook as error:
            self._failed += 1
            if self._failed != _PATIENCE:
                return None
            self._stamp = stamp
            return News((), (), 0, Report(str(self._at.path)), str(error))
        self._failed, self._stamp = 0, stamp
        session.begin_history()
        report = session.report()
        new, gone = self._compared(report)
        return News(self._events(session), new, gone, report)

    def _newest(self) -> Head | None:
        with suppress(OSError, BadJournal):
            return Journal(self._at).head()
        return None

    def _events(self, session: Session) -> tuple[Event, ...]:
        """Those since the last look. What was told then is not read again: it may be long."""
        before, self._head = self._head, self._newest()
        if before is not None and self._head == before:
            return ()
        lines = told_lines(self._at.path, 0 if before is None else int(before.header["line"]))
        since = None if before is None else time_of(before.header)
        found = events(lines, since=since, currencies=_currencies(session))
        return tuple(event for event in found if event.kind != "begin" and event.says_something)

    def _compared(self, report: Report) -> tuple[tuple[Finding, ...], int]:
        """Findings that were not there at the last look (at the first one all are), and how many are gone. Rows may
        have been sorted: what counts is what is said, not where.
        """
        found = Counter(map(_what, report.findings))
        before = found.copy() if self._found is None else self._found
        left, new = +(found - before), []
        for finding in report.findings:
            if left[_what(finding)] > 0:
                left[_what(finding)] -= 1
                new.append(finding)
        is_first, self._found = self._found is None, found
        return (report.findings if is_first else tuple(new)), sum((before - found).values())


def _currencies(session: Session) -> dict[str, str]:
    with suppress(InvalidWorkbook):
        cases = session.records.cases
        return {str(number): cases.currency(at) for at, number in enumerate(cases["number"])}
    return {}


def _what(finding: Finding) -> tuple[str, ...]:
    return finding.code, finding.sheet, finding.value, finding.message
