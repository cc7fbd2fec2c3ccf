"""Writes an evidence packet: a folder or a ZIP archive, all or nothing, and never over something else."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path

from refundbook.base.errors import CannotWrite, UsageError
from refundbook.evidence.attachments import MAX_EXHIBIT, NotTaken, identity_of, open_regular, too_large
from refundbook.evidence.packet import FILES, Exhibit, Packet
from refundbook.evidence.page import Taken, html_page, manifest, statement
from refundbook.system import bounds, regular_file
from refundbook.system.nofollow import real_path
from refundbook.system.refusals import reason
from refundbook.system.room import NEW, Room

PAGE = "evidence.html"
STATEMENT = "statement.txt"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP archive can hold (APPNOTE.TXT 4.4.6)."""
_MODE = 0o100644 << 16
_CHUNK = 1 << 20
_MAX_SUMS = 256 << 20
"""Bytes of a list of sums."""
_ANYBODYS = 0o666
"""The mode of what is made, as far as the user's umask leaves it: a packet is given away."""
_LOOSE = "packet"
"""The folder of what goes into an archive."""


def write(packet: Packet, target: Path, *, force: bool = False) -> tuple[Taken, ...]:
    """Make the packet at `target`: an archive where that ends with `.zip`, else a folder. Returns the files that were
    taken.

    Raises UsageError where something stands there (with `force`, only where that is no packet: nothing else is ever
    replaced), CannotWrite where it cannot be made.
    """
    as_archive = target.suffix.lower() == ".zip"
    at = real_path(target.parent) / target.name
    try:
        _refuse_target(target, as_archive, force)
        with Room(at) as room:
            taken, names = _fill(packet, room, _LOOSE if as_archive else NEW)
            if as_archive:
                _pack(room, names)
            _put(room, target, as_archive, force)
            room.sync_place()
    except OSError as error:
        raise CannotWrite(f"{target} cannot be made: {reason(error)}.") from error
    return taken


def _refuse_target(target: Path, as_archive: bool, force: bool) -> None:
    if not os.path.lexists(target) or (not as_archive and _is_empty_folder(target)):
        return
    if not force:
        raise UsageError(f"{target} exists already and is left as it is. Name another, or replace it with --force.")
    if not (_is_archive_of_ours(target) if as_archive else _is_folder_of_ours(target)):
        raise _not_ours(target)


def _put(room: Room, target: Path, as_archive: bool, force: bool) -> None:
    """Attachments take a while to copy, in which somebody may have saved something else by that name."""
    if as_archive and force and os.path.lexists(target):
        if not _is_archive_of_ours(target):
            raise _not_ours(target)
        room.put_over()
    elif as_archive:
        room.put_first()
    elif not force:
        room.put_first_folder()
    elif not room.put_over_folder(lambda at: _is_empty_folder(at) or _is_folder_of_ours(at)):
        raise _not_ours(target)


def _not_ours(target: Path) -> UsageError:
    return UsageError(
        f"{target} is not an evidence packet, or holds more than one brought, and is left as it is. Name another."
    )


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


def _is_folder_of_ours(path: Path) -> bool:
    """Whether a folder holds a packet and nothing that someone put in later: replacing it must not cost anything."""
    if path.is_symlink() or not (path / SUMS).is_file():
        return False
    try:
        sums = regular_file.read(path / SUMS, _MAX_SUMS).decode("utf-8", "replace")
    except bounds.TooLarge:
        return False
    brought = {line[66:] for line in sums.splitlines()} | {SUMS, FILES}
    return {file.relative_to(path).as_posix() for file in path.rglob("*")} <= brought


def _is_archive_of_ours(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return {SUMS, MANIFEST, PAGE} <= set(archive.namelist())
    return False


def _fill(packet: Packet, room: Room, folder: str) -> tuple[tuple[Taken, ...], list[str]]:
    """The files that were taken, and the names of all that lies in the folder now."""
    room.make_folder(folder)
    if packet.exhibits:
        room.make_folder(f"{folder}/{FILES}")
    taken = tuple(_take(exhibit, room, f"{folder}/{exhibit.name}") for exhibit in packet.exhibits)
    texts: dict[str, str | bytes] = {
        PAGE: html_page(packet, taken, lambda name: room.open(f"{folder}/{name}")),
        STATEMENT: statement(packet),
        **dict(packet.texts),
        MANIFEST: json.dumps(manifest(packet, taken), ensure_ascii=False, indent=2) + "\n",
    }
    sums = {file.exhibit.name: file.sha256 for file in taken}
    for name, text in texts.items():
        data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
        _write(room, f"{folder}/{name}", data)
        sums[name] = hashlib.sha256(data).hexdigest()
    # As `sha256sum --check` reads it: no name of a packet needs its escapes.
    _write(room, f"{folder}/{SUMS}", "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())
    return taken, sorted([*sums, SUMS])


def _write(room: Room, name: str, data: bytes) -> None:
    with room.create(name, _ANYBODYS) as file:
        file.write(data)


def _take(exhibit: Exhibit, room: Room, name: str) -> Taken:
    """Copy a file and sum up the very bytes that are copied."""
    digest, size = hashlib.sha256(), 0
    try:
        source = open_regular(exhibit.source)
    except NotTaken as error:
        raise CannotWrite(f"{exhibit.own_name} {error}. The packet was not made.") from error
    with source, room.create(name, _ANYBODYS) as copy:
        if identity_of(source) != exhibit.identity:
            raise CannotWrite(f"{exhibit.own_name} was changed meanwhile. The packet was not made; make it again.")
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size > MAX_EXHIBIT:  # it grows while it is copied
                raise CannotWrite(f"{exhibit.own_name} {too_large()}. The packet was not made.")
            copy.write(chunk)
    return Taken(exhibit, size, digest.hexdigest())


def _pack(room: Room, names: list[str]) -> None:
    """One ZIP archive of the files, the same for the same files: sorted, times fixed, stored as they are, so that no
    zlib makes a difference.
    """
    with room.create(mode=_ANYBODYS) as archive:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
            for name in names:
                with room.open(f"{_LOOSE}/{name}") as source:
                    entry = zipfile.ZipInfo(name, _FIXED_TIME)
                    entry.create_system, entry.external_attr = 3, _MODE
                    entry.file_size = os.fstat(source.fileno()).st_size
                    with packed.open(entry, "w") as target:
                        shutil.copyfileobj(source, target, _CHUNK)
        archive.flush()
        os.fsync(archive.fileno())
