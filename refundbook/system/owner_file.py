"""The owner files that office programs put beside a workbook while they have it open: who has it open, and whether the
file was left behind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from refundbook.system.nofollow import open_file

_ZIP = b"PK"
"""How a workbook begins, whatever its name."""


class Owner:
    """Who has a workbook open, by the file that says so. `user` is `""` where it does not name anybody."""

    def __init__(self, program: str, user: str, file: Path) -> None:
        self.program = program
        self.user = user
        self.file = file


def owner_of(path: Path) -> Owner | None:
    """Who has the workbook open; None for nobody, or where the owner file was certainly left behind by a program that
    is gone.
    """
    for program, pattern, read in _PROGRAMS:
        file = path.with_name(pattern.format(path.name))
        if os.path.lexists(file):
            fields = read(_beginning(file))
            if not _is_left_behind(fields):
                return Owner(program, next((field for field in fields[:2] if field), ""), file)
    return None


def opened_by(file: Path) -> tuple[str, str] | None:
    """The workbook's name and the program's, where a file is an owner file, as a shell's `*` gives it among workbooks;
    None for any other file.
    """
    for program, pattern, _ in _PROGRAMS:
        before, _, after = pattern.partition("{}")
        name = file.name.removeprefix(before).removesuffix(after)
        if f"{before}{name}{after}" == file.name and name and not _beginning(file).startswith(_ZIP):
            return name, program
    return None


def _beginning(file: Path) -> bytes:
    # A FIFO by this name must not keep the command waiting, nor a link show another file's beginning.
    with suppress(OSError), os.fdopen(open_file(file), "rb") as opened:
        return opened.read(4096)
    return b""


def _excel_fields(data: bytes) -> tuple[str, ...]:
    """The user's name in Excel's owner file: a length byte and the name in the system's code page, then again in UTF-16
    from byte 55.
    """
    with suppress(IndexError, UnicodeDecodeError):
        narrow, wide = data[1 : 1 + data[0]], data[57 : 57 + 2 * data[55]] if len(data) > 55 else b""
        return (_printable(wide.decode("utf-16-le") if wide else narrow.decode("cp1252")),)
    return ()


def _libreoffice_fields(data: bytes) -> tuple[str, ...]:
    """Full name, log-in name, computer, time, profile: separated by `,`, ended by `;`, both escaped with `\\` (svl's
    LockFileCommon).
    """
    with suppress(UnicodeDecodeError):
        line = re.split(r"(?<!\\);", data.decode(), maxsplit=1)[0]
        return tuple(_printable(re.sub(r"\\(.)", r"\1", field)) for field in re.split(r"(?<!\\),", line))
    return ()


def _printable(name: str) -> str:
    return "".join(c for c in name if c.isprintable()).strip()


_PROGRAMS: tuple[tuple[str, str, Callable[[bytes], tuple[str, ...]]], ...] = (
    ("Excel", "~${}", _excel_fields),
    ("LibreOffice", ".~lock.{}#", _libreoffice_fields),
    ("WPS Office", ".~{}", _excel_fields),
)


def _is_left_behind(fields: tuple[str, ...]) -> bool:
    """Whether a LibreOffice that is gone left its file: it names this user on this computer, and no LibreOffice runs
    here. (On Windows the user is written with a domain before: `SHOP-PC/mia`.)

    Excel's names no computer, so that it may always be a living one's. Where processes cannot be listed nothing is
    certain either.
    """
    import socket

    from refundbook.system import programs

    if len(fields) < 3 or fields[2].casefold() != socket.gethostname().casefold():
        return False
    user = programs.user_name()
    if not user or re.split(r"[/\\]", fields[1])[-1] != user:
        return False
    try:
        return not any("soffice" in name for name in programs.running())
    except OSError:
        return False
