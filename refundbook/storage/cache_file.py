"""Blobs about a workbook, kept between commands in the user's cache folder: never more than a copy of what the
workbook says.

They are read as they were written together, or not at all: a manifest, which names the workbook's bytes by their
digest, has the check sum of each blob. So a cache that is damaged, of another workbook or another version, or written
in part only, holds nothing; and one that cannot be written is done without.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from refundbook.base.debug import debug
from refundbook.storage.not_enough import NotEnough
from refundbook.system.nofollow import status_of
from refundbook.system.own_folder import cache_folder, is_file_nobody_elses, is_nobody_elses
from refundbook.xlsx.package.deflate import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

VARIABLE = "REFUNDBOOK_CACHE"
"""The environment variable that names another folder for the caches, or says `off`."""
MOST = 20
"""Workbooks whose caches are kept however long they were not used; of others those that were used within `MONTH`."""
MONTH = 31 * 24 * 3600.0
"""Seconds."""
MOST_BYTES = 1 << 30
"""What all caches may take; beyond that those go that were not used for longest."""
_MANIFEST = "manifest"
_NAME = r"[0-9a-f]{32}\.sqlite"


class CacheMiss(NotEnough):
    """Something is not in the cache, or not as it was put there."""


def folder() -> Path | None:
    """Where caches are kept: in the folder that the system has for them. None where there are to be none."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return None if named.casefold() == "off" else Path(named)
    return cache_folder("refundbook")


class Cache:
    """The cache of the workbook at `path`, which must be the file's real path. What was written under another
    `version` counts for nothing.
    """

    _reading: sqlite3.Connection | None = None

    def __init__(self, path: Path, version: str) -> None:
        at = folder()
        self._version = version
        self.stamp: tuple[int, ...] = ()
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
        self._file = None if at is None or not is_nobody_elses(at) else at / f"{name}.sqlite"
        self._sums: dict[str, int] = {}

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file, which is kept open from one reading to the next."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()

    @property
    def is_used(self) -> bool:
        """Whether there is a folder for it, which nobody else may change."""
        return self._file is not None

    def digest(self) -> str:
        """The digest of the workbook's bytes that the cache holds blobs of; sets `stamp` to that of the file they were
        in. Raises CacheMiss.
        """
        version, digest, self.stamp, self._sums = self._manifest()
        if version != self._version:
            raise CacheMiss("the cache is of another version")
        return digest

    def _manifest(self) -> tuple[str, str, tuple[int, ...], dict[str, int]]:
        """Version, digest, stamp and check sums. Raises CacheMiss."""
        raw = self._select([_MANIFEST]).get(_MANIFEST, b"")
        try:
            if int.from_bytes(raw[:4], "little") != crc32(raw[4:]):
                raise CacheMiss("the manifest of the cache is damaged")
            version, digest, stamp, sums = json.loads(raw[4:])
            return version, str(digest), tuple(stamp), sums
        except (ValueError, TypeError) as error:
            raise CacheMiss("there is no manifest in the cache") from error

    def last_digest(self) -> str:
        """The digest of what refundbook, of whatever version, wrote last; `""` where that is not known."""
        with suppress(CacheMiss):
            return self._manifest()[1]
        return ""

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Blobs by name; `digest` must have been asked before. Raises CacheMiss unless all are there as
        they were put.
        """
        wanted = list(names)
        found = self._select(wanted)
        for name in wanted:
            if name not in found or self._sums.get(name) != crc32(found[name], crc32(name.encode())):
                raise CacheMiss(f"{name} is missing or damaged")
        return found

    def write(self, digest: str, blobs: Mapping[str, bytes], *, anew: bool, stamp: tuple[int, ...] = ()) -> None:
        """Keep blobs of the workbook whose bytes have this digest: instead of all that are there (`anew`), or with
        them. Never fails.

        `stamp` is what the system says of the file with these bytes (`store.stamp_of`).
        """
        sums = {} if anew else self._sums
        sums.update({name: crc32(data, crc32(name.encode())) for name, data in blobs.items()})
        manifest = json.dumps([self._version, digest, stamp, sums], separators=(",", ":")).encode()
        rows = [*blobs.items(), (_MANIFEST, crc32(manifest).to_bytes(4, "little") + manifest)]
        self.close()
        if self._file is None:
            return
        errors: tuple[type[Exception], ...] = (OSError, *_sqlite_errors())
        with suppress(*errors):
            if anew:
                self._make_room()
            with closing(self._connect(may_make=anew)) as connection, connection:
                connection.execute("CREATE TABLE IF NOT EXISTS blobs (name TEXT PRIMARY KEY, data BLOB)")
                connection.executemany("INSERT OR REPLACE INTO blobs VALUES (?, ?)", sorted(rows))
            self._sums = sums
            debug(
                "wrote to the cache %s: %d blobs, %d bytes", self._file, len(rows), sum(len(data) for _, data in rows)
            )

    def forget(self) -> None:
        """Take the cache away."""
        self.close()
        if self._file is not None:
            debug("took away the cache %s", self._file)
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def _select(self, names: list[str]) -> dict[str, bytes]:
        found: dict[str, Any] = {}
        errors: tuple[type[Exception], ...] = (OSError, *_sqlite_errors())
        try:
            if self._reading is None:
                self._reading = self._connect(may_make=False)
            for name in names:
                found.update(self._reading.execute("SELECT name, data FROM blobs WHERE name = ?", (name,)))
        except errors as error:
            self.close()
            raise CacheMiss(f"the cache cannot be read ({error})") from error
        if not all(isinstance(data, bytes) for data in found.values()):
            raise CacheMiss("it holds something else than blobs")
        debug("read from the cache %s: %s, %d bytes", self._file, ", ".join(found), sum(map(len, found.values())))
        return found

    def _connect(self, *, may_make: bool) -> sqlite3.Connection:
        import sqlite3

        if self._file is None:
            raise FileNotFoundError("there is no folder for it that nobody else may change")
        if not may_make:
            self._refuse_if_others()
        connection = sqlite3.connect(self._file, timeout=1)
        try:
            # What a crash leaves half written the manifest gives away.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = MEMORY")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _refuse_if_others(self) -> None:
        """Raise OSError where the file is not there, is none, or is one that another user could have written."""
        assert self._file is not None
        # What others wrote there would be believed.
        if not is_file_nobody_elses(status_of(self._file)):
            raise PermissionError("others may write to it")

    def _make_room(self) -> None:
        """Begin with an empty file, in a folder that only this user may look into, and let go of the oldest caches."""
        assert self._file is not None
        at = self._file.parent
        for missing in [above for above in (*reversed(at.parents), at) if not above.exists()]:
            # As the XDG Base Directory Specification has it: whatever the umask, nobody else is to write there.
            missing.mkdir(mode=0o700, exist_ok=True)
        if not is_nobody_elses(at):
            raise PermissionError("others may write there")
        self._file.unlink(missing_ok=True)
        os.close(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        ours = (file for file in at.iterdir() if re.fullmatch(_NAME, file.name))
        known = sorted(((file, file.stat()) for file in ours), key=lambda one: one[1].st_mtime, reverse=True)
        newest, taken = known[0][1].st_mtime, 0
        for number, (old, found) in enumerate(known):
            taken += found.st_size
            if number and (taken > MOST_BYTES or (number >= MOST and newest - found.st_mtime > MONTH)):
                # What cannot be taken away, such as a folder of that name, must not keep others from being kept.
                with suppress(OSError):
                    old.unlink()


def _sqlite_errors() -> tuple[type[Exception], ...]:
    """Imported only where there is a cache to look into."""
    try:
        import sqlite3
    except ImportError:  # a Python that was built without it
        return (ImportError,)
    return (sqlite3.Error, ImportError)
