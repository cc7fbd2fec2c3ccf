"""`refundbook watch`."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from refundbook.base.errors import RefundbookError
from refundbook.base.findings import Severity
from refundbook.base.text import one_line
from refundbook.book.watching import News, Watched
from refundbook.cli.common import complain, editing, say, shown, today
from refundbook.cli.events import say_event
from refundbook.record.rules import TITLES
from refundbook.render.report import grouped
from refundbook.render.text import to_json_line
from refundbook.storage.inbox import Inbox
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system.owner_file import owner_of
from refundbook.system.watching import ticks
from refundbook.xlsx.shared_file import stamp_of


@click.command()
@click.option("--once", is_flag=True, help="Look once, and end.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each look that found something.")
@click.pass_obj
def watch(book: Path, once: bool, as_json: bool) -> None:
    """Stay beside the open workbook, and say at each save what was changed and what the rules newly find.

    \b
    refundbook watch
    refundbook watch --once --json

    Each save in Excel is noted in the history by itself, so that one edit is told from the next. What waits in the
    inbox is entered as soon as nobody has the workbook open any more. Ctrl-C ends it.
    """
    at = WorkbookFile(book)
    at.refuse_if_missing()
    rounds = _Rounds(at.path, as_json)
    if not (once or as_json):
        say(f"Watching {shown(at.path)}. Ctrl-C ends it.")
    try:
        rounds.go()
        for _ in () if once else ticks(at.path.parent):
            rounds.go()
    except KeyboardInterrupt:
        if not as_json:
            say("Stopped watching.")


class _Rounds:
    """Each round tells what was saved since the last one, and enters what can be entered now."""

    def __init__(self, path: Path, as_json: bool) -> None:
        self._path = path
        self._as_json = as_json
        self._watched = Watched(path, today())
        self._is_first = True
        self._tried: object = None

    def go(self) -> None:
        """One round. While a program saves, there may be no workbook for a moment."""
        if self._path.exists() and self._watched.is_changed:
            news = self._watched.look()
            if news is not None:
                _say(news, self._as_json, self._is_first)
                self._is_first = False
            # The command looks for no garbage by itself, and this one runs for days.
            gc.collect()
        if self._path.exists() and owner_of(self._path) is None:
            self._enter()

    def _enter(self) -> None:
        """What the rules refuse stays where it is, and is tried again when it, or the workbook, is another."""
        inbox = Inbox(self._path)
        seen = stamp_of(self._path), stamp_of(inbox.file)
        if seen == self._tried or not inbox.entries():
            return
        try:
            with editing(self._path, command="inbox enter"):
                pass
        except RefundbookError as error:
            for line in error.lines:
                complain(line)
        self._tried = stamp_of(self._path), stamp_of(inbox.file)


def _say(news: News, as_json: bool, is_first: bool) -> None:
    if as_json:
        if is_first or news.events or news.new or news.gone or news.problem:
            say(to_json_line(_data(news)))
        return
    if news.problem:
        complain(news.problem)
        return
    for event in news.events:
        say_event(event)
    if is_first:
        say(news.report.summary())
    for line in grouped(news.new, TITLES):
        complain(line)
    if news.gone:
        say(f"No longer found: {news.gone}. {one_line(news.report.summary())}")


def _data(news: News) -> dict[str, object]:
    return {
        "book": news.report.book,
        "changes": [event.to_record() for event in news.events],
        "new_findings": [{**finding._asdict(), "severity": str(finding.severity)} for finding in news.new],
        "gone": news.gone,
        "errors": sum(finding.severity is Severity.ERROR for finding in news.report),
        "warnings": sum(finding.severity is Severity.WARNING for finding in news.report),
        "problem": news.problem or None,
    }
