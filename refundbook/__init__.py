"""Refund cases, promises and outcomes in an Excel workbook that can be trusted."""

from __future__ import annotations

from importlib import import_module

from refundbook.base.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.base.errors import (
        BadValue,
        Busy,
        CannotWrite,
        Conflict,
        DamagedWorkbook,
        EntriesRefused,
        EntryRefused,
        InvalidWorkbook,
        MissingWorkbook,
        RefundbookError,
        RulesRefuse,
        UnknownEntry,
        UnreadableWorkbook,
        UnsupportedEdit,
        UsageError,
    )
    from refundbook.base.findings import Finding, Report, Severity
    from refundbook.base.reports import Reports
    from refundbook.book.book import Book
    from refundbook.book.books import Books, load_all
    from refundbook.book.opening import create, edit, load
    from refundbook.importing.source_table import ImportRefused
    from refundbook.record.entries import Entry

__all__ = [
    "BadValue",
    "Book",
    "Books",
    "Busy",
    "CannotWrite",
    "Conflict",
    "DamagedWorkbook",
    "EntriesRefused",
    "Entry",
    "EntryRefused",
    "Finding",
    "ImportRefused",
    "InvalidWorkbook",
    "MissingWorkbook",
    "RefundbookError",
    "Report",
    "Reports",
    "RulesRefuse",
    "Severity",
    "UnknownEntry",
    "UnreadableWorkbook",
    "UnsupportedEdit",
    "UsageError",
    "__version__",
    "create",
    "edit",
    "load",
    "load_all",
]

_HOMES = {
    "Book": "refundbook.book.book",
    **dict.fromkeys(("create", "edit", "load"), "refundbook.book.opening"),
    **dict.fromkeys(("Books", "load_all"), "refundbook.book.books"),
    "Reports": "refundbook.base.reports",
    **dict.fromkeys(("Finding", "Report", "Severity"), "refundbook.base.findings"),
    "Entry": "refundbook.record.entries",
    "ImportRefused": "refundbook.importing.source_table",
}
"""Where the public names live that are no errors of `base.errors`."""


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562): the command needs few of them, and starts fast."""
    if name not in __all__:
        raise AttributeError(f"module 'refundbook' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES.get(name, "refundbook.base.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
