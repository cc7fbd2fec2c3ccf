"""A workbook file that several programs share: read whole, locked between processes, seen to be open elsewhere, and
replaced all or nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from refundbook.base.debug import debug
from refundbook.base.errors import Busy, CannotWrite, Conflict, MissingWorkbook, UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.system import atomic_file, bounds
from refundbook.system.lock import HeldElsewhere, Lock, lock_of
from refundbook.system.nofollow import Unfit, read_file, real_path
from refundbook.system.owner_file import Owner, owner_of
from refundbook.system.pieces import Content, FileSource, Span, chunks, opened
from refundbook.system.refusals import NO_FILE, does_not_answer, reason
from refundbook.system.room import Displaced, Room, leftovers, remove, too_long
from refundbook.system.sharing import InUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.system.pieces import Source


class Patience(NamedTuple):
    """How long a process waits for another one to finish with the same workbook, says nothing of it, and waits between
    two looks at the lock, in seconds.
    """

    wait: float = 30.0
    silent: float = 1.0
    pause: float = 0.02


_LARGE = 4 << 20
"""From so many bytes on a second thread pays."""
RECORD_TOKEN, NOTE_TOKEN = 8, 12
"""Bytes of the token of a room that is recorded before the swap, and of one that only the history has noted."""
_LEFT_BEHIND = rf"(?:\.[0-9a-f]{{8}}|\.[0-9a-f]{{{2 * NOTE_TOKEN}}})?"
"""In the names of those that nobody waits for, once it is told what they came to."""


class SharedFile:
    """One workbook file. It is locked between processes with a lock file beside it, which counts only while its holder
    lives.

    `path` is the file itself where the given one is a symbolic link. With `ignore_open` it may be replaced although an
    owner file says that Excel or LibreOffice has it open. `digest_read` and `stamp` are what `digest` and `stamp_of`
    were of the file that was read or written last.
    """

    patience = Patience()
    example = "sales.xlsx"
    others = "process"
    """What else takes the lock."""
    if_missing = ""
    """What to do where there is no such workbook."""
    if_left_behind = ""
    """What to do, other than to delete it, with an owner file that was left behind."""

    def __init__(self, path: Path, *, ignore_open: bool = False, patience: Patience | None = None) -> None:
        self.path = real_path(path)
        self.ignore_open = ignore_open
        self.patience = patience or self.patience
        self.digest_read = ""
        self.stamp: tuple[int, ...] = ()
        self._seen: tuple[tuple[int, ...], str] | None = None

    def read(self) -> bytes:
        """The file's bytes, which `replace` will expect to find again.

        Raises MissingWorkbook, or UnreadableWorkbook where there is something else than a readable file.
        """
        self.refuse_if_missing()
        self.stamp = stamp_of(self.path)
        data = self._bytes()
        debug("read %s: %d bytes", self.path, len(data))
        self.digest_read = hashlib.sha256(data).hexdigest()
        return data

    def open(self, digest: str = "", stamp: tuple[int, ...] = ()) -> Source:
        """The file's bytes, to be read where they are needed; `replace` will expect to find them again. Raises as
        `read` does.

        Where the file has this `stamp`, it is taken to have this `digest`: `replace` will see whether it does.
        """
        self.refuse_if_missing()
        self.stamp = stamp_of(self.path)
        try:
            self._refuse_if_huge()
            source = opened(self.path)
        except OSError as error:
            raise cannot_read(self.path, error) from error
        is_known = digest and stamp == self.stamp
        debug(
            "opened %s: %d bytes, %s",
            self.path,
            len(source),
            "to be read where they are needed" if is_known else "read for their digest",
        )
        self.digest_read = digest if is_known else _digest(source)
        return source

    def refuse_if_missing(self) -> None:
        """Raise MissingWorkbook, or UnreadableWorkbook where there is something else than a file."""
        try:
            mode = self.path.lstat().st_mode
        except OSError as error:
            if isinstance(error, FileNotFoundError) and not does_not_answer(error):
                raise MissingWorkbook(f"There is no workbook at {self.path}. {self.if_missing}".rstrip()) from error
            raise cannot_read(self.path, error) from error
        if not stat.S_ISREG(mode):
            # It was none when the command began, or leads in a circle.
            kind = "a folder" if stat.S_ISDIR(mode) else "a symbolic link" if stat.S_ISLNK(mode) else "not a file"
            raise UnreadableWorkbook(f"{self.path} is {kind}. Name the workbook itself, such as {self.example}.")

    def _bytes(self) -> bytes:
        try:
            self._refuse_if_huge()
            return read_file(self.path, bounds.MAX_WORKBOOK)
        except OSError as error:
            raise cannot_read(self.path, error) from error

    def _refuse_if_huge(self) -> None:
        if self.path.stat().st_size > bounds.MAX_WORKBOOK:
            raise UnreadableWorkbook(
                f"{self.path} is larger than {bounds.MAX_WORKBOOK:,} bytes, more than a workbook can be."
            )

    def read_again(self) -> bytes:
        """The bytes of the file that was read. Raises OSError, Conflict where there are others by now."""
        data = read_file(self.path, bounds.MAX_WORKBOOK)
        if hashlib.sha256(data).hexdigest() != self.digest_read:
            raise self._changed()
        return data

    def is_as_read(self) -> bool:
        """Whether it nearly certainly is still the file that was read or written last: it costs nothing to ask."""
        return stamp_of(self.path) == self.stamp

    def digest(self) -> str:
        """What tells the file that is there now from any other (SHA-256, hexadecimal). Raises UnreadableWorkbook."""
        try:
            with closing(FileSource(self.path)) as source:
                debug("read %s for its digest: %d bytes", self.path, len(source))
                return _digest(source)
        except OSError as error:
            raise cannot_read(self.path, error) from error

    @contextmanager
    def locked(self, waiting: Callable[[str], None] | None = None, *, by: Path | None = None) -> Iterator[None]:
        """Hold the lock, or the one that the file `by` stands for, on something that belongs to the workbook. `waiting`
        is called with a sentence when that takes a while.

        Raises Busy when another process does not let go of it for long, CannotWrite where the lock file cannot be made,
        or where paths are too long for what is written beside the workbook.
        """
        self.refuse_if_too_long()
        lock = Lock(by or lock_of(self.path))
        try:
            self._acquire(lock, waiting)
        except HeldElsewhere as error:
            raise Busy(
                f"{self.path} is in use by another {self.others}", "Nothing was written; try again when it is done."
            ) from error
        except Unfit as error:
            raise CannotWrite(f"{self.path} cannot be locked: {reason(error)}. Nothing was written.") from error
        except OSError as error:
            raise cannot_write(self.path, error) from error
        except NotImplementedError as error:
            raise CannotWrite(
                f"{self.path} cannot be locked: its file system has no locks. Move it to another folder."
            ) from error
        try:
            with suppress(OSError):
                # Whoever may write the workbook may lock it.
                lock.share(0o600 | self.path.lstat().st_mode & 0o666)
            yield
        finally:
            lock.release()

    def refuse_if_too_long(self) -> None:
        """Raise CannotWrite where Windows would refuse what a save makes beside the workbook: at once, and not when
        something was entered.
        """
        over = self._too_long()
        if over:
            raise CannotWrite(
                f"{self.path} has a path of {len(str(self.path))} characters, {over} more than can be written to on "
                "this computer. Move it to a folder with a shorter path, such as one right below your own."
            )

    def _too_long(self) -> int:
        """By how many characters the longest path of what is made for it is too long."""
        return too_long(self.path, 2 * NOTE_TOKEN)

    def _acquire(self, lock: Lock, waiting: Callable[[str], None] | None) -> None:
        wait, silent, pause = self.patience
        try:
            lock.acquire(silent if waiting else wait, pause)
        except HeldElsewhere:
            if waiting is None:
                raise
            waiting(f"Waiting for another {self.others} to finish with {self.path.name} (at most {wait:.0f} seconds) …")
            lock.acquire(wait, pause)

    def refuse_if_open(self) -> None:
        """Raise Busy, with the name of the user, where Excel, LibreOffice or WPS Office has the workbook open."""
        owner = None if self.ignore_open else owner_of(self.path)
        if owner is not None:
            raise self._open_elsewhere(owner)

    def _open_elsewhere(self, owner: Owner) -> Busy:
        by = f" by {owner.user}" if owner.user else ""
        return Busy(
            f"{self.path} is open in {owner.program}{by}",
            f"Nothing was written; save and close it there first. (If it is open nowhere, {owner.program} left "
            f"{owner.file.name} behind: delete that file{self.if_left_behind}.)",
        )

    def replace(
        self,
        data: Content,
        *,
        keep: Callable[[], None] | None = None,
        record: Callable[[Path], None] | None = None,
        enter: Callable[[str, str], None] | None = None,
    ) -> None:
        """Put `data` in the place of the file that was read, whole or not at all. The lock must be held.

        `keep` is called when nothing stands in the way, before anything is written. `record` is called with the path of
        the new file's room when that is on the disk and about to take its place: whether it did can then be told, even
        after a crash, by whether it still `is_waiting`, so that it is left where it is when something fails. `enter` is
        called then too, for the history, with the room's name and the new file's digest.

        Raises Conflict where the file changed since `read`, Busy where it is open, CannotWrite.
        """
        self.refuse_if_open()
        if stamp_of(self.path) != self.stamp:
            self._refuse_if_taken()
        try:
            self._refuse_if_read_only()
            if keep:
                keep()
            written = hashlib.sha256()
            note = enter and partial(_with_digest, enter, written)
            self._swap(_noted(chunks(data), written.update), record, note)
        except Displaced as error:
            raise Conflict(
                f"{self.path} is not what was written: another program put something else in its place in the same "
                "moment. Look at it, and repeat what is missing."
            ) from error
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._take_note(written.hexdigest())

    def _take_note(self, digest: str) -> None:
        self.digest_read, self.stamp = digest, stamp_of(self.path)
        debug("wrote %s: %d bytes", self.path, self.stamp[2] if self.stamp else 0)

    def _look(self) -> None:
        """See what the file holds while the system has other things to do; it counts as long as the file is not
        touched.
        """
        with suppress(OSError, UnreadableWorkbook, Busy):
            self._seen = stamp_of(self.path), self.digest()

    def _refuse_if_taken(self) -> None:
        self.refuse_if_open()
        seen, self._seen = self._seen, None
        digest = seen[1] if seen and seen[0] == stamp_of(self.path) else self.digest()
        if digest != self.digest_read:
            raise self._changed()

    def _changed(self) -> Conflict:
        return Conflict(
            f"{self.path} was changed by someone else since it was read. Nothing was overwritten; "
            "load it again and repeat."
        )

    def _refuse_if_read_only(self) -> None:
        """A rename asks only for permission in the folder; the file's own permission counts as well."""
        if not self.path.stat().st_mode & 0o222:
            raise CannotWrite(f"{self.path} is read-only. Nothing was written; make it writable first.")
        if not os.access(self.path, os.W_OK):
            raise CannotWrite(f"{self.path} cannot be written: you have no permission to change it. It is unchanged.")

    def _swap(
        self, data: Iterable[bytes], record: Callable[[Path], None] | None, note: Callable[[Path], None] | None
    ) -> None:
        meanwhile = self._look if self.path.stat().st_size >= _LARGE else None
        if record or note:
            self._swap_recorded(data, record, note, meanwhile)
        else:
            # A backup and a large file take a while to write, so it is looked at right before the swap.
            atomic_file.write_over(self.path, data, like=self.path, meanwhile=meanwhile, at_last=self._refuse_if_taken)

    def _swap_recorded(
        self,
        data: Iterable[bytes],
        record: Callable[[Path], None] | None,
        note: Callable[[Path], None] | None,
        meanwhile: Callable[[], object] | None,
    ) -> None:
        for leftover in leftovers(self.path, _LEFT_BEHIND):
            remove(leftover)
        with Room(self.path, os.urandom(RECORD_TOKEN if record else NOTE_TOKEN).hex()) as room:
            atomic_file.write_new(room, data, self.path, meanwhile)
            room.stay()
            if record:
                # Down to the disk before the record, or a power cut could leave the record of a file that was never
                # seen.
                room.sync()
                record(room.path)
            if note:
                note(room.path)
            room.put_over(self._refuse_if_taken)
            room.sync_place()


def stamp_of(path: Path) -> tuple[int, ...]:
    """What nearly always differs once a file was changed, and costs nothing to ask for; nothing where it is gone."""
    try:
        found = path.lstat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _digest(source: Source) -> str:
    found = hashlib.sha256()
    for piece in Span(source, 0, len(source)).chunks():
        found.update(piece)
    return found.hexdigest()


def _with_digest(enter: Callable[[str, str], None], written: hashlib._Hash, room: Path) -> None:
    enter(room.name, written.hexdigest())


def _noted(pieces: Iterable[bytes], note: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in pieces:
        note(piece)
        yield piece


def cannot_read(path: Path, error: OSError) -> UnreadableWorkbook | Busy:
    """The system's refusal to open a workbook, as a sentence."""
    if isinstance(error, InUse):
        return Busy(f"{path} is open in another program, which lets nobody else read it", "Close it there first.")
    return UnreadableWorkbook(f"{path} cannot be read: {reason(error, NO_FILE)}.")


def cannot_write(path: Path, error: OSError) -> CannotWrite | Busy:
    """The system's refusal to replace a workbook, as a sentence."""
    if isinstance(error, InUse):
        return Busy(f"{path} is open in another program", "Nothing was written; close it there first, and try again.")
    return CannotWrite(f"{path} cannot be written: {reason(error)}. It is unchanged.")
