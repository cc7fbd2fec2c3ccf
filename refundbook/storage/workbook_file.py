"""The workbook of cases as a file, and the folder beside it for what belongs to it."""

from __future__ import annotations

from pathlib import Path

from refundbook.base.errors import CannotWrite
from refundbook.base.names import HOME
from refundbook.system import atomic_file
from refundbook.system.nofollow import real_path
from refundbook.system.refusals import reason
from refundbook.system.room import LEFTOVER, too_long
from refundbook.xlsx.shared_file import NOTE_TOKEN, RECORD_TOKEN, SharedFile


class WorkbookFile(SharedFile):
    """The file of a workbook of cases."""

    example = "tracker.xlsx"
    others = "refundbook"
    if_left_behind = ", or give --ignore-open"
    stands_in = False
    """Whether a blank workbook is read in its place."""
    if_missing = "Make one with `refundbook init`, or name yours with -b or $REFUNDBOOK."

    @property
    def home(self) -> Path:
        """The folder for what belongs to the workbook and is not in it. It may not exist yet."""
        return self.path.parent / HOME

    def make_home(self, *below: str) -> Path:
        """`home`, or a folder below it, made where there is none, with the permissions of the folder it stands in.
        Raises OSError, also where it is a link.
        """
        folder = self.home
        atomic_file.make_folder(folder)
        for name in below:
            folder = folder / name
            atomic_file.make_folder(folder)
        return folder

    def _too_long(self) -> int:
        backup = self.home / "backups" / f"{self.path.name}.2023-10-26T12-00-00{self.path.suffix}"
        return max(super()._too_long(), too_long(backup))

    def room_named(self, name: str) -> Path | None:
        """The room with this name, as `replace` hands it on; None for a name that it gives to none."""
        return self.path.parent / name if self._is_room(name, RECORD_TOKEN, NOTE_TOKEN) else None

    def is_own_room(self, room: Path) -> bool:
        """Whether a room holds nothing that the inbox waits for."""
        return self._is_room(room.name, NOTE_TOKEN)

    def _is_room(self, name: str, *tokens: int) -> bool:
        token = name.removeprefix(f".{self.path.name}.").removesuffix(LEFTOVER)
        is_named_so = name == f".{self.path.name}.{token}{LEFTOVER}"
        return is_named_so and len(token) in [2 * size for size in tokens] and not token.strip("0123456789abcdef")


def create(path: Path, data: bytes, like: Path | None = None) -> None:
    """Make a new file, whole and never over an existing one. Raises FileExistsError, or CannotWrite where it cannot be
    written.
    """
    try:
        atomic_file.write_first(real_path(path.parent) / path.name, data, like)
    except FileExistsError:
        raise
    except OSError as error:
        raise CannotWrite(f"{path} cannot be made: {reason(error)}.") from error
