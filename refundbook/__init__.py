"""Refund cases, promises and outcomes in an Excel workbook that can be trusted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refundbook.book import Book, Entry, create, edit, load
    from refundbook.errors import (
        BadValue,
        Busy,
        CannotWrite,
        Conflict,
        EntriesRefused,
        EntryRefused,
        ImportRefused,
        InvalidWorkbook,
        MissingWorkbook,
        RefundbookError,
        RulesRefuse,
        UnknownEntry,
        UnreadableWorkbook,
        UnsupportedEdit,
        UsageError,
    )
    from refundbook.findings import Finding, Report, Severity

__version__ = "0.2.0"

__all__ = [
    "BadValue",
    "Book",
    "Busy",
    "CannotWrite",
    "Conflict",
    "EntriesRefused",
    "Entry",
    "EntryRefused",
    "Finding",
    "ImportRefused",
    "InvalidWorkbook",
    "MissingWorkbook",
    "RefundbookError",
    "Report",
    "RulesRefuse",
    "Severity",
    "UnknownEntry",
    "UnreadableWorkbook",
    "UnsupportedEdit",
    "UsageError",
    "create",
    "edit",
    "load",
]

_HOMES = {
    **dict.fromkeys(("Book", "Entry", "create", "edit", "load"), "refundbook.book"),
    **dict.fromkeys(("Finding", "Report", "Severity"), "refundbook.findings"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562): the command needs few of them, and starts fast."""
    if name not in __all__:
        raise AttributeError(f"module 'refundbook' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES.get(name, "refundbook.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
