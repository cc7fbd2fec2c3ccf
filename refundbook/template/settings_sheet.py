"""The Settings sheet: one Table for the settings, one for the issuers, and one for each drop-down list, side by side so
that each can grow.
"""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from refundbook.base.schema import SETTINGS
from refundbook.base.settings import (
    ADDRESS_LINES,
    ISSUER_HEADERS,
    LIST_HEADERS,
    SETTING_CHOICES,
    SETTING_HEADERS,
    SETTING_LINES,
    Settings,
)
from refundbook.template import style
from refundbook.template.pillars import add_table
from refundbook.template.validations import whole_column

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

HEADER_ROW = 4
LISTS_ROW = HEADER_ROW + len(SETTING_LINES) + 3
LISTS_COLUMN = 5
PATTERNS_COLUMN = LISTS_COLUMN + 2 * len(LIST_HEADERS)
WIDTHS = (24, 24, 60, 2)
LIST_WIDTH, GAP_WIDTH, PATTERN_WIDTH = 16, 2, 14

PATTERN_SIGNS = (
    ("#", "a digit"),
    ("@", "a letter"),
    ("?", "a letter or a digit"),
    ("*", "any number of letters, digits and dashes"),
)


def value_cell(name: str) -> str:
    """The absolute address of a setting's value, such as `Settings!$B$7`."""
    row = HEADER_ROW + 1 + [line.name for line in SETTING_LINES].index(name)
    return f"{SETTINGS}!$B${row}"


def add_settings(sheet: Worksheet) -> None:
    """Write the Settings sheet with the defaults of the schema."""
    defaults = Settings()
    style.title(sheet, SETTINGS, "The lists and rules that the other sheets use. Add to a list by typing below it.")
    style.widths(sheet, *WIDTHS)
    _put(sheet, HEADER_ROW, 1, SETTINGS, SETTING_HEADERS, _setting_rows(defaults))
    issuers = [
        (issuer.name, ", ".join(issuer.patterns), "Yes" if issuer.case_sensitive else "No")
        for issuer in defaults.issuers
    ]
    _put(sheet, LISTS_ROW, 1, "Issuers", ISSUER_HEADERS, issuers)
    for place, (key, heading) in enumerate(LIST_HEADERS.items()):
        column = LISTS_COLUMN + 2 * place
        sheet.column_dimensions[get_column_letter(column)].width = LIST_WIDTH
        sheet.column_dimensions[get_column_letter(column + 1)].width = GAP_WIDTH
        _put(sheet, LISTS_ROW, column, key, (heading,), [(value,) for value in defaults.lists[key]])
    for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + len(SETTING_LINES)):
        sheet.row_dimensions[row].height = style.THREE_LINES
    _explain_patterns(sheet)
    _validate(sheet)
    style.print_setup(sheet)
    # Whole columns, since the lists grow; how patterns are written is not printed.
    sheet.print_area = f"A1:{get_column_letter(PATTERNS_COLUMN - 2)}{style.LAST_ROW}"


def _setting_rows(defaults: Settings) -> list[tuple[str | float | None, ...]]:
    values: dict[str, str | float | None] = {
        "time_zone": defaults.time_zone or None,
        "response_target": defaults.response_target,
        **{name: ", ".join(getattr(defaults, name)) or None for name in ADDRESS_LINES},
    }
    for name, choices in SETTING_CHOICES.items():
        values[name] = next(word for word, meaning in choices.items() if meaning is getattr(defaults, name))
    return [(line.label, values[line.name], line.help) for line in SETTING_LINES]


def _put(
    sheet: Worksheet,
    top: int,
    column: int,
    name: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str | float | None]],
) -> None:
    for offset, heading in enumerate(headings):
        style.header(sheet.cell(top, column + offset), heading, alignment=style.MIDDLE_WRAPPED)
        dimension = sheet.column_dimensions[get_column_letter(column + offset)]
        dimension.font, dimension.alignment = style.font(), style.TOP_WRAPPED
        code = style.GENERAL_FORMAT if name == SETTINGS else style.TEXT_FORMAT
        dimension.number_format = code
        for row, values in enumerate(rows, start=top + 1):
            cell = sheet.cell(row, column + offset, values[offset])
            style.paint(cell, alignment=style.TOP_WRAPPED, code=code)
    sheet.row_dimensions[top].height = style.HEADER_HEIGHT
    first, last = get_column_letter(column), get_column_letter(column + len(headings) - 1)
    add_table(sheet, name, f"{first}{top}:{last}{top + len(rows)}")


def _explain_patterns(sheet: Worksheet) -> None:
    column = PATTERNS_COLUMN
    sheet.column_dimensions[get_column_letter(column)].width = PATTERN_WIDTH
    heading = sheet.cell(LISTS_ROW, column, "How case number patterns are written")
    style.paint(heading, style.font(12, style.TEAL_DARK, bold=True), alignment=style.MIDDLE)
    lines = (
        *PATTERN_SIGNS,
        ("anything else", "stands for itself: GTB-###### is GTB- and six digits"),
        ("several", "are separated by commas; without any, every number is accepted"),
    )
    for row, (sign, meaning) in enumerate(lines, start=LISTS_ROW + 1):
        style.paint(sheet.cell(row, column, sign), style.font(bold=True), alignment=style.TOP, code=style.TEXT_FORMAT)
        style.paint(sheet.cell(row, column + 1, meaning), alignment=style.TOP)
    note = sheet.cell(
        LISTS_ROW + len(lines) + 1, column, "A number that fits no pattern is pointed out, never refused."
    )
    style.paint(note, style.font(colour=style.MUTED, italic=True), alignment=style.TOP)


def _validate(sheet: Worksheet) -> None:
    for line in SETTING_LINES:
        cell = value_cell(line.name).partition("!")[2].replace("$", "")
        rule = DataValidation(
            sqref=cell,
            allow_blank=True,
            showInputMessage=True,
            promptTitle=line.label[:32],
            prompt=f"Type {line.accepts}."[:255],
        )
        if line.name in SETTING_CHOICES:
            rule.type, rule.formula1 = "list", f'"{",".join(SETTING_CHOICES[line.name])}"'
        elif line.name == "response_target":
            rule.type, rule.operator, rule.formula1 = "decimal", "greaterThan", "0"
        if rule.type is not None:
            rule.showErrorMessage, rule.errorStyle = True, "stop"
            rule.errorTitle, rule.error = line.label[:32], f"This setting is {line.accepts}."
        sheet.data_validations.append(rule)
    letter = get_column_letter(len(ISSUER_HEADERS))
    yes_no = DataValidation(
        type="list",
        formula1='"Yes,No"',
        allow_blank=True,
        showInputMessage=True,
        promptTitle=ISSUER_HEADERS[2],
        prompt="Yes where abc and ABC are two different case numbers, as with Stripe. Otherwise No.",
        showErrorMessage=True,
        errorStyle="stop",
        errorTitle=ISSUER_HEADERS[2],
        error="Choose Yes or No.",
        sqref=whole_column(letter).replace("2:", f"{LISTS_ROW + 1}:", 1),
    )
    sheet.data_validations.append(yes_no)
