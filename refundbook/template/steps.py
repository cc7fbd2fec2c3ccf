"""The kinds of formula that the steps of the Calculation sheet are made of. Each takes a time that grows with the
entries, not with their square, in Excel and in LibreOffice.

A spreadsheet program looks a value up in a sorted list by halving it, and FREQUENCY sorts; an exact `MATCH` of each
entry compares every one with every other, and so does an `IFERROR` or `IF` inside another over an array in LibreOffice.
So a step has one `IF` over an array at most, a choice is a product (a number times a condition, `REPT` of a text), and
what belongs to a case comes to its entries by `LOOKUP` with the case's place.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from refundbook.base.schema import Sheet

DAY = "8.64E9"
"""A day in the numbers of an order: seconds, times 100,000, plus the entry's place in its log. They are whole numbers
below 10^15, which are exact.
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One column: its defined name, the log whose rows it has, its array formula without `=`, and what it holds, for
    who looks.

    `instead` are other formulas, each for as long as its condition, a single figure, holds: an `IF` of one figure
    within the formula itself would have LibreOffice compute all of it for each cell.
    """

    name: str
    log: Sheet
    formula: str
    says: str
    instead: tuple[tuple[str, str], ...] = ()

    def whole(self, is_beyond: str) -> str:
        """The formula of the cells, which are blank where there `is_beyond` the log."""
        begin = "".join(f'IF({condition},IF({is_beyond},"",{text}),' for condition, text in self.instead)
        return f'{begin}IF({is_beyond},"",{self.formula}){")" * len(self.instead)}'


def of_place(places: str, log_places: str, step: str) -> str:
    """What a step holds at each of the places; what stands for the header where a place is 0."""
    return f"LOOKUP({places}+({places}<1),{log_places},{step})"


def chosen(condition: str, text: str, other: str) -> str:
    """One text where the condition holds, the other where it does not, without an `IF`."""
    return f"REPT({text},{condition})&REPT({other},1-{condition})"


def orders(moments: str, places: str, condition: str = "1") -> str:
    """The order of entries by a column of moments, of the same second by row; without a moment just by row."""
    return f"IF(ISNUMBER({moments}),ROUND({moments}*86400,0)*1E5,0)*{condition}+{places}"


def newest(name: str, log: Sheet, cases: Sheet, belongs: str, order: str, places: str, bits: int) -> tuple[Step, ...]:
    """The steps that find the place of each case's newest entry: first the newest day, then the newest entry of
    that day.

    `belongs` gives for each entry of `log` its case's place, 0 for one that does not count. A place has so many
    `bits`. FREQUENCY counts a number at the least of the entries that is not below it. So for each case a number just
    below all that it can have, their sign turned, falls to its greatest.
    """
    day = f"INT({order}/{DAY})"
    by_day = f"({belongs})*1E6+{day}*(({belongs})>0)"
    is_of_day = f"(({belongs})>0)*({day}={of_place(f'({belongs})', 'CasePlaces', f'Case{name}Day')})"
    in_day = f"{is_of_day}*(({belongs})*1E10+MOD({order},{DAY}))"
    return (
        Step(
            f"{name}OnDay",
            log,
            f"(FREQUENCY(-CasePlaces*1E6-999999,-({by_day}))>0)*({belongs})",
            "The case's place in one entry on its newest day, 0 in all others.",
        ),
        Step(
            f"Case{name}OnDay",
            cases,
            _carried(f"{name}OnDay", places, bits),
            "The place of an entry on the newest day.",
        ),
        Step(f"Case{name}Day", cases, of_place(f"Case{name}OnDay", places, day), "The day of the newest entry."),
        Step(
            f"{name}Last",
            log,
            f"(FREQUENCY(-CasePlaces*1E10-9999999999,-({in_day}))>0)*{is_of_day}*({belongs})",
            "The case's place in its newest entry, 0 in all others.",
        ),
        Step(f"Case{name}", cases, _carried(f"{name}Last", places, bits), "The place of the newest entry."),
    )


def _carried(marked: str, number: str, bits: int) -> str:
    """A number of the one entry of each case that is marked with the case's place, in the row of the case: counted
    bit by bit, since FREQUENCY can count only.
    """
    counted = (f"{2**k}*FREQUENCY({marked}*MOD(INT({number}/{2**k}),2),CasePlaces)" for k in range(bits))
    return "+".join(counted)
