"""Features of a workbook that XlsxWriter makes. Those over the pillars' rows end at their last row, as
Excel's own do.
"""

from __future__ import annotations

import struct
import zlib
from datetime import date
from io import BytesIO
from typing import Any

from xlsxwriter.color import Color

from refundbook.base.schema import CASES, COMMUNICATIONS, RESOLUTIONS, TRACKER_HEADERS
from tests.support.pillars import Draft, Frame

NUMBER, OPENED, REASON, AMOUNT = (CASES[name].header for name in ("number", "opened", "reason", "amount"))
DATE, SUMMARY = COMMUNICATIONS["date"].header, COMMUNICATIONS["summary"].header
CUSTOMER, NOTES = CASES["customer"].header, CASES["notes"].header
DASHBOARD = "Dashboard"


def beside(frame: Frame, row: int) -> tuple[int, int]:
    """A cell to the right of the Table, for XlsxWriter: row and column counted from 0."""
    return row - 1, frame.right + 1


def _png() -> BytesIO:
    """A picture of one orange pixel (PNG, RFC 2083)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head, pixel = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0), zlib.compress(b"\0\xff\x99\0")
    return BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b""))


def _chart(draft: Draft, kind: str) -> Any:
    chart = draft.book.add_chart({"type": kind})
    cases = draft.cases
    chart.add_series({"name": AMOUNT, "categories": f"={cases.formula(OPENED)}", "values": f"={cases.formula(AMOUNT)}"})
    chart.set_title({"name": "Amounts requested"})
    return chart


def charts(draft: Draft) -> None:
    draft.sheet("Cases").insert_chart(
        *beside(draft.cases, 2), _chart(draft, "column"), {"description": "Amounts by day"}
    )
    draft.sheet(DASHBOARD).insert_chart(20, 0, _chart(draft, "line"), {"description": "Amounts over time"})


def chartsheet(draft: Draft) -> None:
    draft.book.add_chartsheet("Chart").set_chart(_chart(draft, "bar"))


def picture(draft: Draft) -> None:
    options = {"image_data": _png(), "x_scale": 30, "y_scale": 30, "description": "Our mark"}
    draft.sheet("Cases").insert_image(*beside(draft.cases, 20), "mark.png", options)


def header_picture(draft: Draft) -> None:
    draft.sheet("Communications").set_header(
        "&L&G&RPage &P of &N", {"image_left": "mark.png", "image_data_left": _png()}
    )


def comment(draft: Draft) -> None:
    draft.sheet("Cases").write_comment(
        draft.cases.cell(REASON, draft.cases.last), "Ask Maya about this.", {"author": "Ana"}
    )


def text_box(draft: Draft) -> None:
    draft.sheet("Cases").insert_textbox(*beside(draft.cases, 24), "Call before noon", {"description": "A reminder"})


def button(draft: Draft) -> None:
    draft.sheet("Resolutions").insert_button(*beside(draft.frames["Resolutions"], 3), {"caption": "Press me"})


def sparklines(draft: Draft) -> None:
    amounts = draft.cases.formula(AMOUNT)
    draft.sheet(DASHBOARD).add_sparkline("F2", {"range": amounts, "markers": True})
    draft.sheet("Cases").add_sparkline(*beside(draft.cases, 1), {"range": amounts, "type": "column"})


def data_bars(draft: Draft) -> None:
    draft.sheet("Cases").conditional_format(draft.cases.cells(AMOUNT), {"type": "data_bar", "data_bar_2010": True})


def formats_and_validations(draft: Draft) -> None:
    cases, page = draft.cases, draft.sheet("Cases")
    red = draft.book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})
    first = cases.top + 1
    late = f"=${cases.letter(OPENED)}{first}>TODAY()"
    page.conditional_format(
        f"{cases.cell(NUMBER, first)}:{cases.cell(AMOUNT, cases.last)}",
        {"type": "formula", "criteria": late, "format": red},
    )
    page.conditional_format(cases.cells(AMOUNT), {"type": "cell", "criteria": ">", "value": 100, "format": red})
    page.data_validation(
        cases.cells(REASON),
        {"validate": "list", "source": ["Non-delivery", "Defective", "Other"], "error_type": "warning"},
    )
    page.data_validation(cases.cells(OPENED), {"validate": "date", "criteria": ">", "value": date(2000, 1, 1)})
    # A rule over several ranges at once, one of which the Table's growth does not concern.
    both = f"{cases.cells(CUSTOMER)} {cases.letter(CUSTOMER)}100"
    page.conditional_format(cases.cells(CUSTOMER), {"type": "duplicate", "format": red, "multi_range": both})


def defined_names(draft: Draft) -> None:
    cases = draft.cases
    draft.book.define_name("OpenedDates", f"={cases.formula(OPENED)}")
    draft.book.define_name("Cases!LocalAmounts", f"={cases.formula(AMOUNT)}")
    draft.book.define_name("OldestCase", f"=MIN({cases.formula(OPENED)})")
    draft.book.define_name("FeeRate", "=0.1")


def print_setup(draft: Draft) -> None:
    cases, page = draft.cases, draft.sheet("Cases")
    page.print_area(cases.top - 1, cases.left - 1, cases.last - 1, cases.right - 1)
    page.repeat_rows(cases.top - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_h_pagebreaks([cases.last])


def own_sheet(draft: Draft) -> None:
    """A sheet of the user's own, whose formulas are over the Cases in every way that people write them."""
    page, cases = draft.sheet(DASHBOARD), draft.cases
    amounts, numbers = cases.formula(AMOUNT), cases.formula(NUMBER)
    formulas: list[tuple[str, str, object]] = [
        ("Requested", f"=SUM({amounts})", 482.65),
        ("Cases", f"=COUNTA({numbers})", 6),
        ("GTBuy's", f'=COUNTIF({numbers},"GTB*")', 4),
        ("Largest", f"=INDEX({numbers},MATCH(MAX({amounts}),{amounts},0))", "PP-R-ABC-123456789"),
        ("Open column", f"=COUNTA(Cases!{cases.letter(NUMBER)}:{cases.letter(NUMBER)})", 7),
        ("Over 100?", '=IF(B2>100,"yes (over 100)","no")', "yes (over 100)"),
    ]
    if draft.arrangement.tables:
        formulas.append(("By the Table", f"=SUM(Cases[{AMOUNT}])", 482.65))
    page.set_column(0, 0, 20)
    page.write_row(0, 0, ["Figure", "Value"])
    for row, (label, formula, result) in enumerate(formulas, 1):
        page.write_string(row, 0, label)
        page.write_formula(row, 1, formula, None, result)
    page.write_column(0, 8, ["Reasons", "Non-delivery", "Defective", "Other"])


def dynamic_array(draft: Draft) -> None:
    draft.sheet(DASHBOARD).write_dynamic_array_formula(
        "K1:K6", f"=SORT({draft.cases.formula(NUMBER)})", None, "GTB-789012"
    )


def hidden_columns(draft: Draft) -> None:
    cases = draft.cases
    hidden = cases.left - 1 + cases.headers.index(CUSTOMER)
    draft.sheet("Cases").set_column(hidden, hidden, None, None, {"hidden": True})


def frozen_panes(draft: Draft) -> None:
    for frame in draft.frames.values():
        draft.sheet(frame.sheet.name).freeze_panes(frame.top, frame.left)


def outline(draft: Draft) -> None:
    page, frame = draft.sheet("Communications"), draft.frames["Communications"]
    for row in range(frame.last - 3, frame.last):
        page.set_row(row, None, None, {"level": 1})


def row_heights(draft: Draft) -> None:
    page, frame = draft.sheet("Resolutions"), draft.frames["Resolutions"]
    page.set_row(frame.top - 1, 30)
    page.set_row(frame.last - 1, 45.75)


def hyperlinks(draft: Draft) -> None:
    cases, page = draft.cases, draft.sheet("Cases")
    number = cases.cell(NUMBER, cases.top + 1)
    page.write_url(number, "https://example.com/case?id=1&lang=en", string="GTB-789012")
    row, column = beside(cases, cases.top)
    page.write_url(row, column + 1, "internal:Communications!A1", string="To the log")


def merged_cells(draft: Draft) -> None:
    row, column = beside(draft.cases, draft.cases.top)
    draft.sheet("Cases").merge_range(row, column + 3, row + 1, column + 4, "Merged beside the Table")


def protected_sheet(draft: Draft) -> None:
    draft.sheet("Cases").protect("", {"insert_rows": True, "autofilter": True})


def rich_text(draft: Draft) -> None:
    bold, red = draft.book.add_format({"bold": True}), draft.book.add_format({"font_color": "red"})
    cell = draft.cases.cell(NOTES, draft.cases.top + 2)
    draft.sheet("Cases").write_rich_string(cell, bold, "Urgent: ", "see the ", red, "photos")


def theme_colours(draft: Draft) -> None:
    form = draft.book.add_format({"bg_color": Color.theme(4, 3), "font_color": Color.theme(0, 0), "bold": True})
    cases = draft.cases
    draft.sheet("Cases").write_string(cases.cell(CUSTOMER, cases.last), "Ana", form)


def custom_properties(draft: Draft) -> None:
    draft.book.set_custom_property("Department", "Refunds")
    draft.book.set_custom_property("Checked", True)


def macros(draft: Draft) -> None:
    """A macro project that no program runs: an OLE file's header (MS-CFB 2.2) and an empty sector."""
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    draft.book.add_vba_project(BytesIO(header.ljust(512, b"\0") + bytes(512)), is_stream=True)


def notes_below(draft: Draft) -> None:
    cases = draft.cases
    draft.sheet("Cases").write_string(f"A{cases.last + 2}", "Amounts include shipping.")


def second_table(draft: Draft) -> None:
    row, column = beside(draft.cases, draft.cases.top)
    options = {
        "name": "Carriers",
        "columns": [{"header": "Carrier"}, {"header": "Days"}],
        "data": [["DHL", 3], ["UPS", 5]],
    }
    draft.sheet("Cases").add_table(row, column + 6, row + 2, column + 7, options)


def tracker_copy(draft: Draft) -> None:
    """A Tracker sheet that the user typed."""
    draft.sheet("Tracker").write_row(0, 0, TRACKER_HEADERS)


def wrapped_lines(draft: Draft) -> None:
    form = draft.book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    frame = draft.frames["Resolutions"]
    outcome = frame.cell(RESOLUTIONS["outcome"].header, frame.last)
    draft.sheet("Resolutions").write_string(outcome, "The issuer found one charge only.\nClosed.", form)


def background(draft: Draft) -> None:
    draft.sheet(DASHBOARD).set_background(_png())


def padded_text(draft: Draft) -> None:
    """Texts whose white space counts: at the ends, several in a row, a tab, an empty line."""
    frame = draft.cases
    texts = ["  indented", "ends in a space ", "two  spaces", "a\ttab", "\n\nfirst line is empty", " "]
    for row, text in enumerate(texts, frame.top + 1):
        draft.sheet("Cases").write_string(frame.cell(NOTES, row), text)
