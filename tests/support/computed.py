"""What the Tracker and Insights sheets of a workbook show once LibreOffice has computed them, beside what the library
answers.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.formula.translate import Translator

import refundbook
from refundbook.base.schema import FINAL_STATUSES, INSIGHTS, SHEETS, TRACKER
from refundbook.base.settings import Settings
from refundbook.base.values import to_text
from refundbook.insights.insights import STATES, Insights
from refundbook.insights.measures import DENIED, OPEN, REFUNDED, TooFew
from refundbook.record.records import Records
from refundbook.record.tracker import tracker_rows
from refundbook.template import insights as sheet
from refundbook.template.tracker import FIRST_ROW, NOTE_ROW
from tests.support.office import converted, sheet_values, without_cached_values
from tests.support.working_columns import working_columns

TODAY = date(2024, 1, 15)
AT_ONCE = 10
"""So many workbooks are computed in one run of LibreOffice: to start it takes seconds, and a run has a time limit."""

Shown = dict[str, object]
"""Cells by a name for a person: `Tracker 3 summary`, `Insights: Refunded: Defective`."""

_COLUMNS = ("number", "opened", "summary", "reply", "resolution")
_WORKING = ("status", "days open", "amount", "currency", "next due", "go to")


def by_libreoffice(paths: Sequence[Path], folder: Path) -> list[Shown]:
    """What the sheets of each workbook show when they are computed from nothing on `TODAY`. The file names
    must differ.
    """
    return [as_shown(path) for path in computed(paths, folder)]


def as_shown(path: Path) -> Shown:
    """What the two sheets of a workbook show as they stand."""
    return _on_tracker(path) | _on_insights(path)


def computed(paths: Sequence[Path], folder: Path) -> list[Path]:
    """The workbooks as LibreOffice computes them from nothing on `TODAY`. The file names must differ."""
    folder.mkdir(parents=True, exist_ok=True)
    bare = [without_cached_values(on_the_day(path, folder / "day.xlsx"), folder / path.name) for path in paths]
    made: list[Path] = []
    for first in range(0, len(bare), AT_ONCE):
        made += converted(bare[first : first + AT_ONCE], folder / "out")
    return made


FIRST_ALERT = 30
"""The column in which the condition of a sheet's first conditional format is put by `with_alerts`."""


def with_alerts(path: Path, rows: int) -> Path:
    """The workbook with the conditions of its conditional formats as formulas in cells, for so many rows: a format
    itself leaves no trace in a file.
    """
    book = openpyxl.load_workbook(path)
    for page in (book[TRACKER], *(book[pillar.name] for pillar in SHEETS)):
        column = FIRST_ALERT
        for cells in page.conditional_formatting:
            first = str(cells.sqref).split(":")[0]
            for rule in cells.rules:
                page.cell(1, column).value = f"{first} {rule.dxf.numFmt.formatCode if rule.dxf.numFmt else ''}"
                for row in range(2, 2 + rows):
                    shifted = Translator(f"={rule.formula[0]}", origin="A2").translate_formula(f"A{row}")
                    page.cell(row, column).value = shifted
                column += 1
    book.save(path)
    return path


def alerts_shown(path: Path, sheet_name: str, rows: int) -> dict[str, list[object]]:
    """For each conditional format of a computed workbook, by its first cell and number format, whether it speaks up in
    each row.
    """
    values = sheet_values(path, sheet_name)
    header = values[0][FIRST_ALERT - 1 :]
    return {
        str(label): [values[row][FIRST_ALERT - 1 + k] for row in range(1, 1 + rows)] for k, label in enumerate(header)
    }


def on_the_day(source: Path, target: Path) -> Path:
    """A copy whose formulas take `TODAY` for today, and its last second for now."""
    with zipfile.ZipFile(source) as package, zipfile.ZipFile(target, "w") as copy:
        for info in package.infolist():
            content = package.read(info)
            if info.filename.startswith("xl/worksheets/"):
                content = content.replace(b"TODAY()", b"DATE(2024,1,15)").replace(
                    b"NOW()", b"(DATE(2024,1,16)-1/86400)"
                )
            copy.writestr(info.filename, content)
    return target


def by_refundbook(path: Path) -> Shown:
    """What the library answers for the same cells, whatever the rules say of the workbook."""
    book = refundbook.load(path, strict=False, today=TODAY)
    records = book.records
    place = _places(records)
    rows = {place[row]: said for row, said in zip(records.cases.rows, tracker_rows(records), strict=True)}
    working = {place[row]: working_columns(records, case) for case, row in enumerate(records.cases.rows)}
    shown: Shown = {}
    for row in range(FIRST_ROW, NOTE_ROW):
        for name, value in zip(_COLUMNS, rows.get(row, ("",) * len(_COLUMNS)), strict=True):
            shown[f"Tracker {row} {name}"] = to_text(value)
        for name, said in zip(_WORKING, working.get(row, ("",) * len(_WORKING)), strict=True):
            shown[f"Tracker {row} {name}"] = float(said) if isinstance(said, (int, Decimal)) else said or ""
    return shown | _figures(book.insights)


def _places(records: Records) -> dict[int, int]:
    """The row of the Tracker in which the case of each row of the Cases sheet stands: the same, while there is one for
    each; beyond that the open ones first, then the others, each the latest first.
    """
    cases = records.cases
    if cases.rows[-1:] <= [NOTE_ROW - 1]:
        return {row: row for row in cases.rows}
    is_ended = [records.final_resolution(key) is not None for key in cases.keys]
    ranked = sorted(zip(is_ended, (-row for row in cases.rows), strict=True))
    return {-row: FIRST_ROW + k for k, (_, row) in enumerate(ranked)}


def differences(theirs: Shown, ours: Shown) -> list[str]:
    """The cells in which they part, in words."""
    return [
        f"{name}: {theirs.get(name)!r} instead of {ours[name]!r}"
        for name in ours
        if not _equal(theirs.get(name), ours[name])
    ]


def _equal(theirs: object, ours: object) -> bool:
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return abs(theirs - ours) < 1e-6
    return theirs == ours


def _on_tracker(path: Path) -> Shown:
    values = sheet_values(path, TRACKER)
    shown: Shown = {}
    for row in range(FIRST_ROW, NOTE_ROW):
        of_case = values[row - 1][: len(_COLUMNS) + len(_WORKING)]
        for name, value in zip(_COLUMNS, of_case, strict=False):
            shown[f"Tracker {row} {name}"] = to_text(None if value == "" else value)
        for name, value in zip(_WORKING, of_case[len(_COLUMNS) :], strict=True):
            shown[f"Tracker {row} {name}"] = value
    return shown


def _on_insights(path: Path) -> Shown:
    values = sheet_values(path, INSIGHTS)

    def cell(letter: str, row: int) -> object:
        return values[row - 1][ord(letter) - ord("A")]

    shown: Shown = {
        f"Insights: {cell(letter, sheet.TILE_ROW)}": cell(letter, sheet.TILE_ROW + 1) for letter in "BCDEFG"
    }
    tables = (
        ("Opened", "BC", sheet.MONTHS_ROW, sheet.MONTHS),
        ("Standing", "DE", sheet.MONTHS_ROW, 1 + len(FINAL_STATUSES)),
        ("Took", "FG", sheet.MONTHS_ROW, len(sheet.BUCKETS)),
        ("Age", "FG", sheet.PROMISES_ROW, len(sheet.BUCKETS)),
        ("Promises", "DE", sheet.PROMISES_ROW, len(sheet.PROMISES)),
        ("Requested", "BC", sheet.MONEY_ROW, sheet.LISTED),
        ("Refunded", "BD", sheet.MONEY_ROW, sheet.LISTED),
        *((name, f"B{letter}", sheet.REASONS_ROW, sheet.LISTED + 1) for name, letter in zip(_BY_REASON, "CDEFG", strict=True)),
    )  # fmt: skip
    for name, letters, top, count in tables:
        label, value = letters[0], letters[1]
        shown |= {f"Insights: {name}: {cell(label, row)}": cell(value, row) for row in range(top + 1, top + 1 + count)}
    return shown


_BY_REASON = ("Cases", "Refunded", "Denied", "Refunded / Closed", "Denied / Closed")


def _figures(found: Insights) -> Shown:
    cases = found.measured
    median = next(row[1] for row in found.overview().rows if row[0] == "Days to resolution, median")
    open_count = sum(case.standing == OPEN for case in cases)
    statuses = Counter(case.status for case in cases if case.standing != OPEN)
    promises = [sum(map(_count, column)) for column in map(found.promises().column, STATES)]
    shown: Shown = {
        "Cases": len(cases),
        "Open": open_count,
        "Closed": len(cases) - open_count,
        "Days to resolution": sheet.TOO_FEW if isinstance(median, TooFew) else float(str(median)),
        "Promises overdue": promises[sheet.PROMISES.index("Overdue")],
        "Oldest open case": max((case.age for case in cases if case.age is not None), default=0),
        "Standing: Open": open_count,
        **{f"Standing: {status}": statuses[status] for status in FINAL_STATUSES},
        **{f"Promises: {label}": count for label, count in zip(sheet.PROMISES, promises, strict=True)},
        **{f"Took: {label}": count for label, count in found.resolution_times().rows},
        **{f"Age: {label}": count for label, count in found.ageing().rows},
        **_months(found),
        **_by_reason(found),
        **_money(found),
    }
    return {f"Insights: {name}": value for name, value in shown.items()}


def _count(cell: object) -> int:
    assert isinstance(cell, int)
    return cell


def _months(found: Insights) -> Shown:
    """The twelve months that end with the newest case."""
    opened = Counter(case.month for case in found.measured)
    last = max((month for month in opened if month[0].isdigit()), default=f"{TODAY:%Y-%m}")
    newest = int(last[:4]) * 12 + int(last[5:]) - 1
    labels = [f"{month // 12}-{month % 12 + 1:02}" for month in range(newest - sheet.MONTHS + 1, newest + 1)]
    return {f"Opened: {label}": opened[label] for label in labels}


def _by_reason(found: Insights) -> Shown:
    """Each reason of the list, and together all cases of another reason or none."""
    groups = {
        reason: [case for case in found.measured if case.reason == reason] for reason in Settings().lists["Reasons"]
    }
    groups[sheet.NONE_OF_THESE] = [case for case in found.measured if case.reason not in groups]
    shown: Shown = {}
    for reason, group in groups.items():
        closed = [case for case in group if case.standing != OPEN]
        counts = [sum(case.standing == end for case in closed) for end in (REFUNDED, DENIED)]
        enough = len(closed) >= sheet.ENOUGH
        shares = [count / len(closed) if enough else sheet.TOO_FEW for count in counts]
        shown |= {
            f"{name}: {reason}": value for name, value in zip(_BY_REASON, (len(group), *counts, *shares), strict=True)
        }
    return shown


def _money(found: Insights) -> Shown:
    listed = Settings().lists["Currencies"]
    shown: Shown = {}
    for name, amounts in (
        ("Requested", [case.asked for case in found.measured]),
        ("Refunded", [case.paid for case in found.measured]),
    ):
        used = [currency for currency in listed if any(currency in by for by in amounts)]
        shown |= {f"{name}: {currency}": float(sum(by.get(currency, 0) for by in amounts)) for currency in used}
    return shown
