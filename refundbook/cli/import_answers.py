"""What became of an import: said, and the rows that were refused written as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from refundbook.base.errors import UsageError
from refundbook.base.schema import SHEETS
from refundbook.base.text import counted, one_line
from refundbook.cli.common import complain, echo_json, say, shown
from refundbook.cli.import_how import How
from refundbook.importing.plan import Plan
from refundbook.importing.source_table import Problem
from refundbook.importing.update import Update, Updated
from refundbook.record.entries import Entry
from refundbook.render.text import to_csv
from refundbook.storage.workbook_file import create

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def write_refused(target: Path, plan: Plan, refused: Mapping[int, Sequence[str]]) -> Path:
    """Write the rows that were refused, as they were, with the reasons; gives the file."""
    table = plan.table
    rows = [
        (*row, " ".join(refused[line])) for row, line in zip(table.rows, table.lines, strict=True) if line in refused
    ]
    try:
        create(target, ("\ufeff" + to_csv((*table.headers, "Refused because"), rows)).encode())
        return target
    except FileExistsError as error:
        raise UsageError(f"{target} exists already and is left as it is. Name another file.") from error


def answer(plan: Plan, update: Update | None, done: Updated, path: Path, how: How) -> None:
    """Say what was entered, or would be."""
    for remark in plan.table.remarks:
        complain(f"warning: {remark}")
    if how.as_json:
        echo_json(_as_json(plan, update, done, how))
        return
    counts = Counter(entry.sheet for entry in done.entries)
    said = ", ".join(f"{counts[sheet.name]} in {sheet.name}" for sheet in SHEETS)
    say(f"{'Would enter' if how.dry_run else 'Entered'} from {one_line(plan.table.source)}: {said}.")
    made = [one_line(header) for columns in plan.new_columns.values() for header in columns]
    if made:
        say(f"{'Would make' if how.dry_run else 'Made'} columns of your own: {', '.join(made)}.")
    if plan.untaken:
        say(f"Not taken: {', '.join(map(one_line, plan.untaken))}.")
    if update is not None:
        _say_update(plan, update, done)
    for reason in (reason for reasons in done.refused.values() for reason in reasons):
        complain(f"refused: {reason}")
    if done.refused and how.skip_refused is not None:
        written = "would be" if how.dry_run else "are"
        say(f"Refused: {counted(len(done.refused), 'row')}, which {written} in {shown(how.skip_refused)}.")
    _warn(done.entries)
    if how.dry_run:
        say(f"{shown(path)} was not changed.")


def _say_update(plan: Plan, update: Update, done: Updated) -> None:
    say(f"Filled: {counted(done.filled, 'blank cell')}. Nothing new: {counted(update.unchanged, 'row')}.")
    for problem in done.conflicts:
        complain(f"conflict: {problem}")
    for problem in plan.listed:
        complain(f"not entered: {problem}")


def _as_json(plan: Plan, update: Update | None, done: Updated, how: How) -> dict[str, Any]:
    counts = Counter(entry.sheet for entry in done.entries)
    answer: dict[str, Any] = {
        "would_enter" if how.dry_run else "entered": {sheet.name: counts[sheet.name] for sheet in SHEETS},
        "not_taken": list(plan.untaken),
        "columns_made": [header for columns in plan.new_columns.values() for header in columns],
        "warnings": [
            {"code": w.code, "cell": w.where, "message": w.message} for entry in done.entries for w in entry.warnings
        ],
    }
    if how.skip_refused:
        answer["refused"] = [{"line": line, "reasons": list(reasons)} for line, reasons in done.refused.items()]
    if update is not None:
        answer |= {
            "filled": done.filled,
            "unchanged": update.unchanged,
            "conflicts": [_plain(problem) for problem in done.conflicts],
            "listed": [_plain(problem) for problem in plan.listed],
        }
    return answer


def _plain(problem: Problem) -> dict[str, str]:
    return {"where": problem.where, "value": problem.value, "message": problem.message}


def _warn(entries: Sequence[Entry]) -> None:
    by_code = Counter(warning.code for entry in entries for warning in entry.warnings)
    for code, count in by_code.items():
        first = next(warning for entry in entries for warning in entry.warnings if warning.code == code)
        more = f" ({count} like this)" if count > 1 else ""
        complain(f"warning {code}: {first.where}: {first.message} {first.hint}".strip() + more)
