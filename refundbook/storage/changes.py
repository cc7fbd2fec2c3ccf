"""What was added to a workbook in memory, and corrected in it, and is not saved yet."""

from __future__ import annotations

from collections.abc import Mapping

from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import SHEETS, Sheet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.record.history.cells import Plain

SHEET_NAMES = tuple(sheet.name for sheet in SHEETS)

Amended = tuple[str, int, str]
"""A cell that was corrected: sheet, position in its log, column name."""


class Added(NamedTuple):
    """A new entry: its values by column name, and the row that it goes into."""

    sheet: Sheet
    values: Mapping[str, object]
    row: int


class Removed(NamedTuple):
    """An entry that was taken out: the row that it stands in, the key of its case, the columns of its values, and its
    cells as the history has them.
    """

    sheet: Sheet
    row: int
    key: str
    columns: tuple[int, ...]
    cells: Mapping[str, Plain]


class Changes:
    """New entries one by one, the positions that they have in their logs by sheet name, the cells that were corrected,
    and the entries that were taken out. Where these were the last of a sheet, and it is known, `ends` has the row that
    its data end with without them.
    """

    def __init__(self) -> None:
        self.entries: list[Added] = []
        self.added: dict[str, list[int]] = {name: [] for name in SHEET_NAMES}
        self.amended: set[Amended] = set()
        self.removed: list[Removed] = []
        self.ends: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self.entries or self.amended or self.removed)

    @property
    def corrects(self) -> bool:
        """Whether something is changed in what stands there already."""
        return bool(self.amended or self.removed)

    def copy(self) -> Changes:
        """The same, which stays so."""
        made = Changes()
        made.entries, made.amended, made.removed = [*self.entries], {*self.amended}, [*self.removed]
        made.added = {sheet: [*positions] for sheet, positions in self.added.items()}
        return made

    def sheets_corrected(self) -> set[str]:
        """The sheets on which something is changed that stands there already."""
        return {
            *(sheet for sheet in self.added if self.corrected(sheet)),
            *(removed.sheet.name for removed in self.removed),
        }

    def corrected(self, sheet: str) -> list[int]:
        """The positions on a sheet of the entries that were corrected, in order; new ones aside."""
        return sorted({at for of, at, _ in self.amended if of == sheet}.difference(self.added[sheet]))

    def removed_from(self, sheet: str) -> list[Mapping[str, Plain]]:
        """The entries of a sheet that were taken out, as the history has them."""
        return [removed.cells for removed in self.removed if removed.sheet.name == sheet]

    def add(self, entry: Added, position: int) -> None:
        self.entries.append(entry)
        self.added[entry.sheet.name].append(position)

    def take_back(self, count: int) -> list[Added]:
        """Undo the newest `count` calls of `add`; gives these entries, the newest first."""
        taken = [self.entries.pop() for _ in range(count)]
        for entry in taken:
            self.added[entry.sheet.name].pop()
        return taken
