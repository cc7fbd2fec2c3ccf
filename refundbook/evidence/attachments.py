"""The files that the log names as evidence: found safely, and named safely in a packet.

What stands in the Evidence column came from a spreadsheet that others may have typed into, so it is not trusted: it
cannot reach out of the workbook's folder, make a device be read, or choose a name in the packet.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from refundbook.base.errors import UnreadableWorkbook
from refundbook.base.names import HOME
from refundbook.base.schema import SHEETS
from refundbook.system.nofollow import Unfit, has_foreign_drive, open_file, real_path
from refundbook.system.pieces import FileSource
from refundbook.system.refusals import NO_FILE, reason
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


_LINK = re.compile(r"(?i)(?:[a-z][a-z0-9+.\-]+://|mailto:)\S")
_QUOTED = re.compile('^"([^"]+)"$')
"""What Windows' "Copy as path" gives: no name there has a quotation mark in it."""
_LONGEST_STEM = 60
MAX_EXHIBIT = 1 << 30
"""Bytes of a file in a packet: gateways take some ten million of all together."""
_ITSELF = "is the workbook itself, with all your cases"


class NotTaken(Exception):
    """Why a file is not taken, as the rest of a sentence. `outside`: because it lies outside the workbook's folder;
    `linked`: because it has other names.
    """

    def __init__(self, reason: str, *, outside: bool = False, linked: bool = False) -> None:
        self.outside = outside
        self.linked = linked
        super().__init__(reason)


def references(cell: str) -> list[str]:
    """The files and links that an Evidence cell names: one a line, or several on a line with `; ` between them, each
    with or without quotation marks around it.
    """
    pieces = (piece.strip(" \t;") for line in cell.splitlines() for piece in re.split(r";\s+", line))
    return [part for piece in pieces if (part := _QUOTED.sub(r"\1", piece).strip())]


def is_link(said: str) -> bool:
    """Whether this is an address rather than a file. A `file:` address is neither: `locate` says so."""
    return _LINK.match(said) is not None and not said.lower().startswith("file:")


def locate(said: str, workbook: Path, *, allow_outside: bool = False) -> Path:
    """The real path of the file that `said` names beside `workbook`. Both `/` and `\\` separate folders.

    Raises NotTaken where there is none, it is no regular file, it cannot be opened, it is among what refundbook keeps
    of all cases, or it lies outside the workbook's folder, however it gets there (`..`, a symbolic link, an absolute
    path, a drive letter), and that is not allowed.
    """
    if said.lower().startswith("file:"):
        raise NotTaken("is a file: address; write the path beside the workbook instead, such as screenshots/chat.png")
    if has_foreign_drive(said):
        if not allow_outside:
            raise NotTaken("lies outside the workbook's folder", outside=True)
        raise NotTaken("is a path of a Windows computer, which cannot be found from here")
    path = _resolved(said, workbook.parent)
    for other in _other_forms(said):
        if _is_there(path):
            break
        path = _resolved(other, workbook.parent)
    if not path.is_relative_to(real_path(workbook.parent)) and not allow_outside:
        raise NotTaken("lies outside the workbook's folder", outside=True)
    if path == real_path(workbook):
        raise NotTaken(_ITSELF)
    if any(part.casefold() == HOME for part in path.parts):
        raise NotTaken(f"lies in {HOME}, where refundbook keeps backups and entries of all your cases")
    with open_regular(path):
        return path


def _other_forms(said: str) -> Iterator[str]:
    """The same name as other systems write it: with `\\` between folders, or with accents apart from their letters, as
    macOS has them, or joined.
    """
    if "\\" in said:
        yield said.replace("\\", "/")
    if not said.isascii():
        yield from (unicodedata.normalize(form, said) for form in ("NFC", "NFD"))


def _resolved(said: str, folder: Path) -> Path:
    try:
        return (folder / said).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise NotTaken("is not a path that can be followed") from error


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except OSError:
        return False
    return True


Identity = tuple[int, ...]
"""What tells a file that was looked at from one that was put in its place, or changed."""


def look_at(path: Path, workbook: Path, *, allow_linked: bool = False) -> Identity:
    """See that the file at `path`, a real path, may leave the house. Raises NotTaken where it is a workbook of cases,
    by whatever name and ending, or has other names, so that it may be a file from elsewhere, and that is not allowed.
    """
    with open_regular(path) as file:
        status = os.fstat(file.fileno())
        if os.path.samestat(status, workbook.stat()):
            raise NotTaken(_ITSELF)
        if _holds_cases(path):
            raise NotTaken("is a workbook of cases, with those of other customers")
        if status.st_nlink > 1 and not allow_linked:
            raise NotTaken(
                "has a second name somewhere (a hard link), so that it may be any file of yours", linked=True
            )
        return identity_of(file)


def identity_of(file: BinaryIO) -> Identity:
    """The identity of an open file."""
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _holds_cases(path: Path) -> bool:
    """Whether this is a workbook with sheets for cases, by its content. One of them alone anybody may have."""
    try:
        source = FileSource(path)
    except OSError as error:
        raise NotTaken(f"cannot be read: {reason(error, NO_FILE)}") from error
    try:
        layout = Layout(Package(source))
        return sum(layout.sheet(sheet.name) is not None for sheet in SHEETS) > 1
    except UnreadableWorkbook:
        return False
    finally:
        source.close()


def open_regular(path: Path) -> BinaryIO:
    """Open a file by its real path for reading: nothing but a file, by way of no link, of at most MAX_EXHIBIT bytes.
    Raises NotTaken.
    """
    try:
        _refuse_special(path.lstat())
        file = os.fdopen(open_file(path), "rb")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotTaken("is not there") from error
    except Unfit as error:
        # It was none when its path was found.
        raise NotTaken("cannot be read: a link was put in its place") from error
    except OSError as error:
        raise NotTaken(f"cannot be read: {reason(error, NO_FILE)}") from error
    if os.fstat(file.fileno()).st_size > MAX_EXHIBIT:
        file.close()
        raise too_large()
    return file


def _refuse_special(status: os.stat_result) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
        kind = "a folder: name the files in it" if stat.S_ISDIR(status.st_mode) else "not a file, but a device or pipe"
        raise NotTaken(f"is {kind}")


def too_large() -> NotTaken:
    return NotTaken(f"is larger than {MAX_EXHIBIT:,} bytes, more than any gateway takes")


def own_name(said: str) -> str:
    """A file's name as a packet shows it: the path beside the workbook, or the name alone where the path says more of
    one's computer.
    """
    parts = re.split(r"[\\/]", said)
    is_beside = not PureWindowsPath(said).drive and parts[0] and ".." not in parts
    return said if is_beside else next((part for part in reversed(parts) if part), said)


def packet_name(number: int, width: int, said: str) -> str:
    """A file's name in a packet: its number, then as much of its own name as every system and gateway takes.

    PayPal takes letters, digits, dashes, one dot, and an ending of letters (`document.name` of Customer Disputes v1).
    """
    own = re.split(r"[\\/]", said.rstrip("\\/"))[-1]
    plain = unicodedata.normalize("NFKD", own).encode("ascii", "ignore").decode()
    stem, dot, ending = plain.rpartition(".")
    if not dot or not re.fullmatch("[A-Za-z0-9]{1,8}", ending):
        stem, dot, ending = plain, "", ""
    stem = re.sub("[^A-Za-z0-9]+", "-", stem)[:_LONGEST_STEM].strip("-") or "file"
    return f"{number:0{width}}-{stem}{dot}{ending.lower()}"
