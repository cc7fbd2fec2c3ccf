"""Files that are kept as evidence of an entry, on its way into the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.book import Book
    from refundbook.evidence.case_folder import Kept


class Attached:
    """Files to be kept as evidence of an entry (see `evidence.case_folder`), once it is admitted."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._kept: list[Kept] = []
        self._workbook = Path()
        self._is_kept = False

    @property
    def paths(self) -> list[str]:
        """Where they are kept, beside the workbook."""
        return list(dict.fromkeys(kept.path for kept in self._kept))

    def fields(self, book: Book, number: str, evidence: str = "") -> dict[str, str]:
        """What the entry says of them: their paths, behind what it says already. Raises UsageError."""
        if not self._paths:
            return {}
        from refundbook.evidence import case_folder

        folder = case_folder.folder_of(number, book.key_of(number))
        self._workbook = book.path
        self._kept = case_folder.planned(self._workbook, folder, case_folder.given(self._paths))
        return {"evidence": "; ".join([*([evidence] if evidence else []), *self.paths])}

    def keep(self) -> None:
        """Put them in their places. Raises CannotWrite."""
        if self._kept:
            from refundbook.evidence import case_folder

            case_folder.keep(self._workbook, self._kept)
            self._is_kept = True

    def take_back(self) -> None:
        """Delete them again: the entry was not made after all. Never raises."""
        if self._is_kept:
            from refundbook.evidence import case_folder

            case_folder.take_back(self._workbook, self._kept)
