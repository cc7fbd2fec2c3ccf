"""How the rules on records are run."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from refundbook.base.findings import Finding
from refundbook.base.own_columns import header_of
from refundbook.base.schema import SHEETS
from refundbook.record.records import Positions, Records
from refundbook.record.rules.declare import RULES, Hit, Rule, Scope
from refundbook.record.rules.scan import is_whole
from refundbook.record.rules.wording import text_of


def check(records: Records, at: Positions | None = None, codes: Collection[str] = RULES) -> list[Finding]:
    """What the rules of these codes find in the rows `at` (all rows when None), in the order of sheets, rows and codes."""
    where = records.everything() if at is None else at
    whole = {log.sheet.name: where[log.sheet.name] for log in records.logs if is_whole(log, where)}
    return in_order(
        _finding(rule, hit)
        for rule in RULES.values()
        if rule.code in codes and rule.scope.is_in_records and not (rule.unless and rule.unless(records, where))
        for hit in rule.find(records, whole if rule.scope is Scope.BELOW else where)
    )


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """What was found on the pillars' sheets, in the order of sheets, rows and codes."""
    order = {sheet.name: n for n, sheet in enumerate(SHEETS)}
    return sorted(findings, key=lambda finding: (order[finding.sheet], finding.row, finding.code))


def _finding(rule: Rule, hit: Hit) -> Finding:
    value = hit.value
    if value is None:
        value = "" if hit.position is None else text_of(hit.log, hit.position, hit.name)
    cell = f"{hit.log.letters[hit.name]}{hit.sheet_row}" if hit.sheet_row else ""
    column = header_of(hit.log.sheet, hit.name) if cell else ""
    return Finding(rule.code, rule.severity, hit.log.sheet.name, cell, value, hit.message, hit.hint, column)
