"""How a rule is declared: one function, with all that is special about it in its decorator.

    @error("RB203", scope=Scope.CELL)
    def opened_in_the_future(records: Records, at: Positions) -> Iterator[Hit]:
        \"""Opened in the future. …\"""

Importing a module of rules enters its rules in `RULES`; which modules that are stands in `refundbook.record.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from refundbook.base.findings import Severity
from refundbook.base.named_tuple import NamedTuple
from refundbook.record.records import Log, Positions, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Looks = TypeVar("Looks", bound=Callable[..., object])


class Scope(Enum):
    """How much has to be known to say whether a rule is broken; what is advised may look further."""

    STRUCTURE = "the sheets and their headers"
    SETTINGS = "the Settings sheet"
    BESIDE = "the files beside the workbook"
    CELL = "one cell"
    ROW = "one row"
    CASE = "the rows of one case, on all sheets"
    LOGS = "all rows"
    BELOW = "what stands below a sheet's rows: looked at with all of them only"
    SHEET = "a sheet as a whole"
    BOOKS = "several workbooks"

    @property
    def is_within_a_row(self) -> bool:
        return self in (Scope.CELL, Scope.ROW)

    @property
    def is_in_records(self) -> bool:
        """Whether `engine.check` runs the rules of this scope. The others come before there are records, or have none."""
        return self not in (Scope.STRUCTURE, Scope.SETTINGS, Scope.BESIDE, Scope.BOOKS)


class Hit(NamedTuple):
    """What a rule on records yields: the cell (`name` is its column's), what is wrong there, and what to do next.

    `position` is the entry's; None for a `row` of the sheet that is no entry, 0 for the sheet as a whole. `value` stands in for the cell's own.
    """

    log: Log
    position: int | None
    name: str
    message: str
    hint: str = ""
    value: str | None = None
    row: int = 0

    @property
    def sheet_row(self) -> int:
        return self.row if self.position is None else self.log.rows[self.position]


Find = Callable[[Records, Positions], Iterator[Hit]]
"""A rule on records: what it finds in the rows at these positions."""

Shortcut = Callable[[Records, Positions], bool]
"""Tells at a glance over whole columns that a rule finds nothing in the rows at these positions."""


class Rule(NamedTuple):
    """A named rule. `doc`, from its function's docstring, is its page in the documentation, and the examples in it are run by the tests.

    `find` is a `Find` where the scope is in records, and else what looks there. `at_entry`: whether it has something to say of an entry that is
    being made. `stops_saves`: whether what it warns of has to be put right before the next save. `unless`: when it is passed over.
    """

    code: str
    severity: Severity
    scope: Scope
    docstring: str
    find: Callable[..., Any]
    at_entry: bool = True
    stops_saves: bool = False
    unless: Shortcut | None = None

    @property
    def doc(self) -> str:
        """The docstring without its indentation."""
        from inspect import cleandoc

        return cleandoc(self.docstring)

    @property
    def title(self) -> str:
        """The docstring's first line."""
        return self.docstring.partition("\n")[0].rstrip(".")


RULES: dict[str, Rule] = {}
"""Every rule by its code. A code is never used for another rule, also not after its own is gone."""


def error(code: str, *, scope: Scope, unless: Shortcut | None = None) -> Callable[[Looks], Looks]:
    """Declare the rule `code`, which refuses a workbook or an entry. Raises ValueError when the code is taken."""
    return _declare(lambda find: Rule(code, Severity.ERROR, scope, find.__doc__ or code, find, unless=unless))


def warning(
    code: str,
    *,
    scope: Scope,
    at_entry: bool = True,
    stops_saves: bool = False,
    unless: Shortcut | None = None,
) -> Callable[[Looks], Looks]:
    """Declare the rule `code`, which points something out. Raises ValueError when the code is taken."""
    return _declare(
        lambda find: Rule(code, Severity.WARNING, scope, find.__doc__ or code, find, at_entry, stops_saves, unless)
    )


def _declare(rule_of: Callable[[Callable[..., object]], Rule]) -> Callable[[Looks], Looks]:
    def declare(find: Looks) -> Looks:
        rule = rule_of(find)
        if rule.code in RULES:
            raise ValueError(f"code {rule.code} is used twice")
        RULES[rule.code] = rule
        return find

    return declare
