"""Makes a changed workbook of the records in memory, and reads back what was made before it may replace anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from refundbook.base.a1 import column_letters, column_number
from refundbook.base.errors import UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import Column, Kind
from refundbook.record.records import Log, Records
from refundbook.storage.changes import SHEET_NAMES, Changes, Removed
from refundbook.storage.read_log import read_log
from refundbook.storage.typed_values import own_values, typed
from refundbook.system.forked import forked
from refundbook.system.pieces import Joined, opened
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.workbook_part import Layout
from refundbook.xlsx.package.xml_splice import refuse_malformed
from refundbook.xlsx.reading.byte_scan import scan_cells
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.writing.append_target import AppendTarget, growth_of, target_of
from refundbook.xlsx.writing.elision import LARGEST, ElidedPart, cut, cut_plain, fits
from refundbook.xlsx.writing.read_back import read_rows
from refundbook.xlsx.writing.writer import Built, Writer

_FEW = 500
"""Corrected cells whose rows are looked up one by one; of more of them whole sheets are read and written."""
_WORTH_ANOTHER = 2_000
"""New entries that it pays to read back on two processors."""


class BaseFile(NamedTuple):
    """What a new file is built on: the one that is there, where the pillars' data stand in it (by sheet name), and
    what is known of its parts.
    """

    package: Package
    layout: Layout
    targets: Mapping[str, AppendTarget]
    elided: Mapping[str, ElidedPart]
    mentions: frozenset[str] | None = None

    def part(self, sheet: str) -> str:
        """The part of a sheet that is there."""
        found = self.layout.sheet(sheet)
        assert found is not None
        return found.part

    def with_elided(self) -> BaseFile:
        """The same with the pillar sheets cut, those whose shape or encoding does not allow it aside."""
        elided = dict(self.elided)
        for sheet, target in self.targets.items():
            part = self.part(sheet)
            if part not in elided and not target.joined_rows:
                kept = _cut(self.package, part, target)
                if kept is not None and fits(kept, self.package.archive, self.package.member(part)):
                    elided[part] = kept
        return self._replace(elided=elided)

    def grown(self, built: Built, package: Package) -> BaseFile:
        """What the next file is built on, once `package` is what was built."""
        layout = Layout(package)
        targets = {name: _at(layout, target) for name, target in {**self.targets, **built.targets}.items()}
        for sheet in targets.keys() - built.targets.keys():
            if (part := self.part(sheet)) in built.written:
                targets[sheet] = targets[sheet].with_formulas(scan_cells(built.elided[part].xml)[0])
        elided = {part: kept for part, kept in built.elided.items() if part not in built.outgrown}
        return BaseFile(package, layout, targets, elided, built.mentions)

    def has_reached_more(self, changes: Changes) -> bool:
        """Whether rows that stood further below come right after a Table by now, because it grew: whoever reads them
        the next time finds out what they are.
        """
        return any(
            target.joined_rows or (changes.added[sheet] and target.is_followed)
            for sheet, target in self.targets.items()
        )

    def reopened(self, path: Path) -> BaseFile:
        """The same on the file at `path`, which has the same bytes, where these are pieces of pieces by now: with
        every save more of them, of more files.
        """
        data = self.package.archive.data
        if not (isinstance(data, Joined) and data.is_layered):
            return self
        package = Package(opened(path))
        data.close()
        return self._replace(package=package, layout=Layout(package))


def _cut(package: Package, part: str, target: AppendTarget) -> ElidedPart | None:
    if target.is_plain and package.size(part) > LARGEST:
        return cut_plain(package.expanded(part, LARGEST), package.size(part), part, target.header_row, target.last_used)
    return cut(package.read(part), part, target.header_row, target.last_used)


def base_of(package: Package, layout: Layout, grids: Mapping[str, DataRange]) -> BaseFile:
    """What a workbook that was read gives to build on."""
    return BaseFile(package, layout, {sheet: target_of(grid) for sheet, grid in grids.items()}, {})


def begin(base: BaseFile, records: Records, changes: Changes) -> Writer:
    """A writer of the next file, with all entries that were added and all cells that were corrected."""
    added = changes.added
    touched = {base.part(sheet) for sheet in changes.sheets_corrected()}
    elided = base.elided
    if not are_elided(base, changes):
        elided = {part: kept for part, kept in base.elided.items() if part not in touched}
    # What is known of the mentions leaves out the sheets that were cut.
    mentions = None if base.mentions is None else base.mentions | touched.difference(elided)
    corrected = {
        base.part(log.sheet.name): [log.rows[at] for at in changes.corrected(log.sheet.name)] for log in records.logs
    }
    for sheet, last in changes.ends.items():
        # The last two entries are to be at hand the next time.
        corrected[base.part(sheet)] += range(max(last - 1, base.targets[sheet].top), base.targets[sheet].last_used + 1)
    writer = Writer(base.package, base.layout, elided, mentions, corrected=corrected, grown=SHEET_NAMES)
    for sheet, last in changes.ends.items():
        writer.end_with(base.targets[sheet], last)
    placed = {
        log.sheet.name: _placed(base.targets[log.sheet.name], log, added[log.sheet.name])
        for log in records.logs
        if added[log.sheet.name] or base.targets[log.sheet.name].joined_rows
    }
    growths = [growth_of(base.targets[sheet], rows) for sheet, (rows, _) in placed.items()]
    for log in records.logs:
        sheet, new = log.sheet.name, added[log.sheet.name]
        if sheet in placed:
            rows, values = placed[sheet]
            columns = {column_number(letters): values[n] for n in values if (letters := log.letters_of(n))}
            writer.append(base.targets[sheet], rows, columns, growths)
        for at, name in sorted((at, name) for of, at, name in changes.amended if of == sheet and at not in new):
            writer.set_value(sheet, log.rows[at], column_number(log.letters_of(name)), log[name][at])
    for removed in changes.removed:
        for column in removed.columns:
            writer.set_value(removed.sheet.name, removed.row, column, None)
    return writer


def _placed(target: AppendTarget, log: Log, new: Sequence[int]) -> tuple[range, dict[str, list[object]]]:
    """What `_new` gives of a log; no rows where its Table grows over entries that stand there already, and nothing
    else.
    """
    return _new(log, new) if new else (range(target.last_used + 1, target.last_used + 1), {})


def _new(log: Log, new: Sequence[int]) -> tuple[range, dict[str, list[object]]]:
    """The rows and the values, by column name, of entries that were added to a log. Their rows follow one another;
    their positions need not.

    Between them may be rows that were fetched meanwhile.
    """
    values = {name: [values[at] for at in new] for name, values in log.columns.items()}
    values.update((own.name, [log[own.name][at] for at in new]) for own in filled_own(log))
    return range(log.rows[new[0]], log.rows[new[-1]] + 1), values


def filled_own(log: Log) -> list[Column]:
    """People's own columns that entries may have something for."""
    return [column for column in log.own_columns if column.kind is not Kind.FORMULA]


def are_few(changes: Changes) -> bool:
    """Whether so few cells are corrected that their rows are looked up one by one."""
    return len(changes.amended) <= _FEW


def are_elided(base: BaseFile, changes: Changes) -> bool:
    """Whether of each sheet with entries that were added or corrected all is cut away that they do not bear on, and no
    Table grows over entries: then what was made can be told from what was elided, and the few rows that were put in.
    """
    touched = {*changes.sheets_corrected(), *(sheet for sheet, new in changes.added.items() if new)}
    return (
        are_few(changes)
        and all(removed.sheet.name in changes.ends for removed in changes.removed)
        and not any(target.joined_rows for target in base.targets.values())
        and all(base.part(sheet) in base.elided for sheet in touched)
    )


def keys_of(records: Records, changes: Changes) -> set[str]:
    """The keys of all cases with something that was changed, also of those that a row was of before."""
    keys = {log.keys[at] for log in records.logs for at in changes.added[log.sheet.name]}
    keys.update(removed.key for removed in changes.removed)
    for log in records.logs:
        corrected = changes.corrected(log.sheet.name)
        numbers = (log.originals[at, "number"].value for at in corrected if (at, "number") in log.originals)
        keys.update(log.keys[at] for at in corrected)
        keys.update(map(log.key_of, numbers))
    return keys


def read_back(base: BaseFile, built: Built, records: Records, changes: Changes) -> BaseFile:
    """Read back what was made of elided parts, and give what the next file is built on. Raises UnreadableWorkbook
    unless it is what was meant.
    """
    made = base.grown(built, Package(Joined(built.pieces)))
    if made.layout.sheets != base.layout.sheets:
        raise UnreadableWorkbook("A sheet is not where it was.")
    for part in built.written:
        kept = built.elided[part]
        refuse_malformed(kept.xml, part)
        if not fits(kept, made.package.archive, made.package.member(part)):
            raise UnreadableWorkbook(f"The part {part} is not as it was made.")
    for log in records.logs:
        if changes.added[log.sheet.name]:
            _refuse_rows(made, built, log, changes.added[log.sheet.name])
        if corrected := changes.corrected(log.sheet.name):
            _refuse_cells(made, built, log, corrected, changes)
    for removed in changes.removed:
        _refuse_filled(made, built, removed)
    return made


def _refuse_cells(made: BaseFile, built: Built, log: Log, corrected: Sequence[int], changes: Changes) -> None:
    """See that corrected cells read back as they were meant, and that what stands beside them is, byte for byte, what
    it was.
    """
    part = made.part(log.sheet.name)
    before, after = built.unwritten[part], built.written[part]
    for at in corrected:
        row = log.rows[at]
        names = sorted(name for sheet, position, name in changes.amended if (sheet, position) == (log.sheet.name, at))
        columns = [column_number(log.letters_of(name)) for name in names]
        rows = range(row, row + 1)
        read = read_rows(after, rows, columns, made.package, built.styles, date_1904=made.layout.date_1904)
        for name, values in zip(names, read, strict=True):
            found = typed(log.sheet[name], values) if name in log.columns else own_values(values)
            if found != [log[name][at]]:
                raise UnreadableWorkbook(f"{log.address(at, name)} does not read back as it was meant.")
        if before.beside(row, columns) != after.beside(row, columns):
            raise UnreadableWorkbook(f"In row {row} of {log.sheet.name} other cells are not what they were.")


def _refuse_filled(made: BaseFile, built: Built, removed: Removed) -> None:
    """See that of an entry which was taken out nothing is left, and that what stands beside it is what it was."""
    part, row = made.part(removed.sheet.name), removed.row
    before, after = built.unwritten[part], built.written[part]
    rows, date_1904 = range(row, row + 1), made.layout.date_1904
    read = read_rows(after, rows, removed.columns, made.package, built.styles, date_1904=date_1904)
    is_beside_same = before.beside(row, removed.columns) == after.beside(row, removed.columns)
    if any(value != "" for values in read for value in values) or not is_beside_same:
        raise UnreadableWorkbook(f"Row {row} of {removed.sheet.name} does not read back as a blank one.")


def _at(layout: Layout, target: AppendTarget) -> AppendTarget:
    """A target with its Table as it was made: the formulas of its columns may name cells of one that grew. Raises
    UnreadableWorkbook where it does not end with the data.
    """
    if target.table is None:
        return target
    sheet = layout.sheet(target.sheet)
    tables = layout.tables(sheet) if sheet is not None else ()
    made = next((table for table in tables if table.part == target.table.part), None)
    if made is None or not made.is_like(target.table):
        raise UnreadableWorkbook(f"The Table on {target.sheet} does not end where it should.")
    return target._replace(table=made)


def _refuse_rows(made: BaseFile, built: Built, log: Log, new: Sequence[int]) -> None:
    """Half of many rows is read back by another processor: most of that takes python-calamine."""
    middle = len(new) // 2 if len(new) >= _WORTH_ANOTHER else len(new)
    with forked(lambda: _is_meant(made, built, log, new[middle:]), worth=middle < len(new)) as rest:
        if not (_is_meant(made, built, log, new[:middle]) and rest()):
            raise UnreadableWorkbook(f"What was put into {log.sheet.name} does not read back as it was entered.")


def _is_meant(made: BaseFile, built: Built, log: Log, new: Sequence[int]) -> bool:
    """Whether what stands in the rows of new entries is what was entered."""
    if not new:
        return True
    target = made.targets[log.sheet.name]
    rows, values = _new(log, new)
    part = built.written[made.part(log.sheet.name)]
    read = read_rows(part, rows, target.columns, made.package, built.styles, date_1904=made.layout.date_1904)
    # Given so that they need not be found again; what is compared are the numbers.
    keys = dict(zip(values["number"], (log.keys[at] for at in new), strict=True))
    found = _read(log, target, rows, read, keys)
    own = [own for own in filled_own(log) if not _is_own_meant(values.pop(own.name), found.extra[own.header])]
    return (found.rows, found.columns) == (list(rows), values) and not own


def _is_own_meant(values: Sequence[object], found: Sequence[object]) -> bool:
    """Whether what was entered stands in a column of people's own; where nothing was, a formula may be filled down."""
    return all(value is None or value == read for value, read in zip(values, found, strict=True))


def _read(log: Log, target: AppendTarget, rows: range, read: list[Sequence[object]], keys: dict[object, str]) -> Log:
    header_of = {letters: log.sheet[name].header for name, letters in log.letters.items()}
    header_of.update((log.own_letters[own.header], own.header) for own in filled_own(log))
    headers = tuple(header_of.get(column_letters(column), "") for column in target.columns)
    grid = DataRange(log.sheet.name, rows.start - 1, target.first_column, headers, read, rows.stop - 1)
    return read_log(log.sheet, grid, log.issuers, keys)
