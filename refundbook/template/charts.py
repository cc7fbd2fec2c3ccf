"""Native bar charts in the workbook's colours: a title, a category axis, and the value written at each bar instead of a
value axis.
"""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)

from refundbook.template import style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS, ROWS = 3, 13
"""The size of a chart in cells."""
GAP = 120_000
"""The space left of a chart that does not stand in the sheet's first column, in EMU (360,000 to the centimetre)."""

TEXT_SIZE = 900
"""Of labels, in hundredths of a point: printed on Letter, too, where Excel fits a page for A4, it is 8 points."""

SERIES_COLOURS = (style.TEAL_DARK, style.SAND, style.CORAL_PALE)
"""Told apart in grey print, too: each is twice as light as the one before."""
NO_ZEROS = '[>=100000]#,##0,"k";[=0]"";#,##0'
"""Large figures are short beside a bar; the table has them whole."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the table at `first_row` and `first_column` of its sheet: one column of categories, then `series`
    columns of values, headings above.

    It stands at `row` and `column`. `description` is what a screen reader says.
    """

    title: str
    description: str
    row: int
    column: int
    first_row: int
    first_column: int
    rows: int
    series: int = 1
    horizontal: bool = False


def add_chart(sheet: Worksheet, chart: Chart) -> None:
    """Put a chart on its sheet."""
    bars = BarChart()
    bars.type = "bar" if chart.horizontal else "col"
    last_row = chart.first_row + chart.rows
    values = Reference(
        sheet,
        min_col=chart.first_column + 1,
        max_col=chart.first_column + chart.series,
        min_row=chart.first_row,
        max_row=last_row,
    )
    bars.add_data(values, titles_from_data=True)
    labels = Reference(sheet, min_col=chart.first_column, min_row=chart.first_row + 1, max_row=last_row)
    for series, colour in zip(bars.series, SERIES_COLOURS, strict=False):
        series.cat = AxDataSource(strRef=StrRef(f=str(labels)))
        series.graphicalProperties = GraphicalProperties(
            solidFill=colour, ln=LineProperties(solidFill=style.TEAL_DARK, w=6350)
        )
        series.invertIfNegative = False
        series.dLbls = _labels()
    bars.title = _title(chart.title)
    _arrange(bars, chart)
    bars.anchor = _anchor(chart)  # type: ignore[assignment]  # the stubs know only of an address
    sheet.add_chart(bars)


def _anchor(chart: Chart) -> TwoCellAnchor:
    """Tie the chart to cells, so that it fills them whatever the font's width; counted from 0 (20.5.2.33)."""
    left, top = chart.column - 1, chart.row - 1
    return TwoCellAnchor(
        editAs="oneCell",
        _from=AnchorMarker(col=left, colOff=GAP if left > COLUMNS else 0, row=top),
        to=AnchorMarker(col=left + COLUMNS, row=top + ROWS),
    )


def _arrange(bars: BarChart, chart: Chart) -> None:
    # Bars of several series stand apart: a number is wider than its bar, and would be lost on the one beside it.
    bars.gapWidth, bars.overlap = (60, None) if chart.series == 1 else (40, -40)
    bars.x_axis.delete = False
    bars.y_axis.delete = True
    bars.y_axis.majorGridlines = None
    bars.y_axis.scaling.min = 0
    bars.x_axis.majorTickMark = "none"
    bars.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=style.LINE))
    bars.x_axis.txPr = _text(TEXT_SIZE, style.INK)
    if chart.horizontal:
        # The first category belongs at the top.
        bars.x_axis.scaling.orientation = "maxMin"
    if chart.series == 1:
        bars.legend = None
    else:
        bars.legend.position = "b"
        bars.legend.txPr = _text(TEXT_SIZE, style.INK)
    bars.graphical_properties = GraphicalProperties(
        solidFill=style.WHITE, ln=LineProperties(solidFill=style.LINE, w=9525)
    )
    bars.roundedCorners = False


def _labels() -> DataLabelList:
    return DataLabelList(
        numFmt=NO_ZEROS,
        txPr=_text(TEXT_SIZE, style.INK),
        showVal=True,
        showSerName=False,
        showCatName=False,
        showLegendKey=False,
        showPercent=False,
    )


def _characters(size: int, colour: str, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=colour, latin=Font(typeface=style.FONT))


def _text(size: int, colour: str) -> RichText:
    properties = ParagraphProperties(defRPr=_characters(size, colour))
    return RichText(
        bodyPr=RichTextProperties(), p=[Paragraph(pPr=properties, r=[], endParaRPr=_characters(size, colour))]
    )


def _title(text: str) -> Title:
    face = _characters(1300, style.TEAL_DARK, bold=True)
    run = RegularTextRun(rPr=face, t=text)
    title = Title(overlay=False)
    title.tx = Text(rich=RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=face), r=[run])]))
    title.layout = Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=0.03, y=0.03))
    return title
