"""All that is done with a workbook in its life, on one that lacks optional columns."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from refundbook.base.errors import EntryRefused, UsageError
from refundbook.base.schema import CASES, SHEETS
from tests.support import packages
from tests.support.command import run
from tests.support.samples import load
from tests.support.validators import new_findings
from tests.support.warm import readings, without_cache

DAY = date(2023, 11, 4)


def headers(path: Path) -> dict[str, list[object]]:
    book = openpyxl.load_workbook(path)
    return {sheet.name: [cell.value for cell in book[sheet.name][1]] for sheet in SHEETS}


def whole_round(path: Path, number: str, lacking: Mapping[str, str]) -> None:
    """Load, check, append cold and warm, amend and show. `number` is a case's with a message, `lacking` a header by
    sheet.
    """
    before, first = path.with_name("before.xlsx"), headers(path)
    shutil.copyfile(path, before)
    _reads(path, lacking)
    _appends(path)
    _refuses(path, number, lacking)
    with load(path) as book:
        book.amend(number, "Customer", "Zoë")
        book.amend(1, "Agent", "Lee")
    for command in (("tracker",), ("show", number), ("due",), ("check",), ("find", "zoë")):
        ran = run(*command, book=path)
        assert (ran.code, ran.err) == (0, ""), (command, ran.err)
    assert "Zoë" in run("show", number, book=path).out
    packet = path.with_name("packet")
    assert run("evidence", number, "-o", packet, book=path).code == 0
    assert "Zoë" in (packet / "evidence.html").read_text(encoding="utf-8")
    assert headers(path) == first
    assert new_findings(before, path) == []


def _reads(path: Path, lacking: Mapping[str, str]) -> None:
    book = load(path)
    assert [finding for finding in book.check() if "column" in finding.message] == []
    for log, frame in zip(book.records.logs, (book.cases, book.communications, book.resolutions), strict=True):
        header = lacking[log.sheet.name]
        name = next(column.name for column in log.sheet.columns if column.header == header)
        assert name not in log.letters
        assert log[name] == [None] * len(log)
        assert frame[header].isna().all()


def _appends(path: Path) -> None:
    """The first time the workbook is read, then what is known of it is enough; the outcome is the same to the byte."""
    cold = path.with_name("cold.xlsx")
    shutil.copyfile(path, cold)
    entries = [
        ("case", "GTB-800001", "--opened", "2023-11-01"),
        ("communication", "GTB-800001", "--date", "2023-11-02", "--with", "support", "--summary", "Hello."),
        ("resolution", "GTB-800001", "--status", "Pending"),
        ("case", "GTB-800002", "--opened", "2023-11-01"),
    ]
    for entry in entries:
        with readings() as read:
            assert run("append", *entry, book=path).code == 0
        assert (read.count == 0) == (entry is not entries[0])
        with without_cache():
            assert run("append", *entry, book=cold).code == 0
    assert packages.parts(path) == packages.parts(cold)


def _refuses(path: Path, number: str, lacking: Mapping[str, str]) -> None:
    """What needs the column says what adds it, known workbook or not."""
    header, data = lacking[CASES.name], path.read_bytes()
    said = f"Cases has no column {header}: `refundbook upgrade` adds it."
    ran = run("append", "case", "GTB-800009", "--opened", "2023-11-01", f"--{header.lower().replace(' ', '-')}", str(DAY), book=path)  # fmt: skip
    assert (ran.code, said in ran.err) == (1, True), ran.err
    book = load(path)
    with pytest.raises(EntryRefused, match="refundbook upgrade"):
        book.append_case("GTB-800009", opened=DAY, **{header: DAY})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="refundbook upgrade"):
        book.amend(number, header, DAY)
    assert book.append_case("GTB-800009", opened=DAY, **{header: ""}).values["number"] == "GTB-800009"
    assert path.read_bytes() == data
