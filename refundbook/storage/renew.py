"""Puts what is newer in the template into a workbook: what becomes of each sheet, and the new file made of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property

from refundbook.base.errors import UsageError
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.schema import SETTINGS, TRACKER, TRACKER_HEADERS
from refundbook.base.text import counted, quoted
from refundbook.storage import plain_tracker
from refundbook.storage.renewal import Books, Left, Renewed, SheetPlan, books_of, plan_sheets
from refundbook.storage.renewed_names import formulas_in, local_names, missing_tables, plan_names, still_used
from refundbook.storage.renewed_rules import LogPlan, plan_log, renewed_log
from refundbook.storage.renewed_settings import Lines, plan_settings, put_lines
from refundbook.system.pieces import chunks
from refundbook.xlsx.package.formats import FormatGraft
from refundbook.xlsx.package.xml_splice import parse
from refundbook.xlsx.reading.data_range import DataRange
from refundbook.xlsx.reading.reader import Reader
from refundbook.xlsx.writing.defined_names import add_sheet, uses, with_names
from refundbook.xlsx.writing.graft_drawing import drawing_of, put_drawing
from refundbook.xlsx.writing.merge_sheet import AsMade
from refundbook.xlsx.writing.package_edit import PackageEdit
from refundbook.xlsx.writing.workbook_xml import changed_workbook


class Renewal(NamedTuple):
    """A workbook brought up to date: the new file (None where nothing changes), what was renewed, and what was left."""

    data: bytes | None
    renewed: tuple[Renewed, ...]
    left: tuple[Left, ...]


def renew(reader: Reader, grids: Mapping[str, DataRange], wanted: Collection[str] = ()) -> Renewal:
    """Bring refundbook's own sheets, and its formats, validations and settings on the others, up to date. `grids` are
    those of the logs, by sheet; the sheets `wanted` become today's whatever a person did to them.

    Raises UsageError where one that is wanted is no sheet of refundbook's own.
    """
    if not reader.package.there(reader.layout.part, "styles"):
        return Renewal(None, (), (Left("", "", "it has no formats at all; open it in Excel, save it, and repeat"),))
    books = books_of(reader.package)
    unknown = [name for name in wanted if name not in books.own_sheets]
    if unknown:
        known = ", ".join(name for name in books.own_sheets if not books.is_hidden(name))
        raise UsageError(f"There is no sheet {quoted(unknown[0])} to be renewed: there are {known}.")
    as_made = {TRACKER: _tracker_as_made(reader)}
    names = plan_names(books)
    obstacles = [
        Left("", "", f"the name {name.name} is one of your own; rename it, and repeat") for name in names.taken
    ]
    obstacles += [Left("", "", f"they need the {missing}, which is not there") for missing in missing_tables(books)]
    making = _Making(books, as_made, grids, wanted, is_whole=not obstacles)
    if making.is_whole and making.needs_names:
        obstacles = [*still_used(books.mine, making.edit, names.remade)]
        if obstacles:
            making = _Making(books, as_made, grids, wanted, is_whole=False)
    left = dict.fromkeys((*making.left, *(obstacles if making.is_lacking else ())))
    made = b"".join(chunks(making.edit.pieces())) if making.edit else None
    return Renewal(made, tuple(making.renewed), tuple(left))


def _tracker_as_made(reader: Reader) -> AsMade:
    """The cells of a Tracker of plain values, which are refundbook's whatever they hold."""
    located = plain_tracker.located(reader)
    if located is None:
        return AsMade()
    sheet, grid = located
    columns = plain_tracker.columns_of(grid, TRACKER_HEADERS)
    place = plain_tracker.found(reader, sheet, grid, columns[0])
    if place is None:
        return AsMade()
    first = place.notice if place.is_above else place.first_row
    cells = {(row, column) for row in range(first, place.end + 1) for column in columns}
    # The rows stand one lower than they were made, and so do what is above and below them.
    return AsMade(cells, (place.notice, place.header_row, place.end - 1, place.end) if place.is_above else ())


class _Making:
    """The new file in the making. Unless it `is_whole`, nothing is done that needs names which the workbook does not
    have: then it `is_lacking` something, where there was anything of the kind to do.
    """

    def __init__(
        self,
        books: Books,
        as_made: Mapping[str, AsMade],
        grids: Mapping[str, DataRange],
        wanted: Collection[str],
        *,
        is_whole: bool,
    ) -> None:
        self._books = books
        self._as_made = as_made
        self._names = plan_names(books)
        self._graft = FormatGraft(books.mine.formats, books.new.formats)
        self.edit = PackageEdit(books.mine.package)
        self.renewed: list[Renewed] = []
        self.is_lacking = False
        self.needs_names = False
        plans, self.left = plan_sheets(books, self._graft, as_made, wanted)
        self.is_whole = is_whole and not any(books.is_hidden(left.sheet) for left in self.left)
        hidden = [plan for plan in plans if books.is_hidden(plan.name)]
        shown = [plan for plan in plans if plan not in hidden]
        done = [plan for plan in shown if self._put_sheet(plan)]
        for grid in grids.values():
            self._put_rules(grid)
        if self.needs_names:
            done += [plan for plan in hidden if self._put_sheet(plan)]
            self._put_names()
        self._put_settings()
        self._finish({plan.name: bool(as_made.get(plan.name, AsMade()).headings) for plan in done})

    @cached_property
    def _uses_names(self) -> Callable[[str], bool]:
        return uses([name.name for name in self._names.changes.values()])

    def _is_usable(self, formula: str) -> bool:
        """Whether a formula may be put into the workbook; notes what comes of it."""
        if not self._uses_names(formula):
            return True
        self.needs_names = self.needs_names or self.is_whole
        self.is_lacking = self.is_lacking or not self.is_whole
        return self.is_whole

    def _put_sheet(self, plan: SheetPlan) -> bool:
        is_hidden = self._books.is_hidden(plan.name)
        # What is hidden comes with the names that need it.
        if not is_hidden and not all(map(self._is_usable, {*formulas_in(plan.new.part)})):
            return False
        if plan.part and plan.merge.xml == self.edit.read(plan.part):
            return False
        part = plan.part
        if part:
            self.edit.put(part, plan.merge.xml)
            self.renewed.append(Renewed(plan.name, "its texts, formulas and formats"))
        else:
            state = "hidden" if is_hidden else "visible"
            part = add_sheet(self.edit, self._books.mine.layout.part, plan.name, plan.merge.xml, state)
            self.renewed.append(Renewed(plan.name, f"a {state} sheet that was not there"))
        if plan.draws:
            mine = self._books.mine.sheet(plan.name)
            put_drawing(self.edit, part, drawing_of(mine) if mine is not None else "", plan.new)
        return True

    def _put_rules(self, grid: DataRange) -> None:
        plan = plan_log(self._books, grid, self._is_usable)
        if plan is None:
            return
        self.left += plan.left
        if plan.headers or plan.headings or plan.printed:
            self.edit.put(plan.sheet.name, renewed_log(plan, self._graft))
            self.renewed.append(Renewed(grid.sheet, _listed(plan)))

    def _put_names(self) -> None:
        part = self._books.mine.layout.part
        gone = {
            name.key: None for name in self._names.unneeded if not [*still_used(self._books.mine, self.edit, [name])]
        }
        self.edit.put(part, with_names(self.edit.read(part), part, {**self._names.changes, **gone}))

    def _put_settings(self) -> None:
        plan = plan_settings(self._books)
        if isinstance(plan, Lines):
            put_lines(plan, self._books, self._graft, self.edit)
            self.renewed.append(Renewed(SETTINGS, f"the lines {', '.join(plan.labels)}"))
        elif plan is not None:
            self.left.append(plan)

    def _finish(self, sheets: Mapping[str, bool]) -> None:
        """The workbook part, the formats, and no order of calculation that names cells which hold no formula now."""
        if not self.edit:
            return
        mine, part = self._books.mine, self._books.mine.layout.part
        workbook = with_names(self.edit.read(part), part, local_names(self._books, sheets))
        self.edit.put(part, changed_workbook(workbook, parse(workbook, part), ()) or workbook)
        self.edit.put(mine.styles_part, self._graft.xml)
        self.edit.remove(part, mine.package.there(part, "calcChain"))


def _listed(plan: LogPlan, most: int = 3) -> str:
    """What is renewed on a log's sheet."""
    more = len(plan.headers) - most
    rest = f" and {counted(more, 'more column')}" if more > 0 else ""
    rules = f"the conditional formats and validations of {', '.join(plan.headers[:most])}{rest}"
    parts = (rules, plan.headers), ("how headings look", plan.headings), ("how it is printed", plan.printed)
    return "; ".join(said for said, is_so in parts if is_so)
