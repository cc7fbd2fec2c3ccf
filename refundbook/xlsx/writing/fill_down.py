"""What is put into new rows: values in the formats of their columns, and the formulas that are filled down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property

from refundbook.xlsx.package.workbook_part import Formula
from refundbook.xlsx.package.xml_splice import Element
from refundbook.xlsx.writing.append_target import AppendTarget
from refundbook.xlsx.writing.cell_xml import Cell, CellColumn, Content
from refundbook.xlsx.writing.formula_refs import Growth, Place, shifted
from refundbook.xlsx.writing.sheet_part import SheetPart

Fit = Callable[[int, object], int]
"""Gives for a format and a value the format that shows it for what it is (`Styles.fit`)."""


class FillDown:
    """Fills rows of one sheet, whose data grow by `growth`, while those of other sheets grow by `others`."""

    def __init__(
        self, target: AppendTarget, sheet: SheetPart, growth: Growth, others: Collection[Growth], fit: Fit
    ) -> None:
        self._target = target
        self._sheet = sheet
        self._growth = growth
        self._others = others
        self._fit = fit

    def prepared_rows(self, rows: range) -> Collection[int]:
        """Those of some rows that are there already, or are among the data; in order."""
        first_below = max(self._target.data_end + 1, rows.start)
        there = self._sheet.rows.among(range(first_below, rows.stop))
        return dict.fromkeys([*range(rows.start, min(first_below, rows.stop)), *there])

    def prepared_row(self, row: int, given: Mapping[int, object]) -> dict[int, Content]:
        """The cells of a row that is prepared; `given` are the values by column that are not blank."""
        # Below a Table what formats are left count for nothing: its own go on, as in Excel.
        is_below = self._target.table is not None and row > self._target.data_end
        blank = self._blank_below if is_below else self._blank(row, given)
        content: dict[int, Content] = dict(blank)
        for column in self._formulas if row > self._target.data_end else ():
            if column in blank:
                content[column] = Cell(self._formula(row, column), blank[column].style)
        for column, value in given.items():
            content[column] = Cell(value, self._fit(blank[column].style, value))
        return content

    def formulas_in(self, row: int, is_filled: Callable[[Element], bool]) -> dict[int, Content]:
        """The formulas that a row right below the Table lacks, where it has not something else there: those of the
        columns that Excel calculates.
        """
        content: dict[int, Content] = {}
        for column in self._formulas:
            cell = self._sheet.cell_at(row, column)
            if cell is None or (cell.child("f") is None and not is_filled(cell)):
                style = self._style_below(column) if cell is None else self._sheet.style_for(row, column)
                content[column] = Cell(self._formula(row, column), style)
        return content

    def new_rows(self, rows: Sequence[int], columns: Mapping[int, Sequence[object]]) -> dict[int, CellColumn]:
        """The cells of rows that are not prepared, by column; `columns` are their values, None for a blank."""
        no_values = [None] * len(rows)
        return {
            column: self._column(rows, column, blank.style, columns.get(column, no_values))
            for column, blank in self._blank_below.items()
        }

    def _column(self, rows: Sequence[int], column: int, style: int, values: Sequence[object]) -> CellColumn:
        if column in self._formulas:
            values = [self._formula(row, column) if v is None else v for row, v in zip(rows, values, strict=True)]
        # In the order of the rows: formats are added as they are needed, and the file is to be the same each time.
        return CellColumn(values, {value: self._fit(style, value) for value in dict.fromkeys(values)})

    @cached_property
    def _blank_below(self) -> dict[int, Cell]:
        """The blank cells of a row below the data, in the formats that the columns have there."""
        return {column: Cell(None, self._style_below(column)) for column in self._target.columns}

    def _style_below(self, column: int) -> int:
        """The index of the format that a column's cells have below the data: that of the last cell there, else the
        column's.
        """
        target = self._target
        has_data = target.data_end > target.header_row
        return self._sheet.style_for(target.data_end, column) if has_data else self._sheet.column_style(column)

    def _blank(self, row: int, given: Mapping[int, object]) -> dict[int, Cell]:
        """The cells of a row among the data without values: in the formats that they have, else those above, or their
        column.

        Cells whose formula is to stay are left out.
        """
        target = self._target
        blank = {}
        for column, below in self._blank_below.items():
            if column not in given and (row, column) in target.formulas:
                continue
            style = self._sheet.style_at(row, column)
            if style is None and target.header_row < row - 1 < target.data_end:
                style = self._sheet.style_for(row - 1, column)
            blank[column] = below if style is None else Cell(None, style)
        return blank

    def _formula(self, row: int, column: int) -> Formula:
        formula = self._formulas[column]
        return formula._replace(text=shifted(formula.text, row - self._target.data_end))

    @cached_property
    def _formulas(self) -> dict[int, Formula]:
        """The formulas of columns whose every new row has one, by column, as they read in the last row that
        was there.
        """
        growth, sheet, target = self._growth, self._sheet, self._target
        if not growth.added:
            return {}
        last = growth.old_last
        columns = dict(enumerate(target.table.columns, target.first_column)) if target.table else {}
        among = range(growth.cells.left, growth.cells.right + 1)
        has_formulas = any((row, column) in target.formulas for row in (last - 1, last) for column in among)
        above, here = (sheet.formulas_at(last - 1), sheet.formulas_at(last)) if has_formulas else ({}, {})
        formulas = {}
        for column in among:
            declared = columns[column].formula if column in columns else None
            formula = self._in_last_row(declared, above.get(column), here.get(column))
            if formula is not None and formula.text:
                formulas[column] = formula._replace(text=self._grown(formula.text, Place(last, column)))
        return formulas

    def _in_last_row(self, declared: Formula | None, above: Formula | None, here: Formula | None) -> Formula | None:
        """What a column is to be filled with, as it reads in the last row that was there, whose own formula is `here`;
        `above` is the one before it.

        None for a column that is not filled: its formula is not declared, and those of its last two rows are not the
        same.
        """
        if declared is None or not declared.text:
            goes_on = here is not None and above is not None and shifted(above.text, 1) == here.text
            return here if goes_on else None
        # Such as `C2*2`: read as the first row's where the last row has lost its own.
        is_same = shifted(declared.text, 1) == declared.text
        if not is_same and here is not None and here.text:
            return here
        text = declared.text if is_same else shifted(declared.text, self._growth.old_last - self._target.top)
        alike = (f for f, down in ((here, 0), (above, 1)) if f is not None and shifted(f.text, down) == text)
        return next(alike, declared)._replace(text=text)

    def _grown(self, text: str, place: Place) -> str:
        text = self._growth.formula(text, own_sheet=True, place=place)
        for growth in self._others:
            text = growth.formula(text, own_sheet=False, place=place)
        return text
