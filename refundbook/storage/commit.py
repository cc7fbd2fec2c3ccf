"""Makes a changed workbook of the records in memory, and reads back what was made before it may replace anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from refundbook.base.a1 import column_letters, column_number
from refundbook.base.errors import UnreadableWorkbook
from refundbook.base.schema import SHEETS
from refundbook.record.records import Log, Records
from refundbook.storage.read_log import read_log
from refundbook.system.forked import Forked
from refundbook.system.pieces import Joined
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.package.xml_splice import refuse_malformed
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.append_target import AppendTarget, region_of
from refundbook.xlsx.writing.elision import LARGEST, ElidedPart, cut, cut_plain, fits
from refundbook.xlsx.writing.read_back import read_rows
from refundbook.xlsx.writing.writer import Built, Writer, growth_of

SHEET_NAMES = tuple(sheet.name for sheet in SHEETS)

_WORTH_ANOTHER = 2_000
"""New entries that it pays to read back on two processors."""

Amended = tuple[str, int, str]
"""A cell that was corrected: sheet, position in its log, column name."""


class BaseFile(NamedTuple):
    """What a new file is built on: the one that is there, where the pillars' data stand in it (by sheet name), and what is known of its parts."""

    package: Package
    layout: Layout
    regions: Mapping[str, AppendTarget]
    windows: Mapping[str, ElidedPart]
    mentions: frozenset[str] | None = None

    def part(self, sheet: str) -> str:
        """The part of a sheet that is there."""
        found = self.layout.sheet(sheet)
        assert found is not None
        return found.part

    def with_windows(self) -> BaseFile:
        """The ground with the pillar sheets cut, those whose shape or encoding does not allow it aside."""
        windows = dict(self.windows)
        for sheet, region in self.regions.items():
            part = self.part(sheet)
            if part not in windows and not region.joined_rows:
                window = _cut(self.package, part, region)
                if window is not None and fits(window, self.package.archive, self.package.member(part)):
                    windows[part] = window
        return BaseFile(self.package, self.layout, self.regions, windows, self.mentions)

    def grown(self, built: Built, package: Package) -> BaseFile:
        """What the next file is built on, once `package` is what was built."""
        layout = Layout(package)
        regions = {name: _at(layout, region) for name, region in {**self.regions, **built.regions}.items()}
        windows = {part: window for part, window in built.windows.items() if part not in built.outgrown}
        return BaseFile(package, layout, regions, windows, built.mentions)


def _cut(package: Package, part: str, region: AppendTarget) -> ElidedPart | None:
    if region.is_plain and package.size(part) > LARGEST:
        return cut_plain(package.expanded(part, LARGEST), package.size(part), part, region.header_row, region.last_used)
    return cut(package.read(part), part, region.header_row, region.last_used)


def ground_of(package: Package, layout: Layout, grids: Mapping[str, DataRange]) -> BaseFile:
    """What a workbook that was read gives to build on."""
    return BaseFile(package, layout, {sheet: region_of(grid) for sheet, grid in grids.items()}, {})


def begin(
    ground: BaseFile, records: Records, added: Mapping[str, Sequence[int]], amended: Collection[Amended]
) -> Writer:
    """A writer with all entries that were added, by sheet name the positions in its log, and all cells that were corrected."""
    touched = {ground.part(sheet) for sheet, _, _ in amended}
    windows = {part: window for part, window in ground.windows.items() if part not in touched}
    # What is known of the mentions leaves out the sheets that were cut.
    mentions = None if ground.mentions is None else ground.mentions | touched
    writer = Writer(ground.package, ground.layout, windows, mentions, grown=SHEET_NAMES)
    placed = {
        log.sheet.name: _placed(ground.regions[log.sheet.name], log, added[log.sheet.name])
        for log in records.logs
        if added[log.sheet.name] or ground.regions[log.sheet.name].joined_rows
    }
    growths = [growth_of(ground.regions[sheet], rows) for sheet, (rows, _) in placed.items()]
    for log in records.logs:
        sheet, new = log.sheet.name, added[log.sheet.name]
        if sheet in placed:
            rows, values = placed[sheet]
            columns = {column_number(log.letters[name]): values[name] for name in values}
            writer.append(ground.regions[sheet], rows, columns, growths)
        for at, name in sorted((at, name) for of, at, name in amended if of == sheet and at not in new):
            writer.set_value(sheet, log.rows[at], column_number(log.letters[name]), log[name][at])
    return writer


def _placed(region: AppendTarget, log: Log, new: Sequence[int]) -> tuple[range, dict[str, list[object]]]:
    """What `_new` gives of a log; no rows where its Table grows over entries that stand there already, and nothing else."""
    return _new(log, new) if new else (range(region.last_used + 1, region.last_used + 1), {})


def _new(log: Log, new: Sequence[int]) -> tuple[range, dict[str, list[object]]]:
    """The rows and the values, by column name, of entries that were added to a log. Their rows follow one another; their positions need not.

    Between them may be rows that were fetched meanwhile.
    """
    values = {name: [values[at] for at in new] for name, values in log.columns.items()}
    return range(log.rows[new[0]], log.rows[new[-1]] + 1), values


def is_by_windows(
    ground: BaseFile, built: Built, added: Mapping[str, Sequence[int]], amended: Collection[Amended]
) -> bool:
    """Whether each sheet with entries that were added was written by its window, and no other cell of a pillar was changed, nor a Table grown over entries."""
    return (
        not amended
        and not any(region.joined_rows for region in ground.regions.values())
        and all(ground.part(sheet) in built.windows for sheet, new in added.items() if new)
    )


def read_back(ground: BaseFile, built: Built, records: Records, added: Mapping[str, Sequence[int]]) -> BaseFile:
    """Read back what was made with windows, and give what the next file is built on. Raises UnreadableWorkbook unless it is what was meant."""
    made = ground.grown(built, Package(Joined(built.pieces)))
    if made.layout.sheets != ground.layout.sheets:
        raise UnreadableWorkbook("A sheet is not where it was.")
    for part in built.written:
        window = built.windows[part]
        refuse_malformed(window.xml, part)
        if not fits(window, made.package.archive, made.package.member(part)):
            raise UnreadableWorkbook(f"The part {part} is not as it was made.")
    for log in records.logs:
        if added[log.sheet.name]:
            _refuse_rows(made, built, log, added[log.sheet.name])
    return made


def _at(layout: Layout, region: AppendTarget) -> AppendTarget:
    """A region with its Table as it was made: the formulas of its columns may name cells of one that grew. Raises UnreadableWorkbook where it does not end with the data."""
    if region.table is None:
        return region
    sheet = layout.sheet(region.sheet)
    tables = layout.tables(sheet) if sheet is not None else ()
    made = next((table for table in tables if table.part == region.table.part), None)
    if made is None or not made.is_like(region.table):
        raise UnreadableWorkbook(f"The Table on {region.sheet} does not end where it should.")
    return region._replace(table=made)


def _refuse_rows(made: BaseFile, built: Built, log: Log, new: Sequence[int]) -> None:
    """Half of many rows is read back by another processor: most of that takes python-calamine."""
    middle = len(new) // 2 if len(new) >= _WORTH_ANOTHER else len(new)
    with Forked(lambda: _is_meant(made, built, log, new[middle:]), worth=middle < len(new)) as rest:
        if not (_is_meant(made, built, log, new[:middle]) and rest.result()):
            raise UnreadableWorkbook(f"What was put into {log.sheet.name} does not read back as it was entered.")


def _is_meant(made: BaseFile, built: Built, log: Log, new: Sequence[int]) -> bool:
    """Whether what stands in the rows of new entries is what was entered."""
    if not new:
        return True
    region = made.regions[log.sheet.name]
    rows, values = _new(log, new)
    part = built.written[made.part(log.sheet.name)]
    read = read_rows(part, rows, region.columns, made.package, built.styles, date_1904=made.layout.date_1904)
    # Given so that they need not be found again; what is compared are the numbers.
    keys = dict(zip(values["number"], (log.keys[at] for at in new), strict=True))
    return _typed(log, region, rows, read, keys) == (list(rows), values)


def _typed(
    log: Log, region: AppendTarget, rows: range, read: list[Sequence[object]], keys: dict[object, str]
) -> tuple[list[int], dict[str, list[object]]]:
    header_of = {letters: log.sheet[name].header for name, letters in log.letters.items()}
    headers = tuple(header_of.get(column_letters(column), "") for column in region.columns)
    grid = DataRange(log.sheet.name, rows.start - 1, region.first_column, headers, read, rows.stop - 1)
    found = read_log(log.sheet, grid, log.issuers, keys)
    return found.rows, found.columns
