"""The folder `evidence/<case>` beside a workbook: files about a case are kept there, with their SHA-256 in SHA256SUMS.

Names come from outside and are no paths: of each as much is taken as every system can have. What stands there is never
overwritten, and no link is followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from refundbook.base.errors import CannotWrite, UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.system import atomic_file, regular_file
from refundbook.system.nofollow import delete, read_file
from refundbook.system.refusals import NO_FILE, reason

HOME = "evidence"
SUMS = "SHA256SUMS"
MAX_FILE = 256 << 20
"""Bytes of a file that is kept; gateways take some ten million of all together."""
_MAX_SUMS = 16 << 20
_LONGEST_NUMBER, _LONGEST_STEM, _LONGEST_ENDING = 80, 80, 12
_HASH = 6
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
"""Names that mean devices on Windows."""


Changed = Callable[[list[str], str], list[str]]
"""Gives the lines of a list of sums with, or without, one line."""


class Kept(NamedTuple):
    """A file that is kept, or is to be: its path beside the workbook, with `/`, what it holds, and whether it is there
    already.
    """

    path: str
    data: bytes
    is_there: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def folder_of(number: str, key: str) -> str:
    """The name of a case's folder. `key` is the form in which its number is compared.

    It is the number with everything but letters, digits and `-` as `_`. Where that changes it, or upper and lower case
    matter in it, six hexadecimal digits of its SHA-256 stand behind.
    """
    name = re.sub(r"[^A-Za-z0-9-]", "_", number)[:_LONGEST_NUMBER]
    if name == number and key == key.casefold() and not _RESERVED.fullmatch(name):
        return name
    return f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:_HASH]}"


def file_name(said: str) -> str:
    """A name that every system can have, of one from outside: the last part of what may be a path."""
    own = unicodedata.normalize("NFC", re.split(r"[\\/]", said.rstrip("\\/"))[-1])
    plain = "".join(c if c.isalnum() or c in "-_.+ " else "_" for c in own).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not stem or len(ending) > _LONGEST_ENDING:
        stem, dot, ending = plain, "", ""
    name = f"{stem[:_LONGEST_STEM].strip(' .') or 'file'}{dot}{ending}"
    return f"_{name}" if _RESERVED.fullmatch(name) or name.casefold() == SUMS.casefold() else name


def given(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """Files that a person names: their names and what they hold. Raises UsageError."""
    found = []
    for path in paths:
        try:
            found.append((path.name, regular_file.read(path, MAX_FILE)))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {reason(error, NO_FILE)}.") from error
    return found


def planned(workbook: Path, folder: str, files: Sequence[tuple[str, bytes]]) -> list[Kept]:
    """Where files of these names would be kept. `workbook` must be a real path. One that is there already, with the
    same bytes, is not kept twice.
    """
    place = workbook.parent / HOME / folder
    found: list[Kept] = []
    for said, data in files:
        name, is_there = _free(place, file_name(said), data, found)
        found.append(Kept(f"{HOME}/{folder}/{name}", data, is_there))
    return found


def _free(place: Path, name: str, data: bytes, before: Sequence[Kept]) -> tuple[str, bool]:
    """A name that is free, or whose file holds these very bytes."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    for number in range(1, 10_000):
        candidate = name if number == 1 else f"{stem}-{number}{ending}"
        taken = {Path(kept.path).name.casefold(): kept.data for kept in before}.get(candidate.casefold())
        if taken is not None:
            if taken == data:
                return candidate, True
        elif not os.path.lexists(place / candidate):
            return candidate, False
        elif _holds(place / candidate, data):
            return candidate, True
    raise CannotWrite(f"{place} has too many files called {name}: name the new one otherwise.")


def _holds(path: Path, data: bytes) -> bool:
    with suppress(OSError):
        return read_file(path, len(data)) == data
    return False


def keep(workbook: Path, files: Sequence[Kept]) -> None:
    """Put planned files in their places, down to the disk, with their sums. Raises CannotWrite; then none is left."""
    done: list[Kept] = []
    try:
        for kept in files:
            place = workbook.parent / kept.path
            atomic_file.make_folder(place.parent.parent)
            atomic_file.make_folder(place.parent)
            if not kept.is_there:
                atomic_file.write_first(place, kept.data)
                done.append(kept)
        _add_sums(workbook, files)
    except OSError as error:
        take_back(workbook, done)
        where = error.filename or workbook.parent / HOME
        raise CannotWrite(f"{where} cannot be written: {reason(error)}. Nothing was kept there.") from error


def take_back(workbook: Path, files: Sequence[Kept]) -> None:
    """Delete the files that `keep` put there, with their sums: what they were for was not entered. Never raises."""
    new = [kept for kept in files if not kept.is_there]
    for kept in new:
        place = workbook.parent / kept.path
        with suppress(OSError):
            if read_file(place, len(kept.data)) == kept.data:
                delete(place)
    with suppress(OSError):
        _write_sums(workbook, new, lambda lines, line: [one for one in lines if one != line])


def _add_sums(workbook: Path, files: Sequence[Kept]) -> None:
    _write_sums(workbook, files, lambda lines, line: lines if line in lines else [*lines, line])


def _write_sums(workbook: Path, files: Sequence[Kept], changed: Changed) -> None:
    """The list of sums, in the form of `sha256sum`."""
    for folder in dict.fromkeys((workbook.parent / kept.path).parent for kept in files):
        at = folder / SUMS
        try:
            before = read_file(at, _MAX_SUMS).decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            before = ""
        lines = before.splitlines()
        for kept in files:
            if (workbook.parent / kept.path).parent == folder:
                lines = changed(lines, f"{kept.sha256}  {Path(kept.path).name}")
        after = "".join(f"{line}\n" for line in lines)
        if after == before:
            continue
        data = after.encode("utf-8", "surrogateescape")
        if before:
            atomic_file.write_over(at, data, at)
        else:
            atomic_file.write_first(at, data)
