"""What the workbook part says: its sheets, their Tables, and its date system."""

from __future__ import annotations

from functools import cached_property

from refundbook.base.a1 import Range
from refundbook.base.errors import DamagedWorkbook, UnreadableWorkbook
from refundbook.base.named_tuple import NamedTuple
from refundbook.base.text import quoted
from refundbook.xlsx.package.package import Package
from refundbook.xlsx.package.xml_splice import MAIN, STRICT_MAIN, Element

_WORKBOOKS = (
    "spreadsheetml.sheet.main+xml",
    "sheet.macroenabled.main+xml",
    "spreadsheetml.template.main+xml",
    "template.macroenabled.main+xml",
)


class Formula(NamedTuple):
    """A formula, without its `=`. `is_array` where it computes with whole ranges, as Ctrl+Shift+Enter makes it do
    (18.3.1.40).

    `metadata` is what its cell says besides: `cm`, without which Excel shows a dynamic-array formula as one of
    Ctrl+Shift+Enter (its number means the same in every cell), and `ph`. What `vm` says is about the result alone,
    which a formula that is filled down has none of yet (18.3.1.4).
    """

    text: str
    is_array: bool = False
    metadata: tuple[tuple[str, str], ...] = ()


class TableColumn(NamedTuple):
    """One column of an Excel Table: its header and, for a calculated column, the formula of its cells."""

    header: str
    formula: Formula | None


class Table(NamedTuple):
    """An Excel Table (ECMA-376 Part 1, 18.5). `range` includes header and totals rows; `kind` is its `tableType`, where
    that is stated.
    """

    part: str
    name: str
    range: Range
    header_rows: int
    totals_rows: int
    columns: tuple[TableColumn, ...]
    kind: str = ""

    @property
    def last_row(self) -> int:
        """The last row of its data."""
        return self.range.bottom - self.totals_rows

    def is_like(self, other: Table) -> bool:
        """Whether both are in the same place and have the same columns, whatever these are calculated by."""
        return self._replace(columns=()) == other._replace(columns=()) and [c.header for c in self.columns] == [
            c.header for c in other.columns
        ]


class SheetEntry(NamedTuple):
    """A sheet as the workbook lists it. `is_grid` is false for a chart sheet or macro sheet, which have no cells to
    read.
    """

    name: str
    part: str
    is_grid: bool


class Layout:
    """The sheets of a package. Raises UnreadableWorkbook where it holds no workbook, or one of a kind that is not
    supported.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        self._tables: dict[str, Table] = {}
        targets = package.related("", "officeDocument")
        if not targets:
            raise DamagedWorkbook("It is damaged, or not an Excel workbook: no workbook part is named in it.")
        self.part = targets[0]
        if self.part not in package:
            raise DamagedWorkbook(f"It is damaged: the part {quoted(self.part)} is missing.")
        kind = package.content_type(self.part).lower()
        if "binary" in kind:
            raise UnreadableWorkbook("It is a binary workbook (.xlsb): open it in Excel and save it as .xlsx.")
        if not kind.endswith(_WORKBOOKS):
            raise UnreadableWorkbook("It is an Office file, but not an Excel workbook.")
        self.root = package.root(self.part)
        if self.root.namespace == STRICT_MAIN:
            raise UnreadableWorkbook(
                "It is in the Strict Open XML format: open it in Excel and save it as 'Excel Workbook (.xlsx)'."
            )
        if self.root.namespace != MAIN or self.root.name != "workbook":
            raise DamagedWorkbook("It is damaged: its workbook part is not a workbook.")

    @cached_property
    def date_1904(self) -> bool:
        """Whether days count from 1904-01-01 (ECMA-376 Part 1, 18.17.4.1) instead of 1900."""
        properties = self.root.child("workbookPr")
        return properties is not None and properties.attributes.get("date1904") in ("1", "true", "on")

    @cached_property
    def sheets(self) -> tuple[SheetEntry, ...]:
        by_id = {r.id: r for r in self.package.relationships(self.part)}
        found = []
        for element in self.root.descendants("sheet"):
            relationship = by_id.get(_relationship_id(element))
            if relationship is not None:
                is_grid = relationship.kind == "worksheet" and not relationship.external
                found.append(SheetEntry(element.attributes.get("name", ""), relationship.target, is_grid))
        for what, values in (
            ("name", [sheet.name.casefold() for sheet in found]),
            ("part", [sheet.part.lower() for sheet in found]),
        ):
            if len(set(values)) < len(values):
                raise DamagedWorkbook(f"It is damaged: two sheets have the same {what}.")
        return tuple(found)

    @cached_property
    def _grids(self) -> dict[str, SheetEntry]:
        return {sheet.name.casefold(): sheet for sheet in self.sheets if sheet.is_grid}

    def sheet(self, name: str) -> SheetEntry | None:
        """The sheet of this name, upper or lower case, as Excel compares them."""
        return self._grids.get(name.casefold())

    def tables(self, sheet: SheetEntry) -> tuple[Table, ...]:
        return tuple(map(self._table, self.package.related(sheet.part, "table")))

    def _table(self, part: str) -> Table:
        if part not in self._tables:
            self._tables[part] = _table(self.package, part)
        return self._tables[part]


def _relationship_id(element: Element) -> str:
    return next((value for key, value in element.attributes.items() if key.endswith("}id")), "")


def _table(package: Package, part: str) -> Table:
    root = package.root(part)
    try:
        cells = Range.parse(root.attributes.get("ref", ""))
        if not cells.is_on_a_sheet:
            raise ValueError(str(cells))
        header_rows = root.whole("headerRowCount", 1)
        totals_rows = root.whole("totalsRowCount", 0)
    except ValueError as error:
        raise DamagedWorkbook(f"It is damaged: the Table in {quoted(part)} has no proper range.") from error
    columns = tuple(_column(element) for element in root.descendants("tableColumn"))
    name, kind = (root.attributes.get(attribute, "") for attribute in ("displayName", "tableType"))
    return Table(part, name, cells, header_rows, totals_rows, columns, kind)


def _column(element: Element) -> TableColumn:
    formula = element.child("calculatedColumnFormula")
    if formula is None:
        return TableColumn(element.attributes.get("name", ""), None)
    is_array = formula.attributes.get("array") in ("1", "true")
    return TableColumn(element.attributes.get("name", ""), Formula(formula.text, is_array))
