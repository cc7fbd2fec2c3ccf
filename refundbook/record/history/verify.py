"""Whether a journal is the one that was written: each line by itself, each with the one before, all with a head that
somebody kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.record.history.chain import NOTHING_BEFORE, BadLine, Head, Line, read_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_HEAD = re.compile(r"(?:(\d{1,12})\s+)?([0-9a-f]{64})", re.IGNORECASE)


class Problem(NamedTuple):
    """What is wrong with a line of a journal, by its number as counted in the file: a sentence."""

    line: int
    message: str


class Verified(NamedTuple):
    """What was found in a journal of so many lines, and the last line that is one."""

    lines: int
    head: Head | None
    problems: tuple[Problem, ...]


class Claim(NamedTuple):
    """A head that was kept: the hash of a line, and its number where that was kept with it."""

    number: int | None
    hash: str


def read_claim(text: str) -> Claim | None:
    """The head that a text names, as `history --head` prints it or its SHA-256 alone; None where it names none."""
    found = _HEAD.fullmatch(text.strip())
    return Claim(int(found[1]) if found[1] else None, found[2].lower()) if found else None


def verify(
    raw_lines: Iterable[bytes], claim: Claim | None = None, take: Callable[[Line], object] = lambda _: None
) -> Verified:
    """Check a journal's lines, which are as they stand in the file, with their line breaks. `take` is called with each
    that is one.
    """
    checked = _Checked(claim)
    for raw in raw_lines:
        line = checked.read(raw)
        if line is not None:
            take(line)
    return checked.result()


class _Checked:
    def __init__(self, claim: Claim | None) -> None:
        self._claim = claim
        self._problems: list[Problem] = []
        self._count = 0
        self._expected = 1
        self._before: str | None = NOTHING_BEFORE
        self._head: Head | None = None
        self._claimed: str | None = None
        """The hash of the line that has the claim's number, or the claim's own where a line has it."""
        self._left_out: set[tuple[int, int]] = set()
        self._forgotten: set[tuple[int, int]] = set()

    def read(self, raw: bytes) -> Line | None:
        self._count += 1
        if not raw.endswith(b"\n"):
            self._wrong("is not whole: it was cut off, or a command was stopped while it wrote it")
            return None
        try:
            line = read_line(raw[:-1])
        except BadLine as error:
            self._wrong(str(error))
            self._before = None
            self._expected += 1
            return None
        self._place(line)
        self._note(line)
        return line

    def _wrong(self, what: str) -> None:
        self._problems.append(Problem(self._count, f"Line {self._count} {what}."))

    def _place(self, line: Line) -> None:
        """See that a line follows from the one before; where that was changed itself, only by its number."""
        number = line.number
        if number > self._expected:
            gone = f"{self._expected}" if number == self._expected + 1 else f"{self._expected} to {number - 1}"
            self._wrong(f"is number {number}: before it, number {gone} was removed")
        elif number < self._expected:
            self._wrong(f"is number {number}, which is out of its place: it was put in there, or moved")
        elif self._before not in (None, line.header["previous"]):
            self._wrong("does not follow from the line before it: one of them is of another history, or was made anew")

    def _note(self, line: Line) -> None:
        self._before, self._expected = line.hash, line.number + 1
        self._head = Head(line.header, line.hash)
        claim = self._claim
        if claim and self._claimed != claim.hash and (line.hash == claim.hash or line.number == claim.number):
            self._claimed = line.hash
        self._left_out.update((line.number, at) for at, change in enumerate(line.changes) if change is None)
        self._forgotten.update(_forgotten_by(line.header))

    def result(self) -> Verified:
        for number in sorted({number for number, _ in self._left_out - self._forgotten}):
            said = "has changes that are left out, and no line says that they were erased on request"
            self._problems.append(Problem(number, f"Line {number} {said}."))
        self._problems += self._against_claim()
        return Verified(self._count, self._head, tuple(self._problems))

    def _against_claim(self) -> Iterator[Problem]:
        if self._claim is None or self._claimed == self._claim.hash:
            return
        last = 0 if self._head is None else int(self._head.header["line"])
        number = self._claim.number
        if number is None:
            why = "No line has the hash of the head: the history was cut off or made anew, or it is another one."
        elif number > last:
            why = (
                f"The history ends at line {last}, and the head is of line {number}: it was cut off at the end, "
                "or it is another one."
            )
        else:
            why = (
                f"Line {number} is not the one that the head is of: it or one before it was made anew, "
                "or it is another history."
            )
        yield Problem(number or last, why)


def _forgotten_by(header: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Line and position of the changes that a line says were erased."""
    forgot = header.get("forgot")
    lines = forgot.get("lines") if isinstance(forgot, dict) else None
    for number, places in lines.items() if isinstance(lines, dict) else ():
        yield from ((int(number), at) for at in places)
