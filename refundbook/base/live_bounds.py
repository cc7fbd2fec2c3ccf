"""How much of the Tracker is live, in one place: how many of its rows hold formulas, and how many rows of each log
these compute. The blank workbook is made with these bounds; one that is there says its own, by its defined names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from refundbook.base.a1 import Range
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, SHEETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


CALCULATION = "Calculation"
"""The hidden sheet on which the blank workbook computes what several formulas need."""

TRACKER_PLACES = "TrackerPlaces"
"""The name of the cells that say which case each row of the Tracker shows."""

INSIGHTS_CELLS = Range(1, 1, 7, 95)
"""What is printed of Insights once there is a case. Of a blank workbook it is the first page."""

PLACES = {CASES.name: "CasePlaces", COMMUNICATIONS.name: "MessagePlaces", RESOLUTIONS.name: "ResolutionPlaces"}
"""The names of the cells that number the rows of each log, by its sheet."""

_CELLS = r"\$(\d+):(?:[^!:(]*!)?\$[A-Z]+\$(\d+)"


class LiveBounds(NamedTuple):
    """`shown` rows of the Tracker hold formulas. They compute so many `rows` of each log, in the order of `SHEETS`, its
    header among them, on the sheet `computed_on`.
    """

    shown: int
    rows: tuple[int, ...]
    computed_on: str = CALCULATION

    @classmethod
    def named(cls, names: Mapping[str, str]) -> Self | None:
        """The bounds of a workbook with these defined names and what they stand for; None where its Tracker knows
        none, as in those of refundbook 0.1.0.
        """
        found = [re.search(_CELLS, names.get(name, "")) for name in (TRACKER_PLACES, *PLACES.values())]
        sizes = [int(cells[2]) - int(cells[1]) + 1 for cells in found if cells]
        if len(sizes) < len(found):
            return None
        sheet = names[TRACKER_PLACES].partition("!")[0]
        return cls(sizes[0], tuple(sizes[1:]), sheet.strip("'").replace("''", "'"))

    def hold(self, sizes: Sequence[int]) -> bool:
        """Whether logs of these sizes, without their headers, are computed whole."""
        return all(size < rows for size, rows in zip(sizes, self.rows, strict=True))


BOUNDS = LiveBounds(shown=200, rows=(5_001, 16_001, 6_001))
"""Those of the blank workbook. With 500 rows of the Tracker LibreOffice takes a second longer to open 5,000 cases, and
each computed row costs where a new workbook is opened, too.
"""

ROWS = dict(zip((sheet.name for sheet in SHEETS), BOUNDS.rows, strict=True))
"""By the log's sheet."""

MORE_CASES = "refundbook tracker prints them all."
"""How the template's own note below the formula rows ends."""


def more_cases(shown: int, cases: int | str) -> str:
    """What stands below the Tracker's formula rows where there are more cases than these."""
    return f"Above are the open cases, the latest first, then the others: {shown} of {cases}. {MORE_CASES}"
