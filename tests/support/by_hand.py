"""What is done by hand to a workbook that has a history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from refundbook.storage.changes import Changes
from refundbook.storage.history_keeper import HistoryKeeper
from refundbook.storage.load import read_contents
from refundbook.storage.workbook_file import WorkbookFile

_TODAY = date(2023, 12, 31)


def note(path: Path) -> HistoryKeeper:
    """Begin the workbook's history, or note what was changed by hand."""
    at = WorkbookFile(path)
    records = read_contents(at.read(), str(path), _TODAY).records
    assert records is not None
    keeper = HistoryKeeper(at)
    keeper.note(records, Changes())
    assert keeper.notices == []
    return keeper


def put(path: Path, sheet: str, cell: str, value: Any) -> None:
    """Type a value into a cell, in a program that knows nothing of refundbook."""
    workbook = openpyxl.load_workbook(path)
    workbook[sheet][cell].value = value
    workbook.save(path)


def act_by_hand(path: Path, steps: Sequence[Sequence[str]]) -> None:
    """Do what an example of the gallery says, with a history that began before."""
    if not steps:
        return
    keeper, before = note(path), path.read_bytes()
    for verb, *words in steps:
        if verb == "hand":
            before = path.read_bytes()
            where, _, text = words[0].partition("=")
            sheet, _, cell = where.partition("!")
            put(path, sheet, cell, int(text) if text.isdecimal() else text)
        elif verb == "older":
            path.write_bytes(before)
        else:
            data = keeper.journal.file.read_bytes()
            keeper.journal.file.write_bytes(data.replace(b"GTB", b"GTC", 1))
            return
        note(path)
