"""The named rules. Each is a function that yields what it finds; `check` runs them, on load, on save, in `refundbook check` and on every entry.

RB0xx is structure, RB1xx one cell, RB2xx a row or a sheet, RB3xx across sheets; from RB_51 on they are warnings.
"""

from __future__ import annotations

from refundbook.base.findings import Severity
from refundbook.record.rules import access, across, cells, dates, doubtful, money, rows  # noqa: F401  (importing them registers their rules)
from refundbook.record.rules.engine import RULES, Rule, check, in_order
from refundbook.record.rules.rows import LEFT_OUT
from refundbook.record.rules.siblings import conflict_copies, lost_inboxes
from refundbook.record.rules.structure import check_structure

ERRORS = frozenset(code for code, rule in RULES.items() if rule.severity is Severity.ERROR)
"""The rules that refuse a workbook."""
_OF_A_ROW = {"RB203", "RB204", "RB205", "RB206", "RB207", "RB208", "RB209", "RB210", "RB212", "RB213"}
ERRORS_OF_A_ROW = frozenset(code for code in ERRORS if code.startswith("RB1") or code in _OF_A_ROW)
"""Whether one of these is broken depends on one row, so no entry makes an old row break it. (What is advised may look further.)"""
WARNINGS_OF_AN_ENTRY = frozenset(RULES) - ERRORS - {"RB253", "RB254", "RB353"}
"""Without those that speak of how much time went by: nothing to say of an entry that is being made just now."""
ABOUT_THE_SHEET = frozenset({"RB259", "RB260", "RB261"})
"""What is to be said of whatever is written to a sheet."""
TITLES = {code: rule.title for code, rule in RULES.items()}
"""What each rule is about, in a few words, by its code."""

__all__ = [
    "ABOUT_THE_SHEET",
    "ERRORS",
    "ERRORS_OF_A_ROW",
    "LEFT_OUT",
    "RULES",
    "TITLES",
    "WARNINGS_OF_AN_ENTRY",
    "Rule",
    "check",
    "check_structure",
    "conflict_copies",
    "in_order",
    "lost_inboxes",
]
