"""Workbooks that Excel's features fill, and the same plain workbook in the dialects of other writers.

`FEATURES` has one workbook for each feature, `full` has nearly all in one, `DIALECTS` has one for each way of writing.
Each builder takes the path to write to and gives back the path that it wrote, which ends in `.xlsm` where the workbook
holds macros.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import dialects, drawn, grafts, pivots
from tests.support.pillars import HEADERS, Arrangement, Feature, build

Builder = Callable[[Path], Path]

OWN_COLUMNS = {
    "Cases": (*HEADERS["Cases"][:2], "Shop", *HEADERS["Cases"][2:], "Tags"),
    "Communications": (*HEADERS["Communications"], "Mood"),
    "Resolutions": ("My Number", *HEADERS["Resolutions"]),
}
CALCULATED = {"Cases": (*HEADERS["Cases"], "With Fee")}
FEES = {"With Fee": "=Cases[@[Amount Requested]]*1.1"}

PARTS: dict[str, Feature] = {
    "chart": Feature(drawn.charts),
    "picture": Feature(drawn.picture),
    "header_picture": Feature(drawn.header_picture),
    "comment": Feature(drawn.comment),
    "threaded_comment": Feature(grafts.draw_thread_stub, grafts.thread),
    "text_box": Feature(drawn.text_box),
    "button": Feature(drawn.button),
    "own_sheet": Feature(drawn.own_sheet),
    "sparklines": Feature(drawn.sparklines),
    "slicer": Feature(graft=grafts.slicer),
    "x14_validation": Feature(drawn.own_sheet, grafts.x14_validation),
    "x14_data_bars": Feature(drawn.data_bars),
    "x14_icons": Feature(graft=grafts.x14_icons),
    "pivot_table": Feature(pivots.draw_pivot_cells, pivots.pivot),
    "defined_names": Feature(drawn.defined_names),
    "print_setup": Feature(drawn.print_setup),
    "macros": Feature(drawn.macros),
    "dynamic_array": Feature(drawn.dynamic_array),
    "hidden_columns": Feature(drawn.hidden_columns),
    "filtered": Feature(graft=grafts.filtered),
    "sorted": Feature(graft=grafts.sorted_table),
    "frozen_panes": Feature(drawn.frozen_panes),
    "outline": Feature(drawn.outline),
    "formats_and_validations": Feature(drawn.formats_and_validations),
    "hyperlinks": Feature(drawn.hyperlinks),
    "merged_cells": Feature(drawn.merged_cells),
    "protected_sheet": Feature(drawn.protected_sheet),
    "row_heights": Feature(drawn.row_heights),
    "rich_text": Feature(drawn.rich_text),
    "phonetic_text": Feature(graft=grafts.phonetic_text),
    "padded_text": Feature(drawn.padded_text),
    "wrapped_lines": Feature(drawn.wrapped_lines),
    "theme_colours": Feature(drawn.theme_colours),
    "custom_xml": Feature(graft=grafts.custom_xml),
    "custom_properties": Feature(drawn.custom_properties),
    "printer_settings": Feature(graft=grafts.printer_settings),
    "ignored_errors": Feature(graft=grafts.ignored_errors),
    "chartsheet": Feature(drawn.chartsheet),
    "background": Feature(drawn.background),
    "second_table": Feature(drawn.second_table),
    "notes_below": Feature(drawn.notes_below),
}

ARRANGEMENTS: dict[str, Arrangement] = {
    "plain": Arrangement(),
    "own_columns": Arrangement(headers=OWN_COLUMNS),
    "reordered_columns": Arrangement(
        headers={name: headers[3:] + headers[:3][::-1] for name, headers in HEADERS.items()}
    ),
    "calculated_column": Arrangement(headers=CALCULATED, formulas=FEES),
    "totals_row": Arrangement(totals=True),
    "totals_row_and_calculated_column": Arrangement(headers=CALCULATED, formulas=FEES, totals=True),
    "starts_at_c4": Arrangement(first_row=4, first_column=3),
    "dates_from_1904": Arrangement(date_1904=True),
    "no_tables": Arrangement(tables=False),
}

NOT_IN_FULL = ("macros", "protected_sheet", "notes_below", "rich_text")
"""Macros need another suffix; a protected sheet and notes below the Table are reasons to refuse; rich text and padded
text want one cell.
"""


def full(path: Path) -> Path:
    """All features at once, with columns of the user's own; with a macro project too where `path` ends in `.xlsm`."""
    names = [name for name in PARTS if name not in NOT_IN_FULL]
    if path.suffix == ".xlsm":
        names.append("macros")
    cases = (*OWN_COLUMNS["Cases"], "With Fee")
    arrangement = Arrangement(headers={**OWN_COLUMNS, "Cases": cases}, formulas=FEES)
    return build(path, *(PARTS[name] for name in names), arrangement=arrangement)


def _with_feature(name: str) -> Builder:
    def builder(path: Path) -> Path:
        return build(path.with_suffix(".xlsm") if name == "macros" else path, PARTS[name])

    return builder


def _arranged(arrangement: Arrangement) -> Builder:
    return lambda path: build(path, arrangement=arrangement)


def filtered_range(path: Path) -> Path:
    """A Table turned back into a range, with filter arrows."""
    return build(path, Feature(graft=grafts.sheet_filter), arrangement=replace(ARRANGEMENTS["no_tables"]))


FEATURES: Mapping[str, Builder] = {
    **{name: _with_feature(name) for name in PARTS},
    **{name: _arranged(arrangement) for name, arrangement in ARRANGEMENTS.items()},
    "filtered_range": filtered_range,
    "full": full,
}

DIALECTS: Mapping[str, Builder] = {
    **{
        rewrite.__name__: dialects.rewritten(rewrite)
        for rewrite in (
            dialects.prefixed,
            dialects.unaddressed,
            dialects.no_dimension,
            dialects.absolute_targets,
            dialects.inline_strings,
            dialects.result_strings,
            dialects.excel_365,
            dialects.commented,
            dialects.single_quoted,
            dialects.spaced_tags,
            dialects.utf_16,
            dialects.byte_order_mark,
            dialects.indented,
            dialects.character_references,
        )
    },
    "openpyxl_written": dialects.openpyxl_written,
    "libreoffice_written": dialects.libreoffice_written,
    "stored": dialects.stored,
    "data_descriptors": dialects.data_descriptors,
    "zipped_by_hand": dialects.zipped_by_hand,
}

EVERYTHING: Mapping[str, Builder] = {**FEATURES, **DIALECTS}

WITHOUT_TABLES = ("no_tables", "filtered_range")

NOT_FOR_CALAMINE = ("utf_16",)
"""Workbooks that Excel and LibreOffice read, and python-calamine takes for empty."""

ODD = {
    "inline_strings": "openxml-audit wants shared strings; the format does not (ECMA-376 Part 1, 18.3.1.53)",
    "openpyxl_written": "openpyxl writes a font's properties out of order, and inline strings",
    "libreoffice_written": "LibreOffice writes no theme",
}
"""Dialects that a validator has a finding on, and which; they stand here because real writers do so."""


def parameters(builders: Mapping[str, Builder]) -> list[object]:
    """For `pytest.mark.parametrize("builder", …)`: each builder under its name, marked where it needs LibreOffice."""
    return [
        pytest.param(builder, id=name, marks=[pytest.mark.libreoffice] if name.startswith("libreoffice") else [])
        for name, builder in builders.items()
    ]
