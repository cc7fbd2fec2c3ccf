"""The errors that refundbook raises. Each message is one sentence on what is wrong, with what to do next."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from refundbook.base.findings import Finding, Report


class RefundbookError(Exception):
    """The base of every error that refundbook raises on purpose. `exit_code` is what the command ends with.

    `lines` are what its message is made of, each a sentence or two: most have one. A line break in a text of the
    workbook, or in the name of a file, makes none.
    """

    exit_code = 2

    def __init__(self, *lines: str) -> None:
        self.lines = tuple(" ".join(line.splitlines()) for line in lines)
        super().__init__("\n".join(self.lines))

    def __reduce__(self) -> tuple[Callable[..., RefundbookError], tuple[Any, ...], dict[str, Any]]:
        """Pickled by its message and attributes, never by calling `__init__` again, which may be made of something else
        (PEP 307).

        A pool of processes hands an error over in this way, and `multiprocessing.Pool` waits for ever where it cannot
        be read there.
        """
        return self._again, self.args, self.__dict__

    @classmethod
    def _again(cls, *args: object) -> Self:
        made = cls.__new__(cls)
        made.args = args
        return made


class UsageError(RefundbookError):
    """Something was asked for that refundbook does not offer: an unknown column, a missing required value.

    Of several entries that were made at once, `index` (from 0) is that of the entry which it is about.
    """

    index: int | None = None


class BadValue(RefundbookError, ValueError):
    """A text or object from outside that cannot be read as the value it is meant to be. Says what is accepted."""

    exit_code = 1


class RulesRefuse(RefundbookError):
    """The rules refuse the workbook or an entry; nothing was written."""

    exit_code = 1


class InvalidWorkbook(RulesRefuse):
    """The workbook breaks rules. `report` holds every finding, and in `report.book` the workbook's name. `reason` says
    the first of them alone.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        first = report.errors[0]
        more = len(report.errors) - 1
        rest = f" {more} more: run `refundbook check`." if more else ""
        self.reason = f"{first}{rest}"
        super().__init__(f"{report.book}: {self.reason}")


class EntryRefused(RulesRefuse):
    """An entry was not appended or amended. `findings` says why; `index` is its place (from 0) among those given
    together.
    """

    def __init__(self, what: str, findings: tuple[Finding, ...], index: int = 0) -> None:
        self.findings = findings
        self.index = index
        reasons = " ".join(f"{finding.message} {finding.hint}".strip() for finding in findings)
        super().__init__(f"{what}: {reasons}")


class EntriesRefused(RulesRefuse):
    """Entries given together were not appended, none of them. `entries` holds the refused ones in order."""

    def __init__(self, entries: list[EntryRefused]) -> None:
        self.entries = entries
        super().__init__(*map(str, entries))


class UnknownEntry(RefundbookError, LookupError):
    """There is no such case or entry in the workbook."""

    exit_code = 1


class Busy(RefundbookError):
    """The workbook is locked, or open in Excel or LibreOffice. `reason` says only that, the message also what to do
    next.
    """

    exit_code = 3

    def __init__(self, reason: str, advice: str) -> None:
        self.reason = reason
        super().__init__(f"{reason}. {advice}")


class Conflict(RefundbookError):
    """The workbook was changed on disk since it was loaded; nothing was overwritten."""

    exit_code = 3


class MissingWorkbook(RefundbookError, FileNotFoundError):
    """There is no workbook at the path."""

    exit_code = 2


class UnreadableWorkbook(RefundbookError):
    """The file is not a workbook, is damaged, encrypted, or of a kind that is not supported."""

    exit_code = 4


class DamagedWorkbook(UnreadableWorkbook):
    """The file is not what a workbook has to be: Excel may repair it, or there is a backup."""


class UnsupportedEdit(RefundbookError):
    """The workbook is laid out in a way in which the change cannot be made without risk to what stands there; nothing
    was written.
    """

    exit_code = 1


class CannotWrite(RefundbookError):
    """The new file could not be written (disk full, no permission); the workbook is unchanged."""

    exit_code = 3


def with_advice(error: UnreadableWorkbook) -> str:
    """What is wrong with a file, and where it is damaged what to do about it."""
    return f"{error} {_IF_DAMAGED}" if isinstance(error, DamagedWorkbook) else str(error)


_IF_DAMAGED = "Excel may repair it (File > Open > Open and Repair); `refundbook restore` lists its backups."
