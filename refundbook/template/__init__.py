"""The blank workbook, made from the schema. The only package that imports openpyxl.

`python -m refundbook.template PATH` writes it to a file.
"""

from __future__ import annotations

import re
from io import BytesIO

from openpyxl import Workbook
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.writer.theme import theme_xml

from refundbook.base.live_bounds import CALCULATION
from refundbook.base.schema import INSIGHTS, READ_ME, SETTINGS, SHEETS, TRACKER
from refundbook.template import names, style
from refundbook.template.calculation import add_calculation, defined_names
from refundbook.template.finish import finish
from refundbook.template.insights import add_insights
from refundbook.template.pillars import add_pillar
from refundbook.template.read_me import add_read_me
from refundbook.template.settings_sheet import add_settings, value_cell
from refundbook.template.tracker import add_tracker

ORDER = (READ_ME, TRACKER, *(sheet.name for sheet in SHEETS), INSIGHTS, SETTINGS, CALCULATION)
TAB_COLOURS = {
    READ_ME: style.SLATE,
    TRACKER: style.TEAL_DARK,
    INSIGHTS: style.SAND,
    SETTINGS: style.SLATE,
}
INSIGHTS_DRAWING = "xl/drawings/drawing1.xml"


def build() -> bytes:
    """Make the blank workbook. The same code always gives the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _set_default_font(book)
    sheets = {name: book.create_sheet(name) for name in ORDER}
    for name, sheet in sheets.items():
        sheet.sheet_properties.tabColor = TAB_COLOURS.get(name, style.TEAL)
    add_read_me(sheets[READ_ME])
    add_tracker(sheets[TRACKER])
    for pillar in SHEETS:
        add_pillar(sheets[pillar.name], pillar)
    descriptions = add_insights(sheets[INSIGHTS])
    add_settings(sheets[SETTINGS])
    add_calculation(sheets[CALCULATION])
    _add_names(book)
    book.loaded_theme = _theme()
    book.active = ORDER.index(TRACKER)
    sheets[TRACKER].sheet_view.tabSelected = True
    book.properties.creator = "refundbook"
    book.properties.title = "Refund case book"
    saved = BytesIO()
    book.save(saved)
    return finish(saved.getvalue(), {INSIGHTS_DRAWING: descriptions})


def _set_default_font(book: Workbook) -> None:
    """Cells without a format of their own, and the unit in which widths are counted, follow the style Normal."""
    book._fonts = IndexedList([style.font()])  # type: ignore[attr-defined]  # not in the stubs: openpyxl has no public way
    book._named_styles["Normal"].font = style.font()  # type: ignore[attr-defined]  # not in the stubs: openpyxl has no public way


def _add_names(book: Workbook) -> None:
    for name, column in names.DEFINED_NAMES.items():
        book.defined_names[name] = DefinedName(name, attr_text=column)
    for name, cells in defined_names().items():
        book.defined_names[name] = DefinedName(name, attr_text=cells, hidden=True)
    book.defined_names[names.RESPONSE_TARGET] = DefinedName(
        names.RESPONSE_TARGET, attr_text=value_cell("response_target")
    )


def _theme() -> bytes:
    """Office's theme with the workbook's colours, so that table styles and whatever a user adds match."""
    theme = theme_xml
    for slot, colour in style.THEME_COLOURS.items():
        theme = re.sub(rf'(<a:{slot}>\s*<a:srgbClr val=")[0-9A-F]{{6}}', rf"\g<1>{colour}", theme)
    return re.sub(r'<a:latin typeface="(Cambria|Calibri)"/>', f'<a:latin typeface="{style.FONT}"/>', theme).encode()
