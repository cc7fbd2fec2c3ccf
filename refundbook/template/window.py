"""Which cases the Tracker shows, row by row: all in the order of the Cases sheet while there is a row for each, then
the open ones, and the latest others in the rows that are left.
"""

from __future__ import annotations

from refundbook.base.live_bounds import BOUNDS
from refundbook.base.schema import CASES
from refundbook.template import names

SIZE = BOUNDS.shown
_COUNT = f"(ROWS({names.log(CASES, 'number')})-1)"
_OPEN = 1_000_000
"""What an open case has on top of its place: it ranks before all others."""

RANKS = f'(CaseKeys<>"")*(CasePlaces+{_OPEN}*(LOOKUP(CaseFirst+99*(CaseFirst<1),CasePlaces,CaseEnded)=0))'


def place(row: int) -> str:
    """The formula for the place of the case that the Tracker shows in a row, counted from 1; `""` for none."""
    ranked = f"LARGE(CaseRanks,{row})"
    in_window = f'IF({ranked}=0,"",MOD({ranked},{_OPEN}))'
    return f'IF(OR(TooMany,{_COUNT}<={BOUNDS.shown}),IF({row}>{_COUNT},"",{row}+1),{in_window})'
