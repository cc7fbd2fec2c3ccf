"""The rules on new entries: which are refused and why, and what is to be said of those that are taken."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from refundbook.base.errors import EntriesRefused, EntryRefused
from refundbook.base.findings import Finding
from refundbook.base.schema import CASES
from refundbook.base.values import to_text
from refundbook.record import rules
from refundbook.record.entries import Draft, unreadable_findings, unsure_findings
from refundbook.record.records import Positions, Records
from refundbook.system.forked import forked

_WORTH_ANOTHER = 2_000
"""New entries that it pays to look at on two processors."""

Placed = tuple[Draft, int]
"""A new entry, and the position that it has in its log."""


def judge(
    records: Records, entries: Sequence[Placed], known: Collection[Finding], *, alone: bool = False
) -> list[list[Finding]]:
    """Run the rules on new entries, which are in `records` already, and on all rows of their cases; where other rows
    cannot be seen, only what an entry says `alone` is judged.

    Gives the warnings about each entry. Raises EntriesRefused for errors that are not among those `known` before.
    """
    new = _placed(entries)
    warnings_of = rules.WARNINGS_OF_A_ROW if alone else rules.WARNINGS_OF_AN_ENTRY
    with forked(lambda: rules.check(records, new, warnings_of), worth=len(entries) >= _WORTH_ANOTHER) as pointed_out:
        at_row = {(entry.sheet.name, records.log(entry.sheet).rows[at]): k for k, (entry, at) in enumerate(entries)}
        first_on = {entry.sheet.name: k for k, (entry, _) in reversed([*enumerate(entries)])}
        warnings: list[list[Finding]] = [
            unsure_findings(records.log(entry.sheet), at, entry) if entry.unsure else [] for entry, at in entries
        ]
        errors: list[list[Finding]] = [
            unreadable_findings(records.log(entry.sheet), at, entry) if entry.unreadable else []
            for entry, at in entries
        ]
        for finding in errors_of(records, new, alone=alone):
            k = at_row.get((finding.sheet, finding.row))
            if finding not in known and not (k is not None and _is_unreadable(records, entries[k][0], finding)):
                errors[_culprit(records, entries, finding) if k is None else k].append(finding)
        if any(errors):
            raise EntriesRefused([_refusal(entries[k][0], k, found) for k, found in enumerate(errors) if found])
        for finding in pointed_out():
            # What stands below a Table is found with any row of it, and is not about the entry; what is about the whole
            # sheet is said once.
            k = at_row.get((finding.sheet, finding.row)) if finding.cell else first_on.get(finding.sheet)
            if k is not None:
                warnings[k].append(finding)
    return warnings


def _placed(entries: Sequence[Placed]) -> Positions:
    placed: dict[str, list[int]] = {}
    for entry, at in entries:
        placed.setdefault(entry.sheet.name, []).append(at)
    return placed


def errors_of(records: Records, new: Positions, *, alone: bool = False) -> list[Finding]:
    """The errors in new entries, and in all rows of their cases unless they are judged `alone`."""
    own = rules.check(records, new, rules.ERRORS_OF_A_ROW)
    if alone:
        return own
    return rules.in_order([*own, *rules.check(records, _concerned(records, new), rules.ERRORS - rules.ERRORS_OF_A_ROW)])


def _concerned(records: Records, new: Positions) -> Positions:
    """The new entries and every row of their cases."""
    keys = {log.sheet.name: [log.keys[at] for at in new.get(log.sheet.name, ())] for log in records.logs}
    of_cases = records.about(key for own in keys.values() for key in own if key)
    # An entry without a case number is of no case.
    return {
        sheet: sorted({*of_cases[sheet], *new[sheet]}) if "" in own else of_cases[sheet] for sheet, own in keys.items()
    }


def _is_unreadable(records: Records, entry: Draft, finding: Finding) -> bool:
    """Whether a finding is only that a cell is empty, because the value meant for it could not be read."""
    letters = finding.cell.rstrip("0123456789")
    return any(records.log(entry.sheet).letters.get(name) == letters for name in entry.unreadable)


def _culprit(records: Records, entries: Sequence[Placed], finding: Finding) -> int:
    """The first new entry of the case whose older row is found wrong only now."""
    log = next(log for log in records.logs if log.sheet.name == finding.sheet)
    keys = set(records.case_keys.in_group_of(log.keys[log.rows.index(finding.row)]))
    return next(k for k, (entry, at) in enumerate(entries) if records.log(entry.sheet).keys[at] in keys)


def _refusal(entry: Draft, index: int, findings: list[Finding]) -> EntryRefused:
    number = to_text(entry.values.get("number")) or "without a number"
    about = f"Case {number}" if entry.sheet is CASES else f"The {entry.sheet.pillar} for case {number}"
    return EntryRefused(f"{about} was not entered", tuple(findings), index)
