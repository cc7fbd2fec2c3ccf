"""A workbook that was given as bytes, and is in no file: to be read, and saved under a name that it is given then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from refundbook.base.errors import UnreadableWorkbook, UsageError
from refundbook.storage.workbook_file import WorkbookFile
from refundbook.system import bounds
from refundbook.system.nofollow import real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class GivenBytes(WorkbookFile):
    """Its `path` leads nowhere: it is what messages call it."""

    def __init__(self, data: bytes, name: str = "") -> None:
        super().__init__(Path(os.devnull))
        self.path = Path(os.devnull, name or "bytes.xlsx")
        self._data = data

    def read(self) -> bytes:
        if len(self._data) > bounds.MAX_WORKBOOK:
            raise UnreadableWorkbook(f"It is larger than {bounds.MAX_WORKBOOK:,} bytes, more than a workbook can be.")
        self.digest_read = hashlib.sha256(self._data).hexdigest()
        return self._data

    def read_again(self) -> bytes:
        return self._data

    def locked(self, waiting: Callable[[str], None] | None = None, *, by: Path | None = None) -> NoReturn:
        raise UsageError('This workbook was read from bytes and has no file: save it with save(to="tracker.xlsx").')


class StandIn(GivenBytes):
    """A blank workbook in the place of the one at `path`, which nobody may read now."""

    stands_in = True

    def __init__(self, path: Path, blank: bytes) -> None:
        super().__init__(blank)
        self.path = real_path(path)
