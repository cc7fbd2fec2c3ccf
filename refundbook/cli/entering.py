"""Enters what `refundbook append` was given, and says what became of it. Imports nothing that a plain append does not
need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from refundbook.base.errors import Busy, EntriesRefused, InvalidWorkbook, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.own_columns import header_of
from refundbook.base.schema import CASES, COMMUNICATIONS, SHEETS, Sheet
from refundbook.base.text import one_line
from refundbook.cli.common import complain, echo_json, editing, say, shown, today
from refundbook.record.column_names import are_ours, column_named
from refundbook.record.rules import TITLES
from refundbook.render.report import grouped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from refundbook.base.findings import Finding
    from refundbook.book import Book
    from refundbook.cli.attached import Attached
    from refundbook.record.entries import Entry

FLAGS = {
    "--dry-run": ("dry_run", "Check everything and say what would happen; write nothing."),
    "--json": ("as_json", "Answer in JSON."),
    "--no-inbox": ("no_inbox", "Where the workbook cannot be written now, fail and keep nothing."),
    "--ignore-open": ("ignore_open", "Write although an owner file says that somebody has it open."),
}
"""The flags of every way to append: the name of each in `How`, and what it is for."""


class How(NamedTuple):
    """The flags (see `FLAGS`)."""

    dry_run: bool = False
    as_json: bool = False
    no_inbox: bool = False
    ignore_open: bool = False


class Done(NamedTuple):
    """What became of the entries: in the workbook at `path`, or in its inbox `because` it could not be written. `code`
    is the exit code.

    `may_be_left_behind` where it only seems to be open, as after a crash.
    """

    entries: list[Entry]
    path: Path
    because: str = ""
    code: int = 0
    may_be_left_behind: bool = False


def enter_one(
    book: Path,
    sheet: Sheet,
    given: Mapping[str, Any],
    how: How,
    *,
    attach: Sequence[Path] = (),
    first_message: str | None = None,
    command: str = "",
) -> None:
    """Enter one entry of a sheet, of a case with its first message, and answer. The case of a message or resolution may
    be named by the end of its number (`Book.number_meant`). Files to `attach` are kept with it. Raises as `enter` does.
    """
    attached = None
    if attach:
        from refundbook.cli.attached import Attached

        attached = Attached(attach)

    def entries(opened: Book) -> list[tuple[str, Mapping[str, object]]]:
        if sheet is CASES:
            return [(sheet.pillar, given), *_first_message(given, first_message)]
        number = opened.number_meant(given["number"])
        evidence = attached.fields(opened, number, given.get("evidence", "")) if attached else {}
        return [(sheet.pillar, {**given, "number": number, **evidence})]

    try:
        done = enter(book, entries, how, command or f"append {sheet.pillar}", attached)
    except EntriesRefused as refused_all:
        if how.as_json:
            echo_json({"entered": [], "refused": [refused(refused_all.entries[0].findings)]})
        raise
    answer(done, how)
    if attached and not (how.as_json or how.dry_run):
        for path in attached.paths:
            say(f"Kept {one_line(path)}.")


def _first_message(case: Mapping[str, Any], text: str | None) -> list[tuple[str, Mapping[str, object]]]:
    """The message that a case was opened with: sent to support on that day."""
    if text is None:
        return []
    ours = {column_named(CASES, name).name: value for name, value in case.items() if are_ours(CASES, [name])}
    told = {"date": ours["opened"], "with_": "Support", "direction": "Sent", "summary": text}
    return [(COMMUNICATIONS.pillar, {"number": case["number"], **told})]


def enter(
    book: Path,
    entries: Callable[[Book], Iterable[tuple[str, Mapping[str, object]]]],
    how: How,
    command: str,
    attached: Attached | None = None,
) -> Done:
    """Enter the (pillar, fields) pairs that are made for a workbook by a command, or keep them in the inbox.

    Raises EntriesRefused, UsageError, and what `refundbook.edit` does.
    """
    try:
        with _taking_back(attached), editing(book, how.dry_run, ignore_open=how.ignore_open, command=command) as opened:
            done = Done(opened.append_many(entries(opened)), opened.path)
            if attached and not how.dry_run:
                attached.keep()
        return done
    except (Busy, InvalidWorkbook) as error:
        if how.no_inbox or how.dry_run:
            raise
        because, code = _why_kept(book, error)
        may_be_left_behind = "--ignore-open" in str(error)
        from refundbook.storage.inbox import put

        read, unseen = _read(book)
        try:
            kept = put(read, entries(read))
        except UsageError:
            if unseen:
                raise error  # noqa: B904  (that a column is not there cannot be told now)
            raise
    if attached:
        attached.keep()
    return Done(kept, read.path, because + unseen, code, may_be_left_behind)


def _read(book: Path) -> tuple[Book, str]:
    """The workbook by which entries for the inbox are checked; where nobody may read it, one in its place, and what
    that means.
    """
    from refundbook.book import load
    from refundbook.book.opening import stand_in

    try:
        return load(book, strict=False, today=today()), ""
    except Busy:
        return stand_in(book, today=today()), ", so that the rules look at your entry among the others only later"


@contextmanager
def _taking_back(attached: Attached | None) -> Iterator[None]:
    """Take files that were kept away again where the entry is not made."""
    try:
        yield
    except BaseException:
        if attached:
            attached.take_back()
        raise


def _why_kept(book: Path, error: Busy | InvalidWorkbook) -> tuple[str, int]:
    """Why entries are kept in the inbox, and the exit code: somebody who has the workbook open is no fault of it, what
    the rules refuse is.
    """
    if isinstance(error, Busy):
        return error.reason, 0
    return f"{book} breaks a rule already ({error.reason.rstrip('.')})", error.exit_code


def answer(done: Done, how: How) -> None:
    """Say what became of the entries. Raises SystemExit where they are kept because the rules refuse the workbook."""
    if how.as_json:
        _answer_json(done, how)
    else:
        _answer_text(done, how)
    if done.code:
        raise SystemExit(done.code)


def _answer_text(done: Done, how: How) -> None:
    for entry in done.entries[:10]:
        number = one_line(str(entry.values["number"]))
        if done.because:
            say(f"Kept {number} for {entry.sheet} in the inbox.")
        else:
            say(f"{'Would enter' if how.dry_run else 'Entered'} {number} in {entry.sheet}, row {entry.row}.")
    if len(done.entries) > 10:
        say(f"… {len(done.entries)} entries in all.")
    for line in grouped((warning for entry in done.entries for warning in entry.warnings), TITLES):
        complain(line)
    if done.because:
        way_out = " (If it is open nowhere, as after a crash, give --ignore-open.)" if done.may_be_left_behind else ""
        complain(
            f"{done.because}. What you entered is kept in the inbox beside it, and goes in with the next command that "
            f"can write: see `refundbook inbox`.{way_out}"
        )
    if how.dry_run:
        say(f"{shown(done.path)} was not changed.")


def _answer_json(done: Done, how: How) -> None:
    answer: dict[str, object] = {"entered": []}
    place = "kept" if done.because else "would_enter" if how.dry_run else "entered"
    answer[place] = [
        {
            "sheet": entry.sheet,
            **({} if done.because else {"row": entry.row}),
            "values": _by_header(entry),
            "warnings": [_finding(f) for f in entry.warnings],
        }
        for entry in done.entries
    ]
    if done.because:
        answer["because"] = done.because
    echo_json(answer)


def _by_header(entry: Entry) -> dict[str, object]:
    sheet = next(sheet for sheet in SHEETS if sheet.name == entry.sheet)
    return {header_of(sheet, name): value for name, value in entry.values.items() if value is not None}


def _finding(finding: Finding) -> dict[str, str]:
    return {"code": finding.code, "message": finding.message, "hint": finding.hint}


def refused(findings: Sequence[Finding]) -> dict[str, object]:
    """Why an entry was refused, for JSON."""
    return {"findings": [_finding(finding) for finding in findings]}
