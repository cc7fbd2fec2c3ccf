"""What `refundbook history` does to prove a history: its head, verifying it, time stamps, erasing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from refundbook.base.errors import CannotWrite, RulesRefuse, UsageError
from refundbook.base.text import counted, one_line
from refundbook.cli.common import MAX_SETTING, complain, echo_json, given_bytes, loaded, say, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.history.verify import Verified
    from refundbook.storage.stamps import Stamp


def is_asked(
    book: Path,
    as_json: bool,
    *,
    asks_head: str | None,
    asks_verify: bool,
    forgets: str | None,
    stamp_request: Path | None,
    stamp: Path | None,
    tsa_cert: Path | None,
) -> bool:
    """Do what one of these options asks for; give whether any did."""
    if tsa_cert is not None and stamp is None:
        raise UsageError("--tsa-cert goes with --stamp.")
    if forgets is not None:
        forget(book, forgets)
    elif stamp_request is not None:
        write_request(book, stamp_request)
    elif stamp is not None:
        keep_answer(book, stamp, tsa_cert)
    elif asks_verify:
        verify(book, asks_head, as_json)
    elif asks_head:
        raise UsageError("A head is compared with --verify: refundbook history --verify --head HEAD.")
    elif asks_head is not None:
        say_head(book)
    else:
        return False
    return True


def say_head(book: Path) -> None:
    """Print the newest line's number and hash, and nothing else."""
    from refundbook.storage.history_reader import verified

    found = verified(book)
    if found.head is None:
        raise UsageError(none_yet(book))
    say(f"{found.head.header['line']} {found.head.hash}")


def none_yet(book: Path) -> str:
    """What is said of a workbook without a history."""
    return f"{book} has no history yet: the first command that writes begins it."


def verify(book: Path, kept: str | None, as_json: bool) -> None:
    """Say whether the history is as it was written, with a head that was kept and the stamps beside it. Raises
    SystemExit where it is not.
    """
    from refundbook.record.history.verify import read_claim
    from refundbook.storage.history_reader import is_of_workbook, verified
    from refundbook.storage.stamps import stamps_of

    claim = read_claim(kept) if kept else None
    if kept is not None and claim is None:
        raise UsageError("--head asks for the line that `refundbook history --head` printed, or its SHA-256.")
    found, stamps = verified(book, claim), stamps_of(book)
    is_as_left = is_of_workbook(found, book)
    wrong = [*(problem.message for problem in found.problems), *(stamp.problem for stamp in stamps if stamp.problem)]
    if as_json:
        _verified_json(found, stamps, is_as_left)
    elif not wrong and not found.lines:
        say(none_yet(book))
    elif not wrong:
        alone = "Without a head nobody can tell whether it was cut off or made anew."
        said = f"The history of {one_line(book.name)} is as it was written: {counted(found.lines, 'line')}."
        say(f"{said} {'The head is among them.' if claim else alone}")
        for stamp in stamps:
            say(str(stamp))
        say(_as_left(is_as_left))
    for message in wrong:
        complain(message)
    if wrong:
        raise SystemExit(RulesRefuse.exit_code)


def _verified_json(found: Verified, stamps: Sequence[Stamp], is_as_left: bool) -> None:
    echo_json(
        {
            "lines": found.lines,
            "head": found.head and {"line": found.head.header["line"], "sha256": found.head.hash},
            "workbook_is_as_left": is_as_left,
            "problems": [problem._asdict() for problem in found.problems],
            "stamps": [{**stamp._asdict(), "file": stamp.file.name} for stamp in stamps],
        }
    )


def _as_left(is_as_left: bool) -> str:
    if is_as_left:
        return "The workbook is as the last line left it."
    return "The workbook was changed since the last line: `refundbook history` tells what."


def write_request(book: Path, target: Path) -> None:
    """Write a request for a time stamp of the newest line."""
    from refundbook.storage.stamps import stamp_request
    from refundbook.storage.workbook_file import create

    try:
        create(target, stamp_request(book))
    except FileExistsError as error:
        raise CannotWrite(f"{target} exists already and is left as it is. Name another file.") from error
    say(f"Made {shown(target)}. Send it to a time-stamping authority, and keep the answer: docs/history.md shows how.")


def keep_answer(book: Path, answer: Path, certificates: Path | None) -> None:
    """Keep the answer to such a request."""
    from refundbook.storage.stamps import keep_stamp

    roots = None if certificates is None else given_bytes(certificates, MAX_SETTING)
    stamp = keep_stamp(book, given_bytes(answer, MAX_SETTING), roots)
    say(f"Kept {shown(stamp.file)}. {stamp}")


def forget(book: Path, number: str) -> None:
    """Erase what the history says of a case, and name what this does not reach."""
    from refundbook.storage.backups import backups
    from refundbook.storage.history_forget import copies_of_history
    from refundbook.storage.history_forget import forget as erase

    read = loaded(book, strict=False)
    count = erase(read.path, number, read.records)
    say(f"Erased {counted(count, 'change')} of {one_line(number)} from the history of {one_line(book.name)}.")
    if read.records.case(read.records.key_of(number)) is not None:
        say("The case itself is still in the workbook: take it out there too.")
    kept = backups(book)
    also = f"{counted(len(kept), 'backup')} in {shown(kept[0].path.parent)}, " if kept else ""
    also += "".join(f"{shown(copy)} (another computer's history), " for copy in copies_of_history(book))
    say(f"What this does not reach: {also}evidence, packets, exports, mails, and copies on other computers.")
