"""The named rules. Each is a function that yields what it finds; `check` runs them, on load, on save, in `refundbook check` and on every entry.

RB0xx is structure, RB1xx one cell, RB2xx a row or a sheet, RB3xx across sheets, RB4xx across workbooks; from RB_51 on they are warnings.
"""

from __future__ import annotations

from refundbook.base.findings import Severity
from refundbook.record.rules import (
    access,
    across,
    cell_warnings,
    cells,
    dates,
    history,
    money,
    rows,
    settings,
    siblings,
    structure,
)
from refundbook.record.rules.declare import RULES, Rule, Scope
from refundbook.record.rules.engine import check, in_order
from refundbook.record.rules.history import from_history, other_histories
from refundbook.record.rules.siblings import check_books, conflict_copies, lost_inboxes
from refundbook.record.rules.structure import check_structure

MODULES = (structure, settings, siblings, history, cells, cell_warnings, money, dates, rows, access, across)
"""Where the rules stand. To import them is what declares the rules."""

ERRORS = frozenset(code for code, rule in RULES.items() if rule.severity is Severity.ERROR)
"""The rules that refuse a workbook."""
ERRORS_OF_A_ROW = frozenset(code for code in ERRORS if RULES[code].scope.is_within_a_row)
"""Whether one of these is broken depends on one row, so no entry makes an old row break it."""
WARNINGS_OF_AN_ENTRY = frozenset(
    code for code, rule in RULES.items() if code not in ERRORS and rule.scope.is_in_records and rule.at_entry
)
"""What can be said of an entry that is being made."""
WARNINGS_OF_A_ROW = frozenset(code for code in WARNINGS_OF_AN_ENTRY if RULES[code].scope.is_within_a_row)
"""What can be said of it where no other row is known."""
ABOUT_THE_SHEET = frozenset(code for code, rule in RULES.items() if rule.scope is Scope.SHEET and rule.at_entry)
"""What is to be said of whatever is written to a sheet."""
ABOUT_ALL_ROWS = frozenset(code for code, rule in RULES.items() if rule.scope is Scope.LOGS)
"""What is found in a row may depend on any other."""
(LEFT_OUT,) = (code for code, rule in RULES.items() if rule.stops_saves)
"""A warning on load; a save is refused for it."""
TITLES = {code: rule.title for code, rule in RULES.items()}
"""What each rule is about, in a few words, by its code."""

__all__ = [
    "ABOUT_ALL_ROWS",
    "ABOUT_THE_SHEET",
    "ERRORS",
    "ERRORS_OF_A_ROW",
    "LEFT_OUT",
    "MODULES",
    "RULES",
    "TITLES",
    "WARNINGS_OF_AN_ENTRY",
    "WARNINGS_OF_A_ROW",
    "Rule",
    "check",
    "check_books",
    "check_structure",
    "conflict_copies",
    "from_history",
    "in_order",
    "lost_inboxes",
    "other_histories",
]
