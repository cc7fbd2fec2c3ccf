"""Writes an evidence packet: a folder or a ZIP archive, all or nothing, and never over something else."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path

from refundbook.errors import CannotWrite, UsageError
from refundbook.evidence import FILES, Exhibit, Packet
from refundbook.evidence_page import Taken, html_page, manifest, statement
from refundbook.exhibits import MAX_EXHIBIT, NotTaken, open_regular, too_large
from refundbook.workbook import bounds, regular

PAGE = "evidence.html"
STATEMENT = "statement.txt"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP archive can hold (APPNOTE.TXT 4.4.6)."""
_MODE = 0o100644 << 16
_CHUNK = 1 << 20


def write(packet: Packet, target: Path, *, force: bool = False) -> tuple[Taken, ...]:
    """Make the packet at `target`: an archive where that ends with `.zip`, else a folder. Returns the files that were taken.

    Raises UsageError where something stands there (with `force`, only where that is no packet: nothing else is ever replaced), CannotWrite
    where it cannot be made.
    """
    as_archive = target.suffix.lower() == ".zip"
    _refuse_target(target, as_archive, force)
    building = target.with_name(f".{target.name}.{os.getpid()}.new")
    archive = target.with_name(f".{target.name}.{os.getpid()}.zip")
    try:
        building.mkdir()
        taken = _fill(packet, building)
        if as_archive:
            _pack(building, archive)
            _put_file(archive, target, force)
        else:
            _put_folder(building, target)
    except OSError as error:
        raise CannotWrite(f"{target} cannot be made: {(error.strerror or str(error)).lower()}.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
        archive.unlink(missing_ok=True)
    return taken


def _refuse_target(target: Path, as_archive: bool, force: bool) -> None:
    if not os.path.lexists(target) or (not as_archive and _is_empty_folder(target)):
        return
    if not force:
        raise UsageError(f"{target} exists already and is left as it is. Name another, or replace it with --force.")
    is_packet = _is_archive_of_ours(target) if as_archive else _is_folder_of_ours(target)
    if not is_packet:
        raise UsageError(
            f"{target} is not an evidence packet, or holds more than one brought, and is left as it is. Name another."
        )


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not any(path.iterdir())


def _is_folder_of_ours(path: Path) -> bool:
    """Whether a folder holds a packet and nothing that someone put in later: replacing it must not cost anything."""
    if path.is_symlink() or not (path / SUMS).is_file():
        return False
    try:
        sums = regular.read(path / SUMS, bounds.MAX_TABLE).decode("utf-8", "replace")
    except bounds.TooLarge:
        return False
    brought = {line[66:] for line in sums.splitlines()} | {SUMS, FILES}
    return {file.relative_to(path).as_posix() for file in path.rglob("*")} <= brought


def _is_archive_of_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return {SUMS, MANIFEST, PAGE} <= set(archive.namelist())
    return False


def _fill(packet: Packet, folder: Path) -> tuple[Taken, ...]:
    if packet.exhibits:
        (folder / FILES).mkdir()
    taken = tuple(_take(exhibit, folder / exhibit.name) for exhibit in packet.exhibits)
    texts = {
        PAGE: html_page(packet, taken, folder),
        STATEMENT: statement(packet),
        MANIFEST: json.dumps(manifest(packet, taken), ensure_ascii=False, indent=2) + "\n",
    }
    sums = {file.exhibit.name: file.sha256 for file in taken}
    for name, text in texts.items():
        data = text.encode("utf-8", "backslashreplace")
        (folder / name).write_bytes(data)
        sums[name] = hashlib.sha256(data).hexdigest()
    # As `sha256sum --check` reads it: no name of a packet needs its escapes.
    (folder / SUMS).write_bytes("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())
    return taken


def _take(exhibit: Exhibit, target: Path) -> Taken:
    """Copy a file and sum up the very bytes that are copied."""
    digest, size = hashlib.sha256(), 0
    try:
        source = open_regular(exhibit.source)
    except NotTaken as error:
        raise CannotWrite(f"{exhibit.own_name} {error}. The packet was not made.") from error
    with source, target.open("xb") as copy:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if size > MAX_EXHIBIT:  # it grows while it is copied
                raise CannotWrite(f"{exhibit.own_name} {too_large()}. The packet was not made.")
            copy.write(chunk)
    return Taken(exhibit, size, digest.hexdigest())


def _pack(folder: Path, archive: Path) -> None:
    """One ZIP archive of the folder, the same for the same files: sorted, times fixed, stored as they are, so that no zlib makes a difference."""
    with zipfile.ZipFile(archive, "x", zipfile.ZIP_STORED) as packed:
        for path in sorted(
            (p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix()
        ):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _FIXED_TIME)
            entry.create_system, entry.external_attr, entry.file_size = 3, _MODE, path.stat().st_size
            with path.open("rb") as source, packed.open(entry, "w") as target:
                shutil.copyfileobj(source, target, _CHUNK)


def _put_file(made: Path, target: Path, force: bool) -> None:
    """In one step: whoever looks sees the old archive, or none, or the whole new one."""
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    if force:
        made.replace(target)
        return
    try:
        # Unlike a rename, this fails where something has come to stand there meanwhile.
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links.
        made.rename(target)


def _put_folder(made: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    if target.exists():
        target.rename(old)
    try:
        made.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
