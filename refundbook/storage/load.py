"""What stands in a workbook file: read, typed, and checked by the rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from refundbook.base.a1 import column_number
from refundbook.base.clock import Clock, Today
from refundbook.base.errors import UnreadableWorkbook, with_advice
from refundbook.base.findings import Finding, Report, Severity
from refundbook.base.schema import SETTINGS, SHEETS
from refundbook.base.settings import Settings
from refundbook.record import rules
from refundbook.record.records import Log, Records
from refundbook.storage.adoption import LeftOuts, settled, with_meant
from refundbook.storage.changes import Added
from refundbook.storage.read_log import read_log
from refundbook.storage.settings_sheet import read_settings
from refundbook.system.forked import forked
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.reading.reader import Reader, without_garbage_collection


class LoadedWorkbook:
    """What stands in a workbook file. `records` is None where its structure is not sound enough to read them."""

    def __init__(
        self,
        name: str,
        reader: Reader,
        grids: dict[str, DataRange],
        records: Records | None,
        found_reading: list[Finding],
    ) -> None:
        self.name = name
        self.reader = reader
        self.grids = grids
        self.records = records
        self.found_reading = found_reading

    @cached_property
    def report(self) -> Report:
        """What the rules find. Made when it is asked for: most who load a workbook only need to know that there is no
        error in it.
        """
        with without_garbage_collection():
            found = _check(self.records, rules.RULES) if self.records else []
        return Report.of(self.name, [*self.found_reading, *found])

    def errors(self) -> frozenset[Finding]:
        """What refuses the workbook."""
        with without_garbage_collection():
            found = _check(self.records, rules.ERRORS) if self.records else []
        return frozenset(f for f in (*self.found_reading, *found) if f.severity is Severity.ERROR)

    def without_cells(self) -> LoadedWorkbook:
        """The same without the values as they stand in the cells, which a large workbook has no need of in memory
        twice.
        """
        lean = self.unchecked()
        lean.grids = {}
        if "report" in self.__dict__:
            lean.report = self.report
        return lean

    def unchecked(self) -> LoadedWorkbook:
        """The same with its records as they are now: what the rules find is found anew."""
        return LoadedWorkbook(self.name, self.reader, self.grids, self.records, self.found_reading)


def _check(records: Records, codes: Collection[str]) -> list[Finding]:
    """What the rules of these codes find; in a large workbook a second processor runs every other one."""
    every = sorted(codes)
    with forked(lambda: rules.check(records, codes=every[1::2]), worth=records.are_worth_another) as others:
        found = rules.check(records, codes=every[::2])
        return rules.in_order([*found, *others()])


@without_garbage_collection()
def read_contents(data: bytes, name: str, today: Today, added: Sequence[Added] = ()) -> LoadedWorkbook:
    """Read a workbook's bytes; `name` is what messages call it. What stands right below a Table is judged as if entries
    were `added` already.

    Raises UnreadableWorkbook.
    """
    try:
        reader = Reader(data)
        settings, findings = _settings(reader)
        grids = {}
        for sheet in SHEETS:
            entry = reader.layout.sheet(sheet.name)
            if entry is not None:
                grid = reader.grid(entry, {column.header for column in sheet.columns})
                # By the name that all here goes by, which the sheet may have in other capitals.
                grids[sheet.name] = grid._replace(sheet=sheet.name)
    except UnreadableWorkbook as error:
        raise type(error)(f"{name} cannot be read. {with_advice(error)}") from error
    structure = rules.check_structure(reader.sheet_names, grids)
    if structure:
        return LoadedWorkbook(name, reader, grids, None, structure)
    grids = {sheet.name: with_meant(sheet, grids[sheet.name], settings.issuers) for sheet in SHEETS}
    clock = Clock.for_settings(settings, today)
    keys: dict[object, str] = {}

    def records_without(left_out: LeftOuts) -> Records:
        cases, communications, resolutions = (
            read_log(sheet, grids[sheet.name], settings.issuers, keys, left_out.get(sheet.name, {})) for sheet in SHEETS
        )
        records = Records(cases, communications, resolutions, settings, clock)
        for sheet, values, row in added:
            records.log(sheet).add(values, row)
        return records

    records = settled(records_without)
    for sheet, _, _ in added:
        records.log(sheet).remove_last()
    for log in records.logs:
        _note_formula_texts(log, reader)
    return LoadedWorkbook(name, reader, grids, records, findings)


def _note_formula_texts(log: Log, reader: Reader) -> None:
    """The texts of formulas in our columns, where there should be none; and which formulas in people's own are values:
    LibreOffice saves TRUE as `TRUE()`.
    """
    entry = reader.layout.sheet(log.sheet.name)
    truths = {(at, header) for at, header in log.own_formulas if isinstance(log.extra[header][at], bool)}
    if (log.formulas or truths) and entry is not None:
        texts = reader.formula_texts(entry)
        places = {(at, name): (log.rows[at], column_number(log.letters[name])) for at, name in log.formulas}
        log.formula_texts = {cell: texts[place] for cell, place in places.items() if place in texts}
        log.own_formulas -= {
            (at, header)
            for at, header in truths
            if texts.get((log.rows[at], column_number(log.own_letters[header]))) in ("TRUE()", "FALSE()")
        }


def _settings(reader: Reader) -> tuple[Settings, list[Finding]]:
    sheet = reader.layout.sheet(SETTINGS)
    return read_settings(reader.values(sheet)) if sheet is not None else (Settings(), [])
