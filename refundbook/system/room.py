"""A place to make what is to appear whole or not at all: a new folder beside it that only this user may look into.

What lies in there nobody else can take away, change or put a link in the place of, not even who may write to the folder
around it. It goes from there to its place in one step.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from refundbook.system.nofollow import Unfit, close, open_folder, open_in
from refundbook.system.sharing import InUse, are_long_paths_enabled, is_open_elsewhere, patiently

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Self


LEFTOVER = ".new"
"""How the name of every such folder ends."""
NEW = "new"
"""What is made in it is called so."""
_OLD = "old"
LONGEST_FOLDER = 247 if os.name == "nt" else 1 << 15
"""Characters of a folder's path (MAX_PATH, less the twelve that a short name takes in it)."""
_MODE = 0o777 if os.name == "nt" else 0o700
"""On Windows what is made in it inherits who may read it, and keeps that: it must be as where it goes to."""


class Displaced(OSError):
    """What was put in its place does not stand there: another program put something else there in the same moment."""


class Room:
    """A folder for what is to stand at `path`, which must be a real path. Raises OSError where it cannot be made.

    A `token` is a part of its name, by which it is found again. Without one it has a name that nobody can foresee. It
    goes in any case, but for one that is to `stay` when something fails. On Windows, which looks up no names in
    folders that are open, paths stand for descriptors.
    """

    def __init__(self, path: Path, token: str = "") -> None:
        self._target = path
        self._stays = False
        self._made: tuple[int, int] | None = None
        self.path = path.with_name(f".{path.name}.{token or os.urandom(4).hex()}{LEFTOVER}")
        self._outer = open_folder(path.parent)
        try:
            os.mkdir(self._beside(self.path), _MODE, dir_fd=self._outer)
            self._inner = open_folder(self.path)
        except BaseException:
            close(self._outer)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not (self._stays and error):
            self._clear()
        close(self._inner)
        close(self._outer)

    def stay(self) -> None:
        """Be left where it is when something fails: somebody is about to note its name."""
        self._stays = True

    def create(self, name: str = NEW, mode: int = 0o600) -> BinaryIO:
        """A new file in it; `name` may lead into a folder that was made in it."""
        found = open_in(self._inner, self.path / name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode, name)
        if name == NEW:
            self._made = _identity(os.fstat(found))
        return os.fdopen(found, "w+b")

    def open(self, name: str) -> BinaryIO:
        """A file in it, for reading."""
        return os.fdopen(open_in(self._inner, self.path / name, name=name), "rb")

    def make_folder(self, name: str = NEW) -> None:
        """A new folder in it, as any new folder of this user."""
        os.mkdir(self._within(name), dir_fd=self._inner)

    def put_over(self, at_last: Callable[[], None] | None = None) -> None:
        """Put the file that was made in the place of another, or of nothing. `at_last` is called before each try, and
        may raise to prevent it.

        Raises OSError, InUse where another program has that one open, Displaced where another one stands there then.
        """
        if self._found(self._within(NEW), self._inner) != self._made:
            raise Unfit(self.path, "was exchanged by somebody else meanwhile")

        def put() -> None:
            if at_last:
                at_last()
            os.replace(self._within(NEW), self._beside(self._target), src_dir_fd=self._inner, dst_dir_fd=self._outer)

        patiently(put, self._target, self.path / NEW)
        if self._found(self._beside(self._target), self._outer) != self._made:
            raise Displaced(0, "something else was put in its place in the same moment", str(self._target))

    def put_first(self) -> None:
        """Put the file that was made where there is nothing: unlike a rename, a link never takes another file's place.
        (On Windows a rename does not either, and a link would stay where the file may not be deleted.)

        Raises FileExistsError, OSError.
        """
        source, target = self._within(NEW), self._beside(self._target)
        if os.name == "nt":
            self._move(source, self._inner, target, self._outer, self.path / NEW)
            return
        try:
            os.link(source, target, src_dir_fd=self._inner, dst_dir_fd=self._outer)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links, such as FAT
            self._put_by_name(target)

    def _put_by_name(self, target: str) -> None:
        """Take the name with an empty file, then that file's place, where it is still that one and nobody has written
        to it.
        """
        holder = open_in(self._outer, self._target, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            held = _identity(os.fstat(holder))
        finally:
            os.close(holder)
        try:
            self._refuse_if_used(target, held)
            self.put_over()
        except BaseException:
            with suppress(OSError):
                self._refuse_if_used(target, held)
                os.unlink(target, dir_fd=self._outer)
            raise

    def _refuse_if_used(self, target: str, held: tuple[int, int]) -> None:
        found = os.stat(target, dir_fd=self._outer, follow_symlinks=False)
        if found.st_size or _identity(found) != held:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self._target))

    def put_first_folder(self) -> None:
        """Put the folder that was made where there is nothing, or an empty folder. Raises OSError where
        there is more.
        """
        with suppress(OSError):  # Windows renames to no name that is taken
            os.rmdir(self._beside(self._target), dir_fd=self._outer)
        self._move(self._within(NEW), self._inner, self._beside(self._target), self._outer, self.path / NEW)

    @staticmethod
    def _move(source: str, source_folder: int | None, target: str, target_folder: int | None, *paths: Path) -> None:
        """Raises OSError, InUse where another program has anything open in one of the `paths`."""
        patiently(lambda: os.rename(source, target, src_dir_fd=source_folder, dst_dir_fd=target_folder), *paths)

    def put_over_folder(self, is_own: Callable[[Path], bool]) -> bool:
        """Put the folder that was made in the place of another, which goes then, or of nothing; give False where that
        is not one of ours.

        It is looked at where nobody else can put anything in any more. Raises OSError, InUse where another program has
        something in it open that could not go.
        """
        beside, aside = self._beside(self._target), self._within(_OLD)
        try:
            self._move(beside, self._outer, aside, self._inner, self._target)
        except FileNotFoundError:
            self.put_first_folder()
            return True
        may_go = False
        try:
            if is_open_elsewhere(self.path / _OLD):
                raise InUse(self._target)
            may_go = is_own(self.path / _OLD)
            if may_go:
                self.put_first_folder()
        except BaseException:
            may_go = False
            raise
        finally:
            if not may_go:
                self._move(aside, self._inner, beside, self._outer, self.path / _OLD)
        return may_go

    def sync(self) -> None:
        """Bring the names in it, and its own, down to the disk."""
        sync(self._inner)
        self.sync_place()

    def sync_place(self) -> None:
        """Bring the names beside it down to the disk."""
        sync(self._outer)

    def _within(self, name: str) -> str:
        return str(self.path / name) if self._inner is None else name

    def _beside(self, path: Path) -> str:
        return str(path) if self._outer is None else path.name

    @staticmethod
    def _found(name: str, folder: int | None) -> tuple[int, int] | None:
        with suppress(FileNotFoundError):
            return _identity(os.stat(name, dir_fd=folder, follow_symlinks=False))
        return None

    def _clear(self) -> None:
        """By the descriptor: a folder that came to stand at the path meanwhile is none of ours."""
        with suppress(OSError):
            for name in os.listdir(self.path if self._inner is None else self._inner):  # noqa: PTH208  (a descriptor, which a Path cannot be)
                try:
                    os.unlink(self._within(name), dir_fd=self._inner)
                except OSError:
                    import shutil

                    shutil.rmtree(self._within(name), ignore_errors=True, dir_fd=self._inner)
            os.rmdir(self._beside(self.path), dir_fd=self._outer)


def too_long(path: Path, token: int = 8) -> int:
    """By how many characters the name of a room beside `path`, with a token of so many, is too long for this system; 0
    where it is not.
    """
    longest = path.with_name(f".{path.name}.{'0' * token}{LEFTOVER}")
    over = len(str(longest)) - LONGEST_FOLDER
    return 0 if over <= 0 or are_long_paths_enabled() else over


def leftovers(path: Path, token: str = r"(?:\.[0-9a-f]{8})?") -> list[Path]:
    """The rooms, and the new files of refundbook 0.1, that a process which was killed left beside `path`."""
    name = re.compile(rf"\.{re.escape(path.name)}{token}{re.escape(LEFTOVER)}")
    with suppress(OSError):
        return [path.with_name(found) for found in os.listdir(path.parent) if name.fullmatch(found)]  # noqa: PTH208  (only names are needed)
    return []


def remove(leftover: Path) -> None:
    """Take a leftover away, as far as that goes: of a folder by such a name, in which there is more than what
    refundbook makes there, nothing but that.
    """
    with suppress(OSError):
        outer = open_folder(leftover.parent)
        try:
            _remove(leftover, outer)
        finally:
            close(outer)


def _remove(leftover: Path, outer: int | None) -> None:
    name = str(leftover) if outer is None else leftover.name
    try:
        os.unlink(name, dir_fd=outer)
    except OSError:
        inner = open_folder(leftover)
        with suppress(OSError):
            os.unlink(str(leftover / NEW) if inner is None else NEW, dir_fd=inner)
        close(inner)
        os.rmdir(name, dir_fd=outer)


def is_waiting(leftover: Path) -> bool:
    """Whether what was made there has not gone to its place: the file of refundbook 0.1 itself, or what is
    in the room.
    """
    return os.path.lexists(leftover / NEW) if leftover.is_dir() else os.path.lexists(leftover)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def sync(folder: int | None) -> None:
    """Bring the list of names of an open folder down to the disk."""
    if folder is not None:
        # Some network file systems cannot; the change itself has happened.
        with suppress(OSError):
            os.fsync(folder)
