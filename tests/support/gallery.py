"""Workbooks from one line of text: the little language of the examples in the rules' docstrings.

    RB203 Cases!C2, RB302 Communications!C2: case number=GTB-1 opened=2024-01-02 ; communication number=GTB-1 …
    Okay: case number=GTB-1 opened=2023-12-31

Left of the colon stand the findings expected, right of it what the workbook holds, separated by ` ; ` and quoted as in
a shell: an entry (a pillar and its columns' values, each in the type of its column, or of the one that `text:`,
`number:`, `date:`, `time:`, `error:` or `formula:FORMULA|RESULT` names), `sheet OLD=NEW` for a renamed sheet, `cell
SHEET!ADDRESS=TEXT` for any other cell, `below PILLAR …` for an entry below the Table, which does not reach over it,
`without table SHEET`, `fill SHEET=TYPE` for a table of another type (`queryTable`, `xml`), `protect SHEET`, `merge
SHEET!RANGE`, `setting LABEL=VALUE` for a line of a Settings sheet, or `beside NAME` for another file in the workbook's
folder. A history is begun first where `hand SHEET!ADDRESS=TEXT` changes a cell by hand afterwards (each is noted), `older copy` puts back
what was there before the last of these, `spoil history` changes a byte of it. Behind ` ;; ` stands what a second workbook holds; then both are looked at together.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from refundbook import load, load_all
from refundbook.base.findings import Finding
from refundbook.base.schema import BY_PILLAR, SETTINGS, SHEETS, Column, Kind, Sheet
from refundbook.base.settings import SETTING_HEADERS
from tests.support.by_hand import act_by_hand

AFTERWARDS = {"hand", "older", "spoil"}
"""What is done once the workbook has a history."""
SECOND = "second.xlsx"
"""The name of a second workbook."""
TODAY = date(2023, 12, 31)
"""The day on which the examples are read."""


@dataclass(frozen=True)
class Example:
    """One example of a rule's docstring. `expected` is what it must yield, as `RB203 Cases!C2`, sorted; empty for an
    Okay.
    """

    code: str
    expected: tuple[str, ...]
    content: str


def examples(code: str, doc: str) -> list[Example]:
    """The examples in a rule's docstring."""
    lines = re.findall(r"^    ((?:RB\d{3} |Okay).*?): (.*)$", doc, re.MULTILINE)
    return [
        Example(code, tuple(sorted(re.findall(r"RB\d{3} [^,]+", expected))), content) for expected, content in lines
    ]


_FORCED: dict[str, Callable[[str], Any]] = {
    "text": str, "number": float, "date": date.fromisoformat, "time": time.fromisoformat, "error": str
}  # fmt: skip


@dataclass
class _Draft:
    workbook: Workbook
    tabled: set[str]
    results: dict[tuple[str, str], str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    columns: dict[str, list[Column]] = field(default_factory=dict)


def build(path: Path, content: str, *, date_1904: bool = False) -> Path:
    """Write the workbook that `content` describes to `path`, and a second one that it describes beside it."""
    content, _, second = content.partition(" ;; ")
    if second:
        build(path.with_name(SECOND), second)
    draft = _Draft(Workbook(), {sheet.name for sheet in SHEETS})
    if date_1904:
        draft.workbook.epoch = CALENDAR_MAC_1904
    del draft.workbook["Sheet"]
    steps = [shlex.split(step) for step in content.split(" ; ")]
    for sheet in SHEETS:
        draft.columns[sheet.name] = _columns(sheet, steps)
        draft.workbook.create_sheet(sheet.name).append([column.header for column in draft.columns[sheet.name]])
    for verb, *words in (step for step in steps if step[0] in BY_PILLAR):
        _enter(draft, BY_PILLAR[verb], words)
    last_rows = {sheet.name: max(2, draft.workbook[sheet.name].max_row) for sheet in SHEETS}
    for verb, *words in (step for step in steps if step[0] not in (*BY_PILLAR, *AFTERWARDS)):
        if verb == "beside":
            beside = path.parent / words[0]
            beside.parent.mkdir(exist_ok=True)
            beside.touch()
        else:
            _change(draft, verb, words)
    for name in sorted(draft.tabled):
        width = get_column_letter(len(draft.columns[name]))
        draft.workbook[name].add_table(
            Table(displayName=name, ref=f"A1:{width}{last_rows[name]}", tableType=draft.kinds.get(name))  # type: ignore[arg-type]
        )
    draft.workbook.save(path)
    if draft.results:
        _put_results(path, draft)
    act_by_hand(path, [step for step in steps if step[0] in AFTERWARDS])
    return path


def _columns(sheet: Sheet, steps: Sequence[Sequence[str]]) -> list[Column]:
    """Those that every workbook has, then the optional ones in which something is to stand."""
    named = {word.partition("=")[0] for verb, *words in steps if verb == sheet.pillar for word in words}
    optional = [column for column in sheet.columns if column.optional and column.name in named]
    return [column for column in sheet.columns if not column.optional] + optional


def _change(draft: _Draft, verb: str, words: list[str]) -> None:
    if verb == "below":
        _enter(draft, BY_PILLAR[words[0]], words[1:])
        return
    if verb == "without":
        draft.tabled.remove(words[1])
        return
    what, _, new = words[0].partition("=")
    if verb == "protect":
        draft.workbook[what].protection.sheet = True
        return
    if verb == "fill":
        draft.kinds[what] = new
        return
    if verb == "merge":
        sheet, _, cells = what.partition("!")
        draft.workbook[sheet].merge_cells(cells)
    elif verb == "setting":
        if SETTINGS not in draft.workbook:
            draft.workbook.create_sheet(SETTINGS).append(SETTING_HEADERS)
        draft.workbook[SETTINGS].append((what, new))
    elif verb == "sheet":
        draft.workbook[what].title = new
        draft.tabled.discard(what)
    else:
        sheet, _, address = what.partition("!")
        draft.workbook[sheet][address] = new


def _enter(draft: _Draft, sheet: Sheet, words: list[str]) -> None:
    worksheet = draft.workbook[sheet.name]
    row = _next_row(worksheet)
    worksheet.cell(
        row, len(draft.columns[sheet.name]) + 2
    ).number_format = "@"  # holds the row's place, also where nothing is typed into it
    for word in words:
        name, _, text = word.partition("=")
        at, column = next((i, c) for i, c in enumerate(draft.columns[sheet.name], 1) if c.name.rstrip("_") == name)
        cell = worksheet.cell(row, at)
        assert isinstance(cell, Cell)
        _type(draft, cell, column, text)


def _next_row(worksheet: Worksheet) -> int:
    return int(worksheet.max_row) + 1


def _type(draft: _Draft, cell: Cell, column: Column, text: str) -> None:
    kind, colon, forced = text.partition(":")
    if colon and kind == "formula":
        formula, _, result = forced.partition("|")
        cell.value = f"={formula}"
        cell.number_format = "yyyy-mm-dd"
        value = _value(column, result)
        serial = to_excel(value, draft.workbook.epoch) if isinstance(value, date) else value  # type: ignore[no-untyped-call]
        draft.results[cell.parent.title, cell.coordinate] = str(serial)
    elif colon and kind in _FORCED:
        cell.value = _FORCED[kind](forced)
    else:
        cell.value = _value(column, text)  # type: ignore[assignment]
    if cell.data_type == "d":
        cell.number_format = {date: "yyyy-mm-dd", time: "hh:mm"}.get(type(cell.value), "yyyy-mm-dd hh:mm:ss")


def _value(column: Column, text: str) -> object:
    try:
        if column.is_date:
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        return Decimal(text) if column.kind in (Kind.MONEY, Kind.WHOLE) else text
    except (ValueError, ArithmeticError):
        return text


def _put_results(path: Path, draft: _Draft) -> None:
    """openpyxl writes formulas without their results; put them in, as Excel does."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for number, name in enumerate(draft.workbook.sheetnames, 1):
        part = f"xl/worksheets/sheet{number}.xml"
        for (sheet, address), result in draft.results.items():
            if sheet == name:
                cell = re.compile(rf'(<c r="{address}"[^>]*><f>.*?</f>)<v ?/?>(?:</v>)?'.encode())
                parts[part], count = cell.subn(rf"\1<v>{escape(result)}</v>".encode(), parts[part])
                assert count == 1, f"no formula at {address}"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def findings_of(path: Path, today: date = TODAY) -> list[Finding]:
    """All that the rules find in a workbook, and in a second one that `build` put beside it."""
    if (second := path.with_name(SECOND)).exists():
        return list(load_all([path, second], today=today).check().findings)
    return list(load(path, strict=False, today=today).check())


def addresses(findings: list[Finding]) -> tuple[str, ...]:
    """Codes and places of findings, as `RB203 Cases!C2`, sorted."""
    return tuple(sorted(f"{finding.code} {finding.where}" for finding in findings))
