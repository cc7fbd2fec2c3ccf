"""`refundbook import` of mails: each becomes a message of its case, and is kept as evidence with what is attached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from refundbook.base.errors import EntriesRefused, UsageError
from refundbook.base.schema import COMMUNICATIONS
from refundbook.base.text import counted, one_line
from refundbook.cli.attached import Attached
from refundbook.cli.common import complain, echo_json, is_asked, say, shown
from refundbook.cli.entering import Done, How, enter
from refundbook.evidence import case_folder
from refundbook.importing import mail_plan
from refundbook.importing.mail import Mail
from refundbook.importing.mail_files import mails_in
from refundbook.importing.promises import Promise, promises_in
from refundbook.system import regular_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book

_HEADERS = 1 << 16
"""Bytes of a mail that is kept in which its headers are looked for."""
_SHOWN = 60


class _Mails(Attached):
    """The mails that are kept, and what is attached to them, planned a folder at a time: two may have one name."""

    def __init__(self) -> None:
        super().__init__(())

    def plan(self, book: Book, filed: Sequence[mail_plan.Filed]) -> dict[int, str]:
        """Where each mail's files are to be kept, as Evidence says it, by the place of the mail among these."""
        self._workbook, self._kept = book.path, []
        by_folder: dict[str, list[tuple[int, str, bytes]]] = {}
        for k, one in enumerate(filed):
            folder = case_folder.folder_of(one.number, book.key_of(one.number))
            files = [(_name(one.mail), one.mail.data), *((a.name, a.data) for a in one.mail.attachments)]
            by_folder.setdefault(folder, []).extend((k, name, data) for name, data in files)
        said: dict[int, list[str]] = {}
        for folder, files_there in by_folder.items():
            kept = case_folder.planned(book.path, folder, [(name, data) for _, name, data in files_there])
            self._kept += kept
            for (k, _, _), one_kept in zip(files_there, kept, strict=True):
                said.setdefault(k, []).append(one_kept.path)
        return {k: "; ".join(dict.fromkeys(paths)) for k, paths in said.items()}


def _name(mail: Mail) -> str:
    day = f"{mail.date:%Y-%m-%d} " if mail.date else ""
    return f"{day}{mail.subject.replace('/', '_')[:_SHOWN].strip() or 'mail'}{mail.ending}"


class _Import:
    """The mails of one command, as far as the rules take them."""

    def __init__(self, mails: Sequence[Mail], case: str | None, with_: str | None) -> None:
        self.mails = mails
        self.case = case
        self.with_ = with_
        self.kept = _Mails()
        self.refused: dict[str, str] = {}
        self.promises: Mapping[str, Promise] = {}
        self.plan = mail_plan.MailPlan()
        self.filed: list[mail_plan.Filed] = []

    def planned(self, book: Book) -> mail_plan.MailPlan:
        case = None if self.case is None else book.number_meant(self.case)
        evidence = _evidence(book.path)
        self.plan = mail_plan.plan(self.mails, book.records, evidence, case=case, with_=self.with_)
        self.filed = [one for one in self.plan.filed if mail_plan.source_of(one.mail) not in self.refused]
        return self.plan

    def entries(self, book: Book) -> list[tuple[str, Mapping[str, object]]]:
        """The entries for a workbook, of the mails that were not refused."""
        self.planned(book)
        paths = self.kept.plan(book, self.filed)
        promised = [self._promise(one) for one in self.filed]
        return [
            (COMMUNICATIONS.pillar, {**one.fields, **promised[k], "evidence": paths[k]})
            for k, one in enumerate(self.filed)
        ]

    def _promise(self, one: mail_plan.Filed) -> dict[str, object]:
        found = self.promises.get(mail_plan.source_of(one.mail))
        return {"promise": found.text, "due": found.due} if found else {}

    def enter(self, book: Path, how: How) -> Done:
        """Enter all that the rules take."""
        while True:
            try:
                return enter(book, self.entries, how, "import", self.kept)
            except EntriesRefused as refused:
                for one in refused.entries:
                    why = " ".join(f"{f.message} {f.hint}".strip() for f in one.findings)
                    self.refused[mail_plan.source_of(self.filed[one.index].mail)] = why


def _evidence(workbook: Path) -> mail_plan.Evidence:
    """Reads the beginning of a mail that is kept beside the workbook, and of nothing else."""

    def read(path: str) -> bytes | None:
        parts = path.split("/")
        if parts[0] != case_folder.HOME or ".." in parts or len(parts) != 3:
            return None
        try:
            with regular_file.opened(workbook.parent / path) as file:
                return file.read(_HEADERS)
        except OSError:
            return None

    return read


def import_mails(book: Path, paths: Sequence[Path], how: How, *, case: str | None, with_: str | None) -> None:
    """Enter the mails in files and folders. Raises UsageError, and what `entering.enter` does."""
    unread: list[tuple[str, str]] = []
    mails: list[Mail] = []
    for found in _found(paths):
        if isinstance(found, Mail):
            mails.append(found)
        else:
            unread.append(found)
    importing = _Import(mails, case, with_)
    if is_asked() and not how.as_json and not how.dry_run:
        importing.promises = _asked_promises(book, importing)
    done = importing.enter(book, how) if mails else Done([], book)
    _answer(importing, done, unread, how)


def _found(paths: Sequence[Path]) -> Iterator[Mail | tuple[str, str]]:
    for path in paths:
        yield from mails_in(path)


def _asked_promises(book: Path, importing: _Import) -> dict[str, Promise]:
    """The promises with a day in what support wrote, as far as the person at the terminal wants them."""
    from refundbook.cli.common import loaded

    importing.planned(loaded(book, strict=False))
    wanted = {}
    for one in importing.filed:
        if one.fields["direction"] == "Received":
            for promise in promises_in(one.mail.text.text):
                label = f'{one_line(one.number)}: "{one_line(promise.text)}" Enter it as a promise, due {promise.due}'
                if click.confirm(label, default=False, err=True):
                    wanted[mail_plan.source_of(one.mail)] = promise
                    break
    return wanted


def _answer(importing: _Import, done: Done, unread: Sequence[tuple[str, str]], how: How) -> None:
    listed = [*unread, *((mail.source, why) for mail, why in importing.plan.listed)]
    listed += [(m.source, why) for m in importing.mails if (why := importing.refused.get(mail_plan.source_of(m)))]
    remarks = [(one.mail.source, remark) for one in importing.filed for remark in _remarks(one.mail)]
    if how.as_json:
        echo_json(
            {
                "would_enter" if how.dry_run else "kept" if done.because else "entered": [
                    {"mail": one.mail.source, "number": one.number, "source": mail_plan.source_of(one.mail)}
                    for one in importing.filed
                ],
                "known": [mail.source for mail in importing.plan.known],
                "listed": [{"mail": source, "message": why} for source, why in listed],
                "remarks": [{"mail": source, "message": remark} for source, remark in remarks],
                "files": importing.kept.paths,
            }
        )
    else:
        _say(importing, done, how)
        for source, why in (*remarks, *listed):
            complain(f"{one_line(source)}: {why}")
    if done.code or (listed and not importing.filed):
        raise SystemExit(done.code or 1)


def _remarks(mail: Mail) -> Iterator[str]:
    yield from mail.remarks
    if mail.text.is_unsure:
        yield "It is not sure what of it is new, so all of its text was kept: shorten it with `refundbook amend`."


def _say(importing: _Import, done: Done, how: How) -> None:
    verb = "Would enter" if how.dry_run else "Kept in the inbox" if done.because else "Entered"
    for one in importing.filed:
        which = f"{one.fields['direction'].__str__().lower()}, {one.fields['with_']}"
        say(f"{verb} {one_line(one.number)}: {one_line(one.mail.subject or one.mail.source)} ({which}).")
    if importing.plan.known:
        say(f"In the log already: {counted(len(importing.plan.known), 'mail')}.")
    if not how.dry_run:
        for path in importing.kept.paths if importing.filed else ():
            say(f"Kept {one_line(path)}.")
    if done.because:
        complain(f"{done.because}. The entries wait in the inbox beside it: see `refundbook inbox`.")
    if how.dry_run:
        say(f"{shown(done.path)} was not changed.")


def refuse_options(**given: object) -> None:
    """Raise UsageError where an option of tables is given with mails."""
    wrong = next((name for name, value in given.items() if value), None)
    if wrong is not None:
        raise UsageError(f"--{wrong.replace('_', '-')} is for tables, and these are mails.")
